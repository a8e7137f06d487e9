"""Rows U1 to U7: keys in a key store that is not connected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import POLICY, connect, disconnect

GRANTEE = "arn:aws:iam::123456789012:role/grantee"


def connection_state(store: KeyStore) -> str:
    (entry,) = client("kms").describe_custom_key_stores(CustomKeyStoreId=store.id)[
        "CustomKeyStores"
    ]
    return str(entry["ConnectionState"])


def state(key_id: str) -> tuple[str, bool]:
    """KeyState and Enabled, as DescribeKey has them."""
    metadata = client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    return metadata["KeyState"], metadata["Enabled"]


ENABLED, DISABLED = ("Enabled", True), ("Disabled", False)
UNAVAILABLE, PENDING_DELETION = ("Unavailable", False), ("PendingDeletion", False)


def test_u1_the_keys_of_a_disconnected_store_are_unavailable(
    kms: Any, store: KeyStore, key_id: str
) -> None:
    disabled = store.create_key()
    kms.disable_key(KeyId=disabled)
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    disconnect(store)
    assert state(key_id) == UNAVAILABLE
    assert state(disabled) == UNAVAILABLE
    assert state(ordinary) == ENABLED


def test_u1_in_every_other_connection_state_too(
    store: KeyStore, key_id: str, transition: Callable[..., None]
) -> None:
    transition("cks::connection", progression="manual", times=1)
    disconnect(store)
    assert state(key_id) == UNAVAILABLE  # DISCONNECTING: only descriptions of the store count
    assert connection_state(store) == "DISCONNECTED"
    assert state(key_id) == UNAVAILABLE
    store.cluster.change_password("CU", "kmsuser", "otherPswd1")
    connect(store)
    assert state(key_id) == UNAVAILABLE  # CONNECTING
    assert connection_state(store) == "FAILED"
    assert state(key_id) == UNAVAILABLE


def test_u1_and_enabled_again_when_connecting_ends(
    kms: Any, store: KeyStore, key_id: str, transition: Callable[..., None]
) -> None:
    disconnect(store)
    transition("cks::connection", progression="manual", times=1)
    connect(store)
    assert error_of(kms.encrypt, KeyId=key_id, Plaintext=b"text")[0] == "KMSInvalidStateException"
    assert connection_state(store) == "CONNECTED"
    assert state(key_id) == ENABLED
    kms.encrypt(KeyId=key_id, Plaintext=b"text")


def test_u1_only_the_keys_of_that_store(world: Any, store: KeyStore, key_id: str) -> None:
    second = world.create_key_store("Second")
    key_of_second = second.create_key()
    disconnect(second)
    assert state(key_id) == ENABLED
    assert state(key_of_second) == UNAVAILABLE


@pytest.mark.parametrize("scope", ["Region", "account"])
def test_u1_only_the_keys_of_that_world(
    world: Any, store: KeyStore, key_id: str, scope: str
) -> None:
    elsewhere: dict[str, Any] = (
        {"region": OTHER_REGION} if scope == "Region" else {"account_id": OTHER_ACCOUNT}
    )
    other = world.create_key_store(**elsewhere)
    other_kms = client("kms", **elsewhere)
    other_key = other.create_key()
    disconnect(store)
    other_kms.encrypt(KeyId=other_key, Plaintext=b"text")
    other_kms.disconnect_custom_key_store(CustomKeyStoreId=other.id)
    connect(store)
    metadata = other_kms.describe_key(KeyId=other_key)["KeyMetadata"]
    assert metadata["KeyState"] == "Unavailable"
    assert state(key_id) == ENABLED


def test_u2_a_key_pending_deletion_stays_so(kms: Any, store: KeyStore, key_id: str) -> None:
    kms.schedule_key_deletion(KeyId=key_id)
    due = kms.describe_key(KeyId=key_id)["KeyMetadata"]["DeletionDate"]
    disconnect(store)
    assert state(key_id) == PENDING_DELETION
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["DeletionDate"] == due
    connect(store)
    assert state(key_id) == PENDING_DELETION


def test_u3_cancelled_deletion_is_unavailable_then_disabled(
    kms: Any, store: KeyStore, key_id: str
) -> None:
    kms.schedule_key_deletion(KeyId=key_id)
    disconnect(store)
    kms.cancel_key_deletion(KeyId=key_id)
    assert state(key_id) == UNAVAILABLE
    assert "DeletionDate" not in kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert error_of(kms.cancel_key_deletion, KeyId=key_id)[0] == "KMSInvalidStateException"
    connect(store)
    assert state(key_id) == DISABLED
    kms.enable_key(KeyId=key_id)
    kms.encrypt(KeyId=key_id, Plaintext=b"text")


def test_u3_scheduled_and_cancelled_while_disconnected(
    kms: Any, store: KeyStore, key_id: str
) -> None:
    disconnect(store)
    kms.schedule_key_deletion(KeyId=key_id)
    assert state(key_id) == PENDING_DELETION
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
    connect(store)
    assert state(key_id) == ENABLED


@pytest.mark.parametrize("times", [1, 2])
def test_u4_reconnecting_restores_each_state(
    kms: Any, store: KeyStore, key_id: str, times: int
) -> None:
    disabled, deleted = store.create_key(), store.create_key()
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=deleted)
    for _ in range(times):
        disconnect(store)
        connect(store)
    assert [state(key) for key in (key_id, disabled, deleted)] == [
        ENABLED,
        DISABLED,
        PENDING_DELETION,
    ]


def test_u4_not_when_the_connection_fails(kms: Any, store: KeyStore, key_id: str) -> None:
    disconnect(store)
    store.cluster.change_password("CU", "kmsuser", "otherPswd1")
    connect(store)
    assert connection_state(store) == "FAILED"
    assert state(key_id) == UNAVAILABLE
    disconnect(store)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="otherPswd1")
    connect(store)
    assert state(key_id) == ENABLED


@pytest.mark.parametrize(
    ("calls", "after"),
    [
        (["disable_key"], DISABLED),
        (["enable_key"], ENABLED),
        (["disable_key", "enable_key"], ENABLED),
        (["disable_key", "disable_key"], DISABLED),
    ],
)
def test_u5_enable_and_disable_take_effect_later(
    kms: Any, store: KeyStore, key_id: str, calls: list[str], after: tuple[str, bool]
) -> None:
    disconnect(store)
    for call in calls:
        getattr(kms, call)(KeyId=key_id)
        assert state(key_id) == UNAVAILABLE
    connect(store)
    assert state(key_id) == after


def test_u5_a_disabled_key_can_be_enabled_meanwhile(kms: Any, store: KeyStore, key_id: str) -> None:
    kms.disable_key(KeyId=key_id)
    disconnect(store)
    kms.enable_key(KeyId=key_id)
    assert state(key_id) == UNAVAILABLE
    connect(store)
    kms.encrypt(KeyId=key_id, Plaintext=b"text")


def test_u6_an_unavailable_key_can_be_viewed_and_managed(
    kms: Any, store: KeyStore, key_id: str
) -> None:
    disconnect(store)
    kms.update_key_description(KeyId=key_id, Description="described")
    kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "a", "TagValue": "1"}])
    kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=key_id, TagKeys=["a"])
    kms.create_alias(AliasName="alias/a", TargetKeyId=key_id)
    kms.create_alias(AliasName="alias/b", TargetKeyId=key_id)
    kms.delete_alias(AliasName="alias/a")
    grant = kms.create_grant(KeyId=key_id, GranteePrincipal=GRANTEE, Operations=["Encrypt"])
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=POLICY)

    assert kms.describe_key(KeyId="alias/b")["KeyMetadata"]["Description"] == "described"
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "b", "TagValue": "2"}]
    aliases = kms.list_aliases(KeyId=key_id)["Aliases"]
    assert [alias["AliasName"] for alias in aliases] == ["alias/b"]
    grants = kms.list_grants(KeyId=key_id)["Grants"]
    assert [entry["GrantId"] for entry in grants] == [grant["GrantId"]]
    assert kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"] == POLICY

    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert state(key_id) == PENDING_DELETION


CRYPTOGRAPHIC: dict[str, Callable[[str, bytes, str], dict[str, Any]]] = {
    "encrypt": lambda key, blob, other: {"KeyId": key, "Plaintext": b"text"},
    "decrypt": lambda key, blob, other: {"CiphertextBlob": blob},
    "re_encrypt": lambda key, blob, other: {"CiphertextBlob": blob, "DestinationKeyId": other},
    "generate_data_key": lambda key, blob, other: {"KeyId": key, "KeySpec": "AES_256"},
    "generate_data_key_without_plaintext": lambda key, blob, other: {
        "KeyId": key,
        "NumberOfBytes": 8,
    },
}


@pytest.mark.parametrize("method", CRYPTOGRAPHIC)
def test_u7_cryptographic_operations_fail(
    kms: Any, store: KeyStore, key_id: str, method: str
) -> None:
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    parameters = CRYPTOGRAPHIC[method](key_id, blob, other)
    disconnect(store)
    for _ in range(2):
        assert error_of(getattr(kms, method), **parameters) == (
            "KMSInvalidStateException",
            f"{arn} is unavailable.",
        )
    connect(store)
    getattr(kms, method)(**parameters)


def test_u7_re_encrypt_to_an_unavailable_key_fails(kms: Any, store: KeyStore, key_id: str) -> None:
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=ordinary, Plaintext=b"text")["CiphertextBlob"]
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    disconnect(store)
    assert error_of(kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=key_id) == (
        "KMSInvalidStateException",
        f"{arn} is unavailable.",
    )


def test_u7_unavailable_comes_before_disabled(kms: Any, store: KeyStore, key_id: str) -> None:
    kms.disable_key(KeyId=key_id)
    disconnect(store)
    code, message = error_of(kms.encrypt, KeyId=key_id, Plaintext=b"text")
    assert (code, message[-15:]) == ("KMSInvalidStateException", "is unavailable.")

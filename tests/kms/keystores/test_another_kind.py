"""Room for another kind of key store: one that is only made for tests."""

from __future__ import annotations

from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.exceptions import InvalidCiphertextException
from moto.kms.models import kms_backends

from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.kinds import KINDS
from moto_cks.kms.keystores.types import KeyStoreType
from tests.aws import REGION, client, error_of
from tests.kms.keystores.safe import PATH, REQUEST, Safe, SafeKeyStore, create_key


@pytest.fixture
def safe(world: Any, kms: Any, monkeypatch: pytest.MonkeyPatch) -> Safe:
    monkeypatch.setitem(KINDS, KeyStoreType.EXTERNAL_KEY_STORE, SafeKeyStore)
    store_id = kms.create_custom_key_store(**REQUEST)["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    return Safe(store_id, create_key(store_id))


def test_it_is_described_in_its_own_way(safe: Safe, store: Any) -> None:
    entry = safe.described()
    assert entry["CustomKeyStoreType"] == "EXTERNAL_KEY_STORE"
    assert entry["XksProxyConfiguration"] == {"UriPath": PATH}
    assert not {"CloudHsmClusterId", "TrustAnchorCertificate"} & entry.keys()
    other = client("kms").describe_custom_key_stores(CustomKeyStoreId=store.id)
    assert "XksProxyConfiguration" not in other["CustomKeyStores"][0]


def test_each_kind_says_what_it_takes(safe: Safe, kms: Any) -> None:
    another = {**REQUEST, "CustomKeyStoreName": "another"}
    for parameters in (
        {**another, "KeyStorePassword": "kmsPswd1"},
        {**another, "CloudHsmClusterId": "cluster-aaaaaaaaaaa"},
        {name: another[name] for name in another if name != "XksProxyUriEndpoint"},
    ):
        assert error_of(kms.create_custom_key_store, **parameters)[0] == "ValidationException"
    code, message = error_of(
        kms.update_custom_key_store, CustomKeyStoreId=safe.id, KeyStorePassword="kmsPswd1"
    )
    assert (code, "AWS_CLOUDHSM" in message) == ("ValidationException", True)


def test_names_and_the_quota_are_those_of_all_kinds(safe: Safe, kms: Any, world: Any) -> None:
    again = error_of(kms.create_custom_key_store, **REQUEST)
    assert again[0] == "CustomKeyStoreNameInUseException"
    for number in range(9):
        kms.create_custom_key_store(**{**REQUEST, "CustomKeyStoreName": f"safe {number}"})
    cluster = world.create_cluster()
    code, _ = error_of(
        kms.create_custom_key_store,
        CustomKeyStoreName="one more",
        CloudHsmClusterId=cluster.id,
        TrustAnchorCertificate=cluster.trust_anchor,
        KeyStorePassword="kmsPswd1",
    )
    assert code == "LimitExceededException"


def test_each_kind_says_what_can_change_when(safe: Safe, kms: Any) -> None:
    moved = {"CustomKeyStoreId": safe.id, "XksProxyUriEndpoint": "https://other.example.com"}
    kms.update_custom_key_store(CustomKeyStoreId=safe.id, XksProxyUriPath="/new/kms/xks/v1")
    assert safe.described()["XksProxyConfiguration"] == {"UriPath": "/new/kms/xks/v1"}
    code, _ = error_of(kms.update_custom_key_store, **moved, XksProxyUriPath=PATH)
    assert code == "CustomKeyStoreInvalidStateException"
    assert safe.described()["XksProxyConfiguration"] == {"UriPath": "/new/kms/xks/v1"}
    kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)
    kms.update_custom_key_store(**moved)


def test_each_kind_has_connection_errors_besides_the_common_ones(
    safe: Safe, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SafeKeyStore, "open", False)
    assert safe.reconnect() == ("FAILED", "SAFE_IS_CLOSED")
    monkeypatch.setattr(SafeKeyStore, "open", True)
    world.faults.connection_error("INTERNAL_ERROR", key_store=safe.id)
    assert safe.reconnect() == ("FAILED", "INTERNAL_ERROR")
    assert safe.reconnect() == ("CONNECTED", None)


def test_each_kind_says_which_keys_it_holds(safe: Safe, kms: Any, store: Any) -> None:
    metadata = kms.describe_key(KeyId=safe.key_id)["KeyMetadata"]
    assert (metadata["Origin"], metadata["CustomKeyStoreId"]) == ("EXTERNAL_KEY_STORE", safe.id)
    assert metadata["XksKeyConfiguration"] == {"Id": "key-1"}
    assert "CloudHsmClusterId" not in metadata
    refused = error_of(kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=safe.id)
    assert refused[0] == "UnsupportedOperationException"
    refused = error_of(kms.create_key, Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store.id)
    assert refused[0] == "ValidationException"


def test_its_keys_are_used_like_others(safe: Safe, kms: Any, store: Any) -> None:
    sealed = kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")["CiphertextBlob"]
    moved = kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=store.create_key())
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"text"
    wrong = {"CiphertextBlob": sealed, "EncryptionContext": {"a": "b"}}
    assert error_of(kms.decrypt, **wrong)[0] == "InvalidCiphertextException"
    code, _ = error_of(kms.generate_random, NumberOfBytes=8, CustomKeyStoreId=safe.id)
    assert code == "UnsupportedOperationException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)
    assert kms.describe_key(KeyId=safe.key_id)["KeyMetadata"]["KeyState"] == "Unavailable"


def test_each_kind_says_what_a_lost_key_is(
    safe: Safe, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SafeKeyStore, "keys", frozenset())
    code, message = error_of(kms.encrypt, KeyId=safe.key_id, Plaintext=b"text")
    assert (code, message) == ("KMSInvalidStateException", "The safe has no such key.")
    assert kms.describe_key(KeyId=safe.key_id)["KeyMetadata"]["KeyState"] == "Enabled"


def test_what_a_kind_says_unless_it_says_something_else(safe: Safe) -> None:
    store = kms_backends[DEFAULT_ACCOUNT_ID][REGION].key_stores.get(safe.id)
    assert KeyStore.key_use_data(store, "arn", "key-1") == {"customKeyStoreId": safe.id}
    sealed = store.encrypt("key-1", b"x", b"context")
    assert store.decrypt_wrapped("key-1", sealed, b"context", bytes.upper) == b"X"
    with pytest.raises(InvalidCiphertextException):
        store.decrypt_wrapped("key-1", sealed, b"context", lambda _: None)
    with pytest.raises(InvalidCiphertextException):
        store.decrypt_wrapped("key-1", sealed, b"another", bytes.upper)


def test_each_kind_says_what_is_recorded(safe: Safe, kms: Any, world: Any) -> None:
    kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")
    kms.schedule_key_deletion(KeyId=safe.key_id, PendingWindowInDays=7)
    world.clock.advance(days=7)
    kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)

    def data(event_name: str) -> Any:
        (record,) = world.trail.events(event_name=event_name)
        return record.get("additionalEventData")

    material = {"customKeyStoreId": safe.id, "xksKeyId": "key-1"}
    assert data("CreateKey") is None
    assert data("Encrypt") == data("ScheduleKeyDeletion") == data("DeleteKey") == material
    assert data("DisconnectCustomKeyStore") == {"customKeyStoreName": "safe"}


def test_what_it_says_for_itself_is_explained(
    safe: Safe, kms: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an attempt will come upon it cannot say, and so nobody claims that it is mended."""
    for subject in (safe.id, safe.key_id):
        assert world.explain(subject).reasons == ()
    kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)
    (reason,) = world.explain(safe.key_id).reasons
    assert (reason.failure, reason.decides) == ("store-disconnected", True)
    kms.connect_custom_key_store(CustomKeyStoreId=safe.id)

    monkeypatch.setattr(SafeKeyStore, "open", False)
    safe.reconnect()
    for subject in (safe.id, safe.key_id):
        (reason,) = world.explain(subject).reasons
        assert (reason.cause, reason.error) == (
            "safe-is-closed",
            "SAFE_IS_CLOSED",
        )
        assert (reason.failure, reason.steps) == (None, ())
        assert reason.what == "KMS came upon SAFE_IS_CLOSED."
    for code in ("INTERNAL_ERROR", "NETWORK_ERRORS"):
        world.faults.connection_error(code, key_store=safe.id)
        safe.reconnect()
        (reason,) = world.explain(safe.id).reasons
        assert (reason.failure, reason.error) == (code.lower().replace("_", "-"), code)
        assert "mended" not in reason.facts
        names = [step.name for step in reason.steps if step.name != "wait"]
        assert names == ["disconnect", "connect"]

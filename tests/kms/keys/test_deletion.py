"""Rows O1, O2, O4 and O5: the end of a waiting period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cks import KeyStore, mock_cks
from tests.aws import OTHER_REGION, client, error_of
from tests.kms import backups_of, delete_cluster, disconnect, restore

NO_SUCH_KEY = (
    "AccessDeniedException",
    "The ciphertext refers to a customer master key that does not exist, does not exist in this "
    "region, or you are not allowed to access.",
)


def handles(store: KeyStore) -> list[list[int]]:
    return [[key.handle for key in hsm.keys] for hsm in store.cluster.hsms]


def state_of(kms: Any, key_id: str) -> str:
    return str(kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"])


def is_gone(kms: Any, key_id: str) -> bool:
    return error_of(kms.describe_key, KeyId=key_id)[0] == "NotFoundException"


def delete(world: Any, kms: Any, key_id: str, days: int = 7) -> None:
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
    world.clock.advance(days=days)


# O1 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [7, 30])
@pytest.mark.parametrize("kind", ["ordinary", "in a key store"])
def test_o1_w19_the_key_is_gone_when_the_time_is_over(
    world: Any, kms: Any, store: KeyStore, kind: str, days: int
) -> None:
    key_id = (
        store.create_key() if kind == "in a key store" else kms.create_key()["KeyMetadata"]["KeyId"]
    )
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
    world.clock.advance(days=days - 1, hours=23)
    assert state_of(kms, key_id) == "PendingDeletion"
    date = kms.describe_key(KeyId=key_id)["KeyMetadata"]["DeletionDate"]
    assert timedelta(0) < date - world.clock.now() <= timedelta(hours=1)  # the true date
    world.clock.advance(hours=1)
    assert is_gone(kms, key_id)
    assert key_id not in [key["KeyId"] for key in kms.list_keys()["Keys"]]
    assert error_of(kms.decrypt, CiphertextBlob=blob) == NO_SUCH_KEY
    assert error_of(kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=other) == NO_SUCH_KEY
    assert error_of(kms.cancel_key_deletion, KeyId=key_id)[0] == "NotFoundException"


def test_o1_with_its_aliases_grants_and_tags(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key(Tags=[{"TagKey": "a", "TagValue": "b"}])
    kms.create_alias(AliasName="alias/gone", TargetKeyId=key_id)
    grant = kms.create_grant(
        KeyId=key_id,
        GranteePrincipal="arn:aws:iam::123456789012:role/reader",
        RetiringPrincipal="arn:aws:iam::123456789012:role/owner",
        Operations=["Decrypt"],
    )
    delete(world, kms, key_id)
    assert error_of(kms.describe_key, KeyId="alias/gone")[0] == "NotFoundException"
    assert error_of(kms.list_resource_tags, KeyId=key_id)[0] == "NotFoundException"
    owner = "arn:aws:iam::123456789012:role/owner"
    assert kms.list_retirable_grants(RetiringPrincipal=owner)["Grants"] == []
    kms.retire_grant(GrantToken=grant["GrantToken"])
    kms.create_alias(AliasName="alias/gone", TargetKeyId=store.create_key())


def test_o1_a_time_that_another_tool_moves(kms: Any) -> None:
    with freeze_time("2026-03-01") as frozen, mock_cks():
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
        frozen.tick(timedelta(days=6, hours=23))
        assert state_of(kms, key_id) == "PendingDeletion"
        frozen.tick(timedelta(hours=1))
        assert is_gone(kms, key_id)


def test_o1_a_second_waiting_period_begins_anew(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=6)
    kms.cancel_key_deletion(KeyId=key_id)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=6)
    assert state_of(kms, key_id) == "PendingDeletion"
    world.clock.advance(days=1)
    assert is_gone(kms, key_id)


def test_o1_each_region_has_its_own(world: Any, kms: Any) -> None:
    there = client("kms", OTHER_REGION)
    key_id, other_id = (k.create_key()["KeyMetadata"]["KeyId"] for k in (kms, there))
    delete(world, kms, key_id)
    assert is_gone(kms, key_id)
    assert state_of(there, other_id) == "Enabled"


# O2 and O4 ---------------------------------------------------------------------------------------


def test_o2_the_key_material_is_deleted_from_every_hsm(
    world: Any, kms: Any, store: KeyStore
) -> None:
    key_id, other_id = store.create_key(), store.create_key()
    gone, kept = handles(store)[0]
    delete(world, kms, key_id)
    assert handles(store) == [[kept], [kept]]
    assert gone not in handles(store)[0]
    assert kms.encrypt(KeyId=other_id, Plaintext=b"x")["CiphertextBlob"]


def change_password(store: KeyStore) -> None:
    disconnect(store)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")
    client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)


def close_ports(store: KeyStore) -> None:
    ec2 = client("ec2")
    (group,) = ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"cloudhsm-{store.cluster.id}-sg"]}]
    )["SecurityGroups"]
    ec2.revoke_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
    )


@pytest.mark.parametrize("cause", [disconnect, change_password, close_ports])
def test_o4_what_kms_cannot_reach_is_left_behind(
    world: Any, kms: Any, store: KeyStore, cause: Callable[[KeyStore], None]
) -> None:
    key_id = store.create_key()
    before = handles(store)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    cause(store)
    world.clock.advance(days=7)
    assert is_gone(kms, key_id)
    assert handles(store) == before
    assert all(before)


def test_o2_one_attempt_and_no_second(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    disconnect(store)
    world.clock.advance(days=7)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(days=30)
    assert all(handles(store))


def test_o4_the_crypto_user_deletes_the_orphan(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    disconnect(store)
    delete(world, kms, key_id)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")
    with store.cluster.login("CU", "kmsuser", "tempPassword") as session:
        (orphan,) = session.find_keys()
        session.delete_key(orphan)
    assert handles(store) == [[], []]


def test_o2_a_deleted_cluster(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    delete_cluster(store.cluster)
    world.clock.advance(days=7)
    assert is_gone(kms, key_id)


def test_o4_backups_keep_the_key_material(
    world: Any, kms: Any, cloudhsm: Any, store: KeyStore
) -> None:
    key_id = store.create_key()
    zone = store.cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zone)  # makes a backup
    backup = len(backups_of(store.cluster)) - 1
    (before,) = handles(store)[0]
    delete(world, kms, key_id)
    assert not any(handles(store))
    restored = restore(world, store.cluster, backup=backup)
    assert [key.handle for key in restored.hsms[0].keys] == [before]


# O5 ----------------------------------------------------------------------------------------------


def test_o5_o1_an_old_date_deletes_nothing_even_if_it_is_still_looked_at(
    world: Any, kms: Any, store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id = store.create_key()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=5)
    with monkeypatch.context() as interrupted:
        interrupted.setattr("moto_cks.world.clock.Appointment.cancel", lambda _: None)
        kms.cancel_key_deletion(KeyId=key_id)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=3)
    assert state_of(kms, key_id) == "PendingDeletion"
    world.clock.advance(days=4)
    assert is_gone(kms, key_id)


def test_o5_cancelled_in_time(world: Any, kms: Any, store: KeyStore) -> None:
    key_id = store.create_key()
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=6, hours=23, minutes=59)
    kms.cancel_key_deletion(KeyId=key_id)
    world.clock.advance(days=40)
    assert state_of(kms, key_id) == "Disabled"
    client("kms").enable_key(KeyId=key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

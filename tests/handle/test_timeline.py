"""``cks.timeline``: what has happened, in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from moto_cks import Cks, mock_cks
from tests.aws import REGION, client

NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)


@pytest.fixture
def world() -> Iterator[Cks]:
    with freeze_time(NOON), mock_cks() as cks:
        yield cks


def since(world: Cks, count: int) -> list[tuple[str, str, str]]:
    """What has happened since there were so many entries."""
    entries = world.timeline.entries()[count:]
    return [(entry.kind.value, entry.subject, entry.what) for entry in entries]


def test_a_connection_that_fails_and_its_cause(world: Cks, kms: Any) -> None:
    store = world.create_key_store()
    first, second = (hsm.id for hsm in store.cluster.hsms)
    before = len(world.timeline)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert since(world, before) == [
        ("call", store.id, "DisconnectCustomKeyStore"),
        ("state", store.id, "CONNECTED -> DISCONNECTING"),
        ("login", first, "kmsuser(CU) logged out"),
        ("login", second, "kmsuser(CU) logged out"),
        ("state", store.id, "DISCONNECTING -> DISCONNECTED"),
        ("login", first, "kmsuser(CU) has another password"),
        ("login", second, "kmsuser(CU) has another password"),
        ("call", store.id, "ConnectCustomKeyStore"),
        ("state", store.id, "DISCONNECTED -> CONNECTING"),
        ("login", first, "kmsuser(CU) was refused: AUTHENTICATION_FAILED, LoginFailureCnt 1"),
        ("state", store.id, "cannot connect: INVALID_CREDENTIALS"),
        ("state", store.id, "CONNECTING -> FAILED"),
    ]


def test_calls_that_fail_say_why(world: Cks, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    arn = kms.disable_key(KeyId=key_id) and kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError):
        kms.encrypt(KeyId=key_id, Plaintext=b"the secret")
    assert since(world, 3) == [("call", key_id, f"Encrypt: DisabledException: {arn} is disabled.")]
    assert "the secret" not in str(world.timeline)


def test_time_that_passes_and_what_falls_due(world: Cks, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    before = len(world.timeline)
    world.clock.advance(days=8)
    advanced, deleted = world.timeline.entries()[before:]
    assert (advanced.kind.value, advanced.what) == ("clock", "8 days, 0:00:00 pass")
    assert advanced.time == NOON
    assert (deleted.subject, deleted.what) == (key_id, "DeleteKey by AWS")
    assert (deleted.time - NOON).days == 7


def test_what_the_outside_clock_moves_comes_in_order(world: Cks, kms: Any) -> None:
    with freeze_time(datetime(2026, 3, 5, tzinfo=timezone.utc)):
        kms.list_keys()
    kms.list_aliases()
    assert [entry.what for entry in world.timeline] == ["ListAliases", "ListKeys"]


def test_entries_by_kind_subject_and_time(world: Cks, kms: Any) -> None:
    store = world.create_key_store()
    world.clock.advance(hours=1)
    moment = world.clock.now()
    kms.describe_custom_key_stores(CustomKeyStoreId=store.id)
    (described,) = world.timeline.entries(kind="call", subject=store.id, since=moment)
    assert described.what == "DescribeCustomKeyStores"
    states = world.timeline.entries(kind="state", subject=store.id)
    assert [entry.what for entry in states] == [
        "DISCONNECTED -> CONNECTING",
        "CONNECTING -> CONNECTED",
    ]
    assert world.timeline.entries(kind="fault") == []
    naive = moment.replace(tzinfo=None)
    for written in (naive, moment.isoformat(), f"{naive.isoformat()}Z", naive.isoformat()):
        entries = world.timeline.entries(kind="call", subject=store.id, since=written)
        assert [entry.what for entry in entries] == ["DescribeCustomKeyStores"]
    with pytest.raises(ValueError, match="ISO 8601"):
        world.timeline.entries(since="yesterday")
    with pytest.raises(ValueError, match="colour"):
        world.timeline.entries(kind="colour")


def test_subjects_of_cloudhsm_and_cloudtrail(world: Cks) -> None:
    cluster = world.create_cluster()
    cloudhsm = client("cloudhsmv2")
    hsm_id = cluster.hsms[0].id
    backup_id = cloudhsm.describe_backups()["Backups"][0]["BackupId"]
    before = len(world.timeline)
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm_id)
    cloudhsm.delete_backup(BackupId=backup_id)
    client("s3").create_bucket(Bucket="audit")
    trails = client("cloudtrail")
    trails.create_trail(Name="trail", S3BucketName="audit")
    calls = [entry for entry in since(world, before) if entry[0] == "call"]
    assert calls == [
        ("call", hsm_id, "DeleteHsm"),
        ("call", backup_id, "DeleteBackup"),
        ("call", "trail", "CreateTrail"),
    ]


def test_the_deletion_of_a_backup(world: Cks) -> None:
    cloudhsm = client("cloudhsmv2")
    world.create_cluster()
    backup = {"BackupId": cloudhsm.describe_backups()["Backups"][0]["BackupId"]}
    cloudhsm.delete_backup(**backup)
    cloudhsm.restore_backup(**backup)
    cloudhsm.delete_backup(**backup)
    world.clock.advance(days=30)
    states = world.timeline.entries(kind="state", subject=backup["BackupId"])
    assert [(entry.what, (entry.time - NOON).days) for entry in states] == [
        ("CREATE_IN_PROGRESS -> READY", 0),
        ("READY -> PENDING_DELETION", 0),
        ("PENDING_DELETION -> READY", 0),
        ("READY -> PENDING_DELETION", 0),
        ("PENDING_DELETION -> DELETED", 7),
    ]


def test_faults_that_are_injected_strike_and_end(world: Cks, kms: Any) -> None:
    store = world.create_key_store()
    key_id = store.create_key()
    cluster_id = store.cluster.id
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.faults.connection_error("INTERNAL_ERROR", key_store=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    with world.faults.unreachable(cluster_id), pytest.raises(ClientError):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    world.faults.fail("ListKeys", "KMSInternalException", times=2, region=REGION)
    with world.faults.throttle(100):
        pass
    world.faults.pkcs11_sessions_exhausted(cluster_id)
    happened = [(entry.subject, entry.what) for entry in world.timeline.entries(kind="fault")]
    attempts = "connection attempts end in INTERNAL_ERROR, times left"
    assert happened == [
        (store.id, f"injected: {attempts}: 1"),
        (store.id, f"strikes: {attempts}: 0"),
        (cluster_id, "injected: KMS cannot reach the cluster"),
        (cluster_id, "over: KMS cannot reach the cluster"),
        (REGION, "injected: kms:ListKeys ends in KMSInternalException, times left: 2"),
        ("", "injected: 100 requests a second of a key store"),
        ("", "over: 100 requests a second of a key store"),
        (cluster_id, "injected: no PKCS #11 session is free, times left: 1"),
    ]


def test_printed_it_is_a_table(world: Cks, kms: Any) -> None:
    kms.list_keys()
    header, rule, line = str(world.timeline).splitlines()
    assert header.split() == ["time", "kind", "subject", "what"]
    assert set(rule) == {"-", " "}
    assert line.split() == ["2026-03-04", "12:00:00", "call", "ListKeys"]
    assert repr(world.timeline) == "<Timeline of 1 entries>"


def test_reset_forgets() -> None:
    for _ in range(2):
        with mock_cks() as cks:
            cks.clock.advance(days=1)
            assert len(cks.timeline) == 1


def test_two_accounts_and_regions_are_on_one_timeline(world: Cks) -> None:
    stores = [
        world.create_key_store(region=region, account_id=account)
        for region, account in (("us-east-1", "111122223333"), ("eu-west-1", "444455556666"))
    ]
    for store in stores:
        assert world.timeline.entries(kind="state", subject=store.id)

"""Rows H6 and P5: the backups that are made every day, and how long they are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from freezegun import freeze_time
from moto import mock_aws

from moto_cks import mock_cks
from tests.aws import client

from .world import World, customer_ca

NOON = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)


@pytest.fixture
def noon() -> Iterator[Any]:
    """Real time stands still."""
    customer_ca()  # cryptography keeps the first datetime class that it sees
    with freeze_time(NOON) as frozen:
        yield frozen


@pytest.fixture
def world(noon: Any, cks: Any) -> World:
    return World(cks)


def ages(world: World, cluster_id: str, state: str = "READY") -> list[float]:
    """The ages of a cluster's backups in days, the oldest first."""
    backups = in_state(world, cluster_id, state)
    return [(world.cks.clock.now() - backup["CreateTimestamp"]) / DAY for backup in backups]


def in_state(world: World, cluster_id: str, state: str) -> list[dict[str, Any]]:
    """A cluster's backups in a state, the oldest first; all pages."""
    pages = world.hsm.get_paginator("describe_backups").paginate(
        Filters={"clusterIds": [cluster_id], "states": [state]}, SortAscending=True
    )
    return [backup for page in pages for backup in page["Backups"]]


def retention(days: int) -> dict[str, str]:
    return {"Type": "DAYS", "Value": str(days)}


def modify(world: World, cluster_id: str, days: int) -> None:
    world.hsm.modify_cluster(ClusterId=cluster_id, BackupRetentionPolicy=retention(days))


def never_expires(world: World, backup: dict[str, Any], value: bool = True) -> None:
    world.hsm.modify_backup_attributes(BackupId=backup["BackupId"], NeverExpires=value)


# Daily backups -----------------------------------------------------------------------------------


def test_h6_a_backup_every_24_hours(world: World) -> None:
    cluster_id = world.active_cluster()
    world.cks.clock.advance(hours=24, seconds=-1)
    assert len(world.backups(cluster_id)) == 1
    world.cks.clock.advance(seconds=1)
    assert ages(world, cluster_id) == [1, 0]
    latest = world.backups(cluster_id)[0]
    assert latest["BackupState"] == "READY"
    assert latest["CreateTimestamp"] == NOON + DAY
    world.cks.clock.advance(hours=36)
    assert ages(world, cluster_id) == [2.5, 1.5, 0.5]


def test_h6_a_month_in_one_step_or_in_many(world: World) -> None:
    cluster_id = world.active_cluster()
    world.cks.clock.advance(days=30)
    in_one = ages(world, cluster_id)
    assert in_one == list(range(30, -1, -1))
    for _ in range(60):
        world.cks.clock.advance(hours=12)
    assert ages(world, cluster_id) == list(range(60, -1, -1))


def test_h6_also_where_another_tool_moves_time(noon: Any, world: World) -> None:
    cluster_id = world.active_cluster()
    noon.move_to(NOON + 3.5 * DAY)
    assert ages(world, cluster_id) == [3.5, 2.5, 1.5, 0.5]
    noon.tick(timedelta(hours=12))
    world.cks.clock.advance(days=1)
    assert ages(world, cluster_id) == [5, 4, 3, 2, 1, 0]


def test_h6_other_backups_do_not_move_the_daily_one(world: World) -> None:
    cluster_id = world.active_cluster()
    world.cks.clock.advance(hours=12)
    world.create_hsm(cluster_id, 1)
    world.cks.clock.advance(hours=12)
    assert ages(world, cluster_id) == [1, 0.5, 0]


def test_h6_a_daily_backup_holds_its_moment(world: World) -> None:
    cluster_id = world.active_cluster()
    handle = world.cks.cluster(cluster_id)
    handle.create_user("CU", "alice", "alicePswd")
    world.cks.clock.advance(days=1)
    handle.create_user("CU", "bob", "bobPswd12")
    restored = world.create_cluster(SourceBackupId=world.backups(cluster_id)[0]["BackupId"])
    world.create_hsm(restored)
    users = {user.name for user in world.cks.cluster(restored).hsms[0].users}
    assert "alice" in users
    assert "bob" not in users


def test_h6_none_before_the_cluster_is_active(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    world.initialize(cluster_id)
    world.cks.clock.advance(days=2.5)
    assert world.backups() == []
    world.activate(cluster_id)
    world.cks.clock.advance(days=1.25)
    assert ages(world, cluster_id) == [1.25, 0.25]


def test_h6_none_without_hsms_and_on_with_one(world: World) -> None:
    cluster_id = world.active_cluster()
    world.cks.clock.advance(days=1.5)
    world.remove_hsms(cluster_id)
    before = len(world.backups(cluster_id))
    world.cks.clock.advance(days=10)
    assert len(world.backups(cluster_id)) == before
    world.create_hsm(cluster_id)
    world.cks.clock.advance(days=1)
    assert len(world.backups(cluster_id)) == before + 1
    assert world.backups(cluster_id)[0]["CreateTimestamp"] == NOON + 12 * DAY


def test_h6_a_cluster_from_a_backup_begins_with_its_first_hsm(world: World) -> None:
    source = world.backups(world.active_cluster())[0]["BackupId"]
    cluster_id = world.create_cluster(SourceBackupId=source)
    world.cks.clock.advance(days=1.5)
    assert world.backups(cluster_id) == []
    world.create_hsm(cluster_id)
    world.cks.clock.advance(days=2)
    assert ages(world, cluster_id) == [1, 0]


def test_h6_none_of_a_deleted_cluster(world: World) -> None:
    cluster_id = world.active_cluster()
    world.remove_hsms(cluster_id)
    world.hsm.delete_cluster(ClusterId=cluster_id)
    before = world.backups(cluster_id)
    world.cks.clock.advance(days=5)
    assert world.backups(cluster_id) == before


def test_h6_none_while_the_hsm_type_is_being_changed(world: World, transition: Any) -> None:
    transition("cloudhsmv2::cluster", progression="time", seconds=3600)
    cluster_id = world.create_cluster()
    world.cks.clock.advance(hours=1)
    world.create_hsm(cluster_id)
    world.initialize(cluster_id)
    world.cks.clock.advance(hours=1)
    world.activate(cluster_id)
    world.cks.clock.advance(hours=23.5)
    world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")
    world.cks.clock.advance(hours=24.5)
    assert ages(world, cluster_id) == [2, 24.5 / 24, 0]


def test_h6_daily_in_each_region_and_account(world: World, other_account: World) -> None:
    worlds = [world, World(world.cks, "eu-west-1"), other_account]
    clusters = []
    for place in worlds:
        clusters.append(place.active_cluster())
        world.cks.clock.advance(hours=6)
    world.cks.clock.advance(hours=34)
    for place, cluster_id, age in zip(worlds, clusters, (52, 46, 40), strict=True):
        expected = [timedelta(hours=hours) / DAY for hours in range(age, -1, -24)]
        assert ages(place, cluster_id) == expected
        assert len(place.backups()) == len(expected)


def test_h6_daily_backups_take_their_time(world: World, transition: Any) -> None:
    transition("cloudhsmv2::backup", progression="time", seconds=3600)
    cluster_id = world.active_cluster()
    world.cks.clock.advance(days=1, minutes=59)
    assert len(ages(world, cluster_id)) == 1
    assert len(ages(world, cluster_id, "CREATE_IN_PROGRESS")) == 1
    world.cks.clock.advance(minutes=1)
    assert len(ages(world, cluster_id)) == 2


def test_h6_a_backup_is_as_long_in_progress_as_it_is_not_looked_at(
    world: World, transition: Any
) -> None:
    transition("cloudhsmv2::backup", progression="manual", times=2)
    cluster_id = world.create_cluster(BackupRetentionPolicy=retention(7))
    world.create_hsm(cluster_id)
    world.initialize(cluster_id)
    world.activate(cluster_id)
    world.cks.clock.advance(days=20)
    assert {b["BackupState"] for b in world.backups(cluster_id)} == {"CREATE_IN_PROGRESS"}
    backups = world.backups(cluster_id)
    assert len(backups) == 21
    assert {backup["BackupState"] for backup in backups} == {"READY"}
    assert ages(world, cluster_id) == list(range(6, -1, -1))
    assert len(in_state(world, cluster_id, "PENDING_DELETION")) == 14


def test_h6_a_reset_ends_it(world: World) -> None:
    cluster_id = world.active_cluster()
    assert requests.post("http://motoapi.amazonaws.com/moto-api/reset").ok
    world.cks.clock.advance(days=30)
    assert world.backups(cluster_id) == []
    again = World(world.cks)
    other_id = again.active_cluster()
    again.cks.clock.advance(days=1)
    assert ages(again, other_id) == [1, 0]
    assert len(again.backups()) == 2


def test_h6_a_nested_mock_goes_on(world: World) -> None:
    cluster_id = world.active_cluster()
    with mock_cks() as inner:
        inner.clock.advance(days=1)
        assert ages(world, cluster_id) == [1, 0]
    world.cks.clock.advance(days=1)
    assert ages(world, cluster_id) == [2, 1, 0]


def test_h6_none_while_moto_is_alone(noon: Any) -> None:
    with mock_aws():
        with mock_cks() as handle:
            world = World(handle)
            cluster_id = world.active_cluster()
        noon.tick(2 * DAY)
        assert world.backups() == []
        with mock_cks():
            assert ages(world, cluster_id) == [2, 1, 0]


# Retention ---------------------------------------------------------------------------------------


def active_cluster(world: World, days: int | None = None, **parameters: str) -> str:
    """An active cluster with a retention policy that was chosen when it was made."""
    policy = {} if days is None else {"BackupRetentionPolicy": retention(days)}
    cluster_id = world.create_cluster(**policy, **parameters)
    world.create_hsm(cluster_id)
    world.initialize(cluster_id)
    world.activate(cluster_id)
    return cluster_id


@pytest.mark.parametrize(("days", "kept_for"), [(7, 7), (379, 379), (None, 90)])
def test_h6_backups_are_kept_as_long_as_the_policy_says(
    world: World, days: int | None, kept_for: int
) -> None:
    cluster_id = active_cluster(world, days)
    world.cks.clock.advance(days=kept_for, seconds=-1)
    assert len(ages(world, cluster_id)) == kept_for
    assert in_state(world, cluster_id, "PENDING_DELETION") == []
    world.cks.clock.advance(days=1, seconds=1)
    assert ages(world, cluster_id) == list(range(kept_for - 1, -1, -1))
    assert ages(world, cluster_id, "PENDING_DELETION") == [kept_for + 1, kept_for]
    world.cks.clock.advance(days=60)
    assert ages(world, cluster_id) == list(range(kept_for - 1, -1, -1))
    assert ages(world, cluster_id, "PENDING_DELETION") == list(
        range(kept_for + 6, kept_for - 1, -1)
    )


def test_h6_a_purged_backup_is_like_a_deleted_one(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    (first,) = world.backups(cluster_id)
    world.cks.clock.advance(days=9)
    purged = world.backup(first["BackupId"])
    assert purged["BackupState"] == "PENDING_DELETION"
    assert purged["DeleteTimestamp"] == NOON + 14 * DAY
    with world.invalid("PENDING_DELETION"):
        world.hsm.delete_backup(BackupId=first["BackupId"])
    with world.invalid("PENDING_DELETION"):
        never_expires(world, first)
    world.cks.clock.advance(days=5, seconds=-1)
    assert world.backup(first["BackupId"]) == purged
    world.cks.clock.advance(seconds=1)
    with world.not_found(first["BackupId"]):
        world.hsm.restore_backup(BackupId=first["BackupId"])


def test_h6_a_purged_backup_is_restored_and_exempted(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    (first,) = world.backups(cluster_id)
    world.cks.clock.advance(days=9)
    answer = world.hsm.restore_backup(BackupId=first["BackupId"])["Backup"]
    assert answer == first
    world.cks.clock.advance(hours=23)
    assert world.backup(first["BackupId"]) == first
    never_expires(world, first)
    world.cks.clock.advance(days=100)
    assert ages(world, cluster_id)[:2] == [109 + 23 / 24, 6 + 23 / 24]


def test_h6_a_restored_backup_under_the_same_policy_is_purged_again(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    (first,) = world.backups(cluster_id)
    world.cks.clock.advance(days=9)
    world.hsm.restore_backup(BackupId=first["BackupId"])
    world.cks.clock.advance(days=1)
    purged = world.backup(first["BackupId"])
    assert purged["BackupState"] == "PENDING_DELETION"
    assert purged["DeleteTimestamp"] == NOON + 17 * DAY


def test_h6_a_restored_backup_stays_under_a_longer_policy(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    (first,) = world.backups(cluster_id)
    world.cks.clock.advance(days=9)
    modify(world, cluster_id, 20)
    world.hsm.restore_backup(BackupId=first["BackupId"])
    world.cks.clock.advance(days=10)
    assert world.backup(first["BackupId"]) == first
    world.cks.clock.advance(days=1)
    assert world.backup(first["BackupId"])["BackupState"] == "PENDING_DELETION"


def test_h6_never_expiring_backups_are_not_purged(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    world.cks.clock.advance(days=2)
    kept = world.backups(cluster_id)[1]
    never_expires(world, kept)
    world.cks.clock.advance(days=50)
    assert ages(world, cluster_id) == [51, 6, 5, 4, 3, 2, 1, 0]
    never_expires(world, kept, False)
    assert ages(world, cluster_id) == [6, 5, 4, 3, 2, 1, 0]
    assert world.backup(kept["BackupId"])["DeleteTimestamp"] == NOON + 59 * DAY


def test_h6_a_shorter_policy_is_that_of_old_backups_too(world: World) -> None:
    cluster_id = active_cluster(world)
    world.cks.clock.advance(days=40)
    modify(world, cluster_id, 30)
    assert ages(world, cluster_id) == list(range(29, -1, -1))
    pending = in_state(world, cluster_id, "PENDING_DELETION")
    assert len(pending) == 11
    assert {backup["DeleteTimestamp"] for backup in pending} == {NOON + 47 * DAY}
    modify(world, cluster_id, 7)
    world.cks.clock.advance(days=1)
    assert ages(world, cluster_id) == list(range(6, -1, -1))


def test_h6_a_longer_policy_keeps_what_has_not_been_purged(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    world.cks.clock.advance(days=10)
    modify(world, cluster_id, 100)
    world.cks.clock.advance(days=20)
    assert ages(world, cluster_id) == list(range(26, -1, -1))
    assert ages(world, cluster_id, "PENDING_DELETION") == []
    assert ages(world, active_cluster(world, 7)) == [0]


def test_h6_another_hsm_type_is_not_another_policy(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")
    world.cks.clock.advance(days=20)
    assert ages(world, cluster_id) == [20, 6, 5, 4, 3, 2, 1, 0]
    kept = in_state(world, cluster_id, "READY")
    assert [backup["HsmType"] for backup in kept] == ["hsm1.medium", *["hsm2m.medium"] * 7]


@pytest.mark.parametrize("hsm_type", ["hsm1.medium", "hsm2m.medium"])
def test_h6_the_last_backup_is_kept(world: World, hsm_type: str) -> None:
    cluster_id = active_cluster(world, 7, HsmType=hsm_type, Mode="FIPS")
    world.cks.clock.advance(days=3)
    world.remove_hsms(cluster_id)
    last = world.backups(cluster_id)[0]
    world.cks.clock.advance(days=400)
    assert world.backups(cluster_id) == [last]
    world.create_hsm(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"
    world.cks.clock.advance(days=1)
    assert ages(world, cluster_id) == [0]
    assert world.backup(last["BackupId"])["BackupState"] == "PENDING_DELETION"


def test_h6_the_last_backup_can_be_deleted_by_hand(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    world.remove_hsms(cluster_id)
    last, first = world.backups(cluster_id)
    world.hsm.delete_backup(BackupId=last["BackupId"])
    world.cks.clock.advance(days=30)
    assert world.backups(cluster_id) == [first]
    world.hsm.delete_backup(BackupId=first["BackupId"])
    world.cks.clock.advance(days=7)
    assert world.backups(cluster_id) == []


def test_h6_an_unfinished_backup_does_not_replace_the_last_one(
    world: World, transition: Any
) -> None:
    cluster_id = active_cluster(world, 7)
    world.cks.clock.advance(days=1)
    transition("cloudhsmv2::backup", progression="time", seconds=10 * 24 * 3600)
    world.cks.clock.advance(days=9)
    assert ages(world, cluster_id) == [9]
    world.cks.clock.advance(days=1)
    assert len(ages(world, cluster_id, "CREATE_IN_PROGRESS")) == 10
    world.cks.clock.advance(days=1)
    assert ages(world, cluster_id) == [10]
    assert ages(world, cluster_id, "PENDING_DELETION") == [12, 11]


def test_h6_copies_have_no_retention(world: World) -> None:
    far = World(world.cks, "us-west-2")
    cluster_id = active_cluster(world, 7)
    (source,) = world.backups(cluster_id)
    for _ in range(2):
        world.hsm.copy_backup_to_region(DestinationRegion="us-west-2", BackupId=source["BackupId"])
    back = far.hsm.copy_backup_to_region(
        DestinationRegion="us-east-1", BackupId=far.backups()[0]["BackupId"]
    )["DestinationBackup"]["SourceBackup"]
    world.cks.clock.advance(days=400)
    assert [backup["BackupState"] for backup in far.backups()] == ["READY", "READY"]
    (returned,) = world.backups(Filters={"sourceBackupIds": [back]})
    assert returned["BackupState"] == "READY"
    assert ages(world, cluster_id) == [400, 6, 5, 4, 3, 2, 1, 0]


def test_h6_policies_of_two_regions(world: World) -> None:
    far = World(world.cks, "us-west-2")
    here, there = active_cluster(world, 7), active_cluster(far, 10)
    world.cks.clock.advance(days=20)
    assert ages(world, here) == list(range(6, -1, -1))
    assert ages(far, there) == list(range(9, -1, -1))


def test_h6_backups_of_a_deleted_cluster_are_deleted_by_hand(world: World) -> None:
    cluster_id = active_cluster(world, 7)
    world.cks.clock.advance(days=10)
    world.remove_hsms(cluster_id)
    kept, pending = (
        in_state(world, cluster_id, "READY"),
        ages(world, cluster_id, "PENDING_DELETION"),
    )
    assert (len(kept), len(pending)) == (8, 4)
    world.hsm.delete_cluster(ClusterId=cluster_id)
    world.cks.clock.advance(days=400)
    assert in_state(world, cluster_id, "READY") == kept
    assert ages(world, cluster_id, "PENDING_DELETION") == []
    restored = world.create_cluster(SourceBackupId=kept[0]["BackupId"])
    world.create_hsm(restored)
    assert world.state(restored) == "ACTIVE"
    world.hsm.delete_backup(BackupId=kept[0]["BackupId"])
    world.cks.clock.advance(days=7)
    assert in_state(world, cluster_id, "READY") == kept[1:]


def test_h6_a_quarter_of_ten_clusters_is_quick(cks: Any) -> None:
    world = World(cks)
    clusters = [active_cluster(world, 7 + 30 * number) for number in range(10)]
    began = time.perf_counter()
    cks.clock.advance(days=90)
    assert time.perf_counter() - began < 5
    assert [len(ages(world, cluster_id)) for cluster_id in clusters[:4]] == [7, 37, 67, 91]


# P5 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 30])
def test_p5_a_cluster_from_the_latest_daily_backup_connects_without_a_reset(
    world: World, days: int
) -> None:
    store = world.cks.create_key_store(kmsuser_password="kmsPswd1")
    kms: Any = client("kms")
    key_id = store.create_key()
    ciphertext = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    world.cks.clock.advance(days=days)
    latest = world.backups(store.cluster.id)[0]
    assert latest["CreateTimestamp"] == NOON + days * DAY

    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    connect(world, kms, store, latest)
    assert shown(kms, store) == ("CONNECTED", None)
    assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"text"


def test_p5_a_daily_backup_from_before_the_connection_needs_the_first_password(
    world: World,
) -> None:
    store = world.cks.create_key_store(connect=False, kmsuser_password="kmsPswd1")
    kms: Any = client("kms")
    world.cks.clock.advance(days=1)
    daily = world.backups(store.cluster.id)[0]
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    connect(world, kms, store, daily)
    assert shown(kms, store) == ("FAILED", "INVALID_CREDENTIALS")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="kmsPswd1")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert shown(kms, store) == ("CONNECTED", None)


def connect(world: World, kms: Any, store: Any, backup: dict[str, Any]) -> None:
    """Connect a disconnected key store to a new cluster from a backup, with no other password."""
    cluster = world.describe(store.cluster.id)
    restored = world.hsm.create_cluster(
        HsmType=cluster["HsmType"],
        SubnetIds=list(cluster["SubnetMapping"].values()),
        SourceBackupId=backup["BackupId"],
    )["Cluster"]["ClusterId"]
    for zone in sorted(cluster["SubnetMapping"])[:2]:
        world.hsm.create_hsm(ClusterId=restored, AvailabilityZone=zone)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, CloudHsmClusterId=restored)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def shown(kms: Any, store: Any) -> tuple[str, str | None]:
    """The connection state of a key store, and its error code."""
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return entry["ConnectionState"], entry.get("ConnectionErrorCode")

"""Row H6: how long the daily backups are kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.moments import NOON

from .daily import DAY, ages, in_state, retention
from .world import World


@pytest.fixture
def world(noon: Any, cks: Any) -> World:
    return World(cks)


def modify(world: World, cluster_id: str, days: int) -> None:
    world.hsm.modify_cluster(ClusterId=cluster_id, BackupRetentionPolicy=retention(days))


def never_expires(world: World, backup: dict[str, Any], value: bool = True) -> None:
    world.hsm.modify_backup_attributes(BackupId=backup["BackupId"], NeverExpires=value)


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


def test_h6_y21_another_hsm_type_is_not_another_policy(world: World) -> None:
    cluster_id = active_cluster(world, 7, HsmType="hsm1.medium")
    world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")
    world.cks.clock.advance(days=20)
    assert ages(world, cluster_id) == [20, 6, 5, 4, 3, 2, 1, 0]
    kept = in_state(world, cluster_id, "READY")
    assert [backup["HsmType"] for backup in kept] == ["hsm1.medium", *["hsm2m.medium"] * 7]


@pytest.mark.parametrize("hsm_type", ["hsm1.medium", "hsm2m.medium"])
def test_h6_y21_the_last_backup_is_kept(world: World, hsm_type: str) -> None:
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


def test_h6_y21_copies_have_no_retention(world: World) -> None:
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


def test_h6_a_quarter_of_ten_clusters(cks: Any) -> None:
    world = World(cks)
    clusters = [active_cluster(world, 7 + 30 * number) for number in range(10)]
    cks.clock.advance(days=90)
    assert [len(ages(world, cluster_id)) for cluster_id in clusters[:4]] == [7, 37, 67, 91]

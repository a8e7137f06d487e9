"""Backups: when they are made, deletion, copies and filters."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from .world import World


def ids(backups: list[dict[str, Any]]) -> list[str]:
    return [backup["BackupId"] for backup in backups]


def test_h1_backup_as_shown(world: World) -> None:
    cluster_id = world.active_cluster()
    (backup,) = world.backups(cluster_id)
    assert re.fullmatch("backup-[2-7a-zA-Z]{11,16}", backup["BackupId"])
    arn = f"arn:aws:cloudhsm:us-east-1:123456789012:backup/{backup['BackupId']}"
    assert backup.pop("CreateTimestamp")
    assert backup == {
        "BackupId": backup["BackupId"],
        "BackupArn": arn,
        "BackupState": "READY",
        "ClusterId": cluster_id,
        "NeverExpires": False,
        "TagList": [],
        "HsmType": "hsm2m.medium",
        "Mode": "FIPS",
    }


def test_h6_backups_are_made_when_an_active_cluster_changes(world: World) -> None:
    cluster_id = world.active_cluster()
    assert len(world.backups(cluster_id)) == 1
    world.create_hsm(cluster_id, 1)
    assert len(world.backups(cluster_id)) == 2
    world.remove_hsms(cluster_id)
    assert len(world.backups(cluster_id)) == 4
    world.create_hsm(cluster_id)
    assert len(world.backups(cluster_id)) == 4


def test_h6_no_backup_before_activation(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    world.remove_hsms(cluster_id)
    assert world.backups() == []


def test_h6_backup_holds_the_moment(world: World) -> None:
    cluster_id = world.active_cluster()
    handle = world.cks.cluster(cluster_id)
    handle.create_user("CU", "alice", "alicePswd")
    world.create_hsm(cluster_id, 1)
    handle.create_user("CU", "bob", "bobPswd12")
    with_alice, with_nobody = world.backups(cluster_id)
    for backup, expected in ((with_nobody, set()), (with_alice, {"alice"})):
        restored = world.create_cluster(SourceBackupId=backup["BackupId"])
        world.create_hsm(restored)
        (hsm,) = world.cks.cluster(restored).hsms
        assert {user.name for user in hsm.users} - {"admin", "app_user"} == expected


def test_h6_cluster_without_hsms_comes_up_from_its_latest_backup(world: World) -> None:
    cluster_id = world.active_cluster()
    handle = world.cks.cluster(cluster_id)
    handle.create_user("CU", "alice", "alicePswd")
    world.remove_hsms(cluster_id)
    world.create_hsm(cluster_id, 2)
    (hsm,) = handle.hsms
    assert "alice" in [user.name for user in hsm.users]


def test_h6_deleted_backup_is_not_restored(world: World) -> None:
    cluster_id = world.active_cluster()
    handle = world.cks.cluster(cluster_id)
    handle.create_user("CU", "alice", "alicePswd")
    world.remove_hsms(cluster_id)
    latest, oldest = world.backups(cluster_id)
    world.hsm.delete_backup(BackupId=latest["BackupId"])
    world.create_hsm(cluster_id)
    assert "alice" not in [user.name for user in handle.hsms[0].users]
    world.hsm.delete_backup(BackupId=oldest["BackupId"])
    world.remove_hsms(cluster_id)
    world.hsm.delete_backup(BackupId=world.backups(cluster_id)[0]["BackupId"])
    with world.invalid("no backup"):
        world.create_hsm(cluster_id)


def test_h6_backup_takes_its_time(world: World, transition: Any) -> None:
    transition("cloudhsmv2::backup", progression="manual", times=2)
    cluster_id = world.active_cluster()
    (backup,) = world.backups(cluster_id)
    assert backup["BackupState"] == "CREATE_IN_PROGRESS"
    (backup,) = world.backups(cluster_id)
    assert backup["BackupState"] == "READY"


def test_h6_backup_in_progress_refuses(world: World, transition: Any) -> None:
    transition("cloudhsmv2::backup", progression="time", seconds=60)
    backup_id = world.backups(world.active_cluster())[0]["BackupId"]
    for call, parameters in (
        (world.hsm.delete_backup, {}),
        (world.hsm.restore_backup, {}),
        (world.hsm.modify_backup_attributes, {"NeverExpires": True}),
        (world.hsm.copy_backup_to_region, {"DestinationRegion": "us-west-2"}),
    ):
        with world.invalid("CREATE_IN_PROGRESS"):
            call(BackupId=backup_id, **parameters)


def test_h6_deleted_backup_can_be_restored_for_seven_days(world: World) -> None:
    (backup,) = world.backups(world.active_cluster())
    before = world.cks.clock.now()
    answer = world.hsm.delete_backup(BackupId=backup["BackupId"])["Backup"]
    assert answer["BackupState"] == "PENDING_DELETION"
    waits = answer["DeleteTimestamp"] - before
    assert abs(waits - timedelta(days=7)) < timedelta(minutes=1)
    world.cks.clock.advance(days=6)
    assert world.backup(backup["BackupId"]) == answer
    assert world.hsm.restore_backup(BackupId=backup["BackupId"])["Backup"] == backup
    world.cks.clock.advance(days=2)
    assert world.backup(backup["BackupId"]) == backup


def test_h6_deleted_backup_is_gone_after_seven_days(world: World) -> None:
    (backup,) = world.backups(world.active_cluster())
    world.hsm.delete_backup(BackupId=backup["BackupId"])
    world.cks.clock.advance(days=7)
    assert world.backups(Filters={"backupIds": [backup["BackupId"]]}) == []
    assert backup["BackupId"] not in ids(world.backups())
    with world.not_found(backup["BackupId"]):
        world.hsm.restore_backup(BackupId=backup["BackupId"])


def test_h6_deleted_backup_is_gone_at_its_delete_timestamp(world: World) -> None:
    (backup,) = world.backups(world.active_cluster())
    answer = world.hsm.delete_backup(BackupId=backup["BackupId"])["Backup"]
    moment = answer["DeleteTimestamp"]
    with freeze_time(moment - timedelta(milliseconds=1)):
        assert world.backups(Filters={"backupIds": [backup["BackupId"]]}) == [answer]
    with freeze_time(moment + timedelta(milliseconds=1)):
        assert world.backups(Filters={"backupIds": [backup["BackupId"]]}) == []


def test_h6_delete_and_restore_in_the_wrong_order(world: World) -> None:
    backup_id = world.backups(world.active_cluster())[0]["BackupId"]
    with world.invalid("must be in state PENDING_DELETION"):
        world.hsm.restore_backup(BackupId=backup_id)
    world.hsm.delete_backup(BackupId=backup_id)
    with world.invalid("must be in state READY"):
        world.hsm.delete_backup(BackupId=backup_id)
    with world.invalid("must be in state READY"):
        world.hsm.modify_backup_attributes(BackupId=backup_id, NeverExpires=True)


def test_h6_never_expires(world: World) -> None:
    cluster_id = world.active_cluster(2)
    kept, other = ids(world.backups(cluster_id))
    answer = world.hsm.modify_backup_attributes(BackupId=kept, NeverExpires=True)["Backup"]
    assert answer["NeverExpires"] is True
    assert ids(world.backups(Filters={"neverExpires": ["true"]})) == [kept]
    assert ids(world.backups(Filters={"neverExpires": ["False"]})) == [other]


def test_h6_unknown_backup(world: World) -> None:
    backup_id = "backup-aaaaaaaaaaa"
    for call, parameters in (
        (world.hsm.delete_backup, {}),
        (world.hsm.restore_backup, {}),
        (world.hsm.modify_backup_attributes, {"NeverExpires": True}),
        (world.hsm.copy_backup_to_region, {"DestinationRegion": "us-west-2"}),
    ):
        with world.not_found(backup_id):
            call(BackupId=backup_id, **parameters)
    assert world.backups(Filters={"backupIds": [backup_id]}) == []


def test_h6_copy_to_another_region(world: World) -> None:
    far = World(world.cks, "us-west-2")
    cluster_id = world.active_cluster()
    (source,) = world.backups(cluster_id)
    world.hsm.tag_resource(
        ResourceId=source["BackupId"], TagList=[{"Key": "stage", "Value": "test"}]
    )
    world.cks.clock.advance(days=1)
    backups_here = world.backups()
    answer = world.hsm.copy_backup_to_region(
        DestinationRegion="us-west-2", BackupId=source["BackupId"]
    )["DestinationBackup"]
    origin = {
        "SourceRegion": "us-east-1",
        "SourceBackup": source["BackupId"],
        "SourceCluster": cluster_id,
    }
    assert answer == {"CreateTimestamp": source["CreateTimestamp"], **origin}
    (copy,) = far.backups(Filters={"sourceBackupIds": [source["BackupId"]]})
    assert copy["BackupId"] != source["BackupId"]
    assert copy["BackupArn"].startswith("arn:aws:cloudhsm:us-west-2:")
    assert copy["CreateTimestamp"] == source["CreateTimestamp"]
    assert copy["CopyTimestamp"] - copy["CreateTimestamp"] >= timedelta(days=1)
    assert copy["TagList"] == [{"Key": "stage", "Value": "test"}]
    assert copy["ClusterId"] == cluster_id
    assert origin.items() <= copy.items()
    assert world.backups() == backups_here
    cluster_in_far = far.create_cluster(SourceBackupId=copy["BackupId"])
    far.create_hsm(cluster_in_far)
    assert far.state(cluster_in_far) == "ACTIVE"
    assert (
        far.describe(cluster_in_far)["Certificates"] == world.describe(cluster_id)["Certificates"]
    )


def test_h6_copy_with_other_tags(world: World) -> None:
    (source,) = world.backups(world.active_cluster())
    world.hsm.tag_resource(ResourceId=source["BackupId"], TagList=[{"Key": "a", "Value": "1"}])
    world.hsm.copy_backup_to_region(
        DestinationRegion="us-west-2",
        BackupId=source["BackupId"],
        TagList=[{"Key": "b", "Value": "2"}],
    )
    (copy,) = World(world.cks, "us-west-2").backups()
    assert copy["TagList"] == [{"Key": "b", "Value": "2"}]
    assert world.backups()[0]["TagList"] == [{"Key": "a", "Value": "1"}]


def test_h6_copy_of_a_backup_that_is_pending_deletion(world: World) -> None:
    (source,) = world.backups(world.active_cluster())
    world.hsm.delete_backup(BackupId=source["BackupId"])
    world.hsm.copy_backup_to_region(DestinationRegion="us-west-2", BackupId=source["BackupId"])
    (copy,) = World(world.cks, "us-west-2").backups()
    assert copy["BackupState"] == "READY"
    assert "DeleteTimestamp" not in copy


@pytest.mark.parametrize("region", ["us-east-1", "us-east-9", "us-gov-west-1"])
def test_h6_copy_needs_another_region_of_the_partition(world: World, region: str) -> None:
    (source,) = world.backups(world.active_cluster())
    with world.invalid("Region"):
        world.hsm.copy_backup_to_region(DestinationRegion=region, BackupId=source["BackupId"])


def test_h6_backups_are_sorted_by_time(world: World) -> None:
    first = world.active_cluster()
    world.cks.clock.advance(minutes=1)
    second = world.active_cluster(3)
    clusters = [backup["ClusterId"] for backup in world.backups()]
    assert clusters == [second, second, second, first]
    assert world.backups(SortAscending=True) == world.backups()[::-1]


def test_h6_filters(world: World) -> None:
    first, second = world.active_cluster(), world.active_cluster(2)
    newest, older = ids(world.backups(second))
    world.hsm.delete_backup(BackupId=older)
    assert ids(world.backups(Filters={"states": ["PENDING_DELETION"]})) == [older]
    assert ids(world.backups(Filters={"clusterIds": [second], "states": ["READY"]})) == [newest]
    assert len(world.backups(Filters={"clusterIds": [first, second]})) == 3
    assert ids(world.backups(Filters={"backupIds": [older, newest]})) == [newest, older]
    assert world.backups(Shared=True) == []

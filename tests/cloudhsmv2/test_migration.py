"""From hsm1.medium to hsm2m.medium, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from moto_cks import HsmError

from .world import World

Transition = Callable[..., None]
HOUR = 3600


def migrate(world: World, cluster_id: str) -> dict[str, Any]:
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")
    return dict(answer["Cluster"])


def roll_back(world: World, cluster_id: str) -> dict[str, Any]:
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm1.medium")
    return dict(answer["Cluster"])


def types(world: World, cluster_id: str) -> list[str]:
    """The types of the HSMs, oldest first."""
    return [hsm["HsmType"].partition(".")[0] for hsm in world.describe(cluster_id)["Hsms"]]


def sources(world: World, cluster_id: str) -> list[str]:
    """The types in the backups, oldest first."""
    return [backup["HsmType"] for backup in world.backups(cluster_id)][::-1]


def users(world: World, cluster_id: str) -> list[list[str]]:
    return [
        [user.name for user in hsm.users if user.type == "CU"]
        for hsm in world.cks.cluster(cluster_id).hsms
    ]


def test_y18_hsms_are_replaced_one_at_a_time_each_after_a_backup(
    world: World, transition: Transition
) -> None:
    cluster_id = world.older_cluster(hsms=3)
    before = world.describe(cluster_id)
    made = len(world.backups(cluster_id))
    transition("cloudhsmv2::cluster", progression="time", seconds=3 * 1800)
    answer = migrate(world, cluster_id)
    assert (answer["State"], answer["HsmType"]) == ("MODIFY_IN_PROGRESS", "hsm2m.medium")
    until = answer["HsmTypeRollbackExpiration"] - world.cks.clock.now()
    assert timedelta(hours=23, minutes=59) < until <= timedelta(hours=24)
    assert types(world, cluster_id) == ["hsm1"] * 3
    assert len(world.backups(cluster_id)) == made + 1
    for replaced in (1, 2):
        world.cks.clock.advance(minutes=30)
        assert types(world, cluster_id) == ["hsm2m"] * replaced + ["hsm1"] * (3 - replaced)
        assert world.state(cluster_id) == "MODIFY_IN_PROGRESS"
        assert len(world.backups(cluster_id)) == made + 1 + replaced
    world.cks.clock.advance(minutes=30)
    after = world.describe(cluster_id)
    assert after["State"] == "ACTIVE"
    assert types(world, cluster_id) == ["hsm2m"] * 3
    assert len(world.backups(cluster_id)) == made + 3
    assert sources(world, cluster_id) == ["hsm1.medium"] * (made + 3)
    for member in ("HsmId", "EniIp", "EniId", "AvailabilityZone"):
        assert [hsm[member] for hsm in after["Hsms"]] == [hsm[member] for hsm in before["Hsms"]]


def test_y18_at_once_where_states_change_at_once(world: World) -> None:
    cluster_id = world.older_cluster(hsms=2)
    made = len(world.backups(cluster_id))
    assert migrate(world, cluster_id)["State"] == "MODIFY_IN_PROGRESS"
    assert world.state(cluster_id) == "ACTIVE"
    assert types(world, cluster_id) == ["hsm2m"] * 2
    assert len(world.backups(cluster_id)) == made + 2


def test_y18_meanwhile_no_hsm_comes_or_goes_and_nothing_is_modified(
    world: World, transition: Transition
) -> None:
    cluster_id = world.older_cluster(hsms=2)
    transition("cloudhsmv2::cluster", progression="time", seconds=HOUR)
    migrate(world, cluster_id)
    with world.invalid("is in state MODIFY_IN_PROGRESS"):
        world.create_hsm(cluster_id)
    with world.invalid("is in state MODIFY_IN_PROGRESS"):
        world.hsm.delete_hsm(
            ClusterId=cluster_id, HsmId=world.describe(cluster_id)["Hsms"][0]["HsmId"]
        )
    retention = {"Type": "DAYS", "Value": "9"}
    with world.invalid("is in state MODIFY_IN_PROGRESS"):
        world.hsm.modify_cluster(ClusterId=cluster_id, BackupRetentionPolicy=retention)
    with world.invalid("is in state MODIFY_IN_PROGRESS"):
        world.hsm.modify_cluster(
            ClusterId=cluster_id, HsmType="hsm2m.medium", BackupRetentionPolicy=retention
        )
    with world.invalid("is in state MODIFY_IN_PROGRESS"):
        world.hsm.delete_cluster(ClusterId=cluster_id)


def test_y18_meanwhile_the_hsms_take_no_changes_and_then_they_do(
    world: World, transition: Transition
) -> None:
    cluster_id = world.older_cluster(hsms=2)
    cluster = world.cks.cluster(cluster_id)
    cluster.create_user("CU", "alice", "alicePswd1")
    transition("cloudhsmv2::cluster", progression="time", seconds=HOUR)
    migrate(world, cluster_id)
    changes = (
        lambda: cluster.create_user("CU", "bob", "bobsPswd1"),
        lambda: cluster.change_password("CU", "alice", "otherPswd1"),
        lambda: cluster.delete_user("CU", "alice"),
    )
    for change in changes:
        with pytest.raises(HsmError, match="limited-write mode"):
            change()
    cluster.login("CU", "alice", "alicePswd1").logout()  # which is no change
    assert users(world, cluster_id) == [["alice"]] * 2
    with world.cks.cloudhsm_cli(cluster_id) as tool:
        tool.run("login --username admin --role admin", "adminPswd1")
        refused = tool.run("user delete --username alice --role crypto-user")
    assert "Cluster is in limited-write mode" in refused
    world.cks.clock.advance(hours=1)
    for change in changes:
        change()
    assert users(world, cluster_id) == [["bob"]] * 2


def test_y18_a_rollback_before_the_end_leaves_everything_as_it_was(
    world: World, transition: Transition
) -> None:
    cluster_id = world.older_cluster(hsms=3)
    world.cks.cluster(cluster_id).create_user("CU", "alice", "alicePswd1")
    transition("cloudhsmv2::cluster", progression="time", seconds=3 * 1800)
    migrate(world, cluster_id)
    world.cks.clock.advance(minutes=40)
    assert types(world, cluster_id) == ["hsm2m", "hsm1", "hsm1"]
    answer = roll_back(world, cluster_id)
    assert (answer["State"], answer["HsmType"]) == ("ROLLBACK_IN_PROGRESS", "hsm1.medium")
    assert "HsmTypeRollbackExpiration" in answer
    world.cks.clock.advance(minutes=80)
    assert types(world, cluster_id) == ["hsm2m", "hsm1", "hsm1"]
    assert world.state(cluster_id) == "ROLLBACK_IN_PROGRESS"
    with pytest.raises(HsmError, match="limited-write mode"):
        world.cks.cluster(cluster_id).delete_user("CU", "alice")
    world.cks.clock.advance(minutes=10)
    assert types(world, cluster_id) == ["hsm1"] * 3
    assert world.state(cluster_id) == "ACTIVE"
    assert users(world, cluster_id) == [["alice"]] * 3
    assert "HsmTypeRollbackExpiration" not in world.describe(cluster_id)
    # And it can begin anew.
    migrate(world, cluster_id)
    world.cks.clock.advance(minutes=90)
    assert types(world, cluster_id) == ["hsm2m"] * 3


def test_y20_a_rollback_after_the_end_loses_what_was_made_since(world: World) -> None:
    cluster_id = world.older_cluster(hsms=2)
    cluster = world.cks.cluster(cluster_id)
    cluster.create_user("CU", "alice", "alicePswd1")
    migrate(world, cluster_id)
    cluster.create_user("CU", "bob", "bobsPswd1")
    cluster.change_password("CU", "alice", "otherPswd1")
    session = cluster.login("CU", "bob", "bobsPswd1")
    roll_back(world, cluster_id)
    assert users(world, cluster_id) == [["alice"]] * 2
    assert session.sessions() == []
    cluster.login("CU", "alice", "alicePswd1").logout()
    # They are in the backups of the newer type.
    newest = world.backups(cluster_id)[0]
    assert newest["HsmType"] == "hsm2m.medium"
    restored = world.create_cluster(SourceBackupId=newest["BackupId"])
    world.create_hsm(restored)
    assert users(world, restored) == [["alice", "bob"]]


def test_y20_without_a_backup_of_the_former_type_there_is_no_way_back(world: World) -> None:
    cluster_id = world.older_cluster()
    migrate(world, cluster_id)
    for backup in world.backups(cluster_id):
        world.hsm.delete_backup(BackupId=backup["BackupId"])
    with world.invalid("cannot be changed to HsmType hsm1.medium"):
        roll_back(world, cluster_id)


def test_y18_there_is_no_way_back_for_a_cluster_that_was_made_so(world: World) -> None:
    cluster_id = world.active_cluster()
    with world.invalid("cannot be changed to HsmType hsm1.medium"):
        roll_back(world, cluster_id)
    assert world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")["Cluster"][
        "State"
    ] == ("ACTIVE")


def test_y18_manual_transitions_replace_all_at_the_end(
    world: World, transition: Transition
) -> None:
    cluster_id = world.older_cluster(hsms=2)
    transition("cloudhsmv2::cluster", progression="manual", times=2)
    migrate(world, cluster_id)
    assert types(world, cluster_id) == ["hsm1"] * 2
    assert world.state(cluster_id) == "ACTIVE"
    assert types(world, cluster_id) == ["hsm2m"] * 2


# What AWS looks at before it migrates -------------------------------------------------------------


def reverts(world: World, cluster_id: str, transition: Transition) -> str:
    """Why a migration reverts; an empty string where it does not."""
    transition("cloudhsmv2::cluster", progression="time", seconds=HOUR)
    before = len(world.cks.timeline)
    migrate(world, cluster_id)
    world.cks.clock.advance(minutes=59)
    assert world.state(cluster_id) == "MODIFY_IN_PROGRESS"
    world.cks.clock.advance(minutes=1)
    reasons = [
        entry.what.partition(": ")[2]
        for entry in list(world.cks.timeline)[before:]
        if entry.what.startswith("its migration reverts: ")
    ]
    state = world.state(cluster_id)
    assert state == ("ROLLBACK_IN_PROGRESS" if reasons else "ACTIVE")
    world.cks.clock.advance(hours=1)
    assert world.state(cluster_id) == "ACTIVE"
    assert set(types(world, cluster_id)) == {"hsm1" if reasons else "hsm2m"}
    assert world.describe(cluster_id)["HsmType"].startswith("hsm1" if reasons else "hsm2m")
    assert ("HsmTypeRollbackExpiration" in world.describe(cluster_id)) is not bool(reasons)
    world.cks.cluster(cluster_id).create_user(
        "CU", f"after{before}", "anyPswd1"
    )  # no limits are left
    return reasons[0] if reasons else ""


@pytest.mark.parametrize(
    ("days", "reason"), [(6, ""), (8, "no client has connected in the last 7 days"), (14, "")]
)
def test_w10_somebody_must_have_connected_in_the_last_week(
    world: World, transition: Transition, days: int, reason: str
) -> None:
    cluster_id = world.older_cluster()
    world.cks.clock.advance(days=days)
    assert reverts(world, cluster_id, transition) == reason


@pytest.mark.parametrize("tool", ["cloudhsm_mgmt_util", "key_mgmt_util"])
def test_w10_y7_not_with_client_sdk_3_in_the_last_week(
    world: World, transition: Transition, tool: str
) -> None:
    cluster_id = world.older_cluster()
    getattr(world.cks, tool)(cluster_id).close()
    reason = "a client older than Client SDK 5.9 has connected in the last 7 days"
    assert reverts(world, cluster_id, transition) == reason
    world.cks.clock.advance(days=7)
    with world.cks.cloudhsm_cli(cluster_id) as cli:
        cli.run("login --username admin --role admin", "adminPswd1")
    assert reverts(world, cluster_id, transition) == ""


def test_w10_a_cluster_of_28_hsms_is_not_migrated(world: World, transition: Transition) -> None:
    cluster_id = world.older_cluster(hsms=28)
    assert reverts(world, cluster_id, transition) == "it has more than 27 HSMs"
    assert len(world.describe(cluster_id)["Hsms"]) == 28


def test_w10_one_of_27_is(world: World, transition: Transition) -> None:
    assert reverts(world, world.older_cluster(hsms=27), transition) == ""


def test_w10_a_rollback_of_what_would_revert(world: World, transition: Transition) -> None:
    cluster_id = world.older_cluster(hsms=28)
    transition("cloudhsmv2::cluster", progression="time", seconds=HOUR)
    migrate(world, cluster_id)
    roll_back(world, cluster_id)
    world.cks.clock.advance(hours=1)
    assert world.state(cluster_id) == "ACTIVE"
    assert set(types(world, cluster_id)) == {"hsm1"}


def test_y18_w11_the_capacity_is_that_of_the_type(world: World) -> None:
    cluster_id = world.older_cluster()
    cluster = world.cks.cluster(cluster_id)
    present = len(cluster.hsms[0].users)
    for number in range(250 - present):
        cluster.create_user("CU", f"user{number}", "anyPswd1")
    with pytest.raises(HsmError, match="no room for another user"):
        cluster.create_user("CU", "onemore", "anyPswd1")
    migrate(world, cluster_id)
    cluster.create_user("CU", "onemore", "anyPswd1")
    roll_back(world, cluster_id)
    with pytest.raises(HsmError, match="no room for another user"):
        cluster.create_user("CU", "onemore", "anyPswd1")


def test_y21_the_latest_backup_of_the_former_type_is_kept(world: World) -> None:
    cluster_id = world.older_cluster(hsms=2, BackupRetentionPolicy={"Type": "DAYS", "Value": "7"})
    migrate(world, cluster_id)
    world.cks.clock.advance(days=30)
    kept = [backup for backup in world.backups(cluster_id) if backup["BackupState"] == "READY"]
    assert [backup["HsmType"] for backup in kept].count("hsm1.medium") == 1
    world.remove_hsms(cluster_id)
    world.cks.clock.advance(days=400)
    kept = [backup for backup in world.backups(cluster_id) if backup["BackupState"] == "READY"]
    assert sorted(backup["HsmType"] for backup in kept) == ["hsm1.medium", "hsm2m.medium"]


def test_y18_each_cluster_for_itself(
    world: World, other_account: World, transition: Transition
) -> None:
    far = World(world.cks, "eu-west-1")
    places = (world, far, other_account)
    clusters = [place.older_cluster() for place in places]
    transition("cloudhsmv2::cluster", progression="time", seconds=HOUR)
    migrate(world, clusters[0])
    with other_account.not_found(clusters[0]):
        roll_back(other_account, clusters[0])
    for place, cluster_id in zip(places[1:], clusters[1:], strict=True):
        assert place.state(cluster_id) == "ACTIVE"
        place.cks.cluster(cluster_id).create_user("CU", "alice", "alicePswd1")


def test_y18_a_migration_goes_on_in_a_restored_world(
    world: World, transition: Transition, tmp_path: Path
) -> None:
    cluster_id = world.older_cluster(hsms=3)
    transition("cloudhsmv2::cluster", progression="time", seconds=3 * 1800)
    migrate(world, cluster_id)
    world.cks.clock.advance(minutes=40)
    world.cks.save(tmp_path / "migrating")
    for _ in range(2):
        assert types(world, cluster_id) == ["hsm2m", "hsm1", "hsm1"]
        with pytest.raises(HsmError, match="limited-write mode"):
            world.cks.cluster(cluster_id).create_user("CU", "alice", "alicePswd1")
        made = len(world.backups(cluster_id))
        world.cks.clock.advance(minutes=50)
        assert world.state(cluster_id) == "ACTIVE"
        assert types(world, cluster_id) == ["hsm2m"] * 3
        assert len(world.backups(cluster_id)) == made + 1
        world.cks.cluster(cluster_id).create_user("CU", "alice", "alicePswd1")
        world.cks.load(tmp_path / "migrating")

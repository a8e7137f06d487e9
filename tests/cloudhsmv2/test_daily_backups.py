"""Rows H6 and P5: the backups that are made every day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from moto import mock_aws

from moto_cks import mock_cks
from tests.aws import client
from tests.moments import NOON

from .daily import DAY, ages, in_state, retention
from .world import World


@pytest.fixture
def world(noon: Any, cks: Any) -> World:
    return World(cks)


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
    cluster_id = world.create_cluster(HsmType="hsm1.medium")
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
        Mode=cluster["Mode"],
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

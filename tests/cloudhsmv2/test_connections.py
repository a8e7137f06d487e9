"""Who connects to the HSMs: clients that are too old for them, and logins that are slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cks import mock_cks
from tests.aws import client
from tests.kms.user import User

SDK_3 = "is of Client SDK 3, with which hsm2m.medium does not work on AWS"
OLDER_TOOLS = ["cloudhsm_mgmt_util", "key_mgmt_util"]


@pytest.fixture
def world() -> Iterator[Any]:
    """The handle itself."""
    with mock_cks() as cks:
        yield cks


def said(world: Any, what: str) -> list[str]:
    return [entry.what for entry in world.timeline if what in entry.what]


@pytest.mark.parametrize("tool", OLDER_TOOLS)
def test_y7_an_older_tool_works_and_the_timeline_says_once_that_it_would_not(
    world: Any, tool: str
) -> None:
    cluster, other = world.create_cluster(), world.create_cluster()
    for _ in range(2):
        for name in (tool, *OLDER_TOOLS):
            with getattr(world, name)(cluster.id) as running:
                assert not running.closed
    assert said(world, "Client SDK 3") == [f"{tool} {SDK_3}"]
    with world.key_mgmt_util(other.id):  # once for each cluster
        pass
    assert said(world, "Client SDK 3") == [f"{tool} {SDK_3}", f"key_mgmt_util {SDK_3}"]
    assert [entry.subject for entry in world.timeline if SDK_3 in entry.what] == [
        cluster.id,
        other.id,
    ]


def test_y7_not_of_cloudhsm_cli_nor_of_hsm1_medium(world: Any) -> None:
    with world.cloudhsm_cli(world.create_cluster().id):
        pass
    older = world.create_cluster(hsm_type="hsm1.medium")
    for name in OLDER_TOOLS:
        getattr(world, name)(older.id).close()
    assert said(world, "Client SDK 3") == []


def test_y7_said_of_a_cluster_that_was_migrated(world: Any, cloudhsm: Any) -> None:
    cluster = world.create_cluster(hsm_type="hsm1.medium")
    cloudhsm.modify_cluster(ClusterId=cluster.id, HsmType="hsm2m.medium")
    world.key_mgmt_util(cluster.id).close()
    assert said(world, "Client SDK 3") == [f"key_mgmt_util {SDK_3}"]


def test_w13_a_connect_mends_the_slow_login_of_kmsuser(transition: Callable[..., None]) -> None:
    with freeze_time("2025-12-01") as frozen, mock_cks() as world:
        user = User(world.create_key_store(connect=True, hsm_type="hsm1.medium"))
        assert said(world, "slowly") == []  # of hsm1.medium none is
        client("cloudhsmv2").modify_cluster(ClusterId=user.store.cluster.id, HsmType="hsm2m.medium")
        frozen.move_to("2026-01-01")
        before = len(said(world, "slowly"))
        user.reconnect()
        slow = said(world, "slowly")[before:]
        assert (
            slow
            == ["kmsuser(CU) logged in, slowly: its password was set before 20 December 2025"] * 2
        )
        user.reconnect()
        assert said(world, "slowly")[before:] == slow

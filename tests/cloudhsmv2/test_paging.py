"""Pages of the three listings."""

from __future__ import annotations

from typing import Any

import pytest
from moto.moto_api import state_manager

from tests.aws import error_of

from .world import World


def pages(world: World, operation: str, **parameters: Any) -> list[int]:
    paginator = world.hsm.get_paginator(operation)
    member = {"describe_clusters": "Clusters", "describe_backups": "Backups"}.get(
        operation, "TagList"
    )
    return [len(page[member]) for page in paginator.paginate(**parameters)]


def test_h2_pages_of_clusters(world: World) -> None:
    cluster_ids = [world.create_cluster() for _ in range(5)]
    first = world.hsm.describe_clusters(MaxResults=2)
    second = world.hsm.describe_clusters(MaxResults=2, NextToken=first["NextToken"])
    third = world.hsm.describe_clusters(MaxResults=2, NextToken=second["NextToken"])
    assert "NextToken" not in third
    shown = [c["ClusterId"] for page in (first, second, third) for c in page["Clusters"]]
    assert shown == cluster_ids


def test_h2_exact_last_page_has_no_token(world: World) -> None:
    for _ in range(4):
        world.create_cluster()
    config = {"PageSize": 2}
    assert pages(world, "describe_clusters", PaginationConfig=config) == [2, 2]


def test_h2_a_page_has_25_clusters_at_most(world: World) -> None:
    for _ in range(26):
        world.create_cluster()
    assert pages(world, "describe_clusters") == [25, 1]


def test_h6_pages_of_backups(world: World) -> None:
    cluster_id = world.active_cluster(5)
    config = {"PageSize": 2}
    for parameters in ({}, {"SortAscending": True}, {"Filters": {"clusterIds": [cluster_id]}}):
        assert pages(world, "describe_backups", PaginationConfig=config, **parameters) == [2, 2, 1]


def test_h6_new_backup_between_two_pages_repeats_nothing(world: World) -> None:
    cluster_id = world.active_cluster(3)
    first = world.hsm.describe_backups(MaxResults=1)
    world.create_hsm(cluster_id)
    second = world.hsm.describe_backups(MaxResults=1, NextToken=first["NextToken"])
    assert second["Backups"] == world.backups()[2:3]


def test_h1_pages_of_tags(world: World) -> None:
    cluster_id = world.create_cluster(TagList=[{"Key": f"key{i}", "Value": ""} for i in range(5)])
    first = world.hsm.list_tags(ResourceId=cluster_id, MaxResults=3)
    second = world.hsm.list_tags(ResourceId=cluster_id, NextToken=first["NextToken"])
    shown = [tag["Key"] for tag in first["TagList"] + second["TagList"]]
    assert shown == [f"key{i}" for i in range(5)]
    assert "NextToken" not in second


def test_k9_invalid_tokens_are_refused(world: World) -> None:
    clusters = [world.create_cluster() for _ in range(3)]
    message = "The NextToken in the request is invalid"
    with world.invalid(message):
        world.hsm.describe_clusters(NextToken="garbage")
    with world.invalid(message):
        world.hsm.describe_backups(NextToken="garbage")
    with world.invalid(message):
        world.hsm.list_tags(ResourceId=clusters[0], NextToken="garbage")
    token = world.hsm.describe_clusters(MaxResults=1)["NextToken"]
    with world.invalid(message):
        world.hsm.describe_backups(NextToken=token)
    with world.invalid(message):
        world.hsm.describe_clusters(NextToken=token, Filters={"states": ["ACTIVE"]})
    with world.invalid(message):
        world.hsm.describe_clusters(NextToken=token[:-1])
    with world.invalid(message):
        world.hsm.describe_clusters(NextToken=token + "0")


@pytest.mark.parametrize("kind", ["cluster", "backup"])
def test_k9_a_look_that_is_refused_does_not_count(world: World, kind: str) -> None:
    cluster_id = world.active_cluster(2)
    world.create_hsm(cluster_id, 2)  # and another backup
    state_manager.set_transition(f"cloudhsmv2::{kind}", {"progression": "manual", "times": 3})
    describe = {"cluster": world.hsm.describe_clusters, "backup": world.hsm.describe_backups}[kind]
    member, state = {"cluster": ("Clusters", "State"), "backup": ("Backups", "BackupState")}[kind]
    if kind == "cluster":
        world.create_cluster()
    else:
        world.create_hsm(cluster_id)
    page = describe(MaxResults=1)
    for token in ("x", page["NextToken"][:-1], page["NextToken"] + "0"):
        code, _ = error_of(describe, NextToken=token)
        assert code == "CloudHsmInvalidRequestException"
    states = [{each[state] for each in describe()[member]} for _ in range(2)]
    assert "CREATE_IN_PROGRESS" in states[0]
    assert "CREATE_IN_PROGRESS" not in states[1]

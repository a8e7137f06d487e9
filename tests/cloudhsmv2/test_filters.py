"""Filters of the two listings."""

from __future__ import annotations

import pytest

from .world import World


def test_h2_clusters_are_filtered(world: World) -> None:
    first, second = world.create_cluster(), world.create_cluster()
    world.hsm.delete_cluster(ClusterId=second)

    def found(**filters: list[str]) -> list[str]:
        clusters = world.hsm.describe_clusters(Filters=filters)["Clusters"]
        return [cluster["ClusterId"] for cluster in clusters]

    assert found(clusterIds=[second, first]) == [first, second]
    assert found(clusterIds=["cluster-aaaaaaaaaaa"]) == []
    assert found(vpcIds=[world.vpc_id]) == [first, second]
    assert found(vpcIds=["vpc-12345678"]) == []
    assert found(states=["UNINITIALIZED"]) == [first]
    assert found(states=["DELETED", "ACTIVE"]) == [second]
    assert found(states=[]) == []
    assert found(clusterIds=[first], states=["DELETED"]) == []


def test_k9_unknown_filters_are_refused(world: World) -> None:
    with world.invalid("'subnetIds' is not a filter"):
        world.hsm.describe_clusters(Filters={"subnetIds": ["subnet-1"]})
    with world.invalid("'vpcIds' is not a filter"):
        world.hsm.describe_backups(Filters={"vpcIds": ["vpc-1"]})


@pytest.mark.parametrize("value", ["yes", "", "1"])
def test_k9_never_expires_is_true_or_false(world: World, value: str) -> None:
    with world.invalid("neverExpires"):
        world.hsm.describe_backups(Filters={"neverExpires": [value]})

"""Tags of clusters and backups."""

from __future__ import annotations

import pytest

from .world import World


@pytest.fixture(params=["cluster", "backup"])
def resource_id(world: World, request: pytest.FixtureRequest) -> str:
    cluster_id = world.active_cluster()
    if request.param == "cluster":
        return cluster_id
    return str(world.backups(cluster_id)[0]["BackupId"])


def tags(world: World, resource_id: str) -> dict[str, str]:
    listed = world.hsm.list_tags(ResourceId=resource_id)["TagList"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_h1_tags_are_set_and_removed(world: World, resource_id: str) -> None:
    assert tags(world, resource_id) == {}
    world.hsm.tag_resource(
        ResourceId=resource_id,
        TagList=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": ""}],
    )
    assert list(tags(world, resource_id).items()) == [("a", ""), ("b", "1")]
    world.hsm.tag_resource(ResourceId=resource_id, TagList=[{"Key": "b", "Value": "2"}])
    assert tags(world, resource_id) == {"a": "", "b": "2"}
    world.hsm.untag_resource(ResourceId=resource_id, TagKeyList=["a", "unknown"])
    assert tags(world, resource_id) == {"b": "2"}


def test_k9_reserved_and_repeated_keys(world: World, resource_id: str) -> None:
    for keys in (["aws:x"], ["AWS:x"], ["a", "a"]):
        tag_list = [{"Key": key, "Value": ""} for key in keys]
        with world.refused("CloudHsmTagException"):
            world.hsm.tag_resource(ResourceId=resource_id, TagList=tag_list)
        with world.refused("CloudHsmTagException"):
            world.create_cluster(TagList=tag_list)
    assert tags(world, resource_id) == {}


def test_k9_copy_with_reserved_key(world: World) -> None:
    (backup,) = world.backups(world.active_cluster())
    with world.refused("CloudHsmTagException"):
        world.hsm.copy_backup_to_region(
            DestinationRegion="us-west-2",
            BackupId=backup["BackupId"],
            TagList=[{"Key": "aws:x", "Value": ""}],
        )
    assert World(world.cks, "us-west-2").backups() == []


def test_h1_there_are_50_tags_at_most(world: World, resource_id: str) -> None:
    full = [{"Key": f"key{i}", "Value": ""} for i in range(50)]
    world.hsm.tag_resource(ResourceId=resource_id, TagList=full)
    with world.refused("CloudHsmResourceLimitExceededException"):
        world.hsm.tag_resource(ResourceId=resource_id, TagList=[{"Key": "more", "Value": ""}])
    world.hsm.tag_resource(ResourceId=resource_id, TagList=[{"Key": "key7", "Value": "new"}])
    assert len(tags(world, resource_id)) == 50


@pytest.mark.parametrize("resource_id", ["cluster-aaaaaaaaaaa", "backup-aaaaaaaaaaa"])
def test_h1_tags_need_a_resource(world: World, resource_id: str) -> None:
    for call, parameters in (
        (world.hsm.list_tags, {}),
        (world.hsm.tag_resource, {"TagList": [{"Key": "a", "Value": ""}]}),
        (world.hsm.untag_resource, {"TagKeyList": ["a"]}),
    ):
        with world.not_found(resource_id):
            call(ResourceId=resource_id, **parameters)

"""Resource policies of backups."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .world import World

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def backup(world: World) -> dict[str, Any]:
    return world.backups(world.active_cluster())[0]


def test_h1_policy_is_put_shown_and_deleted(world: World, backup: dict[str, Any]) -> None:
    arn = backup["BackupArn"]

    def members(answer: dict[str, Any]) -> dict[str, Any]:
        return {name: answer[name] for name in answer if name != "ResponseMetadata"}

    assert members(world.hsm.get_resource_policy(ResourceArn=arn)) == {}
    both = {"ResourceArn": arn, "Policy": POLICY}
    assert members(world.hsm.put_resource_policy(**both)) == both
    assert members(world.hsm.get_resource_policy(ResourceArn=arn)) == {"Policy": POLICY}
    assert members(world.hsm.delete_resource_policy(ResourceArn=arn)) == both
    assert members(world.hsm.get_resource_policy(ResourceArn=arn)) == {}
    assert members(world.hsm.delete_resource_policy(ResourceArn=arn)) == {"ResourceArn": arn}


@pytest.mark.parametrize("policy", ["{", "[]", "text", '"x"'])
def test_k9_policy_must_be_json(world: World, backup: dict[str, Any], policy: str) -> None:
    with world.invalid("JSON"):
        world.hsm.put_resource_policy(ResourceArn=backup["BackupArn"], Policy=policy)
    assert "Policy" not in world.hsm.get_resource_policy(ResourceArn=backup["BackupArn"])


def test_k9_arn_and_policy_are_needed(world: World, backup: dict[str, Any]) -> None:
    with world.invalid("Policy must be specified"):
        world.hsm.put_resource_policy(ResourceArn=backup["BackupArn"])
    for call in (
        lambda: world.hsm.put_resource_policy(Policy=POLICY),
        world.hsm.get_resource_policy,
        world.hsm.delete_resource_policy,
    ):
        with world.invalid("ResourceArn must be specified"):
            call()


def test_h1_policies_are_for_backups(world: World, backup: dict[str, Any]) -> None:
    cluster_arn = f"arn:aws:cloudhsm:us-east-1:123456789012:cluster/{backup['ClusterId']}"
    with world.invalid("Only backups"):
        world.hsm.get_resource_policy(ResourceArn=cluster_arn)


def test_h1_policy_needs_a_backup_of_the_account_and_region(
    world: World, other_account: World, backup: dict[str, Any]
) -> None:
    arn = backup["BackupArn"]
    unknown = arn.replace(backup["BackupId"], "backup-aaaaaaaaaaa")
    for wrong in (arn.replace("us-east-1", "us-west-2"), unknown):
        with world.not_found(wrong):
            world.hsm.put_resource_policy(ResourceArn=wrong, Policy=POLICY)
    with other_account.not_found(arn):
        other_account.hsm.get_resource_policy(ResourceArn=arn)


def test_h1_policy_needs_a_ready_backup(world: World, backup: dict[str, Any]) -> None:
    world.hsm.delete_backup(BackupId=backup["BackupId"])
    with world.invalid("must be in state READY"):
        world.hsm.put_resource_policy(ResourceArn=backup["BackupArn"], Policy=POLICY)

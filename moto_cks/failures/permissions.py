"""The HSM ports in the security group of a cluster: closing them, and opening them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.account.network import HSM_PORTS
from moto_cks.failures.records import Direction, Revoked
from moto_cks.failures.scene import Scene, suppress_missing

_MEMBERS = {Direction.INGRESS: "IpPermissions", Direction.EGRESS: "IpPermissionsEgress"}


def close_ports(direction: Direction, scene: Scene) -> None:
    """Revoke the rules of one direction that allow the HSM ports within the group."""
    group = scene.values()["sg"]
    rules = _rules_within(direction, scene, group)
    for rule in rules:
        _caller(scene, "revoke", direction)(GroupId=group, IpPermissions=[rule])
    scene.record.changes.revoked.append(Revoked(group, direction, rules))


def open_ports(direction: Direction, scene: Scene) -> None:
    """Allow what was revoked, or else the HSM ports, within the group."""
    if scene.find(scene.cluster_id) is None:
        return  # its group is deleted with it
    group = scene.values()["sg"]
    revoked = [
        one
        for one in scene.record.changes.revoked
        if one.group_id == group and one.direction is direction
    ]
    rules = [rule for one in revoked for rule in one.rules] or [_standard_rule(group)]
    _allow(direction, scene, group, rules)


def put_back(scene: Scene) -> None:
    """Allow what was revoked; the group may have been deleted with its cluster."""
    for revoked in scene.record.changes.revoked:
        with suppress_missing("InvalidGroup.NotFound"):
            _allow(revoked.direction, scene, revoked.group_id, revoked.rules)
    scene.record.changes.revoked.clear()


def _allow(direction: Direction, scene: Scene, group: str, rules: list[dict[str, Any]]) -> None:
    present = _rules_within(direction, scene, group)
    for rule in rules:
        if not any(_same(rule, other) for other in present):
            _caller(scene, "authorize", direction)(GroupId=group, IpPermissions=[rule])


def _rules_within(direction: Direction, scene: Scene, group: str) -> list[dict[str, Any]]:
    """The rules that allow the members of the group something, and nobody else."""
    (shown,) = scene.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return [
        {**_ports(rule), "UserIdGroupPairs": [{"GroupId": group}]}
        for rule in shown[_MEMBERS[direction]]
        if any(pair.get("GroupId") == group for pair in rule["UserIdGroupPairs"])
    ]


def _ports(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        name: rule[name]
        for name in ("IpProtocol", "FromPort", "ToPort")
        if rule.get(name) is not None
    }


def _same(rule: dict[str, Any], other: dict[str, Any]) -> bool:
    return _ports(rule) == _ports(other)


def _standard_rule(group: str) -> dict[str, Any]:
    return {
        "IpProtocol": "tcp",
        "FromPort": HSM_PORTS[0],
        "ToPort": HSM_PORTS[-1],
        "UserIdGroupPairs": [{"GroupId": group}],
    }


def _caller(scene: Scene, verb: str, direction: Direction) -> Callable[..., Any]:
    call: Callable[..., Any] = getattr(scene.ec2, f"{verb}_security_group_{direction.value}")
    return call

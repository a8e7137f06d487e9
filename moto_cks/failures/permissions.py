"""The HSM ports in the security group of a cluster: closing them, and opening them again."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from moto_cks.account.network import HSM_PORTS
from moto_cks.failures.scene import Scene


class Direction(str, Enum):
    """The direction of the rules of a security group."""

    INGRESS = "ingress"
    EGRESS = "egress"


_MEMBERS = {Direction.INGRESS: "IpPermissions", Direction.EGRESS: "IpPermissionsEgress"}


def close_ports(direction: Direction, scene: Scene) -> None:
    """Revoke the rules of one direction that allow the HSM ports within the group."""
    rules = _rules_within(direction, scene)
    for rule in rules:
        _caller(scene, "revoke", direction)(GroupId=scene.values()["sg"], IpPermissions=[rule])
    scene.record.changes.rules.setdefault(direction.value, []).extend(rules)


def open_ports(direction: Direction, scene: Scene) -> None:
    """Allow what was revoked, or else the HSM ports, within the group."""
    group = scene.values()["sg"]
    present = _rules_within(direction, scene)
    revoked = scene.record.changes.rules.pop(direction.value, None) or [_standard_rule(group)]
    for rule in revoked:
        if not any(_same(rule, other) for other in present):
            _caller(scene, "authorize", direction)(GroupId=group, IpPermissions=[rule])


def _rules_within(direction: Direction, scene: Scene) -> list[dict[str, Any]]:
    """The rules that allow the members of the group something, and nobody else."""
    group = scene.values()["sg"]
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

"""What the HSMs of a cluster hold together, and where they differ.

A property that is not the same on all of them reads ``inconsistent``; see "Client SDK 5 user
contains inconsistent values" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from moto_cks.hsm import KeyObject, User, UserType
from moto_cks.hsm.policies import Service
from moto_cks.hsm.quorum import LIFETIME
from moto_cks.tools.cloudhsm_cli.key_attributes import attributes, reference
from moto_cks.tools.nodes import Node

FULL = "full"
INCONSISTENT = "inconsistent"

ROLES: Mapping[UserType, str] = {
    UserType.PRECO: "unactivated-admin",
    UserType.CO: "admin",
    UserType.CU: "crypto-user",
    UserType.AU: "internal(APPLIANCE_USER)",
}
"""The types of users as the tool shows them."""


def users(nodes: Sequence[Node]) -> list[dict[str, object]]:
    """The users as ``user list`` shows them; those of the service itself come last."""
    accounts = sorted(_accounts(nodes), key=lambda holders: _any(holders).type is UserType.AU)
    return [_user(holders, nodes) for holders in accounts]


def _accounts(nodes: Sequence[Node]) -> list[dict[str, User]]:
    """The users by HSM, one dictionary a user.

    Two users of one name and two types are one whose role differs where no HSM has both.
    """
    found: dict[tuple[UserType, str], dict[str, User]] = {}
    for node in nodes:
        for user in node.hardware.users:
            found.setdefault((user.type, user.name), {})[node.hsm_id] = user
    accounts: list[dict[str, User]] = []
    by_name: dict[str, dict[str, User]] = {}
    for (_, name), holders in found.items():
        other = by_name.get(name)
        if other is not None and other.keys().isdisjoint(holders):
            other.update(holders)
        else:
            by_name[name] = holders
            accounts.append(holders)
    return accounts


def _any(holders: Mapping[str, User]) -> User:
    return next(iter(holders.values()))


def _user(holders: Mapping[str, User], nodes: Sequence[Node]) -> dict[str, object]:
    everywhere = holders.values()
    return {
        "username": _any(holders).name.lower(),
        "role": agreed(ROLES[user.type] for user in everywhere),
        "locked": agreed("true" if user.locked else "false" for user in everywhere),
        "mfa": _token_sign(user.two_factor for user in everywhere),
        "quorum": _token_sign(bool(user.quorum_key) for user in everywhere),
        "cluster-coverage": _coverage(len(holders), nodes),
    }


def _token_sign(enabled: Iterable[bool]) -> list[dict[str, str]]:
    status = agreed("enabled" if on else "" for on in enabled)
    return [{"strategy": "token-sign", "status": status}] if status else []


def agreed(values: Iterable[str]) -> str:
    """What all HSMs say; ``inconsistent`` where they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else INCONSISTENT


def _coverage(holders: int, nodes: Sequence[Node]) -> str:
    return FULL if holders == len(nodes) else INCONSISTENT


def certificate_reference(reference: int) -> str:
    """How a trust anchor is named."""
    return f"0x{reference:02x}"


def trust_anchors(nodes: Sequence[Node]) -> list[dict[str, object]]:
    """The trust anchors of mutual TLS."""
    found: dict[tuple[int, str], int] = {}
    for node in nodes:
        for anchor in node.hardware.policies.trust_anchors.items():
            found[anchor] = found.get(anchor, 0) + 1
    return [
        {
            "certificate-reference": certificate_reference(reference),
            "certificate": certificate,
            "cluster-coverage": _coverage(holders, nodes),
        }
        for (reference, certificate), holders in sorted(found.items())
    ]


def tokens(nodes: Sequence[Node]) -> list[dict[str, object]]:
    """The quorum tokens that wait for signatures."""
    found: dict[tuple[str, Service], list[tuple[int, int]]] = {}
    for node in nodes:
        now = node.hardware.now()
        for token in node.hardware.tokens:
            if token.lives(now):
                needed = node.hardware.policies.quorum_value(token.service)
                seconds = _seconds(token.until, now)
                found.setdefault((token.username, token.service), []).append((needed, seconds))
    return [
        {
            "username": username.lower(),
            "service": service.value,
            "approvals-required": max(needed for needed, _ in told),
            "number-of-approvals": 0,  # they come with the command
            "token-timeout-seconds": min(seconds for _, seconds in told),
            "cluster-coverage": _coverage(len(told), nodes),
        }
        for (username, service), told in sorted(found.items())
    ]


def _seconds(until: datetime | None, now: datetime | None) -> int:
    left = LIFETIME if until is None or now is None else until - now
    return int(left.total_seconds())


def key_summary(key: KeyObject) -> dict[str, object]:
    """A key as ``key list`` shows it."""
    return {"key-reference": reference(key), "attributes": {"label": key.label}}


def key_details(key: KeyObject, nodes: Sequence[Node]) -> dict[str, object]:
    """A key as ``key list --verbose`` shows it."""
    holders = sum(key.handle in node.hardware.keys for node in nodes)
    coverage = _coverage(holders, nodes)
    return {
        "key-reference": reference(key),
        "key-info": {
            "key-owners": [{"username": key.owner.lower(), "key-coverage": coverage}],
            "shared-users": [
                {"username": name.lower(), "key-coverage": coverage}
                for name in sorted(key.shared_with)
            ],
            "key-quorum-values": {"manage-key-quorum-value": 0, "use-key-quorum-value": 0},
            "cluster-coverage": coverage,
        },
        "attributes": attributes(key),
    }

"""What the HSMs of a cluster hold together, and where they differ.

A property that is not the same on all of them reads ``inconsistent``; see "Client SDK 5 user
contains inconsistent values" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from moto_cks.hsm import KeyObject, User, UserType
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
        "role": _agreed(ROLES[user.type] for user in everywhere),
        "locked": _agreed("true" if user.locked else "false" for user in everywhere),
        "mfa": _mfa(user.two_factor for user in everywhere),
        "quorum": [],
        "cluster-coverage": _coverage(len(holders), nodes),
    }


def _mfa(enabled: Iterable[bool]) -> list[dict[str, str]]:
    status = _agreed("enabled" if on else "" for on in enabled)
    return [{"strategy": "token-sign", "status": status}] if status else []


def _agreed(values: Iterable[str]) -> str:
    different = set(values)
    return different.pop() if len(different) == 1 else INCONSISTENT


def _coverage(holders: int, nodes: Sequence[Node]) -> str:
    return FULL if holders == len(nodes) else INCONSISTENT


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

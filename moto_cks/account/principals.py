"""Whether there is a principal: an account, a user, a role.

AWS Identity and Access Management User Guide: "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import re
from typing import Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from moto_cks.world.backends import existing

_ACCOUNT = re.compile(r"[0-9]{12}")
_UNIQUE_ID = re.compile(r"A(IDA|ROA)[A-Z0-9]{12,}")
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>iam|sts)::(?P<account>[0-9]{12}):"
    r"(?P<kind>root|user|role|assumed-role|federated-user)(?P<name>/[\w+=,.@/-]+)?"
)
_KINDS = {
    "iam": frozenset({"root", "user", "role"}),
    # moto's GetCallerIdentity calls whoever is no user of IAM a user of STS.
    "sts": frozenset({"assumed-role", "federated-user", "user"}),
}


def can_be_principal(principal: str, region: str) -> bool:
    """Whether something has the form of a principal of an account.

    Args:
        principal: an account ID, an ARN or the unique ID of a user or role.
        region: where it is named; ARNs have the partition of that.
    """
    if _ACCOUNT.fullmatch(principal) or _UNIQUE_ID.fullmatch(principal):
        return True
    match = _ARN.fullmatch(principal)
    if match is None or match["kind"] not in _KINDS[match["service"]]:
        return False
    whole_account = match["kind"] == "root"
    return match["partition"] == get_partition(region) and whole_account != bool(match["name"])


def exists(principal: str, region: str, account_id: str) -> bool:
    """Whether there is a principal.

    What IAM of this account has is known. Of other accounts, and of sessions, the form has to do.

    Args:
        principal: an account ID, an ARN or the unique ID of a user or role.
        region: where it is named.
        account_id: the account in which it is named.
    """
    match = _ARN.fullmatch(principal) if can_be_principal(principal, region) else None
    if _ACCOUNT.fullmatch(principal):
        return True
    if match is not None and (
        match["account"] != account_id or match["kind"] == "root" or match["service"] == "sts"
    ):
        return True
    iam = existing(iam_backends, account_id, get_partition(region))
    if iam is None:
        return False
    known: list[Any] = [*iam.users.values(), *iam.roles.values()]
    return any(principal in (one.arn, one.id) for one in known)

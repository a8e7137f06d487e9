"""Who calls: the ``userIdentity`` of a record, from moto's IAM and STS.

AWS CloudTrail User Guide: "CloudTrail userIdentity element".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import iso_8601_datetime_without_milliseconds
from moto.iam.models import User, iam_backends, mark_account_as_visited
from moto.sts.models import AssumedRole, STSBackend, sts_backends
from moto.utilities.utils import get_partition

from moto_cks.world.backends import backend_of, existing


@dataclass(frozen=True, eq=False)
class Caller:
    """Whom an access key belongs to.

    Attributes:
        access_key_id: the access key.
        user_name: the user, or the name of the role's session.
        identity: the ``userIdentity`` element.
        user: the IAM user, if it is one.
    """

    access_key_id: str
    user_name: str
    identity: dict[str, Any]
    user: User | None = None

    @property
    def renamed(self) -> bool:
        """Whether the user has another name by now."""
        return self.user is not None and self.user.name != self.user_name


def account_of(access_key_id: str) -> str:
    """The account of an access key; that of moto for one that IAM does not know.

    moto's own look-up makes the IAM of every partition of every account, for every request.
    """
    for account_id, account in list(iam_backends.items()):
        if any(access_key_id in iam.access_keys for iam in list(account.values())):
            return account_id
    return DEFAULT_ACCOUNT_ID


def note_use(account_id: str, region: str, access_key_id: str, service: str) -> None:
    """Tell IAM that an access key is used (GetAccessKeyLastUsed)."""
    iam = existing(iam_backends, account_id, get_partition(region))
    if iam is not None and access_key_id in iam.access_keys:
        mark_account_as_visited(account_id, access_key_id, service, region)


def principal_arn_of(account_id: str, region: str, access_key_id: str) -> str:
    """``aws:PrincipalArn`` of whom an access key belongs to: that of :func:`caller_of`, sooner."""
    partition = get_partition(region)
    sts: STSBackend = backend_of(sts_backends, account_id, partition)
    role = sts.get_assumed_role_from_access_key(access_key_id)
    if role is not None:
        return str(role.role_arn)
    user = backend_of(iam_backends, account_id, partition).get_user_from_access_key_id(
        access_key_id
    )
    return str(user.arn) if user is not None else _stranger(account_id, region, access_key_id)[1]


def caller_of(account_id: str, region: str, access_key_id: str) -> Caller:
    """Whom moto's GetCallerIdentity names for an access key."""
    partition = get_partition(region)
    sts: STSBackend = backend_of(sts_backends, account_id, partition)
    role = sts.get_assumed_role_from_access_key(access_key_id)
    if role is not None:
        return _session(role)
    iam = backend_of(iam_backends, account_id, partition)
    user = iam.get_user_from_access_key_id(access_key_id)
    if user is None:
        principal_id, arn, account = _stranger(account_id, region, access_key_id)
        user_name = arn.rpartition("/")[2]
    else:
        principal_id, arn, account, user_name = user.id, user.arn, user.account_id, user.name
    identity = {
        "type": "IAMUser",
        "principalId": principal_id,
        "arn": arn,
        "accountId": account,
        "accessKeyId": access_key_id,
        "userName": user_name,
    }
    return Caller(access_key_id, user_name, identity, user)


@lru_cache(maxsize=256)
def _stranger(account_id: str, region: str, access_key_id: str) -> tuple[str, str, str]:
    """Whom moto takes somebody for whose access key nobody knows: always the same one."""
    sts: STSBackend = backend_of(sts_backends, account_id, get_partition(region))
    found: tuple[str, str, str] = sts.get_caller_identity(access_key_id, region)
    return found


def _session(role: AssumedRole) -> Caller:
    principal_id = role.user_id
    created = iso_8601_datetime_without_milliseconds(role.access_key.create_date)
    identity = {
        "type": "AssumedRole",
        "principalId": principal_id,
        "arn": role.arn,
        "accountId": role.account_id,
        "accessKeyId": role.access_key_id,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal_id.partition(":")[0],
                "arn": role.role_arn,
                "accountId": role.account_id,
                "userName": role.role_arn.rpartition("/")[2],
            },
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }
    return Caller(role.access_key_id, role.session_name, identity)

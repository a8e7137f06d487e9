"""The crypto user as which KMS is logged in to the HSMs of a key store.

See "The kmsuser crypto user" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/keystore-cloudhsm.html
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from moto_cks.hsm import ClusterSession, Hsm, HsmCluster, ReturnCode, Session, User, UserType
from moto_cks.world import clock

KMSUSER = "kmsuser"

ROTATED_PASSWORD_LENGTH = 32


@dataclass(frozen=True, slots=True)
class KnownPassword:
    """The password of kmsuser as KMS has it, which need not be the right one.

    Attributes:
        value: the password.
        since: since when KMS has it.
        set_by_kms: whether KMS has set it itself; otherwise it was told.
    """

    value: str = field(repr=False)
    since: datetime = field(default_factory=clock.now)
    set_by_kms: bool = False


def log_in(hsms: HsmCluster, password: KnownPassword) -> ClusterSession:
    """Log in to every HSM as kmsuser, who is then nobody else's to use.

    Raises:
        HsmError: what the first HSM that refuses answers.
    """
    return ClusterSession(hsms, UserType.CU, KMSUSER, password.value, exclusive=True)


def refusals(
    hsm: Hsm, password: KnownPassword, without: Collection[Session] = ()
) -> Iterator[ReturnCode]:
    """All that an HSM has against that login; see :meth:`moto_cks.hsm.hsm.Hsm.refusals`."""
    return hsm.refusals(UserType.CU, KMSUSER, password.value, exclusive=True, without=without)


def kmsuser_of(hsm: Hsm) -> User | None:
    """The user on an HSM, if there is one."""
    return hsm.find_user(UserType.CU, KMSUSER)


def is_kmsuser(user: User) -> bool:
    """Whether a user, on an HSM or in a backup, is the one as which KMS logs in."""
    return user.type is UserType.CU and is_kmsusers_name(user.name)


def is_kmsusers_name(name: str) -> bool:
    """Whether a crypto user of that name is it; names are not case-sensitive."""
    return name.lower() == KMSUSER


def new_password() -> KnownPassword:
    """A password that only KMS knows."""
    alphabet = string.ascii_letters + string.digits
    password = "".join(secrets.choice(alphabet) for _ in range(ROTATED_PASSWORD_LENGTH))
    return KnownPassword(password, set_by_kms=True)


def set_password(session: ClusterSession, password: KnownPassword) -> None:
    """Give kmsuser a password, on every HSM."""
    session.change_password(UserType.CU, KMSUSER, password.value)


def log_out(hsms: HsmCluster) -> None:
    """End KMS's login, whoever has noted it: nobody else logs in to have a user for himself."""
    hsms.dismiss_exclusive()

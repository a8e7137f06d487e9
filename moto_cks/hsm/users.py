"""The users of one HSM: their types, passwords, failed logins and lockout.

See "Managing HSM users" and ``changePswd`` in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from moto_cks.enums import StrEnum
from moto_cks.hsm.errors import HsmError, ReturnCode

LOCKOUT_THRESHOLD = 5
"""How many logins with a wrong password lock a user."""

PASSWORD_LENGTH = range(7, 33)
USER_NAME = re.compile(r"[A-Za-z0-9_]{1,31}")

Clock: TypeAlias = Callable[[], "datetime | None"]
"""Tells an HSM the time."""


def no_clock() -> None:
    """The time, for an HSM that was given no clock: what it keeps has none."""


class UserType(StrEnum):
    """What a user of an HSM may do."""

    PRECO = "PRECO"
    """Precrypto officer: exists until the cluster is activated."""
    CO = "CO"
    """Crypto officer: manages users."""
    CU = "CU"
    """Crypto user: owns and uses keys."""
    AU = "AU"
    """Appliance user: clones and synchronizes HSMs for the service."""


MANAGED_USER_TYPES = (UserType.CO, UserType.CU)
"""The users that a crypto officer creates and deletes."""

UserTypeName: TypeAlias = Literal["PRECO", "CO", "CU", "AU"]
"""The same, for type checkers, as users write it."""


@dataclass(slots=True)
class User:
    """A user on one HSM.

    Attributes:
        id: the number that the HSM gave the user.
        type: what the user may do.
        name: unique among the users of its type.
        login_failures: wrong passwords since the last good login (LoginFailureCnt).
        two_factor: whether the user logs in with a second factor, too.
        last_failure: when the last of those wrong passwords came.
        password_since: when the password was set.
        password_set_by: who set it, as ``CO admin``.
        quorum_key: the key with which an officer signs quorum tokens, PEM; ``""`` for none.
    """

    id: int
    type: UserType
    name: str
    login_failures: int = 0
    two_factor: bool = False
    last_failure: datetime | None = None
    password_since: datetime | None = None
    password_set_by: str = ""
    quorum_key: str = field(default="", repr=False)
    _salt: bytes = field(default=b"", repr=False)
    _digest: bytes = field(default=b"", repr=False)

    @property
    def locked(self) -> bool:
        """Whether too many wrong passwords have locked the user on this HSM."""
        return self.login_failures >= LOCKOUT_THRESHOLD

    @property
    def title(self) -> str:
        """The type and the name, as ``CO admin``."""
        return f"{self.type.value} {self.name}"

    def has_password(self, password: str) -> bool:
        """Compare a password; counts nothing."""
        return hmac.compare_digest(self._digest, _digest(self._salt, password))

    def set_password(self, password: str, by: str = "", at: datetime | None = None) -> None:
        """Set a password, unlock the user and clear its count of failures.

        Args:
            password: the new one.
            by: who sets it.
            at: when.

        Raises:
            HsmError: INVALID_PASSWORD.
        """
        if len(password) not in PASSWORD_LENGTH:
            raise HsmError(ReturnCode.INVALID_PASSWORD)
        self._salt = os.urandom(16)
        self._digest = _digest(self._salt, password)
        self.password_since, self.password_set_by = at, by
        self.clear_failures()

    def count_failure(self, at: datetime | None) -> None:
        """Count a login with a wrong password."""
        self.login_failures += 1
        self.last_failure = at

    def clear_failures(self) -> None:
        """Count from the beginning: the user has logged in, or has another password."""
        self.login_failures = 0
        self.last_failure = None

    def copy(self) -> User:
        """The same user for another HSM or a backup; later changes stay apart."""
        return replace(self)


def _digest(salt: bytes, password: str) -> bytes:
    # One round is enough here: the HSM is simulated, the hash only keeps passwords out of dumps.
    return hashlib.sha256(salt + password.encode()).digest()


def new_user(
    user_id: int,
    user_type: UserType,
    name: str,
    password: str,
    by: str = "",
    at: datetime | None = None,
) -> User:
    """A user whose name and password an HSM accepts.

    Args:
        user_id: its number.
        user_type: its type.
        name: its name.
        password: its password.
        by: who makes it.
        at: when.

    Raises:
        HsmError: INVALID_USER_NAME, INVALID_PASSWORD.
    """
    if not USER_NAME.fullmatch(name):
        raise HsmError(ReturnCode.INVALID_USER_NAME)
    user = User(user_id, user_type, name)
    user.set_password(password, by, at)
    return user

"""The users of one HSM: their types, passwords, failed logins and lockout.

See "Managing HSM users" and ``changePswd`` in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field, replace
from enum import Enum

from moto_cks.hsm.errors import HsmError, ReturnCode

LOCKOUT_THRESHOLD = 5
"""How many logins with a wrong password lock a user."""

PASSWORD_LENGTH = range(7, 33)
USER_NAME = re.compile(r"[A-Za-z0-9_]{1,31}")


class UserType(str, Enum):
    """What a user of an HSM may do."""

    PRECO = "PRECO"
    """Precrypto officer: exists until the cluster is activated."""
    CO = "CO"
    """Crypto officer: manages users."""
    CU = "CU"
    """Crypto user: owns and uses keys."""
    AU = "AU"
    """Appliance user: clones and synchronizes HSMs for the service."""


@dataclass(slots=True)
class User:
    """A user on one HSM.

    Attributes:
        id: the number that the HSM gave the user.
        type: what the user may do.
        name: unique among the users of its type.
        login_failures: wrong passwords since the last good login (LoginFailureCnt).
        two_factor: whether the user logs in with a second factor, too.
    """

    id: int
    type: UserType
    name: str
    login_failures: int = 0
    two_factor: bool = False
    _salt: bytes = field(default=b"", repr=False)
    _digest: bytes = field(default=b"", repr=False)

    @property
    def locked(self) -> bool:
        """Whether too many wrong passwords have locked the user on this HSM."""
        return self.login_failures >= LOCKOUT_THRESHOLD

    def has_password(self, password: str) -> bool:
        """Compare a password; counts nothing."""
        return hmac.compare_digest(self._digest, _digest(self._salt, password))

    def set_password(self, password: str) -> None:
        """Set a password, unlock the user and clear its count of failures.

        Raises:
            HsmError: INVALID_PASSWORD.
        """
        if len(password) not in PASSWORD_LENGTH:
            raise HsmError(ReturnCode.INVALID_PASSWORD)
        self._salt = os.urandom(16)
        self._digest = _digest(self._salt, password)
        self.login_failures = 0

    def copy(self) -> User:
        """The same user for another HSM or a backup; later changes stay apart."""
        return replace(self)


def _digest(salt: bytes, password: str) -> bytes:
    # One round is enough here: the HSM is simulated, the hash only keeps passwords out of dumps.
    return hashlib.sha256(salt + password.encode()).digest()


def new_user(user_id: int, user_type: UserType, name: str, password: str) -> User:
    """A user whose name and password an HSM accepts.

    Raises:
        HsmError: INVALID_USER_NAME, INVALID_PASSWORD.
    """
    if not USER_NAME.fullmatch(name):
        raise HsmError(ReturnCode.INVALID_USER_NAME)
    user = User(user_id, user_type, name)
    user.set_password(password)
    return user

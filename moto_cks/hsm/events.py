"""What an HSM tells whoever observes it: logins and changes of users, never a password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from moto_cks.hsm.errors import ReturnCode
from moto_cks.hsm.users import UserType


class Action(Enum):
    """What a user has done, or what has been done to a user; the value says it in words."""

    LOGGED_IN = "logged in"
    REFUSED = "was refused"
    LOGGED_OUT = "logged out"
    CREATED = "was created"
    DELETED = "was deleted"
    PASSWORD_CHANGED = "has another password"


@dataclass(frozen=True)
class HsmEvent:
    """Something that has happened to a user of an HSM.

    Attributes:
        hsm_id: on which HSM.
        user_type: the type of the user.
        user_name: its name.
        action: what has happened.
        code: why a login was refused.
        failures: how many wrong passwords there have been since the last good login.
        slow: whether the user's logins take long, since the password is too old for these HSMs.
    """

    hsm_id: str
    user_type: UserType
    user_name: str
    action: Action
    code: ReturnCode | None = None
    failures: int = 0
    slow: bool = False


Observer: TypeAlias = Callable[[HsmEvent], None]


def ignore(event: HsmEvent) -> None:
    """Observe nothing."""

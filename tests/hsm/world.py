"""What several tests of the hardware ask."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from moto_cks.hsm import Hsm, HsmError, ReturnCode, User, UserType
from tests.moments import NOON


class Watch:
    """A clock that a test sets and moves."""

    def __init__(self) -> None:
        self.time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time

    def advance(self, minutes: int) -> None:
        self.time += timedelta(minutes=minutes)


@contextlib.contextmanager
def refused(code: ReturnCode) -> Iterator[None]:
    """The command inside is refused with this code."""
    with pytest.raises(HsmError) as caught:
        yield
    assert caught.value.code is code


def fail_login(hsm: Hsm, times: int = 1, user_type: UserType = UserType.CU) -> None:
    """Log in with a wrong password, so and so often."""
    name = "kmsuser" if user_type is UserType.CU else "admin"
    for _ in range(times):
        with refused(ReturnCode.AUTHENTICATION_FAILED):
            hsm.login(user_type, name, "wrongPswd")


def kmsuser(hsm: Hsm) -> User:
    return hsm.user(UserType.CU, "kmsuser")


def names(hsm: Hsm) -> list[tuple[str, str]]:
    return [(user.type.value, user.name) for user in hsm.users]

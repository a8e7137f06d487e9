"""Interrupted while moto makes the backends of a world, nothing of it is left in the next one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from moto.core import base_backend

from moto_cks import Cks, mock_cks
from moto_cks.consumers import exchange
from tests.aws import client, error_of

FILES = (base_backend.__file__, exchange.__file__)


class Interruption(KeyboardInterrupt):
    """What is raised."""


class Interrupter:
    """Raises when the n-th function of moto's backends, or of what they tell, begins or ends."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event in ("call", "return") and frame.f_code.co_filename in FILES:
            self.left -= 1
            if self.left == 0:
                raise Interruption


def fails(cks: Cks) -> None:
    cks.faults.fail("kms:ListAliases", "KMSInternalException", times=None)


def has_a_key(cks: Cks) -> None:
    client("kms").create_key()


def interrupted(number: int, use: Callable[[Cks], None]) -> bool:
    """Use a mock that is interrupted at a point, and once more; gives whether there is a point."""
    with mock_cks() as cks:
        interrupter = Interrupter(number)
        sys.setprofile(interrupter)
        try:
            use(cks)
        except Interruption:
            pass
        finally:
            sys.setprofile(None)
        use(cks)
    return interrupter.left <= 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("use", [fails, has_a_key])
def test_m3_nothing_is_left_for_the_next_world(use: Callable[[Cks], None]) -> None:
    number = 1
    while interrupted(number, use):
        with mock_cks() as cks:
            kms = client("kms")
            assert kms.list_keys()["Keys"] == []
            assert kms.list_aliases()["Aliases"] is not None
            fails(cks)
            assert error_of(kms.list_aliases)[0] == "KMSInternalException"
        number += 1
    assert number > 5

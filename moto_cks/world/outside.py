"""Waiting for somebody outside of the world, without holding up everybody in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from moto_cks.world.identity import identity
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch

Result = TypeVar("Result")


def outside(call: Callable[[], Result]) -> Result:
    """Call something while this thread does not hold the lock of the world.

    Whoever comes back finds a world in which anything may have happened meanwhile.

    Args:
        call: what waits for somebody; its result is given on.

    Raises:
        RuntimeError: the world in which this was called is over.
    """
    run = identity().run
    let_go: list[None] = []
    try:
        _let_go(let_go)
        result = call()
    finally:
        try:
            _take_back(let_go)
        except BaseException:
            _take_back(let_go)  # interrupted there: the callers let go as often as they took it
            raise
    if not switch.on or identity().run != run:
        raise RuntimeError("The world in which this call was made is over.")
    return result


def _let_go(times: list[None]) -> None:
    """Release the lock as often as this thread has it, with an entry for each time."""
    while True:
        try:
            WORLD.release()
        except RuntimeError:  # it is not this thread's any more
            return
        times.append(None)


def _take_back(times: list[None]) -> None:
    """Take the lock once for each entry; who was interrupted in that can do it again."""
    _let_go(times)
    while times:
        WORLD.acquire()
        times.pop()

"""Waiting for somebody outside of the world, without holding up everybody in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moto_cks.world.identity import identity
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch


@contextmanager
def outside() -> Iterator[None]:
    """A context in which this thread does not hold the lock of the world, however often it took it.

    Whoever comes back finds a world in which anything may have happened meanwhile.

    Raises:
        RuntimeError: on leaving: the world in which this was entered is over.
    """
    run, depth = identity().run, _let_go()
    try:
        yield
    finally:
        for _ in range(depth):
            WORLD.acquire()
        if not switch.on or identity().run != run:
            raise RuntimeError("The world in which this call was made is over.")


def _let_go() -> int:
    """Release the lock as often as this thread has it, and return how often that was."""
    depth = 0
    while True:
        try:
            WORLD.release()
        except RuntimeError:  # it is not this thread's any more
            return depth
        depth += 1

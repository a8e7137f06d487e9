"""The world as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.handle.cks import LOCAL
from moto_cks.world.identity import identity
from moto_cks.world.lock import WORLD


def get_world() -> dict[str, Any]:
    """Which world this is."""
    with WORLD:
        now = identity()
        return {"id": now.moments[-1], "moments": list(now.moments), "run": now.run}


def reset_world() -> None:
    """Begin a fresh world."""
    LOCAL.reset()


OPERATIONS: dict[str, Callable[..., Any]] = {
    "get_world": get_world,
    "reset_world": reset_world,
}

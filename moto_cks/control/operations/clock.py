"""The clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.control.specification import read_time
from moto_cks.handle.cks import LOCAL


def get_clock() -> dict[str, Any]:
    """The simulated time."""
    return {"now": LOCAL.clock.now().isoformat()}


def advance_clock(**step: float) -> dict[str, Any]:
    """Let time pass."""
    return {"now": LOCAL.clock.advance(**step).isoformat()}


def advance_clock_to(moment: str) -> dict[str, Any]:
    """Let time pass until a moment."""
    return {"now": LOCAL.clock.advance_to(read_time(moment)).isoformat()}


OPERATIONS: dict[str, Callable[..., Any]] = {
    "get_clock": get_clock,
    "advance_clock": advance_clock,
    "advance_clock_to": advance_clock_to,
}

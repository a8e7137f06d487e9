"""The documented failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.handle.cks import LOCAL
from moto_cks.handle.protocols.failures import Happening


def list_failures(
    rows: list[str] | None = None, since: str | None = None, recoverable: bool | None = None
) -> dict[str, Any]:
    """The table, or a part of it."""
    chosen = LOCAL.failures.where(rows=rows, since=since, recoverable=recoverable)
    return {"failures": [failure.to_dict() for failure in chosen.values()]}


def get_failure(name: str) -> dict[str, Any]:
    """A documented failure."""
    return LOCAL.failures[name].to_dict()


def list_happening() -> dict[str, Any]:
    """What happens now."""
    return {"happening": [_show(happening) for happening in LOCAL.failures.happening()]}


def bring_about(name: str, key_store_id: str, **choice: str) -> dict[str, Any]:
    """Bring a failure about."""
    return _show(LOCAL.failures[name].happen(key_store_id, **choice))


def repair(name: str, key_store_id: str, **choice: str) -> None:
    """Repair a failure."""
    LOCAL.failures[name].repair(key_store_id, **choice)


def list_steps(name: str, key_store_id: str, **choice: str) -> dict[str, Any]:
    """The steps of a repair for a key store."""
    steps = LOCAL.failures[name].steps(key_store_id, **choice)
    return {"steps": [instruction.to_dict() for instruction in steps]}


def carry_out_step(name: str, number: int, key_store_id: str) -> dict[str, Any]:
    """Carry out one step of a repair."""
    return {"over": LOCAL.failures[name].carry_out(key_store_id, number)}


def _show(happening: Happening) -> dict[str, Any]:
    return {
        "failure": happening.failure.name,
        "variant": happening.variant,
        "key_store_id": happening.key_store_id,
        "key_ids": list(happening.key_ids),
        "since": happening.since.isoformat(),
        "refusals": {name: refusal.to_dict() for name, refusal in happening.refusals.items()},
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_failures": list_failures,
    "get_failure": get_failure,
    "list_happening": list_happening,
    "bring_about": bring_about,
    "repair": repair,
    "list_steps": list_steps,
    "carry_out_step": carry_out_step,
}

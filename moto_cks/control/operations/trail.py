"""What CloudTrail has recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.handle.cks import LOCAL


def list_events(succeeded: bool | None = None, **filters: str) -> dict[str, Any]:
    chosen: dict[str, Any] = dict(filters)
    if succeeded is not None and "error_code" in filters:
        raise ValueError("error_code says already whether the calls succeeded.")
    if succeeded:
        chosen["error_code"] = None
    events = LOCAL.trail.events(**chosen)
    if succeeded is False:
        events = [event for event in events if "errorCode" in event]
    return {"events": events}


def deliver_events() -> None:
    LOCAL.trail.deliver()


OPERATIONS: dict[str, Callable[..., Any]] = {
    "list_events": list_events,
    "deliver_events": deliver_events,
}

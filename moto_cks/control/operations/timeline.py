"""The timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.control.specification import read_time
from moto_cks.handle.cks import LOCAL
from moto_cks.world.journal import Entry


def list_timeline(since: str | None = None, **filters: Any) -> dict[str, Any]:
    """What has happened."""
    moment = None if since is None else read_time(since)
    entries = LOCAL.timeline.entries(since=moment, **filters)
    return {"entries": [_show(entry) for entry in entries]}


def _show(entry: Entry) -> dict[str, Any]:
    return {
        "time": entry.time.isoformat(),
        "number": entry.number,
        "kind": entry.kind.value,
        "subject": entry.subject,
        "what": entry.what,
    }


OPERATIONS: dict[str, Callable[..., Any]] = {"list_timeline": list_timeline}

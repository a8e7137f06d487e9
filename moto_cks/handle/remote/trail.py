"""``cks.trail`` on a world in another process."""

from __future__ import annotations

from typing import Any

from moto_cks.handle.protocols.trail import Trail, check_filters
from moto_cks.handle.remote.wire import Wire


class RemoteTrail(Trail):
    """What CloudTrail has recorded; see :class:`moto_cks.handle.protocols.trail.Trail`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def events(self, **filters: str | None) -> list[dict[str, Any]]:
        check_filters(filters)
        query = {name: value for name, value in filters.items() if value is not None}
        nothing = [name for name, value in filters.items() if value is None]
        if nothing == ["error_code"]:
            query["succeeded"] = "true"
        elif nothing:
            return []  # every record has an account, a Region, a source and a name
        events: list[dict[str, Any]] = self._wire.get("trail", "events", query=query)["events"]
        return events

    def deliver(self) -> None:
        self._wire.post("trail", "deliver")

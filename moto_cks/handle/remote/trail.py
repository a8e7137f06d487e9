"""``cks.trail`` on a world in another process."""

from __future__ import annotations

from typing import Any

from moto_cks.handle.protocols.trail import ANY, ErrorCode, Trail
from moto_cks.handle.remote.wire import Wire, given


class RemoteTrail(Trail):
    """What CloudTrail has recorded; see :class:`moto_cks.handle.protocols.trail.Trail`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def events(
        self,
        *,
        event_name: str | None = None,
        event_source: str | None = None,
        region: str | None = None,
        account_id: str | None = None,
        error_code: ErrorCode = ANY,
    ) -> list[dict[str, Any]]:
        query = given(
            event_name=event_name, event_source=event_source, region=region, account_id=account_id
        )
        if error_code is None:
            query["succeeded"] = "true"
        elif error_code is not ANY:
            query["error_code"] = error_code
        events: list[dict[str, Any]] = self._wire.get("trail", "events", query=query)["events"]
        return events

    def deliver(self) -> None:
        self._wire.post("trail", "deliver")

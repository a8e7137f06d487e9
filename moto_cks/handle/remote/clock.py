"""``cks.clock`` on a world in another process."""

from __future__ import annotations

from datetime import datetime, timezone

from moto_cks.handle.protocols.clock import Clock
from moto_cks.handle.remote.wire import Wire


class RemoteClock(Clock):
    """The clock; see :class:`moto_cks.handle.protocols.clock.Clock`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def now(self) -> datetime:
        return datetime.fromisoformat(self._wire.get("clock")["now"])

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        # Only the sum must not be negative.
        step = {"seconds": seconds + 60 * (minutes + 60 * (hours + 24 * days))}
        return datetime.fromisoformat(self._wire.post("clock", "advance", body=step)["now"])

    def advance_to(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        body = {"moment": moment.isoformat()}
        return datetime.fromisoformat(self._wire.post("clock", "advance-to", body=body)["now"])

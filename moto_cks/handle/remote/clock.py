"""``cks.clock`` on a world in another process."""

from __future__ import annotations

from datetime import datetime, timedelta

from moto_cks.handle.protocols.clock import Clock, moment_of, step_of
from moto_cks.handle.remote.wire import Wire


class RemoteClock(Clock):
    """The clock; see :class:`moto_cks.handle.protocols.clock.Clock`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def now(self) -> datetime:
        return datetime.fromisoformat(self._wire.get("clock")["now"])

    def advance(
        self,
        step: timedelta | None = None,
        /,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        whole = step_of(step, days=days, hours=hours, minutes=minutes, seconds=seconds)
        body = {"seconds": whole.total_seconds()}
        return datetime.fromisoformat(self._wire.post("clock", "advance", body=body)["now"])

    def advance_to(self, moment: datetime | str) -> datetime:
        body = {"moment": moment_of(moment).isoformat()}
        return datetime.fromisoformat(self._wire.post("clock", "advance-to", body=body)["now"])

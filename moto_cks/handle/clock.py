"""``cks.clock`` on the world in this process."""

from __future__ import annotations

from datetime import datetime, timedelta

from moto_cks.handle.presence import require_mock
from moto_cks.handle.protocols.clock import Clock, moment_of, step_of
from moto_cks.world.clock import BEYOND_THE_END, END, keep_appointments, now, pass_time
from moto_cks.world.journal import Kind, note
from moto_cks.world.lock import WORLD


class LocalClock(Clock):
    """The clock, which notes in the journal that a test lets time pass."""

    def now(self) -> datetime:
        require_mock()
        return now()

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
        require_mock()
        return _advance(step_of(step, days=days, hours=hours, minutes=minutes, seconds=seconds))

    def advance_to(self, moment: datetime | str) -> datetime:
        require_mock()
        return _advance(step_of(moment_of(moment) - now()))


def _advance(step: timedelta) -> datetime:
    with WORLD:
        # The other way round it could overflow.
        if step > END - now():
            raise ValueError(BEYOND_THE_END)
        note(Kind.CLOCK, "", f"{step} pass")
        pass_time(step)
        keep_appointments()
        return now()

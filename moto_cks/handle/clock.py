"""``cks.clock`` on the world in this process."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from moto_cks.handle.protocols.clock import Clock
from moto_cks.world.clock import BEYOND_THE_END, END, keep_appointments, now, pass_time
from moto_cks.world.journal import Kind, note
from moto_cks.world.lock import WORLD


class LocalClock(Clock):
    """The clock, which notes in the journal that a test lets time pass."""

    def now(self) -> datetime:
        return now()

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError:
            raise ValueError(BEYOND_THE_END) from None
        if step < timedelta():
            raise ValueError("The simulated clock cannot be turned back.")
        with WORLD:
            # The other way round it could overflow.
            if step > END - now():
                raise ValueError(BEYOND_THE_END)
            note(Kind.CLOCK, "", f"{step} pass")
            pass_time(step)
            keep_appointments()
            return now()

    def advance_to(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return self.advance(seconds=(moment - now()).total_seconds())

"""The simulated clock: the only source of time of this package, and what falls due on it.

It is moto's time, so that freezegun and time-machine move it, plus what a test has advanced.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from moto.core import utils as moto_utils
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.backends import backend_of
from moto_cks.locking import WORLD
from moto_cks.timeline.entries import Kind, note

END = datetime(9000, 1, 1, tzinfo=timezone.utc)
"""Where the simulated clock ends: what is due long after it can still be written as a date."""

BEYOND_THE_END = f"The simulated clock ends with the year {END.year - 1}."


@dataclass(order=True)
class Appointment:
    """Something that falls due at a moment; what falls due first comes first.

    Attributes:
        due: when.
        number: the order of what falls due at the same moment.
    """

    due: datetime
    number: int
    action: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Make nothing of it."""
        self.action = None


class ClockBackend(BaseBackend):
    """How far the clock has been advanced, and what is to come.

    A backend, so that moto's reset puts the clock back and forgets all appointments.

    Attributes:
        advanced: what tests have added to moto's time.
        present: the moment of the appointment that is being kept.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.advanced = timedelta()
        self.present: datetime | None = None
        self.appointments: list[Appointment] = []
        self.numbers = itertools.count()


clock_backends = BackendDict(
    ClockBackend, "cks", use_boto3_regions=False, additional_regions=["aws"]
)


def _backend() -> ClockBackend:
    return backend_of(clock_backends, DEFAULT_ACCOUNT_ID, "aws")


def now() -> datetime:
    """The simulated time, an aware datetime in UTC.

    To what falls due it is the moment at which it does, also when time has moved on in one step.
    """
    backend = _backend()
    return backend.present or _time(backend)


def _time(backend: ClockBackend) -> datetime:
    return moto_utils.utcnow().replace(tzinfo=timezone.utc) + backend.advanced


def timestamp() -> float:
    """The simulated time in seconds since the epoch, as the AWS APIs show it."""
    return now().timestamp()


def at(due: datetime, action: Callable[[], None]) -> Appointment:
    """Have something done at a moment, or as soon as somebody looks after it.

    Args:
        due: when, an aware datetime.
        action: what; it may make appointments of its own.

    Returns:
        The appointment, which can be cancelled.
    """
    backend = _backend()
    appointment = Appointment(due, next(backend.numbers), action)
    heapq.heappush(backend.appointments, appointment)
    return appointment


def keep_appointments() -> datetime:
    """Do what has fallen due, in the order of time, each once.

    Called whenever time has been moved, and before each call that would see a difference: the time
    may have been moved by another tool.

    Returns:
        The simulated time after that.
    """
    backend = _backend()
    if backend.present is not None:
        return backend.present  # an appointment looks at the world
    until = _time(backend)
    if not backend.appointments or backend.appointments[0].due > until:
        return until
    try:
        while backend.appointments and backend.appointments[0].due <= until:
            appointment = heapq.heappop(backend.appointments)
            if appointment.action is not None:
                backend.present = appointment.due
                appointment.action()
    finally:
        backend.present = None
    return until


class Clock:
    """The clock as the tests see it (``cks.clock``)."""

    def now(self) -> datetime:
        """The simulated time, an aware datetime in UTC."""
        return now()

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        """Let time pass; what falls due meanwhile is done, in the order of time.

        Returns:
            The new time.

        Raises:
            ValueError: time does not run backwards.
        """
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
            note(now(), Kind.CLOCK, "", f"{step} pass")
            _backend().advanced += step
            keep_appointments()
            return now()

    def advance_to(self, moment: datetime) -> datetime:
        """Let time pass until a moment.

        Args:
            moment: when; without a time zone it is taken as UTC.

        Returns:
            The new time.

        Raises:
            ValueError: time does not run backwards.
        """
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return self.advance(seconds=(moment - now()).total_seconds())

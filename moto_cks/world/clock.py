"""The simulated clock: the only source of time of this package, and what falls due on it.

It is moto's time, so that freezegun and time-machine move it, plus what a test has advanced.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.core.base_backend import BaseBackend

from moto_cks.world.backends import WorldState
from moto_cks.world.identity import Doer, doer

END = datetime(9000, 1, 1, tzinfo=timezone.utc)
"""Where the simulated clock ends: what is due long after it can still be written as a date."""

BEYOND_THE_END = f"The simulated clock ends with the year {END.year - 1}."


@dataclass(order=True)
class Appointment:
    """Something that falls due at a moment; what falls due first comes first.

    Attributes:
        due: when.
        number: the order of what falls due at the same moment.
        action: what is done; ``None`` for nothing.
        arguments: of the action.
    """

    due: datetime
    number: int
    action: Callable[..., None] | None = field(compare=False)
    arguments: tuple[Any, ...] = field(default=(), compare=False)

    def cancel(self) -> None:
        """Make nothing of it."""
        self.action = None


class ClockBackend(BaseBackend):
    """How far the clock has been advanced, and what is to come.

    A backend, so that moto's reset puts the clock back and forgets all appointments.

    Attributes:
        advanced: what tests have added to moto's time.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.advanced = timedelta()
        self._keeping: tuple[datetime, Doer] | None = None
        self.appointments: list[Appointment] = []
        self.numbers = itertools.count()

    @property
    def present(self) -> datetime | None:
        """The moment of the appointment that is being kept, in this process and this world."""
        kept = self._keeping
        return kept[0] if kept is not None and kept[1] == doer() else None

    def keep(self, moment: datetime | None) -> None:
        """Begin to keep the appointments of a moment; ``None`` for the end of that."""
        self._keeping = None if moment is None else (moment, doer())


_backend = WorldState(ClockBackend)


def now() -> datetime:
    """The simulated time, an aware datetime in UTC.

    To what falls due it is the moment at which it does, also when time has moved on in one step.
    """
    backend = _backend()
    return backend.present or _time(backend)


def reached() -> datetime:
    """The simulated time that the clock has got to; what falls due on the way lies behind it."""
    return _time(_backend())


def _time(backend: ClockBackend) -> datetime:
    # As moto's utcnow, without what that does besides, several times a call.
    return datetime.now(timezone.utc) + backend.advanced


def pass_time(step: timedelta) -> None:
    """Let time pass; :func:`keep_appointments` does what falls due meanwhile."""
    _backend().advanced += step


def set_to(moment: datetime) -> None:
    """Set the clock to a moment, also one that lies behind; nothing falls due by that."""
    backend = _backend()
    backend.advanced += moment - _time(backend)


def timestamp() -> float:
    """The simulated time in seconds since the epoch, as the AWS APIs show it."""
    return now().timestamp()


def at(due: datetime, action: Callable[..., None], *arguments: Any) -> Appointment:
    """Have something done at a moment, or as soon as somebody looks after it.

    Args:
        due: when, an aware datetime.
        action: what; it may make appointments of its own, and is done again where it was
            interrupted. A method that snapshots know (:mod:`moto_cks.snapshots.methods`).
        arguments: of the action.

    Returns:
        The appointment, which can be cancelled.
    """
    backend = _backend()
    appointment = Appointment(due, next(backend.numbers), action, arguments)
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
            appointment = backend.appointments[0]
            if appointment.action is None:
                heapq.heappop(backend.appointments)
                continue
            backend.keep(appointment.due)
            _keep(appointment)
    finally:
        backend.keep(None)
    return until


def _keep(appointment: Appointment) -> None:
    """Keep an appointment; one that is interrupted is kept again, by who looks next."""
    assert appointment.action is not None
    try:
        appointment.action(*appointment.arguments)
    except Exception:
        appointment.cancel()
        raise
    appointment.cancel()

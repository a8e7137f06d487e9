"""``cks.clock``: the simulated clock as the tests see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta, timezone

from dateutil.parser import isoparse

from moto_cks.world.clock import BEYOND_THE_END


class Clock(ABC):
    """The clock as the tests see it (``cks.clock``)."""

    @abstractmethod
    def now(self) -> datetime:
        """The simulated time, an aware datetime in UTC.

        Raises:
            RuntimeError: the mock is not on.
        """

    @abstractmethod
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
        """Let time pass; what falls due meanwhile is done, in the order of time.

        Args:
            step: how much.
            days: so many days more; and so on.
            hours: hours.
            minutes: minutes.
            seconds: seconds.

        Returns:
            The new time.

        Raises:
            ValueError: time does not run backwards, and it ends with the year 8999.
            TypeError: that is no timedelta, or no number.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def advance_to(self, moment: datetime | str) -> datetime:
        """Let time pass until a moment.

        Args:
            moment: when, a datetime or ISO 8601 as ``2026-03-01T12:00:00Z``; without a time zone
                it is taken as UTC.

        Returns:
            The new time.

        Raises:
            ValueError: time does not run backwards, and it ends with the year 8999; or the string
                is not ISO 8601.
            TypeError: it is neither a datetime nor a string.
            RuntimeError: the mock is not on.
        """


def step_of(step: timedelta | None, **parts: float) -> timedelta:
    """How much time is to pass.

    Raises:
        ValueError: more than there is, or less than none.
        TypeError: that is no timedelta, or no number.
    """
    if step is not None and not isinstance(step, timedelta):
        raise TypeError(
            f"The clock is advanced by a timedelta, or by {_parts(parts)}, not by {step!r}."
        )
    for name, value in parts.items():
        # Whoever says True or nan has something else in mind.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            raise TypeError(f"{name} is a number, not {value!r}.")
    try:
        whole = (step or timedelta()) + timedelta(**parts)
    except OverflowError:
        raise ValueError(BEYOND_THE_END) from None
    if whole < timedelta():
        raise ValueError("The simulated clock cannot be turned back.")
    return whole


def _parts(parts: dict[str, float]) -> str:
    *most, last = (f"{name}=" for name in parts)
    return f"{', '.join(most)} and {last}"


def moment_of(moment: datetime | str) -> datetime:
    """A moment, an aware datetime.

    Raises:
        ValueError: the string is not ISO 8601.
        TypeError: it is neither a datetime nor a string.
    """
    read = moment
    if isinstance(moment, str):
        try:
            read = isoparse(moment)
        except ValueError:
            raise ValueError(
                f"A moment is written in ISO 8601 as 2026-03-01T12:00:00Z, not {moment!r}."
            ) from None
    if not isinstance(read, datetime):
        raise TypeError(f"A moment is a datetime or ISO 8601, not {moment!r}.")
    return read if read.tzinfo is not None else read.replace(tzinfo=timezone.utc)

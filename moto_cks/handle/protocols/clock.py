"""``cks.clock``: the simulated clock as the tests see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime


class Clock(ABC):
    """The clock as the tests see it (``cks.clock``)."""

    @abstractmethod
    def now(self) -> datetime:
        """The simulated time, an aware datetime in UTC."""

    @abstractmethod
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

    @abstractmethod
    def advance_to(self, moment: datetime) -> datetime:
        """Let time pass until a moment.

        Args:
            moment: when; without a time zone it is taken as UTC.

        Returns:
            The new time.

        Raises:
            ValueError: time does not run backwards.
        """

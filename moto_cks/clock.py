"""The simulated clock: the only source of time of this package.

It is moto's time, so that freezegun and time-machine move it, plus what a test has advanced.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from moto.core import utils as moto_utils
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.models import DEFAULT_ACCOUNT_ID


class ClockBackend(BaseBackend):
    """How far the clock has been advanced. A backend, so that moto's reset puts it back."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.advanced = timedelta()


clock_backends = BackendDict(
    ClockBackend, "cks", use_boto3_regions=False, additional_regions=["aws"]
)


def _backend() -> ClockBackend:
    return clock_backends[DEFAULT_ACCOUNT_ID]["aws"]


def now() -> datetime:
    """The simulated time, an aware datetime in UTC."""
    return moto_utils.utcnow().replace(tzinfo=timezone.utc) + _backend().advanced


def timestamp() -> float:
    """The simulated time in seconds since the epoch, as the AWS APIs show it."""
    return now().timestamp()


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
        """Let time pass.

        Returns:
            The new time.

        Raises:
            ValueError: time does not run backwards.
        """
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step < timedelta():
            raise ValueError("The simulated clock cannot be turned back.")
        _backend().advanced += step
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

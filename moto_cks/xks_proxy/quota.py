"""The request quota of a path prefix: so many requests a second."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from moto_cks.xks_proxy.values import is_whole

SECOND = timedelta(seconds=1)


class Quota:
    """Lets so many requests pass in any second.

    Args:
        requests_per_second: how many; ``None`` for any number.

    Raises:
        ValueError: that is no whole number from 1 on.
    """

    def __init__(self, requests_per_second: int | None = None) -> None:
        if requests_per_second is not None and not _is_quota(requests_per_second):
            raise ValueError(f"A quota is a whole number from 1 on, not {requests_per_second}.")
        self.requests_per_second = requests_per_second
        self._passed: deque[datetime] = deque()

    def passes(self, now: datetime) -> bool:
        """Whether a request passes; if so, it counts."""
        if self.requests_per_second is None:
            return True
        while self._passed and not timedelta() <= now - self._passed[0] < SECOND:
            self._passed.popleft()  # also what was to come, where the clock has been put back
        if len(self._passed) >= self.requests_per_second:
            return False
        self._passed.append(now)
        return True


def _is_quota(number: int) -> bool:
    return is_whole(number) and number >= 1

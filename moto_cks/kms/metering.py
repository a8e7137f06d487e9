"""How often KMS keys are used and key stores throttled, counted by the minute for CloudWatch.

AWS KMS Developer Guide: "Monitor KMS keys with Amazon CloudWatch". Every use of a key comes here,
so it is only counted; the data are put together when somebody asks CloudWatch.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

KEPT = timedelta(days=14)
"""How long the counts are kept: AWS says two weeks."""

_MINUTES_KEPT = int(KEPT.total_seconds()) // 60
_TIDY_FROM = _MINUTES_KEPT + 1440

Counted: TypeAlias = tuple[str, ...]
"""What is counted: the name of the metric and the values of its dimensions, in the order of
:data:`DIMENSIONS`."""

Minutes: TypeAlias = dict[int, int]
"""How often something was in a minute, by minutes since the epoch."""

SUCCESSFUL_REQUEST = "SuccessfulRequest"

DIMENSIONS = {
    (SUCCESSFUL_REQUEST, 2): ("Operation", "KeyArn"),
    (SUCCESSFUL_REQUEST, 3): ("Operation", "SourceKeyArn", "DestinationKeyArn"),
}
"""The dimensions of a metric, by its name and how many it has."""

THROTTLING_DIMENSIONS = ("CustomKeyStoreId", "KmsOperation", "KeySpec")
"""Those of the metrics of throttling, which each type of key store has under a name of its own."""


def dimensions_of(counted: Counted) -> dict[str, str]:
    """The dimensions of what is counted, by name."""
    name, *values = counted
    names = DIMENSIONS.get((name, len(values)), THROTTLING_DIMENSIONS)
    return dict(zip(names, values, strict=True))


class Meter:
    """What KMS counts in one account and Region."""

    def __init__(self) -> None:
        self._counts: dict[Counted, Minutes] = {}

    def count(self, counted: Counted, now: datetime) -> None:
        """Count something that happens now.

        Args:
            counted: what.
            now: when, an aware datetime.
        """
        minutes = self._counts.get(counted)
        if minutes is None:
            minutes = self._counts[counted] = {}
        minute = int(now.timestamp()) // 60
        if minute in minutes:
            minutes[minute] += 1
        else:
            if len(minutes) >= _TIDY_FROM:
                _tidy(minutes, minute)
            minutes[minute] = 1

    def counts(self, now: datetime) -> dict[Counted, Minutes]:
        """What was counted in the last two weeks.

        Args:
            now: an aware datetime.
        """
        minute = int(now.timestamp()) // 60
        for minutes in self._counts.values():
            _tidy(minutes, minute)
        self._counts = {counted: minutes for counted, minutes in self._counts.items() if minutes}
        return self._counts


def _tidy(minutes: Minutes, now: int) -> None:
    for minute in [each for each in minutes if each < now - _MINUTES_KEPT]:
        del minutes[minute]

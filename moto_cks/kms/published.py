"""What KMS publishes to CloudWatch again and again of key stores that are connected.

AWS KMS Developer Guide: "Monitor KMS keys with Amazon CloudWatch". How often is not documented;
here it is with the health checks. What is published is written down where it changes, and the data
points are put together when somebody asks for them: however far the clock goes in one step, none
is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

EVERY = 5
"""The minutes between two data points."""

_DAY = 24 * 60 * 60


class Value(Protocol):
    """A value that may change by itself."""

    def at(self, seconds: float) -> float:
        """The value at a time, in seconds since the epoch."""
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """A value that stays as it is."""

    number: float

    def at(self, seconds: float) -> float:
        """The value at a time."""
        return self.number


@dataclass(frozen=True, slots=True)
class DaysUntil:
    """The whole days until a time, in seconds since the epoch; none after it."""

    end: float

    def at(self, seconds: float) -> float:
        """The value at a time."""
        return max(0.0, (self.end - seconds) // _DAY)


@dataclass(frozen=True, slots=True)
class DaysSince:
    """The whole days since a time, in seconds since the epoch."""

    begin: float

    def at(self, seconds: float) -> float:
        """The value at a time."""
        return max(0.0, (seconds - self.begin) // _DAY)


@dataclass(slots=True)
class Span:
    """Some time in which a value is published.

    Attributes:
        value: the value.
        begin: in which minute since the epoch that begins, with the first data point.
        end: before which minute it ends; ``None`` while nobody knows.
    """

    value: Value
    begin: int
    end: int | None = None

    def data(self, first: int, end: int) -> Iterator[float]:
        """The data points from one minute to another, that one excluded."""
        last = end if self.end is None else min(end, self.end)
        start = max(first, self.begin)
        start += (self.begin - start) % EVERY
        for minute in range(start, last, EVERY):
            yield self.value.at(60 * minute)

    def latest(self, now: int) -> int | None:
        """The minute of the last data point until now; ``None`` where there was none."""
        last = now if self.end is None else min(now, self.end - 1)
        return None if last < self.begin else last - (last - self.begin) % EVERY


Subject: TypeAlias = tuple[str, str]
"""The name of a metric, and the key store of which it tells."""

Others: TypeAlias = tuple[str, ...]
"""The values of its other dimensions."""


class Publications:
    """What is published in one account and Region."""

    def __init__(self) -> None:
        self._spans: dict[Subject, dict[Others, list[Span]]] = {}

    def show(
        self,
        subject: Subject,
        values: Mapping[Others, Value],
        now: datetime,
        until: float | None = None,
    ) -> None:
        """Publish these values of a metric from now on, and no others.

        Args:
            subject: the metric.
            values: the values, by the values of the other dimensions.
            now: when, an aware datetime.
            until: when they end, if that is known, in seconds since the epoch.
        """
        minute = int(now.timestamp()) // 60
        end = None if until is None else int(until) // 60
        series = self._spans.setdefault(subject, {})
        for others, spans in series.items():
            last = spans[-1]
            goes_on = others in values and (last.value, last.end) == (values[others], end)
            if not goes_on and (last.end is None or last.end > minute):
                last.end = minute
        for others, value in values.items():
            spans = series.setdefault(others, [])
            if not spans or (spans[-1].value, spans[-1].end) != (value, end):
                spans.append(Span(value, minute, end))

    def spans(self, since: int) -> dict[tuple[str, ...], Sequence[Span]]:
        """What has been published since a minute, by metric, key store and other dimensions."""
        for series in self._spans.values():
            for others, spans in list(series.items()):
                series[others] = [span for span in spans if span.end is None or span.end > since]
                if not series[others]:
                    del series[others]
        return {
            (*subject, *others): spans
            for subject, series in self._spans.items()
            for others, spans in series.items()
        }

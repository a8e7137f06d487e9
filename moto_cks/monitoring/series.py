"""The metrics of KMS and CloudHSM, put together of what those have counted and written down.

AWS KMS Developer Guide: "Monitor KMS keys with Amazon CloudWatch"; AWS CloudHSM User Guide:
"Getting CloudWatch metrics for AWS CloudHSM". Time is in minutes since the epoch: a data point
stands for one minute.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.kms.models import kms_backends

from moto_cks.cloudhsmv2.models import CksCloudHSMV2Backend
from moto_cks.cloudhsmv2.settings import OLDER_HSM_TYPE
from moto_cks.hsm import Logbook, Reading
from moto_cks.kms.metering import (
    KEPT,
    PROXY_LATENCY,
    Counted,
    Minutes,
    Tallies,
    dimensions_of,
)
from moto_cks.kms.models import CksKmsBackend
from moto_cks.kms.published import Span
from moto_cks.world.backends import existing

KMS, CLOUDHSM = "AWS/KMS", "AWS/CloudHSM"
NAMESPACES = frozenset({KMS, CLOUDHSM})

Dimensions: TypeAlias = frozenset[tuple[str, str]]
"""The dimensions of a metric, name and value."""

MINUTES_LISTED = int(KEPT.total_seconds()) // 60
"""How long ListMetrics shows a metric that has no new data: two weeks."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Attributes:
        namespace: ``AWS/KMS`` or ``AWS/CloudHSM``.
        name: its name.
        dimensions: its dimensions.
    """

    namespace: str
    name: str
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class Summary:
    """What the data points of a period come to."""

    samples: int
    total: float
    least: float
    most: float


class Series(ABC):
    """The data points of a metric."""

    @abstractmethod
    def summary(self, first: int, end: int) -> Summary | None:
        """What the data points from one minute to another come to, that one excluded."""

    @abstractmethod
    def latest(self) -> int:
        """The minute of the last data point."""


@dataclass(frozen=True, slots=True)
class Counts(Series):
    """Something that was counted: each time is a data point of 1."""

    minutes: Minutes

    def summary(self, first: int, end: int) -> Summary | None:
        number = sum(count for minute, count in self.minutes.items() if first <= minute < end)
        return Summary(number, number, 1, 1) if number else None

    def latest(self) -> int:
        return max(self.minutes)


@dataclass(frozen=True, slots=True)
class Measures(Series):
    """Something that was measured: each time is a data point."""

    tallies: Tallies

    def summary(self, first: int, end: int) -> Summary | None:
        found = [tally for minute, tally in self.tallies.items() if first <= minute < end]
        if not found:
            return None
        return Summary(
            sum(tally.samples for tally in found),
            sum(tally.total for tally in found),
            min(tally.least for tally in found),
            max(tally.most for tally in found),
        )

    def latest(self) -> int:
        return max(self.tallies)


@dataclass(frozen=True, slots=True)
class Publication(Series):
    """Something that KMS has published again and again.

    Attributes:
        spans: the times in which it has, oldest first.
        since: the minute before which nothing is kept.
        now: this minute.
    """

    spans: Sequence[Span]
    since: int
    now: int

    def summary(self, first: int, end: int) -> Summary | None:
        begin, last = max(first, self.since), min(end, self.now + 1)
        values = [value for span in self.spans for value in span.data(begin, last)]
        if not values:
            return None
        return Summary(len(values), sum(values), min(values), max(values))

    def latest(self) -> int:
        found = (span.latest(self.now) for span in self.spans)
        return max((minute for minute in found if minute is not None), default=-1)


@dataclass(frozen=True, slots=True)
class Gauges(Series):
    """Something that HSMs show every minute: of each the values, with the minutes they begin in.

    Attributes:
        steps: of each HSM the minutes in which a value begins, oldest first, the values, and the
            minute with which they end.
    """

    steps: Sequence[tuple[Sequence[int], Sequence[float], int]]

    def summary(self, first: int, end: int) -> Summary | None:
        pieces = [piece for one in self.steps for piece in _pieces(*one, first, end)]
        if not pieces:
            return None
        values = [value for value, _ in pieces]
        return Summary(
            sum(minutes for _, minutes in pieces),
            sum(value * minutes for value, minutes in pieces),
            min(values),
            max(values),
        )

    def latest(self) -> int:
        return max(last for _, _, last in self.steps) - 1


def _pieces(
    begins: Sequence[int], values: Sequence[float], last: int, first: int, end: int
) -> Iterator[tuple[float, int]]:
    """The values between two minutes, each with how many minutes it lasted."""
    place = max(bisect_right(begins, first) - 1, 0)
    ends = [*begins[1:], last]
    for begin, value, until in zip(begins[place:], values[place:], ends[place:], strict=True):
        if begin >= end:
            return
        minutes = min(until, end) - max(begin, first)
        if minutes > 0:
            yield value, minutes


# What there is ------------------------------------------------------------------------------------


def series(account_id: str, region: str, now: datetime) -> dict[Metric, Series]:
    """All metrics of KMS and CloudHSM in an account and Region."""
    return {**_of_kms(account_id, region, now), **_of_cloudhsm(account_id, region, now)}


def listed(account_id: str, region: str, now: datetime) -> list[Metric]:
    """Those that have had data in the last two weeks."""
    since = int(now.timestamp()) // 60 - MINUTES_LISTED
    found = series(account_id, region, now)
    return [metric for metric, one in found.items() if one.latest() >= since]


def _of_kms(account_id: str, region: str, now: datetime) -> dict[Metric, Series]:
    backend = existing(kms_backends, account_id, region)
    if not isinstance(backend, CksKmsBackend):
        return {}
    minute = int(now.timestamp()) // 60
    since = minute - MINUTES_LISTED
    meter = backend.meter
    found: dict[Counted, Series] = {
        **{counted: Counts(minutes) for counted, minutes in meter.counts(now).items()},
        **{counted: Measures(tallies) for counted, tallies in meter.measured(now).items()},
        **{
            counted: Publication(spans, since, minute)
            for counted, spans in meter.published.spans(since).items()
        },
    }
    return {
        Metric(KMS, counted[0], frozenset(dimensions_of(counted).items())): one
        for counted, one in found.items()
    }


MILLISECONDS, COUNT = "Milliseconds", "Count"


def unit_of(name: str) -> str:
    """The unit of the data points of a metric."""
    return MILLISECONDS if name == PROXY_LATENCY else COUNT


MAX_USERS: Mapping[str, int] = {OLDER_HSM_TYPE: 250}
MAX_USERS_OF_OTHERS = 1024
"""How many users an HSM can have ("AWS CloudHSM quotas"), by the type of the HSM."""

CHANNEL_SESSIONS = 2
"""How many sessions a client opens with each HSM under one channel, as it is by default."""

Value: TypeAlias = Callable[[Reading, int], float]
"""Makes the value of a metric of a reading and the number of users that there can be."""

COMMON: Mapping[str, Value] = {
    "HsmUnhealthy": lambda reading, users: reading.unhealthy,
    "HsmKeysSessionOccupied": lambda reading, users: reading.session_keys,
    "HsmKeysTokenOccupied": lambda reading, users: reading.token_keys,
    "HsmSessionCount": lambda reading, users: CHANNEL_SESSIONS * reading.sessions,
    "HsmUsersAvailable": lambda reading, users: users - reading.users,
}
OF_THE_OLDER_TYPE: Mapping[str, Value] = {
    "HsmSslCtxsOccupied": lambda reading, users: reading.sessions,
    "HsmUsersMax": lambda reading, users: users,
}
"""The metrics that hsm2m.medium does not have.

HsmTemperature and those of the interface are left out: a simulated HSM is not warm."""


@dataclass
class _Fleet:
    """The HSMs of which one metric tells.

    Attributes:
        steps: see :class:`Gauges`.
    """

    steps: list[tuple[list[int], list[float], int]] = field(default_factory=list)


def _of_cloudhsm(account_id: str, region: str, now: datetime) -> dict[Metric, Series]:
    backend = existing(cloudhsmv2_backends, account_id, region)
    if not isinstance(backend, CksCloudHSMV2Backend):
        return {}
    fleets: dict[Metric, _Fleet] = {}
    minute = int(now.timestamp()) // 60
    for cluster_id, books in backend.audit_logs.books.items():
        cluster = backend.hsm_clusters.get(cluster_id)
        hsm_type = "" if cluster is None else cluster.hsm_type
        for hsm_id, book in books.items():
            groups = (
                {("Region", region)},
                {("ClusterId", cluster_id)},
                {("ClusterId", cluster_id), ("HsmId", hsm_id)},
            )
            for name, steps in _steps(book, hsm_type, minute):
                for group in groups:
                    metric = Metric(CLOUDHSM, name, frozenset(group))
                    fleets.setdefault(metric, _Fleet()).steps.append(steps)
    return {metric: Gauges(fleet.steps) for metric, fleet in fleets.items()}


def _steps(
    book: Logbook, hsm_type: str, now: int
) -> Iterator[tuple[str, tuple[list[int], list[float], int]]]:
    """What an HSM has shown, by the name of the metric."""
    begins, readings = list(book.readings), list(book.readings.values())
    end = (now if book.ended is None else book.ended) + 1
    users = MAX_USERS.get(hsm_type, MAX_USERS_OF_OTHERS)
    shown = {**COMMON, **OF_THE_OLDER_TYPE} if hsm_type == OLDER_HSM_TYPE else COMMON
    for name, value in shown.items():
        yield name, (begins, [value(reading, users) for reading in readings], end)

"""How often KMS keys are used and key stores throttled, counted by the minute for CloudWatch.

AWS KMS Developer Guide: "Monitor KMS keys with Amazon CloudWatch". Every use of a key comes here,
so it is only counted; the data are put together when somebody asks CloudWatch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from moto_cks.kms.published import Publications

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
PROXY_ERRORS, PROXY_LATENCY = "XksProxyErrors", "XksProxyLatency"
MANAGER_STATES = "XksExternalKeyManagerStates"
CERTIFICATE_DAYS = "XksProxyCertificateDaysToExpire"
CREDENTIAL_AGE = "XksProxyCredentialAge"

_OF_STORE = "CustomKeyStoreId"
_OF_EXCHANGE = (_OF_STORE, "KmsOperation", "XksOperation", "KeySpec")

DIMENSIONS = {
    (SUCCESSFUL_REQUEST, 2): ("Operation", "KeyArn"),
    (SUCCESSFUL_REQUEST, 3): ("Operation", "SourceKeyArn", "DestinationKeyArn"),
    (PROXY_ERRORS, 6): (*_OF_EXCHANGE, "ErrorType", "ExceptionName"),
    (PROXY_LATENCY, 4): _OF_EXCHANGE,
    (MANAGER_STATES, 2): (_OF_STORE, "XksExternalKeyManagerState"),
    (CERTIFICATE_DAYS, 2): (_OF_STORE, "CertificateName"),
    (CREDENTIAL_AGE, 1): (_OF_STORE,),
}
"""The dimensions of a metric, by its name and how many it has."""

THROTTLING_DIMENSIONS = ("CustomKeyStoreId", "KmsOperation", "KeySpec")
"""Those of the metrics of throttling, which each type of key store has under a name of its own."""


def dimensions_of(counted: Counted) -> dict[str, str]:
    """The dimensions of what is counted, by name."""
    name, *values = counted
    names = DIMENSIONS.get((name, len(values)), THROTTLING_DIMENSIONS)
    return dict(zip(names, values, strict=True))


@dataclass(slots=True)
class Tally:
    """What the values of a minute come to."""

    samples: int
    total: float
    least: float
    most: float


Tallies: TypeAlias = dict[int, Tally]
"""What was measured in a minute, by minutes since the epoch."""


class Meter:
    """What KMS counts, measures and publishes in one account and Region.

    Attributes:
        published: what it publishes again and again.
    """

    def __init__(self) -> None:
        self._counts: dict[Counted, Minutes] = {}
        self._tallies: dict[Counted, Tallies] = {}
        self.published = Publications()

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

    def measure(self, counted: Counted, value: float, now: datetime) -> None:
        """Note a value that was measured now.

        Args:
            counted: of what.
            value: the value.
            now: when, an aware datetime.
        """
        tallies = self._tallies.get(counted)
        if tallies is None:
            tallies = self._tallies[counted] = {}
        minute = int(now.timestamp()) // 60
        tally = tallies.get(minute)
        if tally is None:
            if len(tallies) >= _TIDY_FROM:
                _tidy(tallies, minute)
            tallies[minute] = Tally(1, value, value, value)
            return
        tally.samples += 1
        tally.total += value
        tally.least = min(tally.least, value)
        tally.most = max(tally.most, value)

    def counts(self, now: datetime) -> dict[Counted, Minutes]:
        """What was counted in the last two weeks.

        Args:
            now: an aware datetime.
        """
        self._counts = _tidied(self._counts, now)
        return self._counts

    def measured(self, now: datetime) -> dict[Counted, Tallies]:
        """What was measured in the last two weeks.

        Args:
            now: an aware datetime.
        """
        self._tallies = _tidied(self._tallies, now)
        return self._tallies


Kept = TypeVar("Kept")


def _tidied(kept: dict[Counted, dict[int, Kept]], now: datetime) -> dict[Counted, dict[int, Kept]]:
    minute = int(now.timestamp()) // 60
    for minutes in kept.values():
        _tidy(minutes, minute)
    return {counted: minutes for counted, minutes in kept.items() if minutes}


def _tidy(minutes: dict[int, Kept], now: int) -> None:
    for minute in [each for each in minutes if each < now - _MINUTES_KEPT]:
        del minutes[minute]

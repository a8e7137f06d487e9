"""``cks.timeline``: the timeline as the tests see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, TypeAlias

from tabulate import tabulate

from moto_cks.world.journal import Entry, Kind

HEADERS = ("time", "kind", "subject", "what")


KindName: TypeAlias = Literal["call", "state", "login", "proxy", "fault", "failure", "clock"]
"""What the values of ``Kind`` are."""


class Timeline(ABC):
    """What has happened in the simulated world, in order; printed, it is a table.

    Calls are those that CloudTrail keeps, of 90 days.
    """

    @abstractmethod
    def entries(
        self,
        *,
        kind: Kind | KindName | None = None,
        subject: str | None = None,
        since: datetime | str | None = None,
    ) -> list[Entry]:
        """What has happened, oldest first.

        Args:
            kind: only of this kind: call, state, login, fault, failure or clock.
            subject: only to this subject.
            since: only from this moment on, a datetime or ISO 8601; without a time zone it is taken
                as UTC.

        Raises:
            ValueError: there is no such kind, or the string is not ISO 8601.
            TypeError: ``since`` is neither a datetime nor a string.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __repr__(self) -> str:
        try:
            return f"<Timeline of {len(self)} entries>"
        except RuntimeError as nothing:
            return f"<Timeline: {nothing}>"

    def __str__(self) -> str:
        rows = [
            (f"{entry.time:%Y-%m-%d %H:%M:%S}", entry.kind.value, entry.subject, entry.what)
            for entry in self
        ]
        return str(tabulate(rows, HEADERS, disable_numparse=True))

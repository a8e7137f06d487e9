"""``cks.timeline``: the timeline as the tests see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime

from tabulate import tabulate

from moto_cks.world.journal import Entry, Kind

HEADERS = ("time", "kind", "subject", "what")


class Timeline(ABC):
    """What has happened in the simulated world, in order; printed, it is a table.

    Calls are those that CloudTrail keeps, of 90 days.
    """

    @abstractmethod
    def entries(
        self,
        *,
        kind: Kind | str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
    ) -> list[Entry]:
        """What has happened, oldest first.

        Args:
            kind: only of this kind: call, state, login, fault, failure or clock.
            subject: only to this subject.
            since: only from this moment on, an aware datetime.

        Raises:
            ValueError: there is no such kind.
        """

    @abstractmethod
    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __repr__(self) -> str:
        return f"<Timeline of {len(self)} entries>"

    def __str__(self) -> str:
        rows = [
            (f"{entry.time:%Y-%m-%d %H:%M:%S}", entry.kind.value, entry.subject, entry.what)
            for entry in self
        ]
        return str(tabulate(rows, HEADERS, disable_numparse=True))

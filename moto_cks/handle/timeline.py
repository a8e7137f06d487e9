"""``cks.timeline``: the timeline as the tests see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from moto.cloudtrail.models import cloudtrail_backends
from tabulate import tabulate

from moto_cks.cloudtrail.events import Event
from moto_cks.world.journal import Entry, Kind, noted
from moto_cks.world.lock import WORLD

HEADERS = ("time", "kind", "subject", "what")


class Timeline:
    """What has happened in the simulated world, in order; printed, it is a table.

    Calls are those that CloudTrail keeps, of 90 days.
    """

    def entries(
        self,
        *,
        kind: Kind | str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
    ) -> list[Entry]:
        """What has happened, oldest first.

        Args:
            kind: only of this kind: call, state, login, fault or clock.
            subject: only to this subject.
            since: only from this moment on, an aware datetime.

        Raises:
            ValueError: there is no such kind.
        """
        only = None if kind is None else Kind(kind)
        with WORLD:
            found = [*noted(), *map(_entry_of_call, _calls())]
        return sorted(
            (
                entry
                for entry in found
                if only in (None, entry.kind)
                and subject in (None, entry.subject)
                and (since is None or entry.time >= since)
            ),
            key=lambda entry: (entry.time, entry.number),
        )

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        with WORLD:
            return len(noted()) + sum(1 for _ in _calls())

    def __repr__(self) -> str:
        return f"<Timeline of {len(self)} entries>"

    def __str__(self) -> str:
        rows = [
            (f"{entry.time:%Y-%m-%d %H:%M:%S}", entry.kind.value, entry.subject, entry.what)
            for entry in self
        ]
        return str(tabulate(rows, HEADERS, disable_numparse=True))


def _calls() -> Iterator[Event]:
    for _, _, backend in cloudtrail_backends.iter_backends():
        yield from getattr(backend, "history", ())


def _entry_of_call(event: Event) -> Entry:
    what = event.event_name
    if event.is_service_event:
        what += " by AWS"
    if event.error_code is not None:
        what += f": {event.error_code}"
        if event.error_message:
            what += f": {event.error_message}"
    return Entry(event.time, event.number, Kind.CALL, event.subject, what)

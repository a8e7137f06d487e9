"""``cks.timeline`` on the world in this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from moto.cloudtrail.models import cloudtrail_backends

from moto_cks.cloudtrail.events import Event
from moto_cks.handle.presence import require_mock
from moto_cks.handle.protocols.clock import moment_of
from moto_cks.handle.protocols.timeline import KindName, Timeline
from moto_cks.world.journal import Entry, Kind, noted
from moto_cks.world.lock import WORLD


class LocalTimeline(Timeline):
    """What has happened; see :class:`moto_cks.handle.protocols.timeline.Timeline`."""

    def entries(
        self,
        *,
        kind: Kind | KindName | None = None,
        subject: str | None = None,
        since: datetime | str | None = None,
    ) -> list[Entry]:
        require_mock()
        only = None if kind is None else Kind(kind)
        beginning = None if since is None else moment_of(since)
        with WORLD:
            found = [*noted(), *map(_entry_of_call, _calls())]
        return sorted(
            (
                entry
                for entry in found
                if only in (None, entry.kind)
                and subject in (None, entry.subject)
                and (beginning is None or entry.time >= beginning)
            ),
            key=lambda entry: (entry.time, entry.number),
        )

    def __len__(self) -> int:
        require_mock()
        with WORLD:
            return len(noted()) + sum(1 for _ in _calls())


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

"""``cks.timeline`` on a world in another process."""

from __future__ import annotations

from datetime import datetime

from moto_cks.handle.protocols.clock import moment_of
from moto_cks.handle.protocols.timeline import KindName, Timeline
from moto_cks.handle.remote.wire import Wire, given
from moto_cks.world.journal import Entry, Kind


class RemoteTimeline(Timeline):
    """What has happened; see :class:`moto_cks.handle.protocols.timeline.Timeline`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def entries(
        self,
        *,
        kind: Kind | KindName | None = None,
        subject: str | None = None,
        since: datetime | str | None = None,
    ) -> list[Entry]:
        query = given(
            kind=None if kind is None else Kind(kind).value,
            subject=subject,
            since=None if since is None else moment_of(since).isoformat(),
        )
        return [
            Entry(
                datetime.fromisoformat(entry["time"]),
                entry["number"],
                Kind(entry["kind"]),
                entry["subject"],
                entry["what"],
            )
            for entry in self._wire.get("timeline", query=query)["entries"]
        ]

    def __len__(self) -> int:
        return len(self.entries())

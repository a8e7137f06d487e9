"""``cks.timeline`` on a world in another process."""

from __future__ import annotations

from datetime import datetime

from moto_cks.handle.protocols.timeline import Timeline
from moto_cks.handle.remote.wire import Wire, given
from moto_cks.world.journal import Entry, Kind


class RemoteTimeline(Timeline):
    """What has happened; see :class:`moto_cks.handle.protocols.timeline.Timeline`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def entries(
        self,
        *,
        kind: Kind | str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
    ) -> list[Entry]:
        query = given(
            kind=None if kind is None else Kind(kind).value,
            subject=subject,
            since=None if since is None else since.isoformat(),
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

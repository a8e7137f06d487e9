"""``cks.trail`` on the world in this process."""

from __future__ import annotations

from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from moto_cks.cloudtrail import delivery
from moto_cks.cloudtrail.events import Event
from moto_cks.cloudtrail.models import CksCloudTrailBackend
from moto_cks.handle.presence import require_mock
from moto_cks.handle.protocols.trail import ANY, ErrorCode, Trail
from moto_cks.world import clock
from moto_cks.world.lock import WORLD


class LocalTrail(Trail):
    """What CloudTrail has recorded; see :class:`moto_cks.handle.protocols.trail.Trail`."""

    def events(
        self,
        *,
        event_name: str | None = None,
        event_source: str | None = None,
        region: str | None = None,
        account_id: str | None = None,
        error_code: ErrorCode = ANY,
    ) -> list[dict[str, Any]]:
        require_mock()
        filters = {
            "event_name": event_name,
            "event_source": event_source,
            "region": region,
            "account_id": account_id,
        }
        wanted: dict[str, str | None] = {n: v for n, v in filters.items() if v is not None}
        if error_code is not ANY:
            wanted["error_code"] = error_code
        with WORLD:
            clock.keep_appointments()  # see what has fallen due, as a call would
            found = [event for event in _all_events() if _matches(event, wanted)]
            found.sort(key=lambda event: (event.time, event.number))
            return [event.render() for event in found]

    def deliver(self) -> None:
        require_mock()
        with WORLD:
            clock.keep_appointments()
            delivery.deliver_now()


def _all_events() -> list[Event]:
    backends = [backend for _, _, backend in cloudtrail_backends.iter_backends()]
    return [
        event
        for backend in backends
        if isinstance(backend, CksCloudTrailBackend)
        for event in backend.history
    ]


def _matches(event: Event, filters: dict[str, str | None]) -> bool:
    return all(getattr(event, name) == value for name, value in filters.items())

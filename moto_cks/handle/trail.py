"""``cks.trail`` on the world in this process."""

from __future__ import annotations

from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from moto_cks.cloudtrail import delivery
from moto_cks.cloudtrail.events import Event
from moto_cks.cloudtrail.models import CksCloudTrailBackend
from moto_cks.handle.protocols.trail import Trail, check_filters
from moto_cks.world import clock
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch


class LocalTrail(Trail):
    """What CloudTrail has recorded; see :class:`moto_cks.handle.protocols.trail.Trail`."""

    def events(self, **filters: str | None) -> list[dict[str, Any]]:
        check_filters(filters)
        with WORLD:
            _catch_up()
            found = [event for event in _all_events() if _matches(event, filters)]
            found.sort(key=lambda event: (event.time, event.number))
            return [event.render() for event in found]

    def deliver(self) -> None:
        with WORLD:
            _catch_up()
            delivery.deliver_now()


def _catch_up() -> None:
    """See what has fallen due, as a call would; after the mock nothing does."""
    if switch.on:
        clock.keep_appointments()


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

"""``cks.trail``: the records as the tests see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from moto_cks.cloudtrail import delivery
from moto_cks.cloudtrail.events import Event
from moto_cks.cloudtrail.models import CksCloudTrailBackend
from moto_cks.world import clock
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch

FILTERS = {
    "account_id": "account_id",
    "error_code": "error_code",
    "event_name": "event_name",
    "event_source": "event_source",
    "region": "region",
}
"""The filters, and what of an event each is held against."""


class Trail:
    """What CloudTrail has recorded."""

    def events(self, **filters: str | None) -> list[dict[str, Any]]:
        """The records of the last 90 days of all accounts and Regions, oldest first.

        Args:
            filters: ``event_name``, ``event_source``, ``region``, ``account_id``, ``error_code``;
                an ``error_code`` of ``None`` is that of calls that succeeded.

        Raises:
            TypeError: there is no such filter.
        """
        check_filters(filters)
        with WORLD:
            _catch_up()
            found = [event for event in _all_events() if _matches(event, filters)]
            found.sort(key=lambda event: (event.time, event.number))
            return [event.render() for event in found]

    def deliver(self) -> None:
        """Deliver what the trails have not delivered yet."""
        with WORLD:
            _catch_up()
            delivery.deliver_now()


def _catch_up() -> None:
    """See what has fallen due, as a call would; after the mock nothing does."""
    if switch.on:
        clock.keep_appointments()


def check_filters(filters: Mapping[str, str | None]) -> None:
    """Check the names of filters.

    Raises:
        TypeError: there is no such filter.
    """
    if unknown := filters.keys() - FILTERS.keys():
        raise TypeError(f"Events are not filtered by {', '.join(sorted(unknown))}.")


def _all_events() -> list[Event]:
    backends = [backend for _, _, backend in cloudtrail_backends.iter_backends()]
    return [
        event
        for backend in backends
        if isinstance(backend, CksCloudTrailBackend)
        for event in backend.history
    ]


def _matches(event: Event, filters: dict[str, str | None]) -> bool:
    return all(getattr(event, FILTERS[name]) == value for name, value in filters.items())

"""``cks.trail``: the records as the tests see them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

FILTERS = frozenset({"account_id", "error_code", "event_name", "event_source", "region"})


class Trail(ABC):
    """What CloudTrail has recorded."""

    @abstractmethod
    def events(self, **filters: str | None) -> list[dict[str, Any]]:
        """The records of the last 90 days of all accounts and Regions, oldest first.

        Args:
            filters: ``event_name``, ``event_source``, ``region``, ``account_id``, ``error_code``;
                an ``error_code`` of ``None`` is that of calls that succeeded.

        Raises:
            TypeError: there is no such filter.
        """

    @abstractmethod
    def deliver(self) -> None:
        """Deliver what the trails have not delivered yet."""


def check_filters(filters: Mapping[str, str | None]) -> None:
    """Check the names of filters.

    Raises:
        TypeError: there is no such filter.
    """
    if unknown := filters.keys() - FILTERS:
        raise TypeError(f"Events are not filtered by {', '.join(sorted(unknown))}.")

"""What the tests of daily backups ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .world import World

DAY = timedelta(days=1)


def retention(days: int) -> dict[str, str]:
    """A policy that keeps backups for so many days."""
    return {"Type": "DAYS", "Value": str(days)}


def ages(world: World, cluster_id: str, state: str = "READY") -> list[float]:
    """The ages of a cluster's backups in days, the oldest first."""
    backups = in_state(world, cluster_id, state)
    return [(world.cks.clock.now() - backup["CreateTimestamp"]) / DAY for backup in backups]


def in_state(world: World, cluster_id: str, state: str) -> list[dict[str, Any]]:
    """A cluster's backups in a state, the oldest first; all pages."""
    pages = world.hsm.get_paginator("describe_backups").paginate(
        Filters={"clusterIds": [cluster_id], "states": [state]}, SortAscending=True
    )
    return [backup for page in pages for backup in page["Backups"]]

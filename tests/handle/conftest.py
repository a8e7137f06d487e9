from __future__ import annotations

from typing import Any

import pytest

from moto_cks import Cluster


@pytest.fixture
def cluster(world: Any) -> Cluster:
    """A cluster that is active and ready."""
    made: Cluster = world.create_cluster()
    return made

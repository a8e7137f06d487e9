from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from moto_cks import Cluster
from tests.handle.causes import Scene
from tests.kms.user import User


@pytest.fixture
def cluster(world: Any) -> Cluster:
    """A cluster that is active and ready."""
    made: Cluster = world.create_cluster()
    return made


@pytest.fixture
def scene(noon: Any, world: Any, transition: Callable[..., None]) -> Iterator[Scene]:
    """A key store with a key, at noon; real time stands still."""
    with contextlib.ExitStack() as until:
        yield Scene(world, User(world.create_key_store(subnet_prefix=28)), transition, until)

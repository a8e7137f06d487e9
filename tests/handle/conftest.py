from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from moto_cks import Cluster
from tests.handle.causes import OF_OLDER_CLUSTERS, Scene
from tests.kms.user import User


@pytest.fixture
def cluster(world: Any) -> Cluster:
    """A cluster that is active and ready."""
    made: Cluster = world.create_cluster()
    return made


@pytest.fixture
def scene(
    noon: Any, world: Any, transition: Callable[..., None], request: pytest.FixtureRequest
) -> Iterator[Scene]:
    """A key store with a key, at noon; real time stands still."""
    failure = getattr(request.node, "callspec", None) and request.node.callspec.params.get(
        "failure"
    )
    older = failure in OF_OLDER_CLUSTERS or request.node.get_closest_marker("older_cluster")
    hsm_type = "hsm1.medium" if older else "hsm2m.medium"
    store = world.create_key_store(subnet_prefix=28, hsm_type=hsm_type)
    with contextlib.ExitStack() as until:
        yield Scene(world, User(store), transition, until)

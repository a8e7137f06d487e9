"""What the tests of the failures share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.aws import client
from tests.failures.drill import Drill
from tests.server.conftest import _running_server, server

__all__ = ["_running_server", "server"]


@pytest.fixture
def drill(world: Any) -> Callable[..., Drill]:
    """Makes a key store to which a failure can happen."""

    def make(name: str, variant: str | None = None, **store: Any) -> Drill:
        # Subnets of eleven addresses: filling one takes the longest of all that is done.
        return Drill(world, client, name, variant, **{"subnet_prefix": 28, **store})

    return make

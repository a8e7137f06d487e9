"""What the tests of the proxy share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moto_cks.xks_proxy.proxy import XksProxy
from tests.xks_proxy.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proxy(clock: Clock) -> Iterator[XksProxy]:
    """A proxy whose time stands still."""
    made = XksProxy(clock=clock)
    yield made
    made.close()

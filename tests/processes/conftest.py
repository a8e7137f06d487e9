from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes.world import World
from tests.server.process import running


@pytest.fixture(scope="session")
def _endpoint() -> Iterator[str]:
    with running(module="moto_cks.server.main") as server:
        yield server.endpoint


@contextmanager
def _empty(world: World) -> Iterator[World]:
    request = urllib.request.Request(f"{world.control.endpoint}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    try:
        yield world
    finally:
        world.close()


@pytest.fixture
def world(_endpoint: str, tmp_path: Path) -> Iterator[World]:
    """A server that holds nothing."""
    with _empty(World(_endpoint, tmp_path)) as world:
        yield world


@pytest.fixture
def ireland(_endpoint: str, tmp_path: Path) -> Iterator[World]:
    """The same; everybody speaks to eu-west-1."""
    with _empty(World(_endpoint, tmp_path, "eu-west-1")) as world:
        yield world

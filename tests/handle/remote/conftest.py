"""Worlds in other processes: those of moto's server and of its proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import settings

from moto_cks import Cks, mock_cks
from tests.handle.remote.external import Owner
from tests.server.process import ServerProcess, proxy_running


@pytest.fixture(scope="module")
def server_process() -> Iterator[ServerProcess]:
    process = ServerProcess("-p", "0")
    yield process
    assert process.stop() == (0, "")


@pytest.fixture(scope="module")
def proxy_process() -> Iterator[str]:
    with proxy_running() as port:
        yield str(port)


@pytest.fixture(params=["server", "proxy"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cks]:
    """The handle on a new world; a test can say where, and ``here`` is in this process."""
    if request.param == "server":
        process = request.getfixturevalue("server_process")
        monkeypatch.setattr(settings, "TEST_SERVER_MODE", True)
        monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", process.endpoint)
    elif request.param == "proxy":
        monkeypatch.setenv("TEST_PROXY_MODE", "true")
        monkeypatch.setenv("MOTO_PROXY_PORT", request.getfixturevalue("proxy_process"))
    with mock_cks() as handle:
        yield handle


@pytest.fixture
def owner(world: Cks) -> Owner:
    return Owner(world.create_external_key_store())

"""The server that the tests of the control API speak to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.api import Api
from tests.server.conftest import Server, _running_server, server

__all__ = ["_running_server", "server"]


@pytest.fixture
def api(server: Server) -> Api:
    return Api(server.port)


@pytest.fixture
def cluster(api: Api) -> dict[str, Any]:
    return api("POST", "/clusters", {}).body  # type: ignore[no-any-return]

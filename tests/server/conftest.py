"""A server in this process, as quick to reach as to reset."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest

from moto_cks.control.operations.tools import TOOLS
from moto_cks.handle.remote.control_api import ControlApi
from moto_cks.server import ThreadedCksServer
from tests.aws import REGION, client_of
from tests.server.parrot import register


@dataclass(frozen=True)
class Server:
    """Where the server is, and its control API."""

    endpoint: str
    port: int
    control: ControlApi

    def client(self, service: str, region: str = REGION, **settings: Any) -> Any:
        """A boto3 client."""
        return client_of(self.endpoint, service, region, **settings)

    def reset(self) -> None:
        """What mock_aws does in server mode."""
        request = urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200


@pytest.fixture(scope="module")
def _running_server() -> Iterator[Server]:
    with patch.dict(TOOLS), ThreadedCksServer(port=0) as server:
        register()
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        yield Server(endpoint, port, ControlApi(endpoint))


@pytest.fixture
def server(_running_server: Server) -> Iterator[Server]:
    """A server that holds nothing."""
    _running_server.reset()
    yield _running_server
    _running_server.reset()

"""The server of the fixture ``cks_server``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from moto import settings


@dataclass(frozen=True)
class CksServer:
    """A server that answers from the world of the test.

    Attributes:
        url: where it is: the endpoint URL of clients.
        region: the Region of the test.
    """

    url: str
    region: str

    @property
    def host(self) -> str:
        """The host of the URL."""
        return str(urlsplit(self.url).hostname)

    @property
    def port(self) -> int:
        """The TCP port of the URL."""
        return int(urlsplit(self.url).port or 80)

    @property
    def environment(self) -> dict[str, str]:
        """What another process needs in its environment: endpoint, Region and credentials."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }


@contextmanager
def serve(region: str) -> Iterator[CksServer]:
    """Have the world of this process served, or where a server has it, say which."""
    if settings.TEST_SERVER_MODE:
        yield CksServer(settings.test_server_mode_endpoint(), region)
        return
    try:
        from moto_cks.server import ThreadedCksServer  # noqa: PLC0415
    except ImportError as error:
        pytest.fail(f"cks_server needs pip install 'moto_cks[server]': {error}", pytrace=False)
    with ThreadedCksServer(port=0) as server:
        host, port = server.get_host_and_port()
        yield CksServer(f"http://{host}:{port}", region)

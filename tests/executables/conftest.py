"""The server that the executables speak to."""

from tests.server.conftest import _running_server, server

__all__ = ["_running_server", "server"]

"""The carrier without a network: a client in the same thread, and simulated time."""

from __future__ import annotations

from moto_cks.xks_proxy.connection import ServerConnection, Service


class MemoryEndpoint:
    """Where a proxy is reached in memory. It is a :class:`moto_cks.xks_proxy.carriers.Endpoint`.

    Args:
        service: the proxy.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def connect(self) -> ServerConnection:
        """Open a connection.

        Raises:
            ConnectionRefusedError: the proxy is stopped.
        """
        if not self._service.running:
            raise ConnectionRefusedError("The proxy is stopped.")
        return ServerConnection(self._service)

"""A proxy in a server: how it is asked, and what it looks like now."""

from __future__ import annotations

from typing import Any

from moto_cks.handle.remote.control_api import Query
from moto_cks.handle.remote.wire import Wire
from moto_cks.handle.remote.xks.causes import RemoteCause
from moto_cks.xks_proxy.causes import Cause


class ProxyResource:
    """One proxy of the control API.

    Args:
        wire: of the world that the proxy is of.
        host: its host.
    """

    def __init__(self, wire: Wire, host: str) -> None:
        self.host = host
        self._wire = wire
        self._path = ("xks-proxies", host)

    def shown(self) -> dict[str, Any]:
        """The proxy as it is now, as JSON.

        Raises:
            KeyError: there is none of its host.
            RuntimeError: its world is over.
        """
        shown: dict[str, Any] = self.ask("GET")
        return shown

    def ask(
        self,
        method: str,
        *path: str,
        query: Query | None = None,
        body: dict[str, Any] | None = None,
    ) -> Any:
        """Ask for something of it; see :meth:`moto_cks.handle.remote.wire.Wire.request`."""
        if body is None and method in ("POST", "PUT"):
            body = {}
        return self._wire.request(method, (*self._path, *path), query=query, body=body)

    def ask_world(self, *path: str) -> Any:
        """Ask for something of its world."""
        return self._wire.get(*path)

    def cause(self, kind: str, **parameters: Any) -> Cause:
        """Set up a cause; parameters that are ``None`` are none."""
        given = {name: value for name, value in parameters.items() if value is not None}
        cause_id = self.ask("POST", "causes", body={kind: given})["id"]
        return RemoteCause(self._wire, (*self._path, "causes", cause_id))

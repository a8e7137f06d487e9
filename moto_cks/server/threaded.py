"""The server in a thread, as moto has its ``ThreadedMotoServer``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from moto_cks.plugin import switch
from moto_cks.server.application import Application
from moto_cks.server.guard import Guard
from moto_cks.server.http import HttpServer
from moto_cks.server.running import Running
from moto_cks.server.state import StateFile

if TYPE_CHECKING:
    from moto_cks.handle.routing import StandingRoutes


class ThreadedCksServer:
    """moto's server with the plugin on, in a thread of this process.

    Args:
        ip_address: where to listen; loopback by default.
        port: the TCP port; 0 is any that is free.
        tls: files of the certificate and the private key, PEM, to speak HTTPS.
        state: a file that keeps the world; see :mod:`moto_cks.server.state`.
        allow_hosts: names and addresses by which ``/moto-api`` may be called, besides those of
            loopback and the one where it listens.
        allow_origins: origins whose web pages may use ``/moto-api``, as ``https://host:port``.
        xks_routes: the external key store proxies that KMS reaches in every world that the server
            has.

    Raises:
        ValueError: one of these is no host or no origin.
    """

    def __init__(
        self,
        ip_address: str = "127.0.0.1",
        port: int = 5000,
        *,
        tls: tuple[str, str] | None = None,
        state: str | None = None,
        allow_hosts: Iterable[str] = (),
        allow_origins: Iterable[str] = (),
        xks_routes: StandingRoutes | None = None,
    ) -> None:
        self._guard = Guard([*filter(None, [ip_address]), *allow_hosts], allow_origins)
        self._address = (ip_address, port)
        self._tls = tls
        self._state = None if state is None else StateFile(state)
        self._routes = xks_routes
        self._running: Running | None = None
        self._process = os.getpid()

    def start(self) -> None:
        """Listen; on return, the server can be used.

        Raises:
            OSError: the address is not free, or the file of the state cannot be read.
            SnapshotError: a ValueError: the file is none of a state, or does not fit.
            ValueError: another server in this process has a way to one of the proxies.
            RuntimeError: it has been started already.
        """
        if self._running is not None:
            raise RuntimeError("The server has been started already.")
        application: Any = Application(self._guard)
        if self._state is not None:
            application = self._state.watching(application)
        with ExitStack() as undo:
            self._enter(undo)
            server = HttpServer(self._address, application, self._tls)
            self._running = Running(server, "moto-cks-server")
            undo.pop_all()
        self._process = os.getpid()

    def _enter(self, undo: ExitStack) -> None:
        """Have the plugin on, and what the world needs; ``undo`` takes it back."""
        switch.enter()
        undo.callback(switch.leave)
        if self._routes is not None:
            self._routes.begin()
            undo.callback(self._routes.end)
        if self._state is not None:
            undo.callback(self._state.leave)
            self._state.begin()

    def _leave(self) -> None:
        if self._routes is not None:
            self._routes.end()
        switch.leave()

    def get_host_and_port(self) -> tuple[str, int]:
        """Where it listens.

        Raises:
            RuntimeError: it does not.
        """
        if self._running is None:
            raise RuntimeError("Call start() first.")
        host, port = self._running.socket.getsockname()[:2]
        return str(host), int(port)

    def stop(self) -> None:
        """Stop listening, and let the requests that are being answered be answered, for a second.

        In a process that was forked, where none of its threads is, it is the parent's, and only
        forgotten.

        Raises:
            RuntimeError: it does not run.
        """
        if self._running is None:
            raise RuntimeError("Call start() first.")
        running, self._running = self._running, None
        if self._process != os.getpid():
            running.socket.close()
            self._leave()
            return
        running.stop()
        if self._state is not None:
            self._state.end()
        self._leave()

    def __enter__(self) -> ThreadedCksServer:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

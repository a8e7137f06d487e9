"""The server in a thread, as moto has its ``ThreadedMotoServer``."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from moto_cks.plugin import switch
from moto_cks.server.application import Application
from moto_cks.server.guard import Guard
from moto_cks.server.http import STOP_WITHIN, HttpServer
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
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    def start(self) -> None:
        """Listen; on return, the server can be used.

        Raises:
            OSError: the address is not free, or the file of the state cannot be read.
            SnapshotError: a ValueError: the file is none of a state, or does not fit.
            ValueError: another server in this process has a way to one of the proxies.
            RuntimeError: it has been started already.
        """
        if self._server is not None:
            raise RuntimeError("The server has been started already.")
        application: Any = Application(self._guard)
        if self._state is not None:
            application = self._state.watching(application)
        server = HttpServer(self._address, application, self._tls)
        ready = threading.Event()
        failures: list[Exception] = []
        # The workers inherit from this thread that they do not keep the process alive.
        self._thread = threading.Thread(
            target=_serve, args=(server, ready, failures), name="moto-cks-server", daemon=True
        )
        with ExitStack() as undo:
            self._enter(undo)
            self._thread.start()
            ready.wait()
            if failures:
                raise failures[0]
            undo.pop_all()
        self._server = server
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
        if self._server is None:
            raise RuntimeError("Call start() first.")
        host, port = self._server.bind_addr[:2]
        return str(host), int(port)

    def stop(self) -> None:
        """Stop listening, and let the requests that are being answered be answered, for a second.

        In a process that was forked, where none of its threads is, it is the parent's, and only
        forgotten.

        Raises:
            RuntimeError: it does not run.
        """
        if self._server is None or self._thread is None:
            raise RuntimeError("Call start() first.")
        if self._process != os.getpid():
            self._server.socket.close()
            self._server = self._thread = None
            self._leave()
            return
        # A request that takes longer is not waited for, which the server itself would do.
        stopping = threading.Thread(target=self._server.stop, daemon=True)
        stopping.start()
        stopping.join(STOP_WITHIN + 1)
        self._thread.join(STOP_WITHIN)
        self._server = None
        self._thread = None
        if self._state is not None:
            self._state.end()
        self._leave()

    def __enter__(self) -> ThreadedCksServer:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


def _serve(server: Any, ready: threading.Event, failures: list[Exception]) -> None:
    try:
        server.prepare()
    except Exception as error:
        failures.append(error)
        return
    finally:
        ready.set()
    server.serve()

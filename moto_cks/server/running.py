"""A server that listens in a thread of its own."""

from __future__ import annotations

import socket
import threading

from moto_cks.server.http import STOP_WITHIN, HttpServer


class Running:
    """A server from when it listens to its end; no process waits for its threads.

    Args:
        server: which.
        name: of the thread.

    Raises:
        OSError: the address is not free.
    """

    def __init__(self, server: HttpServer, name: str) -> None:
        self._server = server
        self._ready = threading.Event()
        self._failures: list[Exception] = []
        # The workers inherit from this thread that they do not keep the process alive.
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failures:
            raise self._failures[0]

    def _serve(self) -> None:
        try:
            self._server.prepare()
        except Exception as error:
            self._failures.append(error)
            return
        finally:
            self._ready.set()
        self._server.serve()

    @property
    def socket(self) -> socket.socket:
        """The one that listens."""
        listening: socket.socket = self._server.socket
        return listening

    def wait(self) -> None:
        """Wait until it has stopped."""
        self._thread.join()

    def stop(self) -> None:
        """Stop listening, and let what is being answered be answered, for a second."""
        # A request that takes longer is not waited for, which the server itself would do.
        stopping = threading.Thread(target=self._server.stop, daemon=True)
        stopping.start()
        stopping.join(STOP_WITHIN + 1)
        self._thread.join(STOP_WITHIN)

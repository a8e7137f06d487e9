"""The carrier over TCP: cheroot listens, and threads move the bytes. Delays are real."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

from cheroot.server import Gateway, HTTPConnection, HTTPServer

from moto_cks.xks_proxy.connection import ServerConnection, Service
from moto_cks.xks_proxy.lock import LOCK

THREADS = 32
"""How many threads move bytes; connections that say nothing take none."""

CHUNK = 64 * 1024

PATIENCE = 10
"""Seconds after which a connection that says nothing, or takes nothing, is closed."""

LINGER = 1.0
"""Seconds that a client has to read the last bytes."""

STAY = 0.05
"""Seconds for which a thread waits for the next request itself, which is quicker."""


class TcpConnection(HTTPConnection):
    """A connection over TCP: what comes is fed to a connection of the proxy."""

    awaited = False
    """Whether its first bytes are waited for."""

    def __init__(self, server: Any, sock: socket.socket, *arguments: Any) -> None:
        super().__init__(server, sock, *arguments)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._bytes = ServerConnection(server.service)
        self._answered = False

    def communicate(self) -> bool:
        """Answer what is asked until nothing is for a moment; gives whether the connection goes on.

        Who has not said all of it yet is waited for without a thread.
        """
        try:
            while (data := self._receive()) is not None:
                if not data or not self._move(data):
                    return False
                if not self._answered:
                    return True
        except OSError:
            return False  # the client has gone, or takes nothing
        return True

    def _receive(self) -> bytes | None:
        self.socket.settimeout(STAY)
        try:
            return bytes(self.socket.recv(CHUNK))
        except TimeoutError:
            return None

    def _move(self, data: bytes) -> bool:
        before = self._bytes.elapsed
        reply = self._bytes.feed(data)
        self._answered = bool(reply)
        # A thread waits for some centuries at most.
        if self.server.stopping.wait(min(self._bytes.elapsed - before, threading.TIMEOUT_MAX)):
            return False
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(reply)
        if self._bytes.closed:
            self._listen_to_the_end()
        return not self._bytes.closed

    def close(self) -> None:
        """End the connection."""
        self._bytes.close()
        super().close()

    def _listen_to_the_end(self) -> None:
        # Closed at once, what the client is still sending would cost it the last bytes.
        until = time.monotonic() + LINGER
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while (left := until - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if not self.socket.recv(CHUNK):
                    return
        except OSError:
            return  # it has gone, or does not want to go


class TcpListener(HTTPServer):
    """Listens for a proxy.

    Args:
        service: the proxy.
        address: where: IP address and port.
    """

    ConnectionClass = TcpConnection
    keep_alive_conn_limit = None  # type: ignore[assignment]
    expiration_interval = 0.05
    request_queue_size = 128  # more clients at once than that have to try again, after a second

    def __init__(self, service: Service, address: tuple[str, int]) -> None:
        super().__init__(address, Gateway, minthreads=THREADS, maxthreads=THREADS)
        self.service = service
        self.timeout = 60
        self.shutdown_timeout = 1
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="moto-cks-xks-proxy", daemon=True)
        self._ready = threading.Event()
        self._failures: list[Exception] = []
        self._stopping = threading.Thread(target=self._stop, daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self.bind_addr[:2]
        return str(host), int(port)

    def open(self) -> None:
        """Listen.

        Raises:
            OSError: the address is not free.
        """
        self._thread.start()
        self._ready.wait()
        if self._failures:
            raise self._failures[0]

    def _run(self) -> None:
        # Here, for the threads of the workers inherit from this one that no process waits for them.
        try:
            self.prepare()
        except Exception as error:
            self._failures.append(error)
            return
        finally:
            self._ready.set()
        self.serve()

    def close(self) -> None:
        """Listen no longer, and cut what is open; who was interrupted there can do it again."""
        self.stopping.set()
        if self._thread.ident is None:
            return  # it never listened
        # Not waited for without end: who closes may hold a lock for which a thread here waits, as
        # that of a simulated clock. It ends when it has it.
        with LOCK:
            if self._stopping.ident is None:
                self._stopping.start()
        self._stopping.join(self.shutdown_timeout)
        if not self._stopping.is_alive():
            self._thread.join(self.shutdown_timeout)

    def _stop(self) -> None:
        self._ready.wait()  # who was interrupted while it began to listen may close it
        self.stop()

    def process_conn(self, conn: TcpConnection) -> None:
        """Have a connection served that has something to say."""
        if conn.awaited:
            super().process_conn(conn)
            return
        # cheroot would give it a thread, and the thread would wait for the first byte.
        conn.awaited = True
        self._connections.put(conn)  # type: ignore[attr-defined]

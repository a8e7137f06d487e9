"""What carries bytes between KMS and a proxy: within this process, or over TCP."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Protocol

from moto_cks.xks_proxy.carriers import Connection

PIECE = 16 * 1024
"""So many bytes are received at once."""


class Carrier(Protocol):
    """A connection to a proxy without TLS, each use of which has a time."""

    def begin(self, seconds: float) -> None:
        """Give it time for another exchange."""

    @property
    def taken(self) -> float:
        """How much of that is used, in seconds."""

    def send(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            TimeoutError: the time is over.
            OSError: the connection is gone.
        """

    def receive(self) -> bytes:
        """What comes next; nothing at the end.

        Raises:
            TimeoutError, OSError: as for :meth:`send`.
        """

    def look(self) -> bytes | None:
        """What has come already; nothing at the end, ``None`` where that may come yet."""

    def close(self) -> None:
        """Be done with it."""


class MemoryCarrier:
    """A connection within this process. Its time is simulated: nothing sleeps.

    Args:
        connection: the proxy's end.
        seconds: the time of the first exchange.
    """

    def __init__(self, connection: Connection, seconds: float) -> None:
        self._connection = connection
        self._said = b""
        self._silent = False
        self.begin(seconds)

    def begin(self, seconds: float) -> None:
        self._begun, self._seconds, self._silent = self._connection.elapsed, seconds, False

    @property
    def taken(self) -> float:
        elapsed = self._connection.elapsed - self._begun
        return self._seconds if self._silent else min(elapsed, self._seconds)

    def send(self, data: bytes) -> None:
        self._said += self._connection.feed(data)

    def receive(self) -> bytes:
        if not self._said and not self._connection.closed:
            self._said = self._connection.feed(b"")
        if self._connection.elapsed - self._begun > self._seconds:
            raise TimeoutError
        if not self._said and not self._connection.closed:
            self._silent = True  # nobody will ever say anything
            raise TimeoutError
        said, self._said = self._said, b""
        return said

    def look(self) -> bytes | None:
        # The proxy says nothing of its own accord; that it has ended shows when it is fed.
        said, self._said = self._said, b""
        return said or None

    def close(self) -> None:
        self._connection.close()


class TcpCarrier:
    """A TCP connection. Each use of the socket gets what is left of the time, not all of it anew.

    Args:
        address: an IPv4 address and a port; no name is ever looked up.
        seconds: the time of connecting and of the first exchange.

    Raises:
        TimeoutError: nobody answers.
        OSError: nobody is there.
    """

    def __init__(self, address: tuple[str, int], seconds: float) -> None:
        self.begin(seconds)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(seconds)
            self._socket.connect(address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            self._socket.close()
            raise

    def __del__(self) -> None:
        # What a world kept that is forgotten; of a failed connection there is no socket.
        if "_socket" in self.__dict__:
            self.close()

    def begin(self, seconds: float) -> None:
        self._begun, self._seconds = time.monotonic(), seconds

    @property
    def taken(self) -> float:
        return min(time.monotonic() - self._begun, self._seconds)

    def _limit(self) -> None:
        left = self._seconds - self.taken
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)

    def send(self, data: bytes) -> None:
        self._limit()
        self._socket.sendall(data)

    def receive(self) -> bytes:
        self._limit()
        return self._socket.recv(PIECE)

    def look(self) -> bytes | None:
        self._socket.setblocking(False)
        try:
            return self._socket.recv(PIECE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

"""Receives requests without a thread for each: one gets it when the whole request is there.

cheroot gives a connection a thread when its first byte has come. Clients that say the rest
slowly, or never, would have all threads wait for them. Here the thread that waits for connections
collects what they say, and a worker reads what has been collected.
"""

from __future__ import annotations

import re
import selectors
import ssl
import time
from collections.abc import Callable
from typing import Any

from cheroot.connections import ConnectionManager
from cheroot.workers.threadpool import ThreadPool

from moto_cks.server.chunks import MAX_LINE, MAX_TRAILERS, chunk_size

MAX_HEADERS = 64 * 1024
"""The longest request line and headers, in bytes."""

COLLECTED = 8 * 1024 * 1024
"""How much of a request is collected, in bytes; of a longer one, the worker receives the rest."""

_PIECE = 256 * 1024
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_IN_CHUNKS = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_WAITS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class Inbox:
    """What a connection has said and nobody has read yet: cheroot's ``rfile``.

    Args:
        connection: the socket.

    Attributes:
        ended: whether nothing more will come.
        given_up: whether nobody waits for more.
        bytes_read: how much has been read, for cheroot's statistics.
    """

    def __init__(self, connection: Any) -> None:
        self._socket = connection
        self._data = bytearray()
        self._head: int | None = None  # where the body of the request begins
        self._next_chunk = 0
        self.ended = False
        self.given_up = False
        self.closed = False
        self.bytes_read = 0

    # Collecting ------------------------------------------------------------------------------

    def collect(self) -> None:
        """Take what is there, without waiting.

        Raises:
            OSError: the connection is broken.
        """
        self._socket.settimeout(0)
        try:
            while len(self._data) <= COLLECTED:
                piece = self._socket.recv(_PIECE)
                if not piece:
                    self.ended = True
                    return
                self._data += piece
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return

    def is_whole(self) -> bool:
        """Whether a whole request is there, or enough to see that there will be none."""
        if self.ended or len(self._data) > COLLECTED:
            return True
        if self._head is None and not self._find_head():
            return _BARE_LINE_FEED.search(self._data) is not None or len(self._data) > MAX_HEADERS
        assert self._head is not None
        head = bytes(self._data[: self._head])
        if _IN_CHUNKS.search(head):
            return self._has_all_chunks()
        length = _LENGTH.search(head)
        return length is None or len(self._data) - self._head >= int(length[1])

    def _find_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        self._head = self._next_chunk = end + 4
        head = self._data[: self._head]
        if _WAITS.search(head) and len(self._data) == self._head:
            self._socket.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _has_all_chunks(self) -> bool:
        while (end := self._data.find(b"\r\n", self._next_chunk)) >= 0:
            size = chunk_size(bytes(self._data[self._next_chunk : end + 2]))
            if size is None:
                return True  # whoever reads it will see that
            if size == 0:
                trailers = self._data[end:]
                return b"\r\n\r\n" in trailers or len(trailers) > MAX_TRAILERS
            if len(self._data) < end + 2 + size + 2:
                return False
            self._next_chunk = end + 2 + size + 2
        return len(self._data) - self._next_chunk > MAX_LINE

    def hand_over(self) -> None:
        """Be read from now on."""
        self._head = None

    # Reading, as cheroot does ----------------------------------------------------------------

    def has_data(self) -> bool:
        """Whether something has been said that nobody has read."""
        return bool(self._data)

    def read(self, size: int) -> bytes:
        """So many bytes, or less where no more will come.

        Raises:
            OSError: what is missing does not come.
        """
        while len(self._data) < size and self._receive():
            pass
        return self._take(size)

    def readline(self, size: int = MAX_HEADERS) -> bytes:
        """A line, or the beginning of a longer one.

        Raises:
            OSError: what is missing does not come.
        """
        while (end := self._data.find(b"\n", 0, size)) < 0:
            if len(self._data) >= size or not self._receive():
                return self._take(size)
        return self._take(end + 1)

    def close(self) -> None:
        """Read no more."""
        self.closed = True
        self._data.clear()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._data[:size])
        del self._data[:size]
        self.bytes_read += len(taken)
        return taken

    def _receive(self) -> bool:
        if self.given_up:
            raise TimeoutError("timed out")
        if not self.ended:
            piece = self._socket.recv(_PIECE)
            self._data += piece
            self.ended = not piece
        return not self.ended


class Reception(ConnectionManager):
    """Waits for what connections say."""

    _selector: Any

    def wait_for(self, connection: Any) -> None:
        """Wait until a connection says something."""
        connection.last_used = time.time()
        self._selector.register(connection.socket.fileno(), selectors.EVENT_READ, data=connection)

    def _expire(self, threshold: float) -> None:
        """Give up requests that do not go on, connections that say nothing, and idle threads."""
        began = time.time() - self.server.patience
        late = [
            (number, connection)
            for number, connection in self._selector.connections
            if connection is not self.server
            and connection.is_in_request
            and connection.last_used < began
        ]
        for number, connection in late:
            self._selector.unregister(number)
            connection.rfile.given_up = True
            self.server.serve_connection(connection)
        super()._expire(threshold)  # type: ignore[misc]
        pool = self.server.requests
        pool.shrink(pool.idle - pool.min)


class Workers(ThreadPool):
    """Threads that answer requests; more of them begin without anybody waiting for that."""

    _threads: list[Any]
    _spawn_worker: Callable[[], Any]

    def grow(self, amount: int) -> None:
        """Begin so many more, up to the most that there may be."""
        room = max(int(self.max) - len(self._threads), 0)
        self._threads.extend(self._spawn_worker() for _ in range(min(amount, room)))

"""Receives requests without a thread for each: one gets it when the whole request is there.

cheroot gives a connection a thread when its first byte has come. Clients that say the rest
slowly, or never, would have all threads wait for them. Here the thread that waits for connections
collects what they say, and a worker answers what has been collected.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from typing import Any

from cheroot.connections import ConnectionManager
from cheroot.workers.threadpool import ThreadPool


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

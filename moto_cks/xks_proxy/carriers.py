"""What a client sees of any proxy: somewhere to connect to, and what comes of that."""

from __future__ import annotations

from typing import Protocol


class Connection(Protocol):
    """One connection to a proxy: the client's bytes go in, the proxy's come out."""

    @property
    def closed(self) -> bool:
        """Whether the proxy has ended it: what ``feed`` has given is followed by nothing more.

        A connection that is kept can end between two requests, too.
        """
        ...

    @property
    def elapsed(self) -> float:
        """The seconds of simulated time that the proxy has taken so far; nothing sleeps."""
        ...

    def feed(self, data: bytes) -> bytes:
        """Take what the client sends; gives what the proxy sends next, maybe nothing yet."""
        ...

    def close(self) -> None:
        """Learn that the client has gone."""
        ...


class Endpoint(Protocol):
    """Where a proxy can be reached."""

    def connect(self) -> Connection:
        """Open a connection.

        Raises:
            ConnectionRefusedError: nobody listens.
        """
        ...

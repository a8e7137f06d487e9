"""What lies between the bytes of a carrier and those of HTTP: TLS in memory, or nothing."""

from __future__ import annotations

import ssl
from typing import Protocol

CHUNK = 64 * 1024


class ChannelError(Exception):
    """The channel cannot be used any more; what is to be sent still says so to the client.

    Args:
        reason: why, in OpenSSL's words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    """A way between two sides."""

    @property
    def is_open(self) -> bool:
        """Whether both sides are ready to speak."""
        ...

    @property
    def left(self) -> bool:
        """Whether the client has said that nothing more follows."""
        ...

    def receive(self, data: bytes) -> bytes:
        """What the client says by these bytes.

        Raises:
            ChannelError: they are not what has to come.
        """
        ...

    def send(self, data: bytes) -> None:
        """Say something to the client."""
        ...

    def say_goodbye(self) -> None:
        """Say that nothing more follows."""
        ...

    def take(self) -> bytes:
        """The bytes that are to be sent."""
        ...


class PlainChannel:
    """No TLS."""

    is_open = True
    left = False

    def __init__(self) -> None:
        self._outgoing = bytearray()

    def receive(self, data: bytes) -> bytes:
        """The bytes themselves."""
        return data

    def send(self, data: bytes) -> None:
        """Say something to the client."""
        self._outgoing += data

    def say_goodbye(self) -> None:
        """Nothing: the end of the connection says it."""

    def take(self) -> bytes:
        """The bytes that are to be sent."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data


class TlsChannel:
    """TLS, without a socket.

    Args:
        context: of the server.
        client_name: what the client's certificate has to be for; ``None`` for anything.
    """

    def __init__(self, context: ssl.SSLContext, client_name: str | None) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_side=True, server_hostname=client_name
        )
        self.is_open = False
        self.left = False

    def receive(self, data: bytes) -> bytes:
        """What the client says; nothing before the handshake is over.

        Raises:
            ChannelError: the handshake has failed, or what comes is no TLS.
        """
        self._incoming.write(data)
        said = bytearray()
        try:
            if not self.is_open:
                self._tls.do_handshake()
                self.is_open = True
            while self._incoming.pending or self._tls.pending():
                chunk = self._tls.read(CHUNK)
                said += chunk
                if not chunk:
                    self.left = True  # by a close_notify
                    break
        except ssl.SSLWantReadError:
            pass  # that is all, for now
        except ssl.SSLError as error:
            raise ChannelError(error.reason or str(error)) from None
        return bytes(said)

    def send(self, data: bytes) -> None:
        """Say something to the client."""
        self._tls.write(data)

    def say_goodbye(self) -> None:
        """Send a close_notify, where there has been a handshake."""
        if self.is_open:
            try:
                self._tls.unwrap()
            except ssl.SSLError:
                return  # the client's own is not waited for

    def take(self) -> bytes:
        """The bytes that are to be sent."""
        return self._outgoing.read()

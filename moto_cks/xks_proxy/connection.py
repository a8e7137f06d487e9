"""One connection to a proxy, whatever carries it: bytes in, bytes out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

from moto_cks.xks_proxy.channels import Channel, ChannelError
from moto_cks.xks_proxy.lock import LOCK
from moto_cks.xks_proxy.wire import Answer, BadRequestError, Received, Request, RequestReader

IDLE = timedelta(minutes=1)
"""How long a connection can say nothing, by the proxy's clock, before it is given up."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Service(Protocol):
    """What a connection asks of the proxy that it leads to."""

    @property
    def running(self) -> bool:
        """Whether the proxy runs."""
        ...

    @property
    def max_connections(self) -> int | None:
        """How many connections there can be at once."""
        ...

    @property
    def handshake_delay(self) -> float:
        """The seconds that a handshake takes."""
        ...

    def now(self) -> datetime:
        """The time."""
        ...

    def settings(self) -> object:
        """What a connection depends on; it ends where that is another."""
        ...

    def open_channel(self) -> Channel:
        """A new channel."""
        ...

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        ...

    def note_failure(self, reason: str) -> None:
        """Note that a handshake has failed."""
        ...


_open: WeakKeyDictionary[Service, WeakSet[ServerConnection]] = WeakKeyDictionary()
"""The connections of each proxy."""


class ServerConnection:
    """A connection, as the proxy has it. It is a :class:`moto_cks.xks_proxy.carriers.Connection`.

    Args:
        service: the proxy that it leads to.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._settings = service.settings()
        self._channel = service.open_channel()
        self._reader = RequestReader()
        self._elapsed = 0.0
        self._begun = False
        self._last_used = service.now()
        with LOCK:
            siblings = _open.setdefault(service, WeakSet())
            most = service.max_connections
            self._ended = most is not None and len([s for s in siblings if not s.closed]) >= most
            siblings.add(self)

    @property
    def elapsed(self) -> float:
        """The seconds that the proxy has taken so far."""
        return self._elapsed

    @property
    def closed(self) -> bool:
        """Whether the proxy has ended it, or would with the next byte."""
        return self._ended or self._is_over(self._service.now())

    def close(self) -> None:
        """Learn that the client has gone."""
        self._ended = True

    def feed(self, data: bytes) -> bytes:
        """Take what the client sends; gives what the proxy sends next, maybe nothing yet."""
        if self._ended:
            return b""
        now = self._service.now()
        if self._is_over(now):
            self._end(politely=self._service.running)
            return self._channel.take()
        self._last_used = now
        if data and not self._begun:
            self._begun = True
            if not self._channel.is_open:  # the client waits for what the handshake needs
                self._elapsed += self._service.handshake_delay
        try:
            said = self._channel.receive(data)
        except ChannelError as error:
            if not self._channel.is_open:
                self._service.note_failure(error.reason)
            self._end(politely=False)
            return self._channel.take()
        self._listen(said)
        if self._channel.left and not self._ended:
            self._end(politely=True)
        return self._channel.take()

    def _is_over(self, now: datetime) -> bool:
        service = self._service
        return (
            not service.running
            or service.settings() != self._settings
            or now - self._last_used > IDLE
        )

    def _listen(self, said: bytes) -> None:
        try:
            for received in self._reader.feed(said):
                self._reply(received)
                if self._ended:
                    return
        except BadRequestError as error:
            self._reply_last(Answer(error.status))
            return
        if self._reader.take_continue():
            self._channel.send(CONTINUE)

    def _reply(self, received: Received) -> None:
        answer = self._service.answer(received.request)
        self._elapsed += answer.delay
        if answer.cut_after is not None:
            self._channel.send(answer.to_bytes()[: answer.cut_after])
            self._end(politely=False)
        elif received.last:
            self._reply_last(answer)
        else:
            self._channel.send(answer.to_bytes())

    def _reply_last(self, answer: Answer) -> None:
        self._channel.send(answer.to_bytes(last=True))
        self._end(politely=True)

    def _end(self, *, politely: bool) -> None:
        if politely:
            self._channel.say_goodbye()
        self._ended = True

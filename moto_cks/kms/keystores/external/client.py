"""KMS as a client of an external key store proxy.

AWS KMS External Key Store Proxy API Specification 1.0.3; AWS KMS Developer Guide: "External key
stores", "Troubleshooting external key stores".
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, NamedTuple, TypeVar

from moto_cks.kms.keystores.external import protocol, wire
from moto_cks.kms.keystores.external.carriers import Carrier
from moto_cks.kms.keystores.external.credential import Credential
from moto_cks.kms.keystores.external.displays import Certificate
from moto_cks.kms.keystores.external.outcomes import (
    CUT,
    MALFORMED,
    NO_ANSWER_IN_TIME,
    NO_CONNECTION,
    ProxyError,
)
from moto_cks.kms.keystores.external.plain import PlainConnection
from moto_cks.kms.keystores.external.protocol import Question
from moto_cks.kms.keystores.external.routes import Route, host_of
from moto_cks.kms.keystores.external.signing import signed_headers
from moto_cks.kms.keystores.external.tls import TlsConnection, context_of

Result = TypeVar("Result")

SECONDS = 0.25
"""The time of one exchange: connecting, the handshake, sending, and the whole answer."""

ATTEMPTS = 2
"""How often KMS tries to get a TLS connection, where nobody answers."""


class Line(NamedTuple):
    """What KMS needs to know to ask a proxy.

    Attributes:
        endpoint: XksProxyUriEndpoint.
        path: XksProxyUriPath.
        credential: what requests are signed with.
        region: the Region of KMS.
        route: the way to the proxy; ``None`` where there is none.
        trusted: the CAs that KMS trusts, PEM.
        certificate: KMS's own certificate with its key, PEM.
        now: the simulated time.
    """

    endpoint: str
    path: str
    credential: Credential
    region: str
    route: Route | None
    trusted: tuple[str, ...]
    certificate: str
    now: datetime

    def __repr__(self) -> str:
        return f"<Line to {self.endpoint}>"

    @property
    def date(self) -> datetime:
        """The date of what is sent; outside of the simulated world, clocks show another one."""
        if self.route is not None and self.route.embedded:
            return self.now
        return datetime.now(timezone.utc)


@dataclass(slots=True)
class Exchange(Generic[Result]):
    """A question to a proxy, and what has come of it.

    Attributes:
        question: what was asked.
        seconds: how long it took: simulated time where the proxy is part of the simulated world.
        attempts: how often KMS has tried to connect.
        answers: what the proxy has answered: one thing, or nothing.
        error: what it came to, if to nothing.
        certificate: what the proxy has shown, where there was a new handshake.
    """

    question: Question[Result]
    seconds: float = 0.0
    attempts: int = 1
    answers: tuple[Result, ...] = ()
    error: ProxyError | None = None
    certificate: Certificate | None = None


class Kept:
    """The connections of one key store that are open and wait to be used again.

    Threads share it without a lock: what each step of them sees of the others is whole, and who
    adds looks afterwards whether that was still wanted.

    Attributes:
        most: how many of them there may be.
    """

    most = 100

    def __init__(self) -> None:
        self._waiting: list[Connection] = []
        self._route: Route | None = None
        self._over = False
        self._process = os.getpid()

    def take(self, route: Route) -> Connection | None:
        """A connection by that way on which nothing has come, if there is one."""
        if self._process != os.getpid():  # a child of a fork: they are its parent's
            self._process = os.getpid()
            self.drop()
        if route is not self._route:
            self._route = route
            self.drop()
        while (connection := self._next()) is not None:
            if connection.route is route and connection.fit:
                return connection
            connection.close()
        return None

    def give(self, connection: Connection) -> None:
        """Keep a connection that can be used again."""
        if len(self._waiting) >= self.most:
            connection.close()
            return
        self._waiting.append(connection)
        if self._over or connection.route is not self._route:
            self.drop()

    def drop(self) -> None:
        """Close all of them."""
        while (connection := self._next()) is not None:
            connection.close()

    def end(self) -> None:
        """Close all of them, and keep no more."""
        self._over = True
        self.drop()

    def _next(self) -> Connection | None:
        try:
            return self._waiting.pop()
        except IndexError:  # there is none, or another thread was quicker
            return None


class Connection:
    """A connection to a proxy, over TLS unless the way to it has none.

    Attributes:
        carrier: carries its bytes.
        route: the way by which it was connected.
    """

    def __init__(self, carrier: Carrier, line: Line, context: ssl.SSLContext) -> None:
        assert line.route is not None  # it was connected by it
        self.carrier, self.route = carrier, line.route
        self._inner: TlsConnection | PlainConnection = (
            TlsConnection(carrier, context, host_of(line.endpoint))
            if line.route.tls
            else PlainConnection(carrier)
        )
        self._now = line.now if line.route.embedded else None

    def shake_hands(self) -> None:
        """Have TLS, where there is to be any.

        Raises:
            ProxyError, TimeoutError
        """
        self._inner.shake_hands(self._now)
        if self._inner.has_come():
            raise ProxyError(MALFORMED)  # an answer to nothing

    @property
    def certificate(self) -> Certificate | None:
        """What the proxy has shown in the handshake; of a connection without TLS, nothing."""
        return self._inner.certificate

    @property
    def fit(self) -> bool:
        """Whether nothing has come on it since, not even its end."""
        try:
            return not self._inner.has_come()
        except ProxyError:
            return False

    def ask(self, request: bytes) -> wire.Answer:
        """Ask.

        Raises:
            GoneError: the connection has ended before a byte of the answer.
            ProxyError, TimeoutError
        """
        incoming = wire.Incoming(self._inner.receive)
        try:
            self._inner.ask(request)
            return wire.read_answer(incoming)
        except ProxyError as error:
            if error.outcome is CUT and not incoming.begun:
                raise GoneError(CUT) from None
            raise

    def close(self) -> None:
        """Close it."""
        self._inner.close()


class GoneError(ProxyError):
    """A connection has ended before a byte of an answer."""


def ask(line: Line, question: Question[Result], kept: Kept) -> Exchange[Result]:
    """Ask a proxy.

    Args:
        line: how.
        question: what.
        kept: the connections that there are, and to which one may be added.

    Returns:
        What has come of it; nothing is raised.
    """
    exchange = Exchange(question)
    try:
        exchange.answers = (_ask(line, kept, exchange),)
    except ProxyError as error:
        exchange.error = error
    except TimeoutError:
        exchange.error = ProxyError(NO_ANSWER_IN_TIME)
    return exchange


def _ask(line: Line, kept: Kept, exchange: Exchange[Result]) -> Result:
    route = line.route
    if route is None:
        raise ProxyError(NO_CONNECTION)
    request = _request(line, exchange.question)
    connection = kept.take(route)
    if connection is not None:
        connection.carrier.begin(SECONDS)
        try:
            return _converse(connection, request, kept, exchange)
        except GoneError:
            pass  # it was closed when it was taken, and nobody knew
    connection = _connected(line, route, exchange)
    return _converse(connection, request, kept, exchange)


def _request(line: Line, question: Question[Any]) -> bytes:
    path, body = line.path + question.path, question.to_bytes()
    host = host_of(line.endpoint)
    headers = signed_headers(host, path, body, line.credential, line.region, line.date)
    return wire.request_bytes(path, headers, body)


def _connected(line: Line, route: Route, exchange: Exchange[Any]) -> Connection:
    """A new connection, with TLS; where nobody answers, KMS tries once more.

    What the exchange has taken already is not given to it again.
    """
    context = context_of((*line.trusted, *route.trusted), line.certificate, not route.embedded)
    spent = exchange.seconds
    limit = SECONDS - spent
    if limit <= 0:
        raise TimeoutError
    while True:
        carrier = None
        try:
            carrier = route.connect(limit)
            connection = Connection(carrier, line, context)
            connection.shake_hands()
        except TimeoutError:
            spent, limit = spent + limit, SECONDS
            exchange.seconds = spent
            if carrier is not None:
                carrier.close()
            if exchange.attempts == ATTEMPTS:
                raise ProxyError(NO_CONNECTION if carrier is None else NO_ANSWER_IN_TIME) from None
            exchange.attempts += 1
        except OSError:
            if carrier is not None:
                carrier.close()
            raise ProxyError(NO_CONNECTION) from None
        except ProxyError:
            assert carrier is not None  # it said something
            exchange.seconds = spent + carrier.taken
            carrier.close()
            raise
        else:
            exchange.seconds = spent
            exchange.certificate = connection.certificate
            return connection


def _converse(
    connection: Connection, request: bytes, kept: Kept, exchange: Exchange[Result]
) -> Result:
    reusable = False
    try:
        answer = connection.ask(request)
        reusable = answer.reusable
        question = exchange.question
        return question.read(protocol.members_of(question.api, answer.status, answer.body))
    finally:
        exchange.seconds += connection.carrier.taken
        if reusable:
            kept.give(connection)
        else:
            connection.close()

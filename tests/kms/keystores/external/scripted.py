"""A proxy that answers as a test says, byte by byte, in memory or over TCP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from moto_cks.kms.keystores.external import client
from moto_cks.kms.keystores.external.routes import EmbeddedRoute, TcpRoute, routes
from moto_cks.world.lock import WORLD
from moto_cks.xks_proxy.channels import ChannelError
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.wire import Request, RequestReader

PATIENCE = 30
"""In seconds: what is no question of time is not to fail because the machine is busy."""

APIS = {
    "/health": "GetHealthStatus",
    "/metadata": "GetKeyMetadata",
    "/encrypt": "Encrypt",
    "/decrypt": "Decrypt",
}


@dataclass(frozen=True)
class Reply:
    """What the proxy does with a request.

    Attributes:
        content: what it answers, byte by byte.
        then: what it does after that: ``"stay"``, ``"close"`` as one does, or ``"cut"``.
        seconds: how long it takes for that.
        raw: whether the content is sent as it is, without TLS.
    """

    content: bytes
    then: str = "stay"
    seconds: float = 0.0
    raw: bool = False


def http(body: bytes | dict[str, Any], status: int = 200, *headers: str) -> bytes:
    """An answer with a length."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


def error(name: str, message: str | None = None, status: int = 400) -> bytes:
    """An error of a proxy."""
    said = {} if message is None else {"errorMessage": message}
    return http({"errorName": name, **said}, status)


class ScriptedProxy:
    """A proxy that answers as another one does, unless it is told otherwise.

    Attributes:
        replies: what is done with requests for an API; ``*`` stands for all.
        greeting: what a connection says once there is TLS, before it is asked anything.
        connections: how many there have been.
        log: the requestMetadata of each request that has come, with its API as ``api``.
    """

    def __init__(self, proxy: XksProxy) -> None:
        self.proxy = proxy
        self.replies: dict[str, Reply | Callable[[Request], Reply]] = {}
        self.greeting = b""
        self.connections = 0
        self.refuses = False
        self.log: list[dict[str, str]] = []

    def connect(self) -> ScriptedConnection:
        """A connection; it is a :class:`moto_cks.xks_proxy.carriers.Endpoint`."""
        if self.refuses:
            raise ConnectionRefusedError
        self.connections += 1
        return ScriptedConnection(self)

    def reply_to(self, request: Request) -> Reply:
        """What is done with a request."""
        api = next(api for end, api in APIS.items() if request.target.endswith(end))
        self.log.append({"api": api, **json.loads(request.body)["requestMetadata"]})
        reply = self.replies.get(api, self.replies.get("*"))
        if reply is None:
            return Reply(self.proxy.answer(request).to_bytes())
        return reply if isinstance(reply, Reply) else reply(request)


class ScriptedConnection:
    """A connection to it."""

    def __init__(self, script: ScriptedProxy) -> None:
        self._script, self._channel = script, script.proxy.open_channel()
        self._reader, self._raw, self._greeted = RequestReader(), b"", False
        self.closed, self.elapsed = False, 0.0

    def feed(self, data: bytes) -> bytes:
        """Take what KMS sends; gives what comes next."""
        try:
            said = self._channel.receive(data) if not self.closed else b""
        except ChannelError:
            self.closed = True
            return self._channel.take()
        if self._channel.is_open and not self._greeted:
            self._greeted = True
            if self._script.greeting:
                self._channel.send(self._script.greeting)
        for received in self._reader.feed(said):
            self._do(self._script.reply_to(received.request))
        raw, self._raw = self._raw, b""
        return self._channel.take() + raw

    def _do(self, reply: Reply) -> None:
        self.elapsed += reply.seconds
        if reply.raw:
            self._raw += reply.content
        elif reply.content:
            self._channel.send(reply.content)
        if reply.then != "stay":
            self.closed = True
            if reply.then == "close":
                self._channel.say_goodbye()

    def close(self) -> None:
        """KMS is gone."""
        self.closed = True


@contextmanager
def in_memory(host: str, endpoint: Any) -> Iterator[None]:
    """Have KMS reach an endpoint in memory by the name of a host."""
    with WORLD:
        before, routes().by_host[host] = routes().by_host.get(host), EmbeddedRoute(endpoint)
    try:
        yield
    finally:
        _put_back(host, before)


@contextmanager
def over_tcp(host: str, endpoint: Any, seconds: float = PATIENCE) -> Iterator[None]:
    """Have KMS reach it over TCP, on a loopback port.

    Args:
        host: the host.
        endpoint: what answers there.
        seconds: how long KMS waits.
    """
    with (
        patch.object(client, "SECONDS", seconds),
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        listener.settimeout(0.05)
        stopping = threading.Event()
        thread = threading.Thread(target=_accept, args=(listener, endpoint, stopping))
        thread.start()
        with WORLD:
            before = routes().by_host.get(host)
            routes().by_host[host] = TcpRoute(listener.getsockname())
        try:
            yield
        finally:
            _put_back(host, before)
            stopping.set()
            thread.join()


def _put_back(host: str, before: Any) -> None:
    with WORLD:
        if before is None:
            routes().by_host.pop(host, None)
        else:
            routes().by_host[host] = before


def _accept(listener: socket.socket, endpoint: Any, stopping: threading.Event) -> None:
    threads = []
    while not stopping.is_set():
        with suppress(TimeoutError):
            connected, _ = listener.accept()
            serving = threading.Thread(target=_serve, args=(connected, endpoint, stopping))
            serving.start()
            threads.append(serving)
    for thread in threads:
        thread.join()


def _serve(connected: socket.socket, endpoint: Any, stopping: threading.Event) -> None:
    with connected, suppress(OSError):
        connected.settimeout(0.05)
        connection = endpoint.connect()
        while not connection.closed and not stopping.is_set():
            with suppress(TimeoutError):
                data = connected.recv(65536)
                if not data:
                    return
                before = connection.elapsed
                answer = connection.feed(data)
                time.sleep(connection.elapsed - before)
                connected.sendall(answer)


CARRIERS = {"memory": in_memory, "TCP": over_tcp}

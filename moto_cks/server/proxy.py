"""The console script ``moto-cks-proxy``: moto's proxy, and who may use its own API.

A client of the proxy reaches moto's API and the control API under the name motoapi.amazonaws.com, a
web page under any name that it makes lead there. So they are guarded as those of the server are.
How the proxy speaks HTTP is moto's, but for what it would not get over.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import unquote

from moto import proxy
from moto.moto_proxy.proxy3 import ProxyRequestHandler

from moto_cks.plugin import switch
from moto_cks.server.bodies import read_body
from moto_cks.server.errors import RefusedError
from moto_cks.server.guard import SERVER_ADDRESS, Guard, Refusal
from moto_cks.server.incoming import Incoming
from moto_cks.server.options import add_guarding, add_routing, check, routes_of
from moto_cks.server.own_api import MAX_BODY, allowing, answer_to_refused, why_refused

OWN_HOST = "motoapi.amazonaws.com"
"""The name of moto's own API."""

OWN_API = "moto_api"
"""What moto's names for it begin with."""


class GuardedHandler(ProxyRequestHandler):
    """Answers a connection to the proxy; on its own API only those who may use that.

    Attributes:
        guard: who may.
    """

    guard: ClassVar[Guard]
    _allowed: Sequence[tuple[str, str]] = ()
    raw_requestline: bytes
    _longest: int
    _incoming: Incoming

    def do_GET(self) -> None:
        """Answer a request of any method, or refuse it."""
        self._allowed, self._longest = (), sys.maxsize - 1
        refusal = self._malformed() or self._forbidden()
        if refusal is not None:
            self._refuse(refusal)
        elif self._allowed and self.command == "OPTIONS":
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()
            self.close_connection = True  # as after every answer of moto's proxy
        else:
            try:
                super().do_GET()
            except RefusedError as refused:
                self._refuse(why_refused(refused))

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def end_headers(self) -> None:
        """End the headers of the answer, with those that let a page read it."""
        for name, value in self._allowed:
            self.send_header(name, value)
        super().end_headers()

    def finish(self) -> None:
        """End the connection with the answer.

        TLS has taken the socket over from what socketserver closes. Without this it would be open
        for as long as an exception of the answer holds on to this object, and a client that sends
        its next request there would wait for nobody.
        """
        super().finish()
        if self.connection is not self.request:
            self.connection.close()

    def read_chunked_body(self, _reader: Any) -> bytes:
        """The content of a body in chunks.

        Raises:
            RefusedError: it is malformed, longer than it may be, or did not come.
        """
        return read_body({"wsgi.input": self._incoming}, self._longest)

    def _malformed(self) -> Refusal | None:
        """Why a request is none, as h11 reads it; what Python reads for moto lets more pass."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        self._incoming = Incoming(self.rfile.read1)
        self._incoming.feed(self.raw_requestline + lines.encode("latin-1") + b"\r\n")
        try:
            self._incoming.head()
        except RefusedError as refused:
            return why_refused(refused)
        if "Host" not in self.headers:
            return Refusal("The request does not say for which host it is.", HTTPStatus.BAD_REQUEST)
        if self.headers.defects:
            return Refusal("A header is malformed.", HTTPStatus.BAD_REQUEST)
        return None

    def _forbidden(self) -> Refusal | None:
        """Why a request is refused that is for moto's own API or the control API."""
        host, path = self._get_host_and_path(self)
        backend = self.moto_request_handler.get_backend_for_host(host) or ""
        if not backend.startswith(OWN_API):
            return None
        environ = self._environ(host, path)
        if self.guard.is_allowed_origin(environ):
            self._allowed = allowing(environ)
        self._longest = MAX_BODY
        refusal = self.guard.refusal(environ)
        if refusal is None and int(self.headers.get("Content-Length", "0")) > MAX_BODY:
            return Refusal(
                f"The request is longer than {MAX_BODY} bytes.",
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
        return refusal

    def _environ(self, host: str, path: str) -> dict[str, Any]:
        """The request as the guard reads it: as of WSGI."""
        headers = self.headers.items()
        return {
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers},
            "PATH_INFO": unquote(path.partition("?")[0]),
            "REQUEST_METHOD": self.command,
            "wsgi.url_scheme": host.partition("://")[0],
            SERVER_ADDRESS: self.connection.getsockname()[0],
        }

    def _refuse(self, refusal: Refusal) -> None:
        body, headers = answer_to_refused(refusal)
        self.send_response(refusal.status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class ProxyServer(ThreadingHTTPServer):
    """moto's server of the proxy, which many clients can come to at once.

    Each connection has a thread, which ends when its client has been silent for 5 seconds.
    """

    request_queue_size = 1024  # more than that have to try again, after a second


def main(
    argv: Sequence[str] | None = None, *, options: argparse.ArgumentParser | None = None
) -> None:
    """Run the proxy until SIGTERM or SIGINT.

    Args:
        argv: the arguments: those of ``moto_proxy``, and who may use ``/moto-api``.
        options: more of them, which the console script sees to.
    """
    parser = _parser([] if options is None else [options])
    arguments = parser.parse_args(argv)
    check(parser, arguments)
    routes = routes_of(parser, arguments)
    hosts = [OWN_HOST, *filter(None, [arguments.host]), *arguments.allow_host]

    class Handler(GuardedHandler):
        guard = Guard(hosts, arguments.allow_origin)

    given = ["-H", arguments.host, "-p", str(arguments.port)]
    originals = proxy.ProxyRequestHandler, proxy.ThreadingHTTPServer  # type: ignore[attr-defined]
    proxy.ProxyRequestHandler, proxy.ThreadingHTTPServer = Handler, ProxyServer  # type: ignore[attr-defined]
    switch.enter()
    if routes is not None:
        routes.begin()
    try:
        proxy.main([*given, "-v"] if arguments.verbose else given)
    finally:
        if routes is not None:
            routes.end()
        switch.leave()
        proxy.ProxyRequestHandler, proxy.ThreadingHTTPServer = originals  # type: ignore[attr-defined]


def _parser(parents: Sequence[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moto-cks-proxy",
        description="moto's proxy with custom key stores and CloudHSM.",
        parents=parents,
    )
    port = int(os.environ.get("MOTO_PROXY_PORT") or 5005)
    parser.add_argument("-H", "--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("-p", "--port", type=int, default=port, help="TCP port (%(default)s)")
    parser.add_argument("-v", "--verbose", action="store_true", help="say all that is sent")
    add_guarding(parser)
    add_routing(parser)
    return parser

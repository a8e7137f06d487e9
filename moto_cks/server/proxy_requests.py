"""One request to moto's proxy: moto answers it, if its sender may ask that.

A client of the proxy reaches moto's API and the control API under the name motoapi.amazonaws.com, a
web page under any name that it makes lead there. So they are guarded as those of the server are.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPMessage
from typing import Any, ClassVar
from urllib.parse import unquote

import h11
from moto.moto_proxy.proxy3 import ProxyRequestHandler

from moto_cks.server import errors
from moto_cks.server.bodies import read_body
from moto_cks.server.errors import RefusedError
from moto_cks.server.guard import SERVER_ADDRESS, Guard, Refusal
from moto_cks.server.incoming import Incoming, split_target
from moto_cks.server.own_api import MAX_BODY, allowing, answer_to_refused, why_refused

OWN_API = "moto_api"
"""What moto's names for its own API begin with."""

ENDS = ("Connection", "close")
"""The connection ends with the answer: moto's proxy has one for each request."""


class GuardedHandler(ProxyRequestHandler):
    """moto's handler, which writes its answer into memory; what it is asked has been received.

    Args:
        connection: the socket of the client, of which nothing is read here.
        incoming: the request.

    Attributes:
        guard: who may use moto's own API.
        answer: all that is to be sent.

    Raises:
        RefusedError: the request is malformed.
        OSError: its head did not come.
    """

    guard: ClassVar[Guard]

    wfile: io.BytesIO

    def __init__(self, connection: Any, incoming: Incoming) -> None:
        self._incoming = incoming
        self._allowed: Sequence[tuple[str, str]] = ()
        self._longest = sys.maxsize - 1
        super().__init__(connection, connection.getpeername(), None)

    @property
    def answer(self) -> bytes:
        """What has been written."""
        return self.wfile.getvalue()

    # As socketserver calls them ---------------------------------------------------------------

    def setup(self) -> None:
        """Take the head of the request."""
        head = self._incoming.head()
        self.connection = self.request
        self.rfile = io.BytesIO()
        self.wfile = io.BytesIO()
        self.close_connection = True  # as after every answer of moto's proxy
        self.command = head.method.decode()
        self.request_version = f"HTTP/{head.http_version.decode()}"
        self.requestline = f"{self.command} {head.target.decode()} {self.request_version}"
        self.raw_requestline = f"{self.requestline}\r\n".encode()
        self.headers = HTTPMessage()
        for name, value in head.headers.raw_items():
            self.headers[name.decode()] = value.decode("latin-1")
        self.path = self._take_target(head)

    def handle(self) -> None:
        """Answer it; a tunnel is no matter of moto's here."""
        if self.command != "CONNECT":
            getattr(self, f"do_{self.command}", self._do_other)()

    def finish(self) -> None:
        """Leave the connection to who has received the request."""

    # ------------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        """Answer a request of any method, or refuse it."""
        refusal = self._forbidden()
        if refusal is not None:
            self._refuse(refusal)
        elif self._allowed and self.command == "OPTIONS":
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            self._answer()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def _do_other(self) -> None:
        said = f"The proxy does not answer {self.command}."
        self._refuse(Refusal(said, HTTPStatus.NOT_IMPLEMENTED))

    def end_headers(self) -> None:
        """End the headers of the answer, with those that let a page read it.

        As the connection ends, too, that is said: a client could send its next request there.
        """
        for name, value in (*self._allowed, ENDS):
            self.send_header(name, value)
        super().end_headers()

    def read_chunked_body(self, reader: Any) -> bytes:
        """The content of a body, which has come in chunks."""
        content: bytes = reader.read()
        return content

    def _answer(self) -> None:
        environ = {"wsgi.input": self._incoming, "CONTENT_LENGTH": self.headers["Content-Length"]}
        try:
            self.rfile = io.BytesIO(read_body(environ, self._longest))
        except RefusedError as refused:
            self._refuse(why_refused(refused))
            return
        super().do_GET()
        if self.answer and b"\r\n\r\n" not in self.answer:
            self.end_headers()  # which moto leaves out where there are none

    def _take_target(self, head: h11.Request) -> str:
        """The path that is asked for, and its query; a target that is a URL names the host.

        RFC 9112, section 3.2.2.

        Raises:
            RefusedError: nobody can be asked for that.
        """
        target = head.target.decode()
        if self.command == "CONNECT":
            return target
        if not target.startswith("/"):
            host, asked = split_target(head.target)
            del self.headers["Host"]
            self.headers["Host"] = host.decode()
            target = asked.decode()
        if "Host" not in self.headers:
            said = "The request does not say for which host it is."
            raise RefusedError(errors.of_status(400, said))
        return target

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
        return self.guard.refusal(environ)

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
            if (name, value) != ENDS:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

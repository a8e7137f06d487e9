"""HTTP/1.1: h11 reads requests, cheroot has them answered by threads.

What differs from cheroot: the errors are AWS's; what comes is held against the grammar of HTTP;
the names of S3's metadata keep their underscores, as in moto's server; and nobody waits for a
client that is slow to say what it wants, or to shake hands.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import h11
from cheroot import wsgi
from cheroot.errors import FatalSSLAlert
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter
from moto.core import request as moto_request

from moto_cks.server import errors
from moto_cks.server.errors import AwsError, RefusedError
from moto_cks.server.guard import SERVER_ADDRESS
from moto_cks.server.incoming import MALFORMED_TARGET, MAX_HEADERS, Incoming, split_target
from moto_cks.server.reception import Reception, Workers

THREADS = 32
"""How many threads answer requests; so many more start when all of them are at work."""

MAX_THREADS = 512
"""How many there are at most. Somebody who waits for a message in a queue takes one."""

KEEP_ALIVE = 60
"""Seconds after which a connection that says nothing is closed."""

PATIENCE = 10
"""Seconds in which a client that has begun a request must go on with it."""

LINGER = 1
"""Seconds that a client has to say something more, before its connection is closed."""

LINGER_AT_MOST = 10
"""Seconds that it has to come to an end."""

MAX_UNREAD = 64 * 1024 * 1024
"""How many bytes of a request that was refused are still taken."""

STOP_WITHIN = 1
"""Seconds that a request has to be answered when the server stops."""


S3_METADATA = b"x-amz-meta-"
"""What the names of those headers begin with in which an underscore is not a dash."""

ORIGINAL_NAMES: str | None = getattr(moto_request, "PRESERVED_HEADER_NAMES_ENVIRON_KEY", None)
"""Where moto wants the names of such headers; before moto 5.2.4 it does not ask for them."""


class AwsRequest(HTTPRequest):
    """A request, which h11 has read; where it is no HTTP, the answer is an error of AWS.

    cheroot makes of it what WSGI wants: target, version, and whether the connection goes on.
    """

    _head: h11.Request
    _named: bytes | None = None  # by the target

    def __init__(self, server: Any, conn: Any) -> None:
        # In its proxy mode, cheroot lets whole URLs be targets (RFC 9112, section 3.2.2).
        super().__init__(server, conn, proxy_mode=True)

    def parse_request(self) -> None:
        """Take what has been read of the request, but for its body."""
        self.started_request = True
        try:
            self._head = self.conn.rfile.head()
        except RefusedError as refused:
            self._refuse(refused.error)
            return
        head = self._head
        self.rfile = io.BytesIO(
            b"%s %s HTTP/%s\r\n" % (head.method, head.target, head.http_version)
        )
        if self.read_request_line():
            self.ready = self.read_request_headers()  # type: ignore[no-untyped-call]

    def read_request_line(self) -> bool:
        """Read the request line; whether the request can be answered."""
        try:
            if not super().read_request_line():  # type: ignore[no-untyped-call]
                return False
        except ValueError:  # of cheroot: brackets that are no IPv6 address
            self._refuse(MALFORMED_TARGET)
            return False
        if self.method == b"CONNECT":
            self.simple_response("405 Method Not Allowed", "This is no proxy.")
            return False
        self.scheme = b"http" if self.server.ssl_adapter is None else b"https"
        if self.uri.startswith(b"/") or self.uri == b"*":
            return True
        try:
            self._named, self.uri = split_target(self.uri)
        except RefusedError as refused:
            self._refuse(refused.error)
            return False
        return True

    def header_reader(self, _rfile: Any, headers: dict[bytes, bytes]) -> None:
        """Take the headers as cheroot has them; a repeated one is joined by commas."""
        for sent, value in self._head.headers.raw_items():
            underscored = b"_" in sent
            if underscored and not sent.lower().startswith(S3_METADATA):
                continue  # it could be taken for another one
            name = sent if underscored else sent.title()
            headers[name] = headers[name] + b"," + value if name in headers else value
        if self._named is not None:
            headers[b"Host"] = self._named
        if b"Connection" in headers:
            headers[b"Connection"] = _as_cheroot_knows(headers[b"Connection"])
        headers.pop(b"Expect", None)  # what was waited for has been said by the reception

    def respond(self) -> None:
        """Answer it; head and body are sent at once."""
        try:
            super().respond()
        finally:
            self.conn.wfile.flush()

    def simple_response(self, status: str | int, msg: str = "") -> None:
        """Refuse what is no HTTP, and end the connection."""
        code, _, reason = str(status).partition(" ")
        self._refuse(errors.of_status(int(code), msg or reason))

    def _refuse(self, error: AwsError) -> None:
        body = error.json()
        lines = [
            f"{self.server.protocol} {error.status} {HTTPStatus(error.status).phrase}",
            *(f"{name}: {value}" for name, value in error.headers(errors.JSON_TYPE)),
            f"Content-Length: {len(body)}",
        ]
        self.close_connection = True
        self.conn.linger = False
        self.conn.refused = True
        try:
            self.conn.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            self.conn.wfile.flush()
        except OSError:
            return  # nobody listens any more


class AwsConnection(HTTPConnection):
    """A connection whose requests are received before a thread serves it."""

    RequestHandlerClass = AwsRequest
    refused = False
    """Whether its last request was refused, maybe before it was read."""

    _greeted = False

    def __init__(self, server: Any, sock: Any, _makefile: Any) -> None:
        def file(connection: Any, mode: str, size: int) -> Any:
            if "r" in mode:
                return Incoming(connection.recv, getattr(connection, "pending", int))
            return io.BufferedWriter(socket.SocketIO(connection, "w"), size)

        super().__init__(server, sock, file)

    @property
    def is_in_request(self) -> bool:
        """Whether its client has begun to say something that it has not said to the end."""
        return not self._greeted or self.rfile.has_data()

    def receive(self) -> bool:
        """Take what the client has said; whether a whole request is there.

        Raises:
            OSError: it has gone, or speaks no TLS.
        """
        self.socket.settimeout(0)
        if not self._greeted:
            shake_hands = getattr(self.socket, "do_handshake", None)
            try:
                if shake_hands is not None:
                    shake_hands()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return False
            self._greeted = True
        self.rfile.collect()
        if self.rfile.is_gone:
            raise ConnectionError("The client has gone.")
        if interim := self.rfile.take_continue():
            self.socket.send(interim)
        return bool(self.rfile.is_whole)

    def communicate(self) -> bool:
        """Answer one request; gives whether the connection goes on."""
        if not self._greeted:
            return False  # a client that was too slow to shake hands
        self.socket.settimeout(PATIENCE)
        goes_on = bool(super().communicate())  # type: ignore[no-untyped-call]
        if goes_on:
            self.rfile.next_request()
        return goes_on

    def close(self) -> None:
        """End the connection; after a refusal, when the client has read it."""
        if self.refused:
            self._listen_to_the_end()
        try:
            super().close()
        except OSError:
            # Of a socket that has been given up already: cheroot would end the whole server.
            self.socket.close()

    def _listen_to_the_end(self) -> None:
        # Closed at once, what the client is still sending would cost it the answer.
        try:
            self.socket.settimeout(LINGER)
            self.socket.shutdown(socket.SHUT_WR)
            left, end = MAX_UNREAD, time.monotonic() + LINGER_AT_MOST
            while left > 0 and (unread := self.socket.recv(min(left, 1 << 16))):
                left -= len(unread)
                if time.monotonic() > end:
                    return
        except OSError:
            return  # it has gone, or does not want to go


class Gateway(wsgi.Gateway_10):
    """From the request to WSGI's environment, as moto's server makes it."""

    def __init__(self, req: AwsRequest) -> None:
        req.rfile = req.conn.rfile
        super().__init__(req)

    def start_response(self, status: str, headers: list[Any], exc_info: Any = None) -> Any:
        """Begin the answer; the connection ends where that says so, or a body is not read."""
        if ("Connection", "close") in headers or not self.req.conn.rfile.over:
            self.req.close_connection = True
            self.req.conn.refused = True
        return super().start_response(status, headers, exc_info)

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        """The environment of a request."""
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        path, _, _ = self.req.uri.partition(b"?")
        environ["RAW_URI"] = environ["REQUEST_URI"]
        environ["wsgi.input_terminated"] = True
        environ[SERVER_ADDRESS] = self.req.conn.socket.getsockname()[0]
        # cheroot leaves %2F as it is
        environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        preserved = [name for name in self.req.inheaders if b"_" in name]
        if preserved:
            kept = self._preserve(environ, preserved)
            if ORIGINAL_NAMES is not None:
                environ[ORIGINAL_NAMES] = kept
        return environ

    def _preserve(self, environ: dict[str, Any], names: list[bytes]) -> dict[str, str]:
        dashed = {
            _variable(name.decode()): value.decode("latin-1")
            for name, value in self.req.inheaders.items()
            if b"_" not in name
        }
        kept: dict[str, str] = {}
        for name in (each.decode() for each in names):
            key = _variable(name)
            if key in dashed:  # never let one stand in for the other
                environ[key] = dashed[key]
            else:
                kept.setdefault(key, name)
        return kept


class TlsAdapter(BuiltinSSLAdapter):
    """TLS without a handshake in the thread that accepts connections."""

    def wrap(self, sock: Any) -> tuple[Any, dict[str, Any]]:
        """Begin to speak TLS on a socket."""
        try:
            tls = self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True)
        except OSError as error:  # the client has gone, and left something unread
            raise FatalSSLAlert(*error.args) from error
        return tls, {"wsgi.url_scheme": "https", "HTTPS": "on"}


class HttpServer(wsgi.Server):
    """Serves an application from a pool of threads, over TLS where it has a certificate.

    Args:
        address: host and port; port 0 is any that is free.
        application: what answers.
        tls: files of the certificate and the private key, PEM.
    """

    ConnectionClass = AwsConnection
    max_request_header_size = MAX_HEADERS
    keep_alive_conn_limit = None  # type: ignore[assignment]
    expiration_interval = 0.2

    def __init__(
        self, address: tuple[str, int], application: Any, tls: tuple[str, str] | None = None
    ) -> None:
        super().__init__(
            address,
            application,
            numthreads=THREADS,
            max=MAX_THREADS,
            request_queue_size=1024,
            timeout=KEEP_ALIVE,
            shutdown_timeout=STOP_WITHIN,
        )
        self.requests = Workers(self, min=THREADS, max=MAX_THREADS)
        self.gateway = Gateway
        if tls is not None:
            self.ssl_adapter = TlsAdapter(*tls)

    @property
    def patience(self) -> float:
        """Seconds in which a client that has begun a request must go on with it."""
        return PATIENCE

    def prepare(self) -> None:
        """Listen."""
        super().prepare()
        self._connections._selector.close()  # type: ignore[has-type]
        self._connections = Reception(self)

    def process_conn(self, conn: AwsConnection) -> None:
        """See what a connection has to say, and have it served when it has said it."""
        try:
            is_whole = conn.receive()
        except OSError:
            conn.close()
            return
        if is_whole:
            self.serve_connection(conn)
        else:
            self._connections.wait_for(conn)

    def serve_connection(self, conn: AwsConnection) -> None:
        """Have a connection served by a thread."""
        super().process_conn(conn)
        if self.requests.qsize > self.requests.idle:
            self.requests.grow(THREADS)


def _as_cheroot_knows(connection: bytes) -> bytes:
    """The header Connection in the two spellings that cheroot knows."""
    options = {each.strip() for each in connection.lower().split(b",")}
    if b"close" in options:
        return b"close"
    return b"Keep-Alive" if b"keep-alive" in options else connection


def _variable(header: str) -> str:
    """The name of a header in a WSGI environment."""
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"

"""HTTP/1.1: cheroot's server, with the answers of AWS to what is no HTTP.

What differs from cheroot: the errors are AWS's; what comes as a header is held against the grammar
of HTTP; the names of S3's metadata keep their underscores, as in moto's server; and a TLS handshake
does not keep other clients waiting.
"""

from __future__ import annotations

import re
import socket
from typing import Any
from urllib.parse import unquote_to_bytes

from cheroot import wsgi
from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter
from moto.core import request as moto_request

from moto_cks.server import errors
from moto_cks.server.guard import SERVER_ADDRESS

THREADS = 32
"""How many threads answer requests; so many more start when all of them are at work."""

MAX_THREADS = 512
"""How many there are at most. Somebody who waits for a message in a queue takes one."""

MAX_HEADERS = 64 * 1024
"""The longest request line and headers, in bytes."""

KEEP_ALIVE = 60
"""Seconds after which a connection that says nothing is closed."""

PATIENCE = 10
"""Seconds in which a client that has begun a request must go on with it."""

LINGER = 1
"""Seconds that a client has to say something more, before its connection is closed."""

MAX_UNREAD = 64 * 1024 * 1024
"""How many bytes of a request that was refused are still taken."""

STOP_WITHIN = 1
"""Seconds that a request has to be answered when the server stops."""

_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*\r\n")
_LENGTH = re.compile(rb"[0-9]{1,18}")


S3_METADATA = b"x-amz-meta-"
"""What the names of those headers begin with in which an underscore is not a dash."""

ORIGINAL_NAMES: str | None = getattr(moto_request, "PRESERVED_HEADER_NAMES_ENVIRON_KEY", None)
"""Where moto wants the names of such headers; before moto 5.2.4 it does not ask for them."""


class StrictHeaderReader(HeaderReader):
    """Reads headers as RFC 9112 has them; a repeated one is joined by commas."""

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        """Read headers up to the empty line.

        Raises:
            ValueError: they are malformed.
        """
        headers = {} if hdict is None else hdict
        while (line := rfile.readline()) != b"\r\n":
            found = _HEADER.fullmatch(line)
            if found is None:
                raise ValueError("A header line is malformed.")
            name, value = found[1], found[2]
            if b"_" not in name:
                name = name.title()
            elif not name.lower().startswith(S3_METADATA):
                continue  # it could be taken for another one
            headers[name] = headers[name] + b"," + value if name in headers else value
        length = headers.get(b"Content-Length")
        if length is not None and not _LENGTH.fullmatch(length):
            raise ValueError("The Content-Length is malformed.")
        return headers


class AwsRequest(HTTPRequest):
    """A request; where it is no HTTP, the answer is an error of AWS."""

    header_reader = StrictHeaderReader()

    def read_request_headers(self) -> bool:
        """Read the headers; whether the request can be answered."""
        if not super().read_request_headers():  # type: ignore[no-untyped-call]
            return False
        if self.request_protocol == b"HTTP/1.1" and b"Host" not in self.inheaders:
            self.simple_response(
                "400 Bad Request", "The request does not say for which host it is."
            )
            return False
        return True

    def simple_response(self, status: str | int, msg: str = "") -> None:
        """Refuse what is no HTTP, and end the connection."""
        code, _, reason = str(status).partition(" ")
        error = errors.of_status(int(code), msg or reason)
        body = error.json()
        lines = [
            f"{self.server.protocol} {status}",
            *(f"{name}: {value}" for name, value in error.headers(errors.JSON_TYPE)),
            f"Content-Length: {len(body)}",
        ]
        self.close_connection = True
        self.conn.linger = False
        self.conn.refused = True
        try:
            self.conn.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        except OSError:
            return  # nobody listens any more


class AwsConnection(HTTPConnection):
    """A connection that shakes hands in the thread that serves it."""

    RequestHandlerClass = AwsRequest
    refused = False
    """Whether its last request was refused, maybe before it was read."""

    awaited = False
    """Whether a first request is waited for."""

    _greeted = False

    def communicate(self) -> bool:
        """Answer one request; gives whether the connection goes on."""
        if not self._greeted:
            self._greeted = True
            self.socket.settimeout(PATIENCE)
            shake_hands = getattr(self.socket, "do_handshake", None)
            try:
                if shake_hands is not None:
                    shake_hands()
            except OSError:
                return False  # the client speaks no TLS, or no longer
        return bool(super().communicate())  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """End the connection; after a refusal, when the client has read it."""
        if self.refused:
            self._listen_to_the_end()
        super().close()

    def _listen_to_the_end(self) -> None:
        # Closed at once, what the client is still sending would cost it the answer.
        try:
            self.socket.settimeout(LINGER)
            self.socket.shutdown(socket.SHUT_WR)
            left = MAX_UNREAD
            while left > 0 and (unread := self.socket.recv(min(left, 1 << 16))):
                left -= len(unread)
        except OSError:
            return  # it has gone, or does not want to go


class Gateway(wsgi.Gateway_10):
    """From the request to WSGI's environment, as moto's server makes it."""

    def start_response(self, status: str, headers: list[Any], exc_info: Any = None) -> Any:
        """Begin the answer; where it says that the connection ends with it, it does."""
        if ("Connection", "close") in headers:
            self.req.close_connection = True
            self.req.conn.refused = True
        return super().start_response(status, headers, exc_info)

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        """The environment of a request."""
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        path, _, _ = self.req.uri.partition(b"?")
        environ["RAW_URI"] = environ["REQUEST_URI"]
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
        tls = self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True)
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
            request_queue_size=128,
            timeout=KEEP_ALIVE,
            shutdown_timeout=STOP_WITHIN,
        )
        self.gateway = Gateway
        if tls is not None:
            self.ssl_adapter = TlsAdapter(*tls)

    def process_conn(self, conn: AwsConnection) -> None:
        """Have a connection served that has something to say."""
        if not conn.awaited:
            # cheroot would give it a thread, and the thread would wait for the first byte.
            conn.awaited = True
            self._connections.put(conn)  # type: ignore[attr-defined]
            return
        super().process_conn(conn)
        if self.requests.qsize and not self.requests.idle:
            self.requests.grow(THREADS)


def _variable(header: str) -> str:
    """The name of a header in a WSGI environment."""
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"

"""HTTP/1.1: cheroot's server, with the answers of AWS to what is no HTTP.

What differs from cheroot: the errors are AWS's; what comes as a header or a chunk is held against
the grammar of HTTP; the names of S3's metadata keep their underscores, as in moto's server; and
nobody waits for a client that is slow to say what it wants, or to shake hands.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from cheroot import wsgi
from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter
from moto.core import request as moto_request

from moto_cks.server import errors
from moto_cks.server.chunks import ChunkedBody
from moto_cks.server.guard import SERVER_ADDRESS
from moto_cks.server.reception import MAX_HEADERS, Inbox, Reception, Workers

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

_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*\r\n")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")


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
            if name == b"Host" and name in headers:
                raise ValueError("There is more than one Host.")
            headers[name] = headers[name] + b"," + value if name in headers else value
        length = headers.get(b"Content-Length")
        if length is not None and not _LENGTH.fullmatch(length):
            raise ValueError("The Content-Length is malformed.")
        if length is not None and b"Transfer-Encoding" in headers:
            raise ValueError("There is a Content-Length beside a Transfer-Encoding.")
        if not _HOST.fullmatch(headers.get(b"Host", b"")):
            raise ValueError("The Host is malformed.")
        if headers.get(b"Expect", b"").lower() == b"100-continue":
            del headers[b"Expect"]  # what was waited for has been said by the reception
        return headers


class AwsRequest(HTTPRequest):
    """A request; where it is no HTTP, the answer is an error of AWS."""

    header_reader = StrictHeaderReader()
    _named: bytes | None = None  # by the target

    def __init__(self, server: Any, conn: Any) -> None:
        # In its proxy mode, cheroot lets whole URLs be targets (RFC 9112, section 3.2.2).
        super().__init__(server, conn, proxy_mode=True)

    def read_request_line(self) -> bool:
        """Read the request line; whether the request can be answered."""
        if not super().read_request_line():  # type: ignore[no-untyped-call]
            return False
        if self.method == b"CONNECT":
            self.simple_response("405 Method Not Allowed", "This is no proxy.")
            return False
        self.scheme = b"http" if self.server.ssl_adapter is None else b"https"
        if self.uri.startswith(b"/") or self.uri == b"*":
            return True
        target = urlsplit(self.uri)
        if target.scheme not in (b"http", b"https") or not (
            target.netloc and _HOST.fullmatch(target.netloc)
        ):
            self.simple_response("400 Bad Request", "The target of the request is malformed.")
            return False
        self._named = target.netloc
        self.uri = (target.path or b"/") + (b"?" + target.query if target.query else b"")
        return True

    def read_request_headers(self) -> bool:
        """Read the headers; whether the request can be answered."""
        if not super().read_request_headers():  # type: ignore[no-untyped-call]
            return False
        wrong = self._wrong_in_headers()
        if wrong is not None:
            self.simple_response("400 Bad Request", wrong)
            return False
        if self._named is not None:
            self.inheaders[b"Host"] = self._named
        return True

    def _wrong_in_headers(self) -> str | None:
        encoding = self.inheaders.get(b"Transfer-Encoding")
        if self.request_protocol == b"HTTP/1.1":
            if b"Host" not in self.inheaders:
                return "The request does not say for which host it is."
        elif encoding is not None:
            return "HTTP/1.0 has no Transfer-Encoding."
        if encoding is not None and encoding.lower() != b"chunked":
            return "The Transfer-Encoding is malformed."
        return None

    def respond(self) -> None:
        """Answer it, and take what is left of its chunks."""
        super().respond()
        if not isinstance(self.rfile, ChunkedBody):
            return
        left = MAX_UNREAD
        try:
            while left > 0 and (unread := self.rfile.read(min(left, 1 << 16))):
                left -= len(unread)
        except (OSError, ValueError):
            self.close_connection = True
        if not self.rfile.over:
            self.close_connection = True

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
    """A connection whose requests are received before a thread serves it."""

    RequestHandlerClass = AwsRequest
    refused = False
    """Whether its last request was refused, maybe before it was read."""

    _greeted = False

    def __init__(self, server: Any, sock: Any, makefile: Any) -> None:
        def file(connection: Any, mode: str, size: int) -> Any:
            return Inbox(connection) if "r" in mode else makefile(connection, mode, size)

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
        if not self._greeted:
            self.socket.settimeout(0)
            shake_hands = getattr(self.socket, "do_handshake", None)
            try:
                if shake_hands is not None:
                    shake_hands()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return False
            self._greeted = True
        self.rfile.collect()
        if self.rfile.ended and not self.rfile.has_data():
            raise ConnectionError("The client has gone.")
        return bool(self.rfile.is_whole())

    def communicate(self) -> bool:
        """Answer one request; gives whether the connection goes on."""
        if not self._greeted:
            return False  # a client that was too slow to shake hands
        self.rfile.hand_over()
        self.socket.settimeout(PATIENCE)
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
        if req.chunked_read:
            req.rfile = ChunkedBody(req.conn.rfile)
        super().__init__(req)

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


def _variable(header: str) -> str:
    """The name of a header in a WSGI environment."""
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"

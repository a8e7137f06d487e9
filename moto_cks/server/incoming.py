"""What a client says, read by h11: one request after the other, as RFC 9112 has them.

What h11 lets pass is refused here where the RFC has a server refuse it, or lets it do so and others
on the way to it could read something else: see :func:`_wrong_in`.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from http import HTTPStatus
from itertools import chain
from urllib.parse import urlsplit

import h11

from moto_cks.server import errors
from moto_cks.server.errors import AwsError, RefusedError

MAX_HEADERS = 64 * 1024
"""The longest request line and headers, in bytes; and the longest trailers."""

MAX_LENGTH = 1 << 60
"""The longest chunk or body, in bytes: longer ones are a mistake, or an attack."""

COLLECTED = 8 * 1024 * 1024
"""How much of a body is collected, in bytes; of a longer one, a worker receives the rest."""

# Not longer: h11 measures only the heads that are not whole, and the next may come with a body.
_PIECE = MAX_HEADERS

HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")
"""What a Host can be; h11 does not look at it."""

MALFORMED_TARGET = errors.of_status(400, "The target of the request is malformed.")
"""Nobody can be asked for that."""

_LENGTHS = re.compile(rb"(?i)\ncontent-length:[^\n]*,")


class Incoming:
    """A request as it comes: cheroot's ``rfile``, and what of it is read as ``wsgi.input``.

    Args:
        receive: gives so many bytes at most of what the client says, and none when it has ended.
        pending: how many bytes have been received that nobody has seen, as TLS has them.

    Attributes:
        given_up: whether nobody waits for more.
        over: whether the request has come to its end.
        closed: whether nobody reads it any more.
    """

    def __init__(self, receive: Callable[[int], bytes], pending: Callable[[], int] = int) -> None:
        self._receive = receive
        self._pending = pending
        self.given_up = False
        self.closed = False
        self._begin()

    def _begin(self) -> None:
        self._parser = h11.Connection(h11.SERVER, MAX_HEADERS)
        self._lines = bytearray()  # the head as it was sent
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._wrong: AwsError | None = None
        self.over = False

    # Collecting ------------------------------------------------------------------------------

    @property
    def is_whole(self) -> bool:
        """Whether a whole request is there, or enough to see that there will be none."""
        return self.over or self._wrong is not None or len(self._body) > COLLECTED

    @property
    def is_gone(self) -> bool:
        """Whether the client has ended, and not in a request."""
        return self.over and self._head is None

    def collect(self) -> None:
        """Take what is there of a request, without waiting.

        Raises:
            OSError: the connection is broken.
        """
        try:
            while not self.is_whole:
                self._take_piece()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return

    def take_continue(self) -> bytes:
        """What a client waits for before it sends the body; nothing where it does not wait."""
        if self.is_whole or not self._parser.they_are_waiting_for_100_continue:
            return b""
        status = HTTPStatus.CONTINUE
        answer = h11.InformationalResponse(status_code=status, headers=[], reason=status.phrase)
        return self._parser.send(answer) or b""

    def feed(self, data: bytes) -> None:
        """Take what the client has said; nothing says that it has ended."""
        if self._head is None:
            if data and not self._lines:
                data = data.lstrip(b"\r\n")  # RFC 9112, 2.2; h11 would refuse them
                if not data:
                    return
            self._lines += data
        self._parser.receive_data(data)
        try:
            self._read_events()
        except h11.RemoteProtocolError as error:
            self._wrong = self._as_error(error)

    def _take_piece(self) -> None:
        most = _PIECE if self._head is not None else MAX_HEADERS + 1 - len(self._lines)
        self.feed(self._receive(most))

    def _read_events(self) -> None:
        while not self.over:
            event = self._parser.next_event()
            if isinstance(event, h11.Request):
                self._begin_body(event)
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                if (
                    event.headers
                    and sum(map(len, chain.from_iterable(event.headers))) > MAX_HEADERS
                ):
                    raise h11.RemoteProtocolError("The trailers are too long.")
                self.over = True
            elif isinstance(event, h11.ConnectionClosed):
                self.over = True
            else:
                self._check_chunk()
                return

    def _begin_body(self, head: h11.Request) -> None:
        wrong = _wrong_in(head, bytes(self._lines.partition(b"\r\n\r\n")[0]))
        if wrong is not None:
            raise h11.RemoteProtocolError(wrong)
        self._head = head
        self._lines.clear()

    def _check_chunk(self) -> None:
        # h11 takes sizes of twenty digits, would wait for so much, and says nowhere how much it is.
        if getattr(self._parser._reader, "_bytes_in_chunk", 0) > MAX_LENGTH:
            raise h11.RemoteProtocolError("The size of a chunk is too large.")

    def _as_error(self, error: h11.RemoteProtocolError) -> AwsError:
        said = str(error).partition(":")[0]  # what follows is what the client itself has said
        too_long = error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if self._head is not None or not too_long:
            # Nor 501 where a Transfer-Encoding is not chunked: RFC 9112, 6.3, number 4.
            return errors.of_status(400, said)
        if b"\r\n" not in self._lines:
            return errors.of_status(414, "The target of the request is too long.")
        return errors.of_status(431, "The headers are too long.")

    # Reading ---------------------------------------------------------------------------------

    def has_data(self) -> bool:
        """Whether something has been said of a request that is not answered."""
        return bool(self._lines or self._head is not None or self._pending())

    def head(self) -> h11.Request:
        """The request without its body.

        Raises:
            RefusedError: it is malformed, or ends too early.
            OSError: it does not come.
        """
        while self._head is None:
            self._wait()
        return self._head

    def read(self, size: int = -1) -> bytes:
        """So many bytes of the body, or what there is up to the end.

        Raises:
            RefusedError: it is malformed, or ends too early.
            OSError: what is missing does not come.
        """
        while not self.over and (size < 0 or len(self._body) < size):
            self._wait()
        taken = bytes(self._body[:size] if 0 <= size < len(self._body) else self._body)
        del self._body[: len(taken)]
        return taken

    @property
    def said_behind(self) -> bytes:
        """What has been said behind this request, as far as it has come."""
        said: bytes = self._parser.trailing_data[0]
        return said

    def next_request(self) -> None:
        """Go on with what the client has said after this request."""
        said = self.said_behind
        self._begin()
        if said:
            self.feed(said)

    def close(self) -> None:
        """Read no more."""
        self.closed = True
        self._begin()

    def _wait(self) -> None:
        if self._wrong is not None:
            raise RefusedError(self._wrong)
        if self.given_up:
            raise TimeoutError("timed out")
        if self.is_gone:
            raise ConnectionError("The client has gone.")
        self._take_piece()


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """The host that a target names which is a URL, and what is asked for there.

    RFC 9112, section 3.2.2.

    Raises:
        RefusedError: it is no such URL.
    """
    try:
        url = urlsplit(target)
    except ValueError:  # brackets that are no IPv6 address
        raise RefusedError(MALFORMED_TARGET) from None
    if url.scheme not in (b"http", b"https") or not (url.netloc and HOST.fullmatch(url.netloc)):
        raise RefusedError(MALFORMED_TARGET)
    return url.netloc, (url.path or b"/") + (b"?" + url.query if url.query else b"")


def _wrong_in(head: h11.Request, lines: bytes) -> str | None:
    """What h11 lets pass of a head, and is no request all the same.

    Args:
        head: as h11 has read it.
        lines: as they were sent.
    """
    named = {name.lower(): value for name, value in head.headers.raw_items()}
    ends = lines.count(b"\r\n")
    if lines.count(b"\n") != ends:
        return "A line ends without a carriage return."
    # RFC 9112, 5.2 and 6.3: they can be joined, which h11 does, or refused.
    if ends != len(head.headers):
        return "A header goes on in another line, or there is more than one Content-Length."
    if b"transfer-encoding" in named:
        if b"content-length" in named:
            return "There is a Content-Length beside a Transfer-Encoding."
        if head.http_version == b"1.0":
            return "HTTP/1.0 has no Transfer-Encoding."
    if _LENGTHS.search(lines):
        return "There is more than one Content-Length."
    if int(named.get(b"content-length", b"0")) > MAX_LENGTH:
        return "The Content-Length is too large."
    if not HOST.fullmatch(named.get(b"host", b"")):
        return "The Host is malformed."
    return None

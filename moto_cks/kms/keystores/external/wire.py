"""HTTP/1.1 as KMS speaks it with a proxy: one POST, one answer, of limited size (RFC 9112).

``http.client`` reads heads by way of the e-mail parser, which takes longer than the rest of an
exchange, and lets pass what two readers could understand in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from moto_cks.kms.keystores.external.outcomes import CUT, MALFORMED, ProxyError

LONGEST_HEAD = 16 * 1024
"""In bytes; what comes before the final answer (1xx) and after it (trailers) is part of it."""
LONGEST_BODY = 64 * 1024

_FRAMING = 4
"""A body may come in so many times its own bytes: chunks have lengths and line ends."""

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_FIRST_FINAL = 200
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Answer(NamedTuple):
    """An answer.

    Attributes:
        status: the HTTP status.
        body: the body.
        reusable: whether the connection can be used for another request.
    """

    status: int
    body: bytes
    reusable: bool


def request_bytes(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST as it is sent."""
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


class Incoming:
    """What comes in, up to a limit.

    Args:
        receive: gives the next bytes, and none at the end.

    Attributes:
        allowance: how many bytes may come yet.
        begun: whether a byte has come.
    """

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._held = bytearray()
        self.allowance = LONGEST_HEAD
        self.begun = False

    @property
    def nothing_left(self) -> bool:
        """Whether everything that has come was read."""
        return not self._held

    def head(self) -> bytes:
        """The lines up to an empty one, and that.

        Raises:
            ProxyError: there is none, or no end to them.
        """
        while (empty_line := _EMPTY_LINE.search(self._held)) is None:
            if b"\n" in self._held and not _STATUS_LINE.match(self._held):
                raise ProxyError(MALFORMED)  # that is no HTTP, whatever comes
            self._wait()
        return self.take(empty_line.end())

    def line(self) -> bytes:
        """A line, without its end.

        Raises:
            ProxyError: there is none, or it has no end.
        """
        while (end := self._held.find(b"\n")) < 0:
            self._wait()
        line = self.take(end + 1)
        return line[:-2] if line.endswith(b"\r\n") else line[:-1]

    def take(self, length: int) -> bytes:
        """So many bytes.

        Raises:
            ProxyError: there are not so many, or more than may come.
        """
        if length > self.allowance:
            raise ProxyError(MALFORMED)
        while len(self._held) < length:
            self._wait()
        self.allowance -= length
        taken = bytes(self._held[:length])
        del self._held[:length]
        return taken

    def rest(self) -> bytes:
        """All that comes until the end."""
        while self._more():
            pass
        return self.take(len(self._held))

    def _wait(self) -> None:
        if not self._more():
            raise ProxyError(CUT)

    def _more(self) -> bool:
        if len(self._held) > self.allowance:
            raise ProxyError(MALFORMED)
        received = self._receive()
        self._held += received
        self.begun = self.begun or bool(received)
        return bool(received)


class _Head(NamedTuple):
    """The status and the headers; of the latter what says where the body ends."""

    status: int
    chunked: bool
    length: int | None
    lasts: bool


def read_answer(incoming: Incoming) -> Answer:
    """Read an answer.

    Raises:
        ProxyError: it is none, is too large, or is cut short.
    """
    head = _read_head(incoming.head())
    while head.status < _FIRST_FINAL:
        head = _read_head(incoming.head())
    incoming.allowance = _FRAMING * LONGEST_BODY
    if head.status in _WITHOUT_BODY:
        body = b""
    elif head.chunked:
        body = _read_chunks(incoming)
    elif head.length is not None:
        _limit(head.length)
        body = incoming.take(head.length)
    else:
        body = incoming.rest()
        _limit(len(body))
    framed = head.chunked or head.length is not None
    return Answer(head.status, body, head.lasts and framed and incoming.nothing_left)


def _limit(length: int) -> None:
    if length > LONGEST_BODY:
        raise ProxyError(MALFORMED)


@lru_cache(maxsize=64)
def _read_head(text: bytes) -> _Head:
    """What a head says. One proxy's are all alike."""
    lines = [line.removesuffix(b"\r") for line in text.split(b"\n")[:-2]]
    status_line, *headers = lines
    first = _STATUS_LINE.fullmatch(status_line)
    if first is None:
        raise ProxyError(MALFORMED)
    lengths: set[bytes] = set()
    encoding, lasts = None, first[1] == b"1"
    for line in headers:
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name) or b"\r" in value:
            raise ProxyError(MALFORMED)
        name, value = name.lower(), value.strip(b" \t")
        if name == b"content-length":
            lengths.add(value)
        elif name == b"transfer-encoding":
            encoding = value.lower() if encoding is None else b""
        elif name == b"connection" and b"close" in value.lower():
            lasts = False
    if encoding not in (None, b"chunked") or len(lengths) + (encoding is not None) > 1:
        raise ProxyError(MALFORMED)  # where the body ends can be understood in two ways
    length = lengths.pop() if lengths else None
    if length is not None and not _LENGTH.fullmatch(length):
        raise ProxyError(MALFORMED)
    return _Head(
        int(first[2]), encoding is not None, None if length is None else int(length), lasts
    )


def _read_chunks(incoming: Incoming) -> bytes:
    body = bytearray()
    while True:
        line = _CHUNK.fullmatch(incoming.line())
        if line is None:
            raise ProxyError(MALFORMED)
        size = int(line[1], 16)
        if size == 0:
            break
        _limit(len(body) + size)
        body += incoming.take(size)
        if incoming.line():
            raise ProxyError(MALFORMED)
    while incoming.line():
        pass  # trailers
    return bytes(body)

"""HTTP/1.1 on the side of the proxy: bytes to requests, answers to bytes.

For the few requests that there are: a body has a Content-Length, and nothing is compressed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

MAX_HEAD = 16 * 1024
"""The longest request line and headers, in bytes."""

MAX_BODY = 64 * 1024
"""The longest body, in bytes."""

JSON_TYPE = "application/json"

_PHRASES = {status.value: status.phrase for status in HTTPStatus}

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]")
_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.([01])")
_URL = re.compile(r"https?://([^/?#@]+)(/[^#]*)", re.IGNORECASE)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUES = re.compile(r"[\0\r\n]")
_LENGTH = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Request:
    """A request, as it was received.

    Attributes:
        method: ``POST``, for those that AWS KMS sends.
        target: path and query.
        headers: names in lower case and values, in order.
        body: its bytes.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The value of a header by its name in lower case; that of a repeated one by commas."""
        values = [value for known, value in self.headers if known == name]
        return ",".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        status: of HTTP.
        body: its bytes.
        content_type: of the body.
        headers: further ones.
        delay: the seconds that the proxy takes before it is sent.
        cut_after: how many of its bytes are sent before the connection is cut; ``None`` for all.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    cut_after: int | None = None

    def to_bytes(self, *, last: bool = False) -> bytes:
        """The bytes of it.

        Args:
            last: whether the connection ends with it.
        """
        lines = [
            f"HTTP/1.1 {self.status} {_PHRASES[self.status]}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
            *(["Connection: close"] if last else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


class Received(NamedTuple):
    """A request that is whole, and whether its connection ends with the answer."""

    request: Request
    last: bool


class BadRequestError(Exception):
    """The bytes are no request that could be answered.

    Args:
        status: what HTTP says of them.
    """

    def __init__(self, status: int) -> None:
        super().__init__(HTTPStatus(status).phrase)
        self.status = status

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status,)


class RequestReader:
    """Makes requests of bytes as they come."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: _Head | None = None
        self._owes_continue = False

    def take_continue(self) -> bool:
        """Whether the client waits for ``100 Continue``; it is asked for once."""
        owed, self._owes_continue = self._owes_continue, False
        return owed

    def feed(self, data: bytes) -> Iterator[Received]:
        """Take bytes; gives the requests that are whole with them.

        Raises:
            BadRequestError: they are malformed, too many, or of an unknown length.
        """
        self._buffer += data
        while True:
            if self._head is None:
                self._head = self._take_head()
            head = self._head
            if head is None or len(self._buffer) < head.length:
                return
            body = bytes(self._buffer[: head.length])
            del self._buffer[: head.length]
            self._head, self._owes_continue = None, False
            yield Received(Request(head.method, head.target, head.headers, body), head.last)

    def _take_head(self) -> _Head | None:
        if not self._buffer:
            return None
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]  # RFC 9112, 2.2: empty lines before a request are skipped
        end = self._buffer.find(b"\r\n\r\n", 0, MAX_HEAD)
        if self._buffer != b"\r" and not _TOKEN.match(self._buffer):
            raise BadRequestError(HTTPStatus.BAD_REQUEST.value)  # a TLS handshake, most likely
        if end < 0:
            if len(self._buffer) >= MAX_HEAD:
                raise BadRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE.value)
            return None
        head = _read_head(self._buffer[:end].decode("latin-1"))
        del self._buffer[: end + 4]
        self._owes_continue = head.expects_continue
        return head


class _Head(NamedTuple):
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    length: int
    last: bool
    expects_continue: bool


def _read_head(text: str) -> _Head:
    first, *lines = text.split("\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        raise BadRequestError(HTTPStatus.BAD_REQUEST.value)
    headers = []
    for each in lines:
        name, colon, value = each.partition(":")
        if not colon or not _NAME.fullmatch(name) or _NOT_IN_VALUES.search(value):
            raise BadRequestError(HTTPStatus.BAD_REQUEST.value)
        headers.append((name.lower(), value.strip(" \t")))
    old = line[3] == "0"
    length = _length(headers)
    hosts = sum(name == "host" for name, _ in headers)
    if hosts > 1 or (hosts == 0 and not old):  # RFC 9112, 3.2
        raise BadRequestError(HTTPStatus.BAD_REQUEST.value)
    target, host = _place(line[2])
    if host is not None:
        headers = [(name, host if name == "host" else value) for name, value in headers]
    named = dict(headers)
    connection = {each.strip() for each in named.get("connection", "").lower().split(",")}
    return _Head(
        line[1],
        target,
        tuple(headers),
        length,
        "close" in connection or (old and "keep-alive" not in connection),
        named.get("expect", "").lower() == "100-continue" and not old,
    )


def _place(target: str) -> tuple[str, str | None]:
    """What is asked for, and the host, where the target is a URL: RFC 9112, 3.2.2."""
    if target.startswith("/") or target == "*":
        return target, None
    url = _URL.fullmatch(target)
    if url is None:
        raise BadRequestError(HTTPStatus.BAD_REQUEST.value)
    return url[2], url[1]


def _length(headers: list[tuple[str, str]]) -> int:
    lengths = {value for name, value in headers if name == "content-length"}
    if any(name == "transfer-encoding" for name, _ in headers):
        if lengths:  # RFC 9112, 6.3: of the two, a proxy in between may have taken the other
            raise BadRequestError(HTTPStatus.BAD_REQUEST.value)
        raise BadRequestError(HTTPStatus.LENGTH_REQUIRED.value)
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(each) for each in lengths):
        raise BadRequestError(HTTPStatus.BAD_REQUEST.value)
    length = int(lengths.pop()) if lengths else 0
    if length > MAX_BODY:
        raise BadRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value)
    return length

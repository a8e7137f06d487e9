"""HTTP as KMS reads and writes it: what is an answer, to the byte, and what is none (X47.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from moto_cks.kms.keystores.external.outcomes import CUT, MALFORMED, Outcome, ProxyError
from moto_cks.kms.keystores.external.wire import Answer, Incoming, read_answer, request_bytes

OK = b"HTTP/1.1 200 OK\r\n"
LINES = b"HTTP/1.1 200 OK\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LARGE = b"ffff\r\n%s\r\n" % (b"x" * 65_535)
HEAD, BODY, FRAMED = 16_384, 65_536, 262_144
"""The most bytes of a head, of a body, and of a body with what says how long its parts are."""


def in_one(content: bytes) -> Iterator[bytes]:
    yield content


def byte_by_byte(content: bytes) -> Iterator[bytes]:
    for each in content:
        yield bytes([each])


def by_and_by(content: bytes) -> Iterator[bytes]:
    """The beginning byte by byte."""
    yield from byte_by_byte(content[:100])
    yield content[100:-100]
    yield from byte_by_byte(content[-100:])


def read(content: bytes, pieces: Callable[[bytes], Iterator[bytes]] = in_one) -> Answer | Outcome:
    """The answer, or the row of the table, where the connection ends behind the content."""
    coming = pieces(content)
    try:
        return read_answer(Incoming(lambda: next(coming, b"")))
    except ProxyError as error:
        return error.outcome


def sized(length: int) -> bytes:
    """A head of so many bytes."""
    head = OK + b"Content-Length: 2\r\nA: "
    return head + b"x" * (length - len(head) - 4) + b"\r\n\r\n"


def of(length: int) -> bytes:
    """An answer with a length."""
    return OK + b"Content-Length: %d\r\n\r\n" % length + b"x" * length


def chunk_of(length: int) -> bytes:
    """A chunk in so many bytes, with those of the last one."""
    end = b"\r\nx\r\n0\r\n\r\n"
    return b"1;" + b"a" * (length - len(end) - 2) + end


def answer(body: bytes, *, status: int = 200, reusable: bool = True) -> Answer:
    return Answer(status, body, reusable)


READ: dict[str, tuple[bytes, Answer | Outcome]] = {
    "a length": (OK + b"Content-Length: 2\r\n\r\n{}", answer(b"{}")),
    "no bytes": (OK + b"Content-Length: 0\r\n\r\n", answer(b"")),
    "spaces and a tab": (OK + b"Content-Length: \t 2 \t\r\n\r\n{}", answer(b"{}")),
    "another case": (OK + b"CONTENT-length: 2\r\n\r\n{}", answer(b"{}")),
    "the same length twice": (OK + b"Content-Length: 2\r\n" * 2 + b"\r\n{}", answer(b"{}")),
    "two lengths": (OK + b"Content-Length: 2\r\nContent-Length: 1\r\n\r\n{}", MALFORMED),
    "two lengths in one": (OK + b"Content-Length: 2, 2\r\n\r\n{}", MALFORMED),
    "eighteen digits": (OK + b"Content-Length: 000000000000000002\r\n\r\n{}", answer(b"{}")),
    "nineteen digits": (OK + b"Content-Length: 0000000000000000002\r\n\r\n{}", MALFORMED),
    "no digit": (OK + b"Content-Length: \r\n\r\n{}", MALFORMED),
    "a sign": (OK + b"Content-Length: +2\r\n\r\n{}", MALFORMED),
    "until the end": (OK + b"\r\n{}\r\n\n", answer(b"{}\r\n\n", reusable=False)),
    "HTTP/1.0": (
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        answer(b"{}", reusable=False),
    ),
    "close": (
        OK + b"Connection: keep-alive, Close\r\nContent-Length: 2\r\n\r\n{}",
        answer(b"{}", reusable=False),
    ),
    "keep-alive": (
        OK + b"Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}",
        answer(b"{}"),
    ),
    "close in another header": (OK + b"A: close\r\nContent-Length: 2\r\n\r\n{}", answer(b"{}")),
    "no phrase": (b"HTTP/1.1 404\r\nContent-Length: 2\r\n\r\n{}", answer(b"{}", status=404)),
    "HTTP/1.2": (b"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "a status of two digits": (b"HTTP/1.1 20\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "a status of four digits": (b"HTTP/1.1 2000\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "a status below 100": (b"HTTP/1.1 099 A\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "hints": (
        b"HTTP/1.1 100 A\r\n\r\nHTTP/1.1 199 B\r\nC: d\r\n\r\n"
        + OK
        + b"Content-Length: 1\r\n\r\n1",
        answer(b"1"),
    ),
    "hints only": (b"HTTP/1.1 100 A\r\n\r\n", CUT),
    "204": (
        b"HTTP/1.1 204 A\r\nContent-Length: 0\r\n\r\n",
        answer(b"", status=204),
    ),
    "304": (
        b"HTTP/1.1 304 A\r\nContent-Length: 2\r\n\r\n",
        answer(b"", status=304),
    ),
    "205": (
        b"HTTP/1.1 205 A\r\nContent-Length: 2\r\n\r\n{}",
        answer(b"{}", status=205),
    ),
    # Heads end with the first empty line, whatever ends a line.
    "line feeds": (LINES + b"Content-Length: 2\n\n{}", answer(b"{}")),
    "a line feed last": (OK + b"Content-Length: 2\r\n\n{}", answer(b"{}")),
    "line feeds, then both": (LINES + b"Content-Length: 2\n\r\n{}", answer(b"{}")),
    "an empty line of the other kind in the body": (
        OK + b"Content-Length: 4\r\n\r\n{\n\n}",
        answer(b"{\n\n}"),
    ),
    "the same the other way round": (
        LINES + b"Content-Length: 5\n\n{\n\r\n}",
        answer(b"{\n\r\n}"),
    ),
    "an empty line first": (b"\r\n" + OK + b"\r\n", MALFORMED),
    "a line feed first": (b"\n" + OK + b"\r\n", MALFORMED),
    "no colon": (OK + b"nonsense\r\n\r\n", MALFORMED),
    "no name": (OK + b": nonsense\r\n\r\n", MALFORMED),
    "a space in a name": (OK + b"A : nonsense\r\n\r\n", MALFORMED),
    "a carriage return in a value": (OK + b"A: b\rc\r\nContent-Length: 2\r\n\r\n{}", MALFORMED),
    "a value with a colon": (OK + b"A: b:c\r\nContent-Length: 2\r\n\r\n{}", answer(b"{}")),
    # Chunks.
    "chunks": (CHUNKED + b"1\r\n{\r\n00000001\r\n}\r\n0\r\n\r\n", answer(b"{}")),
    "chunks by line feeds": (CHUNKED + b"1\n{\n1 ;a=b\n}\n0\nA: b\nC: d\n\n", answer(b"{}")),
    "hexadecimal digits": (CHUNKED + b"aB\r\n" + b"x" * 171 + b"\r\n0\r\n\r\n", answer(b"x" * 171)),
    "nine digits": (CHUNKED + b"000000001\r\n{\r\n0\r\n\r\n", MALFORMED),
    "no digit of a chunk": (CHUNKED + b"\r\n{\r\n0\r\n\r\n", MALFORMED),
    "a longer chunk": (CHUNKED + b"1\r\n{}\r\n0\r\n\r\n", MALFORMED),
    "a chunk that is cut": (CHUNKED + b"3\r\n{}", CUT),
    "no last chunk": (CHUNKED + b"1\r\n{\r\n", CUT),
    "no end of the trailers": (CHUNKED + b"0\r\nA: b\r\n", CUT),
    "another encoding": (OK + b"Transfer-Encoding: identity\r\n\r\n", MALFORMED),
    "an encoding twice": (
        OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n",
        MALFORMED,
    ),
    "a length and chunks": (
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        MALFORMED,
    ),
    # What is cut.
    "nothing": (b"", CUT),
    "half a head": (OK + b"Content-Length: 2\r\n", CUT),
    "half a body": (OK + b"Content-Length: 3\r\n\r\n{}", CUT),
}


@pytest.mark.parametrize("pieces", [in_one, byte_by_byte])
@pytest.mark.parametrize("name", READ)
def test_x47_1_what_is_read(name: str, pieces: Callable[[bytes], Iterator[bytes]]) -> None:
    content, result = READ[name]
    assert read(content, pieces) == result


@pytest.mark.parametrize(
    "content",
    [
        OK + b"Content-Length: 2\r\n\r\n{}" + OK + b"\r\n",
        b"HTTP/1.1 304 A\r\nContent-Length: 2\r\n\r\n{}",
        CHUNKED + b"0\r\n\r\n{",
    ],
)
def test_x44_x47_1_a_connection_on_which_more_has_come_is_not_kept(content: bytes) -> None:
    found = read(content)
    assert isinstance(found, Answer)
    assert not found.reusable


@pytest.mark.parametrize("pieces", [in_one, by_and_by])
@pytest.mark.parametrize(
    ("content", "result"),
    [
        (sized(HEAD) + b"{}", answer(b"{}")),
        (sized(HEAD + 1) + b"{}", MALFORMED),
        (sized(HEAD + 1)[:HEAD], CUT),
        (sized(HEAD + 2)[: HEAD + 1], MALFORMED),
        # Hints are part of the head.
        (b"HTTP/1.1 100 A\r\n\r\n" + sized(HEAD - 18) + b"{}", answer(b"{}")),
        (b"HTTP/1.1 100 A\r\n\r\n" + sized(HEAD - 17) + b"{}", MALFORMED),
        (of(BODY), answer(b"x" * BODY)),
        (of(BODY + 1), MALFORMED),
        (OK + b"\r\n" + b"x" * BODY, answer(b"x" * BODY, reusable=False)),
        (OK + b"\r\n" + b"x" * (BODY + 1), MALFORMED),
        (CHUNKED + LARGE + b"1\r\ny\r\n0\r\n\r\n", answer(b"x" * 65_535 + b"y")),
        (CHUNKED + LARGE + b"2\r\nyy\r\n0\r\n\r\n", MALFORMED),
        (CHUNKED + chunk_of(FRAMED), answer(b"x")),
        (CHUNKED + chunk_of(FRAMED + 1), MALFORMED),
        (CHUNKED + b"1;" + b"a" * (FRAMED - 2), CUT),
        (CHUNKED + b"1;" + b"a" * (FRAMED - 1), MALFORMED),
    ],
    ids=range(16),
)
def test_x47_1_the_limits(
    content: bytes, result: Answer | Outcome, pieces: Callable[[bytes], Iterator[bytes]]
) -> None:
    assert read(content, pieces) == result


@pytest.mark.parametrize(
    "content",
    [b"SSH-2.0\r\n", of(BODY + 1)[:60], CHUNKED + b"10001\r\n", CHUNKED + b"x\n"],
)
def test_x47_1_nobody_waits_for_more_of_what_is_no_answer(content: bytes) -> None:
    coming = iter([content])
    with pytest.raises(ProxyError) as refused:
        read_answer(Incoming(lambda: next(coming)))
    assert refused.value.outcome is MALFORMED


def test_x46_16_whether_a_byte_has_come() -> None:
    for content, begun in ((b"", False), (b"H", True)):
        coming = iter([content])
        incoming = Incoming(lambda coming=coming: next(coming, b""))  # type: ignore[misc]
        assert not incoming.begun
        with pytest.raises(ProxyError):
            read_answer(incoming)
        assert incoming.begun is begun


def test_x39_a_request_to_the_byte() -> None:
    assert request_bytes("/kms/xks/v1/health", {"Host": "a.example.com", "A": "b"}, b"{}") == (
        b"POST /kms/xks/v1/health HTTP/1.1\r\nHost: a.example.com\r\nA: b\r\n\r\n{}"
    )

"""Bytes in, bytes out: connections that are kept, that end, and clients that mean no good."""

from __future__ import annotations

import ssl
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moto_cks.xks_proxy.carriers import Connection
from moto_cks.xks_proxy.memory import MemoryEndpoint
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.wire import MAX_BODY, MAX_HEAD, Answer, BadRequestError, RequestReader
from tests.xks_proxy.asking import (
    ENCRYPT,
    HEALTH,
    KEY,
    Client,
    MemoryClient,
    context_at_any_time,
    signed,
    to_bytes,
)
from tests.xks_proxy.clock import Clock


@pytest.fixture
def client(proxy: XksProxy) -> MemoryClient:
    return MemoryClient(proxy, context_at_any_time(proxy))


@pytest.fixture
def request_(proxy: XksProxy) -> bytes:
    return to_bytes(signed(proxy, "/health", HEALTH))


def plain(proxy: XksProxy, data: bytes) -> tuple[bytes, bool]:
    """What a proxy without TLS answers, and whether it ends the connection."""
    with proxy.plain_http():
        connection = MemoryEndpoint(proxy).connect()
        return connection.feed(data), connection.closed


# Kept, and not kept -------------------------------------------------------------------------------


def test_x44_a_connection_is_kept(client: Client, request_: bytes) -> None:
    assert [client.ask(request_)[0] for _ in range(5)] == [200] * 5


def test_x43_3_it_is_given_up_when_it_says_nothing_for_a_minute(
    client: MemoryClient, proxy: XksProxy, clock: Clock
) -> None:
    clock.advance(seconds=60)
    assert not client.connection.closed
    assert client.ask(signed(proxy, "/health", HEALTH))[0] == 200
    clock.advance(seconds=61)
    assert client.connection.closed
    client.write(to_bytes(signed(proxy, "/health", HEALTH)))
    assert client.read() == b""  # a close_notify


def test_x43_3_a_stopped_proxy_cuts_it(
    client: MemoryClient, proxy: XksProxy, request_: bytes
) -> None:
    with proxy.stop():
        assert client.connection.closed
        client.write(request_)
        with pytest.raises(ssl.SSLEOFError):
            client.read()
        with pytest.raises(ConnectionRefusedError):
            MemoryEndpoint(proxy).connect()
    assert client.connection.closed
    assert MemoryClient(proxy, context_at_any_time(proxy)).ask(request_)[0] == 200


@pytest.mark.parametrize("what", ["certificate", "tls", "client certificate", "plain", "restart"])
def test_x43_3_it_ends_with_what_it_began_with(
    client: MemoryClient, proxy: XksProxy, what: str
) -> None:
    assert not client.connection.closed
    if what == "certificate":
        proxy.certificate.renew()
    elif what == "tls":
        proxy.tls(minimum="TLSv1.3")
    elif what == "client certificate":
        proxy.require_client_certificate(ca=proxy.certificate.authority.certificate)
    elif what == "plain":
        proxy.plain_http()
    else:
        proxy.stop().undo()
    assert client.connection.closed


def test_x43_3_nothing_else_ends_it(client: MemoryClient, proxy: XksProxy, request_: bytes) -> None:
    proxy.quota(100)
    proxy.credentials.add()
    proxy.key(KEY).disable()
    proxy.defect("url-safe-base64")
    proxy.start()
    assert client.ask(request_)[0] == 200


def test_x58_a_cut_connection_gives_half_an_answer(
    client: MemoryClient, proxy: XksProxy, request_: bytes
) -> None:
    with proxy.cut_connections():
        client.write(request_)
        assert client.read().startswith(b"HTTP/1.1 200 OK\r\n")
        with pytest.raises(ssl.SSLEOFError):
            client.read()
        assert client.connection.feed(b"more") == b""


def test_x44_a_client_that_leaves(client: MemoryClient) -> None:
    client.close()
    assert client.connection.closed
    assert client.connection.feed(b"") == b""


def shaken_hands(proxy: XksProxy) -> tuple[Connection, ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO]:
    connection = MemoryEndpoint(proxy).connect()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context_at_any_time(proxy).wrap_bio(incoming, outgoing, server_hostname=proxy.host)
    for _ in range(3):
        with suppress(ssl.SSLWantReadError):
            tls.do_handshake()
        incoming.write(connection.feed(outgoing.read()))
    return connection, tls, incoming, outgoing


def test_x44_a_client_that_says_goodbye_is_answered_in_kind(proxy: XksProxy) -> None:
    connection, tls, incoming, outgoing = shaken_hands(proxy)
    with pytest.raises(ssl.SSLWantReadError):
        tls.unwrap()
    incoming.write(connection.feed(outgoing.read()))
    tls.unwrap()
    assert connection.closed


def test_x44_one_that_asks_and_says_goodbye_at_once_is_answered_first(
    proxy: XksProxy, request_: bytes
) -> None:
    connection, tls, incoming, outgoing = shaken_hands(proxy)
    tls.write(request_)
    with pytest.raises(ssl.SSLWantReadError):
        tls.unwrap()
    incoming.write(connection.feed(outgoing.read()))
    assert len(proxy.log) == 1
    assert connection.closed


# What HTTP there is -------------------------------------------------------------------------------


def test_x39_a_request_byte_by_byte(client: Client, request_: bytes) -> None:
    for byte in request_[:-1]:
        client.write(bytes([byte]))
    assert client.ask(request_[-1:])[0] == 200


def test_x39_two_requests_at_once_are_answered_in_order(proxy: XksProxy, request_: bytes) -> None:
    encrypting = to_bytes(signed(proxy, f"/keys/{KEY}/encrypt", ENCRYPT))
    answers, closed = plain(proxy, request_ + encrypting + request_)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert answers.index(b"ciphertext") > answers.index(b"ekmFleetDetails")
    assert not closed


def test_x39_a_client_that_waits_for_the_go_ahead_gets_it_once(
    proxy: XksProxy, request_: bytes
) -> None:
    head, _, body = request_.partition(b"\r\n\r\n")
    with proxy.plain_http():
        connection = MemoryEndpoint(proxy).connect()
        assert connection.feed(head + b"\r\nExpect: 100-continue") == b""
        assert connection.feed(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert connection.feed(body[:3]) == b""
        assert connection.feed(body[3:]).startswith(b"HTTP/1.1 200 OK")
        # With the body at hand nobody waits.
        whole = head + b"\r\nExpect: 100-continue\r\n\r\n" + body
        assert connection.feed(whole).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("version", "connection", "closed"),
    [
        ("1.1", "", False),
        ("1.1", "close", True),
        ("1.1", "TE, Close", True),
        ("1.0", "", True),
        ("1.0", "keep-alive", False),
    ],
)
def test_x39_when_the_connection_goes_on(
    proxy: XksProxy, request_: bytes, version: str, connection: str, closed: bool
) -> None:
    head, _, body = request_.partition(b"\r\n\r\n")
    head = head.replace(b"HTTP/1.1", f"HTTP/{version}".encode())
    if connection:
        head += f"\r\nConnection: {connection}".encode()
    answer, ended = plain(proxy, head + b"\r\n\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert ended == closed
    assert (b"Connection: close" in answer) == closed


LINE = b"POST /example/kms/xks/v1/health HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\0" * 20 + b"\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"POST  / HTTP/1.1\r\n\r\n", 400),
        (b"POST /\r\n\r\n", 400),
        (LINE + b"\r\n", 400),
        (LINE + b"Host: a\r\nHost: a\r\n\r\n", 400),
        (LINE.replace(b"1.1", b"1.0") + b"Host: a\r\nHost: a\r\n\r\n", 400),
        (LINE + b"no header\r\n\r\n", 400),
        (LINE + b" folded: a\r\n\r\n", 400),
        (LINE + b"Name : a\r\n\r\n", 400),
        (LINE + b"Content-Length: -1\r\n\r\n", 400),
        (LINE + b"Content-Length: 1_0\r\n\r\n", 400),
        (LINE + b"Content-Length: ten\r\n\r\n", 400),
        (LINE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (LINE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (LINE + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (LINE + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400),
        (b"POST health HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST https:///health HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST https://a?/health HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST https://me@a/health HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST ftp://a/health HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (LINE + f"Content-Length: {MAX_BODY + 1}\r\n\r\n".encode(), 413),
        (LINE + b"Content-Length: 999999999999999999\r\n\r\n", 413),
        (LINE + b"a: b\r\n" * 4000 + b"\r\n", 431),
        (b"a" * MAX_HEAD, 431),
        (LINE + b"a: " + b"b" * MAX_HEAD, 431),
    ],
)
def test_x39_what_is_no_request_is_refused_and_ends_the_connection(
    proxy: XksProxy, data: bytes, status: int
) -> None:
    answer, closed = plain(proxy, data)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Connection: close" in answer
    assert closed


@pytest.mark.parametrize(
    ("scheme", "host", "status"),
    [("https", "xks.example.com", 200), ("HTTP", "xks.example.com", 200), ("https", "other", 401)],
)
def test_x39_a_target_may_be_a_url_whose_host_counts(
    proxy: XksProxy, scheme: str, host: str, status: int
) -> None:
    request = to_bytes(signed(proxy, "/health", HEALTH))
    url = f"POST {scheme}://{host}{proxy.path}/health ".encode()
    answer, _ = plain(proxy, request.replace(f"POST {proxy.path}/health ".encode(), url))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_x39_an_endless_head_is_not_kept(proxy: XksProxy) -> None:
    with proxy.plain_http():
        connection = MemoryEndpoint(proxy).connect()
        fed = 0
        while not connection.closed:
            connection.feed(b"a" * 1000)
            fed += 1000
    assert fed <= MAX_HEAD + 1000


def test_x39_empty_lines_before_a_request_are_skipped(proxy: XksProxy, request_: bytes) -> None:
    answer, _ = plain(proxy, b"\r\n\r\n" + request_)
    assert answer.startswith(b"HTTP/1.1 200 OK")


@given(st.binary(max_size=400))
def test_x39_any_bytes_are_waited_on_or_refused(data: bytes) -> None:
    reader = RequestReader()
    requests = []
    with suppress(BadRequestError):
        requests += reader.feed(data)
    assert all(len(each.request.body) <= MAX_BODY for each in requests)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_x39_however_the_bytes_are_split(sizes: list[int]) -> None:
    head = LINE + b"Host: x\r\n"
    whole = head + b"Content-Length: 5\r\n\r\nhello" + head + b"\r\n"
    reader, bodies, at = RequestReader(), [], 0
    for size in [*sizes, len(whole)]:
        bodies += [each.request.body for each in reader.feed(whole[at : at + size])]
        at += size
    assert bodies == [b"hello", b""]


@given(st.binary(max_size=300))
@settings(max_examples=50)
def test_x58_bytes_that_are_no_tls_end_it_by_an_alert_or_wait(data: bytes) -> None:
    proxy = SHARED
    connection = MemoryEndpoint(proxy).connect()
    answer = connection.feed(data)
    assert answer == b"" or answer[0] == 21  # an alert
    if answer:
        assert connection.closed


SHARED = XksProxy()


def test_x58_http_to_a_port_of_tls_ends_by_an_alert(proxy: XksProxy, request_: bytes) -> None:
    connection = MemoryEndpoint(proxy).connect()
    connection.feed(request_)
    assert connection.closed
    assert proxy.log[-1].message == "TLS handshake failed: HTTP_REQUEST"


def test_x58_half_a_record_is_waited_on(proxy: XksProxy) -> None:
    connection = MemoryEndpoint(proxy).connect()
    assert connection.feed(b"\x16\x03\x01\x02\x00" + b"\x01" * 100) == b""
    assert not connection.closed


def test_x58_rubbish_after_the_handshake_ends_it(client: MemoryClient) -> None:
    assert client.connection.feed(b"\x17\x03\x03\x00\x20" + b"?" * 32)[0] in (21, 23)
    assert client.connection.closed


def test_x39_an_answer_is_http() -> None:
    answer = Answer(429, b"{}", headers=(("Retry-After", "1"),))
    assert answer.to_bytes(last=True) == (
        b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\n"
        b"Content-Length: 2\r\nRetry-After: 1\r\nConnection: close\r\n\r\n{}"
    )


def test_x39_a_request_can_be_read_by_its_headers(proxy: XksProxy) -> None:
    sent = signed(proxy, "/health", HEALTH)
    MemoryClient(proxy, context_at_any_time(proxy)).ask(sent)
    assert proxy.requests == [sent]
    assert proxy.requests[0].header("host") == proxy.host
    assert proxy.requests[0].header("x-none") is None
    assert "kmsRequestId" not in repr(proxy.requests)


def test_x71_many_connections_cost_nothing_when_they_have_gone() -> None:
    proxy = SHARED
    began = time.process_time()
    for _ in range(300):
        MemoryEndpoint(proxy).connect()
    assert time.process_time() - began < 1

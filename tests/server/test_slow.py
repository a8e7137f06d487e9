"""Clients that take their time, and many of them: nobody else waits, and nothing is left."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from moto_cks.server import ThreadedCksServer
from moto_cks.server.http import THREADS
from moto_cks.server.main import _write_certificate
from tests.aws import client_of
from tests.server.conftest import Server
from tests.server.process import signed
from tests.server.waiting import AT_REST, ENOUGH, MANY, longest_wait

HEAD = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
START = f"POST / HTTP/1.1\r\nHost: x\r\n{HEAD}"

SLOW = {
    "nothing": b"",
    "request-line": b"POST / HT",
    "headers": START.encode(),
    "body": f"{START}Content-Length: 20\r\n\r\n{{".encode(),
    "chunk": f"{START}Transfer-Encoding: chunked\r\n\r\n20\r\n{{".encode(),
    "end-of-chunks": f"{START}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n".encode(),
    "moto-api": b"POST /moto-api/config HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    "s3": b"PUT /bucket/key HTTP/1.1\r\nHost: s3\r\nContent-Length: 99\r\n\r\n{",
}


@contextmanager
def connections(port: int, said: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        made = []
        for _ in range(MANY):
            connection = socket.create_connection(("127.0.0.1", port), timeout=20)
            made.append(stack.enter_context(connection))
            connection.sendall(said)
        yield made


def wait_at(endpoint: str, **settings: Any) -> float:
    """The longest that somebody waits for the server."""
    config = Config(retries={"total_max_attempts": 1})
    return longest_wait(lambda: client_of(endpoint, "kms", config=config, **settings))


def threads_in_the_end(most: int) -> int:
    end = time.monotonic() + 15
    while threading.active_count() > most and time.monotonic() < end:
        time.sleep(0.1)
    return threading.active_count()


@pytest.mark.parametrize("kind", SLOW)
def test_600_slow_connections_keep_nobody_waiting(server: Server, kind: str) -> None:
    threads = threads_in_the_end(AT_REST)
    with connections(server.port, SLOW[kind]):
        assert wait_at(server.endpoint) < ENOUGH
        assert threading.active_count() <= threads + 1
    assert threads_in_the_end(threads) <= threads


def test_600_that_say_a_byte_now_and_then(server: Server) -> None:
    threads = threads_in_the_end(AT_REST)
    with connections(server.port, SLOW["request-line"]) as slow:
        for piece in b"TP/1.1":
            for connection in slow:
                connection.sendall(bytes([piece]))
            assert wait_at(server.endpoint) < ENOUGH
        rest = f"\r\nHost: x\r\n{HEAD}Content-Length: 2\r\n\r\n{{}}".encode()
        slow[-1].sendall(rest)
        assert slow[-1].recv(65536).startswith(b"HTTP/1.1 200 ")
    assert threads_in_the_end(threads) <= threads


def test_threads_that_were_needed_end(server: Server) -> None:
    sqs = server.client("sqs", config=Config(max_pool_connections=100))
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]
    consumers = [
        threading.Thread(target=sqs.receive_message, kwargs={"QueueUrl": url, "WaitTimeSeconds": 5})
        for _ in range(80)
    ]
    for consumer in consumers:
        consumer.start()
    end = time.monotonic() + 4
    while threading.active_count() < AT_REST + 80 + 80 - THREADS and time.monotonic() < end:
        time.sleep(0.05)
    needed, waited = threading.active_count(), wait_at(server.endpoint)
    for consumer in consumers:
        consumer.join()
    assert needed > 80 + 2 * THREADS  # here each has one
    assert waited < ENOUGH
    assert threads_in_the_end(AT_REST) <= AT_REST


def test_slow_handshakes(tmp_path: Path) -> None:
    tls = _write_certificate(tmp_path)
    with ThreadedCksServer(port=0, tls=tls) as server:
        _, port = server.get_host_and_port()
        threads = threading.active_count()
        for said in (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01"):
            with connections(port, said):
                assert wait_at(f"https://localhost:{port}", verify=False) < ENOUGH
                assert threading.active_count() <= threads + 1


@pytest.mark.parametrize("size", [10, 5_000_000, 30_000_000])
def test_a_body_in_pieces(server: Server, size: int) -> None:
    # Shorter and longer than what is collected.
    s3 = server.client("s3")
    s3.create_bucket(Bucket="bucket")
    content = bytes(range(256)) * (size // 256 + 1)
    s3.put_object(Bucket="bucket", Key="key", Body=content)
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == content


def test_a_body_in_pieces_over_tls(tmp_path: Path) -> None:
    with ThreadedCksServer(port=0, tls=_write_certificate(tmp_path)) as server:
        endpoint = f"https://localhost:{server.get_host_and_port()[1]}"
        s3 = client_of(endpoint, "s3", verify=False)
        s3.create_bucket(Bucket="bucket")
        for size in (10, 100_000, 20_000_000):
            s3.put_object(Bucket="bucket", Key="key", Body=b"x" * size)
            assert len(s3.get_object(Bucket="bucket", Key="key")["Body"].read()) == size


def test_who_speaks_no_tls_is_not_answered(tmp_path: Path) -> None:
    with ThreadedCksServer(port=0, tls=_write_certificate(tmp_path)) as server:
        _, port = server.get_host_and_port()
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(SLOW["headers"])
            assert b"200" not in connection.recv(1024)


def test_who_is_too_slow_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto_cks.server.http.PATIENCE", 0.3)
    for kind in ("request-line", "headers", "body", "chunk", "moto-api", "s3"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(SLOW[kind])
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 408 "), kind


def test_who_is_too_slow_to_shake_hands_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto_cks.server.http.PATIENCE", 0.3)
    with ThreadedCksServer(port=0, tls=_write_certificate(tmp_path)) as server:
        _, port = server.get_host_and_port()
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            assert connection.recv(1024) == b""


def test_who_asks_whether_to_go_on(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(f"{START}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n".encode())
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_never_ends_its_refused_request(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto_cks.server.http.LINGER_AT_MOST", 0.5)
    head = f"{START}Content-Length: {900 << 20}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head + b" " * (9 << 20))
        start = time.monotonic()
        while time.monotonic() - start < 10:
            try:
                connection.sendall(b" ")
            except OSError:
                break
            time.sleep(0.05)
        assert time.monotonic() - start < 5

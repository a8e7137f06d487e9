"""Clients of moto-cks-proxy that take their time: nobody else waits, and no thread is left."""

from __future__ import annotations

import os
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import boto3
import pytest
from botocore.config import Config

from tests.server.process import proxy_process, secured, signed
from tests.server.waiting import AT_REST, ENOUGH, MANY, longest_wait

HOST = "kms.us-east-1.amazonaws.com"
HEAD = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
START = f"POST / HTTP/1.1\r\nHost: {HOST}\r\n{HEAD}"
CONNECT = f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode()
OWN = b"POST /moto-api/config HTTP/1.1\r\nHost: motoapi.amazonaws.com\r\nContent-Length: 9\r\n\r\n{"

SLOW = {
    "nothing": b"",
    "request-line": b"POST / HT",
    "headers": START.encode(),
    "body": f"{START}Content-Length: 20\r\n\r\n{{".encode(),
    "chunk": f"{START}Transfer-Encoding: chunked\r\n\r\n20\r\n{{".encode(),
    "moto-api": OWN,
}
BEFORE_HANDS_ARE_SHAKEN = {
    "connect": CONNECT[:-2],
    "no-hello": CONNECT,
    "half-a-hello": CONNECT,
}


@pytest.fixture(scope="module")
def proxy() -> Iterator[tuple[int, int]]:
    with proxy_process() as (port, process):
        yield port, process


def said_to(port: int, said: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(said)
    return connection


def tunnel(port: int, kind: str = "no-hello") -> socket.socket:
    """A connection in which a tunnel is asked for, and maybe the first bytes of TLS are said."""
    connection = said_to(port, BEFORE_HANDS_ARE_SHAKEN[kind])
    if kind != "connect":
        assert connection.recv(4096) == b"HTTP/1.1 200 Connection Established\r\n\r\n"
    if kind == "half-a-hello":
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01")
    return connection


def in_tunnel(port: int, said: bytes) -> ssl.SSLSocket:
    tls = secured(tunnel(port))
    tls.sendall(said)
    return tls


def wait_at(port: int) -> float:
    """The longest that somebody waits for the proxy."""
    proxies = {"https": f"http://127.0.0.1:{port}"}
    config = Config(proxies=proxies, retries={"total_max_attempts": 1})
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="us-east-1")
    return longest_wait(lambda: session.client("kms", verify=False, config=config))


def threads_of(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))


def files_of(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/fd"))


def threads_in_the_end(process: int, files: int) -> int:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if files_of(process) <= files and threads_of(process) <= AT_REST:
            break
        time.sleep(0.1)
    return threads_of(process)


def keeps_nobody_waiting(
    proxy: tuple[int, int], slow: Callable[[], socket.socket], many: int = MANY
) -> None:
    port, process = proxy
    threads, files = threads_of(process), files_of(process)
    with ExitStack() as stack:
        for _ in range(many):
            stack.enter_context(slow())
        assert wait_at(port) < ENOUGH
        assert threads_of(process) <= threads
    assert threads_in_the_end(process, files) <= AT_REST


pytestmark = [
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
    pytest.mark.skipif(sys.platform != "linux", reason="the threads of a process are in /proc"),
]


@pytest.mark.parametrize("kind", SLOW)
def test_600_slow_connections(proxy: tuple[int, int], kind: str) -> None:
    keeps_nobody_waiting(proxy, lambda: said_to(proxy[0], SLOW[kind]))


@pytest.mark.parametrize("kind", BEFORE_HANDS_ARE_SHAKEN)
def test_600_that_shake_hands_slowly(proxy: tuple[int, int], kind: str) -> None:
    keeps_nobody_waiting(proxy, lambda: tunnel(proxy[0], kind))


@pytest.mark.parametrize("kind", ["nothing", "headers", "body"])
def test_many_that_are_slow_in_a_tunnel(proxy: tuple[int, int], kind: str) -> None:
    # Not more: to shake hands with 600 takes a busy machine longer than the proxy waits for them.
    keeps_nobody_waiting(proxy, lambda: in_tunnel(proxy[0], SLOW[kind]), 150)

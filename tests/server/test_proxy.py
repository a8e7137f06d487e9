"""The own API of moto-cks-proxy is guarded as that of the server; AWS is called as before."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from moto_cks.server.proxy import main
from tests.server.process import exchange, proxy_running, signed

OWN = "motoapi.amazonaws.com"
EVIL = "http://evil.example"
FRIEND = "https://friend.example:8443"

PATHS = [
    ("POST", "/moto-api/reset"),
    ("POST", "/moto-api/proxy/passthrough"),
    ("POST", "/moto-api/cks/clock/advance"),
    ("GET", "/moto-api/seed?a=1"),
    ("GET", "/moto-api/data.json"),
    ("GET", "/moto-api/cks/timeline"),
    ("GET", "/moto-api/cks/console"),
]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    arguments = ("--allow-host", "motoapi.amazonaws.com.friend", "--allow-origin", FRIEND)
    with proxy_running(*arguments) as port:
        yield port


def ask(
    port: int, method: str, path: str, body: bytes = b"{}", host: str = OWN, **headers: str
) -> tuple[int, bytes]:
    """Ask moto's own API, as a client that uses the proxy does; the status and all that came."""
    sent = {"Host": host, "Content-Length": str(len(body))}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value)
    head = f"{method} http://{host}{path} HTTP/1.1\r\n{lines}\r\n"
    received = exchange(port, head.encode() + body)
    assert received.count(b"HTTP/1.1 ") == 1
    return int(received.split()[1]), received


def refused(answer: tuple[int, bytes], status: int = 403) -> None:
    assert answer[0] == status, answer
    assert b"access-control" not in answer[1].lower()
    assert json.loads(answer[1].partition(b"\r\n\r\n")[2])["message"]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_web_page_reaches_nothing(port: int, method: str, path: str) -> None:
    # Moto's pattern of its own API's name does not end.
    refused(ask(port, method, path, host=f"{OWN}.rebound.example"))
    for origin in (EVIL, "null", f"https://{OWN}", f"http://{OWN}.rebound.example"):
        refused(ask(port, method, path, Origin=origin))
        refused(ask(port, "OPTIONS", path, Origin=origin))
    picture = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}
    refused(ask(port, method, path, **picture))


def test_nor_does_one_of_its_own_origin_without_the_token(port: int) -> None:
    opening = {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    status, page = ask(port, "GET", "/moto-api/cks/console", b"", **opening)
    found = re.search(rb'name="cks-token" content="([\w-]{40,})"', page)
    assert (status, found is None) == (200, False)
    assert found is not None
    for path in ("/moto-api/reset", "/moto-api/cks/reset"):
        refused(ask(port, "POST", path, Origin=f"http://{OWN}"))
        shown = {"Origin": f"http://{OWN}", "X_Cks_Token": found[1].decode()}
        assert ask(port, "POST", path, **shown)[0] in (200, 204)


@pytest.mark.parametrize("host", [OWN, "motoapi.amazonaws.com.friend"])
def test_programs_go_on(port: int, host: str) -> None:
    assert ask(port, "POST", "/moto-api/reset", host=host)[0] == 200
    assert ask(port, "GET", "/moto-api/data.json", host=host)[0] == 200
    assert ask(port, "GET", "/moto-api/cks/clock", b"", host=host)[0] == 200
    refused(ask(port, "GET", "/moto-api/seed?a=1", host=host), 405)


def test_without_a_proxy_it_is_reached_as_localhost(port: int) -> None:
    path = "/moto-api/cks/clock"
    local = f"localhost:{port}"
    get = f"GET {path} HTTP/1.1\r\nHost: {local}\r\n"
    assert exchange(port, f"{get}\r\n".encode()).startswith(b"HTTP/1.1 200 ")
    assert b" 403 " in exchange(port, f"{get}Origin: {EVIL}\r\n\r\n".encode()).splitlines()[0]
    own = f"{get}Origin: http://{local}\r\n\r\n".encode()
    assert exchange(port, own).startswith(b"HTTP/1.1 200 ")


def test_an_allowed_origin(port: int) -> None:
    asked = {"Access_Control_Request_Headers": "content-type"}
    status, answer = ask(port, "OPTIONS", "/moto-api/reset", b"", Origin=FRIEND, **asked)
    assert status == 204
    assert f"Access-Control-Allow-Origin: {FRIEND}\r\n".encode() in answer
    status, answer = ask(port, "POST", "/moto-api/reset", Origin=FRIEND)
    assert status == 200
    assert f"Access-Control-Allow-Origin: {FRIEND}\r\n".encode() in answer


def test_aws_is_called_by_all_pages(port: int) -> None:
    headers = {name.replace("-", "_"): value for name, value in signed("ListKeys").items()}
    for origin in ("", EVIL):
        status, answer = ask(
            port, "POST", "/", host="kms.us-east-1.amazonaws.com", Origin=origin, **headers
        )
        assert status == 200
        assert b'"Keys"' in answer


# What is malformed ------------------------------------------------------------------------------


def test_80_mib_are_refused(port: int) -> None:
    head = f"POST /moto-api/reset HTTP/1.1\r\nHost: {OWN}\r\n"
    answer = exchange(port, f"{head}Content-Length: {80 << 20}\r\n\r\n".encode())
    assert b" 413 " in answer.splitlines()[0]


def in_chunks(host: str, body: bytes) -> bytes:
    headers = signed("ListKeys") if host != OWN else {}
    path = "/" if headers else "/moto-api/config"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{lines}Transfer-Encoding: chunked\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("host", [OWN, "kms.us-east-1.amazonaws.com"])
def test_chunks(port: int, host: str) -> None:
    fine = exchange(port, in_chunks(host, b"2\r\n{}\r\n0\r\n\r\n"))
    assert fine.split()[1] in (b"200", b"201")
    for size in (b"-1", b"-2", b"zz", b"", b"f" * 400, b"2_0"):
        answer = exchange(port, in_chunks(host, b"%s\r\n{}\r\n0\r\n\r\n" % size))
        assert b" 400 " in answer.splitlines()[0], size


@pytest.mark.parametrize(
    "lines",
    [
        "",
        f"Host: {OWN}\r\nContent-Length: -1",
        f"Host: {OWN}\r\nContent-Length: x",
        f"Host: {OWN}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
        f"Host: {OWN}\r\nContent-Length: 2\r\nContent-Length: 2",
        f"Host: {OWN}\r\nContent-Length: 2, 2",
        f"Host: {OWN}\r\nTransfer-Encoding: gzip",
        f"Host: {OWN}\r\nHost: {OWN}",
        f"Host: a@{OWN}",
        f"Host: {OWN}\r\nX-One: a\r\n b",
        f"Host: {OWN}\r\nX-One : a",
        f"Host: {OWN}\r\nno colon",
        f"Host: {OWN}\r\nX-One: a\rb",
    ],
)
def test_headers_that_say_nothing(port: int, lines: str) -> None:
    request = f"POST /moto-api/config HTTP/1.1\r\n{lines}\r\n\r\n{{}}"
    assert exchange(port, request.encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("said", [b"", b"POST / HT", f"GET / HTTP/1.1\r\nHost: {OWN}\r\n".encode()])
def test_600_slow_connections_do_not_keep_others_out(port: int, said: bytes) -> None:
    # Each takes a thread for the 5 seconds of moto's proxy; nobody waits for their end.
    with ExitStack() as stack:
        start = time.monotonic()
        for _ in range(600):
            slow = socket.create_connection(("127.0.0.1", port), timeout=20)
            stack.enter_context(slow).sendall(said)
        assert ask(port, "GET", "/moto-api/cks/clock", b"")[0] == 200
        assert time.monotonic() - start < 5


def test_what_is_no_option() -> None:
    for arguments in (["--allow-host", "a:b:c"], ["--allow-origin", "*"], ["-p", "65536"]):
        with pytest.raises(SystemExit, match="2"):
            main(arguments)

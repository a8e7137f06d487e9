"""The own API of moto-cks-proxy is guarded as that of the server; AWS is called as before."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.config import Config

from moto_cks.server.guard import Guard
from moto_cks.server.proxy import main
from moto_cks.server.proxy_connections import ProxyConnection, ProxyHttpServer
from moto_cks.server.proxy_requests import GuardedHandler
from moto_cks.server.running import Running
from tests.server.process import ROOT, exchange, proxy_running, secured, signed

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


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("BREW / HTTP/1.1", 501),
        ("GET * HTTP/1.1", 400),
        ("GET ftp://motoapi.amazonaws.com/ HTTP/1.1", 400),
        ("GET http:///moto-api/cks/clock HTTP/1.1", 400),
        ("GET http://a@b/moto-api/cks/clock HTTP/1.1", 400),
        ("GET http://[::1/ HTTP/1.1", 400),
        ("CONNECT / HTTP/1.1", 400),
        ("CONNECT kms.us-east-1.amazonaws.com HTTP/1.1", 400),
        ("CONNECT kms.us-east-1.amazonaws.com:x HTTP/1.1", 400),
        ("CONNECT :443 HTTP/1.1", 400),
        ("CONNECT a/b:443 HTTP/1.1", 400),
    ],
)
def test_what_no_proxy_is_asked(port: int, line: str, status: int) -> None:
    answer = exchange(port, f"{line}\r\nHost: {OWN}\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"\r\nConnection: close\r\n") == 1
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["message"]


def test_the_target_says_the_host(port: int) -> None:
    # RFC 9112, 3.2.2: of two names, that of the target counts, for the guard, too.
    path = "/moto-api/cks/clock"
    lines = "\r\nHost: kms.us-east-1.amazonaws.com\r\n\r\n"
    get = f"GET http://{OWN}{path} HTTP/1.1{lines}"
    assert exchange(port, get.encode()).startswith(b"HTTP/1.1 200 ")
    evil = f"GET http://{OWN}.rebound.example{path} HTTP/1.1\r\nHost: {OWN}\r\n\r\n"
    assert exchange(port, evil.encode()).startswith(b"HTTP/1.1 403 ")


# Tunnels ----------------------------------------------------------------------------------------


@contextmanager
def tunnel(port: int, to: str, version: str = "1.1") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        # Python's http.client says no more than that, and no Host.
        head = f"CONNECT {to} HTTP/1.0\r\n\r\n"
        if version == "1.1":
            head = f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 Connection Established\r\n")
        yield connection


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_tunnel(port: int, version: str) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
    kms = "kms.us-east-1.amazonaws.com"
    asked = f"POST / HTTP/1.1\r\nHost: {kms}\r\n{lines}Content-Length: 2\r\n\r\n{{}}"
    with tunnel(port, f"{kms}:443", version) as connection, secured(connection) as tls:
        tls.sendall(asked.encode())
        answer = b"".join(iter(lambda: tls.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"\r\nConnection: close\r\n") == 1
    assert b'"Keys"' in answer


def test_nothing_is_said_in_a_tunnel_before_it_is_there(port: int) -> None:
    to = f"{OWN}:443"
    for said in ("\x16\x03\x01", "GET / HTTP/1.1\r\n\r\n"):
        answer = exchange(port, f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n{said}".encode())
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.endswith(b'{"message": "Nothing is said in a tunnel before it is there."}')


def test_there_is_no_tunnel_in_a_tunnel(port: int) -> None:
    with tunnel(port, f"{OWN}:443") as connection, secured(connection) as tls:
        tls.sendall(f"CONNECT {OWN}:443 HTTP/1.1\r\nHost: {OWN}\r\n\r\n".encode())
        assert tls.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_who_speaks_no_tls_in_a_tunnel_is_not_answered(port: int) -> None:
    with tunnel(port, f"{OWN}:443") as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" not in connection.recv(4096)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("size", [10, 5_000_000, 30_000_000])
def test_bodies_of_every_length(port: int, size: int) -> None:
    config = Config(proxies={"https": f"http://127.0.0.1:{port}"})
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="us-east-1")
    s3 = session.client("s3", verify=False, config=config)
    s3.create_bucket(Bucket="bucket")
    content = bytes(range(256)) * (size // 256 + 1)
    s3.put_object(Bucket="bucket", Key="key", Body=content)
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == content
    assert s3.head_object(Bucket="bucket", Key="key")["ContentLength"] == len(content)


class Origin(BaseHTTPRequestHandler):
    """A server that is none of AWS's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"from elsewhere")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def elsewhere(port: int) -> Iterator[str]:
    """Where that server is; the proxy is told to let calls of it pass."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Origin) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"127.0.0.1:{server.server_port}"
        passing = {"http_urls": [f"http://{at}/passes"], "https_hosts": ["127.0.0.1"]}
        path = "/moto-api/proxy/passthrough"
        assert ask(port, "POST", path, json.dumps(passing).encode())[0] == 201
        yield at
        server.shutdown()
    assert ask(port, "POST", "/moto-api/reset")[0] == 200


def test_a_host_that_passes(port: int, elsewhere: str) -> None:
    with tunnel(port, elsewhere) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b"".join(iter(lambda: connection.recv(4096), b"")).endswith(b"from elsewhere")


def test_a_url_that_passes(port: int, elsewhere: str) -> None:
    for path, passes in (("passes", True), ("other", False)):
        head = f"GET http://{elsewhere}/{path} HTTP/1.1\r\nHost: {elsewhere}\r\n\r\n"
        assert exchange(port, head.encode()).endswith(b"from elsewhere") is passes


# ------------------------------------------------------------------------------------------------


def test_who_is_too_slow_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto_cks.server.http.PATIENCE", 0.3)

    class Handler(GuardedHandler):
        guard = Guard([OWN], [])

    running = Running(ProxyHttpServer(("127.0.0.1", 0), Handler), "proxy")
    to = running.socket.getsockname()[1]
    head = f"POST /moto-api/reset HTTP/1.1\r\nHost: {OWN}\r\nContent-Length: 9\r\n"
    try:
        for said in ("POST / HT", head, f"{head}\r\n{{"):
            with socket.create_connection(("127.0.0.1", to), timeout=20) as connection:
                connection.sendall(said.encode())
                assert connection.recv(65536).startswith(b"HTTP/1.1 408 "), said
    finally:
        running.stop()


def test_a_client_that_vanishes_before_hands_are_shaken(monkeypatch: pytest.MonkeyPatch) -> None:
    class Handler(GuardedHandler):
        guard = Guard([OWN], [])

    begin, reset = ProxyConnection._begin_tls, threading.Event()

    def begin_late(self: ProxyConnection, context: ssl.SSLContext) -> None:
        reset.wait(20)
        begin(self, context)

    monkeypatch.setattr(ProxyConnection, "_begin_tls", begin_late)
    running = Running(ProxyHttpServer(("127.0.0.1", 0), Handler), "proxy")
    to = running.socket.getsockname()[1]
    try:
        for _ in range(3):
            reset.clear()
            with tunnel(to, f"{OWN}:443") as connection:
                connection.sendall(b"\x16\x03\x01 and so on")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            time.sleep(0.2)  # until the reset has come
            reset.set()
        time.sleep(0.5)
        answer = exchange(to, f"GET /moto-api/cks/clock HTTP/1.1\r\nHost: {OWN}\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 ")  # or the server had ended
    finally:
        running.stop()


def test_a_port_that_is_taken(port: int) -> None:
    command = [sys.executable, "-m", "tests.server.proxy", "-p", str(port)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 1
    assert re.fullmatch(r"moto-cks-proxy: .+\n", ended.stderr)


def test_what_is_no_option() -> None:
    for arguments in (["--allow-host", "a:b:c"], ["--allow-origin", "*"], ["-p", "65536"]):
        with pytest.raises(SystemExit, match="2"):
            main(arguments)

"""HTTP/1.1 as RFC 9112 has it: what is malformed ends with 400, and is never a second request."""

from __future__ import annotations

import json
import socket
import ssl
import time
from pathlib import Path

import pytest

from moto_cks.server import ThreadedCksServer
from moto_cks.server.main import _write_certificate
from tests.server import process
from tests.server.conftest import Server
from tests.server.process import signed

SIGNED = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
S3 = SIGNED.replace("/kms/", "/s3/").replace("X-Amz-Target: TrentService.ListKeys\r\n", "")
SECOND = f"POST / HTTP/1.1\r\nHost: x\r\n{SIGNED}Content-Length: 2\r\n\r\n{{}}"

KINDS = {
    "kms": f"POST / HTTP/1.1\r\nHost: localhost\r\n{SIGNED}",
    "s3": f"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\n{S3}",
    "moto-api": "POST /moto-api/config HTTP/1.1\r\nHost: localhost\r\n",
    "control": "POST /moto-api/cks/reset HTTP/1.1\r\nHost: localhost\r\n",
}


def exchange(port: int, request: str) -> bytes:
    return process.exchange(port, request.encode("latin-1"))


def refused(port: int, request: str, status: int = 400) -> None:
    received = exchange(port, request + SECOND)
    assert received.startswith(f"HTTP/1.1 {status} ".encode()), received[:300]
    assert received.count(b"HTTP/1.1 ") == 1  # what follows is no request
    assert b"Traceback" not in received


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "size",
    [
        "-1",
        "-0",
        "+2",
        "0x2",
        "2_0",
        " 2",
        "",
        ";",
        "g",
        "\uff12",
        "8000000000000000",
        "ffffffffffffffff",
        "10000000000000002",
        "f" * 400,
        "f" * 70_000,
    ],
    ids=lambda size: size[:20].encode("ascii", "replace").decode() or "none",
)
def test_the_size_of_a_chunk(server: Server, kind: str, size: str) -> None:
    sent = size.encode().decode("latin-1")
    head = f"{KINDS[kind]}Transfer-Encoding: chunked\r\n\r\n"
    refused(server.port, f"{head}{sent}\r\n{{}}\r\n0\r\n\r\n")
    refused(server.port, f"{head}2\r\n{{}}\r\n{sent}\r\n{{}}\r\n0\r\n\r\n")


@pytest.mark.parametrize("size", ["1000000000000001", "ffffffffffffffffffff"])
def test_nobody_waits_for_a_chunk_that_is_too_long(server: Server, size: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        head = f"{KINDS['s3']}Transfer-Encoding: chunked\r\n\r\n"
        connection.sendall(f"{head}2\r\n{{}}\r\n".encode())
        time.sleep(0.1)
        connection.sendall(f"{size}\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        "1\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}0\r\n\r\n",
        "2\n{}\n0\n\n",
        "2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
        f"2\r\n{{}}\r\n0\r\nX: {'y' * 70_000}\r\n\r\n",
    ],
)
def test_the_rest_of_a_chunk(server: Server, kind: str, body: str) -> None:
    refused(server.port, f"{KINDS[kind]}Transfer-Encoding: chunked\r\n\r\n{body}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", ["", "2", "2\r\n", "2\r\n{", "2\r\n{}", "2\r\n{}\r\n", "fffffff\r\n{"]
)
def test_chunks_that_end_too_early(server: Server, kind: str, body: str) -> None:
    received = exchange(server.port, f"{KINDS[kind]}Transfer-Encoding: chunked\r\n\r\n{body}")
    assert received.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "body",
    [
        "2\r\n{}\r\n0\r\n\r\n",
        "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        "0000000000000000002\r\n{}\r\n000\r\n\r\n",
        '2;name="value"\r\n{}\r\n0;last\r\n\r\n',
        "2 \r\n{}\r\n0\r\nX-Trailer: value\r\nAnother: one\r\n\r\n",
    ],
)
def test_chunks_and_another_request_after_them(server: Server, body: str) -> None:
    request = f"{KINDS['kms']}Transfer-Encoding: chunked\r\n\r\n{body}"
    received = exchange(server.port, request + SECOND)
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert received.count(b"HTTP/1.1 ") == 2


def test_chunks_that_nobody_reads(server: Server) -> None:
    # The operation is unknown, which the server sees before it reads the body.
    unknown = KINDS["kms"].replace("ListKeys", "Nonsense")
    request = f"{unknown}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
    received = exchange(server.port, request + SECOND)
    assert received.count(b"HTTP/1.1 ") == 2
    assert b"UnknownOperationException" in received
    assert b'"Keys"' in received


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_that_ends_too_early(server: Server, kind: str) -> None:
    for length in (3, 9 << 20):
        received = exchange(server.port, f"{KINDS[kind]}Content-Length: {length}\r\n\r\n{{}}")
        status = b"413" if length > 3 and kind == "kms" else b"400"
        assert received.startswith(b"HTTP/1.1 %s " % status)


@pytest.mark.parametrize("kind", KINDS)
def test_a_length_beside_chunks(server: Server, kind: str) -> None:
    for both in (
        "Content-Length: 12\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\ncontent-length: 12",
    ):
        refused(server.port, f"{KINDS[kind]}{both}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 2\r\nContent-Length: 2",
        "Content-Length: 2, 2",
        "Content-Length: +2",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: ",
    ],
)
def test_lengths_that_say_two_things(server: Server, lines: str) -> None:
    refused(server.port, f"{KINDS['kms']}{lines}\r\n\r\n{{}}")


def test_http_1_0_has_no_chunks(server: Server) -> None:
    request = KINDS["kms"].replace("HTTP/1.1", "HTTP/1.0")
    refused(server.port, f"{request}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n")


@pytest.mark.parametrize("kind", KINDS)
def test_for_which_host_it_is(server: Server, kind: str) -> None:
    end = "Content-Length: 2\r\n\r\n{}"
    refused(server.port, KINDS[kind].replace("Host: localhost\r\n", "") + end)
    for hosts in (
        "Host: localhost\r\nHost: localhost",
        "Host: localhost\r\nhost: evil.example",
        "Host: evil.example/localhost",
        "Host: a@localhost",
        "Host: local host",
        "Host: localhost:port",
    ):
        refused(server.port, KINDS[kind].replace("Host: localhost", hosts) + end)


# Heads -----------------------------------------------------------------------------------------

END = "Content-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    "line",
    [
        "X-One: a\r\n b",
        "X-One: a\r\n\tb",
        "X-One: a\nX-Two: b",
        "X-One: a\rb",
        "X-One: a\0b",
        "X One: a",
        "X-One : a",
        "X-One",
        ": a",
        "X-\xfcne: a",
    ],
)
def test_headers_that_are_none(server: Server, line: str) -> None:
    refused(server.port, f"{KINDS['kms']}{line}\r\n{END}")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (f"POST /{'x' * 70_000} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (f"{KINDS['kms']}X-One: {'x' * 70_000}\r\n{END}", 431),
        (KINDS["kms"] + "X-One: x\r\n" * 7_000 + END, 431),
    ],
    ids=["target", "header", "headers"],
)
def test_heads_that_are_too_long(server: Server, request_: str, status: int) -> None:
    refused(server.port, request_, status)
    # Also after another request, with which it has come.
    received = exchange(server.port, SECOND + request_)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert f"HTTP/1.1 {status} ".encode() in received


def test_empty_lines_before_a_request(server: Server) -> None:
    received = exchange(server.port, f"\r\n\r\n{SECOND}\r\n{SECOND}")
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert received.count(b"HTTP/1.1 ") == 2


@pytest.mark.parametrize("options", ["close", "Close", "TE, close"])
def test_a_connection_that_shall_end(server: Server, options: str) -> None:
    request = SECOND.replace("Host: x", f"Host: x\r\nConnection: {options}")
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(request.encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nConnection: close\r\n" in received


def test_a_connection_of_http_1_0_goes_on_if_asked(server: Server) -> None:
    old = SECOND.replace("HTTP/1.1", "HTTP/1.0")
    kept = old.replace("Host: x", "Host: x\r\nConnection: keep-alive")
    assert exchange(server.port, kept + kept + old + old).count(b" 200 OK\r\n") == 3


def test_requests_byte_by_byte(server: Server) -> None:
    chunked = f"{KINDS['kms']}Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{{\r\n1\r\n}}\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in (SECOND, chunked):
            for byte in request.encode():
                connection.sendall(bytes([byte]))
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_many_requests_at_once_over_tls(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with ThreadedCksServer(port=0, tls=_write_certificate(tmp_path)) as server:
        address = server.get_host_and_port()
        with socket.create_connection(address, timeout=5) as plain:
            connection = context.wrap_socket(plain)
            connection.sendall(SECOND.encode() * 300)  # more than are received at once
            received = b""
            while received.count(b"HTTP/1.1 200 ") < 300:
                received += connection.recv(65536)


# Targets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["http://localhost/", "HTTP://127.0.0.1:80/", "https://kms.us-east-1.amazonaws.com"]
)
def test_a_target_that_is_a_url(server: Server, target: str) -> None:
    request = SECOND.replace("POST / ", f"POST {target} ")
    received = exchange(server.port, request)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["Keys"] == []


def test_a_url_as_target_with_path_and_query(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a b/c", Body=b"content")
    for start in ("", f"http://localhost:{server.port}"):
        path = f"{start}/bucket/a%20b/c"
        received = exchange(server.port, f"GET {path} HTTP/1.1\r\nHost: x\r\n{S3}\r\n")
        assert received.startswith(b"HTTP/1.1 200 ")
        assert received.endswith(b"content")
        path = f"{start}/moto-api/cks/timeline?kind=nonsense"
        received = exchange(server.port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert received.startswith(b"HTTP/1.1 400 ")
        assert b"kind must be" in received
    asked = "OPTIONS http://localhost/moto-api/cks/clock HTTP/1.1\r\nHost: x\r\n\r\n"
    assert exchange(server.port, asked).startswith(b"HTTP/1.1 20")


def test_the_url_says_the_host(server: Server) -> None:
    get = "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n"
    path = "/moto-api/cks/clock"
    evil = get.format(f"http://evil.example{path}", "localhost")
    assert exchange(server.port, evil).startswith(b"HTTP/1.1 403 ")
    fine = get.format(f"http://localhost{path}", "evil.example")
    assert exchange(server.port, fine).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "target",
    [
        "http:/moto-api/cks/clock",
        "http:///moto-api/cks/clock",
        "http://a@localhost/moto-api/cks/clock",
        "ftp://localhost/moto-api/cks/clock",
        "http://[::1/moto-api/cks/clock",
        "moto-api/cks/clock",
        "*",
        "localhost:80",
        "/moto-api/cks/clock#fragment",
    ],
)
def test_targets_that_are_none(server: Server, target: str) -> None:
    refused(server.port, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")


def test_no_proxy(server: Server) -> None:
    refused(server.port, "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", 405)

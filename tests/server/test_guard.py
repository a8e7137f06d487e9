"""What web pages can do with a server on loopback: call AWS, and nothing else."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from moto_cks.server import ThreadedCksServer
from moto_cks.server.guard import Guard
from tests.server.conftest import Server
from tests.server.process import ServerProcess, signed
from tests.trap import unwatched

EVIL = "http://evil.example"
FRIEND = "https://friend.example:8443"

CHANGING = [
    ("POST", "/moto-api/reset"),
    ("POST", "/moto-api/seed?a=42"),
    ("POST", "/moto-api/config"),
    ("POST", "/moto-api/state-manager/set-transition"),
    ("POST", "/moto-api/cks/reset"),
    ("POST", "/moto-api/cks/clock/advance"),
    ("POST", "/moto-api/cks/key-stores"),
    ("DELETE", "/moto-api/cks/tools/tool-1"),
]
CHANGING_BY_GET = [
    ("GET", "/moto-api/seed?a=42"),
    ("HEAD", "/moto-api/seed?a=42"),
    ("GET", "/moto-api/recorder/reset-recording"),
    ("OPTIONS", "/moto-api/recorder/start-recording"),
]
READING = [
    ("GET", "/moto-api/"),
    ("GET", "/moto-api/data.json"),
    ("GET", "/moto-api/state-manager/get-transition?model_name=cks::connection"),
    ("GET", "/moto-api/cks/clusters"),
    ("GET", "/moto-api/cks/timeline"),
    ("GET", "/moto-api/cks/console/console.js"),
]
ALL = [*CHANGING, *CHANGING_BY_GET, *READING, ("GET", "/moto-api/cks/console")]

Answer = tuple[int, dict[str, str], bytes]


def ask(port: int, method: str, path: str, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host="Host" in sent)
    body = b"{}" if method == "POST" else b""
    for name, value in {**sent, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, {k.lower(): v for k, v in response.getheaders()}, content


def refused(answer: Answer) -> str:
    status, headers, content = answer
    assert status == 403
    if not content:
        return "HEAD"  # has no body
    assert [name for name in headers if name.startswith("access-control")] == []
    return str(json.loads(content)["message"])


def not_ours(host: str) -> str:
    return (
        f"{host!r} is none of this server's names: it answers here to localhost, loopback "
        "addresses, the host that it listens on, and to what --allow-host names."
    )


def opened(port: int) -> str:
    """The token of the console, opened as somebody does who types its address."""
    fetch = {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    status, headers, content = ask(port, "GET", "/moto-api/cks/console", **fetch)
    assert status == 200
    assert headers["cache-control"] == "no-store"
    found = re.search(rb'name="cks-token" content="([\w-]{40,})"', content)
    assert found
    return found[1].decode()


# The host --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), ALL)
def test_a_rebound_name_reaches_nothing(server: Server, method: str, path: str) -> None:
    store = server.control.post("key-stores", body={"connect": False})
    for host in ("rebound.example", f"rebound.example:{server.port}", "localhost.evil.example"):
        assert refused(ask(server.port, method, path, Host=host)) in ("HEAD", not_ours(host))
    assert server.control.get("key-stores", store["id"])["name"] == "ExampleKeyStore"


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:80", "localhost.", "127.0.0.1:1", "127.9.8.7", "[::1]", "[::1]:5000"],
)
def test_loopback_is_answered_by_all_its_names(server: Server, host: str) -> None:
    assert ask(server.port, "GET", "/moto-api/cks/clock", Host=host)[0] == 200


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "192.0.2.1", "[2001:db8::1]", "127.0.0.1.nip.io", "127.1.evil"]
)
def test_no_other_name_is(server: Server, host: str) -> None:
    assert refused(ask(server.port, "GET", "/moto-api/cks/clock", Host=host))


def test_http_1_0_without_a_host_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"GET /moto-api/cks/clock HTTP/1.0\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b" 403 " in received.splitlines()[0]


def test_aws_is_called_by_any_name(server: Server) -> None:
    key_id = server.client("kms").create_key()["KeyMetadata"]["KeyId"]
    for path, headers in (("/", signed("ListKeys")), ("/", {**signed("ListKeys"), "Origin": EVIL})):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("POST", path, b"{}", {**headers, "Host": "kms.us-east-1.rebound"})
        response = connection.getresponse()
        assert key_id.encode() in response.read()
        if "Origin" in headers:
            assert response.getheader("Access-Control-Allow-Origin") == "*"
        connection.close()


# The origin ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), ALL)
@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:1", "https://localhost", "x"])
def test_a_page_of_another_origin_reaches_nothing(
    server: Server, method: str, path: str, origin: str
) -> None:
    store = server.control.post("key-stores", body={"connect": False})
    assert refused(ask(server.port, method, path, Origin=origin))
    assert refused(ask(server.port, "OPTIONS", path, Origin=origin))
    assert server.control.get("key-stores", store["id"])["name"] == "ExampleKeyStore"


@pytest.mark.parametrize(("method", "path"), ALL)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_nor_does_one_that_shows_a_picture(
    server: Server, method: str, path: str, site: str
) -> None:
    # A picture, a script or a form sends no Origin with GET.
    fetch = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"}
    assert refused(ask(server.port, method, path, **fetch))
    framed = {**fetch, "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}
    assert refused(ask(server.port, method, path, **framed))


def test_a_link_leads_to_the_pages_only(server: Server) -> None:
    link = {
        "Sec_Fetch_Site": "cross-site",
        "Sec_Fetch_Mode": "navigate",
        "Sec_Fetch_Dest": "document",
    }
    assert ask(server.port, "GET", "/moto-api/cks/console", **link)[0] == 200
    assert ask(server.port, "GET", "/moto-api/", **link)[0] == 200
    assert refused(ask(server.port, "GET", "/moto-api/seed?a=1", **link))
    assert refused(ask(server.port, "POST", "/moto-api/", **link))


def test_moto_lets_no_origin_read_its_own_api(server: Server) -> None:
    own = f"http://127.0.0.1:{server.port}"
    for path in ("/moto-api/data.json", "/moto-api/cks/clusters"):
        status, headers, _ = ask(server.port, "GET", path, Origin=own)
        assert status == 200
        assert not any(name.startswith("access-control") for name in headers)


# The token -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_a_page_of_this_origin_shows_the_token_to_change_something(
    server: Server, method: str, path: str
) -> None:
    # A page of S3 in this server is of its origin.
    own = f"http://127.0.0.1:{server.port}"
    for headers in (
        {"Origin": own},
        {"Sec_Fetch_Site": "same-origin"},
        {"Origin": own, "X_Cks_Token": "wrong"},
        {"Origin": own, "X_Cks_Token": "\xfc"},
    ):
        assert "token" in refused(ask(server.port, method, path, **headers))
    shown = {"Origin": own, "Sec_Fetch_Site": "same-origin", "X_Cks_Token": opened(server.port)}
    assert ask(server.port, method, path, **shown)[0] != 403
    server.reset()


@pytest.mark.parametrize(("method", "path"), READING)
def test_it_reads_without(server: Server, method: str, path: str) -> None:
    assert ask(server.port, method, path, Sec_Fetch_Site="same-origin")[0] == 200


def test_no_page_reads_the_token(server: Server) -> None:
    for mode, dest in (("cors", "empty"), ("same-origin", "empty"), ("navigate", "iframe")):
        fetch = {
            "Sec_Fetch_Site": "same-origin",
            "Sec_Fetch_Mode": mode,
            "Sec_Fetch_Dest": dest,
        }
        for path in ("/moto-api/cks/console", "/moto-api/cks/console/"):
            assert refused(ask(server.port, "GET", path, **fetch))


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_who_is_no_browser_needs_none(server: Server, method: str, path: str) -> None:
    assert ask(server.port, method, path)[0] not in (401, 403)
    server.reset()


@pytest.mark.parametrize(("method", "path"), CHANGING_BY_GET)
def test_nobody_changes_something_by_get(server: Server, method: str, path: str) -> None:
    # A picture is got so, and of a host with a name of its own no browser says by whom.
    own = f"http://127.0.0.1:{server.port}"
    shown = {"Origin": own, "Sec_Fetch_Site": "same-origin", "X_Cks_Token": opened(server.port)}
    assert ask(server.port, method, path)[:1] == (405,)
    status, headers, _ = ask(server.port, method, path, **shown)
    assert (status, headers["allow"]) == (405, "POST")


# What is allowed -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def friendly() -> Iterator[int]:
    with ThreadedCksServer(
        port=0, allow_hosts=["Moto", "192.0.2.7", "2001:db8::7"], allow_origins=[FRIEND]
    ) as server:
        yield server.get_host_and_port()[1]


@pytest.mark.parametrize("host", ["moto", "moto:5000", "192.0.2.7:80", "[2001:db8::7]:5000"])
def test_an_allowed_host(friendly: int, host: str) -> None:
    assert ask(friendly, "GET", "/moto-api/cks/clock", Host=host)[0] == 200
    assert refused(ask(friendly, "GET", "/moto-api/cks/clock", Host="other"))


def test_an_allowed_origin(friendly: int) -> None:
    preflight = {
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "content-type",
    }
    status, headers, _ = ask(friendly, "OPTIONS", "/moto-api/reset", Origin=FRIEND, **preflight)
    assert status == 204
    assert headers["access-control-allow-origin"] == FRIEND
    assert headers["access-control-allow-headers"] == "content-type"
    status, headers, _ = ask(
        friendly, "POST", "/moto-api/reset", Origin=FRIEND, Sec_Fetch_Site="cross-site"
    )
    assert (status, headers["access-control-allow-origin"]) == (200, FRIEND)
    assert headers["vary"] == "Origin"
    assert refused(ask(friendly, "POST", "/moto-api/reset", Origin=EVIL))
    assert refused(ask(friendly, "POST", "/moto-api/reset", Origin="https://friend.example"))


def test_the_address_that_was_reached_is_a_name(friendly: int) -> None:
    with ThreadedCksServer("0.0.0.0", port=0) as server, unwatched():
        port = server.get_host_and_port()[1]
        assert ask(port, "GET", "/moto-api/cks/clock", Host=f"127.0.0.1:{port}")[0] == 200
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
                route.connect(("192.0.2.1", 9))  # sends nothing
                address = route.getsockname()[0]
            connection = http.client.HTTPConnection(address, port, timeout=5)
            connection.request("GET", "/moto-api/cks/clock")
        except OSError:
            pytest.skip("this machine has loopback only")
        assert connection.getresponse().status == 200
        connection.close()


def test_ports_that_go_without_saying() -> None:
    environ: dict[str, Any] = {
        "PATH_INFO": "/moto-api/cks/clock",
        "REQUEST_METHOD": "GET",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "localhost:80",
        "HTTP_ORIGIN": "http://localhost",
    }
    assert Guard().refusal(environ) is None
    assert Guard().refusal({**environ, "HTTP_ORIGIN": "https://localhost"})


@pytest.mark.parametrize("host", ["", "http://moto", "a:b:c", "[moto"])
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(ValueError, match="no name and no address"):
        Guard([host])


@pytest.mark.parametrize("origin", ["", "*", "moto", "http://", "http://moto/", "http://moto/x"])
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        Guard([], [origin])


def test_the_options_of_the_server() -> None:
    server = ServerProcess(
        "-p", "0", "--allow-host", "moto", "--allow-host", "aws", "--allow-origin", FRIEND
    )
    try:
        for host in ("moto", "aws", "localhost"):
            assert ask(server.port, "GET", "/moto-api/cks/clock", Host=host)[0] == 200
        assert ask(server.port, "POST", "/moto-api/reset", Origin=FRIEND)[0] == 200
    finally:
        status, errors = server.stop()
    assert (status, errors) == (0, "")
    wrong = ServerProcess("-p", "0", "--allow-origin", "friend.example")
    status, errors = wrong.end()
    assert status == 2
    assert "no origin" in errors


# The length ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/moto-api/config", "/moto-api/reset", "/moto-api/cks/reset"])
def test_80_mib_are_refused(server: Server, path: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {80 << 20}\r\n\r\n"
        connection.sendall(head.encode())
        piece = b" " * (1 << 20)
        try:
            for _ in range(80):
                connection.sendall(piece)
        except OSError:
            pass  # it has heard enough
        received = connection.recv(65536)
    assert b" 413 " in received.splitlines()[0]


def test_chunks_to_motos_own_api(server: Server) -> None:
    def post(body: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            head = b"POST /moto-api/config HTTP/1.1\r\nHost: localhost\r\n"
            connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + body)
            return connection.recv(65536)

    config = b'{"batch": {"use_docker": true}}'
    assert b" 201 " in post(b"%x\r\n%s\r\n0\r\n\r\n" % (len(config), config)).splitlines()[0]
    assert b" 400 " in post(b"zz\r\n{}\r\n0\r\n\r\n").splitlines()[0]

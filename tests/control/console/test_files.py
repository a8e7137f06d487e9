"""What the console consists of, and how it is served."""

from __future__ import annotations

import http.client
import re
from pathlib import Path

import pytest
import requests

from moto_cks import mock_cks
from moto_cks.control import console
from tests.server.conftest import Server

FOLDER = "/moto-api/cks/console"
FILES = {
    "": "text/html; charset=utf-8",
    "/console.css": "text/css; charset=utf-8",
    "/console.js": "text/javascript; charset=utf-8",
    "/icon.svg": "image/svg+xml",
}


def ask(server: Server, path: str, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(("file", "content_type"), FILES.items())
def test_it_is_served_with_a_strict_policy(server: Server, file: str, content_type: str) -> None:
    response, body = ask(server, FOLDER + file)
    assert response.status == 200
    assert body
    headers = response.headers
    assert headers["Content-Type"] == content_type
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = dict(
        part.partition(" ")[::2] for part in headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_head_is_answered_without_a_body(server: Server) -> None:
    response, body = ask(server, FOLDER, "HEAD")
    assert (response.status, body) == (200, b"")


def test_a_slash_at_the_end_leads_to_it(server: Server) -> None:
    response, _ = ask(server, f"{FOLDER}/")
    assert (response.status, response.headers["Location"]) == (308, "../console")
    followed = requests.get(f"{server.endpoint}{FOLDER}/", timeout=20)
    assert (followed.status_code, followed.url) == (200, server.endpoint + FOLDER)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/nothing.js", "GET"), ("/../../setup.cfg", "GET"), ("/__init__.py", "GET"), ("", "POST")],
)
def test_there_is_nothing_else(server: Server, path: str, method: str) -> None:
    response, body = ask(server, FOLDER + path, method)
    assert response.status == 404
    assert b"no such path" in body


def test_in_process() -> None:
    with mock_cks():
        url = f"http://motoapi.amazonaws.com{FOLDER}"
        assert "<title>moto_cks console</title>" in requests.get(url, timeout=5).text
        assert "health" in requests.get(f"{url}/console.js", timeout=5).text


def test_nothing_is_from_another_host_and_nothing_is_markup() -> None:
    folder = Path(console.__file__).parent
    for name in ("console.html", "console.css", "console.js"):
        text = (folder / name).read_text()
        assert not re.search(r"(?:https?:)?//[\w.-]+\.\w", text), name
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text
        )
    page = (folder / "console.html").read_text()
    assert not re.search(r"<style|style=|\son\w+=|<script>", page)
    script = (folder / "console.js").read_text()
    assert script.count("fetch(") == 1  # all requests are sent from one place

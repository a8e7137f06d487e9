"""A server in a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import forked

ROOT = Path(__file__).parents[2]


class ServerProcess:
    """``moto-cks-server``, as it is run from a shell.

    Args:
        arguments: those of the server.
        module: what is run; by default it has a tool more.
        environment: what is different there.
    """

    _anew = False

    def __init__(
        self,
        *arguments: str,
        module: str = "tests.server",
        **environment: str,
    ) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 # until the end
        reading, writing = os.pipe()
        self.process = forked.start(
            "-m",
            module,
            *arguments,
            stdout=writing,
            stderr=self._errors,
            cwd=ROOT,
            env={**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false", **environment},
            anew=self._anew,
        )
        os.close(writing)
        self.stdout = open(reading)  # noqa: SIM115
        self.ready_line = self.stdout.readline()
        found = re.search(r"(https?://\S+:(\d+))", self.ready_line)
        self.endpoint, port = (found[1], found[2]) if found else ("", "0")
        self.port = int(port)

    def stop(self) -> tuple[int, str]:
        """Ask it to end; gives the exit status and what it has written to stderr."""
        self.process.terminate()
        return self.end()

    def end(self) -> tuple[int, str]:
        """Wait for its end."""
        with self.stdout, self._errors:
            status = self.process.wait(timeout=20)
            self._errors.seek(0)
            return status, self._errors.read()


class NewServerProcess(ServerProcess):
    """The same, in a Python that is started for it."""

    _anew = True


def loaded(importtime: str) -> set[str]:
    """The packages that a process has loaded, by what ``-X importtime`` has it write."""
    names = re.findall(r"^import time:.*\| +(\S+)$", importtime, re.MULTILINE)
    return {name.partition(".")[0] for name in names}


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[ServerProcess]:
    """A server that runs, and must have nothing to complain about in the end."""
    server = ServerProcess("-p", "0", *arguments, **environment)
    try:
        yield server
    finally:
        status, errors = server.stop()
    assert (status, errors) == (0, "")


@contextmanager
def proxy_running(*arguments: str) -> Iterator[int]:
    """``moto-cks-proxy`` in a process of its own; gives its port."""
    with proxy_process(*arguments) as (port, _):
        yield port


@contextmanager
def proxy_process(*arguments: str) -> Iterator[tuple[int, int]]:
    """``moto-cks-proxy`` in a process of its own; gives its port, and the ID of the process."""
    reading, writing = os.pipe()
    process = forked.start(
        "-m",
        "tests.server.proxy",
        "-p",
        "0",
        *arguments,
        stdout=writing,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
    )
    os.close(writing)
    with open(reading) as lines:
        for line in lines:
            if found := re.search(r"Serving HTTP Proxy on 127.0.0.1:(\d+)", line):
                break
        assert found is not None
        drained = subprocess.Popen(["cat"], stdin=lines, stdout=subprocess.DEVNULL)
    try:
        yield int(found[1]), process.pid
    finally:
        process.terminate()
        status = process.wait(timeout=20)
        drained.wait(timeout=20)
    assert status == 0


def signed(operation: str, service: str = "kms", region: str = "us-east-1") -> dict[str, str]:
    """The headers of a request, as an SDK sends them."""
    target = {
        "kms": "TrentService",
        "cloudhsm": "BaldrApiService",
        "cloudtrail": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    }[service]
    return {
        "Authorization": (
            f"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/{region}/{service}"
            f"/aws4_request, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
        ),
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Date": "20260101T000000Z",
        "X-Amz-Target": f"{target}.{operation}",
    }


def secured(connection: socket.socket) -> ssl.SSLSocket:
    """TLS on a connection, with whoever is there."""
    return _UNVERIFIED.wrap_socket(connection, server_hostname="any")


_UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_UNVERIFIED.check_hostname, _UNVERIFIED.verify_mode = False, ssl.CERT_NONE


def exchange(port: int, request: bytes) -> bytes:
    """What comes back for some bytes on a connection of their own."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has heard enough
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass  # as it did not want to hear the rest
    return received


def post(
    port: int, body: bytes, headers: dict[str, str], path: str = "/"
) -> tuple[http.client.HTTPResponse, bytes]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()

"""What a server answers in a second, against moto's server on the same machine at the same time.

    python benchmarks/server.py

Prints one row for each limit and exits with 1 when a limit is missed. Both servers run as they are
installed. The client keeps its connection where the server lets it, sends requests that it has put
together before, and reads no more of an answer than its length. It measures in small batches, by
turns and in changing order, and the median of the ratios counts.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from run import Row, print_rows

ROUNDS = 25
BATCH = 60
SCRIPTS = Path(sysconfig.get_path("scripts"))
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/kms/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)


class Client:
    """Speaks to KMS in one server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def call(self, operation: str, body: bytes) -> bytes:
        self._connection.request("POST", "/", body, headers(operation))
        response = self._connection.getresponse()
        content = response.read()
        assert response.status == 200, content
        return content

    def post(self, path: str, body: object) -> dict[str, str]:
        self._connection.request("POST", path, json.dumps(body))
        response = self._connection.getresponse()
        assert response.status == 201, response.read()
        return json.loads(response.read())

    def create_key(self) -> str:
        return json.loads(self.call("CreateKey", b"{}"))["KeyMetadata"]["KeyId"]

    def create_key_in_store(self) -> str:
        store = self.post("/moto-api/cks/key-stores", {})
        return self.post(f"/moto-api/cks/key-stores/{store['id']}/keys", {})["key_id"]

    def requests_a_second(self, operation: str, key_id: str) -> float:
        parameters = {"KeyId": key_id}
        if operation == "Encrypt":
            parameters["Plaintext"] = "eHh4eHh4eHh4eHh4eHh4eA=="
        body = json.dumps(parameters).encode()
        request = "".join(
            f"{line}\r\n"
            for line in (
                "POST / HTTP/1.1",
                f"Host: 127.0.0.1:{self._connection.port}",
                *(f"{name}: {value}" for name, value in headers(operation).items()),
                f"Content-Length: {len(body)}",
                "",
            )
        )
        wire = Wire(self._connection.port, request.encode() + body)
        start = time.perf_counter()
        for _ in range(BATCH):
            wire.ask()
        return BATCH / (time.perf_counter() - start)


def headers(operation: str) -> dict[str, str]:
    return {
        "Authorization": AUTHORIZATION,
        "Content-Type": "application/x-amz-json-1.1",
        "User-Agent": "benchmark",
        "X-Amz-Date": "20260101T000000Z",
        "X-Amz-Target": f"TrentService.{operation}",
    }


class Wire:
    """Sends one request again and again, with as little work of its own as possible."""

    def __init__(self, port: int, request: bytes) -> None:
        self._address, self._request = ("127.0.0.1", port), request
        self._socket: socket.socket | None = None

    def ask(self) -> None:
        if self._socket is None:
            self._socket = socket.create_connection(self._address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(self._request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._read()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split(b" ", 2)[1] == b"200", answer
        lines = head.lower().split(b"\r\n")
        (length,) = (int(line[16:]) for line in lines if line.startswith(b"content-length: "))
        while len(body) < length:
            body += self._read()
        if b"connection: close" in lines or lines[0].startswith(b"http/1.0"):
            self._socket.close()
            self._socket = None

    def _read(self) -> bytes:
        assert self._socket is not None
        part = self._socket.recv(65536)
        assert part, "the server has closed the connection"
        return part


@contextmanager
def server(script: str) -> Iterator[Client]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    process = subprocess.Popen(
        [str(SCRIPTS / script), "-p", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if re.search(rb"Running on http://", line):
                break
        # moto's server logs every request: somebody has to read that.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield Client(port)
    finally:
        process.terminate()
        process.wait()


def rows() -> Iterator[Row]:
    with ExitStack() as stack:
        moto = stack.enter_context(server("moto_server"))
        ours = stack.enter_context(server("moto-cks-server"))
        keys = [
            ("ordinary key", ours.create_key()),
            ("key in a key store", ours.create_key_in_store()),
        ]
        moto_key = moto.create_key()
        for kind, key_id in keys:
            for operation in ("DescribeKey", "Encrypt"):
                ratios = []
                for turn in range(ROUNDS + 1):
                    sides = [(ours, key_id), (moto, moto_key)]
                    rates = {
                        client: client.requests_a_second(operation, key)
                        for client, key in (sides if turn % 2 else reversed(sides))
                    }
                    ratios.append(rates[ours] / rates[moto])
                value = median(ratios[1:])  # in the first round, both still load something
                name = f"{operation}, {kind}"
                yield Row(name, value, 3, "x moto_server", at_least=True)


if __name__ == "__main__":
    sys.exit(print_rows(rows()))

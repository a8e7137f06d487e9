"""What a server answers in a second, against moto's server on the same machine at the same time.

    python benchmarks/server.py

Prints one row for each limit and exits with 1 when a limit is missed. Both servers run as they are
installed. The client keeps its connection where the server lets it, and sends requests that it has
put together before; it measures in small batches, by turns and in changing order, and the median of
the ratios counts.
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
        headers = {
            "Authorization": AUTHORIZATION,
            "Content-Type": "application/x-amz-json-1.1",
            "User-Agent": "benchmark",
            "X-Amz-Date": "20260101T000000Z",
            "X-Amz-Target": f"TrentService.{operation}",
        }
        self._connection.request("POST", "/", body, headers)
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
        start = time.perf_counter()
        for _ in range(BATCH):
            self.call(operation, body)
        return BATCH / (time.perf_counter() - start)


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

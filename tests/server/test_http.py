"""moto-cks-server and HTTP: connections, slow clients, headers."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config

from tests.server.conftest import Server
from tests.server.process import post, signed


def test_keep_alive(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.connect()
    address = connection.sock.getsockname()
    for operation in ("ListKeys", "ListAliases", "Nonsense", "ListKeys"):
        connection.request("POST", "/", b"{}", signed(operation))
        response = connection.getresponse()
        response.read()
        assert response.version == 11
        assert connection.sock is not None
        assert connection.sock.getsockname() == address
    connection.close()


def test_two_requests_at_once_on_a_connection(server: Server) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
    request = f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 2\r\n\r\n{{}}".encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request * 2)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_connections_that_say_nothing_keep_nobody_waiting(server: Server) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    start = time.monotonic()
    assert server.client("kms").list_keys()["Keys"] == []
    assert time.monotonic() - start < 4
    for connection in silent:
        connection.close()


def test_requests_that_take_long_keep_nobody_waiting(server: Server) -> None:
    sqs = server.client("sqs", config=Config(max_pool_connections=50))
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]

    def poll(_: int) -> dict[str, Any]:
        return sqs.receive_message(QueueUrl=url, WaitTimeSeconds=3)  # type: ignore[no-any-return]

    with ThreadPoolExecutor(50) as consumers:
        waiting = consumers.map(poll, range(50))
        time.sleep(0.5)
        start = time.monotonic()
        assert server.client("kms").list_keys()["Keys"] == []
        assert time.monotonic() - start < 2
        assert all("Messages" not in answer for answer in waiting)


def test_many_clients_at_once(server: Server) -> None:
    kms = server.client("kms", config=Config(max_pool_connections=16))
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]

    def there_and_back(number: int) -> bool:
        plaintext = str(number).encode()
        sealed = kms.encrypt(KeyId=key_id, Plaintext=plaintext)["CiphertextBlob"]
        return bool(kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == plaintext)

    with ThreadPoolExecutor(16) as clients:
        assert all(clients.map(there_and_back, range(200)))


def test_a_body_that_does_not_come(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto_cks.server.http.PATIENCE", 0.2)
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
    request = f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 20\r\n\r\n{{}}".encode()
    for ending, status in ((False, b"408"), (True, b"400")):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(request)
            if ending:
                connection.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 " + status)
        assert json.loads(received.partition(b"\r\n\r\n")[2])["__type"]


def test_a_client_that_breaks_off(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("ListKeys").items())
    request = f"POST / HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 20\r\n\r\n{{}}".encode()
    for sent in (b"", request[:9], request[:80], request):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        connection.sendall(sent)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.05)
        connection.close()  # with a reset
    time.sleep(0.2)
    assert server.client("kms").list_keys()["Keys"] == []
    assert capfd.readouterr().err == ""


def test_a_dashed_header_is_not_overridden_by_an_underscored_one(server: Server) -> None:
    # Both would be HTTP_X_MOTO_ACCOUNT_ID.
    headers = {**signed("CreateKey"), "x_moto_account_id": "333333333333"}
    _, body = post(server.port, b"{}", headers)
    assert json.loads(body)["KeyMetadata"]["AWSAccountId"] == "123456789012"


def test_metadata_in_both_spellings(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="bucket")
    headers = {
        "Authorization": signed("ListKeys")["Authorization"].replace("/kms/", "/s3/"),
        "x-amz-meta-my-key": "dashed",
        "x-amz-meta-my_key": "underscored",
    }
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("PUT", "/bucket/key", b"x", headers)
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.head_object(Bucket="bucket", Key="key")["Metadata"] == {"my-key": "dashed"}

"""What is no request, or none that a service can read: an error of AWS each time."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.core.utils import get_service_model

from moto_cks.server.application import MAX_BODY
from tests.aws import client_of
from tests.server.process import ServerProcess, exchange, running, signed

REQUESTS = 2000
JSON = "application/x-amz-json-1.1"
Raw = Callable[[random.Random], bytes]

OPERATIONS = {
    "kms": get_service_model("kms").operation_names,
    "cloudhsm": get_service_model("cloudhsmv2").operation_names,
}


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with running() as process:
        yield process


def http(
    headers: dict[str, str], body: bytes, *, start: str = "POST / HTTP/1.1", length: bool = True
) -> bytes:
    if length:
        headers = {**headers, "Content-Length": str(len(body))}
    lines = [start, "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def some_operation(chance: random.Random) -> dict[str, str]:
    service = chance.choice(sorted(OPERATIONS))
    return signed(chance.choice(list(OPERATIONS[service])), service)


BROKEN = [
    b"{",
    b"{]",
    b'{"KeyId": }',
    b"nonsense",
    b"\xff\xfe\x00",
    b'{"KeyId": "\xe9"}',
    b"[" * 50_000,
    b"[]",
    b"[{}]",
    b"null",
    b"17",
    b'"text"',
    b"Action=ListKeys&Version=2014-11-01",
]


def broken_json(chance: random.Random) -> bytes:
    return http(some_operation(chance), chance.choice(BROKEN))


def wrong_target(chance: random.Random) -> bytes:
    target = chance.choice(
        ["TrentService.Nonsense", "TrentService.", "TrentService", "Nonsense.ListKeys", "", "...",
         "BaldrApiService.ListKeys", "TrentService.DescribeClusters", "TrentService.__init__",
         "TrentService.call_action", "TrentService.listKeys", "\xfc.\xfc"]
    )  # fmt: skip
    return http({**signed("ListKeys"), "X-Amz-Target": target}, b"{}")


def missing_header(chance: random.Random) -> bytes:
    headers = signed("ListKeys")
    for name in chance.choice(
        [["Authorization"], ["X-Amz-Target"], ["Authorization", "Content-Type", "X-Amz-Date"]]
    ):
        del headers[name]
    return http(headers, b"{}")


def malformed_authorization(chance: random.Random) -> bytes:
    value = chance.choice(
        ["", "nonsense", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "AWS4 ,", "Basic eA==",
         "AWS4-HMAC-SHA256 Credential=AKIA/kms, Signature=1", "Bearer x", "AWS4-HMAC-SHA256 a/b/c"]
    )  # fmt: skip
    return http({**some_operation(chance), "Authorization": value}, b"{}")


def huge_body(chance: random.Random) -> bytes:
    if chance.random() < 0.5:  # announced
        headers = {**some_operation(chance), "Content-Length": str(chance.randint(2, 900) << 20)}
        return http(headers, b"{", length=False)
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    headers = {**some_operation(chance), "Transfer-Encoding": "chunked"}
    return http(headers, chunk * (MAX_BODY // 0x10000 + 1) + b"0\r\n\r\n", length=False)


def no_http(chance: random.Random) -> bytes:
    headers = signed("ListKeys")
    return chance.choice(
        [
            b"nonsense\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
            b"POST / HTTP/9.9\r\n\r\n",
            b"POST nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
            b"post / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST / HTTP/1.1\nHost: x\n\n",
            b"POST / HTTP/1.1\r\n folded\r\n\r\n",
            b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost : x\r\n\r\n",
            b"CONNECT kms.us-east-1.amazonaws.com:443 HTTP/1.1\r\n\r\n",
            b"POST /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
            http({**headers, "Content-Length": "-5"}, b"{}", length=False),
            http({**headers, "Content-Length": "ten"}, b"{}", length=False),
            http({**headers, "Content-Length": "2, 3"}, b"{}", length=False),
            http({**headers, "Transfer-Encoding": "gzip"}, b"{}", length=False),
            http({**headers, "Transfer-Encoding": "chunked"}, b"zz\r\n{}\r\n", length=False),
        ]
    )


def wrong_method(chance: random.Random) -> bytes:
    method = chance.choice(["GET", "PUT", "DELETE", "PATCH", "BREW"])
    return http(some_operation(chance), b"", start=f"{method} / HTTP/1.1")


WRONG_VALUES = [None, 17, -1, 1e99, True, "", "\x00", "x" * 9000, [], [[]], {}, {"a": {"b": []}}]


def wrong_parameters(chance: random.Random) -> bytes:
    service = chance.choice(sorted(OPERATIONS))
    model = get_service_model({"cloudhsm": "cloudhsmv2"}.get(service, service))
    demanding = [name for name in model.operation_names if _required(model, name)]
    operation = chance.choice(demanding)
    members = list(model.operation_model(operation).input_shape.members)
    spoilt = {name: chance.choice(WRONG_VALUES) for name in members if chance.random() < 0.7}
    # One that must be there is not, so the request cannot be right by accident.
    spoilt.pop(_required(model, operation)[0], None)
    return http(signed(operation, service), json.dumps(spoilt).encode())


def _required(model: object, operation: str) -> list[str]:
    shape = model.operation_model(operation).input_shape  # type: ignore[attr-defined]
    return list(shape.required_members) if shape else []


KINDS: list[Raw] = [
    broken_json,
    wrong_target,
    missing_header,
    malformed_authorization,
    huge_body,
    no_http,
    wrong_method,
    wrong_parameters,
    wrong_parameters,
    wrong_parameters,
]


def problem(answer: bytes) -> str | None:
    """What is wrong with an answer; it should be an error of AWS."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
    if status is None:
        return "no HTTP"
    if not 400 <= int(status[1]) < 500 and int(status[1]) not in (501, 505):
        return f"status {int(status[1])}"
    if b"Traceback" in answer or b'File "' in answer:
        return "a stack trace"
    if b"application/x-amz-json-1.1" in head:
        try:
            return None if json.loads(body)["__type"] else "no code"
        except (ValueError, KeyError):
            return "no error of AWS in JSON"
    return None if re.search(rb"<Code>\w+</Code>", body) else "no error of AWS"


def test_2000_malformed_requests(server: ServerProcess) -> None:
    chance = random.Random(2000)
    kinds = [KINDS[number % len(KINDS)] for number in range(REQUESTS)]

    def failure(kind: Raw, request: bytes) -> tuple[str, str, bytes, bytes] | None:
        answer = exchange(server.port, request)
        wrong = problem(answer)
        return None if wrong is None else (kind.__name__, wrong, request[:700], answer[:700])

    with ThreadPoolExecutor(8) as clients:
        failures = list(clients.map(failure, kinds, (kind(chance) for kind in kinds)))
    assert [each for each in failures if each is not None] == []
    kms = client_of(server.endpoint, "kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]

"""Wrong values in the members of requests over HTTP: an error of AWS, and the world as it was."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator

import pytest
import requests
from moto.core.utils import get_service_model

from tests.server.conftest import Server
from tests.server.process import signed
from tests.whole import differences, whole_world
from tests.wrong_values import bodies, valid

STEP = 29
"""One in so many requests is sent, of each operation others: all are sent in one process."""

COMMON = {"AccessDeniedException", "SerializationException", "ThrottlingException"}
CODES = {"kms": "ValidationException", "cloudhsmv2": "CloudHsmInvalidRequestException"}


def some_requests(server: Server, service: str) -> Iterator[tuple[str, bytes]]:
    key_id = server.client("kms").create_key()["KeyMetadata"]["KeyId"]
    cluster = server.control.post("clusters", body={"hsms": 1})
    known = {"KeyId": key_id, "ClusterId": cluster["id"], "AliasName": "alias/mine"}
    model = get_service_model(service)
    for operation in sorted(model.operation_names):
        shape = model.operation_model(operation).input_shape
        wrong = list(bodies(shape, valid(shape, known)))
        first = zlib.crc32(operation.encode()) % STEP
        yield from ((operation, body) for body in wrong[first::STEP])


@pytest.mark.parametrize("service", CODES)
def test_k9_every_kind_of_wrong_value(server: Server, service: str) -> None:
    model, http = get_service_model(service), requests.Session()

    def refused(operation: str, body: bytes) -> bool:
        name = {"cloudhsmv2": "cloudhsm"}.get(service, service)
        answer = http.post(f"{server.endpoint}/", data=body, headers=signed(operation, name))
        if answer.status_code == 200:
            return False
        documented = {shape.name for shape in model.operation_model(operation).error_shapes}
        assert answer.status_code == 400, (operation, body, answer.text)
        known = documented | COMMON | {CODES[service]}
        assert json.loads(answer.text)["__type"] in known, (operation, body, answer.text)
        return True

    sent = list(some_requests(server, service))
    while True:
        server.client("kms").list_keys()  # what has fallen due by now is done
        before = whole_world()
        again = [each for each in sent if refused(*each)]
        if len(again) == len(sent):
            break
        sent = again
    assert differences(before, whole_world()) == []
    assert len(sent) > 50
    http.close()

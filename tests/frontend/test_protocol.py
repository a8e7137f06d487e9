"""The services speak JSON, also to clients that call their bodies something else, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.aws import REGION
from tests.wrong_values import TARGETS

OPERATIONS = {"kms": "ListKeys", "cloudhsmv2": "DescribeClusters"}
ERRORS = {"kms": ("DescribeKey", 400), "cloudhsmv2": ("DeleteCluster", 400)}


@pytest.mark.parametrize("service", OPERATIONS)
@pytest.mark.parametrize(
    "content_type",
    [
        *(None, "", "nonsense", "text/xml", "application/json", "application/cbor"),
        *("application/x-amz-json-1.0", "application/x-amz-json-1.1; charset=utf-8"),
        "application/x-www-form-urlencoded",
    ],
)
def test_k9_whatever_a_body_is_called(world: Any, service: str, content_type: str | None) -> None:
    host, prefix = TARGETS[service]
    headers = {} if content_type is None else {"Content-Type": content_type}

    def status(operation: str) -> int:
        answer = requests.post(
            f"https://{host}.{REGION}.amazonaws.com/",
            data=b"{}",
            headers={**headers, "X-Amz-Target": f"{prefix}.{operation}"},
        )
        assert isinstance(answer.json(), dict)
        return answer.status_code

    assert status(OPERATIONS[service]) == 200
    operation, error = ERRORS[service]
    assert status(operation) == error

"""Wrong requests to the control API."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moto_cks.control.operations import OPERATIONS
from moto_cks.control.responses import MAX_BODY
from moto_cks.control.specification import document
from tests.control.api import Api
from tests.server.conftest import Server

UNKNOWN = "cluster-aaaaaaaaaaa"


WRONG = [
    ("POST", "/clock/advance", {"weeks": 1}, "weeks"),
    ("POST", "/clock/advance", {"days": "one"}, "days must be a number"),
    ("POST", "/clock/advance", {"days": True}, "days must be a number"),
    ("POST", "/clock/advance", [], "The body must be an object"),
    ("POST", "/clock/advance-to", {}, "moment is missing"),
    ("POST", "/clusters", {"hsms": 0}, "hsms must be at least 1"),
    ("POST", "/clusters", {"hsms": 29}, "hsms must be at most 28"),
    ("POST", "/clusters", {"account_id": "me"}, "account_id must match"),
    ("POST", "/clusters", {"region": ""}, "region must have at least 1"),
    ("POST", "/clusters", {"zones": "us-east-1a"}, "zones must be a list"),
    ("POST", "/clusters", {"zones": [1]}, "zones.0 must be a string"),
    ("POST", "/faults/connection-error", {"code": "USER_LOCKED_OUT"}, "code must be INTERNAL"),
    ("POST", "/faults/connection-error", {"code": "INTERNAL_ERROR", "times": 0}, "at least 1"),
    ("POST", "/faults/throttle", {"requests_per_second": 0}, "above 0"),
    ("POST", "/faults/fail", {"operation": "Fly", "code": "X"}, "no operation"),
    ("POST", "/tools", {"tool": "vi"}, "tool must be cloudhsm_mgmt_util or"),
    ("POST", "/tools/x", {"single": {"words": ["a"], "environment": {"PATH": "/"}}}, "PATH"),
    ("POST", "/tools/x", {"single": {"words": "a"}}, "words must be a list"),
    ("POST", "/tools/x", {}, "exactly one of command, answer, abandon, single"),
    ("POST", "/tools/x", {"command": "a", "answer": "b"}, "exactly one of"),
    ("POST", "/tools/x", {"abandon": False}, "abandon must be true"),
    ("POST", "/key-stores/x/keys", {"Origin": "AWS_KMS"}, "Origin cannot be given"),
    ("POST", "/trail/deliver", {"now": True}, "nor any other"),
    ("DELETE", "/tools/x", {"force": True}, "no body"),
]


@pytest.mark.parametrize(("method", "path", "body", "said"), WRONG)
def test_wrong_requests(api: Api, method: str, path: str, body: Any, said: str) -> None:
    assert said in api.refused(400, method, path, body)


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[" * 100_000, b'{"days": NaN}', b"a=b"])
def test_a_body_is_json(api: Api, raw: bytes) -> None:
    assert api.refused(400, "POST", "/clock/advance", raw=raw) == "The body must be JSON."


@pytest.mark.parametrize("path", ["/clusters/%0A", "/xks-proxies/%0A/keys/a%0Ab", "/%0A"])
def test_a_line_break_in_a_path_is_a_character_as_others_are(api: Api, path: str) -> None:
    assert "There is no" in api.refused(404, "GET", path)


def test_a_body_that_is_too_long(api: Api) -> None:
    assert "bytes" in api.refused(413, "POST", "/clock/advance", raw=b" " * (MAX_BODY + 1))


def test_wrong_methods(api: Api) -> None:
    answer = api("DELETE", "/clock")
    assert (answer.status, answer.body["message"]) == (405, "The method here is GET.")
    assert api("PATCH", "/tools/x").status == 405


def test_a_script_of_another_origin_may_not_ask_whether_it_may_ask(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Origin": "http://localhost", "Access-Control-Request-Method": "POST"}
    connection.request("OPTIONS", "/moto-api/cks/clock/advance", headers=headers)
    response = connection.getresponse()
    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (403, None)
    connection.close()


def test_a_failure_inside_shows_no_stack_trace(
    api: Api, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise AttributeError("what nobody expected")

    monkeypatch.setitem(OPERATIONS, "get_clock", fail)
    assert "nobody" not in api.refused(500, "GET", "/clock")
    assert "AttributeError: what nobody expected" in capfd.readouterr().err


def test_a_wrong_request_does_not_repeat_a_password(api: Api, cluster: dict[str, Any]) -> None:
    for body in (
        {"user_type": "CU", "name": "app", "password": ["topSecret1"]},
        {"user_type": "CU", "name": "app", "password": "topSecret1" * 9},
        {"user_type": "topSecret1", "name": "app", "password": "topSecret1"},
        {"user_type": "CU", "name": 5, "password": "topSecret1"},
    ):
        answer = api("POST", f"/clusters/{cluster['id']}/users", body)
        assert answer.status in (400, 409)
        assert "topSecret1" not in json.dumps(answer.body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
PLACES = [
    (method.upper(), template, operation)
    for template, operations in document()["paths"].items()
    for method, operation in operations.items()
    # These build something, which takes its time; they share their schema with the others.
    if operation["operationId"] not in ("create_cluster", "create_key_store", "get_document")
]


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_whatever_is_asked_the_answer_is_in_the_document(api: Api, data: st.DataObject) -> None:
    method, template, operation = data.draw(st.sampled_from(PLACES))
    path = template.replace("{user_type}", "CU").replace("{handle}", "7")
    for name in ("cluster_id", "key_store_id", "tool_id", "fault_id", "login_id", "name"):
        path = path.replace(f"{{{name}}}", "some")
    body = None
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        names = st.sampled_from(sorted(schema["properties"]) or ["x"]) | st.text(max_size=9)
        body = data.draw(st.dictionaries(names, JSON, max_size=5) | JSON)
    raw = None if body is None else json.dumps(body).encode()
    assert api(method, path, raw=raw).status < 500

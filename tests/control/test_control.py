"""The control API, by its OpenAPI document."""

from __future__ import annotations

import http.client
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from moto_cks import HsmError, ReturnCode, cks, mock_cks
from moto_cks.control.operations import OPERATIONS
from moto_cks.control.responses import MAX_BODY
from moto_cks.control.specification import document, read_time, routes
from tests.control.api import Api
from tests.server.conftest import Server

UNKNOWN = "cluster-aaaaaaaaaaa"


@pytest.fixture
def api(server: Server) -> Api:
    return Api(server.port)


@pytest.fixture
def cluster(api: Api) -> dict[str, Any]:
    return api("POST", "/clusters", {}).body  # type: ignore[no-any-return]


# The document ------------------------------------------------------------------------------------


def test_the_document_is_valid(api: Api) -> None:
    validate(document())
    assert api("GET", "/openapi.json").body == document()


def test_every_operation_of_the_document_is_there() -> None:
    assert {operation.name for operation in routes()} == OPERATIONS.keys()


def test_defaults_are_those_of_the_handle() -> None:
    defaults = {
        name: parameter.default
        for method in (cks.create_cluster, cks.create_key_store, cks.faults.throttle)
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    shown: dict[str, Any] = {}
    for path in ("/clusters", "/key-stores", "/faults/throttle"):
        body = document()["paths"][path]["post"]["requestBody"]
        properties = body["content"]["application/json"]["schema"]["properties"]
        shown |= {name: rule["default"] for name, rule in properties.items() if "default" in rule}
    common = shown.keys() & defaults.keys()
    assert {"hsms", "region", "account_id", "kmsuser_password", "name", "connect"} <= common
    assert {name: shown[name] for name in common} == {name: defaults[name] for name in common}


# The clock ---------------------------------------------------------------------------------------


def test_clock(api: Api) -> None:
    start = read_time(api("GET", "/clock").body["now"])
    later = read_time(api("POST", "/clock/advance", {"days": 1, "hours": -1}).body["now"])
    assert 22 <= (later - start).total_seconds() / 3600 < 24
    answer = api("POST", "/clock/advance-to", {"moment": "2199-12-31T23:59:59.5+01:00"})
    assert answer.body["now"].startswith("2199-12-31T22:59:59")


def test_time_does_not_run_backwards_or_out(api: Api) -> None:
    before = read_time(api("GET", "/clock").body["now"])
    assert "back" in api.refused(400, "POST", "/clock/advance", {"days": -1})
    assert "back" in api.refused(
        400, "POST", "/clock/advance-to", {"moment": "2001-01-01T00:00:00Z"}
    )
    for days in (1e300, 4e6):
        assert "8999" in api.refused(400, "POST", "/clock/advance", {"days": days})
    after = read_time(api("GET", "/clock").body["now"])
    assert (after - before).total_seconds() < 60


@pytest.mark.parametrize("moment", ["tomorrow", "2199-01-01", "2199-01-01T00:00:00", 5, "", None])
def test_a_moment_has_a_zone(api: Api, moment: Any) -> None:
    assert "moment" in api.refused(400, "POST", "/clock/advance-to", {"moment": moment})


@given(st.datetimes())
def test_times_are_read_as_they_are_written(moment: datetime) -> None:
    text = moment.isoformat()
    assert (
        read_time(f"{text}Z") == read_time(f"{text}+00:00") == moment.replace(tzinfo=timezone.utc)
    )
    with pytest.raises(ValueError, match="written"):
        read_time(text)


# Clusters ----------------------------------------------------------------------------------------


def test_cluster(api: Api) -> None:
    made = api(
        "POST",
        "/clusters",
        {"hsms": 3, "region": "eu-west-1", "account_id": "111111111111", "cidr": "10.9.0.0/16"},
    ).body
    assert (made["region"], made["account_id"], len(made["hsms"])) == (
        "eu-west-1",
        "111111111111",
        3,
    )
    assert {user["name"] for user in made["hsms"][0]["users"]} >= {"admin", "kmsuser"}
    assert api("GET", "/clusters").body == {"clusters": [made]}
    assert api("GET", f"/clusters/{made['id']}").body == made
    password = api("GET", f"/clusters/{made['id']}/admin-password").body["admin_password"]
    assert password
    assert password not in json.dumps(made)


def test_claiming_a_cluster(api: Api, server: Server) -> None:
    ec2, cloudhsm = server.client("ec2"), server.client("cloudhsmv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet_id = ec2.create_subnet(
        VpcId=vpc_id, CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a"
    )["Subnet"]["SubnetId"]
    cluster_id = cloudhsm.create_cluster(HsmType="hsm1.medium", SubnetIds=[subnet_id])["Cluster"][
        "ClusterId"
    ]
    path = f"/clusters/{cluster_id}"
    assert api("GET", path).body["trust_anchor"] is None
    api.refused(409, "POST", f"{path}/sign-csr", {})
    cloudhsm.create_hsm(ClusterId=cluster_id, AvailabilityZone="us-east-1a")
    signed = api("POST", f"{path}/sign-csr", {}).body
    answer = api("POST", f"{path}/activate", {"admin_password": "adminPswd1"})
    assert (answer.status, answer.body["code"]) == (409, "NOT_INITIALIZED")
    cloudhsm.initialize_cluster(
        ClusterId=cluster_id,
        SignedCert=signed["signed_certificate"],
        TrustAnchor=signed["trust_anchor"],
    )
    assert api("POST", f"{path}/activate", {"admin_password": "adminPswd1"}).status == 204
    assert api("GET", f"{path}/admin-password").body == {"admin_password": "adminPswd1"}
    assert api("GET", path).body["trust_anchor"] == signed["trust_anchor"]


def test_users(api: Api, cluster: dict[str, Any]) -> None:
    path = f"/clusters/{cluster['id']}"
    first, second = (hsm["id"] for hsm in cluster["hsms"])

    def having(name: str) -> list[str]:
        hsms = api("GET", path).body["hsms"]
        return [hsm["id"] for hsm in hsms if name in {user["name"] for user in hsm["users"]}]

    user = {"user_type": "CU", "name": "app", "password": "appPswd1"}
    assert api("POST", f"{path}/users", {**user, "hsms": [first]}).status == 204
    assert having("app") == [first]
    assert api("POST", f"{path}/users", user).body["code"] == "USER_EXISTS"
    change = api("PUT", f"{path}/users/CU/app/password", {"password": "other123"})
    assert change.body["code"] == "USER_NOT_FOUND"  # on the second one
    assert api("DELETE", f"{path}/users/CU/app", query={"hsms": [first]}).status == 204
    assert having("app") == []
    api("POST", f"{path}/users", {**user, "two_factor": True})
    assert having("app") == [first, second]
    assert api("DELETE", f"{path}/users/CU/app").status == 204
    assert having("app") == []
    api.refused(409, "POST", f"{path}/users", {**user, "password": "short"})
    api.refused(400, "POST", f"{path}/users", {**user, "hsms": ["hsm-none"]})


def test_logins(api: Api, cluster: dict[str, Any]) -> None:
    path = f"/clusters/{cluster['id']}"
    login = {"user_type": "CU", "name": "kmsuser", "password": "kmsPswd1"}
    assert api("POST", f"{path}/logins", {**login, "password": "wrong123"}).body["code"] == (
        "AUTHENTICATION_FAILED"
    )
    login_id = api("POST", f"{path}/logins", login).body["id"]
    store = api("POST", "/key-stores", {"cluster_id": cluster["id"], "connect": False}).body
    other = api("POST", "/clusters", {}).body
    api.refused(404, "DELETE", f"/clusters/{other['id']}/logins/{login_id}")
    assert api("DELETE", f"{path}/logins/{login_id}").status == 204
    api.refused(404, "DELETE", f"{path}/logins/{login_id}")
    assert store["cluster_id"] == cluster["id"]


def test_c5_9_a_login_over_http_keeps_kms_out(
    api: Api, server: Server, cluster: dict[str, Any]
) -> None:
    login = {"user_type": "CU", "name": "kmsuser", "password": "kmsPswd1"}
    login_id = api("POST", f"/clusters/{cluster['id']}/logins", login).body["id"]
    api("POST", "/key-stores", {"cluster_id": cluster["id"]})
    kms = server.client("kms")
    (store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert store["ConnectionErrorCode"] == "USER_LOGGED_IN"
    api("DELETE", f"/clusters/{cluster['id']}/logins/{login_id}")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store["CustomKeyStoreId"])
    kms.connect_custom_key_store(CustomKeyStoreId=store["CustomKeyStoreId"])
    (store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert store["ConnectionState"] == "CONNECTED"


def test_keys(api: Api, server: Server) -> None:
    store = api("POST", "/key-stores", {"name": "payments"}).body
    assert store["name"] == "payments"
    path = f"/key-stores/{store['id']}/keys"
    key_id = api("POST", path, {"Description": "cards"}).body["key_id"]
    metadata = server.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["Description"], metadata["CustomKeyStoreId"]) == ("cards", store["id"])
    cluster = f"/clusters/{store['cluster_id']}"
    first, second = api("GET", cluster).body["hsms"]
    assert first["keys"] == second["keys"]
    (key,) = first["keys"]
    assert (key["label"], key["owner"]) == (metadata["Arn"], "kmsuser")
    gone = f"{cluster}/keys/{key['handle']}"
    assert api("DELETE", gone, query={"hsms": [first["id"]]}).status == 204
    assert [len(hsm["keys"]) for hsm in api("GET", cluster).body["hsms"]] == [0, 1]
    assert api("DELETE", gone).status == 204
    assert api("DELETE", gone).body["code"] == "KEY_NOT_FOUND"
    api.refused(400, "DELETE", f"{cluster}/keys/first")


def test_what_aws_refuses(api: Api, cluster: dict[str, Any]) -> None:
    answer = api("POST", "/clusters", {"subnet_ids": ["subnet-00000000000000000"]})
    assert (answer.status, answer.body["operation"]) == (422, "CreateCluster")
    assert answer.body["code"] == "CloudHsmInvalidRequestException"
    body = {"cluster_id": cluster["id"], "kmsuser_password": "wrong123"}
    store = api("POST", "/key-stores", body).body  # connecting it fails, which is no refusal
    answer = api("POST", f"/key-stores/{store['id']}/keys", {})
    assert answer.body["code"] == "CustomKeyStoreInvalidStateException"
    answer = api("POST", "/key-stores", {"cluster_id": cluster["id"]})
    assert (answer.status, answer.body["operation"]) == (422, "CreateCustomKeyStore")
    answer = api("POST", "/clusters", {"cidr": "everywhere"})
    assert (answer.status, answer.body["operation"]) == (422, "CreateVpc")


def test_a_key_store_on_a_cluster_that_is_given(api: Api, cluster: dict[str, Any]) -> None:
    message = api.refused(
        400, "POST", "/key-stores", {"cluster_id": cluster["id"], "zones": ["us-east-1a"]}
    )
    assert "zones" in message


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/clusters/{UNKNOWN}", None),
        ("GET", f"/clusters/{UNKNOWN}/admin-password", None),
        ("POST", f"/clusters/{UNKNOWN}/sign-csr", {}),
        ("POST", f"/clusters/{UNKNOWN}/activate", {"admin_password": "adminPswd1"}),
        ("PUT", f"/clusters/{UNKNOWN}/users/CU/app/password", {"password": "appPswd1"}),
        ("DELETE", f"/clusters/{UNKNOWN}/users/CU/app", None),
        ("DELETE", f"/clusters/{UNKNOWN}/keys/7", None),
        ("DELETE", f"/clusters/{UNKNOWN}/logins/7", None),
        ("POST", "/key-stores", {"cluster_id": UNKNOWN}),
        ("POST", "/key-stores/cks-00000000000000000/keys", {}),
        ("POST", "/faults/unreachable", {"cluster_id": UNKNOWN}),
        ("POST", "/faults/pkcs11-sessions-exhausted", {"cluster_id": UNKNOWN}),
        ("POST", "/faults/connection-error", {"code": "INTERNAL_ERROR", "key_store": "cks-0"}),
        ("DELETE", "/faults/unreachable/fault-0", None),
        ("DELETE", "/faults/throttle/fault-0", None),
        ("POST", "/tools", {"tool": "key_mgmt_util", "cluster_id": UNKNOWN}),
        ("POST", "/tools/tool-0", {"command": "say"}),
        ("DELETE", "/tools/tool-0", None),
        ("GET", "/nonsense", None),
        ("GET", "/", None),
        ("GET", "/clusters/", None),
    ],
)
def test_what_is_not_there(api: Api, method: str, path: str, body: Any) -> None:
    answer = api(method, path, body)
    assert answer.status == 404
    assert answer.body["message"]


# Faults ------------------------------------------------------------------------------------------


def test_faults(api: Api, server: Server) -> None:
    store = api("POST", "/key-stores", {}).body
    key_id = api("POST", f"/key-stores/{store['id']}/keys", {}).body["key_id"]
    kms = server.client("kms", config=None)

    def encrypt() -> str:
        answer = server.client("kms")
        try:
            answer.encrypt(KeyId=key_id, Plaintext=b"x")
        except answer.exceptions.ClientError as error:
            return str(error.response["Error"]["Code"])
        return "ok"

    outage = api("POST", "/faults/unreachable", {"cluster_id": store["cluster_id"]}).body["id"]
    assert encrypt() == "KMSInvalidStateException"
    assert api("DELETE", f"/faults/unreachable/{outage}").status == 204
    assert encrypt() == "ok"
    api.refused(404, "DELETE", f"/faults/unreachable/{outage}")

    failure = {"operation": "Encrypt", "code": "DisabledException", "message": "No.", "times": 2}
    assert api("POST", "/faults/fail", failure).status == 204
    assert [encrypt() for _ in range(3)] == ["DisabledException", "DisabledException", "ok"]
    assert "document" in api.refused(400, "POST", "/faults/fail", {**failure, "code": "Nonsense"})

    quota = api("POST", "/faults/throttle", {"requests_per_second": 0.001}).body["id"]
    assert encrypt() == "ok"
    api("POST", "/faults/fail", {"operation": "Encrypt", "code": "DisabledException"})
    assert encrypt() == "DisabledException"
    assert api("DELETE", f"/faults/throttle/{quota}").status == 204
    assert encrypt() == "ok"

    body = {"cluster_id": store["cluster_id"]}
    assert api("POST", "/faults/pkcs11-sessions-exhausted", body).status == 204
    assert encrypt() == "ok"  # the SDK has tried again

    kms.disconnect_custom_key_store(CustomKeyStoreId=store["id"])
    error = {"code": "NETWORK_ERRORS", "key_store": store["id"]}
    assert api("POST", "/faults/connection-error", error).status == 204
    kms.connect_custom_key_store(CustomKeyStoreId=store["id"])
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["ConnectionErrorCode"] == "NETWORK_ERRORS"


def test_m5_reset_ends_what_is_open(api: Api, server: Server) -> None:
    cluster_id = api("POST", "/clusters", {}).body["id"]
    outage = api("POST", "/faults/unreachable", {"cluster_id": cluster_id}).body["id"]
    quota = api("POST", "/faults/throttle", {"requests_per_second": 1}).body["id"]
    tool = api("POST", "/tools", {"tool": "key_mgmt_util"}).body["id"]
    login = {"user_type": "CU", "name": "kmsuser", "password": "kmsPswd1"}
    login_id = api("POST", f"/clusters/{cluster_id}/logins", login).body["id"]
    server.reset()
    api.refused(404, "DELETE", f"/faults/unreachable/{outage}")
    api.refused(404, "DELETE", f"/faults/throttle/{quota}")
    api.refused(404, "POST", f"/tools/{tool}", {"command": "say"})
    api.refused(404, "DELETE", f"/clusters/{cluster_id}/logins/{login_id}")
    assert api("GET", "/tools").body == {"tools": []}


# CloudTrail --------------------------------------------------------------------------------------


def test_trail(api: Api, server: Server) -> None:
    kms = server.client("kms")
    kms.create_key()
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="12345678-1234-1234-1234-123456789012")
    server.client("kms", "eu-west-1").create_key()

    def names(**query: str) -> list[str]:
        events = api("GET", "/trail/events", query=query).body["events"]
        return [event["eventName"] for event in events]

    assert names() == ["CreateKey", "DescribeKey", "CreateKey"]
    assert names(region="eu-west-1") == ["CreateKey"]
    assert names(event_name="DescribeKey", event_source="kms.amazonaws.com") == ["DescribeKey"]
    assert names(error_code="NotFoundException") == ["DescribeKey"]
    assert names(succeeded="true") == ["CreateKey", "CreateKey"]
    assert names(succeeded="false") == ["DescribeKey"]
    assert names(account_id="111111111111") == []
    api.refused(400, "GET", "/trail/events", query={"succeeded": "true", "error_code": "x"})
    api.refused(400, "GET", "/trail/events", query={"succeeded": "maybe"})
    assert "colour" in api.refused(400, "GET", "/trail/events", query={"colour": "red"})
    assert api("POST", "/trail/deliver", {}).status == 204


# Tools -------------------------------------------------------------------------------------------


@pytest.fixture
def tool(api: Api, cluster: dict[str, Any]) -> str:
    started = api("POST", "/tools", {"tool": "cloudhsm_mgmt_util"}).body
    assert started["cluster_id"] == cluster["id"]
    assert started["greeting"] == "A parrot sits on the cluster.\n"
    assert api("GET", "/tools").body["tools"] == [started]
    return f"/tools/{started['id']}"


def test_a_tool_takes_turns(api: Api, tool: str) -> None:
    said = {"output": "hello\n", "question": None, "status": 0, "files": [], "prompt": "parrot>"}
    assert api("POST", tool, {"command": "say hello"}).body == {**said, "closed": False}
    assert api("POST", tool, {"command": "fail 3"}).body["status"] == 3
    asked = {"text": "Sure (y/n)? ", "hidden": False}
    assert api("POST", tool, {"command": "sure"}).body["question"] == asked
    assert "answer" in api.refused(409, "POST", tool, {"command": "say"})
    assert api("POST", tool, {"answer": "maybe"}).body["question"] == asked
    assert api("POST", tool, {"answer": "y"}).body["output"] == "You said y.\n"
    api.refused(409, "POST", tool, {"answer": "y"})
    api("POST", tool, {"command": "sure"})
    assert api("POST", tool, {"abandon": True}).body["question"] is None
    assert api("POST", tool, {"command": "say"}).body["output"] == "\n"


def test_a_tool_that_ends(api: Api, tool: str) -> None:
    assert api("POST", tool, {"command": "quit"}).body["closed"] is True
    assert api("GET", "/tools").body == {"tools": []}
    api.refused(404, "POST", tool, {"command": "say"})


def test_l4_a_tool_over_http_is_logged_in_until_it_ends(
    api: Api, server: Server, tool: str, cluster: dict[str, Any]
) -> None:
    question = api("POST", tool, {"command": "loginHSM kmsuser"}).body["question"]
    assert question == {"text": "Enter password: ", "hidden": True}
    api("POST", tool, {"answer": "kmsPswd1"})
    store = api("POST", "/key-stores", {"cluster_id": cluster["id"]}).body
    kms = server.client("kms")
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["ConnectionErrorCode"] == "USER_LOGGED_IN"
    assert api("DELETE", tool).status == 204
    kms.disconnect_custom_key_store(CustomKeyStoreId=store["id"])
    kms.connect_custom_key_store(CustomKeyStoreId=store["id"])
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["ConnectionState"] == "CONNECTED"


def test_which_cluster_a_tool_is_for(api: Api) -> None:
    assert "no cluster" in api.refused(404, "POST", "/tools", {"tool": "key_mgmt_util"})
    first = api("POST", "/clusters", {}).body["id"]
    second = api("POST", "/clusters", {"region": "eu-west-1"}).body["id"]
    message = api.refused(400, "POST", "/tools", {"tool": "key_mgmt_util"})
    assert first in message
    assert second in message
    started = api("POST", "/tools", {"tool": "cloudhsm-cli", "cluster_id": second}).body
    assert started["cluster_id"] == second


def test_the_command_line_of_a_tool(api: Api, tool: str) -> None:
    single = {"words": ["environment"], "environment": {"CLOUDHSM_PIN": "a:b"}}
    said = api("POST", tool, {"single": single}).body
    assert (said["output"], said["closed"]) == ("CLOUDHSM_PIN\n", True)
    api.refused(404, "POST", tool, {"command": "say"})


def test_files_are_left_to_the_client(api: Api, tool: str) -> None:
    file = {"path": "a/b.txt", "text": "written by a parrot\n"}
    assert api("POST", tool, {"command": "write a/b.txt"}).body["files"] == [file]
    assert api("POST", tool, {"command": "say hello"}).body["files"] == []


def test_the_timeline(api: Api, cluster: dict[str, Any]) -> None:
    entries = api("GET", "/timeline").body["entries"]
    assert [entry["what"] for entry in entries][:2] == [
        "CreateCluster",
        "CREATE_IN_PROGRESS -> UNINITIALIZED",
    ]
    moment = api("POST", "/clock/advance", {"days": 2}).body["now"]
    (clock,) = api("GET", "/timeline", query={"kind": "clock"}).body["entries"]
    assert clock["what"] == "2 days, 0:00:00 pass"
    query = {"since": moment, "subject": cluster["id"]}
    assert api("GET", "/timeline", query=query).body == {"entries": []}
    assert "kind must be call or" in api.refused(400, "GET", "/timeline", query={"kind": "colour"})
    assert "since" in api.refused(400, "GET", "/timeline", query={"since": "yesterday"})


# Wrong requests ----------------------------------------------------------------------------------

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


def test_a_body_that_is_too_long(api: Api) -> None:
    assert "bytes" in api.refused(413, "POST", "/clock/advance", raw=b" " * (MAX_BODY + 1))


def test_wrong_methods(api: Api) -> None:
    answer = api("DELETE", "/clock")
    assert (answer.status, answer.body["message"]) == (405, "The method here is GET.")
    assert api("PATCH", "/tools/x").status == 405


def test_a_script_in_a_browser_may_ask_whether_it_may_ask(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Origin": "http://localhost", "Access-Control-Request-Method": "POST"}
    connection.request("OPTIONS", "/moto-api/cks/clock/advance", headers=headers)
    response = connection.getresponse()
    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (
        204,
        "http://localhost",
    )
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


# Without a server --------------------------------------------------------------------------------


@pytest.fixture
def in_process() -> Iterator[str]:
    with mock_cks():
        yield "http://motoapi.amazonaws.com/moto-api/cks"


def test_in_process(in_process: str) -> None:
    cluster = cks.create_cluster()
    found = requests.get(f"{in_process}/clusters/{cluster.id}", timeout=5)
    assert found.json()["id"] == cluster.id
    assert requests.get(f"{in_process}/clusters/none", timeout=5).status_code == 404
    advanced = requests.post(f"{in_process}/clock/advance", json={"days": 1}, timeout=5)
    assert read_time(advanced.json()["now"]) <= cks.clock.now()
    made = requests.post(f"{in_process}/key-stores", json={"cluster_id": cluster.id}, timeout=5)
    assert made.status_code == 201
    with pytest.raises(HsmError) as refused:
        cluster.login("CU", "kmsuser", "kmsPswd1")
    assert refused.value.code is ReturnCode.AUTHENTICATION_FAILED  # KMS has changed it


def test_m2_without_the_mock_moto_s_api_is_moto_s() -> None:
    # In a process of its own: here, a server may have the plugin on.
    script = """
from moto.moto_api._internal.models import moto_api_backend
from moto_cks import mock_cks

before = set(moto_api_backend.flask_paths)
with mock_cks():
    added = set(moto_api_backend.flask_paths) - before
assert len(added) == 1 and "cks" in added.pop()
assert set(moto_api_backend.flask_paths) == before
"""
    subprocess.run([sys.executable, "-c", script], check=True)

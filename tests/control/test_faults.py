"""Faults, over the control API."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from tests.aws import error_of
from tests.control.api import Api
from tests.server.conftest import Server


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

    def parameters_for_import() -> str:
        once = server.client("kms", config=Config(retries={"total_max_attempts": 1}))
        wrapping = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
        return error_of(once.get_parameters_for_import, KeyId=key_id, **wrapping)[0]

    outage = api("POST", "/faults/unreachable", {"cluster_id": store["cluster_id"]}).body["id"]
    assert encrypt() == "KMSInvalidStateException"
    assert api("DELETE", f"/faults/unreachable/{outage}").status == 204
    assert encrypt() == "ok"
    api.refused(404, "DELETE", f"/faults/unreachable/{outage}")

    failure = {"operation": "Encrypt", "code": "DisabledException", "message": "No.", "times": 2}
    assert api("POST", "/faults/fail", failure).status == 201
    assert [encrypt() for _ in range(3)] == ["DisabledException", "DisabledException", "ok"]
    assert "document" in api.refused(400, "POST", "/faults/fail", {**failure, "code": "Nonsense"})

    quota = api("POST", "/faults/throttle", {"requests_per_second": 0.001}).body["id"]
    assert encrypt() == "ok"
    api("POST", "/faults/fail", {"operation": "Encrypt", "code": "DisabledException"})
    assert encrypt() == "DisabledException"
    assert api("DELETE", f"/faults/throttle/{quota}").status == 204
    assert encrypt() == "ok"

    quotas = api("POST", "/faults/request-quotas", {}).body["id"]
    resources = api("POST", "/faults/resource-quotas", {"hsms": 9}).body["id"]
    refused = [parameters_for_import() for _ in range(2)]  # one in four seconds
    assert refused == ["UnsupportedOperationException", "ThrottlingException"]
    assert api("DELETE", f"/faults/request-quotas/{quotas}").status == 204
    api.refused(404, "DELETE", f"/faults/request-quotas/{quotas}")
    assert api("DELETE", f"/faults/resource-quotas/{resources}").status == 204
    api.refused(404, "DELETE", f"/faults/resource-quotas/{resources}")
    api.refused(400, "POST", "/faults/resource-quotas", {"clusters": 0})
    assert parameters_for_import() == "UnsupportedOperationException"

    body = {"cluster_id": store["cluster_id"]}
    assert api("POST", "/faults/pkcs11-sessions-exhausted", body).status == 201
    assert encrypt() == "ok"  # the SDK has tried again

    kms.disconnect_custom_key_store(CustomKeyStoreId=store["id"])
    error = {"code": "NETWORK_ERRORS", "key_store": store["id"]}
    assert api("POST", "/faults/connection-error", error).status == 201
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


INJECTIONS = {
    "connection-error": {"code": "INTERNAL_ERROR"},
    "pkcs11-sessions-exhausted": {"cluster_id": ""},
    "hsms-busy": {"cluster_id": ""},
    "fail": {"operation": "Encrypt", "code": "KMSInternalException"},
}


@pytest.mark.parametrize("kind", INJECTIONS)
def test_a_counted_fault_is_taken_back(api: Api, server: Server, kind: str) -> None:
    store = api("POST", "/key-stores", {}).body
    body = {**INJECTIONS[kind], "times": None}
    if "cluster_id" in body:
        body["cluster_id"] = store["cluster_id"]
    fault = f"/faults/{kind}/{api('POST', f'/faults/{kind}', body).body['id']}"
    struck = api("GET", "/timeline", query={"kind": "fault"}).body["entries"]
    assert [entry["what"].partition(":")[0] for entry in struck] == ["injected"]
    for other in INJECTIONS.keys() - {kind}:
        api.refused(404, "DELETE", fault.replace(kind, other))
    assert api("DELETE", fault).status == 204
    api.refused(404, "DELETE", fault)
    entries = api("GET", "/timeline", query={"kind": "fault"}).body["entries"]
    assert [entry["what"].partition(":")[0] for entry in entries] == ["injected", "over"]


def test_one_that_is_used_up_can_be_ended(api: Api, server: Server) -> None:
    body = {"operation": "ListKeys", "code": "ValidationException", "times": 1}
    fault = api("POST", "/faults/fail", body).body["id"]
    kms = server.client("kms")
    with pytest.raises(kms.exceptions.ClientError):
        kms.list_keys()
    assert api("DELETE", f"/faults/fail/{fault}").status == 204
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("times", [0, -1, 1.5, "1", True])
def test_times_is_a_number_or_null(api: Api, times: Any) -> None:
    body = {"code": "INTERNAL_ERROR", "times": times}
    assert "times" in api.refused(400, "POST", "/faults/connection-error", body)

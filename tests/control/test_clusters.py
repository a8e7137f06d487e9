"""Clusters and key stores, over the control API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.control.api import Api
from tests.server.conftest import Server

UNKNOWN = "cluster-aaaaaaaaaaa"


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
    cluster_id = cloudhsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=[subnet_id]
    )["Cluster"]["ClusterId"]
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


def test_w7_w8_policies(api: Api, server: Server, cluster: dict[str, Any]) -> None:
    path = f"/clusters/{cluster['id']}"

    def policies() -> list[dict[str, Any]]:
        return [hsm["policies"] for hsm in api("GET", path).body["hsms"]]

    nothing = {"quorums": {}, "trust_anchors": {}, "mtls_enforced": False}
    assert policies() == [nothing, nothing]
    answer = api("PUT", f"{path}/quorum-values/user", {"value": 2})
    assert (answer.status, answer.body["code"]) == (409, "INVALID_QUORUM_VALUE")
    officer = {"user_type": "CO", "name": "admin2", "password": "adminPswd2"}
    assert api("POST", f"{path}/users", officer).status == 204
    assert api("PUT", f"{path}/quorum-values/user", {"value": 2}).status == 204
    api.refused(400, "PUT", f"{path}/quorum-values/keys", {"value": 2})
    api.refused(400, "PUT", f"{path}/quorum-values/user", {"value": "2"})
    cloudhsm = server.client("cloudhsmv2")
    (shown,) = cloudhsm.describe_clusters()["Clusters"]
    if shown["HsmType"] == "hsm1.medium":
        refused = api.refused(400, "PUT", f"{path}/mtls-enforcement", {"level": "cluster"})
        assert "without mutual TLS" in refused
        cloudhsm.modify_cluster(ClusterId=cluster["id"], HsmType="hsm2m.medium")
    answer = api("PUT", f"{path}/mtls-enforcement", {"level": "cluster"})
    assert (answer.status, answer.body["code"]) == (409, "NO_TRUST_ANCHOR")
    first = cluster["hsms"][0]["id"]
    anchor = cluster["trust_anchor"]
    made = api("POST", f"{path}/trust-anchors", {"certificate": anchor, "hsms": [first]})
    assert (made.status, made.body) == (200, {"reference": 1})
    body = {"level": "cluster", "hsms": [first]}
    assert api("PUT", f"{path}/mtls-enforcement", body).status == 204
    api.refused(400, "PUT", f"{path}/mtls-enforcement", {"level": "all"})
    assert policies() == [
        {"quorums": {"user": 2}, "trust_anchors": {"1": anchor}, "mtls_enforced": True},
        {**nothing, "quorums": {"user": 2}},
    ]


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


def test_q7_an_hsm_that_aws_replaces(api: Api, cluster: dict[str, Any]) -> None:
    path = f"/clusters/{cluster['id']}"
    old = cluster["hsms"][0]
    new = api("POST", f"{path}/hsms/{old['id']}/replace").body
    assert new["eni_ip"] == old["eni_ip"]
    assert new["availability_zone"] == old["availability_zone"]
    shown = api("GET", path).body
    assert [hsm["id"] for hsm in shown["hsms"]] == [cluster["hsms"][1]["id"], new["id"]]
    assert api("POST", f"{path}/hsms/{new['id']}/replace", {"failed": True}).status == 200
    assert "No active HSM" in api.refused(400, "POST", f"{path}/hsms/{old['id']}/replace", {})
    api.refused(400, "POST", f"{path}/hsms/{old['id']}/replace", {"failed": "yes"})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/clusters/{UNKNOWN}", None),
        ("POST", f"/clusters/{UNKNOWN}/hsms/hsm-0/replace", {}),
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
        ("POST", "/faults/hsms-busy", {"cluster_id": UNKNOWN}),
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

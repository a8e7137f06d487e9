"""The world as a whole, and key stores and keys in it, over the control API."""

from __future__ import annotations

import pytest

from tests.control.api import Api
from tests.server.conftest import Server


def test_a_reset_makes_another_world(api: Api, server: Server) -> None:
    worlds = [api("GET", "/world").body["id"]]
    assert api("GET", "/world").body["id"] == worlds[0]
    api("POST", "/clusters", {})
    assert api("POST", "/reset").status == 204
    worlds.append(api("GET", "/world").body["id"])
    assert api("GET", "/clusters").body == {"clusters": []}
    server.reset()
    worlds.append(api("GET", "/world").body["id"])
    assert len(set(worlds)) == 3


def test_a_key_store(api: Api, server: Server) -> None:
    where = {"region": "eu-west-1", "account_id": "111122223333"}
    made = api("POST", "/key-stores", {"name": "payments", **where}).body
    assert made == api("GET", f"/key-stores/{made['id']}").body
    assert made.items() >= {"name": "payments", **where}.items()
    api.refused(404, "GET", "/key-stores/cks-1234567890abcdef0")
    other = api("POST", "/clusters", {}).body["id"]
    assert "what for hsms" in api.refused(
        400, "POST", "/key-stores", {"cluster_id": other, "hsms": 2}
    )


def test_the_key_handle_of_a_kms_key(api: Api) -> None:
    store = api("POST", "/key-stores", {}).body
    key_id = api("POST", f"/key-stores/{store['id']}/keys", {}).body["key_id"]
    path = f"/clusters/{store['cluster_id']}/key-handle"
    (hsm, _) = api("GET", f"/clusters/{store['cluster_id']}").body["hsms"]
    assert api("GET", path, query={"key_id": key_id}).body == {"handle": hsm["keys"][0]["handle"]}
    api.refused(404, "GET", path, query={"key_id": "unknown"})
    assert "key_id is missing" in api.refused(400, "GET", path)
    api.refused(404, "GET", "/clusters/cluster-aaaaaaaaaaa/key-handle", query={"key_id": key_id})


@pytest.mark.parametrize("path", ["/clusters", "/key-stores"])
def test_what_is_refused_leaves_nothing(api: Api, server: Server, path: str) -> None:
    ec2 = server.client("ec2")
    before = len(ec2.describe_vpcs()["Vpcs"])
    api.refused(422, "POST", path, {"zones": ["us-east-1a", "nowhere"]})
    assert api("POST", path, {"zones": ["us-east-1a", "nowhere"]}).body["refusal"]["status"] == 400
    if path == "/key-stores":
        assert "CustomKeyStoreName" in api.refused(400, "POST", path, {"name": ""})
    assert "no Region" in api.refused(400, "POST", path, {"region": "nowhere-1"})
    assert "7 to 32" in api.refused(409, "POST", path, {"kmsuser_password": "short"})
    assert api("GET", "/clusters").body == {"clusters": []}
    assert len(ec2.describe_vpcs()["Vpcs"]) == before

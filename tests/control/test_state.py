"""What is there, over the control API: nothing is recorded by looking, and nothing secret shown."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from moto_cks.control.specification import read_time
from tests.control.api import Api
from tests.server.conftest import Server

OTHER_ACCOUNT = "111111111111"


@pytest.fixture
def store(api: Api) -> dict[str, Any]:
    return api("POST", "/key-stores", {"name": "payments"}).body  # type: ignore[no-any-return]


@pytest.fixture
def other(api: Api) -> dict[str, Any]:
    """A key store in another account and Region."""
    body = {"name": "payments", "region": "eu-west-1", "account_id": OTHER_ACCOUNT}
    return api("POST", "/key-stores", body).body  # type: ignore[no-any-return]


def test_health(api: Api) -> None:
    empty = api("GET", "/health").body
    assert (empty["status"], empty["counts"]) == (
        "ok",
        {"key_stores": 0, "keys": 0, "clusters": 0, "timeline": 0},
    )
    assert set(empty["versions"]) == {"moto_cks", "moto", "python"}
    assert all(empty["versions"].values())
    made = api("POST", "/key-stores", {}).body
    api("POST", f"/key-stores/{made['id']}/keys", {})
    api("POST", "/clock/advance", {"days": 1})
    health = api("GET", "/health").body
    counts = health["counts"]
    assert (counts["key_stores"], counts["keys"], counts["clusters"]) == (1, 1, 1)
    assert counts["timeline"] == len(api("GET", "/timeline").body["entries"]) > 5
    assert (read_time(health["now"]) - read_time(empty["now"])).days == 1
    assert health["world"] == api("GET", "/world").body["id"]
    api("POST", "/reset", {})
    assert api("GET", "/health").body["world"] != health["world"]


def test_what_has_fallen_due_is_seen(api: Api, server: Server, store: dict[str, Any]) -> None:
    key = api("POST", f"/key-stores/{store['id']}/keys", {}).body["key_id"]
    server.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert api("GET", f"/keys/{key}").body["state"] == "PendingDeletion"
    api("POST", "/clock/advance", {"days": 8})
    assert api("GET", "/health").body["counts"]["keys"] == 0
    api.refused(404, "GET", f"/keys/{key}")


def regions(api: Api) -> dict[str, list[str]]:
    accounts = api("GET", "/accounts").body["accounts"]
    return {each["account_id"]: each["regions"] for each in accounts}


def test_accounts_and_regions(api: Api, server: Server, other: dict[str, Any]) -> None:
    known = {
        each["account_id"]: each["regions"] for each in api("GET", "/accounts").body["accounts"]
    }
    assert known == {"123456789012": ["us-east-1"], OTHER_ACCOUNT: ["eu-west-1"]}
    server.client("kms", "eu-north-1").create_key()
    known = {
        each["account_id"]: each["regions"] for each in api("GET", "/accounts").body["accounts"]
    }
    assert known["123456789012"] == ["eu-north-1", "us-east-1"]


def test_key_stores(api: Api, store: dict[str, Any], other: dict[str, Any]) -> None:
    assert (store["type"], store["connection_state"], store["connection_error_code"]) == (
        "AWS_CLOUDHSM",
        "CONNECTED",
        None,
    )
    assert api("GET", "/key-stores").body == {"key_stores": [store, other]}
    here = {"account_id": OTHER_ACCOUNT, "region": "eu-west-1"}
    assert api("GET", "/key-stores", query=here).body == {"key_stores": [other]}
    assert api("GET", "/key-stores", query={"region": "us-east-1"}).body == {"key_stores": [store]}
    assert api("GET", "/key-stores", query={"region": "nowhere-1"}).body == {"key_stores": []}
    api.refused(400, "GET", "/key-stores", query={"account_id": "me"})
    assert api("GET", f"/key-stores/{other['id']}").body == other


@pytest.mark.parametrize("which", ["store", "other"])
def test_connecting_and_disconnecting(api: Api, which: str, request: Any) -> None:
    path = f"/key-stores/{request.getfixturevalue(which)['id']}"
    assert api("POST", f"{path}/connect", {}).status == 204  # again
    assert api("POST", f"{path}/disconnect").status == 204
    assert api("GET", path).body["connection_state"] == "DISCONNECTED"
    answer = api("POST", f"{path}/disconnect", {})
    assert (answer.status, answer.body["code"], answer.body["operation"]) == (
        422,
        "CustomKeyStoreInvalidStateException",
        "DisconnectCustomKeyStore",
    )
    assert "DISCONNECTED" in answer.body["message"]
    assert api("POST", f"{path}/connect").status == 204
    assert api("GET", path).body["connection_state"] == "CONNECTED"


def test_telling_kms_a_password(api: Api, store: dict[str, Any]) -> None:
    path = f"/key-stores/{store['id']}"
    answer = api("PUT", f"{path}/kmsuser-password", {"password": "another123"})
    assert (answer.status, answer.body["operation"]) == (422, "UpdateCustomKeyStore")
    api("POST", f"{path}/disconnect")
    assert api("PUT", f"{path}/kmsuser-password", {"password": "another123"}).status == 204
    api("POST", f"{path}/connect")
    failed = api("GET", path).body
    assert (failed["connection_state"], failed["connection_error_code"]) == (
        "FAILED",
        "INVALID_CREDENTIALS",
    )
    api("POST", f"{path}/disconnect")
    cluster = f"/clusters/{store['cluster_id']}"
    api("PUT", f"{cluster}/users/CU/kmsuser/password", {"password": "another123"})
    api("POST", f"{path}/connect")
    assert api("GET", path).body["connection_state"] == "CONNECTED"
    assert "another123" not in json.dumps(api("GET", "/timeline").body)
    assert "another123" not in json.dumps(api("GET", "/trail/events").body)
    assert "another123" not in api.refused(
        400, "PUT", f"{path}/kmsuser-password", {"password": ["another123"]}
    )


def test_kms_keys(api: Api, server: Server, store: dict[str, Any], other: dict[str, Any]) -> None:
    kms = server.client("kms")
    mine = api("POST", f"/key-stores/{store['id']}/keys", {"Description": "cards"}).body["key_id"]
    theirs = api("POST", f"/key-stores/{other['id']}/keys", {}).body["key_id"]
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/cards", TargetKeyId=mine)

    def ids(**query: str) -> list[str]:
        return [key["id"] for key in api("GET", "/keys", query=query).body["keys"]]

    assert set(ids()) == {mine, theirs, ordinary}
    assert ids(key_store_id=store["id"]) == [mine]
    assert ids(account_id=OTHER_ACCOUNT) == [theirs]
    assert ids(region="us-east-1") == [mine, ordinary]
    shown = api("GET", f"/keys/{mine}").body
    metadata = kms.describe_key(KeyId=mine)["KeyMetadata"]
    assert shown == {
        "id": mine,
        "arn": metadata["Arn"],
        "account_id": "123456789012",
        "region": "us-east-1",
        "state": "Enabled",
        "origin": "AWS_CLOUDHSM",
        "spec": "SYMMETRIC_DEFAULT",
        "description": "cards",
        "aliases": ["alias/cards"],
        "key_store_id": store["id"],
    }
    for name in (metadata["Arn"], "alias/cards"):
        body = server.control.get("keys", name)
        assert body == shown
    assert api("GET", f"/keys/{ordinary}").body["key_store_id"] is None
    api("POST", f"/key-stores/{store['id']}/disconnect")
    assert api("GET", f"/keys/{mine}").body["state"] == "Unavailable"
    api.refused(404, "GET", "/keys/none")


def test_hsms_that_are_not_active(api: Api, server: Server, store: dict[str, Any]) -> None:
    path = f"/clusters/{store['cluster_id']}"
    cluster = api("GET", path).body
    assert (cluster["state"], cluster["inactive_hsms"]) == ("ACTIVE", [])
    assert cluster["hsm_type"] == "hsm2m.medium"
    transition = {"progression": "time", "seconds": 600}
    _set_transition(server, "cloudhsmv2::hsm", transition)
    try:
        server.client("cloudhsmv2").create_hsm(
            ClusterId=cluster["id"], AvailabilityZone="us-east-1c"
        )
        waiting = api("GET", path).body
        assert [hsm["state"] for hsm in waiting["inactive_hsms"]] == ["CREATE_IN_PROGRESS"]
        assert len(waiting["hsms"]) == 2
        api("POST", "/clock/advance", {"minutes": 10})
        assert len(api("GET", path).body["hsms"]) == 3
    finally:
        _set_transition(server, "cloudhsmv2::hsm", {"progression": "immediate"})


def _set_transition(server: Server, model: str, transition: dict[str, Any]) -> None:
    body = json.dumps({"model_name": model, "transition": transition}).encode()
    url = f"{server.endpoint}/moto-api/state-manager/set-transition"
    with urllib.request.urlopen(urllib.request.Request(url, body, method="POST")):
        pass


def test_the_network_of_a_cluster(api: Api, server: Server, store: dict[str, Any]) -> None:
    path = f"/clusters/{store['cluster_id']}/network"
    network = api("GET", path).body
    assert (network["closed_directions"], network["denials"]) == ([], [])
    assert [subnet["availability_zone"] for subnet in network["subnets"]] == [
        "us-east-1a",
        "us-east-1b",
        "us-east-1c",
    ]
    assert all(subnet["free_addresses"] > 200 for subnet in network["subnets"])
    body = {"key_store_id": store["id"]}
    api("POST", "/failures/hsm-ports-closed/happen", body)
    assert api("GET", path).body["closed_directions"] == ["inbound"]
    api("POST", "/failures/hsm-ports-closed/repair", body)
    api("POST", "/failures/network-acl-denies/happen", body)
    broken = api("GET", path).body
    assert broken["closed_directions"] == []
    assert broken["denials"]
    assert broken["denials"][0]["rule"] is not None
    server.client("ec2").delete_subnet(SubnetId=network["subnets"][2]["id"])
    assert api("GET", path).body["subnets"][2]["free_addresses"] is None
    api.refused(404, "GET", "/clusters/cluster-aaaaaaaaaaa/network")


def test_the_backups_of_a_cluster(api: Api, server: Server, store: dict[str, Any]) -> None:
    path = f"/clusters/{store['cluster_id']}/backups"
    first = api("GET", path).body["backups"]
    api("POST", f"/key-stores/{store['id']}/keys", {})
    api("POST", "/clock/advance", {"days": 1})
    later = api("GET", path).body["backups"]
    assert later[1:] == first
    (handle,) = later[0]["handles"]
    assert (
        handle
        == api("GET", f"/clusters/{store['cluster_id']}").body["hsms"][0]["keys"][0]["handle"]
    )
    assert (later[0]["state"], later[0]["deleted"]) == ("READY", None)
    server.client("cloudhsmv2").delete_backup(BackupId=later[0]["id"])
    gone = api("GET", path).body["backups"][0]
    assert gone["state"] == "PENDING_DELETION"
    assert (read_time(gone["deleted"]) - read_time(api("GET", "/clock").body["now"])).days >= 6
    api.refused(404, "GET", "/clusters/cluster-aaaaaaaaaaa/backups")


def test_looking_changes_nothing(api: Api, store: dict[str, Any]) -> None:
    api("POST", f"/key-stores/{store['id']}/keys", {})
    before = api("GET", "/timeline").body
    cluster = f"/clusters/{store['cluster_id']}"
    for path in ("/health", "/accounts", "/key-stores", "/keys", "/clusters", cluster):
        api("GET", path)
    for part in ("network", "backups", "sessions"):
        api("GET", f"{cluster}/{part}")
    assert api("GET", "/timeline").body == before

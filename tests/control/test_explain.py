"""Why something cannot be used, over the control API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from tests.control.api import Api
from tests.server.conftest import Server


def test_explain(api: Api, server: Server) -> None:
    store = api("POST", "/key-stores", {"name": "payments"}).body
    key = api("POST", f"/key-stores/{store['id']}/keys", {}).body["key_id"]
    kms = server.client("kms")
    kms.create_alias(AliasName="alias/card", TargetKeyId=key)
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]

    def explained(name: str) -> dict[str, Any]:
        answer = api("GET", f"/explain/{quote(name, safe='')}")
        assert answer.status == 200
        return answer.body  # type: ignore[no-any-return]

    assert explained(store["id"])["usable"] is True
    assert explained(store["cluster_id"])["kind"] == "cluster"
    assert explained(key) == explained(arn) == explained("alias/card")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store["id"])
    for name, kind in ((store["id"], "key-store"), (key, "key")):
        body = explained(name)
        assert (body["subject"], body["kind"], body["usable"]) == (name, kind, False)
        (reason,) = body["reasons"]
        assert (reason["failure"], reason["decides"], reason["beyond_aws"]) == (
            "store-disconnected",
            True,
            False,
        )
        (step,) = reason["steps"]
        assert (step["number"], step["name"], step["text"]) == (
            1,
            "connect",
            "Connect the key store.",
        )
        assert step["commands"] == [
            f"aws kms connect-custom-key-store --custom-key-store-id {store['id']}"
        ]
        assert step["python"].startswith("kms.connect_custom_key_store(CustomKeyStoreId=")
    api.seen.clear()
    explained(key)
    assert api.seen == {"explain"}


def test_slashes_in_a_name_can_stand_as_they_are(server: Server) -> None:
    kms = server.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/a/b", TargetKeyId=key["KeyId"])
    for name in (key["Arn"], "alias/a/b"):
        with urlopen(f"{server.endpoint}/moto-api/cks/explain/{name}") as answer:
            assert json.loads(answer.read())["subject"] == key["KeyId"]


def test_refusals(api: Api, server: Server) -> None:
    assert api.refused(404, "GET", "/explain/cks-0").startswith("There is no custom key store")
    assert api.refused(404, "GET", "/explain/alias%2Funknown").startswith("There is no KMS key")
    api.refused(404, "GET", "/explain/")
    api.refused(404, "GET", "/explain")
    api.refused(405, "POST", "/explain/cks-0", {})
    assert "colour" in api.refused(400, "GET", "/explain/cks-0", query={"colour": "red"})
    for region in ("us-east-1", "eu-west-1"):
        kms = server.client("kms", region)
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/twice", TargetKeyId=key)
    assert "Say which" in api.refused(400, "GET", "/explain/alias%2Ftwice")

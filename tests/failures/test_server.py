"""The documented failures in a server: by its control API, and by the handle on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from moto_cks import Cks, HsmError, ReturnCode, cks
from moto_cks.failures.errors import UnmetNeedError
from moto_cks.failures.table import FAILURES
from moto_cks.handle.remote.cks import RemoteCks
from tests.control.api import Api
from tests.failures.drill import CASES, Drill
from tests.server.conftest import Server

UNKNOWN = "cks-00000000000000000"
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def api(server: Server) -> Api:
    return Api(server.port)


@pytest.fixture
def remote(server: Server) -> Cks:
    return RemoteCks(server.endpoint)


@pytest.fixture
def drill(server: Server, remote: Cks) -> Callable[..., Drill]:
    def client(service: str) -> Any:
        return server.client(service, config=ONCE)

    def make(name: str, variant: str | None = None) -> Drill:
        return Drill(remote, client, name, variant, subnet_prefix=28)

    return make


Make = Callable[..., Drill]


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_by_the_remote_handle(name: str, variant: str, drill: Make, remote: Cks) -> None:
    one = drill(name, variant)
    with one.happen() as happening:
        assert (happening.variant, set(happening.key_ids)) == (variant, set(one.key_ids))
        assert remote.failures.happening() == [happening]
        one.look(happening)
        for instruction in one.failure.steps(one.store):
            for command in instruction.commands:
                assert "<store>" not in command.line
    assert remote.failures.happening() == []
    one.prove()


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_by_the_control_api(name: str, variant: str, drill: Make, api: Api) -> None:
    one = drill(name, variant)
    body = {"key_store_id": one.store.id}
    path = f"/failures/{name}"
    happening = api("POST", f"{path}/happen", {**body, "variant": variant})
    assert happening.status == 201
    assert api("GET", "/failures/happening").body == {"happening": [happening.body]}
    steps = api("GET", f"{path}/steps", query=body).body["steps"]
    assert len(steps) == len(one.case.repair)
    for step in steps:
        answer = api("POST", f"{path}/steps/{step['number']}", body)
        assert answer.body == {"over": step["number"] == len(steps)}
    if not steps:
        assert api("POST", f"{path}/repair", body).status == 204
    assert api("GET", "/failures/happening").body == {"happening": []}
    one.prove()


def test_the_table(api: Api) -> None:
    shown = api("GET", "/failures").body["failures"]
    assert [failure["name"] for failure in shown] == list(FAILURES)
    assert shown == [failure.to_dict() for failure in cks.failures.values()]
    assert api("GET", "/failures/user-locked-out").body in shown
    chosen = api(
        "GET",
        "/failures",
        query={"rows": ["C5.8", "F3"], "since": "next use", "recoverable": "true"},
    ).body["failures"]
    assert [failure["name"] for failure in chosen] == ["key-material-deleted", "backup-deleted"]
    assert api("GET", "/failures", query={"recoverable": "false"}).body["failures"] == [
        FAILURES["key-material-lost"].to_dict(),
        FAILURES["key-deleted"].to_dict(),
    ]
    api.refused(400, "GET", "/failures", query={"since": "soon"})
    api.refused(400, "GET", "/failures", query={"recoverable": "perhaps"})


def test_what_is_missing(api: Api) -> None:
    store = api("POST", "/key-stores", {}).body["id"]
    answer = api("POST", "/failures/key-material-lost/happen", {"key_store_id": store})
    assert (answer.status, answer.body["missing"]) == (
        409,
        ["a KMS key in the key store that is not pending deletion"],
    )
    assert answer.body["message"].startswith("key-material-lost needs a KMS key")
    body = {"key_store_id": store}
    assert api("POST", "/failures/user-locked-out/happen", body).status == 201
    again = api("POST", "/failures/user-locked-out/happen", body)
    assert (again.status, again.body["missing"]) == (409, ["user-locked-out to be repaired"])
    other = api("POST", "/failures/internal-error/repair", body)
    assert (other.status, other.body["missing"]) == (409, [f"it to happen to {store}"])
    wrong = api("POST", "/failures/user-locked-out/repair", {**body, "variant": "by-kms"})
    assert wrong.status == 409
    assert (
        api("POST", "/failures/user-locked-out/repair", {**body, "variant": "by-tool"}).status
        == 204
    )


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (404, "GET", "/failures/unknown", None),
        (404, "POST", "/failures/unknown/happen", {"key_store_id": UNKNOWN}),
        (404, "POST", "/failures/store-disconnected/happen", {"key_store_id": UNKNOWN}),
        (404, "POST", "/failures/store-disconnected/repair", {"key_store_id": UNKNOWN}),
        (404, "POST", "/failures/store-disconnected/steps/1", {"key_store_id": UNKNOWN}),
        (400, "POST", "/failures/store-disconnected/happen", {}),
        (400, "POST", "/failures/store-disconnected/repair", {}),
        (400, "POST", "/failures/store-disconnected/steps/1", {}),
        (400, "POST", "/failures/store-disconnected/steps/one", {"key_store_id": UNKNOWN}),
        (400, "POST", "/failures/store-disconnected/happen", {"key_store_id": 5}),
        (400, "POST", "/failures/store-disconnected/happen", {"key_store_id": UNKNOWN, "keys": ""}),
        (405, "POST", "/failures/happening", {}),
        (405, "DELETE", "/failures/store-disconnected/happen", None),
    ],
)
def test_wrong_requests(api: Api, status: int, method: str, path: str, body: Any) -> None:
    api.refused(status, method, path, body)


def test_a_variant_that_is_none(api: Api) -> None:
    store = api("POST", "/key-stores", {}).body["id"]
    body = {"key_store_id": store, "variant": "twice"}
    assert "has no variant" in api.refused(400, "POST", "/failures/user-locked-out/happen", body)
    assert "has no variant" in api.refused(
        400, "GET", "/failures/user-locked-out/steps", query=body
    )
    api.refused(400, "GET", "/failures/user-locked-out/steps")
    api.refused(404, "GET", "/failures/user-locked-out/steps", query={"key_store_id": UNKNOWN})


def test_only_one_key(api: Api, server: Server) -> None:
    store = api("POST", "/key-stores", {}).body["id"]
    first, second = (api("POST", f"/key-stores/{store}/keys", {}).body["key_id"] for _ in range(2))
    body = {"key_store_id": store, "key": first}
    happening = api("POST", "/failures/key-material-deleted/happen", body).body
    assert happening["key_ids"] == [first]
    kms = server.client("kms")
    kms.encrypt(KeyId=second, Plaintext=b"cards")
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.encrypt(KeyId=first, Plaintext=b"cards")


def test_a_reset_of_the_server_forgets_it(api: Api, server: Server, remote: Cks) -> None:
    store = api("POST", "/key-stores", {}).body["id"]
    with remote.failures["slow-connection"].happen(store):
        server.reset()
        assert api("GET", "/failures/happening").body == {"happening": []}
    store = api("POST", "/key-stores", {}).body["id"]
    shown = server.client("kms").describe_custom_key_stores(CustomKeyStoreId=store)
    assert shown["CustomKeyStores"][0]["ConnectionState"] == "CONNECTED"


def test_it_is_in_the_timeline(api: Api) -> None:
    store = api("POST", "/key-stores", {}).body["id"]
    body = {"key_store_id": store}
    api("POST", "/failures/internal-error/happen", body)
    api("POST", "/failures/internal-error/repair", body)
    entries = api("GET", "/timeline", query={"kind": "failure"}).body["entries"]
    assert [(entry["subject"], entry["what"]) for entry in entries] == [
        (store, "internal-error (injected) is brought about"),
        (store, "internal-error is over"),
    ]


# The remote handle raises what the local one raises ----------------------------------------------


def test_the_remote_handle_refuses_as_the_local_one(remote: Cks) -> None:
    store = remote.create_key_store()
    failures = remote.failures
    with pytest.raises(KeyError, match="unknown"):
        failures["unknown"]
    with pytest.raises(ValueError, match="has no variant"):
        failures["user-locked-out"].happen(store, variant="twice")
    with pytest.raises(UnmetNeedError) as refused:
        failures["key-deleted"].happen(store)
    assert refused.value.missing == ("a KMS key in the key store that is not pending deletion",)
    with pytest.raises(KeyError, match=UNKNOWN):
        failures["user-locked-out"].happen(UNKNOWN)
    with pytest.raises(UnmetNeedError, match="it to happen"):
        failures["user-locked-out"].repair(store)
    failures["kmsuser-kept-by-kms"].happen(store)
    with pytest.raises(HsmError) as hsm:
        failures["kmsuser-kept-by-kms"].carry_out(store, 2)
    assert hsm.value.code is ReturnCode.USER_LOGGED_IN
    with pytest.raises(ClientError) as aws:
        failures["kmsuser-kept-by-kms"].carry_out(store, 5)
    assert aws.value.response["Error"]["Code"] == "CustomKeyStoreInvalidStateException"
    assert aws.value.operation_name == "UpdateCustomKeyStore"

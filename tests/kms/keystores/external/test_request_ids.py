"""One request ID: in the proxy's log, in CloudTrail's record, in the SDK's response."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from tests.aws import session
from tests.kms.keystores.external import Owner, creation, credential, failed_response
from tests.kms.keystores.external.scripted import ScriptedProxy, in_memory

CALLS: dict[str, Callable[[Owner], Any]] = {
    "CreateCustomKeyStore": lambda owner: owner.kms.create_custom_key_store(
        **creation(
            owner.proxy,
            "another",
            XksProxyUriPath=owner.proxy.prefixes["/other"].path,
            XksProxyAuthenticationCredential=credential(owner.proxy.prefixes["/other"]),
        )
    ),
    "UpdateCustomKeyStore": lambda owner: owner.kms.update_custom_key_store(
        CustomKeyStoreId=owner.store.id,
        XksProxyAuthenticationCredential=credential(owner.proxy),
    ),
    "CreateKey": lambda owner: owner.kms.create_key(
        Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=owner.store.id, XksKeyId="another"
    ),
    "Encrypt": lambda owner: owner.kms.encrypt(KeyId=owner.key_id, Plaintext=b"x"),
    "Decrypt": lambda owner: owner.kms.decrypt(CiphertextBlob=owner.ciphertext),
    "ReEncrypt": lambda owner: owner.kms.re_encrypt(
        CiphertextBlob=owner.ciphertext, DestinationKeyId=owner.key_id
    ),
    "GenerateDataKey": lambda owner: owner.kms.generate_data_key(
        KeyId=owner.key_id, KeySpec="AES_256"
    ),
}


@pytest.fixture
def prepared(owner: Owner) -> Owner:
    owner.proxy.add_prefix("/other")
    owner.proxy.create_key("another")
    return owner


def same_everywhere(owner: Owner, world: Any, operation: str, response: Any, asked: int) -> str:
    """The one ID; the log has grown by what this request has asked."""
    request_id = str(response["ResponseMetadata"]["RequestId"])
    record = world.trail.events(event_name=operation)[-1]
    assert record["requestID"] == request_id
    entries = list(owner.proxy.log)[asked:]
    assert entries
    assert {entry.metadata["kmsRequestId"] for entry in entries} == {request_id}
    assert owner.proxy.log.find(request_id) == entries
    return request_id


@pytest.mark.parametrize("failing", [False, True])
@pytest.mark.parametrize("operation", CALLS)
def test_x40_4_x60_success_and_failure(
    prepared: Owner, world: Any, operation: str, failing: bool
) -> None:
    asked = len(prepared.proxy.log)
    if failing:
        refused = [prepared.proxy.main.block(), prepared.proxy.prefixes["/other"].block()]
        response = failed_response(lambda: CALLS[operation](prepared))
        assert [entry.error for entry in prepared.proxy.log][asked:] == ["InvalidStateException"]
        assert all(refused)
    else:
        response = CALLS[operation](prepared)
    same_everywhere(prepared, world, operation, response, asked)


def test_x12_x40_4_connecting(owner: Owner, world: Any) -> None:
    owner.disconnect()
    for cause in (nullcontext(), owner.proxy.block()):
        asked = len(owner.proxy.log)
        with cause:
            response = owner.kms.connect_custom_key_store(CustomKeyStoreId=owner.store.id)
        same_everywhere(owner, world, "ConnectCustomKeyStore", response, asked)
        owner.disconnect()


def test_x40_4_x43_3_asked_again_on_another_connection(owner: Owner, world: Any) -> None:
    """KMS's own retry has the ID of the request: nobody else has sent another one."""
    script = ScriptedProxy(owner.proxy)
    refusing = [True]

    def once_silent() -> Any:
        connection = ScriptedProxy.connect(script)
        if refusing:
            refusing.pop()
            connection.feed = lambda data: b""  # type: ignore[method-assign]
        return connection

    script.connect = once_silent  # type: ignore[method-assign]
    with in_memory(owner.proxy.host, script):
        asked = len(owner.proxy.log)
        response = owner.kms.encrypt(KeyId=owner.key_id, Plaintext=b"x")
        assert script.connections == 2
        same_everywhere(owner, world, "Encrypt", response, asked)
    (entry,) = world.timeline.entries(kind="proxy")[-1:]
    (event,) = world.trail.events(event_name="Encrypt")[-1:]
    ids = f"kmsRequestId {event['requestID']}"
    told = rf"Encrypt of external-key-1: answered \(\d+ ms, 2 attempts, {ids}\)"
    assert re.fullmatch(told, entry.what)


def test_x40_4_the_timeline_tells_what_was_asked(owner: Owner, world: Any) -> None:
    response = owner.kms.encrypt(KeyId=owner.key_id, Plaintext=b"x")
    ids = f"kmsRequestId {response['ResponseMetadata']['RequestId']}"
    (entry,) = world.timeline.entries(kind="proxy")[-1:]
    assert re.fullmatch(rf"Encrypt of external-key-1: answered \(\d+ ms, {ids}\)", entry.what)
    owner.disconnect()
    owner.connect()
    (entry,) = world.timeline.entries(kind="proxy")[-1:]
    assert re.fullmatch(
        r"GetHealthStatus: answered \(\d+ ms, kmsRequestId [0-9a-f-]{36}\)", entry.what
    )


def test_x40_4_the_sdk_s_own_retries_have_each_an_id(owner: Owner, world: Any) -> None:
    """A request that the SDK sends again is another request, to KMS and to the proxy."""
    retrying = session().client("kms", "us-east-1")
    world.faults.fail("Encrypt", "DependencyTimeoutException", times=1)
    asked = len(owner.proxy.log)
    response = retrying.encrypt(KeyId=owner.key_id, Plaintext=b"x")
    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    first, second = world.trail.events(event_name="Encrypt")[-2:]
    assert first["requestID"] != second["requestID"]
    assert same_everywhere(owner, world, "Encrypt", response, asked) == second["requestID"]

"""The table of what KMS makes of what comes of asking a proxy, row by row (X46)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from moto_cks.kms.keystores.external import client
from moto_cks.kms.keystores.external.routes import TcpRoute, routes
from tests.aws import error_of
from tests.kms.keystores.external import Owner, creation, credential
from tests.kms.keystores.external.scripted import (
    CARRIERS,
    Reply,
    ScriptedProxy,
    error,
    http,
)
from tests.monitoring.metrics import listed

MALFORMED = (
    "AWS KMS cannot interpret the response from the external key store proxy. If you see this "
    "error repeatedly, report it to your external key store proxy administrator."
)
UNREACHABLE = (
    "AWS KMS cannot communicate with the external key store proxy. This might be a transient "
    "network issue. If you see this error repeatedly, verify that your external key store proxy "
    "is active and is connected to the network, and that its endpoint URI is correct in your "
    "external key store."
)
STATE = "CustomKeyStoreInvalidStateException"
SECRET_WORDS = "only for the timeline"


class Row(NamedTuple):
    """A row: what happens, and what follows from it, column by column."""

    happens: str
    key_store: str | None
    create_key: str | None
    code: str | None
    message: str


def answered(name: str) -> str:
    return f"answers {name}"


ROWS = {
    "x46.1": Row(
        answered("ValidationException"),
        "XksProxyInvalidResponseException",
        STATE,
        "XKS_PROXY_INVALID_RESPONSE",
        MALFORMED,
    ),
    "x46.2": Row(
        answered("InvalidStateException"),
        "XksProxyUriUnreachableException",
        "XksKeyInvalidConfigurationException",
        "XKS_PROXY_NOT_REACHABLE",
        "The external key associated with this KMS key in an external key store is not enabled in "
        "the external key manager. Enable the external key in the external key manager and retry "
        "the request.",
    ),
    "x46.3": Row(
        answered("InvalidCiphertextException"),
        None,
        None,
        None,
        "The external key store proxy rejected the request because the specified ciphertext or "
        "additional authenticated data is corrupted, missing, or otherwise invalid.",
    ),
    "x46.4": Row(
        answered("InvalidKeyUsageException"),
        None,
        "XksKeyInvalidConfigurationException",
        None,
        "The external key associated with this KMS key in an external key store does not support "
        "the requested operation. Enable the operation on the key in your external key manager, "
        "and try the request again.",
    ),
    "x46.5": Row(
        answered("AuthenticationFailedException"),
        "XksProxyIncorrectAuthenticationCredentialException",
        STATE,
        "INVALID_CREDENTIALS",
        "The external key store proxy rejected the request because it could not authenticate AWS "
        "KMS. Verify the XKS proxy authentication credentials for your external key store and "
        "update if necessary.",
    ),
    "x46.6": Row(
        answered("AccessDeniedException"),
        "XksProxyInvalidConfigurationException",
        STATE,
        "XKS_PROXY_ACCESS_DENIED",
        "The external key store proxy denied access to the operation. Verify that the user and the "
        "external key are both authorized for this operation, and try the request again.",
    ),
    "x46.7": Row(
        answered("KeyNotFoundException"),
        None,
        "XksKeyNotFoundException",
        None,
        "The external key associated with this KMS key in an external key store was not found in "
        "its external key manager. If the external key ID associated with this KMS key is "
        "incorrect, create a new KMS key with the correct external key ID.",
    ),
    "x46.8": Row(
        answered("InvalidUriPathException"),
        "XksProxyInvalidConfigurationException",
        STATE,
        "XKS_PROXY_INVALID_CONFIGURATION",
        "The external key store proxy rejected the request because of an invalid URI path. Verify "
        "the URI path for your external key store and update if necessary.",
    ),
    "x46.9": Row(
        answered("UnsupportedOperationException"),
        "XksProxyInvalidResponseException",
        STATE,
        "XKS_PROXY_INVALID_RESPONSE",
        "The external key store proxy rejected the request because it does not support the "
        "requested operation. If you see this error repeatedly, report it to your external key "
        "store proxy administrator.",
    ),
    "x46.10": Row(
        answered("DependencyTimeoutException"),
        "XksProxyUriUnreachableException",
        STATE,
        "XKS_PROXY_TIMED_OUT",
        "The external key store proxy did not respond to the request in the time allotted. Retry "
        "the request. If you see this error repeatedly, report it to your external key store proxy "
        "administrator.",
    ),
    "x46.11": Row(
        answered("ThrottlingException"),
        "XksProxyUriUnreachableException",
        STATE,
        "XKS_PROXY_NOT_REACHABLE",
        "The external key store proxy rejected the request due to a very high request rate. Reduce "
        "the frequency of your calls using KMS keys in this external key store.",
    ),
    "x46.12": Row(
        answered("InternalException"),
        "XksProxyInvalidResponseException",
        STATE,
        "XKS_PROXY_INVALID_RESPONSE",
        "The external key store proxy rejected the request because it cannot communicate with the "
        "external key manager. Verify that the external key store proxy configuration is correct "
        "and that the external key manager is available.",
    ),
    "x46.13": Row(
        "refuses connections",
        "XksProxyUriUnreachableException",
        STATE,
        "XKS_PROXY_NOT_REACHABLE",
        UNREACHABLE,
    ),
    "x46.14": Row(
        "shows a wrong certificate",
        "XksProxyUriUnreachableException",
        STATE,
        "XKS_PROXY_INVALID_TLS_CONFIGURATION",
        "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS "
        "configuration, including its certificate.",
    ),
    "x46.15": Row(
        "says nothing",
        "XksProxyUriUnreachableException",
        STATE,
        "XKS_PROXY_TIMED_OUT",
        "AWS KMS rejected the request because the external key store proxy did not respond in "
        "time. Retry the request. If you see this error repeatedly, report it to your external key "
        "store proxy administrator.",
    ),
    "x46.16": Row(
        "cuts the connection",
        "XksProxyUriUnreachableException",
        STATE,
        "NETWORK_ERRORS",
        UNREACHABLE,
    ),
    "x46.18": Row(
        "talks nonsense",
        "XksProxyInvalidResponseException",
        STATE,
        "XKS_PROXY_INVALID_RESPONSE",
        MALFORMED,
    ),
}


class Stage(NamedTuple):
    """A key store whose proxy is told what to do."""

    owner: Owner
    script: ScriptedProxy
    carrier: str
    address: tuple[str, int]

    def begin(self, happens: str) -> None:
        script = self.script
        if happens.startswith("answers "):
            name = happens.removeprefix("answers ")
            script.replies["*"] = Reply(error(name, SECRET_WORDS))
        elif happens == "refuses connections":
            script.refuses = True
            if self.carrier == "TCP":
                route = routes().by_host[script.proxy.host]
                assert isinstance(route, TcpRoute)
                route.address = nobody()
        elif happens == "shows a wrong certificate":
            script.proxy.certificate.renew(issuer="unknown")
        elif happens == "says nothing":
            script.replies["*"] = Reply(b"")
        elif happens == "cuts the connection":
            script.replies["*"] = Reply(b"HTTP/1.1 200 OK\r\nContent-Le", "cut")
        else:
            script.replies["*"] = Reply(http(b"nonsense"))
        self.hang_up()

    def end(self) -> None:
        self.script.replies.clear()
        self.script.refuses = False
        route = routes().by_host[self.script.proxy.host]
        if isinstance(route, TcpRoute):
            route.address = self.address
        self.script.proxy.certificate.renew()
        self.hang_up()

    def hang_up(self) -> None:
        """Have KMS connect anew, as it would in the long run."""
        from moto_cks.kms.keystores.external.connections import connections  # noqa: PLC0415

        connections().of(self.owner.store.id).drop()


def nobody() -> tuple[str, int]:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address: tuple[str, int] = listener.getsockname()
        return address


@pytest.fixture(params=CARRIERS)
def stage(request: Any, world: Any) -> Iterator[Stage]:
    owner = Owner(world.create_external_key_store())
    script = ScriptedProxy(owner.proxy)
    with CARRIERS[request.param](owner.proxy.host, script):
        route = routes().by_host[owner.proxy.host]
        yield Stage(owner, script, request.param, getattr(route, "address", ("", 0)))


RETRYABLE = frozenset(
    {
        *("DependencyTimeoutException", "ThrottlingException", "InternalException"),
        "XksProxyUnreachableException",
    }
)
"""The names in CloudWatch's metrics of what may succeed when it is tried again."""


def counted(store_id: str, operation: str) -> set[tuple[str, str]]:
    """ErrorType and ExceptionName of the metrics that tell of an operation."""
    return {
        (each["ErrorType"], each["ExceptionName"])
        for each in listed("AWS/KMS", "XksProxyErrors")
        if (each["CustomKeyStoreId"], each["KmsOperation"]) == (store_id, operation)
    }


def counted_as(row: Row) -> str:
    """The name in CloudWatch's metrics of what happens."""
    if row.happens == "talks nonsense":
        return "XksProxyInvalidResponseException"
    name = row.happens.removeprefix("answers ")
    return "XksProxyUnreachableException" if name == row.happens else name


@pytest.mark.parametrize("name", ROWS)
def test_x46_x60_x64_1_each_row_in_each_column(
    stage: Stage, world: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "x46.15":
        monkeypatch.setattr(client, "SECONDS", 0.1)
    row, owner, kms = ROWS[name], stage.owner, stage.owner.kms
    assert owner.works()
    stage.begin(row.happens)

    for call in (owner.encrypt, owner.decrypt):
        expected = row.message
        if name == "x46.3" and call == owner.encrypt:
            expected = MALFORMED  # nothing was given that could be wrong
        assert error_of(call) == ("KMSInvalidStateException", expected)
        (event,) = world.trail.events(error_code="KMSInvalidStateException")[-1:]
        assert event["errorMessage"] == expected
        assert event["additionalEventData"] == {
            "customKeyStoreId": owner.store.id,
            "xksKeyId": "external-key-1",
        }
        assert SECRET_WORDS not in str(event)
        shown = counted_as(row) if expected == row.message else counted_as(ROWS["x46.18"])
        kind = "Retryable errors" if shown in RETRYABLE else "Non-retryable errors"
        failures = counted(owner.store.id, event["eventName"])
        assert failures == {("N/A", "None"), (kind, shown)}
    assert (SECRET_WORDS in str(world.timeline)) == row.happens.startswith("answers")

    before = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    new_key = {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "another"}
    found = error_of(kms.create_key, CustomKeyStoreId=owner.store.id, **new_key)
    as_row = (row.create_key, row.message) if row.create_key else (STATE, MALFORMED)
    assert found == as_row
    assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == before

    as_row = (
        (row.key_store, row.message)
        if row.key_store
        else ("XksProxyInvalidResponseException", MALFORMED)
    )
    changes = {"XksProxyAuthenticationCredential": credential(owner.proxy)}
    assert owner.cannot_update(**changes) == as_row
    stores = kms.describe_custom_key_stores()["CustomKeyStores"]
    other_path = {"XksProxyUriPath": "/other/kms/xks/v1"}
    created = creation(owner.proxy, "another", **other_path)
    assert error_of(kms.create_custom_key_store, **created) == as_row
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == stores

    assert owner.state() == ("CONNECTED", None)
    assert owner.reconnect() == ("FAILED", row.code or "XKS_PROXY_INVALID_RESPONSE")
    stage.end()
    assert owner.reconnect() == ("CONNECTED", None)
    assert owner.works()


def test_x46_17_no_instance_is_available(world: Any, kms: Any) -> None:
    proxy = world.xks_proxy()
    proxy.instances[0].health = "UNAVAILABLE"
    assert error_of(kms.create_custom_key_store, **creation(proxy)) == (
        "XksProxyUriUnreachableException",
        "The external key store proxy is in an unhealthy state. If you see this message "
        "repeatedly, notify your external key store proxy administrator.",
    )


def test_x46_19_wrong_bytes_from_decrypt(owner: Owner) -> None:
    with owner.proxy.defect("wrong-plaintext"):
        assert owner.why_not(owner.decrypt) == (
            "The ciphertext that the external key store proxy submitted for decryption, or the "
            "encryption context, is corrupted, missing, or otherwise invalid."
        )
    assert owner.works()

"""The table of what KMS makes of what comes of asking a proxy, row by row (X46)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest

from moto_cks.kms.keystores.external import client
from moto_cks.kms.keystores.external.routes import TcpRoute, routes
from tests.aws import error_of
from tests.kms.keystores.external import Owner, creation, credential, failed_response
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
KEY_STATE = "KMSInvalidStateException"
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


NEVER_ASKED = ("refuses connections", "shows a wrong certificate")


class Stage(NamedTuple):
    """A key store whose proxy is told what to do."""

    owner: Owner
    script: ScriptedProxy
    carrier: str
    address: tuple[str, int]
    patience: ExitStack

    def begin(self, happens: str) -> None:
        script = self.script
        assert self.owner.works()
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
            self.patience.enter_context(patch.object(client, "SECONDS", 0.1))
        elif happens == "cuts the connection":
            script.replies["*"] = Reply(b"HTTP/1.1 200 OK\r\nContent-Le", "cut")
        else:
            script.replies["*"] = Reply(http(b"nonsense"))
        self.hang_up()
        script.log.clear()

    def end(self) -> None:
        self.patience.close()
        self.script.replies.clear()
        self.script.log.clear()
        self.script.refuses = False
        route = routes().by_host[self.script.proxy.host]
        if isinstance(route, TcpRoute):
            route.address = self.address
        # Over TCP the date is the machine's, and the simulated one can be a moment ahead of it.
        self.script.proxy.certificate.renew(starts=-1)
        self.hang_up()

    def reached(self, row: Row, request: Any) -> list[set[Any]]:
        """What the proxy has seen: the request or nothing."""
        if row.happens in NEVER_ASKED:
            return [set()]
        # On a busy machine KMS may have given up before the request has arrived.
        late = self.carrier == "TCP" and row.happens == "says nothing"
        return [{request}, set()] if late else [{request}]

    def hang_up(self) -> None:
        """Have KMS connect anew, as it would in the long run."""
        from moto_cks.kms.keystores.external.connections import connections  # noqa: PLC0415

        connections().of(self.owner.store.id).drop()


def nobody() -> tuple[str, int]:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address: tuple[str, int] = listener.getsockname()
        return address


@contextmanager
def on_stage(world: Any, carrier: str) -> Iterator[Stage]:
    owner = Owner(world.create_external_key_store())
    script = ScriptedProxy(owner.proxy)
    with CARRIERS[carrier](owner.proxy.host, script):
        route = routes().by_host[owner.proxy.host]
        with ExitStack() as patience:
            yield Stage(owner, script, carrier, getattr(route, "address", ("", 0)), patience)


class Column(NamedTuple):
    """A column: the call that is made, and what it has to end in.

    Attributes:
        operation: the operation of KMS.
        api: what the proxy is asked first, if it can be asked.
        call: makes it.
        expected: code and message.
    """

    operation: str
    api: str
    call: Callable[[Owner], Any]
    expected: Callable[[Row], tuple[str, str]]


def malformed_unless(named: str | None, row: Row, code: str) -> tuple[str, str]:
    """What a row says; where it does not come up, the answer is malformed."""
    return (code, MALFORMED) if named is None else (named, row.message)


def of_key_store(row: Row) -> tuple[str, str]:
    return malformed_unless(row.key_store, row, "XksProxyInvalidResponseException")


def create_another(owner: Owner) -> None:
    path = {"XksProxyUriPath": "/other/kms/xks/v1"}
    owner.kms.create_custom_key_store(**creation(owner.proxy, "another", **path))


COLUMNS = {
    "CreateCustomKeyStore": Column(
        "CreateCustomKeyStore", "GetHealthStatus", create_another, of_key_store
    ),
    "UpdateCustomKeyStore": Column(
        "UpdateCustomKeyStore",
        "GetHealthStatus",
        lambda owner: owner.update(XksProxyAuthenticationCredential=credential(owner.proxy)),
        of_key_store,
    ),
    "CreateKey": Column(
        "CreateKey",
        "GetKeyMetadata",
        lambda owner: owner.kms.create_key(
            Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=owner.store.id, XksKeyId="another"
        ),
        lambda row: malformed_unless(row.create_key, row, STATE),
    ),
    "Encrypt": Column(
        "Encrypt",
        "Encrypt",
        lambda owner: owner.encrypt(),
        # Nothing was given that could be wrong.
        lambda row: (KEY_STATE, MALFORMED if "InvalidCiphertext" in row.happens else row.message),
    ),
    "Decrypt": Column(
        "Decrypt", "Decrypt", lambda owner: owner.decrypt(), lambda row: (KEY_STATE, row.message)
    ),
}
CRYPTOGRAPHIC = ("Encrypt", "Decrypt")
OVER_TCP = ("Decrypt",)
ERRORS = [name for name, row in ROWS.items() if row.happens.startswith("answers ")]
"""The rows of what a proxy answers with an error; in the others it does not come to an answer."""
HALF = len(ERRORS) // 2


def cells_of(rows: list[str]) -> Any:
    """Each row in each column."""
    return pytest.mark.parametrize(
        ("name", "column", "carrier"),
        [
            pytest.param(row, column, carrier, id=f"{row}-{column}-{carrier}")
            for row in rows
            for column in COLUMNS
            for carrier in CARRIERS
            if carrier == "memory" or column in OVER_TCP
        ],
    )


@cells_of(ERRORS[:HALF])
def test_x46_1_x46_2_x46_3_x46_4_x46_5_x46_6_x60_x64_1_each_row_in_each_column(
    world: Any, name: str, column: str, carrier: str
) -> None:
    means_what_the_row_says(world, name, column, carrier)


@cells_of(ERRORS[HALF:])
def test_x46_7_x46_8_x46_9_x46_10_x46_11_x46_12_x60_x64_1_each_row_in_each_column(
    world: Any, name: str, column: str, carrier: str
) -> None:
    means_what_the_row_says(world, name, column, carrier)


@cells_of([row for row in ROWS if row not in ERRORS])
def test_x46_13_x46_14_x46_15_x46_16_x46_18_x60_x64_1_each_row_in_each_column(
    world: Any, name: str, column: str, carrier: str
) -> None:
    means_what_the_row_says(world, name, column, carrier)


def means_what_the_row_says(world: Any, name: str, column: str, carrier: str) -> None:
    """Exception, message, record, metric, the log of the proxy, and that nothing has changed."""
    row, cell = ROWS[name], COLUMNS[column]
    with on_stage(world, carrier) as stage:
        owner, script = stage.owner, stage.script
        stage.begin(row.happens)
        before = everything(owner)
        said = failed_response(lambda: cell.call(owner))
        assert (said["Error"]["Code"], said["Error"]["Message"]) == cell.expected(row)

        event = world.trail.events()[-1]
        request_id = said["ResponseMetadata"]["RequestId"]
        assert (event["eventName"], event["requestID"]) == (cell.operation, request_id)
        assert (event["errorCode"], event["errorMessage"]) == cell.expected(row)
        if column in CRYPTOGRAPHIC:
            assert event["additionalEventData"] == {
                "customKeyStoreId": owner.store.id,
                "xksKeyId": "external-key-1",
            }
        assert SECRET_WORDS not in f"{event}{said}"

        asked = {(each["api"], each["kmsOperation"], each["kmsRequestId"]) for each in script.log}
        assert asked in stage.reached(row, (cell.api, cell.operation, request_id))
        (entry,) = world.timeline.entries(kind="proxy")[-1:]
        assert request_id in entry.what
        assert (SECRET_WORDS in entry.what) == row.happens.startswith("answers")

        if column != "CreateCustomKeyStore":  # of which there is no key store yet
            failure = counted_as(cell.expected(row)[1], row)
            assert counted(owner.store.id, cell.operation) - {("N/A", "None")} == {failure}

        assert everything(owner) == before
        stage.end()
        assert owner.works()


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


def counted_as(message: str, row: Row) -> tuple[str, str]:
    """ErrorType and ExceptionName of what happens."""
    name = row.happens.removeprefix("answers ")
    if message != row.message or row.happens == "talks nonsense":
        name = "XksProxyInvalidResponseException"
    elif name == row.happens:
        name = "XksProxyUnreachableException"
    return ("Retryable errors" if name in RETRYABLE else "Non-retryable errors", name)


def everything(owner: Owner) -> list[Any]:
    """The key stores and the keys that there are."""
    stores = owner.kms.describe_custom_key_stores()["CustomKeyStores"]
    keys = [key["KeyId"] for key in owner.kms.list_keys()["Keys"]]
    return [stores, [owner.kms.describe_key(KeyId=key)["KeyMetadata"] for key in keys]]


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", ROWS)
def test_x46_x17_each_row_as_a_connection_error(world: Any, name: str, carrier: str) -> None:
    row = ROWS[name]
    with on_stage(world, carrier) as stage:
        owner = stage.owner
        stage.begin(row.happens)
        assert owner.state() == ("CONNECTED", None)
        assert owner.reconnect() == ("FAILED", row.code or "XKS_PROXY_INVALID_RESPONSE")
        event = world.trail.events(event_name="ConnectCustomKeyStore")[-1]
        assert "errorCode" not in event
        ids = {each["kmsRequestId"] for each in stage.script.log}
        assert ids in stage.reached(row, event["requestID"])
        assert (SECRET_WORDS in str(world.timeline)) == row.happens.startswith("answers")
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


INNER_LAYER = (
    "The ciphertext that the external key store proxy submitted for decryption, or the encryption "
    "context, is corrupted, missing, or otherwise invalid."
)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_x46_19_x60_x64_1_wrong_bytes_from_decrypt(world: Any, carrier: str) -> None:
    """The proxy knows of nothing; exception, message, record and metric say that KMS does."""
    with on_stage(world, carrier) as stage:
        owner = stage.owner
        stage.script.log.clear()
        with owner.proxy.defect("wrong-plaintext"):
            said = failed_response(owner.decrypt)
        assert (said["Error"]["Code"], said["Error"]["Message"]) == (KEY_STATE, INNER_LAYER)
        event, request_id = world.trail.events()[-1], said["ResponseMetadata"]["RequestId"]
        assert (event["errorCode"], event["errorMessage"]) == (KEY_STATE, INNER_LAYER)
        assert (event["eventName"], event["requestID"]) == ("Decrypt", request_id)
        assert [each["kmsRequestId"] for each in stage.script.log] == [request_id]
        (entry,) = world.timeline.entries(kind="proxy")[-1:]
        assert entry.what.startswith("Decrypt of external-key-1: wrong bytes from decrypt (")
        assert counted(owner.store.id, "Decrypt") == {
            ("Non-retryable errors", "XksProxyInvalidResponseException")
        }
        assert owner.works()

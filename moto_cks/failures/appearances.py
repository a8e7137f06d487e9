"""The four appearances that most failures have, with what differs, and the events.

A key store is CLOSED: nothing goes; MUTE: it reads CONNECTED, but KMS cannot reach the cluster;
GONE: the material of a key is lost; or WELL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from moto_cks.failures.expectations import EventPattern, Refusal, Seen
from moto_cks.kms.keys.states import KeyState
from moto_cks.kms.keystores.cloudhsm.store import LOCKED_OUT, UNREACHABLE
from moto_cks.kms.keystores.connection import CONNECT, ConnectionErrorCode, ConnectionState

CRYPTO = ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext")
"""The cryptographic operations on a key."""

RANDOM = "GenerateRandom"
CREATE_KEY = "CreateKey"
UPDATE = "UpdateCustomKeyStore"

Refusals = Mapping[str, Refusal]

# What calls are refused with ----------------------------------------------------------------------

UNAVAILABLE = Refusal("KMSInvalidStateException", "<key ARN> is unavailable.")
PENDING_DELETION = Refusal("KMSInvalidStateException", "<key ARN> is pending deletion.")
OUT_OF_REACH = Refusal("KMSInvalidStateException", UNREACHABLE)
NO_ANSWER = Refusal("DependencyTimeoutException", UNREACHABLE, 503)
LOCKED = Refusal("KMSInvalidStateException", LOCKED_OUT)
LOCKED_NO_ANSWER = Refusal("DependencyTimeoutException", LOCKED_OUT, 503)


def not_in(state: ConnectionState) -> Refusal:
    """What is refused because of the connection state."""
    return Refusal(
        "CustomKeyStoreInvalidStateException",
        "The request was rejected because of the ConnectionState of the custom key store: "
        f"{state.value}.",
    )


def of_crypto(refusal: Refusal) -> dict[str, Refusal]:
    """One refusal for every cryptographic operation on a key."""
    return dict.fromkeys(CRYPTO, refusal)


# What CloudTrail records --------------------------------------------------------------------------

_OF_STORE = {"requestParameters": {"customKeyStoreId": ["<store>"]}}
_USE_OF_STORE = {"additionalEventData": {"customKeyStoreId": ["<store>"]}}


def use(error_code: str = "KMSInvalidStateException") -> EventPattern:
    """A cryptographic operation that fails: what an alarm can count."""
    return EventPattern("kms", CRYPTO, error_code, _USE_OF_STORE)


def kms_event(name: str, error_code: str | None = None) -> EventPattern:
    """A call of KMS on the key store."""
    return EventPattern("kms", (name,), error_code, _OF_STORE)


def cloudhsm_event(name: str, error_code: str | None = None) -> EventPattern:
    """A call of CloudHSM."""
    return EventPattern("cloudhsm", (name,), error_code)


def key_event(name: str) -> EventPattern:
    """A call of KMS on a key."""
    return EventPattern("kms", (name,))


def deletion(status: str) -> EventPattern:
    """KMS has deleted a key, and its material or not: ``SUCCESS`` or ``FAILURE``."""
    data = {
        "customKeyStoreId": ["<store>"],
        "backingKeysDeletionStatus": [{"wildcard": f"*{status}*"}],
    }
    return EventPattern("kms", ("DeleteKey",), None, {"additionalEventData": data}, by_service=True)


USE = use()
SILENT_CONNECT = kms_event(CONNECT)
"""A connection attempt is recorded before it fails: its record has no errorCode."""

# The appearances ----------------------------------------------------------------------------------


def closed(
    state: ConnectionState,
    error_code: ConnectionErrorCode | None = None,
    *,
    key_state: KeyState | None = KeyState.UNAVAILABLE,
    use_refused: Refusal = UNAVAILABLE,
    calls: Refusals | None = None,
    events: tuple[EventPattern, ...] = (),
) -> Seen:
    """CLOSED: the key store is not connected, and its keys read Unavailable at once.

    Args:
        state: ConnectionState.
        error_code: ConnectionErrorCode.
        key_state: KeyState; ``None`` where the key is gone.
        use_refused: what the use of a key is refused with.
        calls: what else is refused, or otherwise.
        events: what CloudTrail has besides the uses that fail.
    """
    refused = not_in(state)
    connecting = (ConnectionState.FAILED, ConnectionState.DISCONNECTING)
    return Seen(
        "CLOSED",
        state,
        error_code,
        key_state,
        key_state,
        {
            **of_crypto(use_refused),
            CREATE_KEY: refused,
            RANDOM: refused,
            **({CONNECT: refused} if state in connecting else {}),
            **(calls or {}),
        },
        (*events, USE),
    )


def failed(error_code: ConnectionErrorCode, *events: EventPattern) -> Seen:
    """CLOSED: an attempt to connect has FAILED."""
    return closed(ConnectionState.FAILED, error_code, events=(*events, SILENT_CONNECT))


def mute(create_key: Refusal, *events: EventPattern, use_refused: Refusal = OUT_OF_REACH) -> Seen:
    """MUTE: the key store reads CONNECTED and its keys Enabled, and KMS cannot reach the cluster.

    Args:
        create_key: what CreateKey is refused with.
        events: what CloudTrail has besides the uses that fail.
        use_refused: what the use of a key is refused with; GenerateRandom says the same.
    """
    return Seen(
        "MUTE",
        ConnectionState.CONNECTED,
        None,
        KeyState.ENABLED,
        KeyState.ENABLED,
        {
            **of_crypto(use_refused),
            CREATE_KEY: create_key,
            RANDOM: replace(NO_ANSWER, message=use_refused.message),
        },
        (*events, USE),
    )


def gone(calls: Refusals | None = None, *events: EventPattern) -> Seen:
    """GONE: the material of the key is lost, which shows at its next use; other keys work.

    Args:
        calls: what else is refused.
        events: what CloudTrail has besides the uses that fail.
    """
    return Seen(
        "GONE",
        ConnectionState.CONNECTED,
        None,
        KeyState.ENABLED,
        KeyState.UNAVAILABLE,
        {**of_crypto(UNAVAILABLE), **(calls or {})},
        (*events, USE),
    )


def well(
    calls: Refusals,
    *events: EventPattern,
    key_state: KeyState | None = KeyState.ENABLED,
    once: bool = False,
) -> Seen:
    """WELL, but for some calls.

    Args:
        calls: what is refused.
        events: what CloudTrail has.
        key_state: KeyState; ``None`` where the key is gone.
        once: whether only the first of these calls is refused.
    """
    connected = ConnectionState.CONNECTED
    return Seen("WELL", connected, None, key_state, key_state, calls, events, once)

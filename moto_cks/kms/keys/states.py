"""Which operation works in which key state: the table of "Key states of AWS KMS keys".

The table says, for each operation and state, *ok* or the numbers of the footnotes that explain
why it may fail. A footnote is an error and the keys to which it applies. Read a row against
https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html; the rest of this module is the
interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from moto_cks.enums import StrEnum
from moto_cks.kms.exceptions import (
    DisabledException,
    KmsException,
    KMSInvalidStateException,
    UnsupportedOperationException,
)
from moto_cks.kms.keystores.types import KEY_STORE_TYPES, KeyStoreType


class KeyState(StrEnum):
    """The states of a KMS key; PendingReplicaDeletion reads the column of PendingDeletion."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"
    UNAVAILABLE = "Unavailable"
    CREATING = "Creating"
    UPDATING = "Updating"


PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
"""The state of a primary key that is going to be deleted, but has replicas yet."""


class KeyFacts(Protocol):
    """What the footnotes ask about a key."""

    arn: str
    origin: str


@dataclass(frozen=True)
class Note:
    """A footnote: the error, its message, and the keys to which it applies.

    Attributes:
        by_origin: other messages, for the keys of an origin.
    """

    error: type[KmsException]
    message: str
    applies: Callable[[KeyFacts], bool] = lambda key: True
    by_origin: Mapping[str, str] = field(default_factory=dict)

    def text(self, key: KeyFacts) -> str:
        """The message, for a key."""
        message = self.by_origin.get(key.origin, self.message)
        return message.format(arn=key.arn, origin=key.origin)


IMPORTED = "EXTERNAL"


def _imported(key: KeyFacts) -> bool:
    return key.origin == IMPORTED


def _not_imported(key: KeyFacts) -> bool:
    return key.origin != IMPORTED


def _in_key_store(key: KeyFacts) -> bool:
    return key.origin in KEY_STORE_TYPES


WRONG_ORIGIN = "{arn} origin is {origin} which is not valid for this operation."

NOT_CONNECTED = (
    "This KMS key is in a custom key store that is not connected to its external key store proxy. "
    "Connect the external key store and try the request again."
)
"""AWS KMS External Key Store Proxy API Specification 1.0.3, "Error codes"."""

NOTES = {
    1: Note(DisabledException, "{arn} is disabled."),
    3: Note(KMSInvalidStateException, "{arn} is pending deletion."),
    4: Note(KMSInvalidStateException, "{arn} is not pending deletion."),
    5: Note(KMSInvalidStateException, "{arn} is pending import."),
    6: Note(UnsupportedOperationException, WRONG_ORIGIN),
    7: Note(UnsupportedOperationException, WRONG_ORIGIN, _in_key_store),
    8: Note(KMSInvalidStateException, "{arn} is pending deletion.", _imported),
    9: Note(UnsupportedOperationException, WRONG_ORIGIN, _not_imported),
    11: Note(
        KMSInvalidStateException,
        "{arn} is unavailable.",
        by_origin={KeyStoreType.EXTERNAL_KEY_STORE.value: NOT_CONNECTED},
    ),
    14: Note(KMSInvalidStateException, "{arn} is creating."),
    15: Note(KMSInvalidStateException, "{arn} is updating."),
}
"""Footnote 2 is footnote 3, as the service answers it. Footnote 5 is as it was recorded; the page
goes on with the reason. Of ImportKeyMaterial the page has footnote 9 alone for keys that are
pending deletion, which does not say why keys with imported material fail; footnote 8 does.
The specification of external key stores has another message than the page for their keys.
Footnotes 10, 12 and 13 are no errors of a state: 10 is why UpdateAlias looks at the new target
only, 12 and 13 are how keys in a key store keep their state
(:class:`moto_cks.kms.keys.kinds.CustomKeyStoreKey`)."""

Cell = tuple[int, ...]
OK: Cell = ()

# Rows that many operations share; columns in the order of KeyState.
#            Enabled Disabled Pending  Pending Unavai- Crea-  Upda-
#                             Deletion Import  lable   ting   ting
_ALWAYS = (OK, OK, OK, OK, OK, OK, OK)
_UNLESS_DELETING = (OK, OK, (3,), OK, OK, OK, OK)
_CRYPTOGRAPHIC = (OK, (1,), (3,), (5,), (11,), (14,), OK)
# Keys that can do these are in no key store.
_ASYMMETRIC_OR_HMAC = (OK, (1,), (3,), (5,), OK, (14,), OK)
_KEY_PAIR = (OK, (1,), (3,), (5,), (7,), (14,), OK)
_SWITCH = (OK, OK, (3,), (5,), OK, (14,), (15,))
# The origin matters before the state: a key that can never rotate is not "disabled" for rotation.
_ROTATION = ((7,), (7, 1), (7, 3), (6,), (7,), (14,), (7,))
_ROTATION_STATUS = ((7,), (7,), (7,), (6,), (7,), (7,), (7,))

TABLE: Mapping[str, tuple[Cell, ...]] = MappingProxyType(
    {
        "CancelKeyDeletion": ((4,), (4,), OK, (4,), (4,), (4,), (4,)),
        "CreateAlias": _UNLESS_DELETING,
        "CreateGrant": (OK, (1,), (3,), (5,), OK, (14,), OK),
        "Decapsulate": _ASYMMETRIC_OR_HMAC,
        "Decrypt": _CRYPTOGRAPHIC,
        "DeleteAlias": _ALWAYS,
        "DeleteImportedKeyMaterial": ((9,), (9,), (9,), OK, (9,), (14,), (15,)),
        "DeriveSharedSecret": _ASYMMETRIC_OR_HMAC,
        "DescribeKey": _ALWAYS,
        "DisableKey": _SWITCH,
        "DisableKeyRotation": _ROTATION,
        "EnableKey": _SWITCH,
        "EnableKeyRotation": _ROTATION,
        "Encapsulate": _ASYMMETRIC_OR_HMAC,
        "Encrypt": _CRYPTOGRAPHIC,
        "GenerateDataKey": _CRYPTOGRAPHIC,
        "GenerateDataKeyPair": _KEY_PAIR,
        "GenerateDataKeyPairWithoutPlaintext": _KEY_PAIR,
        "GenerateDataKeyWithoutPlaintext": _CRYPTOGRAPHIC,
        "GenerateMac": _ASYMMETRIC_OR_HMAC,
        "GetKeyLastUsage": _ALWAYS,
        "GetKeyPolicy": _ALWAYS,
        "GetKeyRotationStatus": _ROTATION_STATUS,
        "GetParametersForImport": ((9,), (9,), (8, 9), OK, (9,), (14,), (15,)),
        "GetPublicKey": (OK, OK, (3,), OK, OK, (14,), OK),
        "ImportKeyMaterial": ((9,), (9,), (8, 9), OK, (9,), (14,), OK),
        "ListAliases": _ALWAYS,
        "ListGrants": _ALWAYS,
        "ListKeyPolicies": _ALWAYS,
        "ListKeyRotations": ((7,), (7,), (7,), OK, (7,), (7,), (7,)),
        "ListResourceTags": _ALWAYS,
        "PutKeyPolicy": _ALWAYS,
        "ReEncrypt": _CRYPTOGRAPHIC,
        "ReplicateKey": (OK, (1,), (3,), (5,), OK, (14,), (15,)),
        "RetireGrant": _ALWAYS,
        "RevokeGrant": _ALWAYS,
        "RotateKeyOnDemand": ((7,), (7, 1), (7, 3), (5,), (7,), (14,), (7,)),
        "ScheduleKeyDeletion": (OK, OK, (3,), OK, OK, OK, (15,)),
        "Sign": _ASYMMETRIC_OR_HMAC,
        "TagResource": _UNLESS_DELETING,
        "UntagResource": _UNLESS_DELETING,
        "UpdateAlias": _UNLESS_DELETING,
        "UpdateKeyDescription": _UNLESS_DELETING,
        "UpdatePrimaryRegion": (OK, (1,), (3,), (5,), OK, (14,), OK),
        "Verify": _ASYMMETRIC_OR_HMAC,
        "VerifyMac": _ASYMMETRIC_OR_HMAC,
    }
)

_COLUMN = {state.value: column for column, state in enumerate(KeyState)}
_COLUMN[PENDING_REPLICA_DELETION] = _COLUMN["PendingDeletion"]

ALWAYS_POSSIBLE = frozenset(
    (operation, state)
    for operation, row in TABLE.items()
    for state, column in _COLUMN.items()
    if row[column] == OK
)
"""The operations and states for which the table says *ok*, whatever the key."""


def refusal(operation: str, state: str, key: KeyFacts) -> Note | None:
    """The footnote for which an operation is refused, if it is.

    Args:
        operation: the name of the operation, in the table or not.
        state: the state that the key reads.
        key: the key.
    """
    row = TABLE.get(operation)
    numbers = OK if row is None else row[_COLUMN[state]]
    return next((NOTES[number] for number in numbers if NOTES[number].applies(key)), None)


def check(operation: str, state: str, key: KeyFacts) -> None:
    """Refuse an operation that the state of its key does not allow; see :func:`refusal`.

    Raises:
        DisabledException, KMSInvalidStateException, UnsupportedOperationException: with the
            footnote's message.
    """
    note = refusal(operation, state, key)
    if note is not None:
        raise note.error(note.text(key))

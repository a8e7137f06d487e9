"""The operations of KMS, one row each: how they name their keys, and what there is to know of them.

Which operation works in which key state is in the table beside it
(:mod:`moto_cks.kms.keys.states`). AWS KMS API Reference: "Actions"; AWS KMS Developer Guide: "Using
KMS keys in a CloudHSM key store", "Request quotas" and "Testing your permissions" (dry runs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from moto.core.utils import camelcase_to_underscores


@dataclass(frozen=True, slots=True)
class KeyRole:
    """One of the keys that an operation is about.

    Attributes:
        parameter: the member of the request that names it: key ID, key ARN, alias or alias ARN.
        algorithm: the member that says how it is used.
        seals: whether the key is that of the ciphertext in the request; ``parameter`` then says
            which key that must be, if it is there.
    """

    parameter: str = "KeyId"
    algorithm: str = "EncryptionAlgorithm"
    seals: bool = False


class About(Enum):
    """What a call of an operation is about."""

    KEYS = "the keys that it names"
    ALIAS_AND_KEY = "an alias and its key"
    KEY_AND_ALIAS = "a key and its new alias"
    GRANT = "a grant and its key"
    KEY_STORE = "a custom key store"
    RANDOM = "random bytes, of a custom key store perhaps"


class InKeyStore(Enum):
    """What a key in a custom key store answers, in whatever state it is."""

    POSSIBLE = "it can do that"
    WRONG_USAGE = "InvalidKeyUsageException: it has another KeyUsage"
    UNSUPPORTED = "UnsupportedOperationException: it is not for keys of its origin"


class DryRun(Enum):
    """What the parameter DryRun makes of an operation."""

    NONE = "it has no such parameter"
    DISCARDED = "it is carried out, and its answer thrown away"
    STOPPED = "it stops before it changes anything"


class Checked(Enum):
    """Who holds the request against the service model."""

    FRONT_END = "the front end, before the service sees the request"
    KEY_STORE_ONLY = "moto in its own words, except for keys in a custom key store"


@dataclass(frozen=True, slots=True)
class Operation:
    """What there is to know of an operation.

    Attributes:
        keys: the keys that it is about, in the order in which they are looked at.
        about: what a record says that it was about.
        checked: who checks the request.
        in_key_store: what a key in a custom key store makes of it.
        uses_key_store: whether it uses the key store of its key: it counts towards the request
            quota of that, and its record names it.
        dry_run: what a dry run is.
        data_key: whether it makes a data key, by its size or by its key spec.
        knows_key: whether an unknown key is refused before anything else.
    """

    keys: tuple[KeyRole, ...] = (KeyRole(),)
    about: About = About.KEYS
    checked: Checked = Checked.FRONT_END
    in_key_store: InKeyStore = InKeyStore.POSSIBLE
    uses_key_store: bool = False
    dry_run: DryRun = DryRun.NONE
    data_key: bool = False
    knows_key: bool = True


_TARGET = (KeyRole("TargetKeyId"),)
_SEALED = (KeyRole(seals=True),)
_FROM_AND_TO = (
    KeyRole("SourceKeyId", "SourceEncryptionAlgorithm", seals=True),
    KeyRole("DestinationKeyId", "DestinationEncryptionAlgorithm"),
)
_WRONG_USAGE = Operation(in_key_store=InKeyStore.WRONG_USAGE, dry_run=DryRun.DISCARDED)
_UNSUPPORTED = Operation(in_key_store=InKeyStore.UNSUPPORTED)
_KEY_PAIR = Operation(
    in_key_store=InKeyStore.UNSUPPORTED, uses_key_store=True, dry_run=DryRun.DISCARDED
)
_SIGNATURE = Operation(
    checked=Checked.KEY_STORE_ONLY,
    in_key_store=InKeyStore.WRONG_USAGE,
    dry_run=DryRun.DISCARDED,
)
_USE = Operation(uses_key_store=True, dry_run=DryRun.DISCARDED)
_DATA_KEY = Operation(uses_key_store=True, dry_run=DryRun.DISCARDED, data_key=True)
_KEY_STORE = Operation(keys=(), about=About.KEY_STORE)
_LIST = Operation(keys=())

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "CancelKeyDeletion": Operation(),
        "ConnectCustomKeyStore": _KEY_STORE,
        "CreateAlias": Operation(_TARGET, about=About.KEY_AND_ALIAS, knows_key=False),
        "CreateCustomKeyStore": _KEY_STORE,
        "CreateGrant": Operation(checked=Checked.KEY_STORE_ONLY, dry_run=DryRun.STOPPED),
        "CreateKey": Operation(keys=(), checked=Checked.KEY_STORE_ONLY),
        "Decapsulate": _WRONG_USAGE,
        "Decrypt": Operation(_SEALED, uses_key_store=True, dry_run=DryRun.DISCARDED),
        "DeleteAlias": Operation(
            (KeyRole("AliasName"),), about=About.ALIAS_AND_KEY, knows_key=False
        ),
        "DeleteCustomKeyStore": _KEY_STORE,
        "DeleteImportedKeyMaterial": Operation(),
        "DeriveSharedSecret": _WRONG_USAGE,
        "DescribeCustomKeyStores": _KEY_STORE,
        "DescribeKey": Operation(),
        "DisableKey": Operation(),
        "DisableKeyRotation": Operation(),
        "DisconnectCustomKeyStore": _KEY_STORE,
        "EnableKey": Operation(),
        "EnableKeyRotation": Operation(),
        "Encapsulate": _WRONG_USAGE,
        "Encrypt": _USE,
        "GenerateDataKey": _DATA_KEY,
        "GenerateDataKeyPair": _KEY_PAIR,
        "GenerateDataKeyPairWithoutPlaintext": _KEY_PAIR,
        "GenerateDataKeyWithoutPlaintext": _DATA_KEY,
        "GenerateMac": _WRONG_USAGE,
        "GenerateRandom": Operation(keys=(), about=About.RANDOM, uses_key_store=True),
        "GetKeyLastUsage": Operation(),
        "GetKeyPolicy": Operation(),
        "GetKeyRotationStatus": Operation(),
        "GetParametersForImport": Operation(),
        "GetPublicKey": _UNSUPPORTED,
        "ImportKeyMaterial": Operation(),
        "ListAliases": Operation(),
        "ListGrants": Operation(),
        "ListKeyPolicies": Operation(),
        "ListKeyRotations": _UNSUPPORTED,
        "ListKeys": _LIST,
        "ListResourceTags": Operation(),
        "ListRetirableGrants": _LIST,
        "PutKeyPolicy": Operation(),
        "ReEncrypt": Operation(_FROM_AND_TO, uses_key_store=True, dry_run=DryRun.DISCARDED),
        "ReplicateKey": _UNSUPPORTED,
        "RetireGrant": Operation(about=About.GRANT, dry_run=DryRun.STOPPED),
        "RevokeGrant": Operation(dry_run=DryRun.STOPPED),
        "RotateKeyOnDemand": _UNSUPPORTED,
        "ScheduleKeyDeletion": Operation(),
        "Sign": _SIGNATURE,
        "TagResource": Operation(),
        "UntagResource": Operation(),
        "UpdateAlias": Operation(_TARGET, about=About.ALIAS_AND_KEY, knows_key=False),
        "UpdateCustomKeyStore": _KEY_STORE,
        "UpdateKeyDescription": Operation(),
        "UpdatePrimaryRegion": _UNSUPPORTED,
        "Verify": _SIGNATURE,
        "VerifyMac": _WRONG_USAGE,
    }
)

NAMES: Mapping[str, str] = MappingProxyType(
    {camelcase_to_underscores(name): name for name in OPERATIONS}
)
"""The operations by the names of moto's methods."""

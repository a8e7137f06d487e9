"""The operations of KMS, one row each: how they name their keys, and what there is to know of them.

Which keys can do an operation, and in which key state, is in two tables more:
:mod:`moto_cks.kms.keys.abilities` and :mod:`moto_cks.kms.keys.states`. AWS KMS API Reference:
"Actions"; AWS KMS Developer Guide: "Request quotas" and "Testing your permissions" (dry runs).
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
        parameter: the member of the request that names it.
        aliases: whether it can be named by an alias, and not only by its key ID or key ARN.
        algorithm: the member that says how it is used; empty where there is none.
        seals: whether the key is that of the ciphertext in the request; ``parameter`` then says
            which key that must be, if it is there.
    """

    parameter: str = "KeyId"
    aliases: bool = False
    algorithm: str = ""
    seals: bool = False


class About(Enum):
    """What a call of an operation is about."""

    KEYS = "the keys that it names"
    ALIAS_AND_KEY = "an alias and its key"
    KEY_AND_ALIAS = "a key and its new alias"
    GRANT = "a grant and its key"
    KEY_STORE = "a custom key store"
    RANDOM = "random bytes, of a custom key store perhaps"


class DryRun(Enum):
    """What the parameter DryRun makes of an operation."""

    NONE = "it has no such parameter"
    DISCARDED = "it is carried out, and its answer thrown away"
    STOPPED = "it stops before it changes anything"


@dataclass(frozen=True, slots=True)
class Operation:
    """What there is to know of an operation.

    Attributes:
        keys: the keys that it is about, in the order in which they are looked at.
        about: what a record says that it was about.
        uses_key_store: whether it uses the key store of its key: it counts towards the request
            quota of that, and its record names it.
        dry_run: what a dry run is.
        data_key: whether it makes a data key, by its size or by its key spec.
        knows_key: whether an unknown key is refused before anything else.
    """

    keys: tuple[KeyRole, ...] = (KeyRole(),)
    about: About = About.KEYS
    uses_key_store: bool = False
    dry_run: DryRun = DryRun.NONE
    data_key: bool = False
    knows_key: bool = True


def _used(algorithm: str = "") -> tuple[KeyRole]:
    return (KeyRole(aliases=True, algorithm=algorithm),)


_TARGET = (KeyRole("TargetKeyId"),)
_ALIAS = (KeyRole("AliasName", aliases=True),)
_SEALED = (KeyRole(aliases=True, algorithm="EncryptionAlgorithm", seals=True),)
_FROM_AND_TO = (
    KeyRole("SourceKeyId", aliases=True, algorithm="SourceEncryptionAlgorithm", seals=True),
    KeyRole("DestinationKeyId", aliases=True, algorithm="DestinationEncryptionAlgorithm"),
)
_SIGNATURE = Operation(_used("SigningAlgorithm"), dry_run=DryRun.DISCARDED)
_MAC = Operation(_used("MacAlgorithm"), dry_run=DryRun.DISCARDED)
_AGREEMENT = Operation(_used("KeyAgreementAlgorithm"), dry_run=DryRun.DISCARDED)
_ENCAPSULATION = Operation(_used("EncapsulationAlgorithm"), dry_run=DryRun.DISCARDED)
_USE = Operation(_used("EncryptionAlgorithm"), uses_key_store=True, dry_run=DryRun.DISCARDED)
_KEY_PAIR = Operation(_used(), uses_key_store=True, dry_run=DryRun.DISCARDED)
_DATA_KEY = Operation(_used(), uses_key_store=True, dry_run=DryRun.DISCARDED, data_key=True)
_KEY_STORE = Operation(keys=(), about=About.KEY_STORE)
_LIST = Operation(keys=())

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "CancelKeyDeletion": Operation(),
        "ConnectCustomKeyStore": _KEY_STORE,
        "CreateAlias": Operation(_TARGET, about=About.KEY_AND_ALIAS, knows_key=False),
        "CreateCustomKeyStore": _KEY_STORE,
        "CreateGrant": Operation(dry_run=DryRun.STOPPED),
        "CreateKey": Operation(keys=()),
        "Decapsulate": _ENCAPSULATION,
        "Decrypt": Operation(_SEALED, uses_key_store=True, dry_run=DryRun.DISCARDED),
        "DeleteAlias": Operation(_ALIAS, about=About.ALIAS_AND_KEY, knows_key=False),
        "DeleteCustomKeyStore": _KEY_STORE,
        "DeleteImportedKeyMaterial": Operation(),
        "DeriveSharedSecret": _AGREEMENT,
        "DescribeCustomKeyStores": _KEY_STORE,
        "DescribeKey": Operation(_used()),
        "DisableKey": Operation(),
        "DisableKeyRotation": Operation(),
        "DisconnectCustomKeyStore": _KEY_STORE,
        "EnableKey": Operation(),
        "EnableKeyRotation": Operation(),
        "Encapsulate": _ENCAPSULATION,
        "Encrypt": _USE,
        "GenerateDataKey": _DATA_KEY,
        "GenerateDataKeyPair": _KEY_PAIR,
        "GenerateDataKeyPairWithoutPlaintext": _KEY_PAIR,
        "GenerateDataKeyWithoutPlaintext": _DATA_KEY,
        "GenerateMac": _MAC,
        "GenerateRandom": Operation(keys=(), about=About.RANDOM, uses_key_store=True),
        "GetKeyLastUsage": Operation(),
        "GetKeyPolicy": Operation(),
        "GetKeyRotationStatus": Operation(),
        "GetParametersForImport": Operation(),
        "GetPublicKey": Operation(_used()),
        "ImportKeyMaterial": Operation(),
        "ListAliases": Operation(),
        "ListGrants": Operation(),
        "ListKeyPolicies": Operation(),
        "ListKeyRotations": Operation(),
        "ListKeys": _LIST,
        "ListResourceTags": Operation(),
        "ListRetirableGrants": _LIST,
        "PutKeyPolicy": Operation(),
        "ReEncrypt": Operation(_FROM_AND_TO, uses_key_store=True, dry_run=DryRun.DISCARDED),
        "ReplicateKey": Operation(),
        "RetireGrant": Operation(about=About.GRANT, dry_run=DryRun.STOPPED),
        "RevokeGrant": Operation(dry_run=DryRun.STOPPED),
        "RotateKeyOnDemand": Operation(),
        "ScheduleKeyDeletion": Operation(),
        "Sign": _SIGNATURE,
        "TagResource": Operation(),
        "UntagResource": Operation(),
        "UpdateAlias": Operation(_TARGET, about=About.ALIAS_AND_KEY, knows_key=False),
        "UpdateCustomKeyStore": _KEY_STORE,
        "UpdateKeyDescription": Operation(),
        "UpdatePrimaryRegion": Operation(),
        "Verify": _SIGNATURE,
        "VerifyMac": _MAC,
    }
)

NAMES: Mapping[str, str] = MappingProxyType(
    {camelcase_to_underscores(name): name for name in OPERATIONS}
)
"""The operations by the names of moto's methods."""

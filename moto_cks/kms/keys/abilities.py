"""What a kind of key can do, in whatever state it is: one row for each operation.

Whether a key can do it now is said by the table beside it (:mod:`moto_cks.kms.keys.states`). See
"KMS key type reference" and "Using KMS keys in a CloudHSM key store" in the AWS KMS Developer
Guide, and the "KeyUsage" of CreateKey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from moto_cks.kms.exceptions import InvalidKeyUsageException, UnsupportedOperationException
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.keys.states import IMPORTED, WRONG_ORIGIN
from moto_cks.kms.keystores.types import KEY_STORE_TYPES
from moto_cks.kms.specs import SYMMETRIC_DEFAULT, KeyUsage

Requirement = Callable[[KmsKey], str | None]
"""What is wrong with a key, as the message of an UnsupportedOperationException; ``None``: nothing.

Some of AWS's messages are empty.
"""


def _outside_of_key_stores(key: KmsKey) -> str | None:
    if key.origin in KEY_STORE_TYPES:
        return WRONG_ORIGIN.format(arn=key.arn, origin=key.origin)
    return None


def _has_public_key(key: KmsKey) -> str | None:
    return "" if key.spec.symmetric else None


def _encrypts_symmetrically(key: KmsKey) -> str | None:
    return None if key.spec.encrypts_data_keys else ""


def _made_by_kms(key: KmsKey) -> str | None:
    return WRONG_ORIGIN.format(arn=key.arn, origin=key.origin) if key.origin == IMPORTED else None


def _is_primary(key: KmsKey) -> str | None:
    primary = key.relatives is not None and key.relatives.primary is key
    return None if primary else f"{key.arn} is not a multi-region primary key."


def _is_no_replica(key: KmsKey) -> str | None:
    return None if key.relatives is None else _is_primary(key)


@dataclass(frozen=True)
class Ability:
    """What an operation asks of a key.

    Attributes:
        usage: the KeyUsage that the key must have; ``None`` where it does not matter.
        algorithm: the algorithm where the request names none.
        requirements: what it must be, asked after its state, in this order.
    """

    usage: str | None = None
    algorithm: str | None = None
    requirements: tuple[Requirement, ...] = ()


ANY_KEY = Ability()
"""Of an operation that every key can do."""

_ENCRYPTS = Ability(KeyUsage.ENCRYPT_DECRYPT.value, SYMMETRIC_DEFAULT)
_SIGNS = Ability(KeyUsage.SIGN_VERIFY.value)
_MAC = Ability(KeyUsage.GENERATE_VERIFY_MAC.value)
_ENCAPSULATES = Ability(KeyUsage.ENCAPSULATE_DECAPSULATE.value)
_KEY_PAIR = Ability(KeyUsage.ENCRYPT_DECRYPT.value, SYMMETRIC_DEFAULT, (_outside_of_key_stores,))
# That keys in a key store do not rotate is in the table of states, in every state.
_ROTATES = Ability(requirements=(_encrypts_symmetrically,))
_ROTATES_BY_ITSELF = Ability(requirements=(_encrypts_symmetrically, _made_by_kms, _is_no_replica))

ABILITIES: Mapping[str, Ability] = MappingProxyType(
    {
        "Decapsulate": _ENCAPSULATES,
        "Decrypt": _ENCRYPTS,
        "DeriveSharedSecret": Ability(KeyUsage.KEY_AGREEMENT.value),
        "DisableKeyRotation": _ROTATES_BY_ITSELF,
        "EnableKeyRotation": _ROTATES_BY_ITSELF,
        "Encapsulate": _ENCAPSULATES,
        "Encrypt": _ENCRYPTS,
        "GenerateDataKey": _ENCRYPTS,
        "GenerateDataKeyPair": _KEY_PAIR,
        "GenerateDataKeyPairWithoutPlaintext": _KEY_PAIR,
        "GenerateDataKeyWithoutPlaintext": _ENCRYPTS,
        "GenerateMac": _MAC,
        "GetPublicKey": Ability(requirements=(_outside_of_key_stores, _has_public_key)),
        "ListKeyRotations": _ROTATES,
        "ReEncrypt": _ENCRYPTS,
        "ReplicateKey": Ability(requirements=(_outside_of_key_stores, _is_primary)),
        "RotateKeyOnDemand": Ability(requirements=(_encrypts_symmetrically, _is_no_replica)),
        "Sign": _SIGNS,
        "UpdatePrimaryRegion": Ability(requirements=(_outside_of_key_stores, _is_primary)),
        "Verify": _SIGNS,
        "VerifyMac": _MAC,
    }
)
"""The operations that not every key can do."""

USES = frozenset(name for name, ability in ABILITIES.items() if ability.usage is not None)
"""The cryptographic operations."""


def check_use(operation: str, ability: Ability, key: KmsKey, algorithm: str | None) -> None:
    """Refuse a cryptographic operation, or an algorithm, that is for other keys.

    Args:
        operation: the operation.
        ability: its row.
        key: the key.
        algorithm: how the request wants it to be used.

    Raises:
        InvalidKeyUsageException
    """
    usage = key.key_usage
    if usage != ability.usage:
        raise InvalidKeyUsageException(
            f"{key.arn} key usage is {usage} which is not valid for {operation}."
        )
    algorithm = algorithm or ability.algorithm
    if algorithm not in key.spec.algorithms[usage]:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.spec.name}."
        )


def check_requirements(ability: Ability, key: KmsKey) -> None:
    """Refuse an operation that is for keys of another origin, key spec or role.

    Raises:
        UnsupportedOperationException
    """
    for requirement in ability.requirements:
        message = requirement(key)
        if message is not None:
            raise UnsupportedOperationException(message)

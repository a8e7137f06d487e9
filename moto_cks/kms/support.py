"""What keys in custom key stores cannot do, in whatever state they are.

See "Using KMS keys in a CloudHSM key store" in the AWS KMS Developer Guide. Which keys can be
created in a key store is said by its kind.
"""

from __future__ import annotations

from typing import Any

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import (
    InvalidKeyUsageException,
    UnsupportedOperationException,
)
from moto_cks.kms.keys.kinds import CustomKeyStoreKey
from moto_cks.kms.keys.states import WRONG_ORIGIN
from moto_cks.kms.specs import SYMMETRIC_DEFAULT

OTHER_OPERATIONS = (
    "CreateKey",
    "DeriveSharedSecret",
    "GenerateRandom",
    "ListKeyRotations",
    "RotateKeyOnDemand",
)
"""Operations that are checked too, though the key state table does not have them."""

DATA_KEYS = frozenset({"GenerateDataKey", "GenerateDataKeyWithoutPlaintext"})

DRY_RUN = frozenset(
    {
        "Decrypt",
        "DeriveSharedSecret",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
"""A dry run of these is a run whose answer is thrown away; those on grants stop before they act."""

WRONG_USAGE = frozenset({"Sign", "Verify", "GenerateMac", "VerifyMac", "DeriveSharedSecret"})
"""For these the KeyUsage is wrong."""

UNSUPPORTED = frozenset(
    {
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GetPublicKey",
        "ListKeyRotations",
        "ReplicateKey",
        "RotateKeyOnDemand",
        "UpdatePrimaryRegion",
    }
)
"""These need an asymmetric, rotatable or multi-Region key, or one outside of a key store."""


def check_data_key_size(operation: str, body: dict[str, Any]) -> None:
    """Check that a data key is asked for by its size or by its key spec; before the key's state.

    Raises:
        ValidationException
    """
    sizes = [name for name in ("NumberOfBytes", "KeySpec") if body.get(name) is not None]
    if operation in DATA_KEYS and len(sizes) != 1:
        raise ValidationException("Please specify either number of bytes or key spec.")


def check_usage(operation: str, key: CustomKeyStoreKey, algorithm: str | None) -> None:
    """Refuse operations and algorithms for other kinds of keys.

    Raises:
        InvalidKeyUsageException
    """
    if operation in WRONG_USAGE:
        raise InvalidKeyUsageException(
            f"{key.arn} key usage is {key.key_usage} which is not valid for {operation}."
        )
    if algorithm not in (None, SYMMETRIC_DEFAULT):
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
        )


def check_operation(operation: str, key: CustomKeyStoreKey) -> None:
    """Refuse operations that keys in a custom key store do not support.

    Raises:
        UnsupportedOperationException
    """
    if operation in UNSUPPORTED:
        raise UnsupportedOperationException(WRONG_ORIGIN.format(arn=key.arn, origin=key.origin))

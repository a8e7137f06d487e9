"""What keys in custom key stores cannot do, in whatever state they are.

See "Creating KMS keys in a CloudHSM key store" and "Using KMS keys in a CloudHSM key store" in the
AWS KMS Developer Guide.
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import Key

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import (
    InvalidKeyUsageException,
    UnsupportedOperationException,
)
from moto_cks.kms.keys.states import WRONG_ORIGIN
from moto_cks.kms.keystores.types import KEY_STORE_TYPES, KeyStoreType
from moto_cks.kms.operations import OPERATIONS, InKeyStore
from moto_cks.kms.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT


def check_origin(body: dict[str, Any]) -> None:
    """Check that the parameters of CreateKey ask for a key that its key store can hold.

    Raises:
        UnsupportedOperationException: the key store cannot hold such a key.
        ValidationException: the origin is a key store, but none is named; or the key is to be one
            of an external key manager.
    """
    origin = body.get("Origin")
    if body.get("CustomKeyStoreId") is None:
        if origin in KEY_STORE_TYPES:
            raise ValidationException(f"CustomKeyStoreId is required for the origin {origin}.")
        return
    if "XksKeyId" in body:
        raise ValidationException("XksKeyId is not valid for a key in an AWS CloudHSM key store.")
    required = {
        "Origin": (KeyStoreType.AWS_CLOUDHSM.value, origin),
        "KeySpec": (SYMMETRIC_DEFAULT, body.get("KeySpec") or SYMMETRIC_DEFAULT),
        "CustomerMasterKeySpec": (
            SYMMETRIC_DEFAULT,
            body.get("CustomerMasterKeySpec") or SYMMETRIC_DEFAULT,
        ),
        "KeyUsage": (ENCRYPT_DECRYPT, body.get("KeyUsage") or ENCRYPT_DECRYPT),
        "MultiRegion": (False, bool(body.get("MultiRegion"))),
    }
    for name, (supported, given) in required.items():
        if given != supported:
            raise UnsupportedOperationException(
                f"{name} must be {supported} for a KMS key in an AWS CloudHSM key store."
            )


def check_data_key_size(body: dict[str, Any]) -> None:
    """Check that a data key is asked for by its size or by its key spec; before the key's state.

    Raises:
        ValidationException
    """
    sizes = [name for name in ("NumberOfBytes", "KeySpec") if body.get(name) is not None]
    if len(sizes) != 1:
        raise ValidationException("Please specify either number of bytes or key spec.")


def check_use(operation: str, key: Key, algorithm: str | None) -> None:
    """Refuse operations and algorithms for other kinds of keys.

    Args:
        operation: the operation.
        key: a key in a custom key store.
        algorithm: how it is to be used.

    Raises:
        InvalidKeyUsageException
    """
    if OPERATIONS[operation].in_key_store is InKeyStore.WRONG_USAGE:
        raise InvalidKeyUsageException(
            f"{key.arn} key usage is {key.key_usage} which is not valid for {operation}."
        )
    if algorithm not in (None, SYMMETRIC_DEFAULT):
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
        )


def unsupported(key: Key) -> UnsupportedOperationException:
    """What a key in a custom key store makes of operations that are not for keys of its origin."""
    return UnsupportedOperationException(WRONG_ORIGIN.format(arn=key.arn, origin=key.origin))

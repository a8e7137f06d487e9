"""What keys in custom key stores cannot do, in whatever state they are.

See "Using KMS keys in a CloudHSM key store" in the AWS KMS Developer Guide. Which keys can be
created in a key store is said by its kind.
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
from moto_cks.kms.operations import OPERATIONS, InKeyStore
from moto_cks.kms.specs import SYMMETRIC_DEFAULT


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

"""Key pairs as KMS hands them out and takes them: SubjectPublicKeyInfo and PKCS #8, both DER."""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from moto_cks.kms.keys.material.base import WrongInputError


def public_bytes(key: Any) -> bytes:
    """A public key of ``cryptography`` as SubjectPublicKeyInfo."""
    data: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return data


def private_bytes(key: Any) -> bytes:
    """A private key of ``cryptography`` as PKCS #8."""
    data: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return data


def load_private(data: bytes, kind: Any) -> Any:
    """The private key of PKCS #8.

    Args:
        data: DER.
        kind: its class in ``cryptography``; an abstract one, or one that older versions lack.

    Raises:
        WrongInputError: it is none, or of another kind.
    """
    try:
        key = load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise WrongInputError("no private key") from None
    if not isinstance(key, kind):
        raise WrongInputError("another kind of key")
    return key


def load_public(data: bytes, kind: Any) -> Any:
    """The public key of SubjectPublicKeyInfo; see :func:`load_private`.

    Raises:
        WrongInputError: it is none, or of another kind.
    """
    try:
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise WrongInputError("no public key") from None
    if not isinstance(key, kind):
        raise WrongInputError("another kind of key")
    return key

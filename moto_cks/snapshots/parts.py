"""Keys and certificates of ``cryptography`` as bytes, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from moto_cks.snapshots.errors import SnapshotError, UnsavableError

_READ: Mapping[str, Callable[[bytes], Any]] = {
    "private key": lambda content: load_der_private_key(content, None),
    "public key": load_der_public_key,
    "certificate": x509.load_der_x509_certificate,
    "request": x509.load_der_x509_csr,
}
"""What there is, each in DER."""

Packed: TypeAlias = "tuple[str, bytes]"


def pack(part: Any) -> Packed:
    """A key or a certificate: which of them it is, and its bytes.

    Raises:
        UnsavableError: it is something else.
    """
    if isinstance(part, x509.Certificate):
        return "certificate", part.public_bytes(Encoding.DER)
    if isinstance(part, x509.CertificateSigningRequest):
        return "request", part.public_bytes(Encoding.DER)
    if hasattr(part, "private_bytes"):
        return "private key", part.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    if hasattr(part, "public_bytes"):
        return "public key", part.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    raise UnsavableError(f"{type(part).__module__}.{type(part).__qualname__}")


def unpack(kind: str, content: bytes) -> Any:
    """What :func:`pack` has packed.

    Raises:
        SnapshotError: it is none of that.
    """
    try:
        return _READ[kind](content)
    except (KeyError, ValueError, TypeError, UnsupportedAlgorithm):
        raise SnapshotError(f"A {kind} of the saved world cannot be read.") from None

"""How key material travels into KMS: the wrapping keys, and what each can wrap.

See GetParametersForImport in the AWS KMS API Reference.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding
from moto.kms.exceptions import InvalidCiphertextException

from moto_cks.kms.exceptions import UnsupportedOperationException
from moto_cks.kms.specs import Family, Spec
from moto_cks.world import clock

VALID_FOR = timedelta(hours=24)
"""A wrapping key and its import token."""

TOKEN_LENGTH = 64

Unwrap = Callable[[rsa.RSAPrivateKey, bytes, padding.AsymmetricPadding], bytes]


def _directly(key: rsa.RSAPrivateKey, wrapped: bytes, scheme: padding.AsymmetricPadding) -> bytes:
    return key.decrypt(wrapped, scheme)


def _by_aes(key: rsa.RSAPrivateKey, wrapped: bytes, scheme: padding.AsymmetricPadding) -> bytes:
    size = key.key_size // 8
    return aes_key_unwrap_with_padding(key.decrypt(wrapped[:size], scheme), wrapped[size:])


@dataclass(frozen=True)
class Wrapping:
    """A WrappingAlgorithm.

    Attributes:
        unwrap: how the key material is come by.
        digest: the hash function of OAEP.
        families: of the key material that can be wrapped in this way.
    """

    unwrap: Unwrap
    digest: hashes.HashAlgorithm
    families: frozenset[Family]

    @property
    def scheme(self) -> padding.AsymmetricPadding:
        """What the RSA key encrypts with."""
        return padding.OAEP(padding.MGF1(self.digest), self.digest, label=None)


_ALL = frozenset(Family)
_ALL_BUT_RSA = _ALL - {Family.RSA}

WRAPPINGS: Mapping[str, Wrapping] = MappingProxyType(
    {
        "RSAES_OAEP_SHA_1": Wrapping(_directly, hashes.SHA1(), _ALL_BUT_RSA),  # nosec B303 # as KMS
        "RSAES_OAEP_SHA_256": Wrapping(_directly, hashes.SHA256(), _ALL_BUT_RSA),
        "RSA_AES_KEY_WRAP_SHA_1": Wrapping(_by_aes, hashes.SHA1(), _ALL),  # nosec B303 # as KMS
        "RSA_AES_KEY_WRAP_SHA_256": Wrapping(_by_aes, hashes.SHA256(), _ALL),
    }
)
"""WrappingAlgorithm. RSA_AES is documented for RSA and ECC key material; nobody says that any other
is refused. RSAES_PKCS1_V1_5 has not been supported since October 2023; SM2PKE is
in China Regions only."""

KEY_SIZES: Mapping[str, int] = MappingProxyType(
    {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
)
"""WrappingKeySpec; SM2 is in China Regions only."""

TOO_SHORT = frozenset(
    {
        ("ECC_NIST_P521", "RSAES_OAEP_SHA_1", "RSA_2048"),
        ("ECC_NIST_P521", "RSAES_OAEP_SHA_256", "RSA_2048"),
    }
)
"""What is longer than what the wrapping key can encrypt: KeySpec, WrappingAlgorithm and
WrappingKeySpec."""


def require_supported(spec: Spec, algorithm: str, key_spec: str) -> None:
    """Refuse a way of wrapping that there is not, or not for key material of a key spec.

    Raises:
        UnsupportedOperationException
    """
    wrapping = WRAPPINGS.get(algorithm)
    if wrapping is None:
        raise UnsupportedOperationException(f"WrappingAlgorithm {algorithm} is not supported.")
    if key_spec not in KEY_SIZES:
        raise UnsupportedOperationException(f"WrappingKeySpec {key_spec} is not supported.")
    if spec.family not in wrapping.families or (spec.name, algorithm, key_spec) in TOO_SHORT:
        raise UnsupportedOperationException(
            f"WrappingAlgorithm {algorithm} with WrappingKeySpec {key_spec} is not supported for "
            f"key material of KeySpec {spec.name}."
        )


@dataclass(frozen=True)
class ImportParameters:
    """What GetParametersForImport has handed out."""

    token: bytes = field(repr=False)
    private_key: rsa.RSAPrivateKey = field(repr=False)
    algorithm: str
    valid_to: datetime

    @classmethod
    def new(cls, algorithm: str, key_spec: str) -> ImportParameters:
        """A new wrapping key and the token that goes with it."""
        return cls(
            os.urandom(TOKEN_LENGTH),
            rsa.generate_private_key(65537, KEY_SIZES[key_spec]),
            algorithm,
            clock.now() + VALID_FOR,
        )

    @property
    def public_key(self) -> bytes:
        """PublicKey, DER."""
        return self.private_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key material.

        Raises:
            InvalidCiphertextException: it was not wrapped for this key in this way.
        """
        wrapping = WRAPPINGS[self.algorithm]
        try:
            return wrapping.unwrap(self.private_key, wrapped, wrapping.scheme)
        except (ValueError, InvalidUnwrap):
            raise InvalidCiphertextException from None

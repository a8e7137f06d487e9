"""Edwards curve key pairs: Ed25519 and Ed25519ph (RFC 8032)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from moto_cks.kms.keys.material import edwards25519
from moto_cks.kms.keys.material.base import Signing
from moto_cks.kms.keys.material.der import load_private
from moto_cks.kms.keys.material.key_pair import HeldKeyPair
from moto_cks.kms.specs import Spec

PREHASHED = "ED25519_PH_SHA_512"


class EdwardsKeyPair(HeldKeyPair, Signing):
    """A key pair of edwards25519.

    Of ED25519_PH_SHA_512 the message is a digest, which is hashed once more ("Sign" in the AWS KMS
    API Reference, MessageType).
    """

    _key: Ed25519PrivateKey

    @classmethod
    def generate(cls, spec: Spec) -> EdwardsKeyPair:
        """New material."""
        return cls(spec, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, spec: Spec, data: bytes) -> EdwardsKeyPair:
        """The material of a private key, PKCS #8."""
        return cls(spec, load_private(data, Ed25519PrivateKey))

    def sign(self, message: bytes, algorithm: str, message_type: str) -> bytes:
        """Sign."""
        if algorithm == PREHASHED:
            return edwards25519.sign(self._key, message)
        return self._key.sign(message)

    def verify(self, message: bytes, signature: bytes, algorithm: str, message_type: str) -> bool:
        """Whether a signature is that of the message."""
        public = self._key.public_key()
        if algorithm == PREHASHED:
            return edwards25519.verify(public.public_bytes_raw(), message, signature)
        try:
            public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

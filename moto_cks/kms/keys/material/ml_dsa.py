"""ML-DSA key pairs (FIPS 204)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature

from moto_cks.kms.keys.material.base import Signing
from moto_cks.kms.keys.material.post_quantum import PostQuantumKeyPair
from moto_cks.kms.specs import MessageType


class MlDsaKeyPair(PostQuantumKeyPair, Signing):
    """A key pair of one of the parameter sets."""

    MODULE = "mldsa"
    METHOD = "sign_mu"  # newer than the module

    def sign(self, message: bytes, algorithm: str, message_type: str) -> bytes:
        """Sign a message, or its representative mu."""
        external = message_type == MessageType.EXTERNAL_MU.value
        signature: bytes = (self._key.sign_mu if external else self._key.sign)(message)
        return signature

    def verify(self, message: bytes, signature: bytes, algorithm: str, message_type: str) -> bool:
        """Whether a signature is one of the message."""
        public = self._key.public_key()
        external = message_type == MessageType.EXTERNAL_MU.value
        try:
            (public.verify_mu if external else public.verify)(signature, message)
        except InvalidSignature:
            return False
        return True

"""ML-DSA key pairs (FIPS 204)."""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature

from moto_cks.kms.keys.material.base import Signing
from moto_cks.kms.keys.material.der import load_private, private_bytes, public_bytes
from moto_cks.kms.keys.material.post_quantum import private_key_class
from moto_cks.kms.specs import MessageType, Spec


def _class(spec: Spec) -> Any:
    # sign_mu is newer than the module.
    name = f"{spec.name.replace('_', '')}PrivateKey"
    return private_key_class("mldsa", name, "sign_mu")


class MlDsaKeyPair(Signing):
    """A key pair of one of the parameter sets."""

    def __init__(self, spec: Spec, key: Any) -> None:
        super().__init__(spec)
        self._key = key

    @staticmethod
    def available(spec: Spec) -> bool:
        """Whether ``cryptography`` has the parameter set, and signs an external mu."""
        return _class(spec) is not None

    @classmethod
    def generate(cls, spec: Spec) -> MlDsaKeyPair:
        """New material."""
        return cls(spec, _class(spec).generate())

    @classmethod
    def load(cls, spec: Spec, data: bytes) -> MlDsaKeyPair:
        """The material of a private key, PKCS #8."""
        return cls(spec, load_private(data, _class(spec)))

    def to_bytes(self) -> bytes:
        """The private key, its seed."""
        return private_bytes(self._key)

    def public_key(self) -> bytes:
        """The public key."""
        return public_bytes(self._key.public_key())

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

"""The private key of a KMS key as moto uses it, once the mock is off."""

from __future__ import annotations

from typing import Any

from moto.kms.utils import AbstractPrivateKey

from moto_cks.kms.keys.material.base import KeyPair, Material, Signing
from moto_cks.kms.keys.material.der import private_bytes
from moto_cks.kms.specs import MessageType


class PrivateKeyForMoto(AbstractPrivateKey):
    """Key material under the names that moto has for it.

    Args:
        material: of any kind; moto asks for what the kind cannot do of no key.
    """

    def __init__(self, material: Material) -> None:
        self._material = material

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:
        """Sign a message."""
        assert isinstance(self._material, Signing)
        return self._material.sign(message, signing_algorithm, MessageType.RAW.value)

    def verify(self, message: bytes, signature: bytes, signing_algorithm: str) -> bool:
        """Whether a signature is that of a message."""
        assert isinstance(self._material, Signing)
        return self._material.verify(message, signature, signing_algorithm, MessageType.RAW.value)

    def public_key(self) -> bytes:
        """The public key, DER."""
        assert isinstance(self._material, KeyPair)
        return self._material.public_key()

    @staticmethod
    def bytes_of(private_key: Any) -> bytes:
        """The PKCS #8 of a private key that moto has made; nothing where there is none."""
        key = getattr(private_key, "private_key", None)
        return b"" if key is None else private_bytes(key)

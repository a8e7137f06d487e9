"""ML-KEM key pairs (FIPS 203)."""

from __future__ import annotations

from typing import Any

from moto_cks.kms.keys.material.base import Encapsulating, WrongInputError
from moto_cks.kms.keys.material.der import load_private, private_bytes, public_bytes
from moto_cks.kms.keys.material.post_quantum import private_key_class
from moto_cks.kms.specs import Spec


def _class(spec: Spec) -> Any:
    return private_key_class("mlkem", f"{spec.name.replace('_', '')}PrivateKey", "decapsulate")


class MlKemKeyPair(Encapsulating):
    """A key pair of one of the parameter sets."""

    def __init__(self, spec: Spec, key: Any) -> None:
        super().__init__(spec)
        self._key = key

    @staticmethod
    def available(spec: Spec) -> bool:
        """Whether ``cryptography`` has the parameter set."""
        return _class(spec) is not None

    @classmethod
    def generate(cls, spec: Spec) -> MlKemKeyPair:
        """New material."""
        return cls(spec, _class(spec).generate())

    @classmethod
    def load(cls, spec: Spec, data: bytes) -> MlKemKeyPair:
        """The material of a private key, PKCS #8."""
        return cls(spec, load_private(data, _class(spec)))

    def to_bytes(self) -> bytes:
        """The private key, its seed."""
        return private_bytes(self._key)

    def public_key(self) -> bytes:
        """The public key."""
        return public_bytes(self._key.public_key())

    def encapsulate(self) -> tuple[bytes, bytes]:
        """A new secret, and its ciphertext."""
        secret, ciphertext = self._key.public_key().encapsulate()
        return secret, ciphertext

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The secret of a ciphertext; of any that is not this key's, another one."""
        try:
            secret: bytes = self._key.decapsulate(ciphertext)
        except ValueError:
            raise WrongInputError("another length") from None
        return secret

"""ML-KEM key pairs (FIPS 203)."""

from __future__ import annotations

from moto_cks.kms.keys.material.base import Encapsulating, WrongInputError
from moto_cks.kms.keys.material.post_quantum import PostQuantumKeyPair


class MlKemKeyPair(PostQuantumKeyPair, Encapsulating):
    """A key pair of one of the parameter sets."""

    MODULE = "mlkem"
    METHOD = "decapsulate"

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

"""A private key of ``cryptography`` as key material."""

from __future__ import annotations

from typing import Any

from moto_cks.kms.keys.material.base import KeyPair
from moto_cks.kms.keys.material.der import private_bytes, public_bytes
from moto_cks.kms.specs import Spec


class HeldKeyPair(KeyPair):
    """A key pair whose private key is an object of ``cryptography``."""

    def __init__(self, spec: Spec, key: Any) -> None:
        super().__init__(spec)
        self._key = key

    def to_bytes(self) -> bytes:
        """The private key; of FIPS 203 and 204, its seed."""
        return private_bytes(self._key)

    def public_key(self) -> bytes:
        """The public key."""
        return public_bytes(self._key.public_key())

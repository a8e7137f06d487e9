"""HMAC keys, whose length is that of the hash (FIPS 198-1)."""

from __future__ import annotations

import hmac
import os

from moto_cks.kms.keys.material.base import Authenticating, WrongInputError
from moto_cks.kms.specs import Spec


class HmacKey(Authenticating):
    """A key for one hash function."""

    def __init__(self, spec: Spec, key: bytes) -> None:
        super().__init__(spec)
        self._key = key

    @classmethod
    def generate(cls, spec: Spec) -> HmacKey:
        """New material."""
        return cls(spec, os.urandom(spec.size))

    @classmethod
    def load(cls, spec: Spec, data: bytes) -> HmacKey:
        """The material, of the length of the hash."""
        if len(data) != spec.size:
            raise WrongInputError(f"{spec.size} bytes are needed")
        return cls(spec, data)

    def to_bytes(self) -> bytes:
        """The key."""
        return self._key

    def mac(self, message: bytes) -> bytes:
        """The code of a message."""
        return hmac.digest(self._key, message, f"sha{self.spec.size * 8}")

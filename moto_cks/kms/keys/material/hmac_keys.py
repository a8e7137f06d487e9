"""HMAC keys, whose length is that of the hash (FIPS 198-1)."""

from __future__ import annotations

import hmac

from moto_cks.kms.keys.material.base import Authenticating
from moto_cks.kms.keys.material.secret import SecretKey


class HmacKey(SecretKey, Authenticating):
    """A key for one hash function."""

    def mac(self, message: bytes) -> bytes:
        """The code of a message."""
        return hmac.digest(self._key, message, f"sha{self.spec.size * 8}")

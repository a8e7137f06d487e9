"""Symmetric encryption keys: AES-256-GCM ("AWS KMS cryptographic details")."""

from __future__ import annotations

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from moto_cks.kms.keys.material.base import Sealing, WrongInputError
from moto_cks.kms.keys.material.secret import SecretKey

NONCE_LENGTH = 12
TAG_LENGTH = 16


@lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    """One for a key: to make one takes longer than to encrypt with it."""
    return AESGCM(key)


class SymmetricKey(SecretKey, Sealing):
    """A 256-bit key."""

    def seal(self, plaintext: bytes, authenticated_data: bytes) -> bytes:
        """Encrypt: nonce, ciphertext and tag, joined."""
        nonce = os.urandom(NONCE_LENGTH)
        return nonce + _cipher(self._key).encrypt(nonce, plaintext, authenticated_data)

    def open(self, sealed: bytes, authenticated_data: bytes) -> bytes:
        """Decrypt."""
        if len(sealed) < NONCE_LENGTH + TAG_LENGTH:
            raise WrongInputError("too short")
        nonce, ciphertext = sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:]
        try:
            return _cipher(self._key).decrypt(nonce, ciphertext, authenticated_data)
        except InvalidTag:
            raise WrongInputError("it does not authenticate") from None

"""Symmetric encryption keys: AES-256-GCM ("AWS KMS cryptographic details")."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from moto_cks.kms.keys.material.base import Sealing, WrongInputError
from moto_cks.kms.specs import Spec

NONCE_LENGTH = 12
TAG_LENGTH = 16


class SymmetricKey(Sealing):
    """A 256-bit key."""

    def __init__(self, spec: Spec, key: bytes) -> None:
        super().__init__(spec)
        self._key = key

    @classmethod
    def generate(cls, spec: Spec) -> SymmetricKey:
        """New material."""
        return cls(spec, os.urandom(spec.size))

    @classmethod
    def load(cls, spec: Spec, data: bytes) -> SymmetricKey:
        """The material of 32 bytes."""
        if len(data) != spec.size:
            raise WrongInputError(f"{spec.size} bytes are needed")
        return cls(spec, data)

    def to_bytes(self) -> bytes:
        """The key."""
        return self._key

    def seal(self, plaintext: bytes, authenticated_data: bytes) -> bytes:
        """Encrypt: nonce, ciphertext and tag, joined."""
        nonce = os.urandom(NONCE_LENGTH)
        return nonce + AESGCM(self._key).encrypt(nonce, plaintext, authenticated_data)

    def open(self, sealed: bytes, authenticated_data: bytes) -> bytes:
        """Decrypt."""
        if len(sealed) < NONCE_LENGTH + TAG_LENGTH:
            raise WrongInputError("too short")
        nonce, ciphertext = sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:]
        try:
            return AESGCM(self._key).decrypt(nonce, ciphertext, authenticated_data)
        except InvalidTag:
            raise WrongInputError("it does not authenticate") from None

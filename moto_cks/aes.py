"""AES-GCM, ready for the keys that are used again and again."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


@lru_cache(maxsize=64)
def aes_gcm(key: bytes) -> AESGCM:
    """AES-GCM with a key; to set it up takes longer than to encrypt what tests do.

    Args:
        key: of 16, 24 or 32 bytes.
    """
    return AESGCM(key)

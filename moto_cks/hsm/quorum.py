"""Quorum authentication (M of N): tokens, and the officers who have signed one.

AWS CloudHSM User Guide: "Manage quorum authentication (M of N access control) using CloudHSM CLI".
A token is of one login, one service and one HSM; what the officers sign is a hash of the data of
all HSMs.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from moto_cks.hsm.policies import Service

LIFETIME = timedelta(minutes=10)
DATA_LENGTH = 32
KEY_SIZE = 2048
"""The size of an officer's RSA key, in bits."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What officers have signed.

    Attributes:
        data: the data of the tokens.
        signatures: the signatures by the names of the officers.
    """

    data: bytes = field(repr=False)
    signatures: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    @property
    def digest(self) -> bytes:
        """What is signed."""
        return hashlib.sha256(self.data).digest()


@dataclass(frozen=True, slots=True)
class QuorumToken:
    """A token that waits for signatures.

    Attributes:
        service: for which commands it is.
        username: who has asked for it.
        session_id: in which login.
        until: when it ends.
        data: what tells it from others.
    """

    service: Service
    username: str
    session_id: str
    until: datetime | None
    data: bytes = field(default_factory=lambda: os.urandom(DATA_LENGTH), repr=False)

    def lives(self, now: datetime | None) -> bool:
        """Whether it can still be used."""
        return now is None or self.until is None or now < self.until


def is_signed(public_key: str, digest: bytes, signature: bytes) -> bool:
    """Whether a signature of a digest is that of a key, as ``openssl pkeyutl`` makes it.

    Args:
        public_key: an RSA key, PEM; of any other, no signature counts.
        digest: the SHA-256 digest.
        signature: PKCS #1 v1.5.
    """
    try:
        key = serialization.load_pem_public_key(public_key.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != KEY_SIZE:
        return False
    try:
        key.verify(signature, digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True

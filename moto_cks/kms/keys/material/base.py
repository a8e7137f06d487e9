"""What key material can do; each family of keys is some of these."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from moto_cks.kms.specs import Spec


class WrongInputError(ValueError):
    """A ciphertext, a public key or material that is none, or is not for this key."""


class Material(ABC):
    """Key material. It is never shown: no ``repr`` has it, and only the bytes below tell it.

    Attributes:
        spec: its key spec.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def __deepcopy__(self, memo: dict[int, Any]) -> Material:
        # cryptography's keys cannot be copied.
        return self.load(self.spec, self.to_bytes())

    @classmethod
    def available(cls, spec: Spec) -> bool:
        """Whether the installed ``cryptography`` can compute with keys of that spec."""
        return True

    @classmethod
    @abstractmethod
    def generate(cls, spec: Spec) -> Material:
        """New material."""

    @classmethod
    @abstractmethod
    def load(cls, spec: Spec, data: bytes) -> Material:
        """The material of which :meth:`to_bytes` are the bytes, or which somebody imports.

        Raises:
            WrongInputError: it is no material of that spec.
        """

    @abstractmethod
    def to_bytes(self) -> bytes:
        """The material: the bytes of a symmetric key, else PKCS #8, DER."""


class Sealing(Material):
    """Encrypts and authenticates what belongs to it."""

    @abstractmethod
    def seal(self, plaintext: bytes, authenticated_data: bytes) -> bytes:
        """Encrypt."""

    @abstractmethod
    def open(self, sealed: bytes, authenticated_data: bytes) -> bytes:
        """Decrypt what :meth:`seal` returned.

        Raises:
            WrongInputError: it does not authenticate.
        """


class Authenticating(Material):
    """Makes message authentication codes."""

    @abstractmethod
    def mac(self, message: bytes) -> bytes:
        """The code of a message."""


class KeyPair(Material):
    """A key pair."""

    @abstractmethod
    def public_key(self) -> bytes:
        """The public key: X.509 SubjectPublicKeyInfo, DER."""


class Encrypting(KeyPair):
    """Encrypts to its public key."""

    @abstractmethod
    def encrypt(self, plaintext: bytes, algorithm: str) -> bytes:
        """Encrypt.

        Raises:
            WrongInputError: the plaintext is too long.
        """

    @abstractmethod
    def decrypt(self, ciphertext: bytes, algorithm: str) -> bytes:
        """Decrypt.

        Raises:
            WrongInputError: it was not encrypted to this key in this way.
        """


class Signing(KeyPair):
    """Signs messages, or what stands for them."""

    @abstractmethod
    def sign(self, message: bytes, algorithm: str, message_type: str) -> bytes:
        """Sign.

        Args:
            message: of the length that the algorithm takes.
            algorithm: one of its spec.
            message_type: one that the algorithm takes.
        """

    @abstractmethod
    def verify(self, message: bytes, signature: bytes, algorithm: str, message_type: str) -> bool:
        """Whether a signature is that of :meth:`sign`."""


class Agreeing(KeyPair):
    """Agrees with another key pair on a secret."""

    @abstractmethod
    def derive(self, public_key: bytes) -> bytes:
        """The secret shared with the owner of a public key, DER.

        Raises:
            WrongInputError: it is no public key of the same curve.
        """


class Encapsulating(KeyPair):
    """Makes a secret, and what its private key can tell that by."""

    @abstractmethod
    def encapsulate(self) -> tuple[bytes, bytes]:
        """A new secret, and its ciphertext."""

    @abstractmethod
    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The secret of a ciphertext; of any that is not this key's, another one.

        Raises:
            WrongInputError: it has the wrong length.
        """

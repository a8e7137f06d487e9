"""The keys in an HSM, in the terms of PKCS #11.

A key's value never leaves this module: it has no accessor, and no ``repr`` shows it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import (
    BlockCipherAlgorithm,
    Cipher,
    algorithms,
    modes,
)

from moto_cks.aes import aes_gcm
from moto_cks.hsm.errors import HsmError, ReturnCode

IV_LENGTH = 12
TAG_LENGTH = 16
CHECK_VALUE_LENGTH = 3


@dataclass(frozen=True, slots=True)
class KeyTemplate:
    """The attributes that many keys have in common (PKCS #11 ``CKA_*``).

    Attributes:
        key_type: CKA_KEY_TYPE: ``AES``, ``DES3`` or ``GENERIC_SECRET``.
        value_length: CKA_VALUE_LEN, in bytes.
        token: CKA_TOKEN, a persistent key, in contrast to a session key.
        extractable: CKA_EXTRACTABLE.
        encrypt: CKA_ENCRYPT.
        decrypt: CKA_DECRYPT.
    """

    key_type: str = "AES"
    value_length: int = 32
    token: bool = True
    private: bool = True
    sensitive: bool = True
    extractable: bool = False
    encrypt: bool = True
    decrypt: bool = True
    wrap: bool = False
    unwrap: bool = False
    local: bool = True
    destroyable: bool = True
    sign: bool = False
    verify: bool = False
    derive: bool = False
    trusted: bool = False
    wrap_with_trusted: bool = False


AES_256_TOKEN_KEY = KeyTemplate(wrap=True, unwrap=True)
"""What KMS generates: a persistent, non-extractable 256-bit AES key.

As "Find the KMS key for an AWS CloudHSM key" in the AWS KMS Developer Guide shows it.
"""


@dataclass(frozen=True, slots=True)
class KeyObject:
    """A key in an HSM. Replicas on other HSMs and in backups are the same object: it never changes.

    Where an attribute is set or the key is shared, another object takes its place.

    Attributes:
        handle: the number that names the key in every HSM of its cluster.
        label: CKA_LABEL.
        owner: name of the crypto user that generated the key.
        template: the rest of its attributes.
        key_id: CKA_ID.
        shared_with: names of the crypto users that may use the key, too.
    """

    handle: int
    label: str
    owner: str
    template: KeyTemplate
    _value: bytes = field(repr=False)
    key_id: str = ""
    shared_with: frozenset[str] = frozenset()

    def usable_by(self, name: str) -> bool:
        """Whether a crypto user may use the key."""
        return name == self.owner or name in self.shared_with

    def check_value(self) -> bytes | None:
        """The key check value: three bytes that tell keys apart and say nothing about the key.

        The beginning of an encrypted block of zeros; ``None`` for generic secrets. See "Key
        Attribute Reference" in the AWS CloudHSM User Guide.
        """
        algorithm = self._block_cipher()
        if algorithm is None:
            return None
        zeros = bytes(algorithm.block_size // 8)
        encrypted = Cipher(algorithm, modes.ECB()).encryptor().update(zeros)  # nosec B305
        return encrypted[:CHECK_VALUE_LENGTH]

    def _block_cipher(self) -> BlockCipherAlgorithm | None:
        if self.template.key_type == "AES":
            return algorithms.AES(self._value)
        if self.template.key_type == "DES3":
            # Here, because cryptography has it in this place only since version 43.
            from cryptography.hazmat.decrepit.ciphers.algorithms import (  # noqa: PLC0415
                TripleDES,
            )

            return TripleDES(self._value)
        return None

    def encrypt(self, plaintext: bytes, aad: bytes) -> bytes:
        """Encrypt with AES-GCM.

        Returns:
            Initialization vector, tag and ciphertext, joined.

        Raises:
            HsmError: KEY_FUNCTION_NOT_PERMITTED.
        """
        if not self.template.encrypt or self.template.key_type != "AES":
            raise HsmError(ReturnCode.KEY_FUNCTION_NOT_PERMITTED)
        iv = os.urandom(IV_LENGTH)
        sealed = aes_gcm(self._value).encrypt(iv, plaintext, aad)
        return iv + sealed[-TAG_LENGTH:] + sealed[:-TAG_LENGTH]

    def decrypt(self, sealed: bytes, aad: bytes) -> bytes:
        """Decrypt what ``encrypt`` returned.

        Raises:
            HsmError: KEY_FUNCTION_NOT_PERMITTED, DATA_INVALID.
        """
        if not self.template.decrypt or self.template.key_type != "AES":
            raise HsmError(ReturnCode.KEY_FUNCTION_NOT_PERMITTED)
        body = IV_LENGTH + TAG_LENGTH
        iv, tag, ciphertext = sealed[:IV_LENGTH], sealed[IV_LENGTH:body], sealed[body:]
        if len(tag) != TAG_LENGTH:
            raise HsmError(ReturnCode.DATA_INVALID)
        try:
            return aes_gcm(self._value).decrypt(iv, ciphertext + tag, aad)
        except InvalidTag:
            raise HsmError(ReturnCode.DATA_INVALID) from None


def generate_key(
    handle: int,
    label: str,
    owner: str,
    template: KeyTemplate,
    *,
    key_id: str = "",
    shared_with: frozenset[str] = frozenset(),
    value: bytes | None = None,
) -> KeyObject:
    """Generate a symmetric key from the HSM's random numbers, unless its value is given."""
    if value is None:
        value = os.urandom(template.value_length)
    return KeyObject(handle, label, owner, template, value, key_id, shared_with)

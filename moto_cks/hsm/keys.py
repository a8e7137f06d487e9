"""The keys in an HSM, in the terms of PKCS #11.

A key's value never leaves this module: it has no accessor, and no ``repr`` shows it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from moto_cks.hsm.errors import HsmError, ReturnCode

IV_LENGTH = 12
TAG_LENGTH = 16
CHECK_VALUE_LENGTH = 3


@dataclass(frozen=True, slots=True)
class KeyTemplate:
    """The attributes that many keys have in common (PKCS #11 ``CKA_*``).

    Attributes:
        key_type: CKA_KEY_TYPE.
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


AES_256_TOKEN_KEY = KeyTemplate()
"""What KMS generates: a persistent, non-extractable 256-bit AES key."""


@dataclass(frozen=True, slots=True)
class KeyObject:
    """A key in an HSM. Replicas on other HSMs and in backups are the same object: it never changes.

    Attributes:
        handle: the number that names the key in every HSM of its cluster.
        label: CKA_LABEL.
        owner: name of the crypto user that generated the key.
        template: the rest of its attributes.
    """

    handle: int
    label: str
    owner: str
    template: KeyTemplate
    _value: bytes = field(repr=False)

    def encrypt(self, plaintext: bytes, aad: bytes) -> bytes:
        """Encrypt with AES-GCM.

        Returns:
            Initialization vector, tag and ciphertext, joined.

        Raises:
            HsmError: KEY_FUNCTION_NOT_PERMITTED.
        """
        if not self.template.encrypt:
            raise HsmError(ReturnCode.KEY_FUNCTION_NOT_PERMITTED)
        iv = os.urandom(IV_LENGTH)
        sealed = AESGCM(self._value).encrypt(iv, plaintext, aad)
        return iv + sealed[-TAG_LENGTH:] + sealed[:-TAG_LENGTH]

    def decrypt(self, sealed: bytes, aad: bytes) -> bytes:
        """Decrypt what :meth:`encrypt` returned.

        Raises:
            HsmError: KEY_FUNCTION_NOT_PERMITTED, DATA_INVALID.
        """
        if not self.template.decrypt:
            raise HsmError(ReturnCode.KEY_FUNCTION_NOT_PERMITTED)
        body = IV_LENGTH + TAG_LENGTH
        iv, tag, ciphertext = sealed[:IV_LENGTH], sealed[IV_LENGTH:body], sealed[body:]
        if len(tag) != TAG_LENGTH:
            raise HsmError(ReturnCode.DATA_INVALID)
        try:
            return AESGCM(self._value).decrypt(iv, ciphertext + tag, aad)
        except InvalidTag:
            raise HsmError(ReturnCode.DATA_INVALID) from None

    def check_value(self) -> bytes:
        """The key check value (OBJ_ATTR_KCV): keys that are the same have the same.

        The first three bytes of an encrypted block of zeros; see "Key Attribute Reference" in the
        AWS CloudHSM User Guide.
        """
        encryptor = Cipher(AES(self._value), ECB()).encryptor()
        return encryptor.update(bytes(AES.block_size // 8))[:CHECK_VALUE_LENGTH]


def generate_key(handle: int, label: str, owner: str, template: KeyTemplate) -> KeyObject:
    """Generate a symmetric key from the HSM's random numbers."""
    return KeyObject(handle, label, owner, template, os.urandom(template.value_length))

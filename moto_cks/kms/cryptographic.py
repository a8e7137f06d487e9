"""The cryptographic operations: what is done with keys."""

from __future__ import annotations

import json
import os
from typing import Any

from moto.kms.models import Key

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import IncorrectKeyException, UnsupportedOperationException
from moto_cks.kms.keys.kinds import CustomKeyStoreKey, is_symmetric
from moto_cks.kms.keystores.connection import USE
from moto_cks.kms.models import WRONG_KEY
from moto_cks.kms.request import (
    CIPHERTEXT,
    KmsRequest,
    RequestedKey,
    checked,
    encode,
    not_implemented,
)
from moto_cks.kms.specs import SYMMETRIC_DEFAULT

DATA_KEY_SIZES = {"AES_128": 16, "AES_256": 32}
"""The KeySpec of a data key, and its length in bytes."""


class CryptographicOperations(KmsRequest):
    """Requests for cryptographic operations, and their answers."""

    @checked
    def encrypt(self) -> str:
        """Encrypt."""
        body = self.json_body
        key = self.key
        ciphertext = self._encrypt(key, self.blobs["Plaintext"], "EncryptionContext")
        return json.dumps(
            {
                "CiphertextBlob": encode(ciphertext),
                "KeyId": key.arn,
                "EncryptionAlgorithm": body.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT),
            }
        )

    @checked
    def decrypt(self) -> str:
        """Decrypt."""
        body = self.json_body
        (key,) = self.requested
        if key.name is not None and key.named is None:
            self.refuse_unknown(key.name)
        plaintext, arn = self._decrypt(key, "EncryptionContext")
        return json.dumps(
            {
                "Plaintext": encode(plaintext),
                "KeyId": arn,
                "EncryptionAlgorithm": body.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT),
            }
        )

    @checked
    def re_encrypt(self) -> str:
        """ReEncrypt."""
        source, destination = self.requested
        if source.name is not None:
            if source.named is None:
                self.refuse_unknown(source.name)
            if source.sealing is not None and source.named is not source.sealing:
                raise IncorrectKeyException(WRONG_KEY)
        plaintext, source_arn = self._decrypt(source, "SourceEncryptionContext")
        assert destination.named is not None  # the check before the operation
        ciphertext = self._encrypt(destination.named, plaintext, "DestinationEncryptionContext")
        return json.dumps(
            {
                "CiphertextBlob": encode(ciphertext),
                "KeyId": destination.named.arn,
                "SourceKeyId": source_arn,
                "SourceEncryptionAlgorithm": SYMMETRIC_DEFAULT,
                "DestinationEncryptionAlgorithm": SYMMETRIC_DEFAULT,
            }
        )

    @checked
    def generate_data_key(self) -> str:
        """GenerateDataKey."""
        return json.dumps(self._data_key())

    @checked
    def generate_data_key_without_plaintext(self) -> str:
        """GenerateDataKeyWithoutPlaintext."""
        answer = self._data_key()
        del answer["Plaintext"]
        return json.dumps(answer)

    def _data_key(self) -> dict[str, Any]:
        size = DATA_KEY_SIZES.get(self.json_body.get("KeySpec", ""))
        plaintext = os.urandom(size or self.json_body["NumberOfBytes"])
        key = self.key
        ciphertext = self._encrypt(key, plaintext, "EncryptionContext")
        return {
            "CiphertextBlob": encode(ciphertext),
            "Plaintext": encode(plaintext),
            "KeyId": key.arn,
        }

    def _encrypt(self, key: Key, plaintext: bytes, context: str) -> bytes:
        """Encrypt, with the encryption context in a parameter of the request."""
        given = self.json_body.get(context) or {}
        if isinstance(key, CustomKeyStoreKey):
            return key.encrypt(plaintext, given)
        return self.kms_backend.encrypt(key.id, plaintext, given)[0]

    def _decrypt(self, key: RequestedKey, context: str) -> tuple[bytes, str]:
        """Decrypt the ciphertext of the request; the plaintext, and the ARN of its key.

        Raises:
            IncorrectKeyException: the ciphertext is not that of the key that the request names.
        """
        given = self.json_body.get(context) or {}
        ciphertext, sealing, named = self.blobs.get(CIPHERTEXT, b""), key.sealing, key.named
        if isinstance(sealing, CustomKeyStoreKey):
            if named not in (None, sealing):
                raise IncorrectKeyException(WRONG_KEY)
            return sealing.decrypt(ciphertext, given), sealing.arn
        return self.kms_backend.decrypt(ciphertext, given, None if named is None else named.id)

    @checked
    def generate_data_key_pair(self) -> str:
        """GenerateDataKeyPair."""
        raise not_implemented(self.operation)

    @checked
    def generate_data_key_pair_without_plaintext(self) -> str:
        """GenerateDataKeyPairWithoutPlaintext."""
        raise not_implemented(self.operation)

    @checked
    def generate_random(self) -> str:
        """GenerateRandom, in a key store where one is named."""
        number_of_bytes = self.json_body.get("NumberOfBytes")
        if number_of_bytes is None:
            raise ValidationException("NumberOfBytes is required.")
        key_store_id = self.json_body.get("CustomKeyStoreId")
        if key_store_id is None:
            return super().generate_random()
        store = self.key_stores.get(key_store_id)
        store.connection.require(USE)
        return json.dumps({"Plaintext": encode(store.random(number_of_bytes))})

    @checked
    def sign(self) -> str:
        """Sign."""
        return super().sign()

    @checked
    def verify(self) -> str:
        """Verify."""
        return super().verify()

    @checked
    def generate_mac(self) -> str:
        """GenerateMac."""
        return super().generate_mac()

    @checked
    def verify_mac(self) -> str:
        """VerifyMac."""
        return super().verify_mac()

    @checked
    def derive_shared_secret(self) -> str:
        """DeriveSharedSecret."""
        raise not_implemented(self.operation)

    @checked
    def get_public_key(self) -> str:
        """GetPublicKey."""
        if is_symmetric(self.key.key_spec):
            raise UnsupportedOperationException
        return super().get_public_key()

"""The cryptographic operations: what is done with keys."""

from __future__ import annotations

import json
import os
from typing import Any

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import IncorrectKeyException, UnsupportedOperationException
from moto_cks.kms.keys.kinds import is_symmetric
from moto_cks.kms.keystores.connection import USE
from moto_cks.kms.models import WRONG_KEY
from moto_cks.kms.request import KmsRequest, checked, encode, not_implemented
from moto_cks.kms.specs import SYMMETRIC_DEFAULT

DATA_KEY_SIZES = {"AES_128": 16, "AES_256": 32}
"""The KeySpec of a data key, and its length in bytes."""


class CryptographicOperations(KmsRequest):
    """Requests for cryptographic operations, and their answers."""

    @checked
    def encrypt(self) -> str:
        """Encrypt."""
        body = self.json_body
        ciphertext, arn = self.kms_backend.encrypt_with(
            self.key, self._get_param("Plaintext"), self._context("EncryptionContext")
        )
        return json.dumps(
            {
                "CiphertextBlob": encode(ciphertext),
                "KeyId": arn,
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
        plaintext, arn = self.kms_backend.decrypt_with(
            key.sealing,
            self.ciphertext or b"",
            self._context("EncryptionContext"),
            key.named,
        )
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
        plaintext, source_arn = self.kms_backend.decrypt_with(
            source.sealing, self.ciphertext or b"", self._context("SourceEncryptionContext")
        )
        assert destination.named is not None  # the check before the operation
        ciphertext, arn = self.kms_backend.encrypt_with(
            destination.named, plaintext, self._context("DestinationEncryptionContext")
        )
        return json.dumps(
            {
                "CiphertextBlob": encode(ciphertext),
                "KeyId": arn,
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
        ciphertext, arn = self.kms_backend.encrypt_with(
            self.key, plaintext, self._context("EncryptionContext")
        )
        return {
            "CiphertextBlob": encode(ciphertext),
            "Plaintext": encode(plaintext),
            "KeyId": arn,
        }

    def _context(self, parameter: str) -> dict[str, str]:
        context: dict[str, str] = self.json_body.get(parameter) or {}
        return context

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

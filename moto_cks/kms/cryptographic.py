"""The cryptographic operations with symmetric encryption keys and RSA keys; random bytes."""

from __future__ import annotations

import json
import os
from typing import Any

from moto.kms.exceptions import InvalidCiphertextException

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.keys.material import families
from moto_cks.kms.keys.material.base import Encrypting, KeyPair, WrongInputError
from moto_cks.kms.keys.materials import require_available
from moto_cks.kms.request import CIPHERTEXT, KmsRequest, RequestedKey, checked, encode
from moto_cks.kms.specs import SPECS, SYMMETRIC_DEFAULT, longest_plaintext

DATA_KEY_SIZES = {"AES_128": 16, "AES_256": 32}
"""The KeySpec of a data key, and its length in bytes."""


class CryptographicOperations(KmsRequest):
    """Requests for cryptographic operations, and their answers."""

    @checked
    def encrypt(self) -> str:
        """Encrypt."""
        key = self.key
        algorithm = self.json_body.get("EncryptionAlgorithm") or SYMMETRIC_DEFAULT
        context = self._context("EncryptionContext")
        ciphertext = self._encrypt(key, self.blobs["Plaintext"], algorithm, context)
        return json.dumps(
            {
                "CiphertextBlob": encode(ciphertext),
                "KeyId": key.arn,
                "EncryptionAlgorithm": algorithm,
            }
        )

    @checked
    def decrypt(self) -> str:
        """Decrypt."""
        self.refuse_recipient()
        (source,) = self.requested
        algorithm = self.json_body.get("EncryptionAlgorithm") or SYMMETRIC_DEFAULT
        plaintext = self._decrypt(source, algorithm, self._context("EncryptionContext"))
        return json.dumps(
            {
                "Plaintext": encode(plaintext),
                "KeyId": _used(source).arn,
                "EncryptionAlgorithm": algorithm,
                **_material_id("KeyMaterialId", source),
            }
        )

    @checked
    def re_encrypt(self) -> str:
        """ReEncrypt."""
        body, (source, destination) = self.json_body, self.requested
        old = body.get("SourceEncryptionAlgorithm") or SYMMETRIC_DEFAULT
        new = body.get("DestinationEncryptionAlgorithm") or SYMMETRIC_DEFAULT
        plaintext = self._decrypt(source, old, self._context("SourceEncryptionContext"))
        key = _used(destination)
        context = self._context("DestinationEncryptionContext")
        ciphertext = self._encrypt(key, plaintext, new, context)
        return json.dumps(
            {
                "CiphertextBlob": encode(ciphertext),
                "KeyId": key.arn,
                "SourceKeyId": _used(source).arn,
                "SourceEncryptionAlgorithm": old,
                "DestinationEncryptionAlgorithm": new,
                **_material_id("SourceKeyMaterialId", source),
                **_material_id("DestinationKeyMaterialId", destination),
            }
        )

    def _context(self, parameter: str) -> dict[str, str]:
        """An encryption context of the request."""
        return self.json_body.get(parameter) or {}

    def _encrypt(
        self, key: KmsKey, plaintext: bytes, algorithm: str, context: dict[str, str]
    ) -> bytes:
        """Encrypt.

        Raises:
            ValidationException: the plaintext is too long for the key.
            KMSInvalidStateException: see :meth:`KmsKey.encrypt`.
        """
        if algorithm == SYMMETRIC_DEFAULT:
            return key.encrypt(plaintext, context)
        limit = longest_plaintext(key.spec, algorithm)
        if limit is not None and len(plaintext) > limit:
            raise ValidationException(
                f"Algorithm {algorithm} and key spec {key.spec.name} cannot encrypt data larger "
                f"than {limit} bytes."
            )
        material = key.material
        assert isinstance(material, Encrypting)  # its abilities have been checked
        return material.encrypt(plaintext, algorithm)

    def _decrypt(self, source: RequestedKey, algorithm: str, context: dict[str, str]) -> bytes:
        """Decrypt the ciphertext of the request.

        Raises:
            InvalidCiphertextException: it is none of the key's.
            KMSInvalidStateException: see :meth:`KmsKey.decrypt`.
        """
        if self.ignores_ciphertext:
            return b""  # of a dry run, which has been checked
        if source.sealing is not None:
            return self.kms_backend.opened(source.sealing, context)
        material = _used(source).material
        assert isinstance(material, Encrypting)  # its abilities have been checked
        try:
            return material.decrypt(self.blobs[CIPHERTEXT], algorithm)
        except WrongInputError:
            raise InvalidCiphertextException from None

    # Data keys -------------------------------------------------------------------------------

    @checked
    def generate_data_key(self) -> str:
        """GenerateDataKey."""
        self.refuse_recipient()
        return json.dumps(self._data_key())

    @checked
    def generate_data_key_without_plaintext(self) -> str:
        """GenerateDataKeyWithoutPlaintext."""
        answer = self._data_key()
        del answer["Plaintext"]
        return json.dumps(answer)

    def _data_key(self) -> dict[str, Any]:
        size = DATA_KEY_SIZES.get(self.json_body.get("KeySpec") or "")
        plaintext = os.urandom(size or self.json_body["NumberOfBytes"])
        key = self.key
        ciphertext = key.encrypt(plaintext, self._context("EncryptionContext"))
        return {
            "CiphertextBlob": encode(ciphertext),
            "Plaintext": encode(plaintext),
            "KeyId": key.arn,
            **_material_id("KeyMaterialId", self.requested[0]),
        }

    @checked
    def generate_data_key_pair(self) -> str:
        """GenerateDataKeyPair."""
        self.refuse_recipient()
        return json.dumps(self._data_key_pair())

    @checked
    def generate_data_key_pair_without_plaintext(self) -> str:
        """GenerateDataKeyPairWithoutPlaintext."""
        answer = self._data_key_pair()
        del answer["PrivateKeyPlaintext"]
        return json.dumps(answer)

    def _data_key_pair(self) -> dict[str, Any]:
        spec = SPECS[self.json_body["KeyPairSpec"]]
        require_available(spec)
        self.end_dry_run()  # before a key pair is made, which takes its time
        pair = families.generate(spec)
        assert isinstance(pair, KeyPair)  # the service model has no others
        private, key = pair.to_bytes(), self.key
        ciphertext = key.encrypt(private, self._context("EncryptionContext"))
        return {
            "PrivateKeyCiphertextBlob": encode(ciphertext),
            "PrivateKeyPlaintext": encode(private),
            "PublicKey": encode(pair.public_key()),
            "KeyId": key.arn,
            "KeyPairSpec": spec.name,
            **_material_id("KeyMaterialId", self.requested[0]),
        }

    # Random bytes ----------------------------------------------------------------------------

    @checked
    def generate_random(self) -> str:
        """GenerateRandom, in a key store where one is named."""
        number_of_bytes = self.json_body.get("NumberOfBytes")
        if number_of_bytes is None:
            raise ValidationException("NumberOfBytes is required.")
        self.refuse_recipient()
        key_store_id = self.json_body.get("CustomKeyStoreId")
        if key_store_id is None:
            return json.dumps({"Plaintext": encode(os.urandom(number_of_bytes))})
        random = self.key_stores.get(key_store_id).random(number_of_bytes)
        return json.dumps({"Plaintext": encode(random)})


def _used(requested: RequestedKey) -> KmsKey:
    key = requested.used
    assert key is not None  # the check before the operation
    return key


def _material_id(member: str, requested: RequestedKey) -> dict[str, str]:
    """The KeyMaterialId of what was used, where it has one."""
    material_id = requested.material_id
    return {} if material_id is None else {member: material_id}

"""The cryptographic operations with key pairs that do not encrypt, and with HMAC keys."""

from __future__ import annotations

import hmac
import json
from typing import Any

from moto.kms.exceptions import InvalidCiphertextException

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import KMSInvalidMacException, KMSInvalidSignatureException
from moto_cks.kms.keys.material.base import (
    Agreeing,
    Authenticating,
    Encapsulating,
    KeyPair,
    Signing,
    WrongInputError,
)
from moto_cks.kms.keys.metadata import algorithms
from moto_cks.kms.request import KmsRequest, checked, encode
from moto_cks.kms.specs import SIGNING_ALGORITHMS, MessageType


class AsymmetricOperations(KmsRequest):
    """Requests to sign, to authenticate, and to share secrets; and their answers."""

    # Signatures ------------------------------------------------------------------------------

    @checked
    def sign(self) -> str:
        """Sign."""
        message, algorithm, message_type = self._message()
        material = self.key.material
        assert isinstance(material, Signing)  # its abilities have been checked
        signature = material.sign(message, algorithm, message_type)
        return self._about_key(Signature=encode(signature), SigningAlgorithm=algorithm)

    @checked
    def verify(self) -> str:
        """Verify."""
        message, algorithm, message_type = self._message()
        material = self.key.material
        assert isinstance(material, Signing)  # its abilities have been checked
        if not material.verify(message, self.blobs["Signature"], algorithm, message_type):
            raise KMSInvalidSignatureException
        return self._about_key(SignatureValid=True, SigningAlgorithm=algorithm)

    def _message(self) -> tuple[bytes, str, str]:
        """The message, the signing algorithm and the message type of the request.

        Raises:
            ValidationException: the three do not go together.
        """
        message, algorithm = self.blobs["Message"], self.json_body["SigningAlgorithm"]
        message_type = self.json_body.get("MessageType") or MessageType.RAW.value
        takes = SIGNING_ALGORITHMS[algorithm]
        if message_type not in takes.message_types:
            spec = self.key.spec
            others = (SIGNING_ALGORITHMS[name] for name in spec.algorithms[self.key.key_usage])
            known = any(message_type in other.message_types for other in others)
            wrong = f"algorithm {algorithm}" if known else f"key spec {spec.name}"
            raise ValidationException(f"Message type {message_type} is incompatible with {wrong}.")
        if message_type != MessageType.RAW.value and len(message) != takes.digest_length:
            raise ValidationException(f"Digest is invalid length for algorithm {algorithm}.")
        return message, algorithm, message_type

    def _about_key(self, **members: Any) -> str:
        return json.dumps({"KeyId": self.key.arn, **members})

    # Message authentication codes ------------------------------------------------------------

    @checked
    def generate_mac(self) -> str:
        """GenerateMac."""
        return self._about_key(Mac=encode(self._mac()), MacAlgorithm=self.json_body["MacAlgorithm"])

    @checked
    def verify_mac(self) -> str:
        """VerifyMac."""
        if not hmac.compare_digest(self._mac(), self.blobs["Mac"]):
            raise KMSInvalidMacException
        return self._about_key(MacValid=True, MacAlgorithm=self.json_body["MacAlgorithm"])

    def _mac(self) -> bytes:
        material = self.key.material
        assert isinstance(material, Authenticating)  # its abilities have been checked
        return material.mac(self.blobs["Message"])

    # Shared secrets --------------------------------------------------------------------------

    @checked
    def derive_shared_secret(self) -> str:
        """DeriveSharedSecret."""
        self.refuse_recipient()
        material = self.key.material
        assert isinstance(material, Agreeing)  # its abilities have been checked
        try:
            secret = material.derive(self.blobs["PublicKey"])
        except WrongInputError:
            raise ValidationException("") from None  # AWS does not say more
        return self._about_key(
            SharedSecret=encode(secret),
            KeyAgreementAlgorithm=self.json_body["KeyAgreementAlgorithm"],
            KeyOrigin=self.key.origin,
        )

    @checked
    def encapsulate(self) -> str:
        """Encapsulate."""
        secret, ciphertext = self._encapsulating.encapsulate()
        return self._about_key(
            SharedSecret=encode(secret),
            SharedSecretCiphertextBlob=encode(ciphertext),
            EncapsulationAlgorithm=self.json_body["EncapsulationAlgorithm"],
        )

    @checked
    def decapsulate(self) -> str:
        """Decapsulate; a ciphertext of another key, or a changed one, gives another secret."""
        try:
            secret = self._encapsulating.decapsulate(self.blobs["SharedSecretCiphertextBlob"])
        except WrongInputError:
            raise InvalidCiphertextException from None
        return self._about_key(
            SharedSecret=encode(secret),
            EncapsulationAlgorithm=self.json_body["EncapsulationAlgorithm"],
        )

    @property
    def _encapsulating(self) -> Encapsulating:
        material = self.key.material
        assert isinstance(material, Encapsulating)  # its abilities have been checked
        return material

    # Public keys -----------------------------------------------------------------------------

    @checked
    def get_public_key(self) -> str:
        """GetPublicKey."""
        key, material = self.key, self.key.material
        assert isinstance(material, KeyPair)  # its abilities have been checked
        return self._about_key(
            PublicKey=encode(material.public_key()),
            KeyUsage=key.key_usage,
            **key.spec.names,
            **algorithms(key),
        )

"""Keys with imported key material (origin EXTERNAL): the one kind of key that can be PendingImport.

See "Importing key material" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
)
from moto.kms.exceptions import InvalidCiphertextException

from moto_cks.frontend.calls import Deed, announce
from moto_cks.frontend.validation import SerializationException, ValidationException
from moto_cks.kms.exceptions import (
    ExpiredImportTokenException,
    IncorrectKeyMaterialException,
    InvalidImportTokenException,
)
from moto_cks.kms.keys.kinds import DerivedStateKey
from moto_cks.kms.keys.material import families
from moto_cks.kms.keys.material.base import WrongInputError
from moto_cks.kms.keys.states import KeyState
from moto_cks.world import clock

PARAMETERS_VALID_FOR = timedelta(hours=24)
TOKEN_LENGTH = 64
DOES_NOT_EXPIRE = "KEY_MATERIAL_DOES_NOT_EXPIRE"
EXPIRES = "KEY_MATERIAL_EXPIRES"


def _oaep(algorithm: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    return padding.OAEP(padding.MGF1(algorithm), algorithm, label=None)


def _unwrap_directly(
    key: rsa.RSAPrivateKey, wrapped: bytes, scheme: padding.AsymmetricPadding
) -> bytes:
    return key.decrypt(wrapped, scheme)


def _unwrap_by_aes(
    key: rsa.RSAPrivateKey, wrapped: bytes, scheme: padding.AsymmetricPadding
) -> bytes:
    size = key.key_size // 8
    return aes_key_unwrap_with_padding(key.decrypt(wrapped[:size], scheme), wrapped[size:])


Unwrap = Callable[[rsa.RSAPrivateKey, bytes, padding.AsymmetricPadding], bytes]

WRAPPING_ALGORITHMS: dict[str, tuple[Unwrap, padding.AsymmetricPadding]] = {
    "RSAES_PKCS1_V1_5": (_unwrap_directly, padding.PKCS1v15()),
    "RSAES_OAEP_SHA_1": (_unwrap_directly, _oaep(hashes.SHA1())),
    "RSAES_OAEP_SHA_256": (_unwrap_directly, _oaep(hashes.SHA256())),
    "RSA_AES_KEY_WRAP_SHA_1": (_unwrap_by_aes, _oaep(hashes.SHA1())),
    "RSA_AES_KEY_WRAP_SHA_256": (_unwrap_by_aes, _oaep(hashes.SHA256())),
}
"""WrappingAlgorithm; SM2PKE exists in China Regions only."""

WRAPPING_KEY_SIZES = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
"""WrappingKeySpec."""


@dataclass(frozen=True)
class ImportParameters:
    """What GetParametersForImport has handed out."""

    token: bytes = field(repr=False)
    private_key: rsa.RSAPrivateKey = field(repr=False)
    algorithm: str
    valid_to: datetime

    @property
    def public_key(self) -> bytes:
        """PublicKey, DER."""
        return self.private_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key material.

        Raises:
            InvalidCiphertextException: it was not wrapped for this key in this way.
        """
        unwrap, scheme = WRAPPING_ALGORITHMS[self.algorithm]
        try:
            return unwrap(self.private_key, wrapped, scheme)
        except (ValueError, InvalidUnwrap):
            raise InvalidCiphertextException from None


class ImportedKey(DerivedStateKey):
    """A KMS key whose material its owner brings.

    Attributes:
        imported_before: whether it has had key material, which has expired or was deleted if it is
            not there.
        material_valid_to: when its key material expires; ``None`` where it does not.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._present = False
        self.imported_before = False
        self._parameters: dict[bytes, ImportParameters] = {}
        self.material_valid_to: datetime | None = None
        self._expiry: clock.Appointment | None = None
        super().__init__(*args, **kwargs)
        self.delete_material()

    @property
    def key_material(self) -> bytes:
        """What moto computes with; empty without imported material."""
        return super().key_material if self._present else b""

    @key_material.setter
    def key_material(self, material: bytes) -> None:
        """Leave aside what moto has made."""

    @property
    def current_material_id(self) -> str | None:
        """CurrentKeyMaterialId, which stays when the material is deleted or expires."""
        return self.materials.current_id if self.imported_before else None

    def state_to_keep(self, state: str) -> str:
        """What is kept when a state is set."""
        if not self._present and state != KeyState.PENDING_DELETION.value:
            return KeyState.PENDING_IMPORT.value
        return state

    def parameters_for_import(self, algorithm: str, key_spec: str) -> ImportParameters:
        """A wrapping key and the token that goes with it (GetParametersForImport)."""
        parameters = ImportParameters(
            os.urandom(TOKEN_LENGTH),
            rsa.generate_private_key(65537, WRAPPING_KEY_SIZES[key_spec]),
            algorithm,
            clock.now() + PARAMETERS_VALID_FOR,
        )
        self._parameters[parameters.token] = parameters
        return parameters

    def import_material(
        self, token: bytes, wrapped: bytes, expiration_model: str, valid_to: datetime | None
    ) -> None:
        """Take key material (ImportKeyMaterial).

        Raises:
            ValidationException, InvalidImportTokenException, ExpiredImportTokenException,
            InvalidCiphertextException, IncorrectKeyMaterialException
        """
        _check_expiration(expiration_model, valid_to)
        parameters = self._parameters.get(token)
        if parameters is None:
            raise InvalidImportTokenException
        if clock.now() >= parameters.valid_to:
            raise ExpiredImportTokenException
        self._take(parameters.unwrap(wrapped))
        self._expire_at(valid_to)
        if self.kept_state == KeyState.PENDING_IMPORT.value:
            self.kept_state = KeyState.ENABLED.value

    def _take(self, data: bytes) -> None:
        """Take key material; the first decides which it can be."""
        try:
            material = families.load(self.spec, data)
        except WrongInputError:
            raise IncorrectKeyMaterialException from None
        if not self.materials.chosen:
            self.materials.use(material)
        elif material.to_bytes() != self.materials.current.to_bytes():
            raise IncorrectKeyMaterialException
        self.imported_before = self._present = True

    def delete_material(self) -> None:
        """Forget the key material (DeleteImportedKeyMaterial); it can be imported again."""
        self._present = False
        self._expire_at(None)
        self.key_state = self.kept_state

    def end(self) -> None:
        """Note that the key is deleted: its material expires no more."""
        self._expire_at(None)

    def become_replica(self) -> None:
        """Begin, as a copy of the primary key, without material, and with an expiry of its own.

        See "Importing key material into multi-Region keys": the same material has to be imported.
        """
        self._expiry = None  # the primary key's, which stands
        self._parameters = {}
        self.imported_before = False
        self.delete_material()

    def _expire_at(self, moment: datetime | None) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        self.material_valid_to = moment
        if moment is not None:
            self._expiry = clock.at(moment, self._expire)

    def _expire(self) -> None:
        self.delete_material()
        announce(Deed("kms", "DeleteExpiredKeyMaterial", self.account_id, self.region, (self.arn,)))

    def to_dict(self) -> dict[str, Any]:
        """The KeyMetadata of DescribeKey."""
        description = super().to_dict()
        if self._present:
            metadata = description["KeyMetadata"]
            expires = self.material_valid_to is not None
            metadata["ExpirationModel"] = EXPIRES if expires else DOES_NOT_EXPIRE
            if self.material_valid_to is not None:
                metadata["ValidTo"] = self.material_valid_to.timestamp()
        return description


def _check_expiration(model: str, valid_to: datetime | None) -> None:
    if model == EXPIRES and valid_to is None:
        raise ValidationException(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
        )
    if model == DOES_NOT_EXPIRE and valid_to is not None:
        raise ValidationException(
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"
        )
    if valid_to is not None and valid_to <= clock.now():
        raise ValidationException("The validTo date must be in the future")


def moment(seconds: float | None) -> datetime | None:
    """A timestamp of a request.

    Raises:
        SerializationException: it is no moment.
    """
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, OSError, ValueError):
        raise SerializationException(None) from None

"""Keys with imported key material (origin EXTERNAL): the one kind of key that can be PendingImport.

See "Importing key material" and "Rotate AWS KMS keys" in the AWS KMS Developer Guide,
ImportKeyMaterial and DeleteImportedKeyMaterial in the AWS KMS API Reference. Which versions there
are, related multi-Region keys have in common; each of them has to be given every version.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.kms.exceptions import NotFoundException
from moto.kms.models import Key

from moto_cks.enums import StrEnum
from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import (
    ExpiredImportTokenException,
    IncorrectKeyMaterialException,
    InvalidImportTokenException,
    KMSInvalidStateException,
    UnsupportedOperationException,
)
from moto_cks.kms.keys.kinds import KmsKey
from moto_cks.kms.keys.living import DELETING
from moto_cks.kms.keys.material import families
from moto_cks.kms.keys.material.base import Material, WrongInputError
from moto_cks.kms.keys.materials import Rotation, Version
from moto_cks.kms.keys.states import KeyState
from moto_cks.kms.keys.wrapping import ImportParameters, require_supported
from moto_cks.world import clock

DOES_NOT_EXPIRE = "KEY_MATERIAL_DOES_NOT_EXPIRE"
EXPIRES = "KEY_MATERIAL_EXPIRES"

LONGEST_VALIDITY = timedelta(days=365)
"""How far ValidTo can be ahead."""

WRONG_TOKEN = (
    "The request was rejected because the provided import token is invalid or is associated with "
    "a different KMS key."
)
EXPIRED_TOKEN = (
    "The request was rejected because the specified import token is expired. Use "
    "GetParametersForImport to get a new import token and public key, use the new public key to "
    "encrypt the key material, and then try the request again."
)
WRONG_MATERIAL = (
    "The request was rejected because the key material in the request is, expired, invalid, or is "
    "not the same key material that was previously imported into this KMS key."
)
NOT_NEW = (
    "The request was rejected because the key material in the request was imported into this KMS "
    "key before."
)
IS_PENDING = (
    "New key material (id: {new}) cannot be imported into KMS key {arn}, because another key "
    "material (id: {pending}) is pending rotation."
)
NONE_PENDING = "No available key material pending rotation for the key: {arn}."
NOT_INTO_REPLICAS = (
    "{arn} is a multi-region replica key. New key material is imported into the primary key first."
)
ONE_MATERIAL = "{member} is valid only for symmetric encryption keys."
ID_OF_NEW = "KeyMaterialId is not valid with ImportType NEW_KEY_MATERIAL."


class ImportType(StrEnum):
    """ImportType."""

    NEW = "NEW_KEY_MATERIAL"
    EXISTING = "EXISTING_KEY_MATERIAL"


@dataclass(frozen=True)
class Import:
    """What an ImportKeyMaterial says.

    Attributes:
        token: ImportToken.
        wrapped: EncryptedKeyMaterial.
        expiration_model: ExpirationModel.
        valid_to: ValidTo, an aware datetime.
        type: ImportType.
        material_id: KeyMaterialId.
        description: KeyMaterialDescription.
    """

    token: bytes
    wrapped: bytes
    expiration_model: str
    valid_to: datetime | None
    type: str | None
    material_id: str | None
    description: str | None


@dataclass
class Holding:
    """That key material is there now.

    Attributes:
        valid_to: when it expires; ``None`` where it does not.
        expiry: the appointment for that.
    """

    valid_to: datetime | None
    expiry: clock.Appointment | None


class ImportedKey(KmsKey):
    """A KMS key whose material its owner brings.

    Attributes:
        imported_before: whether it has had key material, which has expired or was deleted if it is
            not there.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._begin()
        super().__init__(*args, **kwargs)

    def _begin_with(self, material: Material) -> None:
        """Have key material that is known beforehand, as if it had been imported."""
        self._hold(self.materials.use(material), None)
        self.key_state = KeyState.ENABLED.value

    def _begin(self) -> None:
        self._held: dict[str, Holding] = {}
        self._descriptions: dict[str, str] = {}
        self._parameters: dict[bytes, ImportParameters] = {}
        self.imported_before = False

    @classmethod
    def take_over(cls, key: Key) -> KmsKey:
        """Make a key of this class of one that moto has made, and given key material."""
        own = super().take_over(key)
        assert isinstance(own, cls)
        own._begin()
        own._hold(own.materials.latest, None)
        return own

    @property
    def _complete(self) -> bool:
        """Whether all key material is there that the key has ever used."""
        versions = self.materials
        return versions.chosen and all(version.id in self._held for version in versions)

    @property
    def key_material(self) -> bytes:
        """What moto computes with; empty without imported material."""
        return super().key_material if self._complete else b""

    @key_material.setter
    def key_material(self, material: bytes) -> None:
        """Leave aside what moto has made."""

    @property
    def current_material_id(self) -> str | None:
        """CurrentKeyMaterialId, which stays when the material is deleted or expires."""
        return self.materials.current_id if self.imported_before else None

    def state_to_keep(self, state: str) -> str:
        """What is kept when a state is set."""
        # The first time moto sets a state, there are no materials yet.
        if state not in DELETING and not ("materials" in vars(self) and self._complete):
            return KeyState.PENDING_IMPORT.value
        return state

    # Import ----------------------------------------------------------------------------------

    def parameters_for_import(self, algorithm: str, key_spec: str) -> ImportParameters:
        """A wrapping key and the token that goes with it (GetParametersForImport).

        Raises:
            UnsupportedOperationException: there is no such way of wrapping for this key.
        """
        require_supported(self.spec, algorithm, key_spec)
        parameters = ImportParameters.new(algorithm, key_spec)
        self._parameters[parameters.token] = parameters
        return parameters

    def import_material(self, request: Import) -> Version:
        """Take key material (ImportKeyMaterial).

        Raises:
            ValidationException, InvalidImportTokenException, ExpiredImportTokenException,
            InvalidCiphertextException, IncorrectKeyMaterialException, KMSInvalidStateException,
            UnsupportedOperationException
        """
        self._check_request(request)
        parameters = self._parameters.get(request.token)
        if parameters is None:
            raise InvalidImportTokenException(WRONG_TOKEN)
        if clock.now() >= parameters.valid_to:
            raise ExpiredImportTokenException(EXPIRED_TOKEN)
        try:
            material = families.load(self.spec, parameters.unwrap(request.wrapped))
        except WrongInputError:
            raise IncorrectKeyMaterialException(WRONG_MATERIAL) from None
        version = self.materials.version_of(material)
        self._check_version(version, request)
        self._admit(version)
        self._hold(version, request.valid_to)
        if request.description is not None:
            self._descriptions[version.id] = request.description
        if self.kept_state == KeyState.PENDING_IMPORT.value and self._complete:
            self.kept_state = KeyState.ENABLED.value
        return version

    def _check_request(self, request: Import) -> None:
        _check_expiration(request.expiration_model, request.valid_to)
        if not self.spec.encrypts_data_keys:
            given = {
                "ImportType": request.type,
                "KeyMaterialDescription": request.description,
                "KeyMaterialId": request.material_id,
            }
            for member, value in given.items():
                if value is not None:
                    raise UnsupportedOperationException(ONE_MATERIAL.format(member=member))
        if request.type == ImportType.NEW.value and request.material_id is not None:
            raise ValidationException(ID_OF_NEW)

    def _check_version(self, version: Version, request: Import) -> None:
        """Refuse key material that is not what the ImportType says."""
        materials, pending = self.materials, self.materials.pending
        known = materials.named(version.id) is version
        kind = request.type or (ImportType.EXISTING if materials.chosen else ImportType.NEW).value
        if kind == ImportType.EXISTING.value:
            if not known or request.material_id not in (None, version.id):
                raise IncorrectKeyMaterialException(WRONG_MATERIAL)
        elif known and version is not pending:
            raise IncorrectKeyMaterialException(NOT_NEW)
        elif self.relatives is not None and self.relatives.primary is not self:
            raise UnsupportedOperationException(NOT_INTO_REPLICAS.format(arn=self.arn))
        elif pending is not None and version is not pending:
            raise KMSInvalidStateException(
                IS_PENDING.format(new=version.id, arn=self.arn, pending=pending.id)
            )

    def _admit(self, version: Version) -> None:
        """Have a version that is new: the first is used at once, another one after a rotation."""
        if not self.materials.chosen:
            self.materials.take(version)
        elif self.materials.named(version.id) is not version:
            self.materials.pending = version

    def _hold(self, version: Version, valid_to: datetime | None) -> None:
        self._drop(version.id)
        expiry = None if valid_to is None else clock.at(valid_to, self._expire, version)
        self._held[version.id] = Holding(valid_to, expiry)
        self.imported_before = True

    def _drop(self, material_id: str) -> None:
        holding = self._held.pop(material_id, None)
        if holding is not None and holding.expiry is not None:
            holding.expiry.cancel()

    # Deletion --------------------------------------------------------------------------------

    def delete_material(self, material_id: str | None) -> str | None:
        """Forget key material (DeleteImportedKeyMaterial); it can be imported again.

        Args:
            material_id: its KeyMaterialId; by default that of the current one.

        Returns:
            The KeyMaterialId; ``None`` where there is none.

        Raises:
            NotFoundException: the key has no such key material.
            UnsupportedOperationException: a key of its kind has one key material only.
        """
        if material_id is None:
            if not self.materials.chosen:
                return None
            version = self.materials.latest
        else:
            if not self.spec.encrypts_data_keys:
                raise UnsupportedOperationException(ONE_MATERIAL.format(member="KeyMaterialId"))
            found = self.materials.named(material_id)
            if found is None:
                raise NotFoundException(
                    f"Key material {material_id} is not associated with {self.arn}"
                )
            version = found
        self._forget(version)
        return version.id or None

    def _forget(self, version: Version) -> None:
        keys: list[KmsKey] = [self]
        if version is self.materials.pending:
            if self._is_primary:
                # It was not yet the key's for good: other material can take its place.
                self.materials.pending = None
                keys = self._related
        elif self.kept_state not in DELETING:
            self.kept_state = KeyState.PENDING_IMPORT.value
        for key in keys:
            assert isinstance(key, ImportedKey)  # related keys have the same origin
            key._drop(version.id)

    def _expire(self, version: Version) -> None:
        holding = self._held.get(version.id)
        if holding is not None:
            holding.expiry = None  # it is being kept, and again where that is interrupted
        self._forget(version)
        details = {"keyMaterialId": version.id} if version.id else {}
        self._announce("DeleteExpiredKeyMaterial", details)

    def end(self) -> None:
        """Note that the key is deleted: its material expires no more."""
        super().end()
        for material_id in list(self._held):
            self._drop(material_id)

    # Rotation --------------------------------------------------------------------------------

    @property
    def _is_primary(self) -> bool:
        return self.relatives is None or self.relatives.primary is self

    @property
    def _related(self) -> list[Any]:
        return [self] if self.relatives is None else list(self.relatives.members.values())

    @property
    def _next(self) -> Version | None:
        """What it can be rotated to: all related keys have been given it."""
        pending = self.materials.pending
        if pending is None or not all(pending.id in key._held for key in self._related):
            return None
        return pending

    def require_next_material(self) -> None:
        """Refuse a rotation on demand for which nothing was imported.

        Raises:
            KMSInvalidStateException
        """
        if self._next is None:
            raise KMSInvalidStateException(NONE_PENDING.format(arn=self.arn))

    def _turn(self, rotation: Rotation) -> bool:
        version = self._next
        if version is None:
            return False
        self.materials.take(version, rotation)
        return True

    def described_versions(self) -> Iterator[dict[str, Any]]:
        """All entries that ListKeyRotations can have."""
        if self.materials.chosen:
            yield from super().described_versions()
        pending = self.materials.pending
        if pending is not None:
            entry = self._version_entry(pending)
            waits = self._next is None
            state = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" if waits else "PENDING_ROTATION"
            yield {**entry, "KeyMaterialState": state}

    def _version_entry(self, version: Version) -> dict[str, Any]:
        entry = super()._version_entry(version)
        description = self._descriptions.get(version.id)
        if description is not None:
            entry["KeyMaterialDescription"] = description
        holding = self._held.get(version.id)
        entry["ImportState"] = "PENDING_IMPORT" if holding is None else "IMPORTED"
        if holding is not None:
            entry.update(_expiration(holding.valid_to))
        return entry

    def to_dict(self) -> dict[str, Any]:
        """The answer of DescribeKey."""
        description = super().to_dict()
        holdings = [self._held[each.id] for each in self.materials if each.id in self._held]
        if holdings:
            ends = [each.valid_to for each in holdings if each.valid_to is not None]
            description["KeyMetadata"].update(_expiration(min(ends, default=None)))
        return description


def _expiration(valid_to: datetime | None) -> dict[str, Any]:
    if valid_to is None:
        return {"ExpirationModel": DOES_NOT_EXPIRE}
    return {"ExpirationModel": EXPIRES, "ValidTo": valid_to.timestamp()}


def _check_expiration(model: str, valid_to: datetime | None) -> None:
    if model == EXPIRES and valid_to is None:
        raise ValidationException(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
        )
    if model == DOES_NOT_EXPIRE and valid_to is not None:
        raise ValidationException(
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"
        )
    if valid_to is None:
        return
    now = clock.now()
    if valid_to <= now:
        raise ValidationException("The validTo date must be in the future")
    if valid_to > now + LONGEST_VALIDITY:
        raise ValidationException("The validTo date must be within 365 days from now")

"""The versions of the key material of a KMS key, which related multi-Region keys share.

AWS KMS Developer Guide: "Rotate AWS KMS keys".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from moto_cks.enums import StrEnum
from moto_cks.kms.exceptions import UnsupportedOperationException
from moto_cks.kms.keys.material import families
from moto_cks.kms.keys.material.base import Material
from moto_cks.kms.specs import Spec


class RotationType(StrEnum):
    """RotationType of ListKeyRotations."""

    AUTOMATIC = "AUTOMATIC"
    ON_DEMAND = "ON_DEMAND"


@dataclass(frozen=True, slots=True)
class Rotation:
    """That a key was rotated.

    Attributes:
        date: when, in seconds since the epoch.
        type: at whose wish.
    """

    date: float
    type: RotationType


@dataclass(slots=True, eq=False)
class Version:
    """Key material of a key.

    Attributes:
        material: the key material.
        id: its KeyMaterialId; empty where the key cannot have more than one.
        rotation: the rotation that made it the current one; ``None`` for the first, and while that
            is to come.
    """

    material: Material
    id: str = ""
    rotation: Rotation | None = None


def material_id_of(key_id: str, material: Material) -> str:
    """The KeyMaterialId: it follows from the KMS key and the material, which it does not tell."""
    return hashlib.sha256(key_id.encode() + b"\0" + material.to_bytes()).hexdigest()


def require_available(spec: Spec) -> None:
    """Refuse a key spec with which nothing installed can compute.

    Raises:
        UnsupportedOperationException
    """
    if not families.available(spec):
        raise UnsupportedOperationException(f"KeySpec {spec.name} is not supported in this Region")


class KeyMaterials:
    """Key material of KMS's own is made when it is first needed: an RSA key takes its time.

    Only symmetric encryption keys have versions with IDs, and can have more than one.

    Args:
        spec: the key spec.
        key_id: the key ID, which related multi-Region keys have in common.

    Attributes:
        pending: what was imported to be rotated to; it is no version yet.
    """

    def __init__(self, spec: Spec, key_id: str) -> None:
        self._spec = spec
        self._key_id = key_id
        self._versions: dict[str, Version] = {}
        self._latest: Version | None = None
        self.pending: Version | None = None

    @property
    def latest(self) -> Version:
        """What is used now.

        Raises:
            UnsupportedOperationException: moto has made a key of a spec that is not to be had here.
        """
        if self._latest is None:
            require_available(self._spec)
            return self.use(families.generate(self._spec))
        return self._latest

    @property
    def current(self) -> Material:
        """The key material that is used now.

        Raises:
            UnsupportedOperationException: as for :attr:`latest`.
        """
        return self.latest.material

    @property
    def chosen(self) -> bool:
        """Whether it is known what is used."""
        return self._latest is not None

    @property
    def current_id(self) -> str | None:
        """The KeyMaterialId of what is used now, or was used last; ``None`` where it has none."""
        return self.latest.id if self._spec.encrypts_data_keys else None

    def __iter__(self) -> Iterator[Version]:
        """The versions in the order of their use."""
        return iter(self._versions.values())

    def of(self, material_id: str) -> Material | None:
        """The key material of a version, by its ID."""
        version = self._versions.get(material_id)
        return None if version is None else version.material

    def version_of(self, material: Material) -> Version:
        """The version, or what is pending, that has this key material; else a new one."""
        new = self._new(material)
        if self.pending is not None and self.pending.id == new.id:
            return self.pending
        known = self._versions.get(new.id)
        same = known is not None and known.material.to_bytes() == material.to_bytes()
        return known if known is not None and same else new

    def named(self, material_id: str) -> Version | None:
        """The version, or what is pending, of an ID."""
        if self.pending is not None and self.pending.id == material_id:
            return self.pending
        return self._versions.get(material_id)

    def rotated(self, rotation_type: RotationType, since: float = 0) -> int:
        """How often they were rotated.

        Args:
            rotation_type: at whose wish.
            since: from which moment on, in seconds since the epoch.
        """
        rotations = [version.rotation for version in self if version.rotation is not None]
        return sum(each.type is rotation_type and each.date >= since for each in rotations)

    def _new(self, material: Material) -> Version:
        if not self._spec.encrypts_data_keys:
            return Version(material)
        return Version(material, material_id_of(self._key_id, material))

    def use(self, material: Material, rotation: Rotation | None = None) -> Version:
        """Use other material from now on; what was encrypted before can still be decrypted.

        Args:
            material: the key material.
            rotation: by which rotation; ``None`` for the first.
        """
        return self.take(self._new(material), rotation)

    def take(self, version: Version, rotation: Rotation | None = None) -> Version:
        """As :meth:`use`, with what is a version already."""
        version.rotation = rotation
        self._versions[version.id] = self._latest = version
        if version is self.pending:
            self.pending = None
        return version

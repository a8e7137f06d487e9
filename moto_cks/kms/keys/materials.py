"""The versions of the key material of a KMS key, which related multi-Region keys share."""

from __future__ import annotations

import hashlib

from moto_cks.kms.exceptions import UnsupportedOperationException
from moto_cks.kms.keys.material import families
from moto_cks.kms.keys.material.base import Material
from moto_cks.kms.specs import Spec


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

    Only versions of symmetric encryption keys have IDs, and can be more than one.

    Args:
        spec: the key spec.
        key_id: the key ID, which related multi-Region keys have in common.
    """

    def __init__(self, spec: Spec, key_id: str) -> None:
        self._spec = spec
        self._key_id = key_id
        self._current: Material | None = None
        self._current_id: str | None = None
        self._by_id: dict[str, Material] = {}

    @property
    def current(self) -> Material:
        """What is used now.

        Raises:
            UnsupportedOperationException: moto has made a key of a spec that is not to be had here.
        """
        if self._current is None:
            require_available(self._spec)
            self.use(families.generate(self._spec))
            assert self._current is not None
        return self._current

    @property
    def chosen(self) -> bool:
        """Whether it is known what is used."""
        return self._current is not None

    @property
    def current_id(self) -> str | None:
        """The KeyMaterialId of what is used now, or was used last; ``None`` where it has none."""
        if self._current_id is None and self._spec.encrypts_data_keys:
            _ = self.current
        return self._current_id

    def of(self, material_id: str) -> Material | None:
        """A version by its ID."""
        return self._by_id.get(material_id)

    def use(self, material: Material) -> None:
        """Use other material from now on; what was encrypted before can still be decrypted."""
        self._current = material
        if self._spec.encrypts_data_keys:
            self._current_id = material_id_of(self._key_id, material)
            self._by_id[self._current_id] = material

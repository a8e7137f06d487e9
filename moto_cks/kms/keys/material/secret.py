"""Secret keys: random bytes, as many as their key spec says."""

from __future__ import annotations

import os
from typing import TypeVar

from moto_cks.kms.keys.material.base import Material, WrongInputError
from moto_cks.kms.specs import Spec

Self = TypeVar("Self", bound="SecretKey")


class SecretKey(Material):
    """A key that is so many random bytes."""

    def __init__(self, spec: Spec, key: bytes) -> None:
        super().__init__(spec)
        self._key = key

    @classmethod
    def generate(cls: type[Self], spec: Spec) -> Self:
        """New material."""
        return cls(spec, os.urandom(spec.size))

    @classmethod
    def load(cls: type[Self], spec: Spec, data: bytes) -> Self:
        """The material, of the length of the spec."""
        if len(data) != spec.size:
            raise WrongInputError(f"{spec.size} bytes are needed")
        return cls(spec, data)

    def to_bytes(self) -> bytes:
        """The key."""
        return self._key

"""What newer versions of ``cryptography`` have of FIPS 203 and 204, looked up once.

The modules are missing in older versions, some parameter sets in all; the backend has a say, too.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any, ClassVar, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm

from moto_cks.kms.keys.material.der import load_private
from moto_cks.kms.keys.material.key_pair import HeldKeyPair
from moto_cks.kms.specs import Spec

Self = TypeVar("Self", bound="PostQuantumKeyPair")


@cache
def private_key_class(module: str, name: str, method: str) -> Any:
    """A class of private keys.

    Args:
        module: the module of ``cryptography.hazmat.primitives.asymmetric``.
        name: the class.
        method: a method that it must have.

    Returns:
        The class; ``None`` where it is missing, or cannot make a key.
    """
    try:
        found = importlib.import_module(f"cryptography.hazmat.primitives.asymmetric.{module}")
    except ModuleNotFoundError:
        return None
    kind = getattr(found, name, None)
    if kind is None or not hasattr(kind, method):
        return None
    try:
        kind.generate()
    except UnsupportedAlgorithm:
        return None
    return kind


class PostQuantumKeyPair(HeldKeyPair):
    """A key pair of one of the parameter sets.

    Attributes:
        MODULE: where ``cryptography`` has the classes of the private keys.
        METHOD: what they can do.
    """

    MODULE: ClassVar[str]
    METHOD: ClassVar[str]

    @classmethod
    def _class(cls, spec: Spec) -> Any:
        name = f"{spec.name.replace('_', '')}PrivateKey"
        return private_key_class(cls.MODULE, name, cls.METHOD)

    @classmethod
    def available(cls, spec: Spec) -> bool:
        """Whether ``cryptography`` has the parameter set, and what is asked of its keys."""
        return cls._class(spec) is not None

    @classmethod
    def generate(cls: type[Self], spec: Spec) -> Self:
        """New material."""
        return cls(spec, cls._class(spec).generate())

    @classmethod
    def load(cls: type[Self], spec: Spec, data: bytes) -> Self:
        """The material of a private key, PKCS #8."""
        return cls(spec, load_private(data, cls._class(spec)))

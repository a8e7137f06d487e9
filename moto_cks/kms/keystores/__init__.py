"""Custom key stores: what they have in common, and a folder for each kind.

A kind subclasses :class:`KeyStore` and has its row in :data:`moto_cks.kms.keystores.kinds.KINDS`;
nothing else in KMS knows it.
"""

from moto_cks.kms.keystores.base import KeyStore, MaterialNotFoundError
from moto_cks.kms.keystores.registry import KeyStoreRegistry

__all__ = ["KeyStore", "KeyStoreRegistry", "MaterialNotFoundError"]

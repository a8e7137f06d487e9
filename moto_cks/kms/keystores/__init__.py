"""Custom key stores: what they have in common, and each kind."""

from moto_cks.kms.keystores.base import KeyStore, MaterialNotFoundError
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.registry import KeyStoreRegistry

__all__ = ["CloudHsmKeyStore", "KeyStore", "KeyStoreRegistry", "MaterialNotFoundError"]

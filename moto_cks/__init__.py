"""A plugin for moto: AWS KMS custom key stores and CloudHSM clusters that behave as documented."""

from moto_cks.handle.key_store import KeyStoreHandle as KeyStore
from moto_cks.handle.modes import cks
from moto_cks.handle.protocols.cks import Cks
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.hsm import HsmError, ReturnCode, UserType
from moto_cks.mock import mock_cks

__all__ = ["Cks", "Cluster", "HsmError", "KeyStore", "ReturnCode", "UserType", "cks", "mock_cks"]

"""A plugin for moto: AWS KMS custom key stores and CloudHSM clusters that behave as documented."""

from moto_cks.cluster_handle import Cluster
from moto_cks.handle import Cks, KeyStore
from moto_cks.hsm import HsmError, ReturnCode, UserType
from moto_cks.mock import mock_cks
from moto_cks.modes import cks

__all__ = ["Cks", "Cluster", "HsmError", "KeyStore", "ReturnCode", "UserType", "cks", "mock_cks"]

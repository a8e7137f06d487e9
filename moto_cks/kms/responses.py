"""KMS requests: moto's, after the checks that AWS makes first, and the ones that moto lacks."""

from __future__ import annotations

from moto_cks.kms.alias_operations import AliasOperations
from moto_cks.kms.asymmetric import AsymmetricOperations
from moto_cks.kms.cryptographic import CryptographicOperations
from moto_cks.kms.grant_operations import GrantOperations
from moto_cks.kms.importing import ImportOperations
from moto_cks.kms.management import ManagementOperations
from moto_cks.kms.replicating import MultiRegionOperations
from moto_cks.kms.rotating import RotationOperations
from moto_cks.kms.scheduling import LifetimeOperations


class CksKmsResponse(
    CryptographicOperations,
    AsymmetricOperations,
    ManagementOperations,
    AliasOperations,
    GrantOperations,
    LifetimeOperations,
    RotationOperations,
    MultiRegionOperations,
    ImportOperations,
):
    """The actions of the AWS KMS API Reference."""

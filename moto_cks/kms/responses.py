"""KMS requests: moto's, after the checks that AWS makes first, and the ones that moto lacks."""

from __future__ import annotations

from moto_cks.kms.asymmetric import AsymmetricOperations
from moto_cks.kms.cryptographic import CryptographicOperations
from moto_cks.kms.importing import ImportOperations
from moto_cks.kms.management import ManagementOperations


class CksKmsResponse(
    CryptographicOperations, AsymmetricOperations, ManagementOperations, ImportOperations
):
    """The actions of the AWS KMS API Reference."""

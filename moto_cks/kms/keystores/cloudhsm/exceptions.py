"""The errors of KMS that are about a CloudHSM cluster; each class is named after the error code.

See "Errors" of https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html,
UpdateCustomKeyStore and ConnectCustomKeyStore.
"""

from __future__ import annotations

from moto_cks.kms.exceptions import KmsException


class CloudHsmClusterInUseException(KmsException):
    """The cluster, or a related one, backs another key store."""


class CloudHsmClusterInvalidConfigurationException(KmsException):
    """The cluster does not meet the requirements of a key store."""


class CloudHsmClusterNotActiveException(KmsException):
    """The cluster is not initialized and activated."""


class CloudHsmClusterNotFoundException(KmsException):
    """There is no cluster with that ID in the account and Region."""


class CloudHsmClusterNotRelatedException(KmsException):
    """The cluster has another cluster certificate."""


class IncorrectTrustAnchorException(KmsException):
    """The trust anchor certificate is not the cluster's."""

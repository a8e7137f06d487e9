"""The errors of KMS that are about an external key store proxy or an external key.

Each class is named after the error code. See "Errors" of
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html,
UpdateCustomKeyStore and CreateKey.
"""

from __future__ import annotations

from moto_cks.kms.exceptions import KmsException


class XksKeyAlreadyInUseException(KmsException):
    """Another KMS key of the key store has the external key."""


class XksKeyInvalidConfigurationException(KmsException):
    """The external key is not one that a key store can use."""


class XksKeyNotFoundException(KmsException):
    """The proxy does not know the external key."""


class XksProxyIncorrectAuthenticationCredentialException(KmsException):
    """The proxy does not accept what KMS has signed."""


class XksProxyInvalidConfigurationException(KmsException):
    """The proxy is not configured as the key store says."""


class XksProxyInvalidResponseException(KmsException):
    """KMS cannot interpret what the proxy has answered."""


class XksProxyUriEndpointInUseException(KmsException):
    """Another external key store of the Region has the endpoint."""


class XksProxyUriInUseException(KmsException):
    """Another external key store of the Region has the endpoint and the path."""


class XksProxyUriUnreachableException(KmsException):
    """KMS cannot reach the proxy, or no external key manager behind it is available."""


class XksProxyVpcEndpointServiceInvalidConfigurationException(KmsException):
    """The VPC endpoint service is not as KMS needs it."""


class XksProxyVpcEndpointServiceNotFoundException(KmsException):
    """There is no such VPC endpoint service, or KMS may not connect to it."""


class XksProxyVpcEndpointServiceInUseException(KmsException):
    """Another external key store of the Region has the VPC endpoint service."""

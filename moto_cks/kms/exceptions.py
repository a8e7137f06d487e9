"""The errors of KMS; each class is named after the error code.

What each means: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and the
"Errors" section of each operation's page. Those of one kind of key store are beside it.
"""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError


class KmsException(JsonRESTError):
    """An error of KMS, HTTP status 400 unless a subclass says otherwise.

    Args:
        message: what AWS says.
    """

    code = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(type(self).__name__, message)


class AccessDeniedException(KmsException):
    """The caller may not do that, or there is nothing to do it with; KMS does not say which."""


class AlreadyExistsException(KmsException):
    """There is one of that name."""


class ConflictException(KmsException):
    """Something is in progress, or about to be, that the operation would come in the way of."""


class CustomKeyStoreHasCMKsException(KmsException):
    """The key store still has KMS keys."""


class CustomKeyStoreInvalidStateException(KmsException):
    """The connection state does not allow the operation."""


class CustomKeyStoreNameInUseException(KmsException):
    """Another key store has that name."""


class CustomKeyStoreNotFoundException(KmsException):
    """There is no key store with that ID or name."""


class DependencyTimeoutException(KmsException):
    """What KMS depends on does not answer."""

    code = 503


class DisabledException(KmsException):
    """The key is disabled."""


class DryRunOperationException(KmsException):
    """The call would have worked."""


class ExpiredImportTokenException(KmsException):
    """The import token is too old."""


class IncorrectKeyException(KmsException):
    """The ciphertext belongs to another key."""


class IncorrectKeyMaterialException(KmsException):
    """The key material is not what the key can or did have."""


class InvalidImportTokenException(KmsException):
    """The import token is not one of this key's."""


class InvalidArnException(KmsException):
    """The ARN, or what stands in the place of one, is not of what it should be."""


class InvalidGrantTokenException(KmsException):
    """The grant token is none."""


class InvalidKeyUsageException(KmsException):
    """The key is not for that."""


class InvalidMarkerException(KmsException):
    """The marker was not made by the operation."""


class KMSInternalException(KmsException):
    """KMS could not do it; a retry may succeed."""

    code = 500


class KMSInvalidMacException(KmsException):
    """The code is not that of the message; AWS does not say more."""


class KMSInvalidSignatureException(KmsException):
    """The signature is not that of the message; AWS does not say more."""


class KMSInvalidStateException(KmsException):
    """The state of the key, of its key store or of what backs that does not allow the operation."""


class LimitExceededException(KmsException):
    """A quota is used up."""


class MalformedPolicyDocumentException(KmsException):
    """The key policy is none, or KMS refuses it."""


class NotAuthorizedException(KmsException):
    """Nobody may do that; what it is about belongs to AWS."""


class TagException(KmsException):
    """The tags are not as tags can be."""


class ThrottlingException(KmsException):
    """The rate of the requests exceeds a quota."""


class UnsupportedOperationException(KmsException):
    """The key cannot do that."""

"""What CloudHSM answers when it refuses a request.

See "Errors" of each action in the AWS CloudHSM API Reference. The classes bear AWS's own codes.
"""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class CloudHsmInvalidRequestException(ServiceException):
    """The request is not valid, or not in the state that the resource is in."""

    code = "CloudHsmInvalidRequestException"


class CloudHsmResourceNotFoundException(ServiceException):
    """The request names a resource that does not exist."""

    code = "CloudHsmResourceNotFoundException"


class CloudHsmResourceLimitExceededException(ServiceException):
    """The request exceeds a limit of CloudHSM."""

    code = "CloudHsmResourceLimitExceededException"


class CloudHsmTagException(ServiceException):
    """The tags of the request cannot be set."""

    code = "CloudHsmTagException"


def no_such(kind: str, resource_id: str) -> CloudHsmResourceNotFoundException:
    """The answer to a request that names an unknown resource.

    Args:
        kind: Cluster, HSM, Backup or Resource.
        resource_id: the ID or ARN in the request.
    """
    return CloudHsmResourceNotFoundException(f"{kind} '{resource_id}' was not found")

"""The requestMetadata of what KMS asks: on whose behalf, and for which request of theirs.

AWS KMS External Key Store Proxy API Specification 1.0.3, appendix B.
"""

from __future__ import annotations

from typing import NamedTuple

from moto.moto_api._internal import mock_random

from moto_cks.frontend.current import current_request

HEALTH_CHECK = "KmsHealthCheck"
"""The kmsOperation of what KMS asks of its own accord."""

KMS_ITSELF = "AWS Internal"


class ExternalKey(NamedTuple):
    """How an external key store names what a KMS key uses.

    Attributes:
        id: XksKeyId.
        kms_key_arn: the KMS key.
    """

    id: str
    kms_key_arn: str


def request_id() -> str:
    """The ID of the request that is being answered; of none, a new one."""
    request = current_request()
    return str(mock_random.uuid4()) if request is None else request.request_id


def of_health_check(operation: str, request_id: str) -> dict[str, str]:
    """That of a health check, which is in nobody's name."""
    return {"kmsRequestId": request_id, "kmsOperation": operation}


def of_request(operation: str, key: ExternalKey | None = None) -> dict[str, str]:
    """That of what the current request needs.

    Args:
        operation: the operation of KMS, where no request says it.
        key: the key that is used; ``None`` while it does not exist.
    """
    request = current_request()
    metadata = {
        "awsPrincipalArn": KMS_ITSELF if request is None else request.principal_arn,
        "kmsOperation": operation if request is None else request.operation,
        "kmsRequestId": request_id(),
    }
    if key is not None:
        metadata["kmsKeyArn"] = key.kms_key_arn
        if request is not None and request.invoked_by is not None:
            service, _, domain = request.invoked_by.partition(".")
            region = key.kms_key_arn.split(":")[3]
            metadata["kmsViaService"] = f"{service}.{region}.{domain}"
    return metadata

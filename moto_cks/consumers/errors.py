"""What each service answers when KMS refuses it.

The codes are those that the services' API models declare; where the codes and messages were seen on
AWS, they are those. What neither says is in the documentation under "Where AWS does not say".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException

from moto_cks.consumers.uses import DECRYPT, Refusal

ACCESS_DENIED, DISABLED = "AccessDeniedException", "DisabledException"
INVALID_STATE, NOT_FOUND = "KMSInvalidStateException", "NotFoundException"
INVALID_USAGE, THROTTLED = "InvalidKeyUsageException", "ThrottlingException"

SQS: Mapping[str, str] = {
    ACCESS_DENIED: "KmsAccessDenied",
    DISABLED: "KmsDisabled",
    INVALID_STATE: "KmsInvalidState",
    NOT_FOUND: "KmsNotFound",
    INVALID_USAGE: "KmsInvalidKeyUsage",
    THROTTLED: "KmsThrottled",
}
SNS: Mapping[str, str] = {
    ACCESS_DENIED: "KMSAccessDenied",
    DISABLED: "KMSDisabled",
    INVALID_STATE: "KMSInvalidState",
    NOT_FOUND: "KMSNotFound",
    THROTTLED: "KMSThrottling",
}
KINESIS: Mapping[str, str] = {
    ACCESS_DENIED: "KMSAccessDeniedException",
    DISABLED: "KMSDisabledException",
    INVALID_STATE: "KMSInvalidStateException",
    NOT_FOUND: "KMSNotFoundException",
    THROTTLED: "KMSThrottlingException",
}
"""The errors of KMS for which SQS, SNS and Kinesis declare one of their own."""


class ServerError(JsonRESTError):
    """An error that is no fault of the client's, of a service that speaks JSON."""

    code = 500

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.error_type, self.message)


@cache
def _exception(service: str) -> type[ServiceException]:
    """The exceptions of a service: moto knows its API model by the module of their class."""

    def reduce(self: ServiceException) -> tuple[Any, ...]:
        return _again, (service, self.code, self.message), vars(self)

    content = {"__module__": f"moto.{service}.errors", "__reduce__": reduce}
    return type("ServiceException", (ServiceException,), content)


def _again(service: str, code: str, message: str) -> ServiceException:
    """An exception of a service that was pickled."""
    return _exception(service)(code, message)


def s3(refusal: Refusal) -> Exception:
    """KMS's own error, as ``KMS.DisabledException``; seen on AWS."""
    from moto.s3.exceptions import S3ClientError  # noqa: PLC0415 - S3 is in use by now

    return S3ClientError(f"KMS.{refusal.code}", refusal.message)


def secrets_manager(refusal: Refusal) -> Exception:
    """DecryptionFailure or EncryptionFailure; the first, and AccessDeniedException, seen on AWS."""
    if refusal.code == ACCESS_DENIED:
        return JsonRESTError(ACCESS_DENIED, "Access to KMS is not allowed")
    if refusal.operation == DECRYPT:
        message = f"Secrets Manager can't decrypt the secret value: {refusal.as_sdk_says}"
        return _exception("secretsmanager")("DecryptionFailure", message)
    message = f"Secrets Manager can't encrypt the secret value: {refusal.as_sdk_says}"
    return _exception("secretsmanager")("EncryptionFailure", message)


def ssm(refusal: Refusal) -> Exception:
    """InvalidKeyId, with what the SDK says; seen on AWS, as is AccessDeniedException."""
    if refusal.code == ACCESS_DENIED:
        return JsonRESTError(ACCESS_DENIED, refusal.as_sdk_says)
    return _exception("ssm")("InvalidKeyId", refusal.as_sdk_says)


def sqs(refusal: Refusal) -> Exception:
    """KmsDisabled and its like."""
    code = SQS.get(refusal.code)
    if code is None:
        return ServerError("InternalFailure", refusal.as_sdk_says)
    return _exception("sqs")(code, refusal.as_sdk_says)


def sns(refusal: Refusal) -> Exception:
    """KMSDisabled and its like."""
    return _exception("sns")(SNS.get(refusal.code, "InternalError"), refusal.as_sdk_says)


def kinesis(refusal: Refusal) -> Exception:
    """KMSDisabledException and its like."""
    code = KINESIS.get(refusal.code)
    if code is None:
        return ServerError("InternalFailureException", refusal.message)
    return _exception("kinesis")(code, refusal.message)


_DYNAMODB: Mapping[str, tuple[str, str, str]] = {
    ACCESS_DENIED: (ACCESS_DENIED, "KMS key access denied error", "AWSKMSException"),
    DISABLED: ("ValidationException", "KMS key disabled error", DISABLED),
    INVALID_STATE: ("ValidationException", "KMS validation error", INVALID_STATE),
    NOT_FOUND: ("ValidationException", "KMS validation error", NOT_FOUND),
}
_DYNAMODB_INTERNAL = ("InternalServerError", "KMS internal error", "AWSKMSException")
_DYNAMODB_CLASSES = {ACCESS_DENIED: JsonRESTError, "InternalServerError": ServerError}


def dynamodb(refusal: Refusal) -> Exception:
    """ValidationException with the SDK's exception, for tables and items alike; seen on AWS."""
    code, kind, exception = _DYNAMODB.get(refusal.code, _DYNAMODB_INTERNAL)
    said = f"com.amazonaws.services.kms.model.{exception}: {refusal.as_sdk_says}"
    if code in _DYNAMODB_CLASSES:
        return _DYNAMODB_CLASSES[code](code, f"{kind}: {said}")
    invalid = _exception("dynamodb")(code, f"{kind}: {said}")
    invalid.name = "ValidationError"  # type: ignore[attr-defined] # of BatchExecuteStatement
    return invalid


def ec2(refusal: Refusal) -> Exception:
    """InvalidKMSKey.InvalidState; seen on AWS as the reason why an instance was not started."""
    from moto.ec2.exceptions import EC2ClientError  # noqa: PLC0415 - EC2 is in use by now

    message = "The KMS key provided is in an incorrect state"
    return EC2ClientError("InvalidKMSKey.InvalidState", message)


def rds(refusal: Refusal) -> Exception:
    """KMSKeyNotAccessibleFault, in moto's words for it."""
    from moto.rds.exceptions import KMSKeyNotAccessibleFault  # noqa: PLC0415 - RDS is in use by now

    return KMSKeyNotAccessibleFault(refusal.key_id)


def cloudtrail(refusal: Refusal) -> Exception:
    """KmsKeyNotFoundException; KmsException for whatever else is wrong with a key."""
    code = "KmsKeyNotFoundException" if refusal.code == NOT_FOUND else "KmsException"
    return _exception("cloudtrail")(code, refusal.message)


def logs_association(refusal: Refusal) -> Exception:
    """InvalidParameterException when a key is associated with a log group; seen on AWS."""
    return _exception("logs")(
        "InvalidParameterException", "The specified KMS Key Id could not be found."
    )


def logs_data(refusal: Refusal) -> Exception:
    """AccessDeniedException, as seen on AWS where CloudWatch Logs may not use a key."""
    arn = refusal.context["aws:logs:arn"]
    message = f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'"
    return _exception("logs")(ACCESS_DENIED, message)

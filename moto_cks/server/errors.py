"""The errors that AWS's front end answers, before a service sees the request.

For what each means: "Common Errors" in the AWS KMS API Reference. Where the HTTP status there and
that of the JSON protocol differ, the protocol's stands, as with every service on that front end.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape  # nosec B406 # it writes XML, and reads none

JSON_TYPE = "application/x-amz-json-1.1"
XML_TYPE = "text/xml"


@dataclass(frozen=True)
class AwsError:
    """An error as AWS shows it.

    Attributes:
        status: the HTTP status.
        code: the exception.
        message: what it says; some say nothing.
        close: whether the connection ends with it.
    """

    status: int
    code: str
    message: str = ""
    close: bool = False

    def headers(self, content_type: str) -> list[tuple[str, str]]:
        """The headers of the answer, without the length of its body."""
        headers = [
            ("Content-Type", content_type),
            ("x-amzn-RequestId", str(uuid.uuid4())),
            ("x-amzn-ErrorType", self.code),
        ]
        return [*headers, ("Connection", "close")] if self.close else headers

    def json(self) -> bytes:
        """The body in AWS's JSON protocols."""
        # The two front ends of AWS differ in how they spell it; every SDK reads both.
        said = {"message": self.message} if self.message else {}
        return json.dumps({"__type": self.code, **said}).encode()

    def xml(self) -> bytes:
        """The body in AWS's query protocol."""
        return (
            f"<ErrorResponse><Error><Type>{'Sender' if self.status < 500 else 'Receiver'}</Type>"
            f"<Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message></Error>"
            f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
        ).encode()


class RefusedError(Exception):
    """A request is answered with an error.

    Attributes:
        error: which.
    """

    def __init__(self, error: AwsError) -> None:
        super().__init__(error.code)
        self.error = error

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.error,)


UNKNOWN_OPERATION = AwsError(400, "UnknownOperationException")
"""The target is missing, or names nothing that the service can do."""

MISSING_TOKEN = AwsError(400, "MissingAuthenticationTokenException", "Missing Authentication Token")
"""The request is not signed."""

INCOMPLETE_SIGNATURE = AwsError(
    400,
    "IncompleteSignatureException",
    "Authorization header requires 'Credential' parameter with a credential scope.",
)
"""The signature does not say whose it is, for which Region and service."""

NOT_JSON = AwsError(400, "SerializationException")
"""The body cannot be read."""

INTERNAL_FAILURE = AwsError(
    500, "InternalFailure", "The request processing has failed because of an unknown error."
)
"""What should not happen; the server says on stderr what did."""


def too_large(limit: int) -> AwsError:
    """The body has more than ``limit`` bytes."""
    return AwsError(
        413,
        "RequestEntityTooLargeException",
        f"The request is longer than {limit} bytes.",
        close=True,
    )


def not_implemented(what: str) -> AwsError:
    """AWS can do it, but moto cannot."""
    return AwsError(501, "NotImplementedException", what)


_BY_STATUS = {
    400: "BadRequestException",
    405: "MethodNotAllowedException",
    408: "RequestTimeoutException",
    413: "RequestEntityTooLargeException",
    414: "RequestUriTooLongException",
    431: "RequestHeaderFieldsTooLargeException",
    500: INTERNAL_FAILURE.code,
    501: "NotImplementedException",
    503: "ServiceUnavailable",
    505: "HttpVersionNotSupportedException",
}


def of_status(status: int, message: str) -> AwsError:
    """What is wrong with the HTTP itself; the connection cannot go on."""
    code = _BY_STATUS.get(status, INTERNAL_FAILURE.code if status >= 500 else _BY_STATUS[400])
    return AwsError(status, code, message, close=True)

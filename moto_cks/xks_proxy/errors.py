"""The errors of the specification ("Error codes"), as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """A kind of error.

    Attributes:
        name: ``errorName``, by which AWS KMS judges.
        status: of HTTP.
        about: the ``errorMessage`` of one of which nothing more is to be said.
    """

    name: str
    status: int
    about: str


VALIDATION = ErrorKind("ValidationException", 400, "A parameter is missing or invalid.")
INVALID_STATE = ErrorKind("InvalidStateException", 400, "The external key is disabled.")
INVALID_CIPHERTEXT = ErrorKind(
    "InvalidCiphertextException",
    400,
    "The ciphertext, its metadata, the initialization vector, the additional authenticated data or "
    "the authentication tag is corrupted or missing.",
)
INVALID_KEY_USAGE = ErrorKind(
    "InvalidKeyUsageException", 400, "The external key does not support the operation."
)
AUTHENTICATION_FAILED = ErrorKind(
    "AuthenticationFailedException", 401, "The signature of the request is invalid."
)
ACCESS_DENIED = ErrorKind(
    "AccessDeniedException", 403, "The authorization rules do not allow the operation."
)
KEY_NOT_FOUND = ErrorKind("KeyNotFoundException", 404, "There is no such external key.")
INVALID_URI_PATH = ErrorKind("InvalidUriPathException", 404, "There is nothing at the URI path.")
THROTTLING = ErrorKind("ThrottlingException", 429, "The request quota is exceeded.")
UNSUPPORTED_OPERATION = ErrorKind(
    "UnsupportedOperationException", 501, "The operation is not implemented."
)
DEPENDENCY_TIMEOUT = ErrorKind(
    "DependencyTimeoutException", 503, "The external key manager did not answer in time."
)
INTERNAL = ErrorKind("InternalException", 500, "No external key manager can be used.")

ERRORS: Mapping[str, ErrorKind] = {
    kind.name: kind
    for kind in (
        VALIDATION,
        INVALID_STATE,
        INVALID_CIPHERTEXT,
        INVALID_KEY_USAGE,
        AUTHENTICATION_FAILED,
        ACCESS_DENIED,
        KEY_NOT_FOUND,
        INVALID_URI_PATH,
        THROTTLING,
        UNSUPPORTED_OPERATION,
        DEPENDENCY_TIMEOUT,
        INTERNAL,
    )
}
"""All of them, by name, in the order of the specification."""


class XksError(Exception):
    """A request is refused.

    Args:
        kind: with which error.
        message: its ``errorMessage``: printable ASCII, fewer than 512 characters, and nothing that
            the request has brought.
        detail: what only the log says of it.
    """

    def __init__(self, kind: ErrorKind, message: str = "", detail: str = "") -> None:
        super().__init__(message or kind.about)
        self.kind = kind
        self.message = message or kind.about
        self.detail = detail or self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind, self.message, self.detail)

"""What KMS makes of what comes of asking a proxy: one table.

AWS KMS External Key Store Proxy API Specification 1.0.3, "Error codes"; AWS KMS Developer Guide,
"Troubleshooting external key stores"; AWS KMS API Reference, errors of each operation. KMS judges
by the ``errorName`` that a proxy answers, not by its HTTP status or ``errorMessage``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from moto_cks.enums import StrEnum
from moto_cks.kms.exceptions import (
    CustomKeyStoreInvalidStateException,
    KmsException,
    KMSInvalidStateException,
)
from moto_cks.kms.keystores.connection import CommonErrorCode, ConnectionErrorCode
from moto_cks.kms.keystores.external import messages
from moto_cks.kms.keystores.external.exceptions import (
    XksKeyInvalidConfigurationException,
    XksKeyNotFoundException,
    XksProxyIncorrectAuthenticationCredentialException,
    XksProxyInvalidConfigurationException,
    XksProxyInvalidResponseException,
    XksProxyUriUnreachableException,
)


class ExternalErrorCode(ConnectionErrorCode):
    """The codes of external key stores alone."""

    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    XKS_PROXY_ACCESS_DENIED = "XKS_PROXY_ACCESS_DENIED"
    XKS_PROXY_INVALID_CONFIGURATION = "XKS_PROXY_INVALID_CONFIGURATION"
    XKS_PROXY_INVALID_RESPONSE = "XKS_PROXY_INVALID_RESPONSE"
    XKS_PROXY_INVALID_TLS_CONFIGURATION = "XKS_PROXY_INVALID_TLS_CONFIGURATION"
    XKS_PROXY_NOT_REACHABLE = "XKS_PROXY_NOT_REACHABLE"
    XKS_PROXY_TIMED_OUT = "XKS_PROXY_TIMED_OUT"
    XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION = (
        "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION"
    )
    XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND = "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND"


class Column(StrEnum):
    """The columns of the table: what it is that fails, and what is said of it."""

    KEY_STORE = "CreateCustomKeyStore and UpdateCustomKeyStore"
    CREATE_KEY = "CreateKey"
    CRYPTOGRAPHIC = "cryptographic operations"
    CODE = "ConnectionErrorCode"
    MESSAGE = "the message of the exception"
    RETRYABLE = "whether a retry may succeed, by AWS's metrics"


@dataclass(frozen=True)
class Outcome:
    """A row of the table.

    Attributes:
        name: what has happened: the proxy's ``errorName``, or a name of this package's.
        key_store: the exception of CreateCustomKeyStore and UpdateCustomKeyStore; ``None`` where
            the row does not come up there, as in the next three.
        create_key: that of CreateKey.
        cryptographic: that of cryptographic operations.
        code: the ConnectionErrorCode of an attempt to connect.
        message: the message of the exception, whichever.
        retryable: whether AWS's metrics count it as retryable; ``None`` where they count nothing.
        choices: the columns of which AWS says nothing.
        conflicts: the columns about which AWS's pages disagree, each with what the others say.
    """

    name: str
    key_store: type[KmsException] | None
    create_key: type[KmsException] | None
    cryptographic: type[KmsException] | None
    code: ConnectionErrorCode | None
    message: str
    retryable: bool | None
    choices: frozenset[Column] = frozenset()
    conflicts: Mapping[Column, str] = field(default_factory=dict)

    @property
    def counted_as(self) -> tuple[str, str]:
        """ErrorType and ExceptionName in CloudWatch's metrics."""
        if self.retryable is None:
            return SUCCEEDED
        error_type = RETRYABLE if self.retryable else NOT_RETRYABLE
        return error_type, OWN_NAMES.get(self.name, self.name)


_STATE = CustomKeyStoreInvalidStateException
_KEY = KMSInvalidStateException
_UNREACHABLE = XksProxyUriUnreachableException
_RESPONSE = XksProxyInvalidResponseException
_CONFIGURATION = XksProxyInvalidConfigurationException
_CREDENTIAL = XksProxyIncorrectAuthenticationCredentialException
_KEY_CONFIGURATION = XksKeyInvalidConfigurationException
_CODE = ExternalErrorCode
_CHOSEN_EXCEPTION = frozenset({Column.KEY_STORE})
_CHOSEN_CODE = frozenset({Column.CODE})

RETRYABLE, NOT_RETRYABLE = "Retryable errors", "Non-retryable errors"
SUCCEEDED = ("N/A", "None")
"""ErrorType and ExceptionName of what is no error. AWS's page on the metrics has these values; that
on alarms writes ``Retryable``, and its other pages name the exceptions as here."""

NO_CONNECTION = Outcome(
    "no TCP connection",
    _UNREACHABLE,
    _STATE,
    _KEY,
    _CODE.XKS_PROXY_NOT_REACHABLE,
    messages.UNREACHABLE,
    True,
)
NO_TLS = Outcome(
    "no TLS connection",
    _UNREACHABLE,
    _STATE,
    _KEY,
    _CODE.XKS_PROXY_INVALID_TLS_CONFIGURATION,
    messages.TLS,
    True,
    conflicts={
        Column.KEY_STORE: "the Developer Guide has XksProxyInvalidConfigurationException; this is "
        "the specification's"
    },
)
NO_ANSWER_IN_TIME = Outcome(
    "no whole answer in time",
    _UNREACHABLE,
    _STATE,
    _KEY,
    _CODE.XKS_PROXY_TIMED_OUT,
    messages.TIMEOUT,
    True,
)
CUT = Outcome(
    "the connection is cut within the exchange",
    _UNREACHABLE,
    _STATE,
    _KEY,
    CommonErrorCode.NETWORK_ERRORS,
    messages.UNREACHABLE,
    True,
    frozenset(Column),
)
NO_INSTANCE = Outcome(
    "all external key manager instances are UNAVAILABLE",
    _UNREACHABLE,
    None,
    None,
    _CODE.XKS_PROXY_NOT_REACHABLE,
    messages.UNHEALTHY,
    None,
)
MALFORMED = Outcome(
    "malformed response",
    _RESPONSE,
    _STATE,
    _KEY,
    _CODE.XKS_PROXY_INVALID_RESPONSE,
    messages.MALFORMED,
    False,
)
WRONG_BYTES = Outcome(
    "wrong bytes from decrypt", None, None, _KEY, None, messages.INNER_LAYER, False
)

ERRORS: Mapping[str, Outcome] = MappingProxyType(
    {
        outcome.name: outcome
        for outcome in (
            Outcome(
                "ValidationException",
                _RESPONSE,
                _STATE,
                _KEY,
                _CODE.XKS_PROXY_INVALID_RESPONSE,
                messages.MALFORMED,
                False,
                _CHOSEN_CODE,
            ),
            Outcome(
                "InvalidStateException",
                _UNREACHABLE,
                _KEY_CONFIGURATION,
                _KEY,
                _CODE.XKS_PROXY_NOT_REACHABLE,
                messages.NOT_ENABLED,
                False,
                _CHOSEN_EXCEPTION | _CHOSEN_CODE,
            ),
            Outcome(
                "InvalidCiphertextException",
                None,
                None,
                _KEY,
                None,
                messages.CIPHERTEXT,
                False,
                conflicts={
                    Column.MESSAGE: "the specification writes encryption context; this is the "
                    "Developer Guide's, with its example of a record"
                },
            ),
            Outcome(
                "InvalidKeyUsageException",
                None,
                _KEY_CONFIGURATION,
                _KEY,
                None,
                messages.USAGE,
                False,
            ),
            Outcome(
                "AuthenticationFailedException",
                _CREDENTIAL,
                _STATE,
                _KEY,
                _CODE.INVALID_CREDENTIALS,
                messages.AUTHENTICATION,
                False,
            ),
            Outcome(
                "AccessDeniedException",
                _CONFIGURATION,
                _STATE,
                _KEY,
                _CODE.XKS_PROXY_ACCESS_DENIED,
                messages.ACCESS,
                False,
                _CHOSEN_EXCEPTION,
                {
                    Column.CREATE_KEY: "the specification has KMSInvalidStateException, which "
                    "CreateKey does not list"
                },
            ),
            Outcome(
                "KeyNotFoundException",
                None,
                XksKeyNotFoundException,
                _KEY,
                None,
                messages.NOT_FOUND,
                False,
            ),
            Outcome(
                "InvalidUriPathException",
                _CONFIGURATION,
                _STATE,
                _KEY,
                _CODE.XKS_PROXY_INVALID_CONFIGURATION,
                messages.PATH,
                False,
            ),
            Outcome(
                "UnsupportedOperationException",
                _RESPONSE,
                _STATE,
                _KEY,
                _CODE.XKS_PROXY_INVALID_RESPONSE,
                messages.UNSUPPORTED,
                False,
                _CHOSEN_EXCEPTION | _CHOSEN_CODE,
                {
                    Column.CREATE_KEY: "the specification and the page on metrics have "
                    "XksKeyInvalidResponseException, which the API does not have"
                },
            ),
            Outcome(
                "DependencyTimeoutException",
                _UNREACHABLE,
                _STATE,
                _KEY,
                _CODE.XKS_PROXY_TIMED_OUT,
                messages.DEPENDENCY,
                True,
            ),
            Outcome(
                "ThrottlingException",
                _UNREACHABLE,
                _STATE,
                _KEY,
                _CODE.XKS_PROXY_NOT_REACHABLE,
                messages.THROTTLED,
                True,
                _CHOSEN_CODE,
            ),
            Outcome(
                "InternalException",
                _RESPONSE,
                _STATE,
                _KEY,
                _CODE.XKS_PROXY_INVALID_RESPONSE,
                messages.INTERNAL,
                True,
                _CHOSEN_CODE,
            ),
        )
    }
)
"""The errors that a proxy answers, by their names."""

OUTCOMES: tuple[Outcome, ...] = (
    *ERRORS.values(),
    NO_CONNECTION,
    NO_TLS,
    NO_ANSWER_IN_TIME,
    CUT,
    NO_INSTANCE,
    MALFORMED,
    WRONG_BYTES,
)
"""The whole table, in the order of the specification's."""


_NOT_REACHED = "XksProxyUnreachableException"
OWN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **{row.name: _NOT_REACHED for row in (NO_CONNECTION, NO_TLS, NO_ANSWER_IN_TIME, CUT)},
        MALFORMED.name: "XksProxyInvalidResponseException",
        WRONG_BYTES.name: "XksProxyInvalidResponseException",
    }
)
"""What CloudWatch's metrics call what is no error of the proxy's. AWS does not say how it counts an
answer that it cannot read, or cannot use."""


class ProxyError(Exception):
    """Asking a proxy came to nothing.

    Attributes:
        outcome: the row that says what KMS makes of it.
        said: the proxy's ``errorMessage``, which no caller is told; empty where there is none.
    """

    def __init__(self, outcome: Outcome, said: str = "") -> None:
        super().__init__(outcome.name)
        self.outcome = outcome
        self.said = said

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.outcome, self.said)

    # A row that does not come up for what was asked is read as an answer that is malformed.

    def of_key_store(self) -> KmsException:
        """The exception of CreateCustomKeyStore and UpdateCustomKeyStore."""
        row = self.outcome if self.outcome.key_store is not None else MALFORMED
        return (row.key_store or _RESPONSE)(row.message)

    def of_new_key(self) -> KmsException:
        """The exception of CreateKey."""
        row = self.outcome if self.outcome.create_key is not None else MALFORMED
        return (row.create_key or _STATE)(row.message)

    def of_use(self) -> KmsException:
        """The exception of a cryptographic operation."""
        row = self.outcome if self.outcome.cryptographic is not None else MALFORMED
        return (row.cryptographic or _KEY)(row.message)

    def code(self) -> ConnectionErrorCode:
        """The ConnectionErrorCode of an attempt to connect."""
        return self.outcome.code or _CODE.XKS_PROXY_INVALID_RESPONSE

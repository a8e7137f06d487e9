"""What there is to say of a service that uses KMS keys: when, which, and what of KMS's errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Arguments = Mapping[str, Any]
"""The arguments of a moto backend's method by name; those that were left out are absent."""

Finder = Callable[[Any, Arguments], Any]
"""Finds something out about a call, from the backend and the arguments."""

GENERATE_DATA_KEY, DECRYPT = "GenerateDataKey", "Decrypt"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error that KMS has answered to a service.

    Attributes:
        operation: what the service has asked for.
        key_id: of which key, as the service knows it.
        context: with which encryption context.
        code: the exception.
        message: its message.
        status: the HTTP status.
        request_id: the request ID.
    """

    operation: str
    key_id: str
    context: Mapping[str, str]
    code: str
    message: str
    status: int
    request_id: str

    @property
    def as_sdk_says(self) -> str:
        """The message as the AWS SDK for Java writes it, which services show to their callers."""
        return (
            f"{self.message} (Service: AWSKMS; Status Code: {self.status}; "
            f"Error Code: {self.code}; Request ID: {self.request_id}; Proxy: null)"
        )


def no_context(backend: Any, arguments: Arguments) -> dict[str, str]:
    """The encryption context where a service has none, or where it is not modelled."""
    return {}


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a KMS key by a service.

    Attributes:
        method: the method of moto's backend that stands for the service's operation.
        operation: what KMS is asked for, before the operation is carried out.
        key: finds the key as the service knows it: its ID, ARN or alias; ``None`` where none of the
            customer's is used.
        context: finds the encryption context.
        error: makes of KMS's error what the operation answers, where that is not what the service
            answers everywhere else.
    """

    method: str
    operation: str
    key: Finder
    context: Callable[[Any, Arguments], dict[str, str]] = no_context
    error: Callable[[Refusal], Exception] | None = None


def own_region(backend: Any, arguments: Arguments) -> str:
    """The Region of a service that has a backend for each."""
    region: str = backend.region_name
    return region


@dataclass(frozen=True, slots=True)
class Service:
    """A service of moto that uses KMS keys, or that shows what comes of their use.

    Attributes:
        name: its name, as the first part of its service principal.
        module: the module of moto's backend class.
        uses: when it asks KMS.
        error: makes of KMS's error the one that the service answers; ``None`` where it asks for no
            key.
        recorded: whether each use calls KMS, as AWS's records show it. A service that keeps data
            keys for minutes is asked each time here, and no record is made.
        region: finds the Region that it works in.
        recipient: whether other services send it something without waiting: where it cannot use its
            key then, what was sent is lost, and nobody hears of it.
        mixins: names of classes, as ``module:class``, for what a table cannot say; they are loaded
            when the service is used first.
    """

    name: str
    module: str
    uses: tuple[Use, ...] = ()
    error: Callable[[Refusal], Exception] | None = None
    recorded: bool = False
    region: Callable[[Any, Arguments], str] = own_region
    recipient: bool = False
    mixins: tuple[str, ...] = ()

    @property
    def principal(self) -> str:
        """Its service principal, by which records name it."""
        return f"{self.name}.amazonaws.com"

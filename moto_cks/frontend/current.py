"""The request that this thread answers, for what is asked on its behalf.

An external key store proxy is told who calls, which operation, and the request ID that the caller
will see.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class CurrentRequest(Protocol):
    """A request that is being answered.

    Attributes:
        invoked_by: the service of AWS that calls, as ``s3.amazonaws.com``; ``None`` of a client.
    """

    invoked_by: str | None

    @property
    def operation(self) -> str:
        """The name of the operation."""

    @property
    def request_id(self) -> str:
        """The request ID of the answer; drawn when it is first asked for."""

    @property
    def principal_arn(self) -> str:
        """``aws:PrincipalArn`` of who calls."""

    def end_dry_run(self) -> None:
        """End a dry run, all checks of which are done.

        Raises:
            DryRunOperationException: it is one.
        """

    def look_again(self) -> None:
        """See whether the request is still possible, after the world was left to others.

        Raises:
            KmsException: it is not any more.
        """


_CURRENT: ContextVar[CurrentRequest | None] = ContextVar("current", default=None)


def current_request() -> CurrentRequest | None:
    """The request that this thread answers; ``None`` while it answers none."""
    return _CURRENT.get()


def look_again() -> None:
    """See whether the request that this thread answers is still possible; none always is.

    Raises:
        KmsException: it is not any more.
    """
    request = _CURRENT.get()
    if request is not None:
        request.look_again()


class Answering:
    """A context in which a request is answered; within another one where a service calls."""

    __slots__ = ("_request", "_token")

    def __init__(self, request: CurrentRequest) -> None:
        self._request = request

    def __enter__(self) -> None:
        self._token = _CURRENT.set(self._request)

    def __exit__(self, *exc_info: object) -> None:
        _CURRENT.reset(self._token)

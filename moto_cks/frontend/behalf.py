"""Whose request is being answered while a service of moto makes calls of its own.

AWS services that encrypt data call KMS with the credentials of who has called them ("forward access
sessions", IAM User Guide). What a service does on its own, as CloudTrail's deliveries, is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_AUTHORIZATION: ContextVar[str | None] = ContextVar("authorization", default=None)


@contextmanager
def answering(headers: Mapping[str, str | bytes]) -> Iterator[None]:
    """A context in which the request with these headers is answered by a service of moto."""
    sent = headers.get("Authorization", "")
    token = _AUTHORIZATION.set(sent.decode() if isinstance(sent, bytes) else sent)
    try:
        yield
    finally:
        _AUTHORIZATION.reset(token)


@contextmanager
def nobody() -> Iterator[None]:
    """A context in which whatever is called is called by nobody's request."""
    token = _AUTHORIZATION.set(None)
    try:
        yield
    finally:
        _AUTHORIZATION.reset(token)


def authorization() -> str | None:
    """The header Authorization of the request that is being answered; ``None`` if there is none."""
    return _AUTHORIZATION.get()

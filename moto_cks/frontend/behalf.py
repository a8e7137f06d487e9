"""Whose request is being answered while a service of moto makes calls of its own.

AWS services that encrypt data call KMS with the credentials of who has called them ("forward access
sessions", IAM User Guide). What a service does on its own, as CloudTrail's deliveries, is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d+/[^/]*/([^/]+)/")
_SENDING: ContextVar[bool] = ContextVar("sending", default=False)
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


@contextmanager
def sending() -> Iterator[None]:
    """A context in which a service sends something on, and does not wait for what becomes of it."""
    token = _SENDING.set(True)
    try:
        yield
    finally:
        _SENDING.reset(token)


def sent_to(service: str) -> bool:
    """Whether a service is called because another one sends it something, and by no client.

    Args:
        service: its name, as requests are signed for it.
    """
    if _SENDING.get():
        return True
    scope = _SCOPE.search(authorization() or "")
    return scope is not None and scope[1] != service

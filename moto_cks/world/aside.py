"""A world put aside while another one takes its place, and found again as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.base_backend import BackendDict, backend_lock
from moto.core.models import MockAWS


def mocked() -> bool:
    """Whether a mock of moto is on in this process: there is a world to be put aside."""
    return bool(MockAWS._mocks_active)


@contextmanager
def put_aside() -> Iterator[None]:
    """A context in which moto's backends begin empty; leaving it brings back those of before.

    A mock that is nested in another one shares the world of that: moto resets for the outermost
    only. What is in here has a world of its own, whatever mock is on around it. No ``mock_cks``
    may be entered in here and left outside.
    """
    with backend_lock:
        kept = [(backends, dict(dict.items(backends))) for backends in _in_use()]
        _forget()
    try:
        yield
    finally:
        BackendDict.reset()
        with backend_lock:
            _forget()
            for backends, accounts in kept:
                dict.update(backends, accounts)
                _in_use().append(backends)


def _in_use() -> list[BackendDict[Any]]:
    """moto's list of the services in use: those that it resets."""
    return BackendDict._instances  # type: ignore[misc]


def _forget() -> None:
    for backends in _in_use():
        backends.clear()
    _in_use().clear()

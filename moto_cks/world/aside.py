"""A world put aside while another one takes its place, and found again as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.base_backend import BackendDict, backend_lock
from moto.core.models import MockAWS
from moto.moto_api._internal import mock_random

from moto_cks.world.backends import common_state


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
        kept = [_kept(backends) for backends in in_use()]
        random_state = mock_random.getstate()
        forget()
    try:
        yield
    finally:
        BackendDict.reset()
        with backend_lock:
            forget()
            for backends, accounts, common in kept:
                dict.update(backends, accounts)
                for name, entries in common_state(backends).items():
                    entries.update(common[name])
                in_use().append(backends)
            # A snapshot that was restored in here brought its own: what comes now is no ID of here.
            mock_random.setstate(random_state)


def _kept(backends: BackendDict[Any]) -> tuple[BackendDict[Any], dict[str, Any], dict[str, Any]]:
    common = {name: dict(entries) for name, entries in common_state(backends).items()}
    return backends, dict(dict.items(backends)), common


def in_use() -> list[BackendDict[Any]]:
    """moto's list of the services in use: those that it resets."""
    return BackendDict._instances  # type: ignore[misc]


def hang_up() -> None:
    """Have what the world holds open be closed, by the backends that hold something.

    For a world that never comes back. What is only put aside stays open.
    """
    _tell("hang_up")


def move_in() -> None:
    """Have a world that has just been restored fit this process, by the backends that see to it."""
    _tell("move_in")


def _tell(what: str) -> None:
    for backends in in_use():
        for accounts in list(dict.values(backends)):
            for backend in list(dict.values(accounts)):
                act = getattr(type(backend), what, None)  # what a file says of it is no method
                if act is not None:
                    act(backend)


def forget() -> None:
    """Have all services empty; nothing is reset."""
    for backends in in_use():
        backends.clear()
        for entries in common_state(backends).values():
            entries.clear()
    in_use().clear()

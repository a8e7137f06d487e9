"""The lock of all proxies.

It is never held while a client or a delay is waited for: those over TCP pass without it. A process
that forks takes it along, without the threads of the proxies that listen; so a fork waits until
none of them is within an answer.
"""

from __future__ import annotations

import os
import threading
from typing import Any

LOCK = threading.RLock()
"""Held while a request is answered, and while what decides about answers changes."""

_outer: tuple[Any, ...] = ()


def come_after(*locks: Any) -> None:
    """Say which locks somebody may hold who takes this one: a fork takes those first.

    Args:
        locks: such as can be taken twice, in the order in which they are taken.
    """
    global _outer  # noqa: PLW0603 - there is one lock
    _outer = locks


def _before_fork() -> None:
    for lock in (*_outer, LOCK):
        lock.acquire()


def _after_fork() -> None:
    for lock in (LOCK, *reversed(_outer)):
        lock.release()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )

"""The lock of the simulated world.

boto3 clients are used from many threads, and one call reaches through several services down to the
HSMs. One lock for all of them is simple and costs nothing: Python runs one thread at a time anyway.

A process that forks takes its locks along as they are, without the threads that hold them. So a
fork waits until no other thread is within a call, and the child finds a whole world and open locks.
"""

from __future__ import annotations

import os
import threading

from moto.core.base_backend import backend_lock
from moto.core.models import MockAWS

WORLD = threading.RLock()
"""Held while a call of KMS or CloudHSM, or a method of the handle, sees or changes state."""

TAKEN = (WORLD, backend_lock)
"""The locks that a call takes, in the order in which it does."""


def _before_fork() -> None:
    for lock in TAKEN:
        lock.acquire()


def _after_fork() -> None:
    # In the child, too: its one thread is the one that has taken them.
    for lock in reversed(TAKEN):
        lock.release()


def _in_child() -> None:
    _after_fork()
    # Held by a thread that begins or ends a mock, which is not here. Who forks cannot wait for it:
    # unlike the others, it cannot be taken twice.
    MockAWS._mock_init_lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_in_child)

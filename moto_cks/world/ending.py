"""Waiting until this process is told to end, by SIGINT or SIGTERM."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})
_MANY = 64


@contextmanager
def told_to_end() -> Iterator[Callable[[], None]]:
    """A context that gives what waits for one of the signals since it was entered.

    A handler that sets an Event is run by the main thread, once that runs again; where the signal
    has come just before it began to wait, or to another thread, it never does. What the
    interpreter writes to a socket when a signal comes, wakes it for certain.
    """
    woken, waker = socket.socketpair()
    with woken, waker:
        waker.setblocking(False)
        before = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        try:
            for number in SIGNALS:
                signal.signal(number, _leave_it_to_the_socket)

            def wait() -> None:
                while SIGNALS.isdisjoint(woken.recv(_MANY)):
                    pass  # another signal, which has a handler

            yield wait
        finally:
            signal.set_wakeup_fd(before)


def _leave_it_to_the_socket(*_: object) -> None:
    """Do nothing."""

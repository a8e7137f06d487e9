"""Waiting until this process is told to end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from moto_cks.world.ending import told_to_end


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The handlers of signals, as they were."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_before_anybody_waits_is_not_lost(number: signal.Signals) -> None:
    with told_to_end() as wait:
        os.kill(os.getpid(), number)
        wait()


def test_a_signal_that_another_thread_gets_ends_it() -> None:
    """The main thread is not woken by it, but by what is written."""

    def strike() -> None:
        time.sleep(0.05)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    with told_to_end() as wait:
        other = threading.Thread(target=strike)
        other.start()
        wait()
        other.join()


def test_other_signals_have_their_own_handlers() -> None:
    seen = []
    signal.signal(signal.SIGUSR1, lambda *_: seen.append("a signal"))

    def strike() -> None:
        for number in (signal.SIGUSR1, signal.SIGUSR1, signal.SIGTERM):
            time.sleep(0.02)
            os.kill(os.getpid(), number)

    with told_to_end() as wait:
        other = threading.Thread(target=strike)
        other.start()
        wait()
        other.join()
    assert seen == ["a signal"] * 2


def test_who_had_signals_written_before_has_them_again() -> None:
    with told_to_end():
        pass
    assert signal.set_wakeup_fd(-1) == -1

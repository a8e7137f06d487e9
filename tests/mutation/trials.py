"""Tests that run in a process of their own, forked from one that has loaded what they all need."""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

KILLED = "killed"
SURVIVED = "survived"
STUCK = "stuck"
"""It took the processor for too long, or ended the process, which people notice, too."""
UNDECIDED = "undecided"
"""Nothing came of it by the clock: it waits for ever, or the machine is too busy to say."""


WAITING = 60.0
"""So many seconds by the clock are added to those of the processor."""


@dataclass(frozen=True)
class Verdict:
    """What the tests made of a mutant.

    Attributes:
        outcome: KILLED, SURVIVED, STUCK or UNDECIDED.
        by: the first test that failed; empty where the package could not even be imported.
    """

    outcome: str
    by: str = ""


class Patient:
    """A plugin of pytest: no test fails because the machine is busy with other things."""

    def pytest_configure(self) -> None:
        # Test modules are imported later, and take the profile that is loaded then.
        profile = settings(settings(), suppress_health_check=list(HealthCheck), database=None)
        settings.register_profile("mutation", profile)
        settings.load_profile("mutation")


class _Chosen(Patient):
    """Runs the tests that were chosen, in the order given."""

    def __init__(self, tests: list[str]) -> None:
        self.places = {test: place for place, test in enumerate(tests)}
        self.failed = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.places),
            key=lambda item: self.places[item.nodeid],
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid


def files(tests: list[str]) -> list[str]:
    """The files of tests, each once."""
    return list(dict.fromkeys(test.partition("::")[0] for test in tests))


def pytest_with(plugin: object, *arguments: str) -> int:
    """Run pytest here; its exit status."""
    common = ("-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--no-header", "--tb=no")
    plain = "--assert=plain"  # nobody reads the messages, and it saves half the time of loading
    return int(pytest.main([*common, plain, *arguments], plugins=[plugin]))


def in_a_child(task: Callable[[], Any], seconds: float) -> Any:
    """Do something in a process of its own.

    Args:
        task: what; it returns something that can be pickled.
        seconds: of the processor, that it may take. By the clock it may take longer, on a busy
            machine or where it waits for something.

    Returns:
        What the task has returned; ``None`` if the process ended before that.

    Raises:
        TimeoutError: it took too long by the clock.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(task, writing, round(seconds))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        try:
            return _answered(pipe.fileno(), time.monotonic() + WAITING + 20 * seconds)
        finally:
            # Whatever the tests have started ends with them.
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _answer(task: Callable[[], Any], pipe: int, seconds: int) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.dont_write_bytecode = True
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        with os.fdopen(pipe, "wb") as writing:
            pickle.dump(task(), writing)
    finally:
        os._exit(0)


def _answered(pipe: int, end: float) -> Any:
    parts: list[bytes] = []
    while (left := end - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, 1 << 20)
            if not part:
                return pickle.loads(b"".join(parts)) if parts else None
            parts.append(part)
    raise TimeoutError


def tried(tests: list[str], seconds: float) -> Verdict:
    """What tests make of the package as it is on the disk now."""

    def task() -> tuple[int, str]:
        plugin = _Chosen(tests)
        return pytest_with(plugin, "-x", *files(tests)), plugin.failed

    try:
        answer = in_a_child(task, seconds)
    except TimeoutError:
        return Verdict(UNDECIDED)
    if answer is None:
        return Verdict(STUCK)
    status, failed = answer
    # Where the tests take their parameters from a table, those of a row may be gone with it.
    unnoticed = status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return Verdict(SURVIVED if unnoticed else KILLED, failed)

"""The parts of a proof: each plays for a while from a seed, and says what it has found."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from tests.proof import fuzzing, threads
from tests.proof.histories import Histories
from tests.proof.requests import requests
from tests.proof.sites import SITES


@dataclass(frozen=True)
class Size:
    """How much is played at a time."""

    histories: int
    steps: int
    worlds: int
    requests: int
    threads: int
    turns: int
    shrinks: bool


SHORT = Size(10, 20, worlds=6, requests=12, threads=6, turns=10, shrinks=False)
"""For a test; shrinking could take minutes."""

LONG = Size(10, 50, worlds=6, requests=40, threads=12, turns=25, shrinks=True)
"""At a time, in a long run."""


def configured(examples: int, size: Size, **more: int) -> settings:
    """Settings of Hypothesis, in which a seed decides everything."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if size.shrinks else [])],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        **more,
    )


def play_histories(number: int, size: Size) -> None:
    """Random histories against the model."""
    machine = seed(number)(type("Histories", (Histories,), {}))
    wanted = configured(size.histories, size, stateful_step_count=size.steps)
    run_state_machine_as_test(machine, settings=wanted)


def fuzz(site: str) -> Callable[[int, Size], None]:
    """Requests to a site."""

    def play(number: int, size: Size) -> None:
        @seed(number)
        @configured(size.worlds, size)
        @given(st.lists(requests(), min_size=1, max_size=size.requests))
        def send(made: list[fuzzing.Request]) -> None:
            fuzzing.play(site, made)

        send()

    return play


def play_threads(number: int, size: Size) -> None:
    """Threads that call at the same time."""
    found = threads.play(number, size.threads, size.turns)
    if found:
        raise threads.LostError("; ".join(sorted(set(found))))


PARTS: dict[str, Callable[[int, Size], None]] = {
    "histories": play_histories,
    **{f"requests, {site}": fuzz(site) for site in SITES},
    "threads": play_threads,
}
"""By name."""

KINDS = {
    fuzzing.UndocumentedAnswerError: "undocumented answers",
    threads.LostError: "lost things",
}
"""What is found is a disagreement, unless it is one of these."""


def kind_of(error: BaseException) -> str:
    """What has been found, as the report names it."""
    return next((name for kind, name in KINDS.items() if isinstance(error, kind)), "disagreements")


def story_of(error: BaseException) -> str:
    """What has been found, with the shrunk example of Hypothesis."""
    return "".join(traceback.format_exception(error))

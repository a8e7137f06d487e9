"""The resilience matrix: failure by test, and in which phase a test failed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tabulate import tabulate

from moto_cks.failures.shapes import Failure
from moto_cks.failures.table import FAILURES
from moto_cks.pytest_plugin.selection import CASES, SEPARATOR
from moto_cks.pytest_plugin.trial import Phase

NOT_RUN = "not run"
OUTCOMES = ("ok", "FAILED", "xfailed", "unused", "n/a", NOT_RUN)
"""How a test can have come out, in the order in which they are counted."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one test came out with one failure.

    Attributes:
        failure: the failure, with its variant where that is not the first.
        test: the node ID of the test, without the failure.
        outcome: one of :data:`OUTCOMES`.
        phase: in which phase it failed; ``None`` where it did not.
        message: why, in a line.
        wrong: what could not be used then.
    """

    failure: str
    test: str
    outcome: str
    phase: str | None = None
    message: str = ""
    wrong: str = ""

    def __str__(self) -> str:
        return self.outcome if self.phase is None else f"{self.outcome} {self.phase}"

    @property
    def failed(self) -> bool:
        """Whether the test failed."""
        return self.outcome == "FAILED"


@dataclass(frozen=True)
class Matrix:
    """What tests made of failures.

    Attributes:
        results: by failure and test.
    """

    results: dict[tuple[str, str], Result]

    @classmethod
    def of(cls, rows: Iterable[str]) -> Matrix:
        """The matrix of some rows, each as JSON; of a test that ran twice the last one counts."""
        read = (Result(**json.loads(row)) for row in rows)
        kept: dict[tuple[str, str], Result] = {}
        for result in read:
            before = kept.get((result.failure, result.test))
            # An error of the teardown follows upon the result of the test itself.
            if before is None or not before.failed or result.failed:
                kept[result.failure, result.test] = result
        return cls(kept)

    @cached_property
    def tests(self) -> list[str]:
        """The tests, by their node IDs."""
        return sorted({test for _, test in self.results})

    @cached_property
    def titles(self) -> list[str]:
        """The tests as columns are headed: by their names, where these are different."""
        short = [test.rpartition("::")[2].removeprefix("test_") for test in self.tests]
        return short if len(set(short)) == len(short) else self.tests

    @cached_property
    def failures(self) -> list[str]:
        """The failures that some test met, in the order of the table."""
        met = {failure for failure, _ in self.results}
        return [case for case in CASES if case in met]

    @cached_property
    def all_failures(self) -> list[str]:
        """All failures, and the variants that some test met."""
        return [case for case in CASES if case in FAILURES or case in self.failures]

    def result(self, failure: str, test: str) -> Result:
        """How a test came out with a failure."""
        return self.results.get((failure, test), Result(failure, test, NOT_RUN))

    @property
    def failed(self) -> list[Result]:
        """What failed, in the order of the table."""
        everything = (self.result(case, test) for case in self.failures for test in self.tests)
        return [result for result in everything if result.failed]

    def title_of(self, test: str) -> str:
        """The heading of a test's column."""
        return self.titles[self.tests.index(test)]

    # What is written ------------------------------------------------------------------------------

    @property
    def headers(self) -> list[str]:
        """The headings of the columns."""
        return ["failure", "what KMS shows", *self.titles]

    def lines(self, failures: Sequence[str]) -> list[list[str]]:
        """The rows of some failures."""
        return [
            [case, shown(case), *(str(self.result(case, test)) for test in self.tests)]
            for case in failures
        ]

    def summary(self) -> str:
        """All of it in a line."""
        results = [self.result(case, test) for case in self.all_failures for test in self.tests]
        counts = Counter(result.outcome for result in results)
        phases = Counter(result.phase for result in self.failed)
        counted = []
        for outcome in OUTCOMES:
            if outcome == "FAILED":
                each = ", ".join(f"{phases[phase.value]} {phase.value}" for phase in Phase)
                counted.append(f"{counts[outcome]} failed ({each})")
            elif counts[outcome] or outcome == "ok":
                counted.append(f"{counts[outcome]} {outcome}")
        return f"{_number(self.failures, 'failure')}, {_number(self.tests, 'test')}: " + ", ".join(
            counted
        )

    def sentences(self) -> list[str]:
        """What failed, a line each."""
        return [
            f"FAILED {self.title_of(one.test)}[{one.failure}] {one.phase}: {one.message}"
            for one in self.failed
        ]

    def as_text(self) -> str:
        """For a terminal: what was run."""
        table = tabulate(self.lines(self.failures), self.headers, disable_numparse=True)
        return "\n".join([table, "", self.summary(), *self.sentences()])

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "tests": self.tests,
            "summary": self.summary(),
            "failures": [
                {
                    "failure": case,
                    "title": failure_of(case).title,
                    "page": failure_of(case).page,
                    "shows": shown(case),
                    "recoverable": failure_of(case).recoverable,
                    "results": [
                        {
                            "test": one.test,
                            "outcome": one.outcome,
                            "phase": one.phase,
                            "message": one.message,
                            "wrong": one.wrong,
                        }
                        for one in (self.result(case, test) for test in self.tests)
                    ],
                }
                for case in self.all_failures
            ],
        }


def shown(case: str) -> str:
    """What KMS shows of a failure: the connection, and what crypto or else is refused with."""
    name, _, variant = case.partition(SEPARATOR)
    failure = FAILURES[name]
    seen = failure.case(variant or None).seen
    says = seen.connection.value
    if seen.error_code is not None:
        says += f" {seen.error_code.value}"
    elif seen.like != "CLOSED" and seen.calls:
        says += f", {next(iter(seen.calls.values())).code}"
    return says if failure.recoverable else f"{says} (irrecoverable)"


def failure_of(case: str) -> Failure:
    """The failure of a case."""
    return FAILURES[case.partition(SEPARATOR)[0]]


def _number(things: Sequence[str], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"

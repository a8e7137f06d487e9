"""Which tests meet a mutant, what comes of that, and what a report says."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray")

from tests.mutation.__main__ import PACKAGE
from tests.mutation.coverage_of_tests import Coverage, Selection
from tests.mutation.mutants import Mutant
from tests.mutation.report import Report, Tried
from tests.mutation.run import parts, seconds_for
from tests.mutation.trials import KILLED, STUCK, SURVIVED, UNDECIDED, Verdict, in_a_child

ROOT = Path(__file__).parent.parent.parent
MODULE = """\
TABLE = {
    "a": 1,
}


def f(x):
    if x:
        return g(
            x,
        )
    try:
        h()
    except ValueError:
        pass
"""
PATH = "moto_cks/kms/keys/names.py"
TESTS = {
    "tests/kms/keys/test_names.py::test_own": 0.5,
    "tests/kms/keys/test_states.py::test_near": 0.1,
    "tests/kms/test_pages.py::test_slow": 9.0,
    "tests/kms/test_pages.py::test_quick": 0.2,
    "tests/hsm/test_hsm.py::test_far": 0.1,
    "tests/test_states.py::test_tables": 0.1,
}
OWN, NEAR, SLOW, QUICK, FAR, TABLES = TESTS


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    """Of a module of which all tests run the condition, and two what it leads to."""
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_text(MODULE)
    lines = {7: {0, 1, 2, 3, 4}, 8: {2, 4}, 12: set[int](), 13: {3}}
    return Selection(tmp_path, Coverage(dict(TESTS), {PATH: lines}, {PATH: {1, 2, 6}}))


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        (7, [OWN, NEAR, QUICK, SLOW, FAR]),  # the nearest first, and the quick before the slow
        (8, [SLOW, FAR]),
        (9, [SLOW, FAR]),  # of the same statement
        (12, []),
        (13, [QUICK]),
        (2, [OWN, NEAR, QUICK, SLOW, TABLES]),  # at import: those that mirror it, and of tables
        (6, [OWN, NEAR, QUICK, SLOW, TABLES]),
    ],
)
def test_a_mutant_meets_the_tests_that_run_its_line(
    selection: Selection, line: int, tests: list[str]
) -> None:
    assert selection.tests(PATH, line) == tests


def test_a_few_seconds_of_tests_are_tried_first(selection: Selection) -> None:
    every = [OWN, NEAR, QUICK, SLOW, FAR]
    assert parts(every, selection, 60) == ([OWN, NEAR, QUICK], [SLOW, FAR])
    assert parts(every, selection, 9) == ([OWN, NEAR, QUICK], [])
    assert parts([SLOW, OWN], selection, 60) == ([SLOW], [OWN])  # one at least
    assert parts([], selection, 60) == ([], [])
    assert seconds_for(2) == 40


def test_a_child_answers_and_one_that_does_not_is_ended() -> None:
    assert in_a_child(os.getpid, 5) != os.getpid()
    assert in_a_child(lambda: os._exit(3), 5) is None

    def busy() -> None:
        while True:
            pass

    began = time.monotonic()
    assert in_a_child(busy, 1) is None  # of its second of the processor
    assert time.monotonic() - began < 60


def tried(line: int, outcome: str, why: str = "") -> Tried:
    mutant = Mutant(PATH, line, 0, "NoEntry", 0)
    return Tried(mutant, f"before {line}", f"after {line}", Verdict(outcome), 7, why)


def test_a_report_counts_what_is_not_equivalent() -> None:
    report = Report(total=1000, wanted=5, seed=3, tests=20)
    assert report.score == 0
    report.tried += [tried(4, SURVIVED), tried(1, KILLED), tried(2, STUCK), tried(5, SURVIVED)]
    report.tried += [tried(3, SURVIVED, "It is the same."), tried(6, UNDECIDED)]
    assert report.score == 0.5
    assert (
        report.text()
        == """\
mutants          6  of 1,000 (a sample of 5, seed 3), 20 tests
killed           2  1 of them stuck
survived         2
undecided        1
equivalent       1
noticed      50.0%  of what is not equivalent; 97% are wanted

== Survived
moto_cks/kms/keys/names.py:4 NoEntry: 7 tests run it
- before 4
+ after 4
moto_cks/kms/keys/names.py:5 NoEntry: 7 tests run it
- before 5
+ after 5

== Undecided
moto_cks/kms/keys/names.py:6 NoEntry: 7 tests run it
- before 6
+ after 6

== Equivalent
moto_cks/kms/keys/names.py:3 NoEntry: It is the same.
- before 3
+ after 3
"""
    )


def test_a_run_from_end_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    """It takes long, as it compiles the package and loads moto; the whole way is taken once."""
    module, report = "moto_cks/world/lifecycle.py", tmp_path / "report"
    before = (PACKAGE.parent / module).read_bytes()
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.mutation", "--sample", "3", "--seed", "2"),
            *("--only", module, "--tests", "tests/world/test_lifecycle.py"),
            *("--report", report, "--measured", tmp_path / "measured"),
        ],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    assert run.stdout.strip() == report.read_text().strip()
    assert run.stdout.startswith("mutants          3  of ")
    assert " killed: moto_cks/world/lifecycle.py:" in run.stderr
    assert (PACKAGE.parent / module).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["measured", "report"]
    assert tempfile.gettempdir() != str(tmp_path)

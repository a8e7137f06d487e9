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
from tests.mutation.report import MARK, Report, Tried
from tests.mutation.results import Results
from tests.mutation.run import files_of_tests, kept, parts, seconds_for
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
        (2, [OWN, TABLES, NEAR, QUICK, SLOW]),  # at import: those of tables, and that mirror it
        (6, [OWN, TABLES, NEAR, QUICK, SLOW]),
    ],
)
def test_a_mutant_meets_the_tests_that_run_its_line(
    selection: Selection, line: int, tests: list[str]
) -> None:
    assert selection.tests(PATH, line) == tests


def test_what_is_made_at_import_meets_first_the_tests_that_use_it(tmp_path: Path) -> None:
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_text("LIMIT = (\n    5\n)\n\n\nclass C:\n    most = 1\n")
    user = file.with_name("users.py")
    user.write_text("def f(x):\n    return names.LIMIT\n\n\ndef g(x):\n    return C.most\n")
    lines = {
        PATH: {number: set[int]() for number in (1, 6, 7)},
        "moto_cks/kms/keys/users.py": {2: {0, 2, 4}, 6: {3}},
    }
    # A test has imported it, so nothing is known to run when it is imported.
    selection = Selection(tmp_path, Coverage(dict(TESTS), lines, {PATH: set()}))
    assert selection.tests(PATH, 2) == [OWN, TABLES, SLOW, FAR, NEAR, QUICK]
    assert selection.tests(PATH, 7) == [OWN, TABLES, QUICK, NEAR, SLOW]
    assert selection.tests(PATH, 6) == [OWN, TABLES, NEAR, QUICK, SLOW]


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


NOTICED = Mutant(PATH, 7, 4, "AddNot", 0)


def test_what_was_noticed_is_not_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "results"
    stuck, survived = Mutant(PATH, 8, 0, "AddNot", 1), Mutant(PATH, 9, 0, "AddNot", 2)
    results = Results(file, "source")
    assert results.of(NOTICED, [OWN]) is None
    for mutant, verdict in {
        NOTICED: Verdict(KILLED, OWN),
        stuck: Verdict(STUCK),
        survived: Verdict(SURVIVED),
    }.items():
        results.keep(mutant, verdict)
    again = Results(file, "source")
    assert again.of(NOTICED, [NEAR, OWN]) == Verdict(KILLED, OWN)
    assert again.of(NOTICED, [NEAR]) is None  # that test is gone, or runs the line no more
    assert again.of(stuck, []) == Verdict(STUCK)
    assert again.of(survived, [OWN]) is None
    assert Results(file, "another").of(NOTICED, [OWN]) is None
    Results(None, "source").keep(NOTICED, Verdict(KILLED, OWN))


def test_what_was_measured_of_some_files_and_of_others_comes_together() -> None:
    whole = Coverage(
        {"a::x": 1.0, "b::y": 2.0, "b::z": 3.0}, {PATH: {7: {0, 2}, 8: {1}}}, {PATH: {1}}
    )
    rest = whole.of({"b"})
    assert rest.seconds == {"b::y": 2.0, "b::z": 3.0}
    assert rest.by_line == {PATH: {7: {1}, 8: {0}}}
    rest.add(Coverage({"c::v": 4.0}, {PATH: {8: {0}, 9: {0}}}, {PATH: {2}}))
    assert list(rest.seconds) == ["b::y", "b::z", "c::v"]
    assert rest.by_line == {PATH: {7: {1}, 8: {0, 2}, 9: {2}}}
    assert rest.at_import == {PATH: {1, 2}}


def test_only_tests_that_are_new_or_have_changed_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def measure(root: Path, files: tuple[str, ...], modules: list[str]) -> Coverage:
        asked.append(files)
        return Coverage({f"{file}::test": 1.0 for file in files}, {PATH: {}}, {PATH: set()})

    monkeypatch.setattr("tests.mutation.run.measured", measure)
    for path in ("moto_cks/a.py", "tests/kms/test_a.py", "tests/kms/test_b.py", "tests/test_c.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    file, chosen = tmp_path / "measured", ("tests/kms", "tests/test_c.py::test_one")
    first, second, third = files_of_tests(tmp_path, chosen)

    def seconds() -> set[str]:
        return set(kept(tmp_path, chosen, [PATH], file).seconds)

    every = {f"{each}::test" for each in (first, second, third)}
    assert seconds() == every
    assert seconds() == every
    (tmp_path / second).write_text("changed")
    assert seconds() == every
    assert asked == [(first, second, third), (second,)]
    (tmp_path / "moto_cks/a.py").write_text("changed")
    assert seconds() == every
    assert asked[-1] == (first, second, third)


def test_a_run_from_end_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    """It takes long, as it compiles the package and loads moto; the whole way is taken once."""
    module, report = "moto_cks/world/lifecycle.py", tmp_path / "report"
    page = tmp_path / "page"
    page.write_text(f"before\n{MARK}\n<!-- end -->\nafter\n")
    before = (PACKAGE.parent / module).read_bytes()
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.mutation", "--sample", "3", "--seed", "2"),
            *("--only", module, "--tests", "tests/world/test_lifecycle.py"),
            *("--report", report, "--measured", tmp_path / "measured"),
            *("--results", tmp_path / "results", "--write", page),
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
    assert page.read_text() == (
        f"before\n{MARK}\n\n```text\n{run.stdout.strip()}\n```\n\n<!-- end -->\nafter\n"
    )
    assert " killed: moto_cks/world/lifecycle.py:" in run.stderr
    assert (PACKAGE.parent / module).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "measured",
        "page",
        "report",
        "results",
    ]
    assert tempfile.gettempdir() != str(tmp_path)

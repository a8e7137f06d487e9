"""A mutation run in the copy of the tree that :mod:`tests.mutation.__main__` has made."""

from __future__ import annotations

import hashlib
import importlib
import pickle
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutation import trials
from tests.mutation.__main__ import arguments
from tests.mutation.coverage_of_tests import Coverage, Selection, TestsFailError, measured
from tests.mutation.equivalents import why_equivalent
from tests.mutation.mutants import Mutant, difference, modules, mutants
from tests.mutation.report import MARK, TARGET, Report, Tried
from tests.mutation.results import Results
from tests.mutation.trials import KILLED, SURVIVED, Verdict
from tests.proof.report import write

TARGETS = (
    "moto_cks/hsm",
    "moto_cks/kms",
    # The other tables.
    "moto_cks/cloudhsmv2/cluster_states.py",
    "moto_cks/cloudtrail/records.py",
    "moto_cks/consumers/table.py",
    "moto_cks/world/lifecycle.py",
)
TESTS = (
    "tests/hsm",
    "tests/kms",
    "tests/monitoring",
    "tests/account",
    "tests/cloudhsmv2",
    "tests/cloudtrail",
    "tests/consumers",
    "tests/faults",
    "tests/frontend",
    "tests/handle",
    "tests/mock",
    "tests/snapshots",
    "tests/tools",
    "tests/world",
    "tests/test_names.py::test_all_is_what_a_package_takes_from_its_modules",
    "tests/test_states.py",
    "tests/test_documentation.py::test_the_states_are_drawn_from_their_tables",
)
"""Folders, files and tests: those that run in this process, and ask for these modules."""

LOADED = (
    "boto3",
    "freezegun",
    "hypothesis",
    "moto.backends",
    "moto.cloudhsmv2.models",
    "moto.cloudtrail.models",
    "moto.core.responses",
    "moto.ec2.models",
    "moto.events.models",
    "moto.iam.models",
    "moto.kms.models",
    "moto.logs.models",
    "moto.s3.models",
    "cryptography.x509",
    "cryptography.hazmat.primitives.asymmetric.rsa",
)
"""What takes long to load, once for all mutants; nothing of the package."""

AT_ONCE = 3.0
"""So many seconds of tests are tried first; most mutants need no more."""


def seconds_for(usual: float) -> float:
    """After how long tests that usually take so long are stuck."""
    return 30 + 5 * usual


def tried(
    root: Path, mutant: Mutant, made: str, selection: Selection, longest: float, results: Results
) -> tuple[Verdict, int]:
    """What the tests make of a mutant, and how many there were to ask."""
    tests = selection.tests(mutant.path, mutant.line)
    if known := results.of(mutant, tests):
        return known, len(tests)
    first, rest = parts(tests, selection, longest)
    with _in_place(root / mutant.path, made):
        verdict = Verdict(SURVIVED)
        for part in (first, rest):
            if part and verdict.outcome == SURVIVED:
                verdict = trials.tried(part, seconds_for(selection.seconds(part)))
    results.keep(mutant, verdict)
    return verdict, len(tests)


def parts(tests: list[str], selection: Selection, longest: float) -> tuple[list[str], list[str]]:
    """Those to try at once, and those to try if nothing came of that.

    Args:
        tests: the nearest first.
        selection: what knows how long they take.
        longest: for how many seconds tests are tried at most.
    """
    quick = list[str]()
    rest = list[str]()
    spent = 0.0
    for test in tests:
        spent += selection.seconds([test])
        if spent < AT_ONCE or not quick:
            quick.append(test)
        elif spent < longest:
            rest.append(test)
    return quick, rest


@contextmanager
def _in_place(path: Path, made: str) -> Iterator[None]:
    original = path.read_bytes()
    path.write_text(made)
    try:
        yield
    finally:
        path.write_bytes(original)


def main() -> int:
    """Measure, make mutants, try them, and report; the exit status."""
    asked = arguments().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    root = Path.cwd()
    began = time.monotonic()
    for name in LOADED:
        importlib.import_module(name)
    for target in asked.only:
        if not (root / target).exists():
            sys.exit(f"there is no {target}")
    paths = modules(root, tuple(asked.only) or TARGETS)
    sources = {path: (root / path).read_text() for path in paths}
    every = [
        mutant
        for path in paths
        for mutant in mutants(path, sources[path])
        if not asked.operators or mutant.operator.endswith(tuple(asked.operators))
    ]
    random.Random(asked.seed).shuffle(every)
    wanted = every[asked.skip : asked.sample]
    try:
        found = kept(root, tuple(asked.tests) or TESTS, paths, asked.measured)
    except TestsFailError as error:
        sys.exit(f"the tests cannot be run without any mutant: {error}")
    selection = Selection(root, found)
    results = Results(asked.results, digest(root, ("moto_cks",)))
    report = Report(
        len(every), len(wanted), None if asked.sample is None else asked.seed, len(found.seconds)
    )
    for test in sorted(found.failed):
        _say(f"left out, as it fails without any mutant: {test}")
    _say(f"{len(found.seconds):,} tests in {time.monotonic() - began:.0f} s")
    try:
        for mutant in wanted:
            if asked.minutes and time.monotonic() - began > 60 * asked.minutes:
                break
            _try_one(root, mutant, sources[mutant.path], selection, asked.longest, results, report)
    except KeyboardInterrupt:
        _say("interrupted")
    print(report.text())
    if asked.report:
        asked.report.write_text(report.text())
    if asked.write:
        page = asked.write.read_text("utf-8")
        asked.write.write_text(write(page, report.markdown(), MARK), "utf-8")
    return 0 if report.score >= TARGET else 1


def kept(root: Path, chosen: tuple[str, ...], paths: list[str], file: Path | None) -> Coverage:
    """What :func:`measured` finds, which a file may have of an earlier run over the same package.

    Files of tests that are new or have changed since are measured, and no others.
    """
    source = (digest(root, ("moto_cks",)), paths)
    tests = {
        each: digest(root, (each.partition("::")[0],)) for each in files_of_tests(root, chosen)
    }
    found, known = Coverage(), dict[str, str]()
    if file is not None and file.exists():
        of, before, earlier = pickle.loads(file.read_bytes())
        if of == source:
            known = {each: tests[each] for each in tests if before.get(each) == tests[each]}
            found = earlier.of({each.partition("::")[0] for each in known})
    if missing := tuple(each for each in tests if each not in known):
        found.add(measured(root, missing, paths))
    if file is not None:
        again = {test.partition("::")[0] for test in found.failed}
        done = {each: of for each, of in tests.items() if each.partition("::")[0] not in again}
        file.write_bytes(pickle.dumps((source, done, found)))
    return found


def files_of_tests(root: Path, chosen: tuple[str, ...]) -> list[str]:
    """The files of tests in folders; what is no folder stays as it is."""
    result: list[str] = []
    for each in chosen:
        inside = sorted((root / each).rglob("test_*.py")) if (root / each).is_dir() else []
        result += [path.relative_to(root).as_posix() for path in inside] or [each]
    return result


def digest(root: Path, targets: tuple[str, ...]) -> str:
    """Of the source in folders and files."""
    every = modules(root, targets)
    return hashlib.sha256(b"".join((root / path).read_bytes() for path in every)).hexdigest()


def _try_one(
    root: Path,
    mutant: Mutant,
    source: str,
    selection: Selection,
    longest: float,
    results: Results,
    report: Report,
) -> None:
    made = mutant.code(source)
    if made is None:
        report.total -= 1
        return
    before, after = difference(source, made)
    why = why_equivalent(mutant.path, before, after)
    verdict, tests = (
        (Verdict(SURVIVED), 0) if why else tried(root, mutant, made, selection, longest, results)
    )
    report.tried.append(Tried(mutant, before, after, verdict, tests, why))
    said = why or (verdict.by or "at import" if verdict.outcome == KILLED else before[:60])
    outcome = report.tried[-1].outcome
    _say(f"{len(report.tried)} {outcome}: {mutant.path}:{mutant.line} {mutant.operator}: {said}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Which tests run a line, and how long they take: what is measured once, before the mutants."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import coverage
import pytest

from tests.mutation import trials


class TestsFailError(Exception):
    """The tests cannot be run without any mutant; the message says why."""

    __test__ = False


@dataclass
class Coverage:
    """Which tests run which line.

    Attributes:
        seconds: of the processor, that each test takes, by its node ID.
        by_line: by module and line the numbers of the tests in ``seconds``.
        at_import: by module the lines that run when it is imported.
        failed: the tests that fail without any mutant, and so are none of those in ``seconds``.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    by_line: dict[str, dict[int, set[int]]] = field(default_factory=dict)
    at_import: dict[str, set[int]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def add(self, other: Coverage) -> None:
        """Take over what was measured of other tests, over the same modules."""
        first = len(self.seconds)
        self.failed |= other.failed
        self.seconds.update(other.seconds)
        for path, lines in other.by_line.items():
            mine = self.by_line.setdefault(path, {})
            for line, numbers in lines.items():
                mine.setdefault(line, set()).update(first + number for number in numbers)
            self.at_import.setdefault(path, set()).update(other.at_import[path])

    def of(self, files: set[str]) -> Coverage:
        """What was measured of the tests of some files."""
        return self._only({test for test in self.seconds if test.partition("::")[0] in files})

    def without(self, failed: set[str]) -> Coverage:
        """The same, but for tests that fail."""
        result = self._only(self.seconds.keys() - failed)
        result.failed = self.failed | failed
        return result

    def _only(self, tests: set[str]) -> Coverage:
        places: dict[int, int] = {}
        result = Coverage(at_import={path: set(lines) for path, lines in self.at_import.items()})
        for number, (test, seconds) in enumerate(self.seconds.items()):
            if test in tests:
                places[number] = len(result.seconds)
                result.seconds[test] = seconds
        result.by_line = {
            path: {
                line: {places[number] for number in numbers & places.keys()}
                for line, numbers in lines.items()
            }
            for path, lines in self.by_line.items()
        }
        return result


class _Measuring(trials.Patient):
    """Tells the coverage which test runs."""

    def __init__(self, measured: coverage.Coverage, clock: Callable[[], float]) -> None:
        self.measured = measured
        # Kept, as tests put other clocks in the place of that of the module.
        self.clock = clock
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        began = self.clock()
        self.measured.switch_context(str(len(self.seconds)))
        try:
            return (yield)  # type: ignore[return-value]
        finally:
            self.seconds[item.nodeid] = self.clock() - began
            self.measured.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


def measured(root: Path, folders: tuple[str, ...], modules: list[str]) -> Coverage:
    """Run tests, and see which lines of the modules each of them runs.

    Raises:
        TestsFailError: they could not be run to the end.
    """

    def task() -> tuple[int, Coverage]:
        found = coverage.Coverage(
            data_file=None, config_file=False, include=[str(root / path) for path in modules]
        )
        plugin = _Measuring(found, time.process_time)
        found.start()
        status = trials.pytest_with(plugin, "--measure-all", *folders)
        found.stop()
        result = _read(found.get_data(), root, modules, plugin.seconds)
        return status, result.without(plugin.failed)

    answer = trials.in_a_child(task, 3600)
    if answer is None:
        raise TestsFailError("the process that ran them has ended")
    status, result = answer
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise TestsFailError(f"pytest ended with {status}")
    return result  # type: ignore[no-any-return]


def _read(
    data: coverage.CoverageData, root: Path, modules: list[str], seconds: dict[str, float]
) -> Coverage:
    result = Coverage(seconds)
    for path in modules:
        lines: dict[int, set[int]] = {}
        at_import = set[int]()
        for line, contexts in data.contexts_by_lineno(str(root / path)).items():
            lines[line] = {int(context) for context in contexts if context}
            if "" in contexts:
                at_import.add(line)
        result.by_line[path], result.at_import[path] = lines, at_import
    return result


class Selection:
    """Which tests are to notice a mutant.

    Those that run its line: first those of the file and the folder that mirror its module, and the
    quick before the slow. What runs when the module is imported, as tables do, every test may
    notice: those are taken that run a line which names what is made there, those of the tables of
    all, and those of the mirroring folder; the file that mirrors it comes early, as it may compare
    the whole.
    """

    def __init__(self, root: Path, found: Coverage) -> None:
        self._root = root
        self._found = found
        self._tests = list(found.seconds)
        self._statements: dict[str, list[range]] = {}
        self._imported: dict[str, set[int]] = {}
        self._made: dict[str, dict[int, set[str]]] = {}
        self._named: dict[str, list[tuple[str, int]]] | None = None

    def tests(self, path: str, line: int) -> list[str]:
        """The node IDs of the tests, in the order in which they should be run."""
        chosen, users = set[int](), set[int]()
        at_import = line in self._at_import(path)
        for each in self._statement(path, line):
            chosen |= self._found.by_line[path].get(each, set())
            at_import = at_import or each in self._found.at_import[path]
        if at_import:
            top = "/".join(["tests", *path.split("/")[1:2]])
            users = self._users(path, line)
            chosen |= users | {
                number
                for number, test in enumerate(self._tests)
                if test.startswith(f"{top}/") or _of_tables(test)
            }

        def place(number: int) -> tuple[int, int, float, str]:
            test = self._tests[number]
            distance = _distance(path, test)
            if number in users:
                rank = 0 if distance == 0 else 2
            else:
                # Those that compare a table whole name nothing of what is in it.
                rank = 1 if at_import and (_of_tables(test) or distance == 0) else 3
            return rank, distance, self.seconds([test]), test

        return [self._tests[number] for number in sorted(chosen, key=place)]

    def seconds(self, tests: list[str]) -> float:
        """How long tests took, one after the other."""
        return sum(self._found.seconds[test] for test in tests)

    def _at_import(self, path: str) -> set[int]:
        """The lines that run when a module is imported, be it in the middle of a test."""
        if path not in self._imported:
            self._imported[path] = set(_at_import(ast.parse((self._root / path).read_text()).body))
        return self._imported[path]

    def _users(self, path: str, line: int) -> set[int]:
        """The tests that run a line which names what a line makes when it is imported."""
        if path not in self._made:
            self._made[path] = _made(ast.parse((self._root / path).read_text()))
        if self._named is None:
            self._named = {}
            for module in self._found.by_line:
                for name, place in _named(ast.parse((self._root / module).read_text())):
                    self._named.setdefault(name, []).append((module, place))
        return {
            test
            for name in self._made[path].get(line, ())
            for module, place in self._named.get(name, ())
            for test in self._found.by_line[module].get(place, ())
        }

    def _statement(self, path: str, line: int) -> range:
        """The lines of the innermost statement, of compound ones the head."""
        if path not in self._statements:
            tree = ast.parse((self._root / path).read_text())
            self._statements[path] = sorted(_statements(tree), key=len)
        return next(
            (lines for lines in self._statements[path] if line in lines), range(line, line + 1)
        )


def _statements(tree: ast.AST) -> Iterator[range]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body: Any = getattr(node, "body", None)
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(each.lineno for each in decorators)])
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            yield range(first, max(first, last) + 1)


def _at_import(body: list[ast.stmt]) -> Iterator[int]:
    for each in body:
        end = each.end_lineno or each.lineno
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([each.lineno, *(decorator.lineno for decorator in each.decorator_list)])
            end = max(each.lineno, each.body[0].lineno - 1)
            yield from range(first, end + 1)
            if isinstance(each, ast.ClassDef):
                yield from _at_import(each.body)
        else:
            yield from range(each.lineno, end + 1)


def _made(tree: ast.Module) -> dict[int, set[str]]:
    """By line the names to which a statement of a module or a class gives a value."""
    made: dict[int, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef):
            for each in node.body:
                targets = each.targets if isinstance(each, ast.Assign) else []
                targets = [each.target] if isinstance(each, ast.AnnAssign) else targets
                names = {target.id for target in targets if isinstance(target, ast.Name)}
                for line in range(each.lineno, (each.end_lineno or each.lineno) + 1):
                    made.setdefault(line, set()).update(names)
    return made


def _named(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The names of which a module has the values, and where."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno


def _of_tables(test: str) -> bool:
    return test.partition("::")[0].count("/") == 1


def _distance(path: str, test: str) -> int:
    """0 for the file of the module's own name, 1 for its folder, and so on up."""
    module = PurePosixPath(path)
    own = "tests" / PurePosixPath(*module.parts[1:])
    file = PurePosixPath(test.partition("::")[0])
    if file == own.with_name(f"test_{own.name}"):
        return 0
    return next(
        (far for far, folder in enumerate(own.parents, 1) if folder in file.parents), len(own.parts)
    )

"""The faults that are made, and those that are none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray")

from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

from tests.mutation.__main__ import PACKAGE
from tests.mutation.equivalents import EQUIVALENTS, Equivalent, why_equivalent
from tests.mutation.mutants import Mutant, difference, modules, mutants
from tests.mutation.operators import NoArgument, NoEntry, operators
from tests.mutation.run import TARGETS, TESTS

ROOT = Path(__file__).parent.parent.parent
SOURCE = PACKAGE.parent
EXAMPLES = [
    (operator, example)
    for operator in operators()
    for example in operator.examples()
    if type(operator).__module__.startswith("tests.")
]


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_each_operator_does_what_its_examples_say(operator: Operator, example: object) -> None:
    before, after = example.pre_mutation_code, example.post_mutation_code  # type: ignore[attr-defined]
    occurrence = example.occurrence  # type: ignore[attr-defined]
    assert mutate_code(before, operator, occurrence) == after


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("x = (1,)", ["x = ()"]),
        ("x = [1]", []),  # one that is no list at all is no likely mistake
        ("x = [1, 2]", ["x = [ 2,]", "x = [1,]"]),
        ("x = (\n  1,\n  2,\n)", ["x = (\n  2,\n)", "x = (\n  1,\n)"]),
        ("x = {**a, 'b': 1}", ["x = { 'b': 1,}", "x = {**a,}"]),
        ("x = [y for y in z]", []),
        ("x = {y: 1 for y in z}", []),
    ],
)
def test_entries_that_are_not_there(code: str, made: list[str]) -> None:
    found = [mutate_code(code, NoEntry(), number) for number in range(len(made) + 1)]
    assert found == [*made, None]


def test_an_argument_that_is_not_given_leaves_the_others_where_they_are() -> None:
    assert mutate_code("f(x=1, *y, z=2)", NoArgument(), 0) == "f(**{}, *y, z=2)"
    assert mutate_code("f(1, z=2)", NoArgument(), 1) is None


def codes(source: str) -> set[str]:
    """All mutants of a module that are some."""
    made = (mutant.code(source) for mutant in mutants("m.py", source))
    return {code for code in made if code is not None}


@pytest.mark.parametrize(
    "source",
    [
        "def f(x: int | None = y) -> 'a': ...\n",
        "x: dict['a', 1]\n",
        '"""A docstring."""\n\n\nclass C:\n    """Another."""\n',
        "if TYPE_CHECKING:\n    x = 'y'\n",
        "assert x is not None\n",
        "x = cast('int', y)\n",
    ],
)
def test_what_nobody_sees_that_runs_it_is_no_mutant(source: str) -> None:
    assert codes(source) == set()


def test_all_faults_of_a_comparison() -> None:
    assert codes("x = y < 5\n") == {
        "x = y <= 5\n",
        "x = y >= 5\n",
        "x = y < 6\n",
        "x = y < 4\n",
    }


def test_a_mutant_says_where_it_is() -> None:
    source = "x = 1\ny = f(2)\n"
    found = [each for each in mutants("m.py", source) if each.operator == "NumberReplacer"]
    assert [(each.line, each.column, each.occurrence) for each in found] == [
        (1, 4, 0),
        (1, 4, 1),
        (2, 6, 2),
        (2, 6, 3),
    ]
    assert difference(source, str(found[3].code(source))) == ("y = f(2)", "y = f( 1)")


def test_targets_are_there_and_each_module_counts_once() -> None:
    found = modules(SOURCE, TARGETS)
    assert len(found) == len(set(found)) > 90
    assert modules(SOURCE, ("moto_cks/hsm", "moto_cks/hsm/hsm.py")) == modules(
        SOURCE, ("moto_cks/hsm",)
    )
    assert all((SOURCE / path).is_file() for path in found)
    assert all((ROOT / tests.partition("::")[0]).exists() for tests in TESTS)


@pytest.mark.parametrize("row", EQUIVALENTS)
def test_each_equivalent_has_a_reason_and_is_still_there(row: Equivalent) -> None:
    assert row.why.endswith(".")
    paths = modules(SOURCE, (row.path,) if row.path else TARGETS)
    texts = [" ".join((SOURCE / path).read_text().split()) for path in paths]
    looked_for = re.compile(row.before.replace(r"\n", " "))
    assert any(looked_for.search(text) for text in texts)


def test_an_equivalent_is_known_by_what_changes() -> None:
    frozen = ("@dataclass(frozen=True, slots=True)", "@dataclass(frozen=False, slots=True)")
    assert why_equivalent("any.py", *frozen)
    assert not why_equivalent("any.py", frozen[0], "@dataclass(frozen=True, order=True)")
    assert not why_equivalent("any.py", "x = 1", "x = 2")
    row = Equivalent("A reason.", "x = 1", "x = 2", "m.py")
    assert row.is_it("m.py", "x = 1", "x = 2")
    assert not row.is_it("other.py", "x = 1", "x = 2")


def test_mutants_have_an_order() -> None:
    first, second = Mutant("a.py", 1, 0, "A", 0), Mutant("a.py", 2, 0, "A", 0)
    assert sorted([second, first]) == [first, second]

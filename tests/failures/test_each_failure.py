"""Every failure and variant: brought about, seen, repaired by calls or by commands, and proved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moto_cks.failures.instructions import Tool
from moto_cks.failures.table import FAILURES
from tests.failures.drill import CASES, Drill

Make = Callable[..., Drill]


def follow(drill: Drill, *, with_older_tools: bool) -> None:
    """Repair by typing; only what nobody can type is done by a call."""
    person = drill.person()
    for number in range(1, len(drill.case.repair) + 1):
        instruction = drill.failure.steps(drill.store)[number - 1]
        if instruction.name == "disconnect" and drill.state()[0] == "DISCONNECTED":
            continue
        # Nobody but who is logged in can log out: here that is somebody else.
        elsewhere = instruction.name == "log-out" and not (
            person.is_at(Tool.KEY_MGMT_UTIL) or person.is_at(Tool.CLOUDHSM_CLI)
        )
        if not elsewhere:
            person.follow(instruction, with_older_tools=with_older_tools)
        if elsewhere or instruction.name in ("wait", "retry"):
            drill.failure.carry_out(drill.store, number)


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_happens_is_seen_and_repaired_by_calls(name: str, variant: str, drill: Make) -> None:
    one = drill(name, variant)
    with one.happen() as happening:
        assert one.failure.happens_to(one.store)
        assert set(happening.key_ids) == set(one.key_ids)
        one.look(happening)
    assert not one.failure.happens_to(one.store)
    one.prove()


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_is_repaired_by_commands(name: str, variant: str, drill: Make) -> None:
    one = drill(name, variant)
    happening = one.happen()
    one.look(happening)
    follow(one, with_older_tools=False)
    one.prove()
    # Somebody has repaired it, which the table is told by repairing it: that does no harm.
    if one.failure.happens_to(one.store):
        happening.repair()
        one.prove()


AT_OLDER_TOOLS = [
    (failure.name, variant)
    for failure in FAILURES.values()
    for variant, case in failure.cases.items()
    if any(step.with_older_tools for step in case.repair)
]


@pytest.mark.parametrize(("name", "variant"), AT_OLDER_TOOLS)
def test_is_repaired_with_the_older_tools(name: str, variant: str, drill: Make) -> None:
    one = drill(name, variant)
    one.look(one.happen())
    follow(one, with_older_tools=True)
    one.prove()


@pytest.mark.parametrize("name", list(FAILURES))
def test_is_repaired_step_by_step(name: str, drill: Make) -> None:
    one = drill(name)
    one.happen()
    numbers = range(1, len(one.case.repair) + 1)
    over = [one.failure.carry_out(one.store, number) for number in numbers]
    assert over == [number == len(numbers) for number in numbers]
    if not over:
        one.failure.repair(one.store)
    one.prove()

"""The documented repairs as ``cks.explain`` tells them: for each failure its page and its steps.

They are those of the table (:mod:`moto_cks.failures.table`), with a line for each tool. Where the
variants of a failure have different steps, what is told is all of them, and
:mod:`moto_cks.failures.mending` leaves out what need not be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from moto_cks.failures import no_new_keys, shapes, steps, unavailable
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.table import FAILURES


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a repair; it says one thing, in the words of AWS's page.

    Attributes:
        name: what it is called.
        text: what to do, in a sentence.
        commands: what a person types, one line a tool; all but those of the AWS CLI begin with
            the name of the tool.
        python: the same in Python.
    """

    name: str
    text: str
    commands: tuple[str, ...] = ()
    python: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """How a failure is repaired.

    Attributes:
        page: the section of AWS's page, as a URL.
        steps: what to do, in order; none where there is no way.
    """

    page: str
    steps: tuple[Step, ...]


def told(step: shapes.Step) -> Step:
    """A step of the table with a line for each tool."""
    commands = (*_lines(step.commands), *_lines(step.with_older_tools))
    return Step(step.name, step.text, commands, step.python)


def _lines(commands: Iterable[Command]) -> Iterator[str]:
    for tool, group in groupby(commands, key=lambda command: command.tool):
        if tool is Tool.AWS:
            yield from (command.line for command in group)
        else:
            yield f"{tool}: {'; '.join(_typed(group))}"


def _typed(commands: Iterable[Command]) -> Iterator[str]:
    for command in commands:
        yield command.line
        if command.tool is not Tool.CLOUDHSM_CLI:  # that asks for passwords, and echoes none
            yield from command.answers


CONNECT, DISCONNECT = told(steps.CONNECT), told(steps.DISCONNECT)
SET_PASSWORD, TELL_PASSWORD = told(steps.SET_PASSWORD), told(steps.TELL_PASSWORD)
OPEN_INBOUND, OPEN_OUTBOUND = told(steps.OPEN_INBOUND), told(steps.OPEN_OUTBOUND)
APPROVAL = (told(steps.QUORUM_TOKEN), told(steps.QUORUM_SIGNATURES))
"""What one needs beforehand where nobody can change users alone."""

WITH_QUORUM: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        step.name: (*APPROVAL, told(step))
        for step in (
            steps.SET_PASSWORD_WITH_QUORUM,
            steps.CREATE_USER_WITH_QUORUM,
            steps.DELETE_USER_WITH_QUORUM,
        )
    }
)
"""What is done instead then, by the name of the step."""

CANCEL_DELETION, ENABLE_KEY = told(unavailable.CANCEL_DELETION), told(unavailable.ENABLE_KEY)

_OPEN_PORTS = (steps.OPEN_INBOUND, steps.OPEN_OUTBOUND)

_OF_ALL_VARIANTS: Mapping[str, tuple[shapes.Step, ...]] = {
    "migration-under-way": (no_new_keys.WAIT, steps.CONNECT),
    "hsm-ports-closed": _OPEN_PORTS,
    "hsm-ports-closed-before-connecting": (*_OPEN_PORTS, steps.CONNECT),
    "mtls-enforced": (steps.LIFT_MTLS, steps.CONNECT),
    "user-not-found": (
        steps.LOOK,
        steps.DISCONNECT,
        steps.CREATE_USER,
        steps.SET_PASSWORD,
        steps.TELL_PASSWORD,
        steps.CONNECT,
    ),
}
"""The steps of failures whose variants differ in them."""


def _repair(failure: shapes.Failure) -> Repair:
    documented = _OF_ALL_VARIANTS.get(failure.name, failure.repair)
    return Repair(failure.page, tuple(map(told, documented)) if failure.recoverable else ())


REPAIRS: Mapping[str, Repair] = MappingProxyType(
    {name: _repair(failure) for name, failure in FAILURES.items()}
)
"""The repairs by the names of the failures."""

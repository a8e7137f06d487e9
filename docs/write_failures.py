"""Writes the documented failures into failures.md from their table; see there.

The package has to be importable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from moto_cks.failures.appearances import CRYPTO
from moto_cks.failures.expectations import Seen
from moto_cks.failures.instructions import Command, Instruction, Tool
from moto_cks.failures.needs import TEXTS
from moto_cks.failures.shapes import Case, Failure, Need
from moto_cks.failures.table import FAILURES, SECTIONS

PAGE = Path(__file__).parent / "failures.md"
MARK = "<!-- from here on written by docs/write_failures.py -->\n"


@dataclass(frozen=True)
class Places:
    """The steps of all repairs, each with its place on the page.

    Attributes:
        steps: by place.
    """

    steps: dict[str, Instruction] = field(default_factory=dict)

    @classmethod
    def of_all(cls) -> Places:
        """Those of all failures."""
        made = cls()
        for failure in FAILURES.values():
            for case in failure.cases.values():
                for instruction in case.instructions:
                    made.of(instruction)
        return made

    def of(self, instruction: Instruction) -> str:
        """The place of a step, which is made where it has none."""
        step = replace(instruction, number=0)
        for place, other in self.steps.items():
            if other == step:
                return place
        same = sum(other.name == step.name for other in self.steps.values())
        place = f"step-{step.name}" + (f"-{same + 1}" if same else "")
        self.steps[place] = step
        return place


def overview() -> Iterator[str]:
    """One line for each failure."""
    yield "| failure | what has happened | seen | what KMS shows |"
    yield "|---|---|---|---|"
    for failure in FAILURES.values():
        name = f"[{failure.name}](#{failure.name})"
        yield f"| {name} | {failure.title} | {failure.since.value} | {shown(failure.seen)} |"


def shown(seen: Seen) -> str:
    """The connection state, with its error code."""
    return seen.connection.value + (f" {seen.error_code.value}" if seen.error_code else "")


def failure_text(failure: Failure, places: Places) -> Iterator[str]:
    """A failure: its causes, what is seen, the repair."""
    yield f"### {failure.name}"
    yield ""
    yield f"{failure.title}. [AWS's page]({failure.page}); {', '.join(failure.rows)}; seen " + (
        f"{failure.since.value}." if failure.since.value == "at once" else f"{since(failure)}."
    )
    first, *others = failure.cases.values()
    yield ""
    for case in (first, *others):
        default = ", the default" if case is first and others else ""
        yield f"- `{case.variant}`{default}: {case.cause}{needs(case)}"
    yield ""
    yield from seen_text(first.seen)
    for case in others:
        if case.seen != first.seen:
            yield f"With `{case.variant}`:"
            yield ""
            yield from seen_text(case.seen)
    yield from repair_text(failure, first, places)
    for case in others:
        if case.repair != first.repair:
            yield f"With `{case.variant}`:"
            yield ""
            yield from step_list(case, places)


def since(failure: Failure) -> str:
    """From when on it is seen, as a part of a sentence."""
    value = failure.since.value
    return f"at the {value}" if value.startswith("next") else value


def needs(case: Case) -> str:
    """What it needs, as a sentence."""
    missing = [TEXTS[need] for need in Need if need in case.needs and need in TEXTS]
    return f" Needs {', '.join(missing)}." if missing else ""


def seen_text(seen: Seen) -> Iterator[str]:
    """What is seen, as a table."""
    before, after = (
        "-" if state is None else state.value
        for state in (seen.key_state, seen.key_state_after_use)
    )
    yield "| seen | |"
    yield "|---|---|"
    yield f"| ConnectionState | {shown(seen)} |"
    yield f"| KeyState | {before}" + (f", after a use {after} |" if after != before else " |")
    for message, names in refusals(seen).items():
        once = ", the first time" if seen.once else ""
        yield f"| {together(names)}{once} | {message} |"
    events = "; ".join(
        together(event.names) + (f" with {event.error_code}" if event.error_code else "")
        for event in seen.events
    )
    if events:
        yield f"| in CloudTrail | {events} |"
    yield ""


def together(names: Iterable[str]) -> str:
    """The names of operations; those on a key in one word."""
    rest = list(names)
    if set(CRYPTO) <= set(rest):
        rest = ["the use of a key", *(name for name in rest if name not in CRYPTO)]
    return ", ".join(rest)


def refusals(seen: Seen) -> dict[str, list[str]]:
    """The operations that are refused, by what they are refused with."""
    found: dict[str, list[str]] = {}
    for name, refusal in seen.calls.items():
        status = "" if refusal.status == 400 else f" ({refusal.status})"
        message = f" `{refusal.message}`" if refusal.message else ""
        found.setdefault(f"{refusal.code}{status}{message}", []).append(name)
    return found


def repair_text(failure: Failure, case: Case, places: Places) -> Iterator[str]:
    """The repair, or that there is none."""
    if not failure.recoverable:
        yield "There is no repair." + (" This is what one would try:" if case.repair else "")
        yield ""
    if case.repair:
        yield from step_list(case, places)


def step_list(case: Case, places: Places) -> Iterator[str]:
    """The steps of a repair."""
    for step in case.instructions:
        yield f"{step.number}. [{step.name}](#{places.of(step)}): {marked(step.text)}"
    yield ""


def step_text(step: Instruction, place: str) -> Iterator[str]:
    """A step, with what is typed."""
    yield f'### <a name="{place}"></a>{step.name}'
    yield ""
    yield marked(step.text)
    yield ""
    for commands in (step.commands, step.with_older_tools):
        if commands:
            yield "```text"
            yield from lines(commands)
            yield "```"
            yield ""
    yield f"In Python: `{step.python}`"
    yield ""


def marked(text: str) -> str:
    """A text in which placeholders are no elements of HTML."""
    return PLACEHOLDER.sub(r"`\g<0>`", text)


PLACEHOLDER = re.compile(r"<[a-z-]+>")

PROMPTS = {
    Tool.AWS: "$ ",
    Tool.CLOUDHSM_MGMT_UTIL: "aws-cloudhsm>",
    Tool.KEY_MGMT_UTIL: "Command:  ",
    Tool.CLOUDHSM_CLI: "aws-cloudhsm > ",
}


def lines(commands: tuple[Command, ...]) -> Iterator[str]:
    """Commands at their prompts, with what is answered."""
    tool = None
    for command in commands:
        if command.tool is not tool and command.tool is not Tool.AWS:
            yield f"{command.tool.value}:"
        tool = command.tool
        yield PROMPTS[tool] + command.line
        yield from (f"    {answer}" for answer in command.answers)
        if command.gives is not None:
            yield f"    <{command.gives[0]}>: {command.gives[1]}"


def generated() -> Iterator[str]:
    """What follows the mark."""
    places = Places.of_all()
    yield ""
    yield from overview()
    yield ""
    for title, failures in SECTIONS.items():
        yield f"## {title}"
        yield ""
        for failure in failures:
            yield from failure_text(failure, places)
    yield "## The steps"
    yield ""
    for place, step in places.steps.items():
        yield from step_text(step, place)


def written(page: str) -> str:
    """The page with the failures as their table has them."""
    head, mark, _ = page.partition(MARK)
    return head + mark + "\n".join(generated()).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))

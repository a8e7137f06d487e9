"""The steps of a repair as they are shown to a person: what to do, and what to type for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from moto_cks.enums import StrEnum
from moto_cks.failures.placeholders import fill, placeholders

OF_A_KEY = frozenset({"key", "handle", "id-hex"})
"""The placeholders that there is a value of for each key."""


class Tool(StrEnum):
    """What a command is typed at."""

    AWS = "aws"
    CLOUDHSM_MGMT_UTIL = "cloudhsm_mgmt_util"
    KEY_MGMT_UTIL = "key_mgmt_util"
    CLOUDHSM_CLI = "cloudhsm-cli"


@dataclass(frozen=True, slots=True)
class Command:
    """A line that a person types.

    Attributes:
        tool: where: at a shell for the AWS CLI, else at the prompt of the tool on the cluster that
            the key store is associated with.
        line: what, with placeholders.
        answers: to what it asks.
        gives: a placeholder, and where in the answer its value is (JMESPath, as in ``--query``).
    """

    tool: Tool
    line: str
    answers: tuple[str, ...] = ()
    gives: tuple[str, str] | None = None

    def filled(
        self, values: Mapping[str, str], keys: Sequence[Mapping[str, str]]
    ) -> tuple[Command, ...]:
        """The same with the values of placeholders, as far as they are known.

        Args:
            values: the values.
            keys: and those of each key; a command on a key is given once for each.
        """
        if not (placeholders(self.line) & OF_A_KEY and keys):
            return (self._with(values),)
        return tuple(self._with({**values, **of_key}) for of_key in keys)

    def _with(self, values: Mapping[str, str]) -> Command:
        answers = tuple(fill(answer, values) for answer in self.answers)
        return replace(self, line=fill(self.line, values), answers=answers)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step of a repair.

    Attributes:
        number: its place among the steps, from 1.
        name: what it is called.
        text: what to do, in a sentence.
        commands: what a person types, in order; a tool of the HSMs that is open stays open for the
            next step until it is quit. Where there are none, there is only to wait.
        with_older_tools: what is typed in the place of commands at cloudhsm-cli (Client SDK 5) by
            who has the two older tools (Client SDK 3).
        python: the same in Python, with boto3 clients and the handles.
    """

    number: int
    name: str
    text: str
    commands: tuple[Command, ...]
    with_older_tools: tuple[Command, ...]
    python: str

    def filled(
        self, values: Mapping[str, str], keys: Sequence[Mapping[str, str]] = ()
    ) -> Instruction:
        """The same with the values of placeholders, as far as they are known."""
        first = {**values, **(keys[0] if keys else {})}
        return replace(
            self,
            text=fill(self.text, values),
            python=fill(self.python, first),
            commands=_filled(self.commands, values, keys),
            with_older_tools=_filled(self.with_older_tools, values, keys),
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "number": self.number,
            "name": self.name,
            "text": self.text,
            "commands": [_shown(command) for command in self.commands],
            "with_older_tools": [_shown(command) for command in self.with_older_tools],
            "python": self.python,
        }

    @classmethod
    def from_dict(cls, shown: Mapping[str, Any]) -> Instruction:
        """What ``to_dict`` has made."""
        return cls(
            shown["number"],
            shown["name"],
            shown["text"],
            tuple(map(_read, shown["commands"])),
            tuple(map(_read, shown["with_older_tools"])),
            shown["python"],
        )


def _filled(
    commands: Iterable[Command], values: Mapping[str, str], keys: Sequence[Mapping[str, str]]
) -> tuple[Command, ...]:
    return tuple(one for command in commands for one in command.filled(values, keys))


def _shown(command: Command) -> dict[str, Any]:
    shown = asdict(command)
    gives = None
    if command.gives is not None:
        gives = {"placeholder": command.gives[0], "query": command.gives[1]}
    return {**shown, "tool": command.tool.value, "answers": list(command.answers), "gives": gives}


def _read(shown: Mapping[str, Any]) -> Command:
    gives = shown["gives"]
    return Command(
        Tool(shown["tool"]),
        shown["line"],
        tuple(shown["answers"]),
        None if gives is None else (gives["placeholder"], gives["query"]),
    )

"""What a command of cloudhsm_mgmt_util looks like.

A line is split at spaces, as the tool does it: there are no quotation marks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.session import Script

Run = Callable[[Connection, list[str]], Script]
"""Carries a command out, with its arguments."""

SECOND_FACTOR = "-2fa"


class Mode(Enum):
    """Where a command can be given."""

    ANYWHERE = "in global mode and in server mode"
    GLOBAL = "in global mode only"
    SERVER = "in server mode only"

    def holds(self, *, in_server_mode: bool) -> bool:
        """Whether it can be given now.

        Args:
            in_server_mode: whether the tool is in server mode.
        """
        return self is Mode.ANYWHERE or (self is Mode.SERVER) == in_server_mode


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        name: its name.
        syntax: its arguments, as its page in the user guide has them.
        description: what it does.
        run: carries it out.
        arguments: how many there may be.
        numbers: the places of those that are numbers.
        mode: where it can be given.
        second_factor: whether ``-2fa <file>`` may follow.
        key_flag: whether ``-k`` may stand before the first one.
        ends: whether the tool ends with it.
    """

    name: str
    syntax: str
    description: str
    run: Run
    arguments: range = range(1)
    numbers: tuple[int, ...] = ()
    mode: Mode = Mode.ANYWHERE
    second_factor: bool = False
    key_flag: bool = False
    ends: bool = False

    @property
    def usage(self) -> str:
        """How it is to be given."""
        return f"Usage: {self.name} {self.syntax}".rstrip() + "\n"

    def parse(self, words: list[str]) -> list[str] | None:
        """Its arguments out of what follows its name, or ``None`` where they are wrong."""
        if self.key_flag and words[:1] == ["-k"]:
            words = words[1:]
        if len(words) not in self.arguments:
            return None
        numbers = (words[place] for place in self.numbers if place < len(words))
        return words if all(number.isdecimal() for number in numbers) else None

    def wants_second_factor(self, words: list[str]) -> bool:
        """Whether a second factor is to be used."""
        return self.second_factor and words[-2:-1] == [SECOND_FACTOR]

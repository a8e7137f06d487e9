"""What a command of key_mgmt_util looks like: options with a dash, in any order.

A line is split at spaces, as the tool does it: there are no quotation marks.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from moto_cks.tools.key_mgmt_util.session import Connection
from moto_cks.tools.session import Script

HELP = "-h"

Run = Callable[[Connection, argparse.Namespace], Script]
"""Carries a command out, with its arguments."""


class UsageError(Exception):
    """The arguments of a command are wrong; the message says which and how."""


class _Parser(argparse.ArgumentParser):
    def __init__(self, needed: Mapping[str, str]) -> None:
        super().__init__(add_help=False, allow_abbrev=False)
        self._needed = needed

    def error(self, message: str) -> NoReturn:
        # Nothing of what was typed, which may be a password in the wrong place.
        about = re.match(r"argument (\S+): (invalid choice)?", message)
        if about is None:
            raise UsageError("Unknown arguments.")
        meaning = None if about[2] else self._needed.get(about[1])
        raise UsageError(f"{about[1]} is wrong." if meaning is None else missing(meaning, about[1]))


def missing(meaning: str, flag: str) -> str:
    """What is said of an option that must be given; one that cannot be read counts as not given."""
    return f"{meaning} ({flag}) is missing."


def number(text: str) -> int:
    """A number of decimal digits."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(text)
    return int(text)


def numbers(text: str) -> list[int]:
    """Numbers with commas in between."""
    return [number(part) for part in text.split(",")]


def code(text: str) -> int:
    """A hexadecimal number that begins with ``0x``."""
    if not text.startswith("0x"):
        raise ValueError(text)
    return int(text, 16)


@dataclass(frozen=True)
class Option:
    """An option of a command.

    Attributes:
        flag: its name, with the dash.
        meaning: what it is for.
        kind: reads its value; ``None`` where it has none.
        values: the values that are possible, where they are few.
        required: whether it must be given.
        instead_of: the option that it can be given in the place of.
    """

    flag: str
    meaning: str
    kind: Callable[[str], Any] | None = str
    values: tuple[Any, ...] | None = None
    required: bool = False
    instead_of: str | None = None

    def add_to(self, parser: argparse._ActionsContainer) -> None:
        """Have a parser know it."""
        name = self.flag.removeprefix("-")
        if self.kind is None:
            parser.add_argument(self.flag, dest=name, action="store_true")
        else:
            parser.add_argument(self.flag, dest=name, type=self.kind, choices=self.values)


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        name: its name.
        description: what it does.
        run: carries it out.
        call: the function of the client library that it calls; it stands in what it prints.
        syntax: its options, as its page in the user guide has them.
        options: its options.
        ends: whether the tool ends with it.
    """

    name: str
    description: str
    run: Run
    call: str = ""
    syntax: tuple[str, ...] = ()
    options: tuple[Option, ...] = field(default=())
    ends: bool = False

    @property
    def usage(self) -> str:
        """Its help text."""
        lines = ["", "Description", "===========", self.description, ""]
        lines.append(f"Syntax: {self.name} {HELP}")
        indent = " " * len(f"Syntax: {self.name} ")
        for place, line in enumerate(self.syntax):
            lines.append(f"        {self.name} {line}" if place == 0 else indent + line)
        lines += ["", f"Where: {HELP:<10}displays this information"]
        lines += [f"       {option.flag:<10}{option.meaning}" for option in self.options]
        return "\n".join(lines) + "\n"

    def parse(self, words: list[str]) -> argparse.Namespace:
        """Its arguments out of what follows its name.

        Raises:
            UsageError: they are wrong.
        """
        parser = self._parser()
        return self.checked(parser.parse_args(words))

    def split(self, words: list[str]) -> tuple[argparse.Namespace, list[str]]:
        """Its arguments, and the words from the first one on that is not of them.

        Raises:
            UsageError: they are wrong.
        """
        parser = self._parser()
        parser.add_argument("rest", nargs=argparse.REMAINDER)
        parsed = parser.parse_args(words)
        return self.checked(parsed), list(parsed.rest)

    def _parser(self) -> _Parser:
        parser = _Parser({item.flag: item.meaning for item in self.options if item.required})
        for option in self.options:
            option.add_to(parser)
        return parser

    def checked(self, parsed: argparse.Namespace) -> argparse.Namespace:
        """The arguments, if none is missing.

        Raises:
            UsageError: one is missing.
        """
        given = {
            name for name, value in vars(parsed).items() if value is not None and value is not False
        }
        for option in self.options:
            replaced = [other for other in self.options if other.instead_of == option.flag]
            names = {item.flag.removeprefix("-") for item in (option, *replaced)}
            if option.required and not names & given:
                raise UsageError(missing(option.meaning, option.flag))
            if len(names & given) > 1:
                raise UsageError(f"Only one of {', '.join(sorted(names))} can be given.")
        return parsed

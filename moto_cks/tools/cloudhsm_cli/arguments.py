"""From words to a command with its options, or to what the tool says instead.

``argparse`` takes the options apart; the messages are those of clap, the library that the real
tool uses.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from moto_cks.tools.cloudhsm_cli import helptext
from moto_cks.tools.cloudhsm_cli.key_filters import KeyFilter, parse_filter
from moto_cks.tools.cloudhsm_cli.shapes import Command, Entry, Group, Option, Takes

REFERENCE = re.compile(r"0x[0-9a-fA-F]+|[0-9]+")

USAGE_ERROR = 2
"""The exit status after words that make no command."""


@dataclass(frozen=True)
class Request:
    """A command and its options.

    Attributes:
        command: the command.
        values: the options that were given, by name.
    """

    command: Command
    values: Mapping[str, Any] = field(repr=False)

    def text(self, name: str) -> str | None:
        """An option that takes a word; ``None`` where it was not given."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """An option that takes a number."""
        return int(self.values.get(name, default))

    def flag(self, name: str) -> bool:
        """Whether an option was given."""
        return name in self.values

    def filters(self) -> list[KeyFilter]:
        """The key filters."""
        return list(self.values.get("filter", ()))


class Said(Exception):
    """The words make no request; the tool says something instead.

    Attributes:
        text: what it says.
        status: its exit status: 0 after help that was asked for, 2 after an error.
    """

    def __init__(self, text: str, status: int = USAGE_ERROR) -> None:
        super().__init__()
        self.text = text
        self.status = status

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.text, self.status)


def parse(words: Sequence[str], root: Group, process: bool) -> Request:
    """Understand a command.

    Args:
        words: its words.
        root: the commands that there are.
        process: whether they are arguments of the process, rather than a line of a session.

    Raises:
        Said: they are a call for help, or no command.
    """
    entry: Entry = root
    rest = list(words)
    while isinstance(entry, Group):
        if not rest:
            raise Said(helptext.help_text(entry, process, long=True))
        word = rest.pop(0)
        if word == "help":
            raise Said(helptext.help_text(_find(entry, rest, process), process, long=True), 0)
        if word in ("-h", "--help"):
            raise Said(helptext.help_text(entry, process, word == "--help"), 0)
        entry = _member(entry, word, process)
    return _Parser(entry, process).request(rest)


def _find(group: Group, words: Sequence[str], process: bool) -> Entry:
    entry: Entry = group
    for word in words:
        if isinstance(entry, Command):
            raise Said(_unrecognized(word, entry, process))
        entry = _member(entry, word, process)
    return entry


def _member(group: Group, word: str, process: bool) -> Entry:
    member = group.member(word)
    if member is None:
        raise Said(_unrecognized(word, group, process))
    return member


def _unrecognized(word: str, entry: Entry, process: bool) -> str:
    what = "unexpected argument" if word.startswith("-") else "unrecognized subcommand"
    found = " found" if word.startswith("-") else ""
    return helptext.error(f"{what} '{word}'{found}", helptext.usage(entry, process))


class _InvalidValueError(Exception):
    """A value that an option does not take."""


class _Once(argparse.Action):
    """Store a value; a second one is an error."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if hasattr(namespace, self.dest):
            raise argparse.ArgumentError(self, "twice")
        setattr(namespace, self.dest, values if self.nargs != 0 else True)


class _Help(argparse.Action):
    """Show the help of the command."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> NoReturn:
        assert isinstance(parser, _Parser)
        long = option_string == "--help"
        raise Said(helptext.help_text(parser.command, parser.process, long), 0)


class _Parser(argparse.ArgumentParser):
    """The parser of one command.

    Attributes:
        command: the command.
        process: see :func:`parse`.
    """

    def __init__(self, command: Command, process: bool) -> None:
        super().__init__(
            add_help=False,
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
            exit_on_error=False,
        )
        self.command = command
        self.process = process
        self.add_argument("-h", "--help", nargs=0, action=_Help)
        for option in command.options:
            self._add(option)

    def _add(self, option: Option) -> None:
        names = [f"-{option.short}"] if option.short else []
        names += [f"--{name}" for name in (option.name, option.alias) if name]
        if option.takes is Takes.FILTERS:
            self.add_argument(
                *names, dest=option.name, nargs="*", action="extend", type=_Checked(option)
            )
        else:
            nargs = 0 if option.takes is Takes.NOTHING else None
            self.add_argument(
                *names, dest=option.name, nargs=nargs, action=_Once, type=_Checked(option)
            )

    def request(self, words: list[str]) -> Request:
        """The request that the words make.

        Raises:
            Said: they are a call for help, or make none.
        """
        try:
            namespace, extra = self.parse_known_args(words)
        except argparse.ArgumentError as error:
            raise Said(self._refusal(error)) from None
        except _InvalidValueError as error:
            raise Said(helptext.error(str(error))) from None
        if extra:
            message = f"unexpected argument '{extra[0]}' found"
            raise Said(helptext.error(message, helptext.usage(self.command, self.process)))
        values = vars(namespace)
        self._require(values)
        return Request(self.command, values)

    def _require(self, values: Mapping[str, Any]) -> None:
        missing = [
            o.placeholder for o in self.command.options if o.required and o.name not in values
        ]
        either = self.command.one_of
        if either and not values.keys() & set(either):
            placeholders = (o.placeholder for o in self.command.options if o.name in either)
            missing.append(f"<{'|'.join(placeholders)}>")
        if missing:
            lines = "\n".join(f"  {placeholder}" for placeholder in missing)
            given = helptext.usage_of(self.command, frozenset(values), self.process)
            raise Said(
                helptext.error(
                    f"the following required arguments were not provided:\n{lines}", given
                )
            )

    def _refusal(self, error: argparse.ArgumentError) -> str:
        name = (error.argument_name or "").rpartition("--")[2]
        options = self.command.options
        option = next(option for option in options if name in (option.name, option.alias))
        if error.message == "twice":
            message = f"the argument '{option.placeholder}' cannot be used multiple times"
            return helptext.error(message, helptext.usage(self.command, self.process))
        if option.takes is Takes.NOTHING:
            message = f"unexpected value for '{option.placeholder}' found; no more were expected"
            return helptext.error(message, helptext.usage(self.command, self.process))
        values = f"\n  {option.possible_values}" if option.values else ""
        return helptext.error(
            f"a value is required for '{option.placeholder}' but none was supplied{values}"
        )


class _Checked:
    """Takes the values of an option, or says that it does not.

    The exception is none that argparse knows: it would put the value into a message of its own.
    """

    def __init__(self, option: Option) -> None:
        self._option = option

    def __call__(self, word: str) -> object:
        option = self._option
        if option.values and word not in option.values:
            raise self._invalid(word, f"\n  {option.possible_values}")
        if option.takes is Takes.NUMBER:
            if not (word.isascii() and word.isdigit()):
                raise self._invalid(word, ": invalid digit found in string")
            return int(word)
        if option.takes is Takes.REFERENCE:
            if not REFERENCE.fullmatch(word):
                raise self._invalid(word, ": invalid digit found in string")
            return int(word, 16 if word.startswith("0x") else 10)
        if option.takes is Takes.FILTERS:
            try:
                return parse_filter(word)
            except ValueError as error:
                raise self._invalid(word, f": {error}") from None
        return word

    def _invalid(self, word: str, why: str) -> _InvalidValueError:
        return _InvalidValueError(f"invalid value '{word}' for '{self._option.placeholder}'{why}")

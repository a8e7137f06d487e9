"""Where the tools read commands and answers: a terminal, or a pipe."""

from __future__ import annotations

import getpass
import sys
from types import ModuleType
from typing import Protocol


class Keyboard(Protocol):
    """Where commands and answers come from."""

    def command(self, prompt: str) -> str:
        """The next command.

        Raises:
            EOFError: there is none.
        """

    def answer(self, question: str, *, hidden: bool) -> str:
        """The answer to a question.

        Raises:
            EOFError: there is none.
        """


class Pipe:
    """Lines of the standard input, which nobody edits."""

    def command(self, prompt: str) -> str:
        """The next line."""
        return self._line(prompt)

    def answer(self, question: str, *, hidden: bool) -> str:
        """The next line; nothing echoes it."""
        return self._line(question)

    def _line(self, shown: str) -> str:
        sys.stdout.write(shown)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.removesuffix("\n").removesuffix("\r")


class Terminal:
    """A terminal: commands can be edited, and called back as long as the tool runs.

    Answers are not kept, and nothing is written to a file.
    """

    def __init__(self, readline: ModuleType | None) -> None:
        self._readline = readline
        if readline is not None:
            # Nothing may reach the terminal that the tool has not printed: a script may read it.
            readline.parse_and_bind("set enable-bracketed-paste off")
            readline.parse_and_bind("set bell-style none")
            readline.set_auto_history(False)

    def command(self, prompt: str) -> str:
        """The next command."""
        line = input(prompt)
        if self._readline is not None and line.strip():
            self._readline.add_history(line)
        return line

    def answer(self, question: str, *, hidden: bool) -> str:
        """The answer; a hidden one does not show."""
        return getpass.getpass(question) if hidden else input(question)


def keyboard() -> Keyboard:
    """Where this process reads from."""
    if not sys.stdin.isatty():
        return Pipe()
    try:
        import readline  # noqa: PLC0415
    except ImportError:  # as on Windows
        return Terminal(None)
    return Terminal(readline)

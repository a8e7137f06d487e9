"""A session with a command line tool: commands, the questions that they ask, and the answers.

The three tools are sessions of this kind. Python code, the console scripts and the server all speak
to them in turns: a command or an answer goes in, and out comes what the tool prints, and maybe a
question.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeAlias, TypeVar

from moto_cks.tools.nodes import Fleet
from moto_cks.world.lock import WORLD


@dataclass(frozen=True)
class Question:
    """What a tool asks while it carries out a command.

    Attributes:
        text: what it prints before the answer.
        hidden: whether the answer is a secret, which is not echoed.
    """

    text: str
    hidden: bool = False


Script: TypeAlias = Generator["str | Question", str, int]
"""A command that is being carried out: it yields what it prints and what it asks, is sent the
answers, and returns its exit status."""


@dataclass(frozen=True)
class Turn:
    """What comes of a command or an answer.

    Attributes:
        output: what the tool has printed, without the text of the question.
        question: what it asks now, or ``None`` where the command is over.
        status: the exit status of a command that is over; 0 is success.
    """

    output: str
    question: Question | None = None
    status: int = 0


_Session = TypeVar("_Session", bound="ToolSession")


class UnansweredQuestionError(Exception):
    """A tool asked something that there was no answer to; the command was abandoned.

    Attributes:
        question: what it asked.
        output: what a terminal showed until then.
    """

    def __init__(self, question: str, output: str = "") -> None:
        super().__init__(question)
        self.question = question
        self.output = output


def save_locally(path: str, text: str) -> None:
    """Write a file as the tools do: over an existing one, without a warning.

    Raises:
        OSError: the file cannot be written.
    """
    Path(path).write_text(text, encoding="utf-8")


@dataclass
class ToolSession(ABC):
    """A tool that is running.

    Attributes:
        fleet: the HSMs that it talks to.
        save: how it writes a file: path and content. By default in this process, where paths are
            relative to its directory; who runs the tool for somebody else puts another one here.
        closed: whether it has ended.
    """

    name: ClassVar[str]
    """The name of the executable."""

    fleet: Fleet
    save: Callable[[str, str], None] = field(default=save_locally, repr=False, kw_only=True)
    closed: bool = field(default=False, init=False)
    _script: Script | None = field(default=None, init=False, repr=False)

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"<{self.name} on {self.fleet.cluster_id}: {state}>"

    @property
    @abstractmethod
    def greeting(self) -> str:
        """What it prints when it starts."""

    @property
    @abstractmethod
    def prompt(self) -> str:
        """What stands before the next command."""

    @abstractmethod
    def execute(self, line: str) -> Script:
        """Carry out one command."""

    def execute_single(self, words: Sequence[str], environment: Mapping[str, str]) -> Script:
        """Carry out what the tool is given on its own command line."""
        raise ValueError(f"{self.name} carries out no single command.")

    @abstractmethod
    def log_out(self) -> None:
        """End the logins of this session; where there are none, nothing happens."""

    def write(self, path: str, text: str) -> None:
        """Write a file as :attr:`save` does it by now; it can be exchanged while the tool runs.

        Raises:
            OSError: the file cannot be written.
        """
        self.save(path, text)

    def begin(self, command: str) -> Turn:
        """Give a command.

        Raises:
            RuntimeError: the session is closed, or waits for an answer.
        """
        with WORLD:
            self._require_idle()
            return self._start(self.execute(command))

    def _require_idle(self) -> None:
        if self.closed:
            raise RuntimeError(f"This session of {self.name} is closed.")
        if self._script is not None:
            raise RuntimeError(f"{self.name} waits for an answer.")

    def _start(self, script: Script) -> Turn:
        self._script = script
        return self._go_on(None)

    def begin_single(
        self, words: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Turn:
        """Give what stands on the tool's own command line; when that is done, the tool has ended.

        Args:
            words: the arguments, without the name of the program.
            environment: the environment variables that the tool may read.

        Raises:
            RuntimeError: the session is closed, or waits for an answer.
            ValueError: the tool has no such mode, or the words do not ask for it.
        """
        with WORLD:
            self._require_idle()
            return self._start(self._single(self.execute_single(words, environment or {})))

    def _single(self, script: Script) -> Script:
        try:
            return (yield from script)
        finally:
            self.log_out()
            self.closed = True

    def answer(self, text: str) -> Turn:
        """Answer the question of the turn before.

        Raises:
            RuntimeError: there is no question.
        """
        with WORLD:
            if self._script is None:
                raise RuntimeError(f"{self.name} has asked nothing.")
            return self._go_on(text)

    def abandon(self) -> None:
        """Give no answer, as by an interrupt or the end of the input; the command does no more."""
        with WORLD:
            if self._script is not None:
                self._script.close()
                self._script = None

    def run(self, command: str, *answers: str) -> str:
        """Give a command and the answers to what it asks.

        Returns:
            What a terminal shows: what the tool prints, and after each question the answer,
            unless that is a secret. The question is asked again where the answer is none of those
            possible, which takes another answer.

        Raises:
            UnansweredQuestionError: it asked more than there are answers; the command was
                abandoned.
            ValueError: it asked less; the command has been carried out.
        """
        with WORLD:
            return self._converse(self.begin(command), answers)

    def run_single(
        self, words: Sequence[str], *answers: str, environment: Mapping[str, str] | None = None
    ) -> str:
        """The same with what stands on the tool's own command line; see :meth:`begin_single`."""
        with WORLD:
            return self._converse(self.begin_single(words, environment), answers)

    def _converse(self, turn: Turn, answers: Sequence[str]) -> str:
        shown = [turn.output]
        left = list(answers)
        while (question := turn.question) is not None:
            if not left:
                self.abandon()
                raise UnansweredQuestionError(question.text, "".join(shown))
            given = left.pop(0)
            echo = question.text if question.hidden else question.text + given
            turn = self.answer(given)
            shown.append(f"{echo}\n{turn.output}")
        if left:
            raise ValueError(f"{self.name} did not ask for {len(left)} of the answers.")
        return "".join(shown)

    def close(self) -> None:
        """End the tool, and with it its logins; a second time does nothing."""
        with WORLD:
            self.abandon()
            if not self.closed:
                self.log_out()
                self.closed = True

    def __enter__(self: _Session) -> _Session:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _go_on(self, answer: str | None) -> Turn:
        assert self._script is not None
        printed: list[str] = []
        try:
            step = next(self._script) if answer is None else self._script.send(answer)
            while isinstance(step, str):
                printed.append(step)
                step = next(self._script)
        except StopIteration as end:
            self._script = None
            return Turn("".join(printed), status=end.value or 0)
        except BaseException:
            self._script = None
            raise
        return Turn("".join(printed), step)

"""Speaking to a command line tool in turns.

A command or an answer goes in, and out comes what the tool prints, and maybe a question. Python
code, the console scripts and the server all speak to the tools in this way, whether those run here
(:mod:`moto_cks.tools.session`) or in a server (:mod:`moto_cks.handle.remote.tool`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class Question:
    """What a tool asks while it carries out a command.

    Attributes:
        text: what it prints before the answer.
        hidden: whether the answer is a secret, which is not echoed.
    """

    text: str
    hidden: bool = False


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
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def load_locally(path: str) -> str:
    """Read a file as the tools do.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no text.
    """
    with open(path, encoding="utf-8") as file:
        return file.read()


_Tool = TypeVar("_Tool", bound="RunningTool")


class RunningTool(ABC):
    """A tool that is running, as it is seen by who uses it. A context manager; leaving ends it.

    Attributes:
        save: how it writes a file: path and content. By default in this process, where paths are
            relative to its directory; who runs the tool for somebody else puts another one here.
        load: how it reads a file: the path; as ``save``.
        closed: whether it has ended.
    """

    save: Callable[[str, str], None]
    load: Callable[[str], str]
    closed: bool

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of the executable."""

    @property
    @abstractmethod
    def greeting(self) -> str:
        """What it prints when it starts."""

    @property
    @abstractmethod
    def prompt(self) -> str:
        """What stands before the next command."""

    @abstractmethod
    def begin(self, command: str) -> Turn:
        """Give a command.

        Raises:
            RuntimeError: the session is closed, or waits for an answer, or its world is over.
        """

    @abstractmethod
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

    @abstractmethod
    def answer(self, text: str) -> Turn:
        """Answer the question of the turn before.

        Raises:
            RuntimeError: there is no question.
        """

    @abstractmethod
    def abandon(self) -> None:
        """Give no answer, as by an interrupt or the end of the input; the command does no more."""

    @abstractmethod
    def close(self) -> None:
        """End the tool, and with it its logins; a second time does nothing."""

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
        return self._converse(self.begin(command), answers)

    def run_single(
        self, words: Sequence[str], *answers: str, environment: Mapping[str, str] | None = None
    ) -> str:
        """The same with what stands on the tool's own command line; see ``begin_single``."""
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

    def __enter__(self: _Tool) -> _Tool:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

"""A session with a command line tool that runs here: it carries out the commands.

The three tools are sessions of this kind. A command is a generator that yields what it prints and
what it asks; how such a session is spoken to is in :mod:`moto_cks.tools.turns`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from moto_cks.hsm import ClusterSession, Session
from moto_cks.tools.client_sdk import wording_of
from moto_cks.tools.nodes import Fleet
from moto_cks.tools.turns import (
    Question,
    RunningTool,
    Turn,
    UnansweredQuestionError,
    load_locally,
    save_locally,
)
from moto_cks.world.lock import WORLD

__all__ = ["Question", "Script", "ToolSession", "Turn", "UnansweredQuestionError"]

Script: TypeAlias = Generator["str | Question", str, int]
"""A command that is being carried out: it yields what it prints and what it asks, is sent the
answers, and returns its exit status."""


@dataclass
class ToolSession(RunningTool):
    """A tool that runs here; what is said to it is described in its base.

    Attributes:
        fleet: the HSMs that it talks to.
    """

    name: ClassVar[str]
    """The name of the executable."""

    fleet: Fleet
    save: Callable[[str, str], None] = field(default=save_locally, repr=False, kw_only=True)
    load: Callable[[str], str] = field(default=load_locally, repr=False, kw_only=True)
    closed: bool = field(default=False, init=False)
    _script: Script | None = field(default=None, init=False, repr=False)

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"<{self.name} on {self.fleet.cluster_id}: {state}>"

    def speak_as(self, version: str) -> None:
        """Use the words of a version of Client SDK 3; other tools have words of their own.

        Raises:
            ValueError: it is none.
        """
        wording_of(version)

    @abstractmethod
    def execute(self, line: str) -> Script:
        """Carry out one command."""

    def execute_single(self, words: Sequence[str], environment: Mapping[str, str]) -> Script:
        """Carry out what the tool is given on its own command line."""
        raise ValueError(f"{self.name} carries out no single command.")

    @property
    @abstractmethod
    def logins(self) -> list[Session]:
        """The open logins of this session, one for each HSM."""

    @abstractmethod
    def log_out(self) -> None:
        """End the logins of this session; where there are none, nothing happens."""

    def hang_up(self) -> None:
        """End the connections, and with them the logins, of which the HSMs are not told."""
        for session in self.logins:
            session.hang_up()
        self.log_out()

    def clients(self) -> list[ClusterSession]:
        """The logins that also reach the HSMs that join later."""
        return []

    def connect_with(self, certificate: str) -> None:
        """Have a client certificate for mutual TLS, which the tools of Client SDK 3 do not know."""

    def read(self, path: str) -> str:
        """Read a file as :attr:`load` does it by now.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is no text.
        """
        return self.load(path)

    def write(self, path: str, text: str) -> None:
        """Write a file as :attr:`save` does it by now; it can be exchanged while the tool runs.

        Raises:
            OSError: the file cannot be written.
        """
        self.save(path, text)

    def begin(self, command: str) -> Turn:
        with WORLD:
            self._require_idle()
            return self._start(self.execute(command))

    def _require_idle(self) -> None:
        self.fleet.require_world()
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
        with WORLD:
            self._require_idle()
            return self._start(self._single(self.execute_single(words, environment or {})))

    def _single(self, script: Script) -> Script:
        try:
            return (yield from script)
        finally:
            self.hang_up()
            self.closed = True

    def answer(self, text: str) -> Turn:
        with WORLD:
            self.fleet.require_world()
            if self._script is None:
                raise RuntimeError(f"{self.name} has asked nothing.")
            return self._go_on(text)

    def abandon(self) -> None:
        with WORLD:
            if self._script is not None:
                self._script.close()
                self._script = None

    def run(self, command: str, *answers: str) -> str:
        # Nobody else comes between the command and the answers.
        with WORLD:
            return super().run(command, *answers)

    def run_single(
        self, words: Sequence[str], *answers: str, environment: Mapping[str, str] | None = None
    ) -> str:
        with WORLD:
            return super().run_single(words, *answers, environment=environment)

    def close(self) -> None:
        with WORLD:
            self.abandon()
            if not self.closed:
                self.hang_up()
                self.closed = True

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

"""Changes on one server after the other, and what the tool asks before and in between.

See ``createUser``, ``deleteUser`` and "Using quorum authentication for crypto officers" in the AWS
CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from enum import Enum

from moto_cks.hsm import HsmError
from moto_cks.tools.client_sdk import Wording
from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.nodes import Node
from moto_cks.tools.return_codes import RESULTS
from moto_cks.tools.session import Question, Script

_CAUTION = """
*************************CAUTION********************************
This is a CRITICAL operation, should be done on all nodes in the
cluster. {who} with the
nodes on which this operation is not executed or failed, please
ensure this operation is executed on all nodes in the cluster.
****************************************************************

"""

CAUTION: Mapping[Wording, str] = {
    Wording.UNTIL_3_1: _CAUTION.format(who="Cav server does NOT synchronize these changes"),
    Wording.SINCE_3_2: _CAUTION.format(who="AWS does NOT synchronize these changes automatically"),
}
"""What the tool says before a change: on AWS's page "Troubleshooting a custom key store", and on
today's pages of the commands."""

CONTINUE = Question("Do you want to continue(y/n)?")
INVALID_OPTION = "Invalid option, please type 'y' or 'n'\n\n"


class Choice(Enum):
    """How to go on after a server has refused."""

    RETRY = "R"
    IGNORE = "I"
    ABORT = "A"
    ROLL_BACK = "B"


@dataclass(frozen=True)
class Choices:
    """What can be chosen after a server has refused.

    Attributes:
        question: what the tool asks.
        possible: the answers.
    """

    question: Question
    possible: tuple[Choice, ...]


ABORT_OR_GO_ON = Choices(
    Question("Retry/Ignore/Abort?(R/I/A):"), (Choice.RETRY, Choice.IGNORE, Choice.ABORT)
)
ROLL_BACK_OR_GO_ON = Choices(
    Question("Retry/rollBack/Ignore?(R/B/I):"), (Choice.RETRY, Choice.ROLL_BACK, Choice.IGNORE)
)

Undo = Callable[[], None]


def nothing_to_undo() -> None:
    """For changes that the tool does not roll back."""


@dataclass(frozen=True)
class Change:
    """How the tool words a change.

    Attributes:
        command: the command.
        announcement: what it says first; ``{nodes}`` is the number of servers.
        failure: what it says of a server that refuses, ``{server}``.
        success: what it says of a server that does it, where it says something.
        choices: how one can go on after a refusal.
    """

    command: str
    failure: str
    announcement: str = ""
    success: str | None = None
    choices: Choices = ABORT_OR_GO_ON


def server(node: Node) -> str:
    """A server as the tool names it."""
    return f"{node.number}({node.address})"


def said(refusal: HsmError) -> str:
    """What the tool prints of a refusal."""
    return RESULTS[refusal.code].text


def confirmed(connection: Connection) -> Script:
    """Show the caution and ask; the status is 0 for yes."""
    yield CAUTION[connection.wording]
    while True:
        answer = yield CONTINUE
        if answer in ("y", "n"):
            return 0 if answer == "y" else 1
        yield INVALID_OPTION


def made(
    connection: Connection,
    change: Change,
    act: Callable[[Node], Undo],
    *,
    word: Callable[[HsmError], str] = said,
) -> Script:
    """Make a change on the servers that commands go to.

    Args:
        connection: to the servers.
        change: how it is worded.
        act: makes it on one server, and returns what takes it back.
        word: what is said of a refusal.
    """
    if change.announcement:
        yield change.announcement.format(nodes=len(connection.targets))
    undo: list[Undo] = []
    status = 0
    for node in connection.targets:
        choice = yield from _made_on(node, change, act, undo, word)
        if choice is not None:
            status = 1
        if choice is Choice.ROLL_BACK:
            yield from _taken_back(change, undo)
        if choice in (Choice.ROLL_BACK, Choice.ABORT):
            break
    return status


def _taken_back(change: Change, undo: list[Undo]) -> Generator[str, str, None]:
    for step in reversed(undo):
        try:
            step()
        except HsmError as refusal:
            yield f"{change.command} rollBack failed: {said(refusal)}\n"


def _made_on(
    node: Node,
    change: Change,
    act: Callable[[Node], Undo],
    undo: list[Undo],
    word: Callable[[HsmError], str],
) -> Generator[str | Question, str, Choice | None]:
    """Make a change on one server; the choice of who gave up, or ``None``."""
    while True:
        try:
            undo.append(act(node))
        except HsmError as refusal:
            yield f"{change.command} failed: {word(refusal)}\n"
            yield f"{change.failure.format(server=server(node))}\n\n"
        else:
            if change.success is not None:
                yield f"{change.success.format(server=server(node))}\n"
            return None
        choice = yield from _choice(change.choices)
        if choice is not Choice.RETRY:
            return choice


def _choice(choices: Choices) -> Generator[str | Question, str, Choice]:
    while True:
        answer = (yield choices.question).upper()
        for choice in choices.possible:
            if answer == choice.value:
                return choice


def answered(connection: Connection, command: str, ask: Callable[[Node], str]) -> Script:
    """Print what each server answers; where one refuses, why.

    Args:
        connection: to the servers.
        command: the command that asks.
        ask: gets the answer of one server.
    """
    status = 0
    for node in connection.targets:
        try:
            yield ask(node)
        except HsmError as refusal:
            status = 1
            yield f"{command} failed: {said(refusal)}\n{command} failed on server {server(node)}\n"
    return status

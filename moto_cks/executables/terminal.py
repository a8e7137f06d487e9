"""The tools as executables: the terminal is here, the tool itself runs in a server.

``cloudhsm_mgmt_util``, ``key_mgmt_util`` and ``cloudhsm-cli`` take the arguments of the real tools,
so a script that drives those drives these. The environment says which server is meant and which
cluster, in ``MOTO_CKS_ENDPOINT`` and ``MOTO_CKS_CLUSTER``; or ``--endpoint`` and ``--cluster-id``
do, in front of all other arguments. What speaks to the server is loaded when one is spoken to.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from moto_cks.executables.endpoint import DEFAULT_ENDPOINT, endpoint_in
from moto_cks.executables.keyboard import Keyboard, keyboard
from moto_cks.executables.version import version

if TYPE_CHECKING:
    from moto_cks.tools.turns import RunningTool, Turn

CLUSTER = "MOTO_CKS_CLUSTER"

CREDENTIALS = ("CLOUDHSM_ROLE", "CLOUDHSM_PIN")
"""What cloudhsm-cli reads in its environment when it carries out a single command."""

FAILURE = 1
INTERRUPTED = 130


@dataclass(frozen=True)
class Start:
    """How a tool is to be started.

    Attributes:
        endpoint: the URL of the server.
        cluster_id: the cluster; ``None`` for the only one.
        arguments: what is left for the tool.
    """

    endpoint: str
    cluster_id: str | None
    arguments: list[str]


def read_start(arguments: Sequence[str], environment: Mapping[str, str]) -> Start:
    """Find out what is meant for this executable, and what for the tool."""
    left = list(arguments)
    chosen = {
        "--endpoint": endpoint_in(environment),
        "--cluster-id": environment.get(CLUSTER),
    }
    while left:
        name, equals, value = left[0].partition("=")
        if name not in chosen or (not equals and len(left) < 2):
            break
        chosen[name] = value if equals else left[1]
        del left[: 1 if equals else 2]
    return Start(chosen["--endpoint"] or DEFAULT_ENDPOINT, chosen["--cluster-id"] or None, left)


class MisconfiguredError(Exception):
    """What the environment says of the tool cannot be; the message says why."""


# The three executables ---------------------------------------------------------------------------


def cloudhsm_mgmt_util() -> NoReturn:
    """Run cloudhsm_mgmt_util; its argument is a configuration file, which is not needed here."""
    _run("cloudhsm_mgmt_util", _interactive)


def key_mgmt_util() -> NoReturn:
    """Run key_mgmt_util: interactively, or ``singlecmd`` and the command."""
    _run("key_mgmt_util", _key_mgmt_util)


def cloudhsm_cli() -> NoReturn:
    """Run cloudhsm-cli: ``interactive``, or one command."""
    _run("cloudhsm-cli", _cloudhsm_cli)


def _key_mgmt_util(start: Callable[[], RunningTool], arguments: list[str]) -> int:
    if arguments[:1] != ["singlecmd"]:
        return _interactive(start, arguments)
    return _single(start, arguments, {})


def _cloudhsm_cli(start: Callable[[], RunningTool], arguments: list[str]) -> int:
    if arguments[:1] == ["interactive"]:
        return _interactive(start, arguments)
    credentials = {name: os.environ[name] for name in CREDENTIALS if os.environ.get(name)}
    return _single(start, arguments, credentials)


# Talking -----------------------------------------------------------------------------------------


def _interactive(start: Callable[[], RunningTool], arguments: list[str]) -> int:
    keys = keyboard()
    with start() as session:
        _print(session.greeting)
        if session.closed:
            return FAILURE
        while not session.closed:
            try:
                line = keys.command(session.prompt)
            except EOFError:
                _print("\n")
                break
            except KeyboardInterrupt:
                _print("\n")
                continue
            _converse(session, session.begin(line), keys)
    return 0


def _single(
    start: Callable[[], RunningTool], arguments: list[str], environment: Mapping[str, str]
) -> int:
    with start() as session:
        if session.closed:  # it has found no HSM, and says so
            _print(session.greeting)
            return FAILURE
        return _converse(session, session.begin_single(arguments, environment), keyboard())


def _converse(session: RunningTool, turn: Turn, keys: Keyboard) -> int:
    """Give the answers to what a command asks; gives its exit status."""
    while True:
        _print(turn.output)
        if turn.question is None:
            return turn.status
        try:
            text = keys.answer(turn.question.text, hidden=turn.question.hidden)
        except (EOFError, KeyboardInterrupt) as end:
            session.abandon()
            _print("\n")
            return FAILURE if isinstance(end, EOFError) else INTERRUPTED
        turn = session.answer(text)


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _run(tool: str, talk: Callable[[Callable[[], RunningTool], list[str]], int]) -> NoReturn:
    """Run an executable to its end."""
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, _end)
    start = read_start(sys.argv[1:], os.environ)
    if start.arguments[:1] == ["--version"]:
        print(version(tool))
        sys.exit()
    from moto_cks.handle.remote.control_api import (  # noqa: PLC0415
        ControlApi,
        NoServerError,
        ServerError,
    )
    from moto_cks.handle.remote.tool import RemoteTool  # noqa: PLC0415

    def open_session() -> RemoteTool:
        try:
            return RemoteTool(ControlApi(start.endpoint), tool, start.cluster_id)
        except ValueError as error:
            raise MisconfiguredError(str(error)) from None

    try:
        status = talk(open_session, start.arguments)
    except BrokenPipeError:
        # Nobody reads any more; nothing may be left that Python would want to write at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = FAILURE
    except KeyboardInterrupt:
        status = INTERRUPTED
    except (NoServerError, ServerError, MisconfiguredError) as error:
        print(f"{tool}: {error}", file=sys.stderr)
        status = FAILURE
    sys.exit(status)


def _end(number: int, frame: Any) -> NoReturn:
    sys.exit(128 + number)

"""The tools as executables: the terminal is here, the tool itself runs in a server.

``cloudhsm_mgmt_util``, ``key_mgmt_util`` and ``cloudhsm-cli`` take the arguments of the real tools,
so a script that drives those drives these. The environment says which server is meant and which
cluster, in ``MOTO_CKS_ENDPOINT`` and ``MOTO_CKS_CLUSTER``; or ``--endpoint`` and ``--cluster-id``
do, in front of all other arguments.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from moto_cks.client import ControlClient, NoServerError, ServerError
from moto_cks.remote.tool import RemoteToolSession
from moto_cks.tools.keyboard import Keyboard, keyboard
from moto_cks.tools.session import ToolSession

ENDPOINT = "MOTO_CKS_ENDPOINT"
CLUSTER = "MOTO_CKS_CLUSTER"
DEFAULT_ENDPOINT = "http://127.0.0.1:5000"

CREDENTIALS = ("CLOUDHSM_ROLE", "CLOUDHSM_PIN")
"""What cloudhsm-cli reads in its environment when it carries out a single command."""

FAILURE = 1
WRONG_USAGE = 2
INTERRUPTED = 130

LOGIN_OPTIONS = ("-u", "-s", "-p")
"""The options of key_mgmt_util's loginHSM that have a value."""


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
        "--endpoint": environment.get(ENDPOINT) or DEFAULT_ENDPOINT,
        "--cluster-id": environment.get(CLUSTER),
    }
    while left:
        name, equals, value = left[0].partition("=")
        if name not in chosen or (not equals and len(left) < 2):
            break
        chosen[name] = value if equals else left[1]
        del left[: 1 if equals else 2]
    return Start(chosen["--endpoint"] or DEFAULT_ENDPOINT, chosen["--cluster-id"] or None, left)


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


def _key_mgmt_util(start: Callable[..., ToolSession], arguments: list[str]) -> int:
    if arguments[:1] != ["singlecmd"]:
        return _interactive(start, arguments)
    status = 0
    with start() as session:
        for command in split_single_command(arguments[1:]):
            status = _carry_out(session, shlex.join(command), keyboard())
            if status:
                break
    return status


def _cloudhsm_cli(start: Callable[..., ToolSession], arguments: list[str]) -> int:
    if arguments[:1] == ["interactive"]:
        return _interactive(start, arguments)
    credentials = {name: os.environ[name] for name in CREDENTIALS if os.environ.get(name)}
    with start(credentials) as session:
        if not arguments:
            _carry_out(session, "help", keyboard())
            return WRONG_USAGE
        return _carry_out(session, shlex.join(arguments), keyboard())


def split_single_command(arguments: Sequence[str]) -> list[list[str]]:
    """The commands after ``singlecmd``: a login in front of another one is one of its own."""
    if arguments[:1] != ["loginHSM"]:
        return [list(arguments)] if arguments else []
    end = 1
    while end < len(arguments) and arguments[end].startswith("-"):
        end += 2 if arguments[end] in LOGIN_OPTIONS else 1
    commands = [list(arguments[:end]), list(arguments[end:])]
    return [command for command in commands if command]


# Talking -----------------------------------------------------------------------------------------


def _interactive(start: Callable[..., ToolSession], arguments: list[str]) -> int:
    keys = keyboard()
    with start() as session:
        _print(session.greeting)
        while not session.closed:
            try:
                line = keys.command(session.prompt)
            except EOFError:
                _print("\n")
                break
            except KeyboardInterrupt:
                _print("\n")
                continue
            _carry_out(session, line, keys)
    return 0


def _carry_out(session: ToolSession, line: str, keys: Keyboard) -> int:
    """Give a command, and the answers to what it asks; gives its exit status."""
    turn = session.begin(line)
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


def _run(tool: str, talk: Callable[[Callable[..., ToolSession], list[str]], int]) -> NoReturn:
    """Run an executable to its end."""
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, _end)
    start = read_start(sys.argv[1:], os.environ)

    def open_session(environment: Mapping[str, str] | None = None) -> RemoteToolSession:
        client = ControlClient(start.endpoint)
        return RemoteToolSession(client, tool, start.cluster_id, environment)

    try:
        status = talk(open_session, start.arguments)
    except BrokenPipeError:
        # Nobody reads any more; nothing may be left that Python would want to write at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = FAILURE
    except KeyboardInterrupt:
        status = INTERRUPTED
    except (NoServerError, ServerError) as error:
        print(f"{tool}: {error}", file=sys.stderr)
        status = FAILURE
    sys.exit(status)


def _end(number: int, frame: Any) -> NoReturn:
    sys.exit(128 + number)

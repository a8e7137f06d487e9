"""cloudhsm-cli as a session, and as a process that carries out one command."""

from __future__ import annotations

import os
import shlex
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from moto_cks.hsm import HsmError, Session
from moto_cks.tools.client_tls import client_certificate
from moto_cks.tools.cloudhsm_cli import helptext
from moto_cks.tools.cloudhsm_cli.answers import FAILURE, REFUSALS, CliError, failure, success
from moto_cks.tools.cloudhsm_cli.arguments import USAGE_ERROR, Request, Said, parse
from moto_cks.tools.cloudhsm_cli.commands import HANDLERS
from moto_cks.tools.cloudhsm_cli.grammar import EXIT, INTERACTIVE, PROCESS, QUIT, SESSION
from moto_cks.tools.cloudhsm_cli.session import Connection
from moto_cks.tools.cloudhsm_cli.shapes import PROGRAM, Asks, Role
from moto_cks.tools.session import Question, Script, ToolSession
from moto_cks.tools.turns import load_locally

ROLE_VARIABLE = "CLOUDHSM_ROLE"
PIN_VARIABLE = "CLOUDHSM_PIN"

ENTER = Question("Enter password:", hidden=True)
CONFIRM = Question("Confirm password:", hidden=True)


@dataclass
class CloudHsmCli(ToolSession):
    """cloudhsm-cli (Client SDK 5).

    As a session it is ``cloudhsm-cli interactive``; :meth:`begin_single` is its single command
    mode.
    """

    name: ClassVar[str] = PROGRAM

    _connections: dict[str, Connection] = field(init=False, repr=False, default_factory=dict)
    _certificate: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        self.connect_with(client_certificate(os.environ, load_locally))

    def connect_with(self, certificate: str) -> None:
        """Have a client certificate for mutual TLS from now on.

        Args:
            certificate: the certificate chain, PEM; ``""`` for none.
        """
        self._certificate = certificate
        for connection in self._connections.values():
            connection.certificate = certificate

    def _connection(self, cluster_id: str) -> Connection:
        """The connection to a cluster: the tool's own, or a clone of that.

        Raises:
            CliError: it is another one.
        """
        if cluster_id not in self._connections:
            own = cluster_id == self.fleet.cluster_id
            fleet = self.fleet if own else self.fleet.clone(cluster_id)
            if fleet is None:
                raise CliError(f"Cluster {cluster_id} is not configured")
            made = Connection(fleet, self.read, self.write, self._connection)
            made.certificate = self._certificate
            self._connections[cluster_id] = made
        return self._connections[cluster_id]

    @property
    def greeting(self) -> str:
        """It starts without a word."""
        return ""

    @property
    def prompt(self) -> str:
        """What stands before the next command."""
        return "aws-cloudhsm > "

    @staticmethod
    def starts_session(argv: Sequence[str]) -> bool:
        """Whether these arguments of the process start a session (``interactive``).

        Args:
            argv: the arguments, without the name of the program.
        """
        try:
            return parse(argv, PROCESS, process=True).command is INTERACTIVE
        except Said:
            return False

    def execute_single(self, words: Sequence[str], environment: Mapping[str, str]) -> Script:
        """Carry out one command as a process of its own.

        A command that needs a login logs in with the credentials in the environment:
        ``CLOUDHSM_ROLE`` is the role, ``CLOUDHSM_PIN`` is ``user:password``.
        """
        if self.starts_session(words):
            raise ValueError("These arguments start a session.")
        return self._process(list(words), environment)

    def execute(self, line: str) -> Script:
        """Carry out one command of the session."""
        try:
            words = shlex.split(line)
        except ValueError:
            yield helptext.error("missing closing quote")
            return USAGE_ERROR
        if not words:
            return 0
        try:
            request = parse(words, SESSION, process=False)
        except Said as said:
            yield said.text
            return said.status
        if request.command in (QUIT, EXIT):
            self.hang_up()
            self.closed = True
            return 0
        return (yield from self._answer(request))

    @property
    def logins(self) -> list[Session]:
        """The open logins, one for each HSM."""
        return [login for one in self._connections.values() for login in one.logins]

    def log_out(self) -> None:
        """End the logins; where there are none, nothing happens."""
        for connection in self._connections.values():
            connection.log_out()

    def _process(self, argv: list[str], environment: Mapping[str, str]) -> Script:
        try:
            request = parse(argv, PROCESS, process=True)
            return (yield from self._answer(request, environment))
        except Said as said:
            yield said.text
            return said.status

    def _answer(self, request: Request, environment: Mapping[str, str] | None = None) -> Script:
        try:
            connection = self._connection(request.text("cluster-id") or self.fleet.cluster_id)
            self._check(request)
            if environment is not None and request.command.needs_login:
                _log_in(connection, environment)
            password = yield from _password(request)
            data = HANDLERS[request.command.path](connection, request, password)
        except (CliError, HsmError) as error:
            message = REFUSALS[error.code] if isinstance(error, HsmError) else str(error)
            yield failure(message)
            return FAILURE
        yield success(data)
        return 0

    def _check(self, request: Request) -> None:
        for option in request.command.options:
            if not option.simulated and request.flag(option.name):
                raise CliError(f"--{option.name} is not simulated")


def _log_in(connection: Connection, environment: Mapping[str, str]) -> None:
    if ROLE_VARIABLE not in environment or PIN_VARIABLE not in environment:
        raise CliError(f"{ROLE_VARIABLE} and {PIN_VARIABLE} must be set to run this command")
    try:
        role = Role(environment[ROLE_VARIABLE])
    except ValueError:
        roles = ", ".join(role.value for role in Role)
        raise CliError(f"{ROLE_VARIABLE} must be one of: {roles}") from None
    username, colon, password = environment[PIN_VARIABLE].partition(":")
    if not colon:
        raise CliError(f"{PIN_VARIABLE} must be of the form <username>:<password>")
    connection.log_in(role, username, password)


def _password(request: Request) -> Generator[Question, str, str]:
    """The password that a command needs, given with it or asked for; empty where it needs none."""
    if request.command.asks is Asks.NOTHING:
        return ""
    given = request.text(request.command.password)
    if given is not None:
        return given
    password = yield ENTER
    if request.command.asks is Asks.NEW_PASSWORD:
        confirmed = yield CONFIRM
        if confirmed != password:
            raise CliError("Passwords do not match")
    return password

"""key_mgmt_util as a session, and as a process that carries out one command."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moto_cks.hsm import ClusterSession, HsmError, Session
from moto_cks.tools.client_sdk import wording_of
from moto_cks.tools.key_mgmt_util.commands import LOGIN, find
from moto_cks.tools.key_mgmt_util.grammar import HELP, Command, UsageError
from moto_cks.tools.key_mgmt_util.output import WORDS
from moto_cks.tools.key_mgmt_util.session import Connection
from moto_cks.tools.return_codes import RESULTS
from moto_cks.tools.session import Script, ToolSession

SINGLE = "singlecmd"
"""What the command line begins with where it holds one command."""

NO_CLIENT = "LIQUIDSECURITY: Daemon socket connection error\n"


@dataclass(repr=False)
class KeyMgmtUtil(ToolSession):
    """A session with key_mgmt_util.

    It works through the CloudHSM client, which knows all HSMs of the cluster, also those that join
    later. Without any it ends at once.
    """

    name = "key_mgmt_util"

    _connection: Connection = field(init=False)
    _connected: bool = field(init=False)

    def __post_init__(self) -> None:
        self._connection = Connection(self.fleet, self.write)
        # Client SDK 3 does not know mutual TLS: it has no certificate to show.
        self._connected = any(node.hardware.admits("") for node in self.fleet.nodes())
        self.closed = not self._connected

    @property
    def client(self) -> ClusterSession:
        """The login.

        Raises:
            HsmError: NOT_LOGGED_IN, NO_HSM.
        """
        return self._connection.client

    def speak_as(self, version: str) -> None:
        """Use the words of a version of Client SDK 3.

        Raises:
            ValueError: it is none.
        """
        self._connection.words = WORDS[wording_of(version)]

    @property
    def greeting(self) -> str:
        """Nothing, unless the client cannot connect to an HSM."""
        return "" if self._connected else NO_CLIENT

    @property
    def prompt(self) -> str:
        """``Command:`` and two blanks."""
        return "Command:  "

    def execute(self, line: str) -> Script:
        """Carry out one command."""
        words = line.split()
        if not words:
            return 0
        return (yield from self._chosen(words))

    def execute_single(self, words: Sequence[str], environment: Mapping[str, str]) -> Script:
        """Carry out what follows ``singlecmd`` on the tool's command line.

        ``loginHSM`` with its options and the command that it is for, or one command alone.
        """
        if list(words[:1]) != [SINGLE]:
            raise ValueError(f"key_mgmt_util takes a single command after {SINGLE}.")
        return self._process(list(words[1:]))

    @property
    def logins(self) -> list[Session]:
        """The open logins, one for each HSM."""
        return self._connection.logins

    def clients(self) -> list[ClusterSession]:
        """The login, if there is one."""
        return self._connection.clients()

    def log_out(self) -> None:
        """End the login."""
        self._connection.log_out()

    def _process(self, words: list[str]) -> Script:
        """Log in first where the words begin with that; then the command is what is left."""
        if words[:1] != [LOGIN.name]:
            return (yield from self._chosen(words)) if words else 0
        try:
            args, rest = LOGIN.split(words[1:])
        except UsageError:
            return (yield from self._chosen(words))
        status = yield from self._carried_out(LOGIN, args)
        if status or not rest:
            return status
        return (yield from self._chosen(rest))

    def _chosen(self, words: list[str]) -> Script:
        """Carry out the command that words mean, if they mean one."""
        found = find(words[0])
        if isinstance(found, str):
            yield found
            return 1
        if HELP in words[1:]:
            yield found.usage
            return 0
        try:
            args = found.parse(words[1:])
        except UsageError as error:
            yield _misused(found, error)
            return 1
        return (yield from self._carried_out(found, args))

    def _carried_out(self, command: Command, args: argparse.Namespace) -> Script:
        args.call = command.call
        try:
            status = yield from command.run(self._connection, args)
        except HsmError as refusal:
            yield self._connection.words.returned(command.call, RESULTS[refusal.code])
            return 1
        except UsageError as error:
            yield _misused(command, error)
            return 1
        if command.ends:
            self.hang_up()
            self.closed = True
        return status


def _misused(command: Command, error: UsageError) -> str:
    return f"\n{'':8}Error: {error}\n{command.usage}"

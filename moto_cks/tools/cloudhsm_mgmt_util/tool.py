"""cloudhsm_mgmt_util as a session: it finds the command that a line means, and carries it out."""

from __future__ import annotations

from dataclasses import dataclass, field

from moto_cks.hsm import Session
from moto_cks.tools.client_sdk import wording_of
from moto_cks.tools.cloudhsm_mgmt_util.commands import find
from moto_cks.tools.cloudhsm_mgmt_util.grammar import Command
from moto_cks.tools.cloudhsm_mgmt_util.servers import PORT, encrypted
from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.nodes import Node
from moto_cks.tools.session import Script, ToolSession

CONNECTING = """\
Connecting to the server(s), it may take time
depending on the server(s) load, please wait...
"""

NOBODY_THERE = "\nConnection to one of servers failed, exiting...\n"
"""What scripts wait for that see whether the tool can connect."""


@dataclass(repr=False)
class CloudHsmMgmtUtil(ToolSession):
    """A session with cloudhsm_mgmt_util.

    The tool connects to the HSMs that its configuration file names, and learns of no other one: to
    those that are in service when it starts. Without any it ends at once.
    """

    name = "cloudhsm_mgmt_util"

    _connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = Connection(self.fleet, self.write)
        self.closed = not self.nodes

    def speak_as(self, version: str) -> None:
        """Use the words of a version of Client SDK 3.

        Raises:
            ValueError: it is none.
        """
        self._connection.wording = wording_of(version)

    @property
    def nodes(self) -> list[Node]:
        """The HSMs that it is connected to."""
        return self._connection.nodes

    @property
    def server_mode(self) -> Node | None:
        """The HSM that commands go to in server mode; ``None`` in global mode."""
        return self._connection.server_mode

    @property
    def greeting(self) -> str:
        """The servers that it connects to, and that the connections are encrypted."""
        if not self.nodes:
            return CONNECTING + NOBODY_THERE
        connected = "".join(
            f"\nConnecting to server '{node.address}': hostname '{node.address}', port {PORT}...\n"
            f"Connected to server '{node.address}': hostname '{node.address}', port {PORT}.\n"
            for node in self.nodes
        )
        return CONNECTING + connected + "".join(map(encrypted, self.nodes))

    @property
    def prompt(self) -> str:
        """``aws-cloudhsm>``, or that of server mode."""
        return "aws-cloudhsm>" if self.server_mode is None else f"server{self.server_mode.number}>"

    def execute(self, line: str) -> Script:
        """Carry out one command; the name may be shortened as long as it stays unique."""
        words = line.split()
        if not words:
            return 0
        found = find(words[0])
        refusal = self._refusal(found, words[1:])
        if refusal is not None:
            yield refusal
            return 1
        assert isinstance(found, Command)
        status = yield from found.run(self._connection, found.parse(words[1:]) or [])
        if found.ends:
            self.hang_up()
            self.closed = True
        return status

    def _refusal(self, found: Command | str, rest: list[str]) -> str | None:
        if isinstance(found, str):
            return found
        if not found.mode.holds(in_server_mode=self.server_mode is not None):
            return f"{found.name} is available {found.mode.value}.\n"
        if found.wants_second_factor(rest):
            return "Two-factor authentication is not simulated.\n"
        return found.usage if found.parse(rest) is None else None

    @property
    def logins(self) -> list[Session]:
        """The open logins, one for each HSM."""
        return self._connection.logins

    def log_out(self) -> None:
        """End the logins on all servers."""
        self._connection.log_out()

"""The running tool: its connections, its logins, and whether it is in server mode."""

from __future__ import annotations

from dataclasses import dataclass, field

from moto_cks.hsm import HsmError, ReturnCode, Session, UserType
from moto_cks.tools.cloudhsm_mgmt_util.commands import chosen
from moto_cks.tools.cloudhsm_mgmt_util.connections import PORT
from moto_cks.tools.nodes import Node
from moto_cks.tools.session import Script, ToolSession

CONNECTING = """\
Connecting to the server(s), it may take time
depending on the server(s) load, please wait...
"""

NOBODY_THERE = "\nNo server is left to connect to.\n"


@dataclass(repr=False)
class CloudHsmMgmtUtil(ToolSession):
    """A session with cloudhsm_mgmt_util.

    The tool connects to the HSMs that its configuration file names, and learns of no other one: to
    those that are in service when it starts. Without any it ends at once.

    Attributes:
        nodes: the HSMs that it is connected to.
        server_mode: the one that commands go to in server mode; ``None`` in global mode.
    """

    name = "cloudhsm_mgmt_util"

    nodes: list[Node] = field(init=False)
    server_mode: Node | None = field(default=None, init=False)
    _sessions: dict[int, Session] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.nodes = self.fleet.nodes()
        self.closed = not self.nodes

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"<{self.name} on {self.fleet.cluster_id}: {state}>"

    @property
    def greeting(self) -> str:
        """The servers that it connects to."""
        lines = (
            f"\nConnecting to server '{node.address}': hostname '{node.address}', port {PORT}...\n"
            f"Connected to server '{node.address}': hostname '{node.address}', port {PORT}.\n"
            for node in self.nodes
        )
        return CONNECTING + ("".join(lines) or NOBODY_THERE)

    @property
    def prompt(self) -> str:
        """``aws-cloudhsm>``, or that of server mode."""
        return "aws-cloudhsm>" if self.server_mode is None else f"server{self.server_mode.number}>"

    def execute(self, line: str) -> Script:
        """Carry out one command; the name may be shortened as long as it stays unique."""
        words = line.split()
        if not words:
            return 0
        return (yield from chosen(self, words))

    def log_out(self) -> None:
        """End the logins on all servers."""
        for session in self._sessions.values():
            session.logout()
        self._sessions = {}

    @property
    def targets(self) -> list[Node]:
        """The servers that a command goes to."""
        return self.nodes if self.server_mode is None else [self.server_mode]

    def node(self, number: int) -> Node | None:
        """A server by its number."""
        return next((node for node in self.nodes if node.number == number), None)

    def connected(self, node: Node) -> bool:
        """Whether the HSM is still there."""
        return self.fleet.hardware.hsms.get(node.hsm_id) is node.hardware

    def login(self, node: Node, user_type: UserType, name: str, password: str) -> None:
        """Log in on a server; a login that was there before ends.

        Raises:
            HsmError: NO_HSM, NOT_INITIALIZED, and what a login is refused with.
        """
        if not self.connected(node):
            raise HsmError(ReturnCode.NO_HSM)
        certificates = self.fleet.hardware.certificates
        if certificates is None or not certificates.claimed:
            raise HsmError(ReturnCode.NOT_INITIALIZED)
        session = node.hardware.login(user_type, name, password)
        before = self._sessions.get(node.number)
        self._sessions[node.number] = session
        if before is not None:
            before.logout()

    def logout(self, node: Node) -> None:
        """Log out of a server.

        Raises:
            HsmError: NO_HSM, NOT_LOGGED_IN.
        """
        self.session(node).logout()
        del self._sessions[node.number]

    def session(self, node: Node) -> Session:
        """The login on a server.

        Raises:
            HsmError: NO_HSM, NOT_LOGGED_IN.
        """
        if not self.connected(node):
            raise HsmError(ReturnCode.NO_HSM)
        session = self._sessions.get(node.number)
        if session is None:
            raise HsmError(ReturnCode.NOT_LOGGED_IN)
        return session

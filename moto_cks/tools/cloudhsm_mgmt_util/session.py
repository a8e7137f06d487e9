"""The connections to the servers, the logins on them, and which server commands go to."""

from __future__ import annotations

import os
from collections.abc import Callable

from moto_cks.hsm import HsmError, ReturnCode, Session, UserType
from moto_cks.tools.client_sdk import wording_in
from moto_cks.tools.nodes import Fleet, Node

NO_CERTIFICATE = ""
"""Client SDK 3 does not know mutual TLS."""


class Connection:
    """One run of the tool: connected to the HSMs that were in service when it began.

    On each of them there is at most one login.

    Args:
        fleet: the HSMs.
        save: writes a file: path and content.

    Attributes:
        nodes: the HSMs that it is connected to.
        server_mode: the one that commands go to in server mode; ``None`` in global mode.
        wording: whose words it uses.
    """

    def __init__(self, fleet: Fleet, save: Callable[[str, str], None]) -> None:
        self.fleet = fleet
        self.save = save
        self.nodes = [node for node in fleet.nodes() if node.hardware.admits(NO_CERTIFICATE)]
        self.server_mode: Node | None = None
        self.wording = wording_in(os.environ)
        self._sessions: dict[int, Session] = {}

    @property
    def targets(self) -> list[Node]:
        """The servers that a command goes to."""
        return self.nodes if self.server_mode is None else [self.server_mode]

    def node(self, number: int) -> Node | None:
        """A server by its number."""
        return next((node for node in self.nodes if node.number == number), None)

    def reaches(self, node: Node) -> bool:
        """Whether the HSM is still there, and lets the tool connect."""
        there = self.fleet.hardware.hsms.get(node.hsm_id) is node.hardware
        return there and node.hardware.admits(NO_CERTIFICATE)

    def login(self, node: Node, user_type: UserType, name: str, password: str) -> None:
        """Log in on a server; a login that was there before ends.

        Raises:
            HsmError: NO_HSM, NOT_INITIALIZED, and what a login is refused with.
        """
        if not self.reaches(node):
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

    @property
    def logins(self) -> list[Session]:
        """The open logins, one for each server."""
        return [session for session in self._sessions.values() if session.open]

    def log_out(self) -> None:
        """End the logins on all servers; where there are none, nothing happens."""
        for session in self._sessions.values():
            session.logout()
        self._sessions = {}

    def session(self, node: Node) -> Session:
        """The login on a server.

        Raises:
            HsmError: NO_HSM, NOT_LOGGED_IN.
        """
        if not self.reaches(node):
            raise HsmError(ReturnCode.NO_HSM)
        session = self._sessions.get(node.number)
        if session is None:
            raise HsmError(ReturnCode.NOT_LOGGED_IN)
        return session

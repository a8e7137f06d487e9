"""The client that the tool works through, and its login."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from moto_cks.hsm import ClusterSession, HsmError, ReturnCode, Session, UserType
from moto_cks.tools.client_sdk import wording_in
from moto_cks.tools.key_mgmt_util.output import WORDS
from moto_cks.tools.nodes import Fleet
from moto_cks.tools.return_codes import RESULTS, SUCCESS, Result


class Connection:
    """One run of the tool: connected through the CloudHSM client, with at most one login.

    The client knows all HSMs of the cluster, also those that join later.

    Args:
        fleet: the HSMs.
        save: writes a file: path and content.

    Attributes:
        words: how it says what it says.
    """

    def __init__(self, fleet: Fleet, save: Callable[[str, str], None]) -> None:
        self.fleet = fleet
        self.save = save
        self.words = WORDS[wording_in(os.environ)]
        self._client: ClusterSession | None = None
        self._numbers: dict[str, int] = {}

    def log_in(self, name: str, password: str) -> list[Session]:
        """Log in as a crypto user on every HSM; a login that was there before ends.

        Raises:
            LoginRefused: what the HSMs answered; the login that was there before stays.
            HsmError: NO_HSM.
        """
        before = self._client
        self._client = ClusterSession(
            self.fleet.hardware, UserType.CU, name, password, ask_all=True
        )
        if before is not None:
            before.logout()
        return self._client.sessions()

    @property
    def logins(self) -> list[Session]:
        """The open logins, one for each HSM."""
        return [] if self._client is None else self._client.sessions()

    def log_out(self) -> None:
        """End the login; where there is none, nothing happens."""
        if self._client is not None:
            self._client.logout()
            self._client = None

    def clients(self) -> list[ClusterSession]:
        """The login, if there is one."""
        return [] if self._client is None else [self._client]

    @property
    def client(self) -> ClusterSession:
        """The login.

        Raises:
            HsmError: NOT_LOGGED_IN, NO_HSM.
        """
        if self._client is None:
            raise HsmError(ReturnCode.NOT_LOGGED_IN)
        if not self._client.sessions():
            raise HsmError(ReturnCode.NO_HSM)
        return self._client

    def node_id(self, hsm_id: str) -> int:
        """The number of an HSM; it keeps it as long as the tool runs."""
        for known in (*(node.hsm_id for node in self.fleet.nodes()), hsm_id):
            self._numbers.setdefault(known, len(self._numbers))
        return self._numbers[hsm_id]

    def on_each(self, act: Callable[[Session], object]) -> dict[int, Result]:
        """Do something on every HSM of the login.

        Returns:
            The outcome on each node.

        Raises:
            HsmError: NOT_LOGGED_IN, NO_HSM.
        """
        outcomes = {}
        for session in self.client.sessions():
            try:
                act(session)
                result = SUCCESS
            except HsmError as refusal:
                result = RESULTS[refusal.code]
            outcomes[self.node_id(session.hsm.id)] = result
        return outcomes

    def succeeded(self, sessions: Sequence[Session]) -> dict[int, Result]:
        """Success on the nodes of these sessions."""
        return {self.node_id(session.hsm.id): SUCCESS for session in sessions}

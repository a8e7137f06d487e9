"""The running tool: the client that it works through, and its login."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from moto_cks.hsm import ClusterSession, HsmError, ReturnCode, Session, UserType
from moto_cks.tools.key_mgmt_util.commands import chosen, single
from moto_cks.tools.return_codes import RESULTS, SUCCESS, Result
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

    _client: ClusterSession | None = field(default=None, init=False)
    _connected: bool = field(init=False)
    _numbers: dict[str, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._connected = bool(self.fleet.nodes())
        self.closed = not self._connected

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"<{self.name} on {self.fleet.cluster_id}: {state}>"

    @property
    def greeting(self) -> str:
        """Nothing, unless the client cannot connect to an HSM."""
        return "" if self._connected else NO_CLIENT

    @property
    def prompt(self) -> str:
        """``Command:``."""
        return "Command: "

    def execute(self, line: str) -> Script:
        """Carry out one command."""
        words = line.split()
        if not words:
            return 0
        return (yield from chosen(self, words))

    def execute_single(self, words: Sequence[str], environment: Mapping[str, str]) -> Script:
        """Carry out what follows ``singlecmd`` on the tool's command line.

        ``loginHSM`` with its options and the command that it is for, or one command alone.
        """
        if list(words[:1]) != [SINGLE]:
            raise ValueError(f"key_mgmt_util takes a single command after {SINGLE}.")
        return single(self, list(words[1:]))

    def log_out(self) -> None:
        """End the login."""
        if self._client is not None:
            self._client.logout()
            self._client = None

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

"""The tool's connections to the HSMs of a cluster, and who is logged in on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from moto_cks.hsm import ClusterSession, Hsm, HsmError, ReturnCode, Session, User, UserType
from moto_cks.hsm.quorum import Approval
from moto_cks.tools.cloudhsm_cli.answers import CliError
from moto_cks.tools.cloudhsm_cli.arguments import Request
from moto_cks.tools.cloudhsm_cli.shapes import Role
from moto_cks.tools.cloudhsm_cli.token_files import read_signed
from moto_cks.tools.nodes import Fleet, Node

TYPES: Mapping[Role, tuple[UserType, ...]] = {
    Role.ADMIN: (UserType.CO, UserType.PRECO),
    Role.CRYPTO_USER: (UserType.CU,),
}
"""The types of user that have a role."""


@dataclass(frozen=True)
class Account:
    """A user of the cluster.

    Attributes:
        type: its type.
        name: its name, as the HSMs have it.
        hsms: the HSMs that have it.
    """

    type: UserType
    name: str
    hsms: tuple[Hsm, ...]


class Connection:
    """One run of the tool: connected to every HSM of a cluster, with at most one login.

    Args:
        fleet: the HSMs.
        read: reads a file: its path.
        write: writes one: path and content.
        peer: the connection to a cluster by its ID: this one or a clone of it.

    Attributes:
        certificate: the client's certificate chain for mutual TLS, PEM; ``""`` for none.
    """

    def __init__(
        self,
        fleet: Fleet,
        read: Callable[[str], str],
        write: Callable[[str, str], None],
        peer: Callable[[str], Connection],
    ) -> None:
        self.fleet = fleet
        self.certificate = ""
        self.peer = peer
        self._read = read
        self._write = write
        self._session: ClusterSession | None = None

    def nodes(self) -> list[Node]:
        """The HSMs that let it connect; there is at least one.

        Raises:
            HsmError: NO_HSM, as where mutual TLS is enforced and this client is without.
                NOT_INITIALIZED: without the customer's certificate there is no connection to
                trust.
        """
        nodes = [node for node in self.fleet.nodes() if node.hardware.admits(self.certificate)]
        if not nodes:
            raise HsmError(ReturnCode.NO_HSM)
        certificates = self.fleet.hardware.certificates
        if certificates is None or not certificates.claimed:
            raise HsmError(ReturnCode.NOT_INITIALIZED)
        return nodes

    def account(self, role: Role, username: str) -> Account:
        """A user, by a name in which case does not matter.

        Raises:
            HsmError: USER_NOT_FOUND, and what :meth:`nodes` raises.
        """
        account = self._find(role, username)
        if account is None:
            raise HsmError(ReturnCode.USER_NOT_FOUND)
        return account

    def stored(self, role: Role, username: str) -> tuple[UserType, str]:
        """Type and name under which the HSMs have a user, or would have it.

        Raises:
            HsmError: what :meth:`nodes` raises.
        """
        account = self._find(role, username)
        return (account.type, account.name) if account else (TYPES[role][0], username)

    def _find(self, role: Role, username: str) -> Account | None:
        nodes = self.nodes()
        wanted = username.lower()
        for user_type in TYPES[role]:
            holders: dict[str, list[Hsm]] = {}
            for node in nodes:
                for user in node.hardware.users:
                    if user.type is user_type and user.name.lower() == wanted:
                        holders.setdefault(user.name, []).append(node.hardware)
            if holders:
                name = wanted if wanted in holders else next(iter(holders))
                return Account(user_type, name, tuple(holders[name]))
        return None

    # Logging in ------------------------------------------------------------------------------

    def log_in(self, role: Role, username: str, password: str) -> Account:
        """Log in on every HSM that has the user.

        Raises:
            CliError: somebody is logged in.
            HsmError: what the first HSM that refuses answers, and what :meth:`account` raises.
        """
        if self._session is not None:
            raise CliError("A user is already logged in")
        account = self.account(role, username)
        everywhere = len(account.hsms) == len(self.nodes())
        self._session = ClusterSession(
            self.fleet.hardware,
            account.type,
            account.name,
            password,
            hsms=None if everywhere else account.hsms,
            certificate=self.certificate,
        )
        return account

    @property
    def logins(self) -> list[Session]:
        """The open logins, one for each HSM."""
        return [] if self._session is None else self._session.sessions()

    def log_out(self) -> None:
        """End the login; where there is none, nothing happens."""
        if self._session is not None:
            self._session.logout()
            self._session = None

    def session(self) -> ClusterSession:
        """The login.

        Raises:
            HsmError: NOT_LOGGED_IN.
        """
        if self._session is None:
            raise HsmError(ReturnCode.NOT_LOGGED_IN)
        return self._session

    def user(self) -> User:
        """The user that is logged in, as the first of its HSMs has it.

        Raises:
            HsmError: NOT_LOGGED_IN. NO_HSM: every HSM that it was logged in on is gone.
        """
        sessions = self.session().sessions()
        if not sessions:
            raise HsmError(ReturnCode.NO_HSM)
        return sessions[0].user

    def is_self(self, account: Account) -> bool:
        """Whether it is the user that is logged in."""
        user = self.user()
        return (user.type, user.name) == (account.type, account.name)

    # Files -----------------------------------------------------------------------------------

    def read(self, path: str) -> str:
        """Read a file that a command names.

        Raises:
            CliError: it cannot be read, or is no text.
        """
        try:
            return self._read(path)
        except (OSError, ValueError):
            raise CliError(f"Unable to read file {path}") from None

    def write(self, path: str, text: str) -> None:
        """Write a file that a command names.

        Raises:
            CliError: it cannot be written.
        """
        try:
            self._write(path, text)
        except OSError:
            raise CliError(f"Unable to write file {path}") from None

    def approval(self, request: Request) -> Approval | None:
        """What officers have signed for a command, where it is given that.

        Raises:
            CliError: it cannot be read.
        """
        path = request.text("approval")
        return None if path is None else read_signed(self.read(path))

    # Changes ---------------------------------------------------------------------------------

    def change(
        self,
        what: str,
        change: Callable[[Session], object],
        *,
        done: ReturnCode | None = None,
        approval: Approval | None = None,
    ) -> None:
        """Have every HSM change something.

        An HSM that is as it should be already stays so; that completes a change that has reached
        only some of them.

        Args:
            what: what it is, as the tool names it where only some HSMs did it.
            change: what each is told.
            done: by what an HSM says that nothing is to be changed on it.
            approval: what officers have signed for it.

        Raises:
            HsmError: NOT_LOGGED_IN; why none of them did it.
            CliError: some did it, some could not.
        """
        sessions = {session.hsm.id: session for session in self.session().sessions()}
        nodes = self.nodes()
        refusals: list[ReturnCode] = []
        for node in nodes:
            try:
                if node.hsm_id not in sessions:
                    raise HsmError(ReturnCode.NOT_LOGGED_IN)
                with sessions[node.hsm_id].approved(approval):
                    change(sessions[node.hsm_id])
            except HsmError as error:
                refusals.append(error.code)
        failures = [code for code in refusals if code is not done]
        if len(refusals) == len(nodes):
            raise HsmError((failures or refusals)[0])
        if failures:
            raise CliError(f"{what} failed on {len(failures)} of {len(nodes)} connections")

"""One HSM: its users, its login sessions and its keys.

An HSM knows nothing of the others in its cluster. What is done to one of them stays on that one
until somebody does it to the others (see :mod:`moto_cks.hsm.client`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator

from moto_cks.hsm.condition import Condition
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.events import Action, HsmEvent, Observer, ignore
from moto_cks.hsm.key_commands import KeyCommands
from moto_cks.hsm.keys import KeyObject
from moto_cks.hsm.policies import Policies, Service
from moto_cks.hsm.policy_commands import PolicyCommands
from moto_cks.hsm.quorum import QuorumToken
from moto_cks.hsm.user_table import UserTable
from moto_cks.hsm.users import MANAGED_USER_TYPES, Clock, User, UserType, no_clock

PRECRYPTO_OFFICER = "admin"
FACTORY_PASSWORD = "password"
APPLIANCE_USER = "app_user"


class Session(KeyCommands, PolicyCommands):
    """A login to one HSM.

    Attributes:
        hsm: where.
        user: who.
        exclusive: whether the user can be used by nobody else while this session is open.
        id: names it; no other session has it.
    """

    __slots__ = (
        "_session_keys",
        "approvals",
        "exclusive",
        "for_all",
        "hsm",
        "id",
        "open",
        "user",
        "voucher",
    )

    hsm: Hsm

    def __init__(self, hsm: Hsm, user: User, exclusive: bool) -> None:
        self.hsm = hsm
        self.user = user
        self.exclusive = exclusive
        self.id = f"session-{os.urandom(8).hex()}"
        self.open = True
        self.voucher = None
        self.approvals = []
        self.for_all = False
        self._session_keys: dict[int, KeyObject] = {}

    def __repr__(self) -> str:
        state = "open" if self.open else "closed"
        return f"<Session of {self.user.type.value} {self.user.name} on {self.hsm.id}: {state}>"

    def logout(self) -> None:
        """Close the session, and with it its session keys; a second time does nothing."""
        self.end()

    def hang_up(self) -> None:
        """The same without a logout: whoever has logged in is gone."""
        self.end()

    def end(self) -> None:
        """The same where the HSM is told nothing of it."""
        self.hsm.forget(self)  # first: what is interrupted in it is done again while it is open
        self.open = False
        self._session_keys = {}

    # Users -----------------------------------------------------------------------------------

    def create_user(
        self, user_type: UserType, name: str, password: str, *, two_factor: bool = False
    ) -> User:
        """Create a crypto officer or crypto user on this HSM.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, INVALID_USER_TYPE, USER_EXISTS, LIMITED_WRITES,
                USERS_FULL, INVALID_USER_NAME, INVALID_PASSWORD, QUORUM_NEEDED.
        """
        self._require(UserType.CO)
        self._require_quorum(Service.USER)
        if user_type not in MANAGED_USER_TYPES:
            raise HsmError(ReturnCode.INVALID_USER_TYPE)
        self.hsm.condition.require_room_for_user(len(self.hsm.users))
        user = self.hsm.add_user(user_type, name, password, two_factor, by=self.user.title)
        self.hsm.tell(user_type, name, Action.CREATED)
        return user

    def delete_user(self, user_type: UserType, name: str) -> None:
        """Delete a user from this HSM.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, INVALID_USER_TYPE, USER_NOT_FOUND,
                USER_LOGGED_IN, USER_OWNS_KEYS, QUORUM_NEEDED.
        """
        self._require(UserType.CO)
        self._require_quorum(Service.USER)
        if user_type not in MANAGED_USER_TYPES:
            raise HsmError(ReturnCode.INVALID_USER_TYPE)
        self.hsm.remove_user(user_type, name)

    def change_password(self, user_type: UserType, name: str, password: str) -> None:
        """Change a password on this HSM: officers everybody's, other users their own.

        The precrypto officer who sets a password becomes a crypto officer; an officer with a
        second factor needs it no more. A user who is logged in through another session keeps the
        password.

        Raises:
            HsmError: NOT_LOGGED_IN, LIMITED_WRITES, NOT_PERMITTED, USER_NOT_FOUND, USER_LOGGED_IN,
                INVALID_PASSWORD, QUORUM_NEEDED for that of another user.
        """
        self._require()
        self.hsm.condition.require_writes()
        target = self.hsm.user(user_type, name)
        if target is not self.user:
            self._require(UserType.CO)
            self._require_quorum(Service.USER)
        self._require_unused(target)
        target.set_password(password, self.user.title, self.hsm.now())
        self.hsm.tell(target.type, target.name, Action.PASSWORD_CHANGED)
        if target.type is UserType.CO:
            target.two_factor = False
        if target.type is UserType.PRECO:
            self.hsm.promote(target)

    def deregister_second_factor(self, user_type: UserType, name: str, password: str) -> None:
        """Have a user log in without a second factor from now on, with another password.

        Raises:
            HsmError: as for :meth:`change_password`.
        """
        user = self.hsm.user(user_type, name)
        self.change_password(user_type, name, password)
        user.two_factor = False

    def extract_user(self, user_id: int) -> User:
        """A crypto officer or user with the password, to be inserted into another HSM.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, USER_NOT_FOUND, INVALID_USER_TYPE.
        """
        self._require(UserType.CO)
        user = self.hsm.user_by_id(user_id)
        if user.type not in MANAGED_USER_TYPES:
            raise HsmError(ReturnCode.INVALID_USER_TYPE)
        return user.copy()

    def insert_user(self, user: User) -> None:
        """Put a user that was extracted from another HSM into this one.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, USER_LOGGED_IN.
        """
        self._require(UserType.CO)
        present = self.hsm.find_user(user.type, user.name)
        if present is not None:
            self._require_unused(present)
        self.hsm.put_user(user)

    def _require_unused(self, user: User) -> None:
        if any(session is not self for session in self.hsm.sessions_of(user)):
            raise HsmError(ReturnCode.USER_LOGGED_IN)

    # Random numbers --------------------------------------------------------------------------

    def random(self, number_of_bytes: int) -> bytes:
        """Random bytes of the HSM.

        Raises:
            HsmError: NOT_LOGGED_IN.
        """
        self._require()
        return os.urandom(number_of_bytes)

    def _require(self, *user_types: UserType) -> None:
        if not self.open:
            raise HsmError(ReturnCode.NOT_LOGGED_IN)
        if user_types and self.user.type not in user_types:
            raise HsmError(ReturnCode.NOT_PERMITTED)


class Hsm:
    """A hardware security module.

    Args:
        hsm_id: the name that its cluster gives it.
        on_promotion: called when the precrypto officer has become a crypto officer.
        observer: told of logins and of changes of users.
        now: tells it the time.
        condition: what holds for all HSMs of its cluster; by default it is alone.

    Attributes:
        id: the name that its cluster gave it.
        keys: its keys by handle.
        now: the time.
        policies: what officers have set for it as a whole.
        tokens: the quorum tokens that there are.
        on_readmission: called when clients without mutual TLS are let in again.
    """

    on_readmission: Callable[[Hsm], None] | None = None

    def __init__(
        self,
        hsm_id: str,
        on_promotion: Callable[[], None] | None = None,
        observer: Observer = ignore,
        now: Clock = no_clock,
        condition: Condition | None = None,
    ) -> None:
        self.id = hsm_id
        self.now = now
        self.condition = condition or Condition()
        self.keys: dict[int, KeyObject] = {}
        self.policies = Policies()
        self.tokens: list[QuorumToken] = []
        self._users = UserTable(self.condition)
        self._sessions: list[Session] = []
        self._on_promotion = on_promotion
        self._observer = observer
        self.add_user(UserType.PRECO, PRECRYPTO_OFFICER, FACTORY_PASSWORD)
        self.add_user(UserType.AU, APPLIANCE_USER, os.urandom(16).hex())

    def __repr__(self) -> str:
        return f"<Hsm {self.id}: {len(self._users)} users, {len(self.keys)} keys>"

    @property
    def next_user_id(self) -> int:
        """The number that the next user gets."""
        return self._users.next_id

    @property
    def users(self) -> list[User]:
        """Its users, in the order in which they were created."""
        return list(self._users)

    def user(self, user_type: UserType, name: str) -> User:
        """A user by type and name; names are not case-sensitive.

        Raises:
            HsmError: USER_NOT_FOUND.
        """
        return self._users.get(user_type, name)

    def find_user(self, user_type: UserType, name: str) -> User | None:
        """A user by type and name, if there is one."""
        return self._users.find(user_type, name)

    def user_by_id(self, user_id: int) -> User:
        """A user by the number that the HSM gave it.

        Raises:
            HsmError: USER_NOT_FOUND.
        """
        return self._users.by_id(user_id)

    @property
    def sessions(self) -> list[Session]:
        """The open sessions of all users, oldest first."""
        return list(self._sessions)

    def sessions_of(self, user: User) -> Iterator[Session]:
        """The open sessions of a user."""
        return (session for session in self._sessions if session.user is user)

    def login(
        self, user_type: UserType, name: str, password: str, *, exclusive: bool = False
    ) -> Session:
        """Open a session of a user.

        An *exclusive* login is what KMS does as kmsuser: it needs the user to be logged in
        nowhere else, and keeps everybody else from logging in as that user and from changing
        its password until it ends. Every wrong password counts; the fifth locks the user.

        Raises:
            HsmError: USER_NOT_FOUND, USER_LOGGED_IN, USER_LOCKED_OUT, SECOND_FACTOR_REQUIRED,
                AUTHENTICATION_FAILED.
        """
        code = self.refusal(user_type, name, password, exclusive=exclusive)
        if code is ReturnCode.AUTHENTICATION_FAILED:
            self.user(user_type, name).count_failure(self.now())
        if code is not None:
            self.tell(user_type, name, Action.REFUSED, code)
            raise HsmError(code)
        user = self.user(user_type, name)
        user.clear_failures()
        session = self._new_session(user, exclusive)
        self._sessions.append(session)
        self.tell(user_type, name, Action.LOGGED_IN)
        return session

    def _new_session(self, user: User, exclusive: bool) -> Session:
        return Session(self, user, exclusive)

    def refusal(
        self, user_type: UserType, name: str, password: str, *, exclusive: bool = False
    ) -> ReturnCode | None:
        """Why a login is refused, if it is; nothing is counted."""
        return next(self.refusals(user_type, name, password, exclusive=exclusive), None)

    def refusals(
        self,
        user_type: UserType,
        name: str,
        password: str,
        *,
        exclusive: bool = False,
        without: Collection[Session] = (),
    ) -> Iterator[ReturnCode]:
        """All that there is against a login, in the order in which the HSM comes upon it.

        Nothing is counted, and nobody is told.

        Args:
            user_type: the type of the user.
            name: its name.
            password: what it would log in with.
            exclusive: see :meth:`login`.
            without: sessions that will have ended by then.
        """
        user = self.find_user(user_type, name)
        if user is None:
            yield ReturnCode.USER_NOT_FOUND
            return
        sessions = [session for session in self.sessions_of(user) if session not in without]
        if exclusive and sessions:
            yield ReturnCode.USER_LOGGED_IN
        if user.locked:
            yield ReturnCode.USER_LOCKED_OUT
        if not user.has_password(password):
            yield ReturnCode.AUTHENTICATION_FAILED
        if user.two_factor:
            yield ReturnCode.SECOND_FACTOR_REQUIRED
        if not exclusive and any(session.exclusive for session in sessions):
            yield ReturnCode.USER_LOGGED_IN

    def forget(self, session: Session) -> None:
        """Drop a closed session."""
        if session in self._sessions:
            self._sessions.remove(session)
            self.tokens = [token for token in self.tokens if token.session_id != session.id]
            self.tell(session.user.type, session.user.name, Action.LOGGED_OUT)

    def tell(
        self, user_type: UserType, name: str, action: Action, code: ReturnCode | None = None
    ) -> None:
        """Tell who observes this HSM what has happened to a user."""
        user = self.find_user(user_type, name)
        failures = user.login_failures if user is not None else 0
        slow = user is not None and self.condition.capacity.slow_for(user)
        self._observer(HsmEvent(self.id, user_type, name, action, code, failures, slow))

    def add_user(
        self,
        user_type: UserType,
        name: str,
        password: str,
        two_factor: bool = False,
        by: str = "",
    ) -> User:
        """Add a user, whom somebody has made; who may do it is the caller's business.

        Raises:
            HsmError: USER_EXISTS, INVALID_USER_NAME, INVALID_PASSWORD.
        """
        user = self._users.add(user_type, name, password, by, self.now())
        user.two_factor = two_factor
        return user

    def put_user(self, user: User) -> None:
        """Add a user of another HSM, in the place of the one of this type and name."""
        self._users.put(user)

    def remove_user(self, user_type: UserType, name: str) -> None:
        """Remove a user who is logged in nowhere and owns no key.

        Raises:
            HsmError: USER_NOT_FOUND, USER_LOGGED_IN, USER_OWNS_KEYS.
        """
        user = self.user(user_type, name)
        if any(self.sessions_of(user)):
            raise HsmError(ReturnCode.USER_LOGGED_IN)
        if user_type is UserType.CU and any(key.owner == user.name for key in self.keys.values()):
            raise HsmError(ReturnCode.USER_OWNS_KEYS)
        self._users.remove(user)
        self.tell(user_type, user.name, Action.DELETED)

    def promote(self, officer: User) -> None:
        """Make the precrypto officer a crypto officer: this activates the HSM."""
        self._users.promote(officer)
        if self._on_promotion is not None:
            self._on_promotion()

    def load(self, users: tuple[User, ...], keys: dict[int, KeyObject], next_user_id: int) -> None:
        """Take over the users and keys of another HSM or of a backup."""
        self._users.load(users, next_user_id)
        self.keys = dict(keys)

    def power_off(self) -> None:
        """End every session: the HSM is taken out of its cluster."""
        self.cut_off()

    def cut_off(self) -> None:
        """End every session."""
        for session in tuple(self._sessions):
            session.end()

    def admit(self, certificate: str) -> int | None:
        """Let a client connect.

        Args:
            certificate: its certificate chain for mutual TLS, PEM; ``""`` where it has none.

        Returns:
            The reference of the trust anchor that vouches for it, if one does.

        Raises:
            HsmError: NO_HSM, mutual TLS is enforced and none does: there is no connection.
        """
        if not self.admits(certificate):
            raise HsmError(ReturnCode.NO_HSM)
        return self.policies.voucher(certificate)

    def admits(self, certificate: str) -> bool:
        """Whether :meth:`admit` lets a client connect."""
        return not self.policies.mtls_enforced or self.policies.voucher(certificate) is not None

    def enforce_mtls(self, enforced: bool) -> None:
        """Let in only whom a trust anchor vouches for, or everybody again."""
        before = self.policies.mtls_enforced
        self.policies = self.policies.with_mtls(enforced)
        if enforced:
            self._drop(None)
        elif before and self.on_readmission is not None:
            self.on_readmission(self)

    def drop_vouched_by(self, reference: int) -> None:
        """End the connections of clients for whom a trust anchor has vouched."""
        self._drop(reference)

    def _drop(self, voucher: int | None) -> None:
        for session in tuple(self._sessions):
            if session.voucher == voucher:
                session.hang_up()

    def dismiss(self, but: Collection[int]) -> None:
        """End the sessions whose ``id()`` is none of these."""
        for session in tuple(self._sessions):
            if id(session) not in but:
                session.hang_up()

    def officer_session(self) -> Session:
        """A session of the first crypto officer, for who holds the HSM in their hands.

        No login: it needs no password, and counts for nothing.

        Raises:
            HsmError: USER_NOT_FOUND, the HSM is not activated.
        """
        for user in self._users:
            if user.type is UserType.CO:
                session = self._new_session(user, exclusive=False)
                session.for_all = True
                return session
        raise HsmError(ReturnCode.USER_NOT_FOUND)

    def destroy_key(self, handle: int) -> bool:
        """Take a key out of this HSM, whoever owns it; whether it was there."""
        return self.keys.pop(handle, None) is not None

"""One HSM: its users, its login sessions and its keys.

An HSM knows nothing of the others in its cluster. What is done to one of them stays on that one
until somebody does it to the others (see :mod:`moto_cks.hsm.client`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator

from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.events import Action, HsmEvent, Observer, ignore
from moto_cks.hsm.keys import KeyObject
from moto_cks.hsm.user_table import UserTable
from moto_cks.hsm.users import MANAGED_USER_TYPES, Clock, User, UserType, no_clock

PRECRYPTO_OFFICER = "admin"
FACTORY_PASSWORD = "password"
APPLIANCE_USER = "app_user"


class Session:
    """A login to one HSM.

    Attributes:
        hsm: where.
        user: who.
        exclusive: whether the user can be used by nobody else while this session is open.
        id: names it; no other session has it.
    """

    __slots__ = ("_session_keys", "exclusive", "hsm", "id", "open", "user")

    def __init__(self, hsm: Hsm, user: User, exclusive: bool) -> None:
        self.hsm = hsm
        self.user = user
        self.exclusive = exclusive
        self.id = f"session-{os.urandom(8).hex()}"
        self.open = True
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
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, INVALID_USER_TYPE, USER_EXISTS,
                INVALID_USER_NAME, INVALID_PASSWORD.
        """
        self._require(UserType.CO)
        if user_type not in MANAGED_USER_TYPES:
            raise HsmError(ReturnCode.INVALID_USER_TYPE)
        user = self.hsm.add_user(user_type, name, password, two_factor, by=self.user.title)
        self.hsm.tell(user_type, name, Action.CREATED)
        return user

    def delete_user(self, user_type: UserType, name: str) -> None:
        """Delete a user from this HSM.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, INVALID_USER_TYPE, USER_NOT_FOUND,
                USER_LOGGED_IN, USER_OWNS_KEYS.
        """
        self._require(UserType.CO)
        if user_type not in MANAGED_USER_TYPES:
            raise HsmError(ReturnCode.INVALID_USER_TYPE)
        self.hsm.remove_user(user_type, name)

    def change_password(self, user_type: UserType, name: str, password: str) -> None:
        """Change a password on this HSM: officers everybody's, other users their own.

        The precrypto officer who sets a password becomes a crypto officer; an officer with a
        second factor needs it no more. A user who is logged in through another session keeps the
        password.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, USER_NOT_FOUND, USER_LOGGED_IN,
                INVALID_PASSWORD.
        """
        self._require()
        target = self.hsm.user(user_type, name)
        if target is not self.user and self.user.type is not UserType.CO:
            raise HsmError(ReturnCode.NOT_PERMITTED)
        self._require_unused(target)
        target.set_password(password, self.user.title, self.hsm.now())
        self.hsm.tell(target.type, target.name, Action.PASSWORD_CHANGED)
        if target.type is UserType.CO:
            target.two_factor = False
        if target.type is UserType.PRECO:
            self.hsm.promote(target)

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

    # Keys ------------------------------------------------------------------------------------

    def store_key(self, key: KeyObject) -> None:
        """Put a key of this user into the HSM, under the key's handle; a session key into this
        session.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_OWNED.
        """
        self._require(UserType.CU)
        if key.owner != self.user.name:
            raise HsmError(ReturnCode.KEY_NOT_OWNED)
        if key.template.token:
            self._session_keys.pop(key.handle, None)
            self.hsm.keys[key.handle] = key
        else:
            self._session_keys[key.handle] = key

    def holds(self, handle: int) -> bool:
        """Whether the HSM or this session has a key with that handle, whoever owns it."""
        return handle in self.hsm.keys or handle in self._session_keys

    def find_keys(self, label: str | None = None) -> list[int]:
        """The handles of the keys that the user may use, or of those with a label.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED.
        """
        self._require(UserType.CU)
        return [
            key.handle
            for key in (*self.hsm.keys.values(), *self._session_keys.values())
            if key.usable_by(self.user.name) and label in (None, key.label)
        ]

    def key(self, handle: int) -> KeyObject:
        """A key that the user may use.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND.
        """
        self._require(UserType.CU)
        key = self._session_keys.get(handle) or self.hsm.keys.get(handle)
        if key is None or not key.usable_by(self.user.name):
            raise HsmError(ReturnCode.KEY_NOT_FOUND)
        return key

    def own_key(self, handle: int) -> KeyObject:
        """A key that the user owns, to be shared, changed or deleted.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND, KEY_NOT_OWNED.
        """
        self._require(UserType.CU)
        key = self._session_keys.get(handle) or self.hsm.keys.get(handle)
        if key is None:
            raise HsmError(ReturnCode.KEY_NOT_FOUND)
        if key.owner != self.user.name:
            raise HsmError(ReturnCode.KEY_NOT_OWNED)
        return key

    def delete_key(self, handle: int) -> None:
        """Delete a key of the user from this HSM.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND, KEY_NOT_OWNED,
                KEY_FUNCTION_NOT_PERMITTED.
        """
        if not self.own_key(handle).template.destroyable:
            raise HsmError(ReturnCode.KEY_FUNCTION_NOT_PERMITTED)
        if self._session_keys.pop(handle, None) is None:
            del self.hsm.keys[handle]

    def keys_of(self, user_id: int) -> list[KeyObject]:
        """The keys that a user owns or shares, for officers and the appliance user.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, USER_NOT_FOUND.
        """
        self._require(UserType.CO, UserType.AU)
        user = self.hsm.user_by_id(user_id)
        if user.type is not UserType.CU:
            return []
        return [key for key in self.hsm.keys.values() if key.usable_by(user.name)]

    def extract_key(self, handle: int) -> KeyObject:
        """A key to be inserted into another HSM: officers any, crypto users their own.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_FOUND, KEY_NOT_OWNED.
        """
        self._require(UserType.CO, UserType.CU)
        if self.user.type is UserType.CU:
            return self.own_key(handle)
        if handle not in self.hsm.keys:
            raise HsmError(ReturnCode.KEY_NOT_FOUND)
        return self.hsm.keys[handle]

    def insert_key(self, key: KeyObject) -> None:
        """Put a key that was extracted from another HSM into this one.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, KEY_NOT_OWNED, USER_NOT_FOUND where this HSM
                does not have the owner.
        """
        self._require(UserType.CO, UserType.CU)
        owner = self.hsm.user(UserType.CU, key.owner)
        if self.user.type is UserType.CU and self.user is not owner:
            raise HsmError(ReturnCode.KEY_NOT_OWNED)
        self.hsm.keys[key.handle] = key

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

    Attributes:
        id: the name that its cluster gave it.
        keys: its keys by handle.
        now: the time.
    """

    def __init__(
        self,
        hsm_id: str,
        on_promotion: Callable[[], None] | None = None,
        observer: Observer = ignore,
        now: Clock = no_clock,
    ) -> None:
        self.id = hsm_id
        self.now = now
        self.keys: dict[int, KeyObject] = {}
        self._users = UserTable()
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
            self.tell(session.user.type, session.user.name, Action.LOGGED_OUT)

    def tell(
        self, user_type: UserType, name: str, action: Action, code: ReturnCode | None = None
    ) -> None:
        """Tell who observes this HSM what has happened to a user."""
        user = self.find_user(user_type, name)
        failures = user.login_failures if user is not None else 0
        self._observer(HsmEvent(self.id, user_type, name, action, code, failures))

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
        for session in tuple(self._sessions):
            session.end()

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
                return self._new_session(user, exclusive=False)
        raise HsmError(ReturnCode.USER_NOT_FOUND)

    def destroy_key(self, handle: int) -> bool:
        """Take a key out of this HSM, whoever owns it; whether it was there."""
        return self.keys.pop(handle, None) is not None

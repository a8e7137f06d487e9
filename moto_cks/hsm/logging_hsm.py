"""An HSM that keeps a logbook of the management commands that it gets.

What the commands do is in :mod:`moto_cks.hsm.hsm`; here is only what is written of them. Data is
encrypted and decrypted without a trace, as in the HSMs of AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from moto_cks.hsm.condition import Condition
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.events import Observer, ignore
from moto_cks.hsm.hsm import APPLIANCE_USER, Hsm, Session
from moto_cks.hsm.keys import KeyObject
from moto_cks.hsm.logbook import Logbook, Opcode, Reading, UserName
from moto_cks.hsm.users import Clock, User, UserType, no_clock

CREATIONS = {UserType.CO: Opcode.CREATE_CO}
"""The opcodes for the users that have one of their own."""


class LoggedSession(Session):
    """A login whose commands are written down.

    Attributes:
        handle: the session handle in the logbook.
    """

    __slots__ = ("_book", "handle")

    def __init__(self, hsm: Hsm, user: User, exclusive: bool, book: Logbook) -> None:
        super().__init__(hsm, user, exclusive)
        self._book = book
        self.handle = book.next_session()

    @property
    def session_keys(self) -> int:
        """How many keys will end with it."""
        return len(self._session_keys)

    @contextmanager
    def _written(
        self, opcode: Opcode, *, user: UserName | None = None, key: int | None = None
    ) -> Iterator[None]:
        """Write a command down that is carried out inside, or refused, before what comes of it."""
        entry = self._book.write(opcode, self.handle, user=user, key=key)
        try:
            yield
        except HsmError as refusal:
            entry.code = refusal.code
            raise
        self._look()

    def _require(self, *user_types: UserType) -> None:
        """Refuse what the user may not do, and work with keys that the HSM is too busy for."""
        super()._require(*user_types)
        if UserType.CU in user_types:
            self._require_capacity()

    def _require_capacity(self) -> None:
        hsm = self.hsm
        assert isinstance(hsm, LoggingHsm)
        if hsm.busy():
            raise HsmError(ReturnCode.BUSY)

    def _look(self) -> None:
        hsm = self.hsm
        assert isinstance(hsm, LoggingHsm)
        hsm.look()

    @property
    def _who(self) -> UserName:
        return self.user.type, self.user.name

    def logout(self) -> None:
        """Log out."""
        if self.open:
            self._book.write(Opcode.LOGOUT, self.handle, user=self._who)
        super().logout()

    def hang_up(self) -> None:
        """End without a logout."""
        if self.open:
            self._book.write(Opcode.APP_FINALIZE, self.handle, user=self._who)
        super().hang_up()

    def create_user(
        self, user_type: UserType, name: str, password: str, *, two_factor: bool = False
    ) -> User:
        """Create a user."""
        opcode = CREATIONS.get(user_type, Opcode.CREATE_USER)
        with self._written(opcode, user=(user_type, name)):
            return super().create_user(user_type, name, password, two_factor=two_factor)

    def delete_user(self, user_type: UserType, name: str) -> None:
        """Delete a user."""
        with self._written(Opcode.DELETE_USER, user=(user_type, name)):
            super().delete_user(user_type, name)

    def change_password(self, user_type: UserType, name: str, password: str) -> None:
        """Change a password."""
        with self._written(Opcode.CHANGE_PSWD, user=(user_type, name)):
            super().change_password(user_type, name, password)

    def insert_user(self, user: User) -> None:
        """Put a user of another HSM in, which has no opcode of its own."""
        super().insert_user(user)
        self._look()

    def store_key(self, key: KeyObject) -> None:
        """Put a key in that is new, or in the place of the same one with other attributes."""
        with self._written(self._opcode_of(key), key=key.handle):
            super().store_key(key)

    def _opcode_of(self, key: KeyObject) -> Opcode:
        before = self._session_keys.get(key.handle) or self.hsm.keys.get(key.handle)
        if before is None:
            return Opcode.GENERATE_KEY
        shared = before.shared_with != key.shared_with
        return Opcode.SHARE_OBJECT if shared else Opcode.MODIFY_OBJECT

    def delete_key(self, handle: int) -> None:
        """Delete a key."""
        ends = handle in self._session_keys
        opcode = Opcode.DESTROY_OBJECT if ends else Opcode.TOMBSTONE_OBJECT
        with self._written(opcode, key=handle):
            super().delete_key(handle)

    def extract_key(self, handle: int) -> KeyObject:
        """Give a key away for another HSM."""
        with self._written(Opcode.EXTRACT_MASKED_OBJECT_USER, key=handle):
            return super().extract_key(handle)

    def random(self, number_of_bytes: int) -> bytes:
        """Random bytes."""
        self._require_capacity()
        return super().random(number_of_bytes)

    def insert_key(self, key: KeyObject) -> None:
        """Put a key of another HSM in."""
        with self._written(Opcode.INSERT_MASKED_OBJECT_USER, key=key.handle):
            super().insert_key(key)


def never() -> bool:
    """Whether an HSM is too busy for a command, where nothing makes it so."""
    return False


class LoggingHsm(Hsm):
    """An HSM with a logbook; see :class:`moto_cks.hsm.hsm.Hsm`.

    Args:
        hsm_id: as there.
        on_promotion: as there.
        observer: as there.
        now: as there.
        condition: as there.
        book: its logbook.
        busy: asked for each command with keys or random numbers whether it is too busy for that.

    Attributes:
        book: its logbook.
        busy: whether it is too busy for a command.
    """

    def __init__(
        self,
        hsm_id: str,
        on_promotion: Callable[[], None] | None = None,
        observer: Observer = ignore,
        now: Clock = no_clock,
        condition: Condition | None = None,
        book: Logbook | None = None,
        busy: Callable[[], bool] = never,
    ) -> None:
        self.busy = busy
        self.book = Logbook(now) if book is None else book
        self._unhealthy = False
        super().__init__(hsm_id, on_promotion, observer, now, condition)
        self.look()

    def fail(self) -> None:
        """Work properly no more."""
        self._unhealthy = True
        self.look()

    def look(self) -> None:
        """Note how full it is."""
        self.book.read(
            Reading(
                len(self._sessions),
                sum(
                    session.session_keys
                    for session in self._sessions
                    if isinstance(session, LoggedSession)
                ),
                len(self.keys),
                sum(user.type is not UserType.AU for user in self._users),
                self._unhealthy,
            )
        )

    def initialized(self) -> None:
        """Write down how the first HSM of a cluster comes up; the others are restored."""
        for opcode in (Opcode.INIT_TOKEN, Opcode.GEN_PSWD_ENC_KEY):
            self.book.write(opcode)
        self.book.write(Opcode.CREATE_APPLIANCE_USER, user=(UserType.AU, APPLIANCE_USER))
        for opcode in (Opcode.INIT_DONE, Opcode.GEN_KEY_ENC_KEY):
            self.book.write(opcode)

    def _new_session(self, user: User, exclusive: bool) -> LoggedSession:
        return LoggedSession(self, user, exclusive, self.book)

    def login(
        self, user_type: UserType, name: str, password: str, *, exclusive: bool = False
    ) -> Session:
        """Open a session of a user."""
        try:
            session = super().login(user_type, name, password, exclusive=exclusive)
        except HsmError as refusal:
            handle = self.book.next_session()
            self.book.write(Opcode.LOGIN, handle, code=refusal.code, user=(user_type, name))
            raise
        assert isinstance(session, LoggedSession)
        self.book.write(Opcode.LOGIN, session.handle, user=(user_type, name))
        self.look()
        return session

    def officer_session(self) -> Session:
        """A session of the first crypto officer; what is done in it shows, and nothing else."""
        session = super().officer_session()
        assert isinstance(session, LoggedSession)
        self.book.write(Opcode.LOGIN, session.handle, user=(session.user.type, session.user.name))
        return session

    def forget(self, session: Session) -> None:
        """Drop a closed session."""
        super().forget(session)
        self.look()

    def load(self, users: tuple[User, ...], keys: dict[int, KeyObject], next_user_id: int) -> None:
        """Take over the users and keys of another HSM or of a backup."""
        super().load(users, keys, next_user_id)
        self.look()

    def add_user(
        self,
        user_type: UserType,
        name: str,
        password: str,
        two_factor: bool = False,
        by: str = "",
    ) -> User:
        """Add a user."""
        user = super().add_user(user_type, name, password, two_factor, by)
        self.look()
        return user

    def destroy_key(self, handle: int) -> bool:
        """Take a key out."""
        found = super().destroy_key(handle)
        if found:
            self.book.write(Opcode.TOMBSTONE_OBJECT, self.book.next_session(), key=handle)
            self.look()
        return found

    def power_off(self) -> None:
        """End every session: the HSM is taken out of its cluster."""
        super().power_off()
        self.book.end()

"""One user logged in to the HSMs of a cluster, as the CloudHSM client does it.

The client sends each command to the HSMs one by one. Keys that it generates exist on all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from moto_cks.hsm.cluster import HsmCluster
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.hsm import Hsm, Session
from moto_cks.hsm.keys import KeyObject, KeyTemplate, generate_key
from moto_cks.hsm.users import UserType


class LoginRefused(HsmError):
    """An HSM refused a login, and so nobody is logged in anywhere.

    Attributes:
        answers: what each HSM that was asked answered, by its ID; ``None`` for a good login.
    """

    def __init__(self, answers: dict[str, ReturnCode | None]) -> None:
        super().__init__(next(code for code in answers.values() if code is not None))
        self.answers = answers

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.answers,)


class ClusterSession:
    """A user's sessions on the HSMs of one cluster.

    Args:
        cluster: where to log in.
        user_type: the type of the user.
        name: its name.
        password: its password; kept for HSMs that join the cluster later.
        exclusive: see ``Hsm.login``.
        hsms: only these HSMs; by default all, now and later.
        ask_all: whether to ask the others, too, when an HSM has refused.
        certificate: the client's certificate chain for mutual TLS, PEM.

    Attributes:
        lost: the ID of an HSM that was lost while it worked for this user, until somebody has
            taken note of it.

    Raises:
        LoginRefused: what the first HSM that refuses answers; then nobody is logged in.
        HsmError: NO_HSM where there is none, NOT_INITIALIZED for the precrypto officer of a
            cluster that nobody has claimed: it is activated after that, not before.
    """

    def __init__(
        self,
        cluster: HsmCluster,
        user_type: UserType,
        name: str,
        password: str,
        *,
        exclusive: bool = False,
        hsms: Iterable[Hsm] | None = None,
        ask_all: bool = False,
        certificate: str = "",
    ) -> None:
        self.cluster = cluster
        self.user_type = user_type
        self.name = name
        self._password = password
        self._exclusive = exclusive
        self._certificate = certificate
        self._open = True
        self.lost: str | None = None
        self._sessions: dict[str, Session] = {}
        targets = list(cluster.hsms.values() if hsms is None else hsms)
        if not targets:
            raise HsmError(ReturnCode.NO_HSM)
        if user_type is UserType.PRECO and not cluster.claimed:
            raise HsmError(ReturnCode.NOT_INITIALIZED)
        self._login_everywhere(targets, ask_all)
        if hsms is None:
            cluster.subscribe(self)

    def __repr__(self) -> str:
        return f"<ClusterSession of {self.user_type.value} {self.name} on {list(self._sessions)}>"

    def __enter__(self) -> ClusterSession:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.logout()

    def _login_everywhere(self, targets: Iterable[Hsm], ask_all: bool) -> None:
        answers: dict[str, ReturnCode | None] = {}
        refused = False
        for hsm in targets:
            try:
                self._login(hsm)
                answers[hsm.id] = None
            except HsmError as refusal:
                answers[hsm.id] = refusal.code
                refused = True
                if not ask_all:
                    break
        if refused:
            self.logout()
            raise LoginRefused(answers)

    def _login(self, hsm: Hsm) -> None:
        voucher = hsm.admit(self._certificate)
        session = self._sessions[hsm.id] = hsm.login(
            self.user_type, self.name, self._password, exclusive=self._exclusive
        )
        session.voucher = voucher

    @property
    def exclusive(self) -> bool:
        """Whether it wants its user for itself."""
        return self._exclusive

    def sessions(self) -> list[Session]:
        """The open sessions; those on HSMs that have left the cluster are not."""
        return self.opened()

    def opened(self) -> list[Session]:
        """The same, whoever may use them."""
        return [session for session in self._sessions.values() if session.open]

    def hsm_joined(self, hsm: Hsm) -> None:
        """Log in to an HSM that has joined the cluster, as the client does when it is told.

        Where the HSM refuses, it is left out: to try again and again would lock the user.
        """
        with suppress(HsmError):
            self._login(hsm)

    def hsm_lost(self, hsm: Hsm) -> None:
        """Note that an HSM is gone in the midst of its work, where it worked for this user."""
        session = self._sessions.get(hsm.id)
        if session is not None and session.open:
            self.lost = hsm.id

    def interrupted(self) -> bool:
        """Whether what is done now was under way on an HSM that was lost; that is true once."""
        lost, self.lost = self.lost, None
        return lost is not None

    def logout(self) -> None:
        """Log out of every HSM, for good."""
        self._open = False
        self.cluster.unsubscribe(self)
        # Only the HSM that the client speaks to is told; the others see the connection end.
        for place, session in enumerate(self.opened()):
            if place:
                session.end()
            else:
                session.logout()
        self._sessions = {}

    # Users -----------------------------------------------------------------------------------

    def create_user(
        self, user_type: UserType, name: str, password: str, *, two_factor: bool = False
    ) -> None:
        """Create a user on every HSM of this session; see ``Session.create_user``."""
        for session in self._required():
            session.create_user(user_type, name, password, two_factor=two_factor)

    def delete_user(self, user_type: UserType, name: str) -> None:
        """Delete a user on every HSM of this session; see ``Session.delete_user``."""
        for session in self._required():
            session.delete_user(user_type, name)

    def change_password(self, user_type: UserType, name: str, password: str) -> None:
        """Change a password on every HSM of this session; see ``Session.change_password``."""
        for session in self._required():
            session.change_password(user_type, name, password)
        if (user_type, name) == (self.user_type, self.name):
            self.remember(password)

    def remember(self, password: str) -> None:
        """Log in with that password from now on."""
        self._password = password

    # Keys ------------------------------------------------------------------------------------

    def generate_key(
        self,
        label: str,
        template: KeyTemplate,
        *,
        handle: int | None = None,
        key_id: str = "",
        shared_with: frozenset[str] = frozenset(),
        value: bytes | None = None,
    ) -> int:
        """Generate a key in every HSM of the session.

        Args:
            label: CKA_LABEL.
            template: its attributes. A key with ``token=False`` ends with the session.
            handle: its handle, taken from the cluster before; by default the next one.
            key_id: CKA_ID.
            shared_with: the crypto users that may use it, too.
            value: its value; by default random numbers of an HSM.

        Returns:
            Its handle, the same everywhere.

        Raises:
            HsmError: NO_HSM, NOT_PERMITTED.
        """
        sessions = self._required()
        key = generate_key(
            self.cluster.take_handle() if handle is None else handle,
            label,
            sessions[0].user.name,
            template,
            key_id=key_id,
            shared_with=shared_with,
            value=value,
        )
        first, *others = sessions
        first.store_key(key)
        if template.token and others:
            key = first.extract_key(key.handle)
        for session in others:
            session.insert_key(key) if template.token else session.store_key(key)
        return key.handle

    def find_keys(self, label: str | None = None) -> list[int]:
        """The handles of the user's keys on the first HSM of the session."""
        return self._required()[0].find_keys(label)

    def key(self, handle: int) -> KeyObject:
        """A key, from the first HSM that has it.

        Raises:
            HsmError: KEY_NOT_FOUND where none has it, NO_HSM.
        """
        for session in self._required():
            if session.holds(handle):
                return session.key(handle)
        raise HsmError(ReturnCode.KEY_NOT_FOUND)

    def delete_key(self, handle: int) -> None:
        """Delete a key from every HSM of the session that has it.

        Raises:
            HsmError: KEY_NOT_FOUND where none has it, KEY_NOT_OWNED, KEY_FUNCTION_NOT_PERMITTED,
                NO_HSM.
        """
        holders = [session for session in self._required() if session.holds(handle)]
        if not holders:
            raise HsmError(ReturnCode.KEY_NOT_FOUND)
        for session in holders:
            session.delete_key(handle)

    def discard_keys(self, label: str) -> None:
        """Delete the user's keys that have a label, from the HSMs that do not refuse it."""
        for session in self.opened():
            with suppress(HsmError):
                for handle in session.find_keys(label):
                    session.delete_key(handle)

    def encrypt(self, handle: int, plaintext: bytes, aad: bytes) -> bytes:
        """Encrypt in an HSM; see ``KeyObject.encrypt``."""
        return self.key(handle).encrypt(plaintext, aad)

    def decrypt(self, handle: int, sealed: bytes, aad: bytes) -> bytes:
        """Decrypt in an HSM; see ``KeyObject.decrypt``."""
        return self.key(handle).decrypt(sealed, aad)

    def random(self, number_of_bytes: int) -> bytes:
        """Random bytes from an HSM."""
        return self._required()[0].random(number_of_bytes)

    def _required(self) -> list[Session]:
        if not self._open:
            raise HsmError(ReturnCode.NOT_LOGGED_IN)
        sessions = self.sessions()
        if not sessions:
            raise HsmError(ReturnCode.NO_HSM)
        return sessions

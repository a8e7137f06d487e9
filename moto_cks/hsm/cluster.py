"""A cluster of HSMs: which HSMs it has, and its identity."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from typing import Protocol

from moto_cks.hsm.backups import Snapshot
from moto_cks.hsm.certificates import Certificates
from moto_cks.hsm.condition import Condition
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.events import Observer, ignore
from moto_cks.hsm.hsm import FACTORY_PASSWORD, PRECRYPTO_OFFICER, Hsm, Session
from moto_cks.hsm.key_pool import KeySource, new_key
from moto_cks.hsm.logbook import Logbook, Opcode, nobody
from moto_cks.hsm.logging_hsm import LoggingHsm, never
from moto_cks.hsm.users import Clock, UserType, no_clock

FIRST_KEY_HANDLE = 262152


class Client(Protocol):
    """Who is told when an HSM joins a cluster, and when one is lost."""

    @property
    def exclusive(self) -> bool:
        """Whether it wants its user for itself."""

    def hsm_joined(self, hsm: Hsm) -> None:
        """An HSM has joined."""

    def hsm_lost(self, hsm: Hsm) -> None:
        """An HSM is gone in the midst of its work."""

    def opened(self) -> list[Session]:
        """Its open sessions."""

    def logout(self) -> None:
        """Log out of every HSM, for good."""


class HsmCluster:
    """HSMs with one identity; a new one gets the users and keys of the others.

    Args:
        cluster_id: appears in the certificates.
        on_activation: called once, when the first officer password has been set.
        observer: told of logins and of changes of users on the HSMs.
        make_key: gives the key of its identity, which no other cluster may have.
        now: tells the HSMs the time.
        condition: what holds for all its HSMs.
        books: where the logbooks of its HSMs go, by HSM ID.
        written: called after each new entry in one of them.
        busy: asked for each command with keys or random numbers whether the HSMs are too busy.

    Attributes:
        hsms: the HSMs by ID, oldest first.
        condition: what holds for all its HSMs.
        books: their logbooks, and those of HSMs that are gone.
        certificates: the identity; ``None`` until the first HSM makes it.
    """

    def __init__(
        self,
        cluster_id: str,
        on_activation: Callable[[], None] | None = None,
        observer: Observer = ignore,
        make_key: KeySource = new_key,
        now: Clock = no_clock,
        condition: Condition | None = None,
        books: dict[str, Logbook] | None = None,
        written: Callable[[], None] = nobody,
        busy: Callable[[], bool] = never,
    ) -> None:
        self.id = cluster_id
        self.condition = condition or Condition()
        self.hsms: dict[str, LoggingHsm] = {}
        self.books = {} if books is None else books
        self.certificates: Certificates | None = None
        self._clients: list[Client] = []
        self.activated = False
        self._handles: Iterator[int] = itertools.count(FIRST_KEY_HANDLE)
        self._on_activation = on_activation
        self._observer = observer
        self._make_key = make_key
        self._now = now
        self._written = written
        self._busy = busy

    def __repr__(self) -> str:
        return f"<HsmCluster {self.id}: {list(self.hsms)}>"

    @property
    def claimed(self) -> bool:
        """Whether it is initialized: a customer has signed its CSR."""
        return self.certificates is not None and self.certificates.claimed

    def add_hsm(self, hsm_id: str, snapshot: Snapshot | None = None) -> LoggingHsm:
        """Bring up one HSM more.

        The first one of a new cluster makes its identity. Every other HSM comes up with the
        content of a snapshot: one of the HSMs that are there, or that of a backup.
        """
        book = self.books[hsm_id] = Logbook(self._now, self._written)
        hsm = LoggingHsm(
            hsm_id, self._promoted, self._observer, self._now, self.condition, book, self._busy
        )
        if snapshot is None and self.hsms:
            snapshot = self.snapshot()
        if snapshot is not None:
            self._restore(hsm, snapshot)
        elif self.certificates is None:
            self.certificates = Certificates.manufacture(hsm_id, self._make_key)
            hsm.initialized()
        hsm.on_readmission = self._readmit
        for client in self._clients:
            client.hsm_joined(hsm)
        self.hsms[hsm_id] = hsm
        return hsm

    def _readmit(self, hsm: Hsm) -> None:
        """Let KMS connect anew, as its client does when it can; others have to log in again."""
        for client in tuple(self._clients):
            if client.exclusive:
                client.hsm_joined(hsm)

    def _restore(self, hsm: Hsm, snapshot: Snapshot) -> None:
        hsm.load(snapshot.users, snapshot.keys, snapshot.next_user_id)
        hsm.policies = snapshot.policies
        self.take_identity(snapshot)

    def take_identity(self, snapshot: Snapshot) -> None:
        """Take over the identity of a backup; its users and keys come with the first HSM."""
        self.certificates = snapshot.certificates
        self._handles = snapshot.handles
        self.activated = any(user.type is UserType.CO for user in snapshot.users)

    def exchange_hsm(self, hsm_id: str, snapshot: Snapshot) -> None:
        """Put another device with the content of a snapshot in the place of an HSM.

        The sessions on it end, and the clients log in anew, as they would to one that joins.

        Raises:
            KeyError: there is no such HSM.
        """
        hsm = self.hsms[hsm_id]
        hsm.cut_off()
        hsm.load(snapshot.users, snapshot.keys, snapshot.next_user_id)
        hsm.policies = snapshot.policies
        for client in self._clients:
            client.hsm_joined(hsm)

    def remove_hsm(self, hsm_id: str) -> None:
        """Take an HSM out; its sessions end.

        Raises:
            KeyError: there is no such HSM.
        """
        self.hsms[hsm_id].power_off()
        self.hsms.pop(hsm_id)
        if not self.hsms and self.certificates is not None and not self.certificates.claimed:
            self.certificates = None  # its key was in that HSM; the next first HSM makes another

    def lose_hsm(self, hsm_id: str, *, failed: bool) -> None:
        """Take an HSM out that AWS is going to replace: what it is doing comes to nothing.

        Args:
            hsm_id: which.
            failed: whether it does not work any more.

        Raises:
            KeyError: there is no such HSM.
        """
        hsm = self.hsms[hsm_id]
        if failed:
            hsm.fail()
        for client in self._clients:
            client.hsm_lost(hsm)
        self.remove_hsm(hsm_id)

    def subscribe(self, client: Client) -> None:
        """Tell a client from now on which HSMs join and which are lost."""
        self._clients.append(client)

    def unsubscribe(self, client: Client) -> None:
        """Tell a client no more; nothing where it has not been told."""
        if client in self._clients:
            self._clients.remove(client)

    def dismiss(self, but: Collection[Client]) -> None:
        """End all logins, as if the programs had ended in which somebody has logged in.

        Args:
            but: these stay; so do those that want their user for themselves, which is KMS.
        """
        for client in tuple(self._clients):
            if client not in but and not client.exclusive:
                client.logout()
        staying = {id(session) for client in self._clients for session in client.opened()}
        for hsm in self.hsms.values():
            hsm.dismiss(staying)

    def dismiss_exclusive(self) -> None:
        """End all logins that want their user for themselves."""
        for client in tuple(self._clients):
            if client.exclusive:
                client.logout()
        for hsm in self.hsms.values():
            hsm.dismiss([id(session) for session in hsm.sessions if not session.exclusive])

    def snapshot(self, hsm_id: str | None = None) -> Snapshot:
        """The content of an HSM, by default the oldest one.

        Raises:
            HsmError: NO_HSM.
        """
        if not self.hsms or self.certificates is None:
            raise HsmError(ReturnCode.NO_HSM)
        hsm = self.hsms[hsm_id] if hsm_id else next(iter(self.hsms.values()))
        return Snapshot(
            users=tuple(user.copy() for user in hsm.users),
            keys=dict(hsm.keys),
            certificates=self.certificates,
            handles=self._handles,
            next_user_id=hsm.next_user_id,
            policies=hsm.policies,
        )

    def back_up(self, hsm_id: str | None = None) -> Snapshot:
        """The same for a backup, which the HSM writes down.

        Raises:
            HsmError: NO_HSM.
        """
        snapshot = self.snapshot(hsm_id)
        hsm = self.hsms[hsm_id] if hsm_id else next(iter(self.hsms.values()))
        session = hsm.book.next_session()
        for opcode in (Opcode.BACKUP_BEGIN, Opcode.BACKUP_END):
            hsm.book.write(opcode, session)
        return snapshot

    def initialize(self, signed_certificate: str, trust_anchor: str) -> None:
        """Claim the cluster with a certificate for its CSR.

        Args:
            signed_certificate: the cluster certificate, PEM.
            trust_anchor: the self-signed certificate of who signed it, PEM.

        Raises:
            HsmError: NO_HSM, there is no CSR to be signed yet.
            CertificateError: the certificates are not what they should be.
        """
        if self.certificates is None:
            raise HsmError(ReturnCode.NO_HSM)
        self.certificates = self.certificates.claimed_by(signed_certificate, trust_anchor)
        for hsm in self.hsms.values():
            hsm.book.write(Opcode.CERT_AUTH_STORE_CERT)

    def activate(self, officer_password: str) -> None:
        """Log in as the precrypto officer and set its password, on every HSM.

        Raises:
            HsmError: NO_HSM, NOT_INITIALIZED for a cluster that is not initialized,
                USER_NOT_FOUND where it was activated before, INVALID_PASSWORD.
        """
        if not self.hsms:
            raise HsmError(ReturnCode.NO_HSM)
        if not self.claimed:
            raise HsmError(ReturnCode.NOT_INITIALIZED)
        for hsm in self.hsms.values():
            session = hsm.login(UserType.PRECO, PRECRYPTO_OFFICER, FACTORY_PASSWORD)
            try:
                session.change_password(UserType.PRECO, PRECRYPTO_OFFICER, officer_password)
            finally:
                session.logout()

    def _promoted(self) -> None:
        if not self.activated and all(self._has_officer(hsm) for hsm in self.hsms.values()):
            self.activated = True
            if self._on_activation is not None:
                self._on_activation()

    @staticmethod
    def _has_officer(hsm: Hsm) -> bool:
        return any(user.type is UserType.CO for user in hsm.users)

    def take_handle(self) -> int:
        """The next key handle; each is given once in all clusters with the same identity."""
        return next(self._handles)

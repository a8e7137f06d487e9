"""What an officer tells an HSM about quorum authentication and mutual TLS."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from moto_cks.hsm.condition import Condition
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.policies import MAX_TRUST_ANCHORS, NO_QUORUM, QUORUM, Policies, Service
from moto_cks.hsm.quorum import LIFETIME, Approval, QuorumToken, is_signed
from moto_cks.hsm.trust_anchors import checked_trust_anchor
from moto_cks.hsm.users import Clock, User, UserType

DEFAULT_ADMIN = "admin"
"""The only officer who may set the enforcement of mutual TLS."""


class PolicyHost(Protocol):
    """What of an HSM its policies are about."""

    now: Clock
    condition: Condition
    policies: Policies
    tokens: list[QuorumToken]

    @property
    def users(self) -> list[User]:
        """Its users."""

    def find_user(self, user_type: UserType, name: str) -> User | None:
        """A user by type and name, if there is one."""

    def enforce_mtls(self, enforced: bool) -> None:
        """Let in only whom a trust anchor vouches for, or everybody again."""

    def drop_vouched_by(self, reference: int) -> None:
        """End the connections of clients for whom a trust anchor has vouched."""


class PolicyCommands(ABC):
    """The commands of a login that are about policies.

    While the HSMs take no changes, each of them is refused with LIMITED_WRITES.

    Attributes:
        hsm: where.
        user: who.
        id: names the login.
        voucher: the reference of the trust anchor that vouches for the client; ``None`` for
            a connection without mutual TLS.
        approvals: what officers have signed for the command that comes now.
        for_all: whether it stands for all officers together, whose approval it does not need.
    """

    __slots__ = ()

    hsm: PolicyHost
    user: User
    id: str
    voucher: int | None
    approvals: list[Approval]
    for_all: bool

    @abstractmethod
    def _require(self, *user_types: UserType) -> None:
        """Refuse a user of another type, and whoever has logged out."""

    def _require_change(self) -> None:
        self._require(UserType.CO)
        self.hsm.condition.require_writes()

    # Quorum ----------------------------------------------------------------------------------

    @contextmanager
    def approved(self, approval: Approval | None) -> Iterator[None]:
        """A context in which a command has that approval; if it succeeds, its token is used up."""
        if approval is None:
            yield
            return
        self.approvals.append(approval)
        try:
            yield
        finally:
            self.approvals.remove(approval)
        self.hsm.tokens = [token for token in self.hsm.tokens if token.data not in approval.data]

    def _require_quorum(self, service: Service) -> None:
        """As many officers as the quorum value says must have approved.

        Raises:
            HsmError: QUORUM_NEEDED.
        """
        value = self.hsm.policies.quorum_value(service)
        if value == NO_QUORUM or self.for_all:
            return
        if not any(
            self._has_token(service, approval) and len(self._approvers(approval)) >= value
            for approval in self.approvals
        ):
            raise HsmError(ReturnCode.QUORUM_NEEDED)

    def _has_token(self, service: Service, approval: Approval) -> bool:
        return any(
            token.service is service
            and token.session_id == self.id
            and token.data in approval.data
            and token.lives(self.hsm.now())
            for token in self.hsm.tokens
        )

    def _approvers(self, approval: Approval) -> set[str]:
        return {
            officer.name
            for name, signature in approval.signatures
            if (officer := self.hsm.find_user(UserType.CO, name)) is not None
            and is_signed(officer.quorum_key, approval.digest, signature)
        }

    def register_quorum_key(self, public_key: str, proof: Approval) -> None:
        """Register the key with which this officer will sign tokens.

        Args:
            public_key: an RSA key, PEM.
            proof: something that the officer has signed with it.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, SIGNATURE_INVALID.
        """
        self._require_change()
        if not any(is_signed(public_key, proof.digest, made) for _, made in proof.signatures):
            raise HsmError(ReturnCode.SIGNATURE_INVALID)
        self.user.quorum_key = public_key

    def new_quorum_token(self, service: Service) -> bytes:
        """Make a token for a command of a service; returns its data.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, NO_QUORUM_SET, QUORUM_TOKEN_EXISTS.
        """
        self._require_change()
        if self.hsm.policies.quorum_value(service) == NO_QUORUM:
            raise HsmError(ReturnCode.NO_QUORUM_SET)
        now = self.hsm.now()
        tokens = [token for token in self.hsm.tokens if token.lives(now)]
        if any((t.service, t.username) == (service, self.user.name) for t in tokens):
            raise HsmError(ReturnCode.QUORUM_TOKEN_EXISTS)
        until = None if now is None else now + LIFETIME
        token = QuorumToken(service, self.user.name, self.id, until)
        self.hsm.tokens = [*tokens, token]
        return token.data

    def delete_quorum_tokens(self, *, of_all: bool) -> None:
        """Delete the tokens of this officer, or those of everybody.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED.
        """
        self._require_change()
        mine = self.user.name
        self.hsm.tokens = [t for t in self.hsm.tokens if not of_all and t.username != mine]

    def set_quorum_value(self, service: Service, value: int) -> None:
        """Set how many officers have to approve the commands of a service.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, QUORUM_NEEDED; INVALID_QUORUM_VALUE, it is none
                of 1 to 8, or there are not as many officers.
        """
        self._require_change()
        self._require_quorum(Service.QUORUM)
        officers = sum(user.type is UserType.CO for user in self.hsm.users)
        if value != NO_QUORUM and not (value in QUORUM and value <= officers):
            raise HsmError(ReturnCode.INVALID_QUORUM_VALUE)
        self.hsm.policies = self.hsm.policies.with_quorum_value(service, value)

    # Mutual TLS ------------------------------------------------------------------------------

    def register_trust_anchor(self, reference: int, certificate: str) -> None:
        """Register a trust anchor of clients.

        Args:
            reference: what it is to be called by.
            certificate: a self-signed certificate, or a chain up to one, PEM.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, QUORUM_NEEDED, INVALID_TRUST_ANCHOR,
                TRUST_ANCHOR_EXISTS, TOO_MANY_TRUST_ANCHORS.
        """
        self._require_change()
        self._require_quorum(Service.CLUSTER)
        anchor = checked_trust_anchor(certificate)
        present = self.hsm.policies.trust_anchors
        if anchor in present.values():
            raise HsmError(ReturnCode.TRUST_ANCHOR_EXISTS)
        if len(present) == MAX_TRUST_ANCHORS or reference in present:
            raise HsmError(ReturnCode.TOO_MANY_TRUST_ANCHORS)
        self.hsm.policies = self.hsm.policies.with_trust_anchor(reference, anchor)

    def deregister_trust_anchor(self, reference: int) -> None:
        """Vouch for clients by a trust anchor no more; the connections that it vouches for end.

        Raises:
            HsmError: NOT_LOGGED_IN, NOT_PERMITTED, QUORUM_NEEDED, TRUST_ANCHOR_NOT_FOUND.
        """
        self._require_change()
        self._require_quorum(Service.CLUSTER)
        if reference not in self.hsm.policies.trust_anchors:
            raise HsmError(ReturnCode.TRUST_ANCHOR_NOT_FOUND)
        self.hsm.policies = self.hsm.policies.without_trust_anchor(reference)
        self.hsm.drop_vouched_by(reference)

    def set_mtls_enforcement(self, enforced: bool) -> None:
        """Enforce mutual TLS, which ends all other connections, or enforce it no more.

        Raises:
            HsmError: NOT_LOGGED_IN; NOT_PERMITTED to any officer but admin; MTLS_NEEDED, this
                connection is without; QUORUM_NEEDED; NO_TRUST_ANCHOR.
        """
        self._require_change()
        if not self.for_all:
            if self.user.name.lower() != DEFAULT_ADMIN:
                raise HsmError(ReturnCode.NOT_PERMITTED)
            if self.voucher is None:
                raise HsmError(ReturnCode.MTLS_NEEDED)
        self._require_quorum(Service.CLUSTER)
        if enforced and not self.hsm.policies.trust_anchors:
            raise HsmError(ReturnCode.NO_TRUST_ANCHOR)
        self.hsm.enforce_mtls(enforced)

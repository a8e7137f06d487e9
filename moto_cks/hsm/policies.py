"""What officers have set for an HSM as a whole: quorum values, and mutual TLS.

AWS CloudHSM User Guide: "Supported service names and types for quorum authentication" and "Set up
mutual TLS between client and AWS CloudHSM". Each HSM has its own; a backup holds them, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from moto_cks.enums import StrEnum
from moto_cks.hsm.trust_anchors import vouches

MAX_TRUST_ANCHORS = 2
QUORUM = range(2, 9)
"""The values with which a service needs a quorum."""

NO_QUORUM = 1
"""The value with which it needs none."""


class Service(StrEnum):
    """A group of commands that can need a quorum of officers."""

    USER = "user"
    """Create and delete users, change the password or second factor of others."""
    QUORUM = "quorum"
    """Set quorum values."""
    CLUSTER = "cluster"
    """Register and deregister trust anchors, set the enforcement of mutual TLS."""


ServiceName: TypeAlias = Literal["user", "quorum", "cluster"]
"""The same, for type checkers, as users write it."""

LevelName: TypeAlias = Literal["none", "cluster"]
"""Whether mutual TLS is enforced."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of an HSM. They never change: where one is set, others take their place.

    Attributes:
        quorums: how many officers have to approve, by service; those that are missing need
            no quorum.
        trust_anchors: the certificates that vouch for clients, PEM, by certificate reference.
        mtls_enforced: whether only clients are let in for whom one of them vouches.
    """

    quorums: Mapping[Service, int] = field(default_factory=dict)
    trust_anchors: Mapping[int, str] = field(default_factory=dict, repr=False)
    mtls_enforced: bool = False

    def quorum_value(self, service: Service) -> int:
        """How many officers have to approve a command of a service."""
        return self.quorums.get(service, NO_QUORUM)

    def with_quorum_value(self, service: Service, value: int) -> Policies:
        """The same with another quorum value."""
        return replace(self, quorums={**self.quorums, service: value})

    def with_trust_anchor(self, reference: int, certificate: str) -> Policies:
        """The same with one trust anchor more."""
        return replace(self, trust_anchors={**self.trust_anchors, reference: certificate})

    def without_trust_anchor(self, reference: int) -> Policies:
        """The same with one trust anchor less."""
        left = {number: pem for number, pem in self.trust_anchors.items() if number != reference}
        return replace(self, trust_anchors=left)

    def with_mtls(self, enforced: bool) -> Policies:
        """The same with mutual TLS enforced, or not."""
        return replace(self, mtls_enforced=enforced)

    def voucher(self, certificate: str) -> int | None:
        """The reference of the trust anchor that vouches for a client.

        Args:
            certificate: the certificate chain of the client, PEM; ``""`` where it has none.
        """
        if not certificate:
            return None
        anchors = self.trust_anchors.items()
        return next((number for number, anchor in anchors if vouches(anchor, certificate)), None)

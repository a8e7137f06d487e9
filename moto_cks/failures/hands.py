"""What failures are brought about and repaired with: clients, and the hands on the HSMs.

The floors above give them; these protocols say what of them is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moto_cks.failures.instructions import Tool
from moto_cks.hsm import ClusterSession, KeyObject, User, UserTypeName
from moto_cks.hsm.policies import LevelName, Policies, ServiceName
from moto_cks.tools.turns import RunningTool


class HsmHands(Protocol):
    """One HSM of a cluster."""

    id: str
    availability_zone: str

    @property
    def users(self) -> tuple[User, ...]:
        """Its users."""

    @property
    def keys(self) -> tuple[KeyObject, ...]:
        """Its keys."""

    @property
    def policies(self) -> Policies:
        """What officers have set for it."""


class ClusterHands(Protocol):
    """A cluster in the hands of a crypto officer."""

    id: str

    @property
    def admin_password(self) -> str | None:
        """The password of the crypto officer ``admin``, where it is known."""

    @property
    def trust_anchor(self) -> str | None:
        """The certificate with which the cluster was initialized, PEM."""

    @property
    def hsms(self) -> Sequence[HsmHands]:
        """Its active HSMs, oldest first."""

    def create_user(
        self,
        user_type: UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[str] | None = None,
        two_factor: bool = False,
    ) -> None:
        """Create a user."""

    def change_password(
        self,
        user_type: UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[str] | None = None,
    ) -> None:
        """Change a password."""

    def delete_user(
        self, user_type: UserTypeName, name: str, *, hsms: Iterable[str] | None = None
    ) -> None:
        """Delete a user."""

    def login(
        self,
        user_type: UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[str] | None = None,
    ) -> ClusterSession:
        """Log in, until the session logs out."""

    def set_quorum_value(
        self, service: ServiceName, value: int, *, hsms: Iterable[str] | None = None
    ) -> None:
        """Set how many officers have to approve."""

    def register_trust_anchor(self, certificate: str, *, hsms: Iterable[str] | None = None) -> int:
        """Register a certificate that vouches for clients."""

    def set_mtls_enforcement(self, level: LevelName, *, hsms: Iterable[str] | None = None) -> None:
        """Enforce mutual TLS, or not."""

    def delete_key(self, handle: int, *, hsms: Iterable[str] | None = None) -> None:
        """Delete a key from the HSMs."""

    def replace_hsm(self, hsm: str, *, failed: bool = False) -> HsmHands:
        """Have AWS replace an HSM."""


class Clients(Protocol):
    """boto3 clients in one account and Region, which retry nothing."""

    @property
    def kms(self) -> Any:
        """KMS."""

    @property
    def cloudhsmv2(self) -> Any:
        """CloudHSM."""

    @property
    def ec2(self) -> Any:
        """EC2."""

    @property
    def cloudtrail(self) -> Any:
        """CloudTrail."""


@dataclass(frozen=True)
class Hands:
    """What failures are brought about and repaired with.

    Attributes:
        clients: boto3 clients, by account and Region.
        cluster: the handle on a cluster by its ID; a KeyError where there is none.
        create_cluster: builds a cluster that is ready for a key store, in a Region and account.
        advance: lets time pass: ``days``, ``hours``, ``minutes``, ``seconds``.
        tools: what starts a tool of the HSMs on a cluster.
    """

    clients: Callable[[str, str], Clients]
    cluster: Callable[[str], ClusterHands]
    create_cluster: Callable[..., ClusterHands]
    advance: Callable[..., object]
    tools: Mapping[Tool, Callable[[str], RunningTool]]

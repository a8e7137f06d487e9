"""The handle on a cluster: its hardware, in the hands of a crypto officer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moto_cks.hsm import ClusterSession, KeyObject, User, UserType, UserTypeName
    from moto_cks.hsm.policies import LevelName, Policies, ServiceName


class HsmHandle(ABC):
    """One HSM of a cluster; once it has left that, it shows nothing any more.

    Of a world that is over it keeps what it is called; all else is a RuntimeError.

    Attributes:
        id: the HSM ID.
        eni_ip: its address.
        availability_zone: where it is.
    """

    def __init__(self, hsm_id: str, eni_ip: str, availability_zone: str) -> None:
        self.id = hsm_id
        self.eni_ip = eni_ip
        self.availability_zone = availability_zone

    def __repr__(self) -> str:
        return f"<HSM {self.id} at {self.eni_ip}>"

    @property
    @abstractmethod
    def users(self) -> tuple[User, ...]:
        """Its users now: ``id``, ``type``, ``name``, ``login_failures``, ``locked``."""

    @property
    @abstractmethod
    def keys(self) -> tuple[KeyObject, ...]:
        """Its keys now: ``handle``, ``label``, ``owner``, ``key_id``; never their value.

        ``key_id`` of the material of a KMS key is its ``backingKeyId`` in CloudTrail.
        """

    @property
    @abstractmethod
    def policies(self) -> Policies:
        """What officers have set for it: ``quorums``, ``trust_anchors``, ``mtls_enforced``."""


class Cluster(ABC):
    """A CloudHSM cluster, seen by who has the HSMs at hand and the rights of a crypto officer.

    Of a world that is over it keeps what it is called; all else is a RuntimeError.

    Attributes:
        id: the cluster ID.
        region: its Region.
        account_id: its account.
    """

    def __init__(self, cluster_id: str, account_id: str, region: str) -> None:
        self.id = cluster_id
        self.account_id = account_id
        self.region = region

    def __repr__(self) -> str:
        return f"<Cluster {self.id} in {self.region}>"

    @abstractmethod
    def require_world(self) -> None:
        """Its world must not be over.

        Raises:
            RuntimeError: it is.
        """

    @property
    @abstractmethod
    def trust_anchor(self) -> str | None:
        """The certificate with which the cluster was initialized (customerCA.crt), PEM."""

    @property
    @abstractmethod
    def admin_password(self) -> str | None:
        """The password of the crypto officer ``admin``, where this handle has set it."""

    @property
    @abstractmethod
    def vpc_id(self) -> str:
        """The VPC of the cluster."""

    @property
    @abstractmethod
    def subnet_ids(self) -> list[str]:
        """The subnets in the cluster's configuration."""

    @property
    @abstractmethod
    def hsms(self) -> list[HsmHandle]:
        """Its active HSMs, oldest first."""

    @abstractmethod
    def replace_hsm(self, hsm: HsmHandle | str, *, failed: bool = False) -> HsmHandle:
        """Have AWS replace an HSM, as it does for maintenance or when one fails.

        The new one has another ID and another log stream, and is in the same Availability Zone with
        the same network interface. What KMS was doing on the other one fails, once. Before the
        cluster is initialized, its CSR is another one afterwards. See "AWS CloudHSM cluster
        management best practices" in the AWS CloudHSM User Guide.

        Args:
            hsm: the HSM to be replaced, by its handle or its ID.
            failed: it has failed, so no backup is made of it before: keys and users that are on no
                other HSM and in no backup are lost.

        Returns:
            The new HSM, which takes the time that ``cloudhsmv2::hsm`` has been set to.

        Raises:
            ValueError: the cluster has no such HSM in service, or is in a state that does not last.
        """

    # Claiming the cluster --------------------------------------------------------------------

    @abstractmethod
    def sign_csr(self) -> tuple[str, str]:
        """Sign the cluster's CSR with a new CA, for InitializeCluster.

        Returns:
            SignedCert and TrustAnchor, PEM.

        Raises:
            HsmError: NO_HSM, there is no CSR before the first HSM.
        """

    @abstractmethod
    def activate(self, admin_password: str) -> None:
        """Set the first officer's password; the cluster becomes ACTIVE.

        Raises:
            HsmError: NO_HSM, NOT_INITIALIZED, INVALID_PASSWORD, USER_NOT_FOUND a second time.
        """

    # Users -----------------------------------------------------------------------------------

    @abstractmethod
    def create_user(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
        two_factor: bool = False,
    ) -> None:
        """Create a user.

        Args:
            user_type: ``CU`` or ``CO``.
            name: 1 to 31 letters, digits and underscores.
            password: 7 to 32 characters.
            hsms: only on these HSMs (handles or IDs); by default on all.
            two_factor: the user will need a second factor to log in.

        Raises:
            HsmError: USER_EXISTS, INVALID_USER_NAME, INVALID_PASSWORD, INVALID_USER_TYPE, NO_HSM.
        """

    @abstractmethod
    def change_password(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        """Change a user's password, and unlock the user.

        Raises:
            HsmError: USER_NOT_FOUND, USER_LOGGED_IN (kmsuser, while KMS is connected),
                INVALID_PASSWORD, NO_HSM.
        """

    @abstractmethod
    def delete_user(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        """Delete a user.

        Raises:
            HsmError: USER_NOT_FOUND, USER_LOGGED_IN, USER_OWNS_KEYS, NO_HSM.
        """

    @abstractmethod
    def login(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        password: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> ClusterSession:
        """Log in as a tool does; the session stays open until its ``logout()``.

        Raises:
            HsmError: AUTHENTICATION_FAILED, USER_LOCKED_OUT, USER_NOT_FOUND, USER_LOGGED_IN,
                NO_HSM, NOT_INITIALIZED for the precrypto officer of a cluster without certificate.
        """

    # Policies --------------------------------------------------------------------------------

    @abstractmethod
    def set_quorum_value(
        self,
        service: ServiceName,
        value: int,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        """Set how many officers have to approve what a user of a tool does.

        What is done by this handle is done by all of them together.

        Args:
            service: ``user``, ``quorum`` or, of hsm2m.medium clusters, ``cluster``.
            value: 2 to 8, and not more than there are officers; 1 for no quorum.
            hsms: only on these HSMs; by default on all.

        Raises:
            ValueError: there is no such service, or HSMs of that type do not know it.
            HsmError: INVALID_QUORUM_VALUE, NO_HSM.
        """

    @abstractmethod
    def register_trust_anchor(
        self, certificate: str, *, hsms: Iterable[HsmHandle | str] | None = None
    ) -> int:
        """Register a certificate that vouches for clients in mutual TLS.

        Args:
            certificate: a self-signed certificate, or a chain up to one, PEM.
            hsms: only on these HSMs; by default on all.

        Returns:
            The certificate reference.

        Raises:
            ValueError: HSMs of that type do not know mutual TLS.
            HsmError: INVALID_TRUST_ANCHOR, TRUST_ANCHOR_EXISTS, TOO_MANY_TRUST_ANCHORS, NO_HSM.
        """

    @abstractmethod
    def set_mtls_enforcement(
        self, level: LevelName, *, hsms: Iterable[HsmHandle | str] | None = None
    ) -> None:
        """Enforce mutual TLS, which cuts off everybody without a certificate: KMS has none.

        Args:
            level: ``cluster`` or ``none``.
            hsms: only on these HSMs; by default on all.

        Raises:
            ValueError: there is no such level, or HSMs of that type do not know mutual TLS.
            HsmError: NO_TRUST_ANCHOR, NO_HSM.
        """

    # Keys ------------------------------------------------------------------------------------

    @abstractmethod
    def key_of(self, key_id: str) -> int:
        """The key handle by which the HSMs know the key material of a KMS key.

        KMS knows it, so it is also that of material which the HSMs do not have any more.

        Args:
            key_id: its key ID, key ARN or alias.

        Raises:
            KeyError: there is no such KMS key in a key store of this cluster, or of one with which
                it shares a backup history.
        """

    @abstractmethod
    def delete_key(self, handle: int, *, hsms: Iterable[HsmHandle | str] | None = None) -> None:
        """Delete a key from the HSMs, whoever owns it and whoever is logged in.

        Args:
            handle: its key handle.
            hsms: only from these HSMs; by default from all.

        Raises:
            HsmError: KEY_NOT_FOUND where none of them has it, NO_HSM.
        """

"""The handle on a cluster: its hardware, in the hands of a crypto officer."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.hsms import CloudHsm
from moto_cks.hsm import (
    ClusterSession,
    Hsm,
    HsmCluster,
    HsmError,
    KeyObject,
    ReturnCode,
    User,
    UserType,
)
from moto_cks.hsm.certificates import sign_csr
from moto_cks.world.lock import WORLD

# What the handles have set. Not an attribute of the cluster: moto's dashboard shows those.
_PASSWORDS: WeakKeyDictionary[HsmCluster, dict[str, str]] = WeakKeyDictionary()


def _officer_passwords(cluster: CloudHsmCluster) -> dict[str, str]:
    return _PASSWORDS.setdefault(cluster.hardware, {})


class HsmHandle:
    """One HSM of a cluster.

    Attributes:
        id: the HSM ID.
        eni_ip: its address.
        availability_zone: where it is.
    """

    def __init__(self, hsm: CloudHsm, hardware: Hsm) -> None:
        self.id: str = hsm.hsm_id
        self.eni_ip: str = hsm.eni_ip
        self.availability_zone: str = hsm.availability_zone
        self._hardware = hardware

    def __repr__(self) -> str:
        return f"<HSM {self.id} at {self.eni_ip}>"

    @property
    def users(self) -> tuple[User, ...]:
        """Its users now: ``id``, ``type``, ``name``, ``login_failures``, ``locked``."""
        with WORLD:
            return tuple(user.copy() for user in self._hardware.users)

    @property
    def keys(self) -> tuple[KeyObject, ...]:
        """Its keys now: ``handle``, ``label``, ``owner``, ``template``; never their value."""
        with WORLD:
            return tuple(self._hardware.keys.values())


class Cluster:
    """A CloudHSM cluster, seen by who has the HSMs at hand and the rights of a crypto officer.

    Attributes:
        id: the cluster ID.
        region: its Region.
        account_id: its account.
    """

    def __init__(self, cluster: CloudHsmCluster, account_id: str, region: str) -> None:
        self._cluster = cluster
        self.id: str = cluster.cluster_id
        self.account_id = account_id
        self.region = region

    def __repr__(self) -> str:
        return f"<Cluster {self.id} in {self.region}>"

    @property
    def trust_anchor(self) -> str | None:
        """The certificate with which the cluster was initialized (customerCA.crt), PEM."""
        certificates = self._cluster.certificates
        return certificates.trust_anchor or None if certificates is not None else None

    @property
    def admin_password(self) -> str | None:
        """The password of the crypto officer ``admin``, where this handle has set it."""
        return _officer_passwords(self._cluster).get("admin")

    @property
    def vpc_id(self) -> str:
        """The VPC of the cluster."""
        return self._cluster.vpc_id

    @property
    def subnet_ids(self) -> list[str]:
        """The subnets in the cluster's configuration."""
        return list(self._cluster.subnet_mapping.values())

    @property
    def hsms(self) -> list[HsmHandle]:
        """Its active HSMs, oldest first."""
        with WORLD:
            hardware = self._cluster.hardware
            return [
                HsmHandle(hsm, hardware.hsms[hsm.hsm_id]) for hsm in self._cluster.active_hsms()
            ]

    # Claiming the cluster --------------------------------------------------------------------

    def sign_csr(self) -> tuple[str, str]:
        """Sign the cluster's CSR with a new CA, for InitializeCluster.

        Returns:
            SignedCert and TrustAnchor, PEM.

        Raises:
            HsmError: NO_HSM, there is no CSR before the first HSM.
        """
        with WORLD:
            certificates = self._cluster.certificates
            if certificates is None:
                raise HsmError(ReturnCode.NO_HSM)
            return sign_csr(certificates.csr)

    def activate(self, admin_password: str) -> None:
        """Set the first officer's password; the cluster becomes ACTIVE.

        Raises:
            HsmError: NO_HSM, NOT_INITIALIZED, INVALID_PASSWORD, USER_NOT_FOUND a second time.
        """
        with WORLD:
            self._cluster.hardware.activate(admin_password)
            _officer_passwords(self._cluster)["admin"] = admin_password

    # Users -----------------------------------------------------------------------------------

    def create_user(
        self,
        user_type: UserType | str,
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
        with WORLD:
            for hsm in self._targets(hsms):
                hsm.officer_session().create_user(
                    UserType(user_type), name, password, two_factor=two_factor
                )

    def change_password(
        self,
        user_type: UserType | str,
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
        with WORLD:
            for hsm in self._targets(hsms):
                hsm.officer_session().change_password(UserType(user_type), name, password)
            if UserType(user_type) is UserType.CO:
                _officer_passwords(self._cluster)[name] = password

    def delete_user(
        self,
        user_type: UserType | str,
        name: str,
        *,
        hsms: Iterable[HsmHandle | str] | None = None,
    ) -> None:
        """Delete a user.

        Raises:
            HsmError: USER_NOT_FOUND, USER_LOGGED_IN, USER_OWNS_KEYS, NO_HSM.
        """
        with WORLD:
            for hsm in self._targets(hsms):
                hsm.officer_session().delete_user(UserType(user_type), name)

    def login(
        self,
        user_type: UserType | str,
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
        with WORLD:
            targets = None if hsms is None else self._targets(hsms)
            return ClusterSession(
                self._cluster.hardware, UserType(user_type), name, password, hsms=targets
            )

    # Keys ------------------------------------------------------------------------------------

    def delete_key(self, handle: int, *, hsms: Iterable[HsmHandle | str] | None = None) -> None:
        """Delete a key from the HSMs, whoever owns it and whoever is logged in.

        Args:
            handle: its key handle.
            hsms: only from these HSMs; by default from all.

        Raises:
            HsmError: KEY_NOT_FOUND where none of them has it, NO_HSM.
        """
        with WORLD:
            found = [hsm.destroy_key(handle) for hsm in self._targets(hsms)]
            if not any(found):
                raise HsmError(ReturnCode.KEY_NOT_FOUND)

    def _targets(self, chosen: Iterable[HsmHandle | str] | None) -> list[Hsm]:
        active = [hsm.id for hsm in self.hsms]
        if chosen is not None:
            ids = [hsm if isinstance(hsm, str) else hsm.id for hsm in chosen]
            unknown = set(ids) - set(active)
            if unknown:
                raise ValueError(f"No active HSM of {self.id}: {', '.join(sorted(unknown))}")
            active = ids
        if not active:
            raise HsmError(ReturnCode.NO_HSM)
        return [self._cluster.hardware.hsms[hsm_id] for hsm_id in active]

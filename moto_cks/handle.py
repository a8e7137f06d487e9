"""``cks``: the handle on the simulated world, for what no AWS API can do or would do slowly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks import builder
from moto_cks.clock import Clock
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
from moto_cks.locking import WORLD
from moto_cks.plugin import switch

DEFAULT_REGION = "us-east-1"

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
                NO_HSM.
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


class KeyStore:
    """A custom key store that :meth:`Cks.create_key_store` has made.

    Attributes:
        id: the custom key store ID.
        name: its name.
        cluster: the handle on its cluster.
        region: its Region.
    """

    def __init__(self, key_store_id: str, name: str, cluster: Cluster) -> None:
        self.id = key_store_id
        self.name = name
        self.cluster = cluster
        self.region = cluster.region

    def __repr__(self) -> str:
        return f"<KeyStore {self.id} {self.name!r}>"

    def create_key(self, **parameters: Any) -> str:
        """Create a KMS key in the key store.

        Args:
            parameters: parameters of CreateKey, by their names in the API.

        Returns:
            The key ID.

        Raises:
            botocore.exceptions.ClientError: what CreateKey answers.
        """
        kms = builder.Clients(self.cluster.account_id, self.region).kms
        answer = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=self.id, **parameters)
        return str(answer["KeyMetadata"]["KeyId"])


class Cks:
    """The handle: ``moto_cks.cks``, and what ``with mock_cks() as cks`` gives.

    Attributes:
        clock: the simulated clock.
    """

    def __init__(self) -> None:
        self.clock = Clock()

    def create_cluster(
        self,
        *,
        hsms: int = 2,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
        kmsuser_password: str = "kmsPswd1",
        **network: Any,
    ) -> Cluster:
        """Build an active cluster that is ready for a key store.

        VPC and private subnets, cluster, HSMs in different Availability Zones, a CA, initialize,
        activate, kmsuser: all of it through the mocked AWS APIs and the HSMs' own interface.

        Args:
            hsms: how many HSMs.
            region: where.
            account_id: whose.
            kmsuser_password: the password of the crypto user kmsuser.
            network: what to build on; see :class:`moto_cks.builder.NetworkPlan`.

        Raises:
            botocore.exceptions.ClientError: what AWS answers to parameters that cannot be.
            HsmError: INVALID_PASSWORD.
        """
        _require_mock()
        clients = builder.Clients(account_id, region)
        cluster_id = builder.create_cluster(clients, builder.NetworkPlan(**network))
        cluster = self.cluster(cluster_id)
        builder.add_hsm(clients, cluster_id, 0)
        signed_certificate, trust_anchor = cluster.sign_csr()
        clients.cloudhsmv2.initialize_cluster(
            ClusterId=cluster_id, SignedCert=signed_certificate, TrustAnchor=trust_anchor
        )
        cluster.activate(builder.ADMIN_PASSWORD)
        cluster.create_user(UserType.CU, "kmsuser", kmsuser_password)
        for number in range(1, hsms):
            builder.add_hsm(clients, cluster_id, number)
        return cluster

    def create_key_store(
        self,
        name: str = "ExampleKeyStore",
        *,
        cluster: Cluster | None = None,
        connect: bool = True,
        kmsuser_password: str = "kmsPswd1",
        **cluster_parameters: Any,
    ) -> KeyStore:
        """Build a custom key store and connect it.

        Args:
            name: CustomKeyStoreName.
            cluster: its cluster; by default a new one.
            connect: whether to connect it.
            kmsuser_password: KeyStorePassword, and the password of kmsuser in a new cluster.
            cluster_parameters: parameters of :meth:`create_cluster` for a new cluster.

        Raises:
            botocore.exceptions.ClientError: what KMS or CloudHSM answers.
        """
        _require_mock()
        if cluster is None:
            cluster = self.create_cluster(kmsuser_password=kmsuser_password, **cluster_parameters)
        elif cluster_parameters:
            raise TypeError(f"The cluster is given; what for {', '.join(cluster_parameters)}?")
        kms = builder.Clients(cluster.account_id, cluster.region).kms
        key_store_id = kms.create_custom_key_store(
            CustomKeyStoreName=name,
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=cluster.trust_anchor,
            KeyStorePassword=kmsuser_password,
        )["CustomKeyStoreId"]
        if connect:
            kms.connect_custom_key_store(CustomKeyStoreId=key_store_id)
        return KeyStore(key_store_id, name, cluster)

    def cluster(self, cluster_id: str) -> Cluster:
        """The handle on a cluster, however it was made.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """
        _require_mock()
        with WORLD:
            for account_id, region, backend in cloudhsmv2_backends.iter_backends():
                cluster = backend.find_cluster(cluster_id)  # type: ignore[attr-defined]
                if cluster is not None:
                    return Cluster(cluster, account_id, region)
        raise KeyError(f"There is no cluster {cluster_id}")


def _require_mock() -> None:
    # Without the mock the builder's calls would go to AWS.
    if not switch.on:
        raise RuntimeError("mock_cks is not on in this process.")


cks = Cks()
"""The handle on the simulated world; it has meaning while ``mock_cks`` is on."""

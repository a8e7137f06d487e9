"""An AWS CloudHSM key store: what KMS does in a cluster and its HSMs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from moto.kms.exceptions import InvalidCiphertextException

from moto_cks import faults
from moto_cks.account.network import Ends, Network, NetworkInterface
from moto_cks.account.service_roles import KMS_ROLE, ServiceRoles
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.faults import FaultsBackend
from moto_cks.faults.documented import THROTTLED
from moto_cks.hsm import AES_256_TOKEN_KEY, ClusterSession, HsmError, ReturnCode
from moto_cks.kms.births import material_now
from moto_cks.kms.exceptions import (
    DependencyTimeoutException,
    KMSInternalException,
    KMSInvalidStateException,
    ThrottlingException,
)
from moto_cks.kms.findings import Finding
from moto_cks.kms.keystores.base import KeyStore, MaterialNotFoundError, Request
from moto_cks.kms.keystores.cloudhsm import backing_keys, checks, requests
from moto_cks.kms.keystores.cloudhsm.connection_errors import Attempt, first_connection_error
from moto_cks.kms.keystores.cloudhsm.exceptions import (
    CloudHsmClusterInUseException,
    CloudHsmClusterInvalidConfigurationException,
)
from moto_cks.kms.keystores.cloudhsm.foresight import ForeseeingKeyStore
from moto_cks.kms.keystores.cloudhsm.kmsuser import (
    KnownPassword,
    log_out,
    new_password,
    set_password,
)
from moto_cks.kms.keystores.cloudhsm.requests import CLUSTER_ID, PASSWORD, TRUST_ANCHOR
from moto_cks.kms.keystores.connection import USE, ConnectionErrorCode, ConnectionState
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.world.lifecycle import LifeCycle

UNREACHABLE = (
    "KMS cannot communicate with your CloudHSM cluster. This might be a transient network issue. "
    "If you see this error repeatedly, verify that the Network ACLs and the security group rules "
    "for the VPC of your AWS CloudHSM cluster are correct."
)
LOCKED_OUT = (
    "KMS cannot communicate with your AWS CloudHSM cluster because the kmsuser is locked out. If "
    "you see this error repeatedly, disconnect the AWS CloudHSM key store and reset the kmsuser "
    "account password. Update the kmsuser password for the custom key store and try the request "
    "again."
)
NO_FREE_SESSION = (
    "KMS could not complete the request because all PKCS #11 sessions of the CloudHSM cluster "
    "are in use. Retry your request."
)
BEING_BACKED_UP = (
    "KMS could not complete the request because the CloudHSM cluster is being backed up. Retry "
    "your request."
)


class CloudHsmKeyStore(ForeseeingKeyStore):
    """A key store whose key material is in the HSMs of an AWS CloudHSM cluster.

    KMS reaches into the HSMs in one way only: by logging in as kmsuser. It keeps the password that
    it was told, or that it has set itself, and shows it to nobody.

    Attributes:
        cluster_id: CloudHsmClusterId.
        cluster_certificate: what a related cluster has in common with the first one.
        trust_anchor: TrustAnchorCertificate, PEM.
    """

    key_store_type = KeyStoreType.AWS_CLOUDHSM
    parameters = requests.PARAMETERS
    changes = requests.CHANGES
    keeps_own_material = False
    throttle_metric = "CloudHSMKeyStoreThrottle"

    check_creation = staticmethod(requests.check_creation)
    check_change = staticmethod(requests.check_password)
    check_new_key = staticmethod(requests.check_new_key)

    def __init__(
        self,
        account_id: str,
        region: str,
        name: str,
        cluster: CloudHsmCluster,
        trust_anchor: str,
        password: str,
    ) -> None:
        super().__init__(account_id, region, name)
        self.cluster_id: str = cluster.cluster_id
        self.cluster_certificate = checks.certificate_of(cluster)
        self.trust_anchor = trust_anchor
        self._password = KnownPassword(password)
        self._session: ClusterSession | None = None
        self._attempted: CloudHsmCluster | None = None  # while an attempt to connect goes on
        self._coming_password: KnownPassword | None = None  # while it changes it
        self._interfaces: dict[str, NetworkInterface] = {}
        self._security_group: str | None = None
        # What was seen at a number of LifeCycle.changes holds until there are more of them.
        self._cluster_seen: CloudHsmCluster | None = None
        self._ends_seen: Ends = ()
        self._cluster_seen_at = -1

    def __repr__(self) -> str:
        return f"<CloudHsmKeyStore {self.custom_key_store_id} on {self.cluster_id}>"

    def describe(self) -> dict[str, Any]:
        """The entry of DescribeCustomKeyStores."""
        return {
            **super().describe(),
            CLUSTER_ID: self.cluster_id,
            TRUST_ANCHOR: self.trust_anchor,
        }

    # Its requests ----------------------------------------------------------------------------

    def is_creation_again(self, request: Request) -> bool:
        """Whether a CreateCustomKeyStore is the one that made it, which only holds at first."""
        return self.connection.state is ConnectionState.DISCONNECTED and (
            self.cluster_id,
            self.trust_anchor,
            self._password.value,
        ) == (request[CLUSTER_ID], request[TRUST_ANCHOR], request[PASSWORD])

    @classmethod
    def create(
        cls, account_id: str, region: str, request: Request, others: Iterable[KeyStore]
    ) -> CloudHsmKeyStore:
        """Make the key store that a CreateCustomKeyStore asks for.

        The password is not tried, and the first key store of an account makes KMS's service-linked
        role.

        Raises:
            ValidationException: there are no such key stores in the Region.
            CloudHsmClusterNotFoundException, CloudHsmClusterInUseException,
            CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException,
            IncorrectTrustAnchorException
        """
        requests.check_region(region)
        network = Network(account_id, region)
        cluster = checks.require_cluster(account_id, region, request[CLUSTER_ID])
        if any(isinstance(other, cls) and other.is_related_to(cluster) for other in others):
            raise CloudHsmClusterInUseException(
                f"The CloudHSM cluster {cluster.cluster_id}, or one that shares a backup history "
                "with it, is associated with a custom key store."
            )
        checks.require(checks.OF_A_CLUSTER, cluster, network)
        checks.require_trust_anchor(cluster, request[TRUST_ANCHOR])
        ServiceRoles(account_id, region).ensure(KMS_ROLE)
        return cls(
            account_id,
            region,
            request["CustomKeyStoreName"],
            cluster,
            request[TRUST_ANCHOR],
            request[PASSWORD],
        )

    def is_related_to(self, cluster: CloudHsmCluster) -> bool:
        """Whether its cluster is that one, or shares a backup history with it."""
        certificate = checks.certificate_of(cluster)
        return self.cluster_id == cluster.cluster_id or bool(
            certificate and self.cluster_certificate == certificate
        )

    def change(self, request: Request) -> None:
        """Go to a related cluster, and take note of the kmsuser password; tell the cluster nothing.

        Raises:
            CloudHsmClusterNotFoundException, CloudHsmClusterNotRelatedException,
            CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException
        """
        cluster_id, password = request.get(CLUSTER_ID), request.get(PASSWORD)
        if cluster_id is not None:
            cluster = checks.require_cluster(self.account_id, self.region, cluster_id)
            checks.require_related(cluster, self.cluster_certificate)
            checks.require(checks.OF_A_CLUSTER, cluster, self.network)
            self.cluster_id = cluster_id
            self._cluster_seen_at = -1
        if password is not None:
            self._password = KnownPassword(password)

    # The connection --------------------------------------------------------------------------

    def check_before_connecting(self) -> None:
        """Refuse what is seen at once.

        A cluster that is gone is not: that takes KMS a while, and ends in FAILED.

        Raises:
            CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException
        """
        cluster = self.cluster
        if cluster is not None:
            checks.require(checks.BEFORE_CONNECTING, cluster, self.network)

    def attempt_connection(self) -> ConnectionErrorCode | None:
        """Look at the cluster, log in as kmsuser, rotate its password and build the network.

        What an attempt has left that was interrupted is torn down before.
        """
        self.tear_down_connection()
        self._attempted = self.cluster
        attempt = Attempt(self._attempted, self.network, self._password)
        error = first_connection_error(attempt)
        if error is None:
            self._session = attempt.session
            self._coming_password = new_password()
            self._rotate_password()
            self._build_network(attempt.cluster)
        self._attempted = None
        return error

    def _rotate_password(self) -> None:
        if self._session is not None and self._coming_password is not None:
            set_password(self._session, self._coming_password)
            self._password = self._coming_password
        self._coming_password = None

    def _build_network(self, cluster: CloudHsmCluster) -> None:
        group = self.network.create_key_store_security_group(
            self.custom_key_store_id, cluster.vpc_id, cluster.security_group_id
        )
        self._security_group = group
        self._interfaces = {
            subnet_id: self.network.create_interface(
                subnet_id,
                [group, cluster.security_group_id],
                f"KMS managed ENI for cluster {cluster.cluster_id}",
            )
            for subnet_id in cluster.subnet_mapping.values()
        }

    def tear_down_connection(self) -> None:
        """Log out and remove the network."""
        if self._attempted is not None:
            self._clear_up_after(self._attempted)
        if self._session is not None:
            self._session.logout()
            self._session = None
        for interface in self._interfaces.values():
            self.network.delete_interface(interface.id)
        self._interfaces = {}
        if self._security_group is not None:
            self.network.delete_security_group(self._security_group)
            self._security_group = None

    def _clear_up_after(self, cluster: CloudHsmCluster) -> None:
        """Tear down what an attempt has left that was interrupted before it could note it."""
        with suppress(HsmError):  # the HSMs are gone that had the one password or the other
            self._rotate_password()
        log_out(cluster.hardware)
        self.network.remove_of_key_store(self.custom_key_store_id)
        self._attempted = self._coming_password = None

    # Keys ------------------------------------------------------------------------------------

    def check_before_creating_key(self, request: Request) -> None:
        """Refuse a CreateKey whose key could not be given key material now.

        Raises:
            CustomKeyStoreInvalidStateException: the key store is not connected.
            CloudHsmClusterInvalidConfigurationException: there are no two active HSMs in different
                Availability Zones, or the HSM ports are closed.
            DependencyTimeoutException: KMS cannot reach the cluster.
            KMSInternalException: the HSMs take no new keys for a while, or have no room for one.
        """
        self.connection.require(USE)
        cluster = self.cluster
        if cluster is None:
            raise CloudHsmClusterInvalidConfigurationException(checks.TOO_FEW_HSMS)
        checks.require(checks.BEFORE_CREATING_KEY, cluster, self.network)
        session = self._session_in_reach()
        if session is None or not session.sessions():
            raise DependencyTimeoutException(self._why_unreachable())
        checks.require(checks.TO_GENERATE_KEY, cluster, self.network)

    def create_key_material(self, key_arn: str, request: Request) -> int:
        """Have an AES-256 key in every HSM of the cluster; returns its key handle.

        It is generated there, unless it is known beforehand. Its label is the ARN of the KMS key,
        its CKA_ID the backing key ID of CloudTrail's records.

        Raises:
            CustomKeyStoreInvalidStateException: the key store is not connected.
            DependencyTimeoutException: KMS cannot reach the cluster.
            ThrottlingException: the HSMs are busy.
            KMSInternalException: the cluster is being backed up.
        """
        self.connection.require(USE)
        try:
            session = self._undisturbed(self._reachable_session())
            handle = session.cluster.take_handle()
            return session.generate_key(
                key_arn,
                AES_256_TOKEN_KEY,
                handle=handle,
                key_id=backing_keys.backing_key_id(key_arn, handle),
                value=material_now(),
            )
        except (HsmError, KMSInvalidStateException) as refusal:
            raise self._no_answer(refusal) from None

    def discard_key_material(self, key_arn: str) -> None:
        """Leave none in the HSMs."""
        if self._session is not None:
            self._session.discard_keys(key_arn)

    def _undisturbed(self, session: ClusterSession) -> ClusterSession:
        """The session, unless a backup of the cluster is in the way of new random numbers."""
        cluster = self.cluster
        if cluster is not None and cluster.disturbs():
            raise KMSInternalException(BEING_BACKED_UP)
        return session

    def key_metadata(self, backing_key: int) -> dict[str, Any]:
        """What DescribeKey adds for a key of this key store."""
        return {CLUSTER_ID: self.cluster_id}

    def encrypt(self, backing_key: int, plaintext: bytes, authenticated_data: bytes) -> bytes:
        """Encrypt in an HSM."""
        try:
            return self._free_session().encrypt(backing_key, plaintext, authenticated_data)
        except HsmError as refusal:
            raise self._meaning(refusal) from None

    def decrypt(self, backing_key: int, sealed: bytes, authenticated_data: bytes) -> bytes:
        """Decrypt in an HSM."""
        try:
            return self._free_session().decrypt(backing_key, sealed, authenticated_data)
        except HsmError as refusal:
            raise self._meaning(refusal) from None

    def random(self, number_of_bytes: int) -> bytes:
        """Random bytes from an HSM.

        Raises:
            CustomKeyStoreInvalidStateException: the key store is not connected.
            DependencyTimeoutException: KMS cannot reach the cluster.
            ThrottlingException: the HSMs are busy.
            KMSInternalException: the cluster is being backed up.
        """
        self.connection.require(USE)
        try:
            return self._undisturbed(self._free_session()).random(number_of_bytes)
        except (HsmError, KMSInvalidStateException) as refusal:
            raise self._no_answer(refusal) from None

    def delete_key_material(self, backing_key: int) -> bool:
        """Make one attempt to delete a key from the HSMs ("How to delete orphaned key material").

        Returns:
            Whether none of it is left: KMS was connected, reached the cluster, and is logged in to
            every HSM of it.
        """
        cluster = self.cluster
        if cluster is None or not self.connected:
            return False
        try:
            session = self._reachable_session()
            session.delete_key(backing_key)
        except (KMSInvalidStateException, HsmError):
            return False
        return len(session.sessions()) == len(cluster.active_hsms())

    def _reachable_session(self) -> ClusterSession:
        """The kmsuser session, where the network still leads to the cluster.

        Raises:
            KMSInvalidStateException: it does not, or AWS has replaced the HSM that was at it.
        """
        session = self._session_in_reach()
        if session is None or session.interrupted():
            raise KMSInvalidStateException(UNREACHABLE)
        return session

    def _session_in_reach(self) -> ClusterSession | None:
        """The kmsuser session, if what would make a connection fail does not cut this one."""
        if self._cluster_seen_at != LifeCycle.changes:
            self._look_at_cluster()
        cluster = self._cluster_seen
        if cluster is None or next(self._cuts(cluster), None) is not None:
            return None
        return self._session

    def cuts(self, cluster: CloudHsmCluster) -> Iterator[Finding]:
        """What cuts the way to the cluster, one thing after the other."""
        self._look_at_cluster()
        return self._cuts(cluster)

    def _cuts(self, cluster: CloudHsmCluster) -> Iterator[Finding]:
        """The same, of the cluster as it was seen last."""
        network = Network(self.account_id, self.region)
        closed = network.closed_hsm_ports(cluster.security_group_id, cluster.vpc_id)
        if closed is not None:
            yield checks.told_of_ports(closed)
        denials = network.denied_hsm_ports(cluster.vpc_id, self._ends_seen)
        if denials:
            yield checks.told_of_acls(denials, reconnects=False)
        if FaultsBackend.armed and faults.out_of_reach(self.cluster_id):
            yield Finding("cluster-unreachable", {"cluster": self.cluster_id})

    def _look_at_cluster(self) -> None:
        self._cluster_seen = cluster = self.cluster
        if cluster is not None:
            hsms = [(hsm.subnet_id, hsm.eni_ip) for hsm in cluster.active_hsms()]
            self._ends_seen = tuple(
                (subnet_id, (own.address, *(address for at, address in hsms if at == subnet_id)))
                for subnet_id, own in self._interfaces.items()
            )
        lasts = cluster is not None and cluster.lasts
        self._cluster_seen_at = LifeCycle.changes if lasts else -1

    def _free_session(self) -> ClusterSession:
        """The kmsuser session for a cryptographic operation.

        Raises:
            KMSInvalidStateException: the network does not lead to the cluster.
            KMSInternalException: no PKCS #11 session is free, at an HSM that has some.
        """
        session = self._reachable_session()
        if FaultsBackend.armed and session.sessions() and faults.session_taken(self.cluster_id):
            raise KMSInternalException(NO_FREE_SESSION)
        return session

    def _meaning(self, refusal: HsmError) -> Exception:
        """What KMS makes of the refusal of an HSM."""
        if refusal.code is ReturnCode.KEY_NOT_FOUND:
            return MaterialNotFoundError()
        if refusal.code is ReturnCode.DATA_INVALID:
            return InvalidCiphertextException()
        if refusal.code is ReturnCode.BUSY:
            return ThrottlingException(THROTTLED)
        return KMSInvalidStateException(self._why_unreachable())

    def _no_answer(self, refusal: Exception) -> Exception:
        """The same where KMS was to get something new of the HSMs."""
        if isinstance(refusal, HsmError) and refusal.code is ReturnCode.BUSY:
            return ThrottlingException(THROTTLED)
        return DependencyTimeoutException(self._why_unreachable())

    def _why_unreachable(self) -> str:
        """What KMS says: it knows of a lock only where it had to log in anew."""
        session = self._session
        if session is None or session.sessions():
            return UNREACHABLE
        return LOCKED_OUT if self._is_locked_out() else UNREACHABLE

    # What CloudTrail's records say of it -----------------------------------------------------

    def trail_data(self) -> dict[str, str]:
        """Its cluster."""
        return {"clusterId": self.cluster_id}

    def creation_data(self, key_arn: str, backing_key: int) -> dict[str, str]:
        """Of CreateKey: the key handle and the backing key ID."""
        return {"backingKey": backing_keys.created(key_arn, backing_key)}

    def key_use_data(self, key_arn: str, backing_key: int) -> dict[str, str]:
        """Of a cryptographic operation: the key store and the backing key ID."""
        key_id = backing_keys.backing_key_id(key_arn, backing_key)
        return {**self.use_data, "backingKeyId": key_id}

    def material_data(self, key_arn: str, backing_key: int) -> dict[str, str]:
        """Of ScheduleKeyDeletion: the key store, its cluster, key handle and backing key ID."""
        return {
            "customKeyStoreId": self.custom_key_store_id,
            **self.trail_data(),
            "backingKeys": backing_keys.scheduled(key_arn, backing_key),
        }

    def deletion_data(self, key_arn: str, backing_key: int, deleted: bool | None) -> dict[str, str]:
        """Of DeleteKey: the same, and whether the key is deleted from the HSMs.

        See "How to delete orphaned key material" in the AWS KMS Developer Guide.
        """
        status = backing_keys.deleted(key_arn, backing_key, bool(deleted))
        return {
            **self.material_data(key_arn, backing_key),
            "backingKeysDeletionStatus": status,
        }

"""An AWS CloudHSM key store."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.kms.exceptions import InvalidCiphertextException

from moto_cks import faults
from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import AES_256_TOKEN_KEY, ClusterSession, HsmError, ReturnCode
from moto_cks.kms.exceptions import (
    DependencyTimeoutException,
    KMSInternalException,
    KMSInvalidStateException,
)
from moto_cks.kms.keystores.base import KeyStore, MaterialNotFoundError
from moto_cks.kms.keystores.cloudhsm import checks as cluster_checks
from moto_cks.kms.keystores.cloudhsm.connection_errors import Attempt, first_connection_error
from moto_cks.kms.keystores.cloudhsm.exceptions import CloudHsmClusterInvalidConfigurationException
from moto_cks.kms.keystores.cloudhsm.kmsuser import rotate_password
from moto_cks.kms.keystores.connection import USE, ConnectionErrorCode
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.world.backends import backend_of

UNREACHABLE = "KMS cannot communicate with your CloudHSM cluster"
NO_FREE_SESSION = (
    "KMS could not complete the request because all PKCS #11 sessions of the CloudHSM cluster "
    "are in use. Retry your request."
)


def find_cluster(account_id: str, region: str, cluster_id: str) -> CloudHsmCluster | None:
    """A cluster that CloudHSM has in that account and Region, or ``None``."""
    backend = backend_of(cloudhsmv2_backends, account_id, region)
    found: CloudHsmCluster | None = backend.find_cluster(cluster_id)  # type: ignore[attr-defined]
    return found


class CloudHsmKeyStore(KeyStore):
    """A key store whose key material is in the HSMs of an AWS CloudHSM cluster.

    KMS reaches into the HSMs in one way only: by logging in as kmsuser. It keeps the password that
    it was told, or that it has set itself, and shows it to nobody.

    Attributes:
        cluster_id: CloudHsmClusterId.
        cluster_certificate: what a related cluster has in common with the first one.
        trust_anchor: TrustAnchorCertificate, PEM.
    """

    key_store_type = KeyStoreType.AWS_CLOUDHSM

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
        self.cluster_certificate = cluster_checks.certificate_of(cluster)
        self.trust_anchor = trust_anchor
        self._password = password
        self._session: ClusterSession | None = None
        self._interfaces: list[str] = []
        self._security_group: str | None = None

    def __repr__(self) -> str:
        return f"<CloudHsmKeyStore {self.custom_key_store_id} on {self.cluster_id}>"

    @property
    def network(self) -> Network:
        """The network of its account and Region."""
        return Network(self.account_id, self.region)

    @property
    def cluster(self) -> CloudHsmCluster | None:
        """Its cluster; ``None`` where that was deleted."""
        return find_cluster(self.account_id, self.region, self.cluster_id)

    def describe(self) -> dict[str, Any]:
        """The entry of DescribeCustomKeyStores."""
        return {
            **super().describe(),
            "CloudHsmClusterId": self.cluster_id,
            "TrustAnchorCertificate": self.trust_anchor,
        }

    def key_metadata(self) -> dict[str, Any]:
        """What DescribeKey adds for a key of this key store."""
        return {"CloudHsmClusterId": self.cluster_id}

    def same_request(self, name: str, cluster_id: str, trust_anchor: str, password: str) -> bool:
        """Whether CreateCustomKeyStore with these values is this key store's creation again."""
        return (self.name, self.cluster_id, self.trust_anchor, self._password) == (
            name,
            cluster_id,
            trust_anchor,
            password,
        )

    def set_password(self, password: str) -> None:
        """Take note of the kmsuser password (KeyStorePassword); changes nothing in the cluster."""
        self._password = password

    # The connection --------------------------------------------------------------------------

    def check_before_connecting(self) -> None:
        """Refuse what is seen at once.

        A cluster that is gone is not: that takes KMS a while, and ends in FAILED.

        Raises:
            CloudHsmClusterNotActiveException, CloudHsmClusterInvalidConfigurationException
        """
        cluster = self.cluster
        if cluster is not None:
            cluster_checks.require_active(cluster)
            cluster_checks.require_network_configuration(cluster, self.network)

    def attempt_connection(self) -> ConnectionErrorCode | None:
        """Look at the cluster, log in as kmsuser, rotate its password and build the network."""
        attempt = Attempt(self.cluster, self.network, self._password)
        error = first_connection_error(attempt)
        if error is None:
            self._password = rotate_password(attempt.session)
            self._session = attempt.session
            self._build_network(attempt.cluster)
        return error

    def _build_network(self, cluster: CloudHsmCluster) -> None:
        group = self.network.create_key_store_security_group(
            self.custom_key_store_id, cluster.vpc_id, cluster.security_group_id
        )
        self._security_group = group
        self._interfaces = [
            self.network.create_interface(
                subnet_id,
                [group, cluster.security_group_id],
                f"KMS managed ENI for cluster {cluster.cluster_id}",
            ).id
            for subnet_id in cluster.subnet_mapping.values()
        ]

    def tear_down_connection(self) -> None:
        """Log out and remove the network."""
        if self._session is not None:
            self._session.logout()
            self._session = None
        for interface_id in self._interfaces:
            self.network.delete_interface(interface_id)
        self._interfaces = []
        if self._security_group is not None:
            self.network.delete_security_group(self._security_group)
            self._security_group = None

    # Keys ------------------------------------------------------------------------------------

    def check_before_creating_key(self) -> None:
        """Refuse to create a key that could not be given key material.

        Raises:
            CustomKeyStoreInvalidStateException: the key store is not connected.
            CloudHsmClusterInvalidConfigurationException: there are no two active HSMs in different
                Availability Zones, or the HSM ports are closed.
            KMSInvalidStateException: no HSM lets KMS in any more.
        """
        self.connection.require(USE)
        cluster = self.cluster
        if cluster is None:
            raise CloudHsmClusterInvalidConfigurationException(cluster_checks.TOO_FEW_HSMS)
        cluster_checks.require_two_hsms(cluster)
        cluster_checks.require_network_configuration(cluster, self.network)
        if not self._reachable_session().sessions():
            raise KMSInvalidStateException(UNREACHABLE)

    def create_key_material(self, key_arn: str) -> int:
        """Generate an AES-256 key in every HSM of the cluster; returns its key handle."""
        with _refusals_of_hsms():
            return self._reachable_session().generate_key(key_arn, AES_256_TOKEN_KEY)

    def encrypt(self, backing_key: int, plaintext: bytes, authenticated_data: bytes) -> bytes:
        """Encrypt in an HSM."""
        with _refusals_of_hsms():
            return self._free_session().encrypt(backing_key, plaintext, authenticated_data)

    def decrypt(self, backing_key: int, sealed: bytes, authenticated_data: bytes) -> bytes:
        """Decrypt in an HSM."""
        with _refusals_of_hsms():
            return self._free_session().decrypt(backing_key, sealed, authenticated_data)

    def random(self, number_of_bytes: int) -> bytes:
        """Random bytes from an HSM.

        Raises:
            DependencyTimeoutException: KMS cannot reach the cluster.
        """
        try:
            with _refusals_of_hsms():
                return self._free_session().random(number_of_bytes)
        except KMSInvalidStateException as unreachable:
            raise DependencyTimeoutException(unreachable.message) from None

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
            KMSInvalidStateException: it does not.
        """
        cluster = self.cluster
        if (
            cluster is None
            or self._session is None
            or not self.network.hsm_ports_open(cluster.security_group_id, cluster.vpc_id)
            or faults.out_of_reach(self.cluster_id)
        ):
            raise KMSInvalidStateException(UNREACHABLE)
        return self._session

    def _free_session(self) -> ClusterSession:
        """The kmsuser session for a cryptographic operation.

        Raises:
            KMSInvalidStateException: the network does not lead to the cluster.
            KMSInternalException: no PKCS #11 session is free.
        """
        session = self._reachable_session()
        if faults.session_taken(self.cluster_id):
            raise KMSInternalException(NO_FREE_SESSION)
        return session

    # What CloudTrail's records say of it -----------------------------------------------------

    def trail_data(self) -> dict[str, str]:
        """Its cluster."""
        return {"clusterId": self.cluster_id}

    def creation_data(self, key_arn: str, backing_key: int) -> dict[str, str]:
        """Of CreateKey: the key handle."""
        return {"backingKey": _json(_backing_key(key_arn, backing_key))}

    def material_data(self, key_arn: str, backing_key: int) -> dict[str, str]:
        """Of ScheduleKeyDeletion: the key store, its cluster and the key handle."""
        return {
            "customKeyStoreId": self.custom_key_store_id,
            **self.trail_data(),
            "backingKeys": _json([_backing_key(key_arn, backing_key)]),
        }

    def deletion_data(self, key_arn: str, backing_key: int, deleted: bool | None) -> dict[str, str]:
        """Of DeleteKey: the same, and whether the key is deleted from the HSMs.

        See "How to delete orphaned key material" in the AWS KMS Developer Guide.
        """
        status = "SUCCESS" if deleted else "FAILURE"
        statuses = [{**_backing_key(key_arn, backing_key), "deletionStatus": status}]
        return {
            **self.material_data(key_arn, backing_key),
            "backingKeysDeletionStatus": _json(statuses),
        }


def _backing_key(key_arn: str, handle: int) -> dict[str, str]:
    """The key handle of a KMS key's material, and an ID that tells nobody but KMS anything."""
    backing_key_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{key_arn}/{handle}").hex
    return {"keyHandle": str(handle), "backingKeyId": backing_key_id}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@contextmanager
def _refusals_of_hsms() -> Iterator[None]:
    try:
        yield
    except HsmError as refusal:
        if refusal.code is ReturnCode.KEY_NOT_FOUND:
            raise MaterialNotFoundError from None
        if refusal.code is ReturnCode.DATA_INVALID:
            raise InvalidCiphertextException from None
        raise KMSInvalidStateException(UNREACHABLE) from None

"""``cks``: the handle on the simulated world, for what no AWS API can do or would do slowly."""

from __future__ import annotations

from typing import Any

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.handle import builder
from moto_cks.handle.clock import Clock
from moto_cks.handle.cluster import Cluster
from moto_cks.handle.faults import Faults
from moto_cks.handle.fleet import ClusterFleet
from moto_cks.handle.timeline import Timeline
from moto_cks.handle.trail import Trail
from moto_cks.hsm import UserType
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_mgmt_util import CloudHsmMgmtUtil
from moto_cks.tools.key_mgmt_util import KeyMgmtUtil
from moto_cks.tools.session import ToolSession
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch

DEFAULT_REGION = "us-east-1"


class KeyStore:
    """A custom key store that :meth:`Cks.create_key_store` has made.

    Attributes:
        id: the custom key store ID.
        name: its name.
        cluster: the handle on its cluster.
        region: its Region.
    """

    def __init__(
        self, key_store_id: str, name: str, cluster: Cluster, clients: builder.Clients
    ) -> None:
        self.id = key_store_id
        self.name = name
        self.cluster = cluster
        self.region = cluster.region
        self._clients = clients

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
        answer = self._clients.kms.create_key(
            Origin=KeyStoreType.AWS_CLOUDHSM.value, CustomKeyStoreId=self.id, **parameters
        )
        return str(answer["KeyMetadata"]["KeyId"])


class Cks:
    """The handle: ``moto_cks.cks``, and what ``with mock_cks() as cks`` gives.

    This one works on the world in this process; where moto's server or proxy holds it, its place is
    taken by :class:`moto_cks.handle.remote.cks.RemoteCks`.

    Attributes:
        clock: the simulated clock.
        faults: what fails without a cause.
        trail: what CloudTrail has recorded.
        timeline: what has happened, in order.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.faults = Faults()
        self.trail = Trail()
        self.timeline = Timeline()

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
            network: what to build on; see :class:`moto_cks.handle.builder.NetworkPlan`.

        Raises:
            botocore.exceptions.ClientError: what AWS answers to parameters that cannot be.
            HsmError: INVALID_PASSWORD.
        """
        clients = self._clients(account_id, region)
        cluster_id = builder.create_cluster(clients, builder.NetworkPlan(**network))
        cluster = self.cluster(cluster_id)
        builder.add_hsm(clients, cluster_id, 0)
        signed_certificate, trust_anchor = cluster.sign_csr()
        clients.cloudhsmv2.initialize_cluster(
            ClusterId=cluster_id, SignedCert=signed_certificate, TrustAnchor=trust_anchor
        )
        cluster.activate(builder.ADMIN_PASSWORD)
        cluster.create_user(UserType.CU, KMSUSER, kmsuser_password)
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
        if cluster is None:
            cluster = self.create_cluster(kmsuser_password=kmsuser_password, **cluster_parameters)
        elif cluster_parameters:
            raise TypeError(f"The cluster is given; what for {', '.join(cluster_parameters)}?")
        clients = self._clients(cluster.account_id, cluster.region)
        key_store_id = clients.kms.create_custom_key_store(
            CustomKeyStoreName=name,
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=cluster.trust_anchor,
            KeyStorePassword=kmsuser_password,
        )["CustomKeyStoreId"]
        if connect:
            clients.kms.connect_custom_key_store(CustomKeyStoreId=key_store_id)
        return KeyStore(key_store_id, name, cluster, clients)

    def _clients(self, account_id: str, region: str) -> builder.Clients:
        _require_mock()
        return builder.Clients(account_id, region)

    def cluster(self, cluster_id: str) -> Cluster:
        """The handle on a cluster, however it was made.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """
        _require_mock()
        return Cluster(*_find_cluster(cluster_id))

    def cloudhsm_mgmt_util(self, cluster_id: str) -> ToolSession:
        """Start cloudhsm_mgmt_util on the HSMs that a cluster has now.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """
        with WORLD:
            return CloudHsmMgmtUtil(_fleet(cluster_id))

    def key_mgmt_util(self, cluster_id: str) -> ToolSession:
        """Start key_mgmt_util on a cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """
        with WORLD:
            return KeyMgmtUtil(_fleet(cluster_id))

    def cloudhsm_cli(self, cluster_id: str) -> ToolSession:
        """Start ``cloudhsm-cli interactive`` on a client of a cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
        """
        with WORLD:
            return CloudHsmCli(_fleet(cluster_id))


def _fleet(cluster_id: str) -> ClusterFleet:
    """The HSMs of a cluster, for a tool."""
    _require_mock()
    return ClusterFleet(_find_cluster(cluster_id)[0])


def _find_cluster(cluster_id: str) -> tuple[CloudHsmCluster, str, str]:
    """A cluster, its account and its Region."""
    with WORLD:
        for account_id, region, backend in cloudhsmv2_backends.iter_backends():
            cluster = backend.find_cluster(cluster_id)  # type: ignore[attr-defined]
            if cluster is not None:
                return cluster, account_id, region
    raise KeyError(f"There is no cluster {cluster_id}")


def _require_mock() -> None:
    # Without the mock the builder's calls would go to AWS.
    if not switch.on:
        raise RuntimeError("mock_cks is not on in this process.")


LOCAL = Cks()
"""The handle on the world of this process; it has meaning while ``mock_cks`` is on."""

"""What ``cks`` builds, which it does by the AWS APIs, wherever the world is."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.handle import builder
from moto_cks.handle.key_store import KeyStoreHandle
from moto_cks.handle.protocols.cks import DEFAULT_REGION, Cks
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER


class BuildingCks(Cks):
    """A handle that builds with boto3 clients of its own."""

    @abstractmethod
    def _clients(self, account_id: str, region: str) -> builder.Clients:
        """Clients that reach the world of this handle.

        Raises:
            RuntimeError: there is none; without it they would reach AWS.
        """

    def create_cluster(
        self,
        *,
        hsms: int = 2,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
        kmsuser_password: str = "kmsPswd1",
        **network: Any,
    ) -> Cluster:
        clients = self._clients(account_id, region)
        cluster_id = builder.create_cluster(clients, builder.NetworkPlan(**network))
        cluster = self.cluster(cluster_id)
        builder.add_hsm(clients, cluster_id, 0)
        signed_certificate, trust_anchor = cluster.sign_csr()
        clients.cloudhsmv2.initialize_cluster(
            ClusterId=cluster_id, SignedCert=signed_certificate, TrustAnchor=trust_anchor
        )
        cluster.activate(builder.ADMIN_PASSWORD)
        cluster.create_user("CU", KMSUSER, kmsuser_password)
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
        return KeyStoreHandle(key_store_id, name, cluster, clients)

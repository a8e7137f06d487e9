"""The handle on a custom key store in this process."""

from __future__ import annotations

from typing import Any

from moto_cks.cloudhsmv2.models import cloudhsmv2_backend
from moto_cks.handle.builder import Clients
from moto_cks.handle.cluster import LocalCluster
from moto_cks.handle.presence import Presence
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.kms.models import kms_backend
from moto_cks.world.lock import WORLD


class LocalKeyStore(KeyStore):
    """A custom key store; see :class:`moto_cks.handle.protocols.key_store.KeyStore`."""

    def __init__(self, key_store_id: str, name: str, cluster: Cluster, clients: Clients) -> None:
        super().__init__(key_store_id, name, cluster)
        self._world = Presence(f"Key store {key_store_id}")
        self._clients = clients

    def require_world(self) -> None:
        self._world.require()

    @property
    def cluster(self) -> Cluster:
        self._look()
        return self._seen_cluster

    def _look(self) -> None:
        """See what there is of it now."""
        with WORLD, self._world:
            store = kms_backend(self.account_id, self.region).key_stores.find(self.id)
            if not isinstance(store, CloudHsmKeyStore):
                return
            self._seen_name = store.name
            if store.cluster_id != self._seen_cluster.id:
                clusters = cloudhsmv2_backend(self.account_id, self.region)
                cluster = clusters.find_cluster(store.cluster_id)
                if cluster is not None:
                    self._seen_cluster = LocalCluster(cluster, self.account_id, self.region)

    def create_key(self, **parameters: Any) -> str:
        self._world.require()
        answer = self._clients.kms.create_key(
            Origin=KeyStoreType.AWS_CLOUDHSM.value, CustomKeyStoreId=self.id, **parameters
        )
        return str(answer["KeyMetadata"]["KeyId"])

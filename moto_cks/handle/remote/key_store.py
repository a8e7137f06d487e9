"""The handle on a custom key store in another process."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.handle.remote.cluster import RemoteCluster
from moto_cks.handle.remote.wire import Wire


class RemoteKeyStore(KeyStore):
    """A custom key store; see :class:`moto_cks.handle.protocols.key_store.KeyStore`."""

    def __init__(self, wire: Wire, key_store_id: str, name: str, cluster: Cluster) -> None:
        super().__init__(key_store_id, name, cluster)
        self._wire = wire.of_this_world(f"Key store {key_store_id}")
        self._path = ("key-stores", key_store_id)

    def require_world(self) -> None:
        self._wire.require_world()

    @property
    def cluster(self) -> Cluster:
        cluster_id = self._look()
        if cluster_id is not None and cluster_id != self._seen_cluster.id:
            with suppress(KeyError):  # it is deleted; the one before was the last that there was
                shown = self._wire.get("clusters", cluster_id)
                self._seen_cluster = RemoteCluster(self._wire, shown)
        return self._seen_cluster

    def _look(self) -> str | None:
        """See what there is of it now; the ID of its cluster, if that is there."""
        try:
            shown = self._wire.get(*self._path)
        except KeyError:
            return None
        self._seen_name = shown["name"]
        cluster_id: str | None = shown["cluster_id"]
        return cluster_id

    def create_key(self, **parameters: Any) -> str:
        return str(self._wire.post(*self._path, "keys", body=parameters)["key_id"])

"""The handle on a custom key store, by boto3: the same wherever the world is."""

from __future__ import annotations

from typing import Any

from moto_cks.handle.builder import Clients
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.kms.keystores.types import KeyStoreType


class KeyStoreHandle(KeyStore):
    """A custom key store; see :class:`moto_cks.handle.protocols.key_store.KeyStore`."""

    def __init__(self, key_store_id: str, name: str, cluster: Cluster, clients: Clients) -> None:
        super().__init__(key_store_id, name, cluster)
        self._clients = clients

    def create_key(self, **parameters: Any) -> str:
        answer = self._clients.kms.create_key(
            Origin=KeyStoreType.AWS_CLOUDHSM.value, CustomKeyStoreId=self.id, **parameters
        )
        return str(answer["KeyMetadata"]["KeyId"])

"""The handle on a custom key store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto_cks.handle.protocols.cluster import Cluster


class KeyStore(ABC):
    """A custom key store that :meth:`moto_cks.Cks.create_key_store` has made.

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

    @abstractmethod
    def create_key(self, **parameters: Any) -> str:
        """Create a KMS key in the key store.

        Args:
            parameters: parameters of CreateKey, by their names in the API.

        Returns:
            The key ID.

        Raises:
            botocore.exceptions.ClientError: what CreateKey answers.
        """

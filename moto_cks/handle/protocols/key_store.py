"""The handle on a custom key store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto_cks.handle.protocols.cluster import Cluster


class KeyStore(ABC):
    """A custom key store that ``Cks.create_key_store`` has made.

    Of a world that is over it keeps what it is called; all else is a RuntimeError.

    Attributes:
        id: the custom key store ID.
        region: its Region.
        account_id: its account.
    """

    def __init__(self, key_store_id: str, name: str, cluster: Cluster) -> None:
        self.id = key_store_id
        self.account_id = cluster.account_id
        self.region = cluster.region
        self._seen_name = name
        self._seen_cluster = cluster

    def __repr__(self) -> str:
        return f"<KeyStore {self.id} {self._seen_name!r}>"

    @abstractmethod
    def require_world(self) -> None:
        """Its world must not be over.

        Raises:
            RuntimeError: it is.
        """

    @property
    @abstractmethod
    def name(self) -> str:
        """Its name now; once it is deleted, the last one."""

    @property
    @abstractmethod
    def cluster(self) -> Cluster:
        """The handle on the cluster that backs it now, or did last.

        It is another one after UpdateCustomKeyStore with a ``CloudHsmClusterId``.
        """

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

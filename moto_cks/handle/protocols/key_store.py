"""The handles on custom key stores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto_cks.handle.protocols.cluster import Cluster
    from moto_cks.xks_proxy.proxy import XksProxy


class CustomKeyStore(ABC):
    """A custom key store of either kind.

    Of a world that is over it keeps what it is called; all else is a RuntimeError.

    Attributes:
        id: the custom key store ID.
        region: its Region.
        account_id: its account.
    """

    def __init__(self, key_store_id: str, name: str, account_id: str, region: str) -> None:
        self.id = key_store_id
        self.account_id = account_id
        self.region = region
        self._seen_name = name

    def __repr__(self) -> str:
        kind = type(self).__name__.removeprefix("Local").removeprefix("Remote")
        return f"<{kind} {self.id} {self._seen_name!r}>"

    @abstractmethod
    def require_world(self) -> None:
        """Its world must not be over.

        Raises:
            RuntimeError: it is.
        """

    @abstractmethod
    def _look(self) -> object:
        """See what there is of it now."""

    @property
    def name(self) -> str:
        """Its name now; once it is deleted, the last one."""
        self._look()
        return self._seen_name


class KeyStore(CustomKeyStore):
    """A custom key store that ``Cks.create_key_store`` has made: one on a CloudHSM cluster."""

    def __init__(self, key_store_id: str, name: str, cluster: Cluster) -> None:
        super().__init__(key_store_id, name, cluster.account_id, cluster.region)
        self._seen_cluster = cluster

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


class ExternalKeyStore(CustomKeyStore):
    """An external key store that ``Cks.create_external_key_store`` has made."""

    @property
    @abstractmethod
    def proxy(self) -> XksProxy:
        """The proxy that its endpoint names now, or did last.

        Raises:
            KeyError: the endpoint is none of a proxy of this world.
        """

    @abstractmethod
    def create_key(self, xks_key_id: str | None = None, **parameters: Any) -> str:
        """Create a KMS key in the key store.

        Args:
            xks_key_id: the external key; by default a new one, which the external key manager
                makes.
            parameters: parameters of CreateKey, by their names in the API.

        Returns:
            The key ID.

        Raises:
            botocore.exceptions.ClientError: what CreateKey answers.
            KeyError: the endpoint of the key store is none of a proxy of this world, and no
                external key is named.

        Whatever is raised, no external key is left of it.
        """

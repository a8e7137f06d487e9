"""The handle on a custom key store (``moto_cks.KeyStore``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto_cks.handle.builder import Clients
    from moto_cks.handle.protocols.cluster import Cluster


class KeyStoreHandle:
    """A custom key store that :meth:`moto_cks.Cks.create_key_store` has made.

    It works by the AWS APIs alone, so it is the same wherever the world is.

    Attributes:
        id: the custom key store ID.
        name: its name.
        cluster: the handle on its cluster.
        region: its Region.
    """

    def __init__(self, key_store_id: str, name: str, cluster: Cluster, clients: Clients) -> None:
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
        # Late: whoever imports the public names has not asked for KMS yet.
        from moto_cks.kms.keystores.types import KeyStoreType  # noqa: PLC0415

        answer = self._clients.kms.create_key(
            Origin=KeyStoreType.AWS_CLOUDHSM.value, CustomKeyStoreId=self.id, **parameters
        )
        return str(answer["KeyMetadata"]["KeyId"])

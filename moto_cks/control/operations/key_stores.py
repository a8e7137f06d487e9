"""Key stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto_cks.handle import builder
from moto_cks.handle.cks import LOCAL
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.kms.models import kms_backend, locate_key_store
from moto_cks.world.lock import WORLD


def create_key_store(cluster_id: str | None = None, **parameters: Any) -> dict[str, Any]:
    foreign = parameters.keys() - {"name", "connect", "kmsuser_password"}
    if cluster_id is not None and foreign:
        raise ValueError(f"The cluster is given; what for {', '.join(sorted(foreign))}?")
    return get_key_store(LOCAL.create_key_store(cluster=cluster_id, **parameters).id)


def get_key_store(key_store_id: str) -> dict[str, Any]:
    """A key store."""
    with WORLD:
        account_id, region = locate_key_store(key_store_id)
        store = kms_backend(account_id, region).key_stores.get(key_store_id)
        return {
            "id": key_store_id,
            "name": store.name,
            "cluster_id": store.cluster_id if isinstance(store, CloudHsmKeyStore) else None,
            "region": region,
            "account_id": account_id,
        }


def create_key(key_store_id: str, **parameters: Any) -> dict[str, Any]:
    clients = _clients_of(key_store_id)
    answer = clients.kms.create_key(
        Origin=KeyStoreType.AWS_CLOUDHSM.value, CustomKeyStoreId=key_store_id, **parameters
    )
    return {"key_id": answer["KeyMetadata"]["KeyId"]}


def _clients_of(key_store_id: str) -> builder.Clients:
    with WORLD:
        return builder.Clients(*locate_key_store(key_store_id))


OPERATIONS: dict[str, Callable[..., Any]] = {
    "create_key_store": create_key_store,
    "get_key_store": get_key_store,
    "create_key": create_key,
}

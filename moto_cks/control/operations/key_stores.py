"""Key stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.kms.models import kms_backends

from moto_cks.handle import builder
from moto_cks.handle.cks import LOCAL
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.external.store import ExternalKeyStore
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.kms.models import kms_backend, locate_key_store
from moto_cks.kms.situations import key_stores_in
from moto_cks.world.clock import keep_appointments
from moto_cks.world.lock import WORLD


def create_key_store(cluster_id: str | None = None, **parameters: Any) -> dict[str, Any]:
    foreign = parameters.keys() - {"name", "connect", "kmsuser_password"}
    if cluster_id is not None and foreign:
        raise ValueError(f"The cluster is given; what for {', '.join(sorted(foreign))}?")
    return get_key_store(LOCAL.create_key_store(cluster=cluster_id, **parameters).id)


def get_key_store(key_store_id: str) -> dict[str, Any]:
    """A key store."""
    with WORLD:
        keep_appointments()
        return _show(_store(key_store_id))


def _store(key_store_id: str) -> KeyStore:
    return kms_backend(*locate_key_store(key_store_id)).key_stores.get(key_store_id)


def list_key_stores(account_id: str | None = None, region: str | None = None) -> dict[str, Any]:
    """The key stores of all accounts and Regions, or of some."""
    with WORLD:
        keep_appointments()
        return {
            "key_stores": [
                _show(store)
                for account, where, _ in kms_backends.iter_backends()
                if account_id in (None, account) and region in (None, where)
                for store in key_stores_in(account, where)
            ]
        }


def _show(store: KeyStore) -> dict[str, Any]:
    code = store.connection.error_code
    return {
        "id": store.custom_key_store_id,
        "name": store.name,
        "type": store.key_store_type.value,
        "cluster_id": store.cluster_id if isinstance(store, CloudHsmKeyStore) else None,
        "xks_proxy": _show_proxy(store) if isinstance(store, ExternalKeyStore) else None,
        "region": store.region,
        "account_id": store.account_id,
        "connection_state": store.connection_state,
        "connection_error_code": None if code is None else code.value,
    }


def _show_proxy(store: ExternalKeyStore) -> dict[str, Any]:
    address = store.address
    return {
        "endpoint": address.endpoint,
        "host": address.host.removeprefix("https://"),
        "path": address.path,
        "connectivity": address.connectivity,
        "endpoint_service": address.service,
        "access_key_id": store.access_key_id,
    }


def connect_key_store(key_store_id: str) -> None:
    """Begin to connect a key store."""
    _clients_of(key_store_id).kms.connect_custom_key_store(CustomKeyStoreId=key_store_id)


def disconnect_key_store(key_store_id: str) -> None:
    """Begin to disconnect a key store."""
    _clients_of(key_store_id).kms.disconnect_custom_key_store(CustomKeyStoreId=key_store_id)


def tell_password(key_store_id: str, password: str) -> None:
    """Tell KMS the password of ``kmsuser``."""
    _clients_of(key_store_id).kms.update_custom_key_store(
        CustomKeyStoreId=key_store_id, KeyStorePassword=password
    )


def create_key(key_store_id: str, **parameters: Any) -> dict[str, Any]:
    clients = _clients_of(key_store_id)
    if _store(key_store_id).key_store_type is KeyStoreType.EXTERNAL_KEY_STORE:
        external = LOCAL.external_key_store(key_store_id)
        return {"key_id": external.create_key(parameters.pop("XksKeyId", None), **parameters)}
    answer = clients.kms.create_key(
        Origin=KeyStoreType.AWS_CLOUDHSM.value, CustomKeyStoreId=key_store_id, **parameters
    )
    return {"key_id": answer["KeyMetadata"]["KeyId"]}


def _clients_of(key_store_id: str) -> builder.Clients:
    with WORLD:
        return builder.Clients(*locate_key_store(key_store_id))


OPERATIONS: dict[str, Callable[..., Any]] = {
    "create_key_store": create_key_store,
    "list_key_stores": list_key_stores,
    "get_key_store": get_key_store,
    "connect_key_store": connect_key_store,
    "disconnect_key_store": disconnect_key_store,
    "tell_password": tell_password,
    "create_key": create_key,
}

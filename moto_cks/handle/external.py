"""External key stores and their proxies in this process.

Loaded with the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, cast

from moto_cks.handle.builder import Clients
from moto_cks.handle.presence import Presence, require_mock
from moto_cks.handle.protocols.cks import XKS_HOST, XKS_KEYS, XKS_PATH_PREFIX
from moto_cks.handle.protocols.key_store import ExternalKeyStore
from moto_cks.handle.xks_causes import KINDS, set_up
from moto_cks.kms.keystores.external.authorities import authorities
from moto_cks.kms.keystores.external.requests import Connectivity
from moto_cks.kms.keystores.external.routes import host_of, routes
from moto_cks.kms.keystores.external.store import ExternalKeyStore as KmsExternalKeyStore
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.kms.models import kms_backend
from moto_cks.world import clock
from moto_cks.world.lock import WORLD
from moto_cks.xks_proxy.proxy import XksProxy

INSTANCES = ("ekm-1",)


class ProxyHandle:
    """The proxy that a host of this world is now: a restored world has another one of the name."""

    __slots__ = ("_host", "_world")

    def __init__(self, host: str) -> None:
        object.__setattr__(self, "_host", host)
        object.__setattr__(self, "_world", Presence(f"The proxy {host}"))

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return XksProxy

    def __repr__(self) -> str:
        return f"<XksProxy https://{self._host}>"

    def __dir__(self) -> list[str]:
        return dir(XksProxy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, XksProxy) and other.host == self._host

    def __hash__(self) -> int:
        return hash(self._host)

    def __getattr__(self, name: str) -> Any:
        found = self._found()
        method = getattr(found, name)
        return set_up(found, name, method) if name in KINDS else method

    def __setattr__(self, name: str, value: object) -> None:
        # What can be set is of its parts: of its keys, its key manager and its instances.
        raise AttributeError(f"A proxy has no attribute {name!r} that could be set.")

    def _found(self) -> XksProxy:
        with WORLD, self._world:
            return _proxy_of(self._host)


def _proxy_of(host: str) -> XksProxy:
    """A proxy of this world.

    Raises:
        KeyError: there is none of that host.
    """
    proxy = routes().proxies.get(host.lower())
    if proxy is None:
        raise KeyError(f"There is no external key store proxy {host}")
    return proxy


def _handle_on(host: str) -> XksProxy:
    return cast(XksProxy, ProxyHandle(_proxy_of(host).host))


class Proxies(Mapping[str, XksProxy]):
    """The proxies of this world."""

    def __getitem__(self, host: str) -> XksProxy:
        require_mock()
        with WORLD:
            return _handle_on(host)

    def __iter__(self) -> Iterator[str]:
        require_mock()
        with WORLD:
            return iter([proxy.host for proxy in routes().proxies.values()])

    def __len__(self) -> int:
        return len(list(iter(self)))


def make_proxy(
    host: str,
    path_prefix: str = XKS_PATH_PREFIX,
    region: str | None = None,
    keys: Iterable[str] = XKS_KEYS,
    instances: Sequence[str] = INSTANCES,
) -> XksProxy:
    """Make a proxy; see :meth:`moto_cks.Cks.xks_proxy`.

    Raises:
        ValueError: there is one of that host, or a parameter cannot be.
    """
    with WORLD:
        proxy = XksProxy(
            host,
            path_prefix=path_prefix,
            region=region,
            keys=keys,
            instances=instances,
            authority=authorities().public,
            clock=clock.now,
        )
        routes().add_proxy(proxy)
        return _handle_on(host)


def client_ca() -> str:
    """The CA of KMS's client certificates; see :meth:`moto_cks.Cks.xks_client_ca`."""
    with WORLD:
        return authorities().amazon.certificate


def build(
    clients: Clients,
    name: str,
    proxy: XksProxy | None,
    connectivity: str,
    connect: bool,
    undo: ExitStack,
) -> LocalExternalKeyStore:
    """Build an external key store.

    Args:
        clients: of the account and Region.
        name: CustomKeyStoreName.
        proxy: its proxy; ``None`` for a new one.
        connectivity: XksProxyConnectivity; a VPC endpoint service is built where it takes one.
        connect: whether to connect it.
        undo: takes back what was built.

    Raises:
        ValueError: the proxy is none of this world, or has no credential; there is no such
            connectivity.
        botocore.exceptions.ClientError: what KMS answers.
    """
    if connectivity not in list(Connectivity):
        raise ValueError(f"A connectivity is {' or '.join(Connectivity)}, not {connectivity!r}.")
    if proxy is None:
        proxy = make_proxy(_free_host())
        undo.callback(routes().remove, proxy.host)
    else:
        _require_known(proxy)
    credential, service = proxy.credential, {}
    if connectivity == Connectivity.VPC_ENDPOINT_SERVICE:
        from moto_cks.handle.endpoint_service import build_endpoint_service  # noqa: PLC0415

        service_name = build_endpoint_service(clients, proxy.host, undo)
        service = {"XksProxyVpcEndpointServiceName": service_name}
    key_store_id = clients.kms.create_custom_key_store(
        CustomKeyStoreName=name,
        CustomKeyStoreType=KeyStoreType.EXTERNAL_KEY_STORE.value,
        XksProxyConnectivity=connectivity,
        XksProxyUriEndpoint=proxy.endpoint,
        XksProxyUriPath=proxy.path,
        XksProxyAuthenticationCredential={
            "AccessKeyId": credential.access_key_id,
            "RawSecretAccessKey": credential.secret_access_key,
        },
        **service,
    )["CustomKeyStoreId"]
    key_stores = kms_backend(clients.account_id, clients.region).key_stores
    undo.callback(key_stores.delete, key_store_id)
    if connect:
        clients.kms.connect_custom_key_store(CustomKeyStoreId=key_store_id)
    return LocalExternalKeyStore(key_store_id, name, proxy.host, clients)


def handle_on(key_store_id: str, clients: Clients) -> LocalExternalKeyStore:
    """The handle on an external key store that exists.

    Raises:
        KeyError: the key store is none.
    """
    store = kms_backend(clients.account_id, clients.region).key_stores.get(key_store_id)
    if not isinstance(store, KmsExternalKeyStore):
        raise KeyError(f"{key_store_id} is no external key store.")
    host = host_of(store.address.endpoint)
    return LocalExternalKeyStore(key_store_id, store.name, host, clients)


def _free_host() -> str:
    """The host of another proxy: the first name that is nobody's."""
    with WORLD:
        host, number = XKS_HOST, 1
        first, _, domain = XKS_HOST.partition(".")
        while routes().leads_to(host):
            number += 1
            host = f"{first}-{number}.{domain}"
        return host


def _require_known(proxy: XksProxy) -> None:
    """Refuse what KMS would not find.

    Raises:
        ValueError: it is no proxy of this world.
        RuntimeError: it is one of a world that is over.
    """
    known = None
    if isinstance(proxy, XksProxy):
        with WORLD:
            known = routes().proxies.get(proxy.host.lower())
    if known is None or known.main is not proxy.main:
        raise ValueError(f"{proxy!r} is no proxy that cks.xks_proxy has made in this world.")


class LocalExternalKeyStore(ExternalKeyStore):
    """An external key store; see :class:`moto_cks.ExternalKeyStore`."""

    def __init__(self, key_store_id: str, name: str, host: str, clients: Clients) -> None:
        super().__init__(key_store_id, name, clients.account_id, clients.region)
        self._world = Presence(f"Key store {key_store_id}")
        self._seen_host = host
        self._clients = clients

    def require_world(self) -> None:
        self._world.require()

    @property
    def proxy(self) -> XksProxy:
        self._look()
        with WORLD, self._world:
            return _handle_on(self._seen_host)

    def _look(self) -> None:
        """See what there is of it now."""
        with WORLD, self._world:
            store = kms_backend(self.account_id, self.region).key_stores.find(self.id)
            if isinstance(store, KmsExternalKeyStore):
                self._seen_name = store.name
                self._seen_host = host_of(store.address.endpoint)

    def create_key(self, xks_key_id: str | None = None, **parameters: Any) -> str:
        self._world.require()
        with ExitStack() as undo:
            if xks_key_id is None:
                made = self.proxy.create_key()
                undo.callback(made.delete)  # where KMS does not want it
                xks_key_id = made.id
            answer = self._clients.kms.create_key(
                Origin=KeyStoreType.EXTERNAL_KEY_STORE.value,
                CustomKeyStoreId=self.id,
                XksKeyId=xks_key_id,
                **parameters,
            )
            undo.pop_all()
        return str(answer["KeyMetadata"]["KeyId"])

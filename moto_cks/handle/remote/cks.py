"""``cks`` on a world in another process."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from types import ModuleType
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.handle.protocols.cks import (
    DEFAULT_REGION,
    XKS_HOST,
    XKS_KEYS,
    XKS_PATH_PREFIX,
    XksConnectivity,
)
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.creating import CreatingCks
from moto_cks.handle.protocols.explanation import Explanation, name_of
from moto_cks.handle.protocols.external import XksRoute
from moto_cks.handle.protocols.handles import (
    AnyCluster,
    AnyKeyStore,
    cluster_id_of,
    key_store_id_of,
)
from moto_cks.handle.protocols.key_store import CustomKeyStore, ExternalKeyStore
from moto_cks.handle.protocols.parameters import ClusterParameters
from moto_cks.handle.protocols.snapshots import AnyPath, Snapshot
from moto_cks.handle.remote import snapshots
from moto_cks.handle.remote.clock import RemoteClock
from moto_cks.handle.remote.cluster import RemoteCluster
from moto_cks.handle.remote.failures import RemoteFailures
from moto_cks.handle.remote.faults import RemoteFaults
from moto_cks.handle.remote.key_store import RemoteKeyStore
from moto_cks.handle.remote.network import RemoteNetwork
from moto_cks.handle.remote.snapshots import RemoteSnapshot
from moto_cks.handle.remote.timeline import RemoteTimeline
from moto_cks.handle.remote.tool import RemoteTool
from moto_cks.handle.remote.trail import RemoteTrail
from moto_cks.handle.remote.wire import Wire, given
from moto_cks.kms.births import Birth

if TYPE_CHECKING:
    from moto_cks.xks_proxy.proxy import XksProxy


class RemoteCks(CreatingCks):
    """The handle on the world of a server or proxy; see :class:`moto_cks.handle.protocols.cks.Cks`.

    The server builds what it is asked for, as its own handle does.

    Args:
        url: where the control API is.
    """

    def __init__(self, url: str) -> None:
        self._wire = Wire(url)
        super().__init__(
            RemoteClock(self._wire),
            RemoteFaults(self._wire),
            RemoteFailures(self._wire),
            RemoteTrail(self._wire),
            RemoteTimeline(self._wire),
        )

    def __repr__(self) -> str:
        return f"<RemoteCks at {self._wire.endpoint}>"

    def _build_cluster(self, parameters: ClusterParameters) -> RemoteCluster:
        return RemoteCluster(self._wire, self._wire.post("clusters", body=_body(parameters)))

    def _build_key_store(
        self, name: str, on: AnyCluster | ClusterParameters, connect: bool, kmsuser_password: str
    ) -> RemoteKeyStore:
        body: dict[str, Any] = {"name": name, "connect": connect}
        if isinstance(on, ClusterParameters):
            body |= _body(on)
        else:
            body |= {"cluster_id": cluster_id_of(on), "kmsuser_password": kmsuser_password}
        made = self._wire.post("key-stores", body=body)
        cluster = on if isinstance(on, Cluster) else self.cluster(made["cluster_id"])
        return RemoteKeyStore(self._wire, made["id"], made["name"], cluster)

    def xks_proxy(
        self,
        host: str = XKS_HOST,
        *,
        path_prefix: str = XKS_PATH_PREFIX,
        region: str | None = None,
        keys: Iterable[str] = XKS_KEYS,
        instances: Sequence[str] = ("ekm-1",),
    ) -> XksProxy:
        made: XksProxy = _external().make_proxy(
            self._wire, host, path_prefix, region, keys, instances
        )
        return made

    @property
    def xks_proxies(self) -> Mapping[str, XksProxy]:
        proxies: Mapping[str, XksProxy] = _external().RemoteProxies(self._wire)
        return proxies

    def route_xks(
        self,
        endpoint: str,
        *,
        to: str,
        ca: AnyPath | None = None,
        tls: bool = True,
        allow_remote: bool = False,
    ) -> XksRoute:
        route: XksRoute = _external().make_route(
            self._wire, endpoint, to, ca, tls=tls, allow_remote=allow_remote
        )
        return route

    def xks_client_ca(self) -> str:
        return str(self._wire.get("xks-client-ca")["certificate"])

    @property
    def network(self) -> RemoteNetwork:
        return RemoteNetwork(self._wire)

    def create_external_key_store(
        self,
        name: str = "ExampleExternalKeyStore",
        *,
        proxy: XksProxy | None = None,
        connectivity: XksConnectivity = "PUBLIC_ENDPOINT",
        connect: bool = True,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
    ) -> ExternalKeyStore:
        store: ExternalKeyStore = _external().build(
            self._wire,
            proxy,
            name=name,
            connectivity=connectivity,
            connect=connect,
            region=region,
            account_id=account_id,
        )
        return store

    def cluster(self, cluster_id: AnyCluster) -> RemoteCluster:
        return RemoteCluster(self._wire, self._wire.get("clusters", cluster_id_of(cluster_id)))

    def explain(self, subject: CustomKeyStore | Cluster | str) -> Explanation:
        return Explanation.from_dict(self._wire.get("explain", name_of(subject)))

    def cloudhsm_mgmt_util(self, cluster_id: AnyCluster) -> RemoteTool:
        return self._tool("cloudhsm_mgmt_util", cluster_id)

    def key_mgmt_util(self, cluster_id: AnyCluster) -> RemoteTool:
        return self._tool("key_mgmt_util", cluster_id)

    def cloudhsm_cli(self, cluster_id: AnyCluster) -> RemoteTool:
        return self._tool("cloudhsm-cli", cluster_id)

    def _tool(self, name: str, cluster: AnyCluster) -> RemoteTool:
        wire = self._wire.of_this_world(f"The session of {name}", running=True)
        return RemoteTool(wire, name, cluster_id_of(cluster))

    def key_store(self, key_store_id: AnyKeyStore) -> RemoteKeyStore:
        shown = self._wire.get("key-stores", key_store_id_of(key_store_id))
        if shown["cluster_id"] is None:
            raise KeyError(f"{shown['id']} is in no cluster.")
        return RemoteKeyStore(
            self._wire, shown["id"], shown["name"], self.cluster(shown["cluster_id"])
        )

    def external_key_store(self, key_store_id: AnyKeyStore) -> ExternalKeyStore:
        store: ExternalKeyStore = _external().handle_on(self._wire, key_store_id_of(key_store_id))
        return store

    def create_key(
        self,
        *,
        key_id: str | None = None,
        material: bytes | None = None,
        key_store: AnyKeyStore | None = None,
        region: str | None = None,
        account_id: str | None = None,
        **parameters: Any,
    ) -> str:
        Birth(key_id, material)  # refuses here what is wrong of them
        body = given(
            key_id=key_id,
            material=None if material is None else base64.b64encode(material).decode(),
            key_store_id=None if key_store is None else key_store_id_of(key_store),
            region=region,
            account_id=account_id,
            parameters=parameters or None,
        )
        return str(self._wire.post("keys", body=body)["key_id"])

    def snapshot(self) -> RemoteSnapshot:
        return snapshots.take(self._wire)

    def restore(self, snapshot: Snapshot) -> None:
        snapshots.restore(self._wire, snapshot)

    def save(self, path: AnyPath) -> RemoteSnapshot:
        return snapshots.save(self._wire, path)

    def load(self, path: AnyPath) -> RemoteSnapshot:
        return snapshots.load(self._wire, path)

    def reset(self) -> None:
        self._wire.post("reset")


def _external() -> ModuleType:
    """Handles on proxies and external key stores, loaded with the first."""
    from moto_cks.handle.remote import external  # noqa: PLC0415

    return external


def _body(parameters: ClusterParameters) -> dict[str, Any]:
    body = given(**asdict(parameters))
    # None of them is none that is asked for.
    return {name: value for name, value in body.items() if value not in ((), [])}

"""``cks`` on the world in this process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Any

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend
from moto.settings import allow_unknown_region

from moto_cks.cloudhsmv2.models import find_cluster_anywhere
from moto_cks.handle import builder, keys
from moto_cks.handle.building import build_cluster, build_key_store
from moto_cks.handle.clock import LocalClock
from moto_cks.handle.cluster import LocalCluster
from moto_cks.handle.failures import LocalFailures
from moto_cks.handle.faults import LocalFaults
from moto_cks.handle.fleet import ClusterFleet
from moto_cks.handle.key_store import LocalKeyStore
from moto_cks.handle.network import LocalNetwork
from moto_cks.handle.presence import Presence, require_mock
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
from moto_cks.handle.timeline import LocalTimeline
from moto_cks.handle.trail import LocalTrail
from moto_cks.kms.births import Birth
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.models import kms_backend, locate_key_store
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_mgmt_util import CloudHsmMgmtUtil
from moto_cks.tools.key_mgmt_util import KeyMgmtUtil
from moto_cks.tools.session import ToolSession
from moto_cks.world.botocore_session import shared_with_moto
from moto_cks.world.lock import WORLD

if TYPE_CHECKING:
    from moto_cks.xks_proxy.proxy import XksProxy


class LocalCks(CreatingCks):
    """The handle on the world in this process; see :class:`moto_cks.handle.protocols.cks.Cks`."""

    def __init__(self) -> None:
        super().__init__(
            LocalClock(), LocalFaults(), LocalFailures(self), LocalTrail(), LocalTimeline()
        )

    def _build_cluster(self, parameters: ClusterParameters) -> LocalCluster:
        clients = _clients(parameters.account_id, parameters.region)
        with ExitStack() as undo:
            cluster = build_cluster(clients, parameters, undo)
            undo.pop_all()
        return cluster

    def _build_key_store(
        self, name: str, on: AnyCluster | ClusterParameters, connect: bool, kmsuser_password: str
    ) -> LocalKeyStore:
        with ExitStack() as undo:
            if isinstance(on, ClusterParameters):
                clients = _clients(on.account_id, on.region)
                found: Cluster = build_cluster(clients, on, undo)
            else:
                found = on if isinstance(on, Cluster) else self.cluster(on)
                found.require_world()
                clients = _clients(found.account_id, found.region)
            store = build_key_store(clients, name, found, connect, kmsuser_password, undo)
            undo.pop_all()
        return store

    def xks_proxy(
        self,
        host: str = XKS_HOST,
        *,
        path_prefix: str = XKS_PATH_PREFIX,
        region: str | None = None,
        keys: Iterable[str] = XKS_KEYS,
        instances: Sequence[str] = ("ekm-1",),
    ) -> XksProxy:
        require_mock()
        made: XksProxy = _external().make_proxy(host, path_prefix, region, keys, instances)
        return made

    @property
    def xks_proxies(self) -> Mapping[str, XksProxy]:
        proxies: Mapping[str, XksProxy] = _external().Proxies()
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
        require_mock()
        from moto_cks.handle.routing import make_route  # noqa: PLC0415 - with the first

        return make_route(endpoint, to, ca, tls=tls, allow_remote=allow_remote)

    def xks_client_ca(self) -> str:
        require_mock()
        ca: str = _external().client_ca()
        return ca

    @property
    def network(self) -> LocalNetwork:
        return LocalNetwork()

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
        clients = _clients(account_id, region)
        with ExitStack() as undo:
            store: ExternalKeyStore = _external().build(
                clients, name, proxy, connectivity, connect, undo
            )
            undo.pop_all()
        return store

    def cluster(self, cluster_id: AnyCluster) -> LocalCluster:
        require_mock()
        found = cluster_id_of(cluster_id)
        with WORLD:
            return LocalCluster(*find_cluster_anywhere(found))

    def explain(self, subject: CustomKeyStore | Cluster | str) -> Explanation:
        # With the first question: it loads the table of the failures.
        from moto_cks.handle.explain import explanation_of  # noqa: PLC0415

        name = name_of(subject)
        require_mock()
        with WORLD:
            return explanation_of(name)

    def cloudhsm_mgmt_util(self, cluster_id: AnyCluster) -> ToolSession:
        with WORLD:
            return CloudHsmMgmtUtil(_fleet_of_sdk_3(CloudHsmMgmtUtil.name, cluster_id))

    def key_mgmt_util(self, cluster_id: AnyCluster) -> ToolSession:
        with WORLD:
            return KeyMgmtUtil(_fleet_of_sdk_3(KeyMgmtUtil.name, cluster_id))

    def cloudhsm_cli(self, cluster_id: AnyCluster) -> ToolSession:
        with WORLD:
            return CloudHsmCli(_fleet(CloudHsmCli.name, cluster_id))

    def key_store(self, key_store_id: AnyKeyStore) -> LocalKeyStore:
        require_mock()
        found = key_store_id_of(key_store_id)
        with WORLD:
            account_id, region = locate_key_store(found)
            store = kms_backend(account_id, region).key_stores.get(found)
            if not isinstance(store, CloudHsmKeyStore):
                raise KeyError(f"{found} is in no cluster.")
            seen = LocalCluster(store.cluster_id, account_id, region)
            return LocalKeyStore(found, store.name, seen, builder.Clients(account_id, region))

    def external_key_store(self, key_store_id: AnyKeyStore) -> ExternalKeyStore:
        require_mock()
        found = key_store_id_of(key_store_id)
        with WORLD:
            account_id, region = locate_key_store(found)
            clients = builder.Clients(account_id, region)
            store: ExternalKeyStore = _external().handle_on(found, clients)
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
        require_mock()
        birth = Birth(key_id, material)
        if key_store is not None:
            found = key_store_id_of(key_store)
            with WORLD:
                owner, home = locate_key_store(found)
                kind = kms_backend(owner, home).key_stores.get(found).key_store_type
            region, account_id = region or home, account_id or owner
            parameters = {
                "Origin": kind.value,
                **parameters,
                "CustomKeyStoreId": found,
            }
        clients = _clients(account_id or DEFAULT_ACCOUNT_ID, region or DEFAULT_REGION)
        return keys.create_key(clients, birth, parameters)

    def snapshot(self) -> Snapshot:
        taken: Snapshot = _snapshots().take()
        return taken

    def restore(self, snapshot: Snapshot) -> None:
        _snapshots().restore(snapshot)

    def save(self, path: AnyPath) -> Snapshot:
        saved: Snapshot = _snapshots().save(path)
        return saved

    def load(self, path: AnyPath) -> Snapshot:
        loaded: Snapshot = _snapshots().load(path)
        return loaded

    def reset(self) -> None:
        require_mock()
        with WORLD:
            moto_api_backend.reset()


def _clients(account_id: str, region: str) -> builder.Clients:
    """Clients of the mocked AWS.

    Raises:
        RuntimeError: the mock is not on; they would reach AWS.
        ValueError: there is no such Region.
    """
    require_mock()
    with shared_with_moto():
        regions = cloudhsmv2_backends[account_id].regions  # moto makes its session for it
    if region not in regions and not allow_unknown_region():
        raise ValueError(f"There is no Region {region!r}.")
    return builder.Clients(account_id, region)


def _external() -> ModuleType:
    """What makes proxies and external key stores, loaded with the first."""
    from moto_cks.handle import external  # noqa: PLC0415

    return external


def _snapshots() -> ModuleType:
    """What takes snapshots, loaded with the first: it knows all that a world can be made of."""
    from moto_cks.handle import snapshots  # noqa: PLC0415

    return snapshots


def _fleet(tool: str, cluster: AnyCluster) -> ClusterFleet:
    """The HSMs of a cluster, for a tool."""
    require_mock()
    found, _, _ = find_cluster_anywhere(cluster_id_of(cluster))
    return ClusterFleet(found, Presence(f"The session of {tool}", running=True))


def _fleet_of_sdk_3(tool: str, cluster: AnyCluster) -> ClusterFleet:
    """The same, for a tool of Client SDK 3."""
    fleet = _fleet(tool, cluster)
    found = fleet.cluster
    found.connections.note_sdk_3(tool, found.cluster_id, found.hsm_type)
    return fleet


LOCAL = LocalCks()
"""The handle on the world of this process; it has meaning while ``mock_cks`` is on."""

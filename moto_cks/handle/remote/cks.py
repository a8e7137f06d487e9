"""``cks`` on a world in another process."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.handle.protocols.cks import (
    CIDR,
    DEFAULT_REGION,
    HSMS,
    KMSUSER_PASSWORD,
    SUBNET_PREFIX,
    Cks,
)
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.explanation import Explanation, name_of
from moto_cks.handle.protocols.handles import (
    AnyCluster,
    AnyKeyStore,
    cluster_id_of,
    key_store_id_of,
)
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.handle.protocols.parameters import ClusterParameters, parameters_of_new
from moto_cks.handle.protocols.snapshots import AnyPath, Snapshot
from moto_cks.handle.remote import snapshots
from moto_cks.handle.remote.clock import RemoteClock
from moto_cks.handle.remote.cluster import RemoteCluster
from moto_cks.handle.remote.failures import RemoteFailures
from moto_cks.handle.remote.faults import RemoteFaults
from moto_cks.handle.remote.key_store import RemoteKeyStore
from moto_cks.handle.remote.snapshots import RemoteSnapshot
from moto_cks.handle.remote.timeline import RemoteTimeline
from moto_cks.handle.remote.tool import RemoteTool
from moto_cks.handle.remote.trail import RemoteTrail
from moto_cks.handle.remote.wire import Wire, given
from moto_cks.kms.births import Birth


class RemoteCks(Cks):
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

    def create_cluster(
        self,
        *,
        hsms: int = HSMS,
        region: str = DEFAULT_REGION,
        account_id: str = DEFAULT_ACCOUNT_ID,
        kmsuser_password: str = KMSUSER_PASSWORD,
        vpc_id: str | None = None,
        subnet_ids: Sequence[str] = (),
        cidr: str = CIDR,
        subnet_prefix: int = SUBNET_PREFIX,
        zones: Sequence[str] = (),
    ) -> RemoteCluster:
        parameters = ClusterParameters(
            hsms=hsms,
            region=region,
            account_id=account_id,
            kmsuser_password=kmsuser_password,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            cidr=cidr,
            subnet_prefix=subnet_prefix,
            zones=zones,
        )
        return RemoteCluster(self._wire, self._wire.post("clusters", body=_body(parameters)))

    def create_key_store(
        self,
        name: str = "ExampleKeyStore",
        *,
        cluster: AnyCluster | None = None,
        connect: bool = True,
        kmsuser_password: str = KMSUSER_PASSWORD,
        hsms: int | None = None,
        region: str | None = None,
        account_id: str | None = None,
        vpc_id: str | None = None,
        subnet_ids: Sequence[str] | None = None,
        cidr: str | None = None,
        subnet_prefix: int | None = None,
        zones: Sequence[str] | None = None,
    ) -> RemoteKeyStore:
        parameters = parameters_of_new(
            cluster,
            kmsuser_password,
            hsms=hsms,
            region=region,
            account_id=account_id,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            cidr=cidr,
            subnet_prefix=subnet_prefix,
            zones=zones,
        )
        body: dict[str, Any] = {"name": name, "connect": connect}
        if parameters is None:
            assert cluster is not None
            body |= {"cluster_id": cluster_id_of(cluster), "kmsuser_password": kmsuser_password}
        else:
            body |= _body(parameters)
        made = self._wire.post("key-stores", body=body)
        is_handle = isinstance(cluster, Cluster)
        on = cluster if is_handle else self.cluster(made["cluster_id"])
        assert isinstance(on, Cluster)
        return RemoteKeyStore(self._wire, made["id"], made["name"], on)

    def cluster(self, cluster_id: AnyCluster) -> RemoteCluster:
        return RemoteCluster(self._wire, self._wire.get("clusters", cluster_id_of(cluster_id)))

    def explain(self, subject: KeyStore | Cluster | str) -> Explanation:
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
        return RemoteKeyStore(
            self._wire, shown["id"], shown["name"], self.cluster(shown["cluster_id"])
        )

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


def _body(parameters: ClusterParameters) -> dict[str, Any]:
    body = given(**asdict(parameters))
    # None of them is none that is asked for.
    return {name: value for name, value in body.items() if value not in ((), [])}

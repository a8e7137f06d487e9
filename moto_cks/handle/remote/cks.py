"""``cks`` on a world in another process."""

from __future__ import annotations

from moto_cks.handle import builder
from moto_cks.handle.building import BuildingCks
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.explanation import Explanation, name_of
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.handle.remote.clock import RemoteClock
from moto_cks.handle.remote.cluster import RemoteCluster
from moto_cks.handle.remote.failures import RemoteFailures
from moto_cks.handle.remote.faults import RemoteFaults
from moto_cks.handle.remote.timeline import RemoteTimeline
from moto_cks.handle.remote.tool import RemoteTool
from moto_cks.handle.remote.trail import RemoteTrail
from moto_cks.handle.remote.wire import Wire


class RemoteCks(BuildingCks):
    """The handle on the world of a server or proxy; see :class:`moto_cks.handle.protocols.cks.Cks`.

    Args:
        url: where the control API is.
        endpoint: where its clients find the mocked AWS.
    """

    def __init__(self, url: str, endpoint: builder.Endpoint) -> None:
        self._wire = Wire(url)
        self._endpoint = endpoint
        super().__init__(
            RemoteClock(self._wire),
            RemoteFaults(self._wire),
            RemoteFailures(self._wire),
            RemoteTrail(self._wire),
            RemoteTimeline(self._wire),
        )

    def __repr__(self) -> str:
        return f"<RemoteCks at {self._wire.endpoint}>"

    def _clients(self, account_id: str, region: str) -> builder.Clients:
        return builder.Clients(account_id, region, self._endpoint)

    def cluster(self, cluster_id: str) -> RemoteCluster:
        return RemoteCluster(self._wire, self._wire.get("clusters", cluster_id))

    def explain(self, subject: KeyStore | Cluster | str) -> Explanation:
        return Explanation.from_dict(self._wire.get("explain", name_of(subject)))

    def cloudhsm_mgmt_util(self, cluster_id: str) -> RemoteTool:
        return RemoteTool(self._wire, "cloudhsm_mgmt_util", cluster_id)

    def key_mgmt_util(self, cluster_id: str) -> RemoteTool:
        return RemoteTool(self._wire, "key_mgmt_util", cluster_id)

    def cloudhsm_cli(self, cluster_id: str) -> RemoteTool:
        return RemoteTool(self._wire, "cloudhsm-cli", cluster_id)

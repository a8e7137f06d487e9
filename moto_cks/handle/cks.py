"""``cks`` on the world in this process."""

from __future__ import annotations

from moto.cloudhsmv2.models import cloudhsmv2_backends

from moto_cks.cloudhsmv2.models import find_cluster_anywhere
from moto_cks.handle import builder
from moto_cks.handle.building import BuildingCks
from moto_cks.handle.clock import LocalClock
from moto_cks.handle.cluster import LocalCluster
from moto_cks.handle.failures import LocalFailures
from moto_cks.handle.faults import LocalFaults
from moto_cks.handle.fleet import ClusterFleet
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.explanation import Explanation, name_of
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.handle.timeline import LocalTimeline
from moto_cks.handle.trail import LocalTrail
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_mgmt_util import CloudHsmMgmtUtil
from moto_cks.tools.key_mgmt_util import KeyMgmtUtil
from moto_cks.tools.session import ToolSession
from moto_cks.world.botocore_session import shared_with_moto
from moto_cks.world.lock import WORLD
from moto_cks.world.switch import switch


class LocalCks(BuildingCks):
    """The handle on the world in this process; see :class:`moto_cks.handle.protocols.cks.Cks`."""

    def __init__(self) -> None:
        super().__init__(
            LocalClock(), LocalFaults(), LocalFailures(self), LocalTrail(), LocalTimeline()
        )

    def _clients(self, account_id: str, region: str) -> builder.Clients:
        _require_mock()
        with shared_with_moto():
            cloudhsmv2_backends[account_id]  # moto makes its session, unless it has one
        return builder.Clients(account_id, region)

    def cluster(self, cluster_id: str) -> LocalCluster:
        _require_mock()
        with WORLD:
            return LocalCluster(*find_cluster_anywhere(cluster_id))

    def explain(self, subject: KeyStore | Cluster | str) -> Explanation:
        # With the first question: it loads the table of the failures.
        from moto_cks.handle.explain import explanation_of  # noqa: PLC0415

        name = name_of(subject)
        _require_mock()
        with WORLD:
            return explanation_of(name)

    def cloudhsm_mgmt_util(self, cluster_id: str) -> ToolSession:
        with WORLD:
            return CloudHsmMgmtUtil(_fleet(cluster_id))

    def key_mgmt_util(self, cluster_id: str) -> ToolSession:
        with WORLD:
            return KeyMgmtUtil(_fleet(cluster_id))

    def cloudhsm_cli(self, cluster_id: str) -> ToolSession:
        with WORLD:
            return CloudHsmCli(_fleet(cluster_id))


def _fleet(cluster_id: str) -> ClusterFleet:
    """The HSMs of a cluster, for a tool."""
    _require_mock()
    return ClusterFleet(find_cluster_anywhere(cluster_id)[0])


def _require_mock() -> None:
    # Without the mock the builder's calls would go to AWS.
    if not switch.on:
        raise RuntimeError("mock_cks is not on in this process.")


LOCAL = LocalCks()
"""The handle on the world of this process; it has meaning while ``mock_cks`` is on."""

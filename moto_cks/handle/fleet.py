"""The HSMs of a CloudHSM cluster as its command line tools find them."""

from __future__ import annotations

from dataclasses import dataclass, field

from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.models import clusters_anywhere
from moto_cks.cloudhsmv2.settings import OLDER_HSM_TYPE
from moto_cks.handle.presence import Presence
from moto_cks.hsm import HsmCluster
from moto_cks.tools.nodes import Node


@dataclass(frozen=True)
class ClusterFleet:
    """The active HSMs of a cluster (a :class:`moto_cks.tools.nodes.Fleet`).

    Attributes:
        cluster: the cluster.
        world: the world in which a tool has found them.
    """

    cluster: CloudHsmCluster = field(repr=False)
    world: Presence = field(repr=False)

    @property
    def cluster_id(self) -> str:
        """The cluster ID."""
        return self.cluster.cluster_id

    @property
    def hardware(self) -> HsmCluster:
        """The cluster of HSMs."""
        return self.cluster.hardware

    @property
    def is_newer(self) -> bool:
        """Whether the HSMs are newer ones than hsm1.medium."""
        return self.cluster.hsm_type != OLDER_HSM_TYPE

    def clone(self, cluster_id: str) -> ClusterFleet | None:
        """The HSMs of a cluster, if it shares a backup history with this one."""
        mine = self.cluster.certificates
        for cluster in clusters_anywhere():
            theirs = cluster.certificates
            if cluster.cluster_id == cluster_id and mine is not None and theirs is not None:
                related = mine.claimed and mine.cluster == theirs.cluster
                return ClusterFleet(cluster, self.world) if related else None
        return None

    def require_world(self) -> None:
        """The world in which they were found must not be over.

        Raises:
            RuntimeError: it is.
        """
        self.world.require()

    def nodes(self) -> list[Node]:
        """The HSMs that are in service now, oldest first."""
        hardware = self.hardware
        return [
            Node(number, hsm.hsm_id, hsm.eni_ip, hardware.hsms[hsm.hsm_id])
            for number, hsm in enumerate(self.cluster.active_hsms())
        ]

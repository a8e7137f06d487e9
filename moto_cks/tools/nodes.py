"""The HSMs of a cluster as the tools see them: numbered, with an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from moto_cks.hsm import Hsm, HsmCluster


@dataclass(frozen=True)
class Node:
    """An HSM that a tool can talk to.

    Attributes:
        number: its number in the output of the tools, in the order in which they are listed.
        hsm_id: the HSM ID.
        address: the address of its network interface.
        hardware: the HSM.
    """

    number: int
    hsm_id: str
    address: str
    hardware: Hsm


class Fleet(Protocol):
    """Where the tools find the HSMs of a cluster."""

    @property
    def cluster_id(self) -> str:
        """The ID that AWS gave it, by which an executable is told where to connect."""

    @property
    def hardware(self) -> HsmCluster:
        """The cluster that the HSMs form, whichever of them are in service."""

    @property
    def is_newer(self) -> bool:
        """Whether the HSMs are newer ones than hsm1.medium.

        Those know mutual TLS and quorum for it, and the id of a key can be set.
        """

    def clone(self, cluster_id: str) -> Fleet | None:
        """The HSMs of a cluster, if it shares a backup history with this one."""

    def nodes(self) -> list[Node]:
        """The HSMs that are in service now, oldest first."""

    def require_world(self) -> None:
        """The world in which they were found must not be over.

        Raises:
            RuntimeError: it is.
        """

"""The HSMs of a cluster, as the API sees them.

See ``Hsm`` in the AWS CloudHSM API Reference and "Adding or removing HSMs in an AWS CloudHSM
cluster" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.common_models import BaseModel

from moto_cks.account.network import NetworkInterface
from moto_cks.enums import StrEnum
from moto_cks.world.lifecycle import LifeCycle, Steps, Table


class HsmState(StrEnum):
    """The states of an HSM."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    ACTIVE = "ACTIVE"
    DEGRADED = "DEGRADED"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETED = "DELETED"


_S = HsmState

DELETE = "DeleteHsm"

ALLOWED: Steps[HsmState] = {
    _S.CREATE_IN_PROGRESS: {DELETE: _S.DELETE_IN_PROGRESS},
    _S.ACTIVE: {DELETE: _S.DELETE_IN_PROGRESS},
    _S.DEGRADED: {DELETE: _S.DELETE_IN_PROGRESS},
    _S.DELETE_IN_PROGRESS: {},
    _S.DELETED: {},
}
"""Which state each operation leads to; in a state that does not have it, it is refused."""

CREATED, NOT_CREATED, GONE = "it is in service", "it cannot be brought up", "nothing is left of it"

ENDINGS: Steps[HsmState] = {
    _S.CREATE_IN_PROGRESS: {CREATED: _S.ACTIVE, NOT_CREATED: _S.DEGRADED},
    _S.DELETE_IN_PROGRESS: {GONE: _S.DELETED},
}
"""The states that end by themselves, and how."""

TABLE = Table("cloudhsmv2::hsm", _S.CREATE_IN_PROGRESS, ALLOWED, ENDINGS)

STATE_MESSAGES = {
    HsmState.ACTIVE: "HSM created.",
    HsmState.DEGRADED: "HSM creation failed. Please delete this HSM and try again.",
}


class CloudHsm(BaseModel):
    """An HSM and its network interface.

    Args:
        hsm_id: its ID.
        cluster_id: the cluster that it belongs to.
        availability_zone: where it is.
        subnet_id: the subnet of its network interface.
        interface: its network interface.
        bring_up: puts it into service, and says whether that worked.
        discard: removes what is left of it, when its deletion is over.
        hsm_type: its type.
    """

    def __init__(
        self,
        hsm_id: str,
        cluster_id: str,
        availability_zone: str,
        subnet_id: str,
        interface: NetworkInterface,
        bring_up: Callable[[CloudHsm], bool],
        discard: Callable[[CloudHsm], None],
        hsm_type: str,
    ) -> None:
        self.hsm_id = hsm_id
        self.cluster_id = cluster_id
        self.availability_zone = availability_zone
        self.subnet_id = subnet_id
        self.eni_id = interface.id
        self.eni_ip = interface.address
        self.hsm_type = hsm_type
        self._bring_up = bring_up
        self._discard = discard
        self._life = LifeCycle(
            TABLE,
            {
                HsmState.CREATE_IN_PROGRESS: self._created,
                HsmState.DELETE_IN_PROGRESS: self._deleted,
            },
            hsm_id,
        )

    def _created(self) -> str:
        return CREATED if self._bring_up(self) else NOT_CREATED

    def _deleted(self) -> str:
        self._discard(self)
        return GONE

    @property
    def state(self) -> HsmState:
        """The state now."""
        return self._life.status

    def settle(self) -> None:
        """End the state that is over by now."""
        self._life.settle()

    def take_back(self) -> None:
        """Become nothing more: the cluster is taken back."""
        self._life.stop()

    def advance(self) -> None:
        """Count a description, for manual state transitions."""
        self._life.advance()

    @property
    def can_be_deleted(self) -> bool:
        """Whether its state allows DeleteHsm: all but that in which it is being deleted."""
        return self._life.allows(DELETE)

    def delete(self) -> None:
        """Begin its deletion, where it can be deleted."""
        self._life.step(DELETE)

    def describe(self, state: HsmState | None = None) -> dict[str, Any]:
        """The HSM as the API shows it (``Hsm``).

        Args:
            state: to be shown, by default that of now.
        """
        state = state or self.state
        return {
            "AvailabilityZone": self.availability_zone,
            "ClusterId": self.cluster_id,
            "SubnetId": self.subnet_id,
            "EniId": self.eni_id,
            "EniIp": self.eni_ip,
            "HsmId": self.hsm_id,
            "HsmType": self.hsm_type,
            "State": state.value,
            "StateMessage": STATE_MESSAGES.get(state),
        }

"""What becomes of a KMS key: its state, the rotation of its key material, its replicas.

AWS KMS Developer Guide: "Key states of AWS KMS keys", "Rotate AWS KMS keys" and "Multi-Region keys
in AWS KMS".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, TypeVar

from moto.kms.models import Key

from moto_cks.frontend.calls import Deed, announce
from moto_cks.kms.keys.material import families
from moto_cks.kms.keys.materials import KeyMaterials, Rotation, RotationType, Version
from moto_cks.kms.keys.multi_region import CREATED, REPLICATE, TABLE, UPDATED, Phase, Relatives
from moto_cks.kms.keys.rotation import RotationSchedule
from moto_cks.kms.keys.states import PENDING_REPLICA_DELETION, KeyState
from moto_cks.kms.specs import Spec
from moto_cks.world import clock
from moto_cks.world.ids import in_region
from moto_cks.world.lifecycle import LifeCycle

DELETING = frozenset({KeyState.PENDING_DELETION.value, PENDING_REPLICA_DELETION})
"""The states in which a key is going to be deleted."""


Self = TypeVar("Self", bound="LivingKey")


class LivingKey(Key):
    """A KMS key of any kind.

    Attributes:
        spec: its key spec.
        kept_state: the state that was set for it; what it reads may be another one.
        materials: the versions of its key material, which related multi-Region keys share.
        relatives: itself and the related multi-Region keys; ``None`` of a single-Region key.
        waiting_days: PendingWindowInDays, while it is going to be deleted.
    """

    spec: Spec
    kept_state: str
    materials: KeyMaterials
    relatives: Relatives[LivingKey] | None = None
    waiting_days: int | None = None
    _schedule: RotationSchedule | None = None
    _phase: LifeCycle[Phase] | None = None

    def _settle(self, materials: KeyMaterials) -> None:
        """Have key material, and what follows from that and from the name of the key."""
        self.materials = materials

    # Its state -------------------------------------------------------------------------------

    @property
    def key_state(self) -> str:
        """The state that the key reads now."""
        phase = self._phase
        if phase is not None and self.kept_state not in DELETING:
            reads = phase.status
            if reads is not Phase.SETTLED:
                return str(reads.value)
        return self.state_now()

    @key_state.setter
    def key_state(self, state: str) -> None:
        self.kept_state = self.state_to_keep(state)

    def state_now(self) -> str:
        """The state that the key reads, but for those that end by themselves."""
        return self.kept_state

    def state_to_keep(self, state: str) -> str:
        """What is kept when a state is set."""
        return state

    @property
    def key_rotation_status(self) -> bool:
        """Whether it is rotated by the calendar; moto sets this, once it has the key to itself."""
        schedule = self._schedule
        enabled = schedule is not None and schedule.period is not None
        return enabled and self.kept_state not in DELETING

    @key_rotation_status.setter
    def key_rotation_status(self, value: bool) -> None:
        if str(value).lower() == "true":  # a key of moto's may have what stands in a template
            self.schedule.enable()
        elif self._schedule is not None:
            self._schedule.disable()

    @property
    def multi_region_configuration(self) -> dict[str, Any]:
        """MultiRegionConfiguration, which only multi-Region keys have."""
        if self.relatives is None:
            raise AttributeError("multi_region_configuration")
        return self.relatives.configuration(self)

    @multi_region_configuration.setter
    def multi_region_configuration(self, value: dict[str, Any]) -> None:
        """Leave aside what moto has noted; ``relatives`` say it."""

    # Rotation --------------------------------------------------------------------------------

    @property
    def schedule(self) -> RotationSchedule:
        """When it is rotated; related multi-Region keys have one schedule."""
        if self._schedule is None:
            self._schedule = RotationSchedule(self.arn, self._rotate, self.materials)
        return self._schedule

    def _rotate(self, rotation_type: RotationType) -> bool:
        """Rotate the key, or its primary key, unless the state of that does not allow it."""
        key = (self.relatives and self.relatives.primary) or self
        automatic = rotation_type is RotationType.AUTOMATIC
        if automatic and key.state_now() != KeyState.ENABLED.value:
            return False
        rotation = Rotation(clock.timestamp(), rotation_type)
        # KMS does that after it has answered the call that asks for it.
        clock.at(clock.now(), key._announce_rotation, rotation)
        return key._turn(rotation)

    def _announce_rotation(self, rotation: Rotation) -> None:
        """Tell of a rotation, unless nothing has come of it, and the replicas, if there are any."""
        versions = list(self.materials)
        for previous, current in itertools.pairwise(versions):
            if current.rotation is rotation:
                details = {
                    "rotationType": rotation.type.value,
                    "keyOrigin": self.origin,
                    "previousKeyMaterialId": previous.id,
                    "currentKeyMaterialId": current.id,
                }
                self._announce("RotateKey", details)
                self._tell_replicas()

    def _turn(self, rotation: Rotation) -> bool:
        """Use other key material from now on; whether there is some."""
        former = self.materials.latest  # which is made when it is first needed
        return self.materials.use(families.generate(self.spec), rotation) is not former

    def _announce(self, name: str, details: dict[str, str]) -> None:
        deed = Deed("kms", name, self.account_id, self.region, (self.arn,), details=details)
        announce(deed)

    def described_versions(self) -> Iterator[dict[str, Any]]:
        """All entries that ListKeyRotations can have, in the order of their use."""
        for version in self.materials:
            yield self._version_entry(version)

    def _version_entry(self, version: Version) -> dict[str, Any]:
        current = version is self.materials.latest
        entry: dict[str, Any] = {
            "KeyId": self.id,
            "KeyMaterialId": version.id,
            "KeyMaterialState": "CURRENT" if current else "NON_CURRENT",
        }
        if version.rotation is not None:
            entry["RotationDate"] = version.rotation.date
            entry["RotationType"] = version.rotation.type.value
        return entry

    # Multi-Region keys -----------------------------------------------------------------------

    def replica(self: Self, region: str, policy: str | None, description: str) -> Self:
        """A replica of the key (ReplicateKey), which nobody knows of yet.

        Args:
            region: its Region, in which there is none yet.
            policy: its key policy; ``None`` for the default.
            description: its description.
        """
        assert self.relatives is not None  # its role has been checked
        replica = type(self)(
            policy,
            self.key_usage,
            self.key_spec,
            description,
            self.account_id,
            region,
            True,
            self.origin,
        )
        replica.id, replica.arn = self.id, in_region(self.arn, region)
        replica._schedule = self.schedule
        replica._settle(self.materials)
        replica.relatives = self.relatives
        return replica

    def begin_as_replica(self) -> None:
        """Be among the related keys; it can be found in its Region."""
        assert self.relatives is not None  # it is a replica
        self.relatives.add(self)
        self.pass_through(REPLICATE)

    def join(self, other: LivingKey) -> None:
        """Have what a related multi-Region key has; moto has made both."""
        assert other.relatives is not None  # it is a multi-Region key
        self.relatives = other.relatives
        self.relatives.add(self)
        self._schedule = other.schedule
        self._settle(other.materials)

    def pass_through(self, operation: str) -> None:
        """Begin the state that an operation leads to, and that ends by itself."""
        if self._phase is None:
            endings = {Phase.CREATING: self._created, Phase.UPDATING: self._updated}
            self._phase = LifeCycle(TABLE, endings, self.arn)
        self._phase.step(operation)

    def end(self) -> None:
        """Note that the key is deleted."""
        if self._phase is not None:
            self._phase.stop()
        if self.relatives is not None:
            self.relatives.remove(self)
        if self._schedule is not None and not (self.relatives and self.relatives.members):
            self._schedule.end()

    def described(self) -> None:
        """Count a description, for state transitions that progress with those."""
        if self._phase is not None:
            self._phase.advance()

    def _created(self) -> str:
        primary = None if self.relatives is None else self.relatives.primary
        if primary is not None:
            primary._tell_replicas()
        return CREATED

    def _tell_replicas(self) -> None:
        """Copy the key material of a primary key to its replicas; they have it already."""
        if self.relatives is not None and self.relatives.replicas:
            clock.at(clock.now(), self._announce_synchronization)

    def _announce_synchronization(self) -> None:
        self._announce("SynchronizeMultiRegionKey", {})

    def _updated(self) -> str:
        return UPDATED

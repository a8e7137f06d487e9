"""When the key material of a KMS key is rotated: by the calendar, and on demand.

See "Rotate AWS KMS keys" in the AWS KMS Developer Guide, EnableKeyRotation, GetKeyRotationStatus
and RotateKeyOnDemand in the AWS KMS API Reference. Related multi-Region keys have one schedule,
which is that of their primary key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from moto_cks.enums import StrEnum
from moto_cks.kms.exceptions import ConflictException, LimitExceededException
from moto_cks.kms.keys.materials import KeyMaterials, RotationType
from moto_cks.world import clock
from moto_cks.world.lifecycle import LifeCycle, Steps, Table

DEFAULT_PERIOD = 365
"""RotationPeriodInDays."""

MOST_ON_DEMAND = 25
"""A resource quota: rotations on demand of a KMS key. It cannot be raised."""

TOO_SOON = timedelta(minutes=20)
"""A rotation on demand is refused if an automatic one begins within this time."""

TOO_MANY = (
    "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
    "rotations can be performed for this key: {arn}"
)
CONFLICT = (
    "The request was rejected because an automatic rotation of this key is currently in progress "
    "or scheduled to begin within the next 20 minutes."
)
IN_PROGRESS = "The request was rejected because an on-demand rotation of this key is in progress."


class RotationState(StrEnum):
    """Whether a rotation on demand is in progress; DescribeKey does not show it."""

    IDLE = "Idle"
    ROTATING = "Rotating"


_S = RotationState

ROTATE = "RotateKeyOnDemand"
ROTATED = "the key material is rotated"

ALLOWED: Steps[RotationState] = {_S.IDLE: {ROTATE: _S.ROTATING}, _S.ROTATING: {}}
ENDINGS: Steps[RotationState] = {_S.ROTATING: {ROTATED: _S.IDLE}}
TABLE = Table("kms::rotation", _S.IDLE, ALLOWED, ENDINGS)


class RotationSchedule:
    """When a key is rotated.

    Args:
        arn: the key ARN, by which the timeline names it.
        rotate: rotates the key, if its state allows that; whether it did.
        materials: what is rotated. It tells whether that is done already: what was interrupted
            is begun again.

    Attributes:
        period: RotationPeriodInDays; ``None`` where automatic rotation is off.
        next: when the next automatic rotation is due, an aware datetime in UTC. It is past while
            the state of the key does not allow it.
    """

    def __init__(
        self, arn: str, rotate: Callable[[RotationType], bool], materials: KeyMaterials
    ) -> None:
        self._arn = arn
        self._rotate = rotate
        self._materials = materials
        self.period: int | None = None
        self.next: datetime | None = None
        self._on_demand = 0  # how many there are with the one that is in progress
        self._appointment: clock.Appointment | None = None
        self._life: LifeCycle[RotationState] | None = None

    # Automatic rotation ----------------------------------------------------------------------

    def enable(self, period: int | None = None) -> None:
        """Have the key rotated by the calendar (EnableKeyRotation).

        Args:
            period: RotationPeriodInDays. It counts from now on, unless it is the one of before.
        """
        period = period or DEFAULT_PERIOD
        if period != self.period:
            self.period = period
            self._plan(clock.now())

    def disable(self) -> None:
        """Have it rotated no more (DisableKeyRotation)."""
        self.period = self.next = None
        self._cancel()

    def resume(self) -> None:
        """Rotate at once what should have been rotated while the key was not enabled."""
        if self.next is not None and self.next <= clock.now():
            self._fall_due()

    def end(self) -> None:
        """Note that the key is deleted."""
        self._cancel()
        if self._life is not None:
            self._life.stop()

    def _plan(self, since: datetime) -> None:
        assert self.period is not None  # it is on
        self._cancel()
        self.next = since + timedelta(days=self.period)
        if self.next < clock.END:
            self._appointment = clock.at(self.next, self._fall_due)

    def _cancel(self) -> None:
        if self._appointment is not None:
            self._appointment.cancel()
            self._appointment = None

    def _fall_due(self) -> None:
        automatic = RotationType.AUTOMATIC
        assert self.next is not None  # it is on
        if self._materials.rotated(automatic, self.next.timestamp()) or self._rotate(automatic):
            self._plan(clock.now())

    # Rotation on demand ----------------------------------------------------------------------

    def begin(self) -> None:
        """Begin to rotate the key (RotateKeyOnDemand).

        Raises:
            LimitExceededException: it was rotated on demand too often.
            ConflictException: it is being rotated, or about to be.
        """
        done = self._materials.rotated(RotationType.ON_DEMAND)
        if done >= MOST_ON_DEMAND:
            raise LimitExceededException(TOO_MANY.format(arn=self._arn))
        if self.next is not None and clock.now() <= self.next <= clock.now() + TOO_SOON:
            raise ConflictException(CONFLICT)
        if self._life is None:
            self._life = LifeCycle(TABLE, {_S.ROTATING: self._end_rotating}, self._arn)
        if not self._life.allows(ROTATE):
            raise ConflictException(IN_PROGRESS)
        self._on_demand = done + 1
        self._life.step(ROTATE)

    def _end_rotating(self) -> str:
        if self._materials.rotated(RotationType.ON_DEMAND) < self._on_demand:
            self._rotate(RotationType.ON_DEMAND)
        return ROTATED

    @property
    def begun(self) -> datetime | None:
        """When the rotation on demand began that is in progress; ``None`` where none is."""
        if self._life is None or self._life.status is _S.IDLE:
            return None
        return self._life.since

    def described(self) -> None:
        """Count a description, for state transitions that progress with those."""
        if self._life is not None:
            self._life.advance()

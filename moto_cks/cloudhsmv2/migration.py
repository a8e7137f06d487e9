"""The type of a cluster's HSMs, and how it is changed: one HSM after the other.

See "Migrating from hsm1.medium to hsm2m.medium" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moto_cks.cloudhsmv2 import cluster_states as states
from moto_cks.cloudhsmv2.connections import Connections
from moto_cks.cloudhsmv2.hsms import CloudHsm
from moto_cks.cloudhsmv2.settings import HSM_TYPE, OLDER_HSM_TYPE
from moto_cks.hsm import CAPACITIES, HsmCluster, Snapshot
from moto_cks.world import clock
from moto_cks.world.journal import Kind, note

MAX_HSMS = 27
"""The HSMs with which a cluster can be migrated."""

ROLLBACK_WINDOW = timedelta(hours=24)
"""How long a changed HSM type can be changed back."""


@dataclass(eq=False)
class Migration:
    """Gives HSMs another type, or the former one back.

    Each HSM keeps its ID, its address and what it holds; a rollback after the end of a migration
    gives all of them what the last backup of the former type has.

    Attributes:
        hsm_type: the type that they get.
        former: the type that they have.
        hsms: those that still have it, oldest first.
        hardware: the cluster that they form.
        back_up: backs the cluster up, as one of a type.
        content: what they are to hold then, where that is not what they do.
        unfit: what forbids the migration, so that it reverts; ``None`` where nothing does.
        over: whether it has ended.
    """

    hsm_type: str
    former: str
    hsms: list[CloudHsm]
    hardware: HsmCluster = field(repr=False)
    back_up: Callable[[str], None] = field(repr=False)
    content: Snapshot | None = field(default=None, repr=False)
    unfit: str | None = None
    over: bool = field(default=False, init=False)
    _planned: list[clock.Appointment] = field(default_factory=list, init=False, repr=False)

    def plan(self, begin: datetime, end: datetime | None) -> None:
        """Have the HSMs replaced in equal intervals; the last of them is for :meth:`finish`.

        Args:
            begin: when it began.
            end: when it is over; ``None`` where no time says that.
        """
        if end is None or self.unfit is not None:
            return
        number = len(self.hsms)
        for place in range(1, number):
            due = begin + (end - begin) * place / number
            self._planned.append(clock.at(due, self._replace_next))

    def stop(self) -> None:
        """Replace no more HSMs."""
        for appointment in self._planned:
            appointment.cancel()
        self._planned.clear()

    def finish(self) -> None:
        """Replace all that are left."""
        self.stop()
        while self.hsms:
            self._replace_next()

    def _replace_next(self) -> None:
        hsm = self.hsms[0]
        hsm.hsm_type = self.hsm_type
        if self.content is not None and hsm.hsm_id in self.hardware.hsms:
            self.hardware.exchange_hsm(hsm.hsm_id, self.content)
        if len(self.hsms) > 1 and self.content is None:
            self.back_up(self.former)
        self.hsms.pop(0)  # what is interrupted before is done again


class HsmTypes:
    """The type of the HSMs of a cluster.

    Args:
        cluster_id: the cluster.
        hsm_type: the type that it begins with.
        hsms: its HSMs by ID, whichever there are.
        hardware: the cluster that they form.
        back_up: backs the cluster up, as one of a type.
        connections: which clients have connected.

    Attributes:
        current: the type of the HSMs, or the one that they are given just now.
        rollback_expiration: until when a change can be taken back.
    """

    def __init__(
        self,
        cluster_id: str,
        hsm_type: str,
        hsms: Mapping[str, CloudHsm],
        hardware: HsmCluster,
        back_up: Callable[[str], None],
        connections: Connections,
    ) -> None:
        self.current = hsm_type
        self.rollback_expiration: datetime | None = None
        self._cluster_id = cluster_id
        self._hsms = hsms
        self._hardware = hardware
        self._back_up = back_up
        self._connections = connections
        self._migration: Migration | None = None

    def unfit(self) -> str | None:
        """What forbids a migration, if anything does."""
        if len(self._hsms) > MAX_HSMS:
            return f"it has more than {MAX_HSMS} HSMs"
        connected = any(hsm.sessions for hsm in self._hardware.hsms.values())
        return self._connections.against_migration(connected=connected)

    def can_roll_back(self) -> bool:
        """Whether there is time to take a change back."""
        return self.rollback_expiration is not None and clock.now() < self.rollback_expiration

    def migrate(self) -> str:
        """Begin to give the HSMs the type of today; returns what the cluster does by that."""
        self._back_up(self.current)
        self.rollback_expiration = clock.now() + ROLLBACK_WINDOW
        self._begin(HSM_TYPE, list(self._hsms.values()), unfit=self.unfit())
        return states.MIGRATE

    def roll_back(self, content: Snapshot | None) -> str:
        """Begin to give them the former type; returns what the cluster does by that.

        Args:
            content: what they hold after that, where the migration is over; before, nothing has
                changed since it began.
        """
        begun = self._migration
        if begun is None or begun.over:
            self._back_up(self.current)
            self._begin(OLDER_HSM_TYPE, list(self._hsms.values()), content=content)
        else:
            begun.stop()
            replaced = [hsm for hsm in self._hsms.values() if hsm not in begun.hsms]
            self._begin(OLDER_HSM_TYPE, replaced)
        return states.ROLL_BACK

    def _begin(
        self,
        hsm_type: str,
        hsms: list[CloudHsm],
        content: Snapshot | None = None,
        unfit: str | None = None,
    ) -> None:
        self._migration = Migration(
            hsm_type, self.current, hsms, self._hardware, self._back_up, content, unfit
        )
        self.current = hsm_type
        self._hardware.condition.limited_writes = True

    @contextmanager
    def change(self, begun: Callable[[], bool]) -> Iterator[None]:
        """Changes the type, or nothing: what is interrupted before it has begun is taken back.

        Args:
            begun: whether the cluster has taken the step.
        """
        migration, current, until = self._migration, self.current, self.rollback_expiration
        limited = self._hardware.condition.limited_writes
        try:
            yield
        except BaseException:
            if not begun():
                self._migration, self.current = migration, current
                self.rollback_expiration = until
                self._hardware.condition.limited_writes = limited
            raise

    def plan(self, begin: datetime, end: datetime | None) -> None:
        """Plan what was begun, unless it is over; see :meth:`Migration.plan`."""
        if self._migration is not None and not self._migration.over:
            self._migration.plan(begin, end)

    def end_migration(self) -> str:
        """It is over; how it came out."""
        migration = self._under_way
        if migration.unfit is not None:
            note(Kind.STATE, self._cluster_id, f"its migration reverts: {migration.unfit}")
            self.current = migration.former
            return states.UNFIT
        self._end(migration)
        return states.MODIFIED

    def end_rollback(self) -> str:
        """It is over; how it came out."""
        migration = self._under_way
        if migration.unfit is None:
            self._end(migration)
        else:  # none of the HSMs has been replaced
            migration.over = True
            self._hardware.condition.limited_writes = False
        self.rollback_expiration = None
        return states.ROLLED_BACK

    @property
    def _under_way(self) -> Migration:
        assert self._migration is not None  # the state of the cluster says so
        return self._migration

    def _end(self, migration: Migration) -> None:
        migration.finish()
        for hsm in self._hsms.values():
            hsm.hsm_type = migration.hsm_type  # also of those that have come up meanwhile
        self._hardware.condition.capacity = CAPACITIES[migration.hsm_type]
        self._hardware.condition.limited_writes = False
        migration.over = True

"""A change of the type of the HSMs of a cluster, one after the other.

See "Migrating from hsm1.medium to hsm2m.medium" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from moto_cks.cloudhsmv2.hsms import CloudHsm
from moto_cks.hsm import HsmCluster, Snapshot
from moto_cks.world import clock

MAX_HSMS = 27
"""The HSMs with which a cluster can be migrated."""


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
        content: what they are to hold then, where that is not what they do.
        back_up: backs the cluster up, as one of the former type.
        unfit: what forbids the migration, so that it reverts; ``None`` where nothing does.
    """

    hsm_type: str
    former: str
    hsms: list[CloudHsm]
    hardware: HsmCluster = field(repr=False)
    back_up: Callable[[], None] = field(repr=False)
    content: Snapshot | None = field(default=None, repr=False)
    unfit: str | None = None
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
        hsm = self.hsms.pop(0)
        hsm.hsm_type = self.hsm_type
        if self.content is not None and hsm.hsm_id in self.hardware.hsms:
            self.hardware.exchange_hsm(hsm.hsm_id, self.content)
        if self.hsms and self.content is None:
            self.back_up()

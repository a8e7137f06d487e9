"""The CloudTrail backend: moto's trails, with events."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from moto.cloudtrail.models import CloudTrailBackend, cloudtrail_backends

from moto_cks.account.callers import Caller, caller_of
from moto_cks.cloudtrail import delivery
from moto_cks.cloudtrail.delivery import Desk
from moto_cks.cloudtrail.events import Event
from moto_cks.cloudtrail.history import EventHistory
from moto_cks.world.backends import WorldBackend, backend_of


class CksCloudTrailBackend(WorldBackend, CloudTrailBackend):
    """CloudTrail in one account and Region.

    Attributes:
        history: the events.
        desk: what delivers events to the buckets of trails.
        sinks: who else is given every event, after it is in the history.
        callers: whom access keys belong to, as far as they have called.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.adopt()

    def adopt(self) -> None:
        """Take over a backend of moto, or one that was released, with all that it holds."""
        if "history" not in self.__dict__:
            self.history = EventHistory()
            self.desk = Desk(self.account_id, self.region_name)
            self.sinks: list[Callable[[Event], None]] = []
            self.callers: dict[str, Caller] = {}

    def release(self) -> None:
        """Leave moto with the trails that it knows."""
        delivery.detach(self)

    def caller_of(self, access_key_id: str) -> Caller:
        """Whom an access key belongs to."""
        caller = self.callers.get(access_key_id)
        if caller is None or caller.renamed:
            caller = caller_of(self.account_id, self.region_name, access_key_id)
            self.callers[access_key_id] = caller
        return caller


def trail_backend(account_id: str, region: str) -> CksCloudTrailBackend:
    """CloudTrail in an account and Region."""
    return cast(CksCloudTrailBackend, backend_of(cloudtrail_backends, account_id, region))

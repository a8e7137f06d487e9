"""What a cluster does every day.

See "Managing AWS CloudHSM backups" in the AWS CloudHSM User Guide: a cluster is backed up "at least
once every 24 hours".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from moto_cks.world import clock

DAY = timedelta(hours=24)


class Daily:
    """Does something every 24 hours.

    Args:
        action: what.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._next: clock.Appointment | None = None

    def start(self) -> None:
        """Begin, with the first time in 24 hours; nothing where it has begun."""
        if self._next is None:
            self._appoint()

    def stop(self) -> None:
        """Do it no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _appoint(self) -> None:
        self._next = clock.at(clock.now() + DAY, self._keep)

    def _keep(self) -> None:
        if self._next is None or self._next.due <= clock.now():  # it may have been interrupted
            self._appoint()
        self._action()

"""How long the backups of a cluster are kept.

See "Configure AWS CloudHSM backup retention policy" in the AWS CloudHSM User Guide. What the policy
purges is marked for deletion like a backup that the customer deletes, and can be restored for as
long.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from moto_cks.cloudhsmv2.backups import BackupState, CloudHsmBackup
from moto_cks.cloudhsmv2.settings import OLDER_HSM_TYPE
from moto_cks.world import clock


class Retention:
    """Purges the backups of a cluster that are older than its policy.

    Only backups that are READY are purged, and never the latest of them. That of an hsm1.medium
    cluster stays when the cluster has been migrated. There is one appointment at a time, for the
    backup that expires next.

    Args:
        days: the policy.
        backups: the backups of the cluster, oldest first.
    """

    def __init__(self, days: int, backups: Callable[[], list[CloudHsmBackup]]) -> None:
        self._days = days
        self._backups = backups
        self._next: clock.Appointment | None = None

    def set_days(self, days: int) -> None:
        """Change the policy. It is at once that of all backups that are there."""
        self._days = days
        self.look()

    def look(self) -> None:
        """Have the backups looked at, now: one of them may expire that did not before."""
        self._appoint(clock.now())

    def stop(self) -> None:
        """Purge no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _appoint(self, due: datetime) -> None:
        if self._next is None or self._next.due > due:
            self.stop()
            self._next = clock.at(due, self._purge)

    def _purge(self) -> None:
        self._next = None
        now = clock.now()
        for backup in self._mortal():
            expires = backup.expires(timedelta(days=self._days))
            if expires <= now:
                backup.purge()
            else:
                self._appoint(expires)

    def _mortal(self) -> list[CloudHsmBackup]:
        ready = [backup for backup in self._backups() if backup.state is BackupState.READY]
        older = [backup for backup in ready if backup.hsm_type == OLDER_HSM_TYPE]
        kept = ready[-1:] + older[-1:]
        return [b for b in ready if b not in kept and not b.never_expires]

"""The backups that there are: in an account and Region, and of a cluster.

See "Managing AWS CloudHSM backups" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from moto_cks.cloudhsmv2.backups import BackupState, CloudHsmBackup, snapshot_of
from moto_cks.cloudhsmv2.retention import Retention
from moto_cks.hsm import Snapshot


@dataclass(frozen=True)
class _Shelf:
    """The backups of one cluster in a vault."""

    vault: BackupVault
    cluster_id: str

    def backups(self) -> list[CloudHsmBackup]:
        """Those that were made of it, oldest first."""
        return self.vault.made_of(self.cluster_id)

    def expire_anew(self) -> None:
        """One of them may expire earlier than before."""
        self.vault.look_at(self.cluster_id)


class BackupVault:
    """The backups of an account in a Region, oldest first.

    Args:
        region_arn: the ARN prefix of resources of the account and Region.
    """

    def __init__(self, region_arn: str) -> None:
        self._region_arn = region_arn
        self._backups: dict[str, CloudHsmBackup] = {}
        self._made_of: dict[str, dict[str, CloudHsmBackup]] = {}
        self._retentions: dict[str, Retention] = {}

    def retain(self, cluster_id: str, days: int) -> None:
        """Purge the backups of a cluster when they are older than some days."""
        retention = self._retentions.get(cluster_id)
        if retention is None:
            shelf = _Shelf(self, cluster_id)
            self._retentions[cluster_id] = Retention(days, shelf.backups)
        else:
            retention.set_days(days)

    def keep(self, cluster_id: str) -> None:
        """Purge no backup of a cluster any more.

        The policy is the cluster's. With the cluster deleted, its backups belong to those that
        "you must manually delete" ("Configure AWS CloudHSM backup retention policy").
        """
        retention = self._retentions.pop(cluster_id, None)
        if retention is not None:
            retention.stop()

    def forget(self, cluster_id: str) -> None:
        """Forget a cluster that is taken back, with the backups that were made of it."""
        self.keep(cluster_id)
        for backup_id, backup in self._made_of.pop(cluster_id, {}).items():
            backup.take_back()
            self._backups.pop(backup_id, None)

    def look_at(self, cluster_id: str) -> None:
        """Have the retention policy of a cluster look at its backups, if it has one."""
        if cluster_id in self._retentions:
            self._retentions[cluster_id].look()

    def back_up(
        self, cluster_id: str, snapshot: Snapshot, hsm_type: str, mode: str
    ) -> CloudHsmBackup:
        """Make a backup of a cluster."""
        backup = CloudHsmBackup(
            self._region_arn,
            cluster_id,
            snapshot,
            hsm_type,
            mode,
            expires_anew=_Shelf(self, cluster_id).expire_anew,
        )
        self._made_of.setdefault(cluster_id, {})[backup.backup_id] = backup
        self._backups[backup.backup_id] = backup  # from here on there is one
        backup.settle()
        return backup

    def copy(self, source: CloudHsmBackup) -> CloudHsmBackup:
        """Make a copy of a backup of another Region."""
        backup = CloudHsmBackup(
            self._region_arn,
            source.cluster_id,
            snapshot_of(source),
            source.hsm_type,
            source.mode,
            source,
        )
        self._backups[backup.backup_id] = backup
        return backup

    def find(self, backup_id: str) -> CloudHsmBackup | None:
        """A backup, or ``None`` if there is none or its deletion is over."""
        backup = self._backups.get(backup_id)
        if backup is not None and backup.state is BackupState.DELETED:
            del self._backups[backup_id]
            self._made_of.get(backup.cluster_id, {}).pop(backup_id, None)
            return None
        return backup

    def __iter__(self) -> Iterator[CloudHsmBackup]:
        found = (self.find(backup_id) for backup_id in tuple(self._backups))
        return (backup for backup in found if backup is not None)

    def made_of(self, cluster_id: str) -> list[CloudHsmBackup]:
        """The backups that were made of a cluster here, oldest first; no copies."""
        found = (self.find(backup_id) for backup_id in tuple(self._made_of.get(cluster_id, ())))
        return [backup for backup in found if backup is not None]

    def latest_snapshot(self, cluster_id: str, hsm_type: str | None = None) -> Snapshot | None:
        """The content of a cluster's latest backup that has not been deleted.

        A backup that is still in progress counts: its content is that of the moment at which it
        was begun, and the service waits for it.

        Args:
            cluster_id: the cluster.
            hsm_type: of which type the HSMs were; by default of any.
        """
        for backup in reversed(self.made_of(cluster_id)):
            if hsm_type not in (None, backup.hsm_type):
                continue
            if backup.state is not BackupState.PENDING_DELETION:
                return snapshot_of(backup)
        return None

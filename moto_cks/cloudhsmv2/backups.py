"""Backups of clusters.

See "Managing AWS CloudHSM backups" in the AWS CloudHSM User Guide: when they are made, how long a
deleted one can be restored, and what a copy in another Region has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from moto.core.common_models import BaseModel

from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException
from moto_cks.cloudhsmv2.tags import show_tags
from moto_cks.hsm import Snapshot
from moto_cks.world import clock, ids
from moto_cks.world.lifecycle import LifeCycle

RESTORABLE_FOR = timedelta(days=7)
"""How long a deleted backup can be restored."""

SPARED_FOR = timedelta(hours=24)
"""How long the retention policy spares a backup that has been restored, however old it is.

AWS says that there is a race between the service and the customer; here the customer wins, who has
this time for ``ModifyBackupAttributes`` or ``ModifyCluster``.
"""


class BackupState(str, Enum):
    """The states of a backup."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    READY = "READY"
    DELETED = "DELETED"
    PENDING_DELETION = "PENDING_DELETION"


class CloudHsmBackup(BaseModel):
    """A backup.

    Args:
        region_arn: the ARN prefix of the account's backups in the Region.
        cluster_id: the cluster that was backed up.
        snapshot: what the backup holds. Nothing shows it.
        hsm_type: the type of the cluster's HSMs.
        mode: the mode of the cluster.
        source: the backup in another Region of which this is a copy.
        expires_anew: is called when the backup may expire earlier than before.

    Attributes:
        create_timestamp: when the content was backed up: a copy has the time of its source.
        copy_timestamp: when the copy was made; ``None`` for an original.
        delete_timestamp: when it will be gone; ``None`` unless it has been deleted.
        never_expires: whether it is exempt from the cluster's retention policy.
        policy: the resource policy, JSON.
    """

    def __init__(
        self,
        region_arn: str,
        cluster_id: str,
        snapshot: Snapshot,
        hsm_type: str,
        mode: str,
        source: CloudHsmBackup | None = None,
        expires_anew: Callable[[], None] = lambda: None,
    ) -> None:
        self.backup_id = ids.cloudhsm_id("backup")
        self.backup_arn = f"{region_arn}:backup/{self.backup_id}"
        self.cluster_id = cluster_id
        self.hsm_type = hsm_type
        self.mode = mode
        now = clock.now()
        self.create_timestamp: datetime = source.create_timestamp if source else now
        self.copy_timestamp = now if source else None
        self.source_backup = source.backup_id if source else None
        self.source_cluster = source.cluster_id if source else None
        self.source_region = source.region if source else None
        self.delete_timestamp: datetime | None = None
        self.never_expires = False
        self.policy: str | None = None
        self.tags: dict[str, str] = {}
        self._snapshot = snapshot
        self._expires_anew = expires_anew
        self._spared_until = self.create_timestamp
        self._life = LifeCycle(
            "cloudhsmv2::backup",
            BackupState.CREATE_IN_PROGRESS,
            {BackupState.CREATE_IN_PROGRESS: self._made},
            self.backup_id,
        )

    def _made(self) -> BackupState:
        self._expires_anew()
        return BackupState.READY

    @property
    def region(self) -> str:
        """The Region of the backup."""
        return self.backup_arn.split(":")[3]

    @property
    def state(self) -> BackupState:
        """The state now."""
        if self.delete_timestamp is None:
            return BackupState(self._life.status)
        if clock.now() < self.delete_timestamp:
            return BackupState.PENDING_DELETION
        return BackupState.DELETED

    def settle(self) -> None:
        """End the state that is over by now."""
        self._life.settle()

    def advance(self) -> None:
        """Count a description, for manual state transitions."""
        self._life.advance()

    def require(self, state: BackupState, action: str) -> None:
        """Check that the backup is in the only state in which something can be done with it.

        Args:
            state: the state that it should be in.
            action: what is to be done, for the message.

        Raises:
            CloudHsmInvalidRequestException: it is in another state.
        """
        if self.state is not state:
            raise CloudHsmInvalidRequestException(
                f"Backup '{self.backup_id}' is in state {self.state.value} and must be in state "
                f"{state.value} to {action}"
            )

    def delete(self) -> None:
        """Begin the seven days after which it is gone.

        Raises:
            CloudHsmInvalidRequestException: it is not READY.
        """
        self.require(BackupState.READY, "be deleted")
        self.delete_timestamp = clock.now() + RESTORABLE_FOR

    def restore(self) -> None:
        """Take the deletion back.

        Raises:
            CloudHsmInvalidRequestException: it is not PENDING_DELETION.
        """
        self.require(BackupState.PENDING_DELETION, "be restored")
        self.delete_timestamp = None
        self._spared_until = clock.now() + SPARED_FOR
        self._expires_anew()

    def exempt(self, never_expires: bool) -> None:
        """Exempt it from the retention policy, or take that back.

        Raises:
            CloudHsmInvalidRequestException: it is not READY.
        """
        self.require(BackupState.READY, "be modified")
        self.never_expires = never_expires
        self._expires_anew()

    def expires(self, retention: timedelta) -> datetime:
        """When a retention policy purges it, unless it never expires."""
        return max(self.create_timestamp + retention, self._spared_until)

    def describe(self) -> dict[str, Any]:
        """The backup as the API shows it (``Backup``)."""
        return {
            "BackupId": self.backup_id,
            "BackupArn": self.backup_arn,
            "BackupState": self.state.value,
            "ClusterId": self.cluster_id,
            "CreateTimestamp": self.create_timestamp,
            "NeverExpires": self.never_expires,
            "TagList": show_tags(self.tags),
            "HsmType": self.hsm_type,
            "Mode": self.mode,
            "DeleteTimestamp": self.delete_timestamp,
            **(self.describe_origin() if self.source_backup else {}),
        }

    def describe_origin(self) -> dict[str, Any]:
        """Where a copy comes from."""
        return {
            "CopyTimestamp": self.copy_timestamp,
            "SourceRegion": self.source_region,
            "SourceBackup": self.source_backup,
            "SourceCluster": self.source_cluster,
        }


def snapshot_of(backup: CloudHsmBackup) -> Snapshot:
    """What a backup holds. A function, so that no view of the backup's attributes can show it."""
    return backup._snapshot

"""Backups of clusters.

See "Managing AWS CloudHSM backups" in the AWS CloudHSM User Guide: when they are made, how long a
deleted one can be restored, and what a copy in another Region has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from moto.core.common_models import BaseModel

from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException
from moto_cks.cloudhsmv2.tags import show_tags
from moto_cks.enums import StrEnum
from moto_cks.hsm import Snapshot
from moto_cks.world import clock, ids
from moto_cks.world.lifecycle import LifeCycle, Steps, Table

RESTORABLE_FOR = timedelta(days=7)
"""How long a deleted backup can be restored."""

SPARED_FOR = timedelta(hours=24)
"""How long the retention policy spares a backup that has been restored, however old it is.

AWS says that there is a race between the service and the customer; here the customer wins, who has
this time for ``ModifyBackupAttributes`` or ``ModifyCluster``.
"""


class BackupState(StrEnum):
    """The states of a backup."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    READY = "READY"
    DELETED = "DELETED"
    PENDING_DELETION = "PENDING_DELETION"


_S = BackupState

DELETE, RESTORE, MODIFY = "DeleteBackup", "RestoreBackup", "ModifyBackupAttributes"
COPY, SHARE, MAKE_CLUSTER = "CopyBackupToRegion", "PutResourcePolicy", "CreateCluster"
PURGE = "the retention policy purges it"

ALLOWED: Steps[BackupState] = {
    _S.CREATE_IN_PROGRESS: {},
    _S.READY: {
        DELETE: _S.PENDING_DELETION,
        PURGE: _S.PENDING_DELETION,
        MODIFY: _S.READY,
        COPY: _S.READY,
        SHARE: _S.READY,
        MAKE_CLUSTER: _S.READY,
    },
    _S.PENDING_DELETION: {RESTORE: _S.READY, COPY: _S.PENDING_DELETION},
    _S.DELETED: {},
}
"""Which state each change leads to; in a state that does not have it, it is refused."""

MADE, GONE = "the backup is made", "seven days have passed"

ENDINGS: Steps[BackupState] = {
    _S.CREATE_IN_PROGRESS: {MADE: _S.READY},
    _S.PENDING_DELETION: {GONE: _S.DELETED},
}
"""The states that end by themselves, and how."""

TABLE = Table(
    "cloudhsmv2::backup",
    _S.CREATE_IN_PROGRESS,
    ALLOWED,
    ENDINGS,
    lasting={_S.PENDING_DELETION: RESTORABLE_FOR},
)

ACTIONS = {
    DELETE: "be deleted",
    RESTORE: "be restored",
    MODIFY: "be modified",
    COPY: "be copied",
    SHARE: "be shared",
    MAKE_CLUSTER: "create a cluster from it",
}
"""What each operation does, in the words of the refusals."""


class CloudHsmBackup(BaseModel):
    """A backup.

    Args:
        region_arn: the ARN prefix of the account's backups in the Region.
        cluster_id: the cluster that was backed up.
        snapshot: what the backup holds. Nothing shows it.
        hsm_type: the type of the cluster's HSMs.
        mode: the mode of the cluster.
        source: the backup in another Region of which this is a copy.
        expires_anew: is called when the backup may expire earlier than before, where anybody asks.

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
        expires_anew: Callable[[], None] | None = None,
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
            TABLE,
            {_S.CREATE_IN_PROGRESS: self._made, _S.PENDING_DELETION: self._gone},
            self.backup_id,
        )

    def _made(self) -> str:
        self._may_expire()
        return MADE

    def _gone(self) -> str:
        return GONE

    def _may_expire(self) -> None:
        if self._expires_anew is not None:
            self._expires_anew()

    @property
    def region(self) -> str:
        """The Region of the backup."""
        return self.backup_arn.split(":")[3]

    @property
    def state(self) -> BackupState:
        """The state now."""
        return self._life.status

    def take_back(self) -> None:
        """Become nothing more: the cluster is taken back."""
        self._life.stop()

    def settle(self) -> None:
        """End the state that is over by now."""
        self._life.settle()

    def advance(self) -> None:
        """Count a description, for manual state transitions."""
        self._life.advance()

    def require(self, operation: str) -> None:
        """Check that the state of the backup allows an operation.

        Args:
            operation: a key of :data:`ACTIONS`.

        Raises:
            CloudHsmInvalidRequestException: it does not. The message names the first state that
                does: that is the one to wait for.
        """
        if not self._life.allows(operation):
            state = next(state for state, row in ALLOWED.items() if operation in row)
            raise CloudHsmInvalidRequestException(
                f"Backup '{self.backup_id}' is in state {self.state.value} and must be in state "
                f"{state.value} to {ACTIONS[operation]}"
            )

    def delete(self) -> None:
        """Begin the seven days after which it is gone.

        Raises:
            CloudHsmInvalidRequestException: it is not READY.
        """
        self.require(DELETE)
        self._mark(DELETE)

    def purge(self) -> None:
        """The same, by the retention policy, which comes for what is READY only."""
        self._mark(PURGE)

    def _mark(self, cause: str) -> None:
        self._life.step(cause)
        self.delete_timestamp = self._life.due

    def restore(self) -> None:
        """Take the deletion back.

        Raises:
            CloudHsmInvalidRequestException: it is not PENDING_DELETION.
        """
        self.require(RESTORE)
        self._life.step(RESTORE)
        self.delete_timestamp = None
        self._spared_until = clock.now() + SPARED_FOR
        self._may_expire()

    def exempt(self, never_expires: bool) -> None:
        """Exempt it from the retention policy, or take that back.

        Raises:
            CloudHsmInvalidRequestException: it is not READY.
        """
        self.require(MODIFY)
        self.never_expires = never_expires
        self._may_expire()

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

"""Clusters.

See ``Cluster`` in the AWS CloudHSM API Reference, and "Getting started", "Adding or removing HSMs"
and "Managing AWS CloudHSM backups" in the AWS CloudHSM User Guide. The life cycle is in
:mod:`moto_cks.cloudhsmv2.cluster_states`; here is what its steps bring with them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moto.core.common_models import BaseModel

from moto_cks import faults
from moto_cks.account.network import Network, NetworkInterface
from moto_cks.cloudhsmv2 import cluster_states as states
from moto_cks.cloudhsmv2.audit_logs import AuditLogs
from moto_cks.cloudhsmv2.backups import BackupState, CloudHsmBackup, snapshot_of
from moto_cks.cloudhsmv2.cluster_states import STATE_MESSAGES, ClusterState
from moto_cks.cloudhsmv2.connections import Connections
from moto_cks.cloudhsmv2.daily import Daily
from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException
from moto_cks.cloudhsmv2.hsms import CloudHsm, HsmState
from moto_cks.cloudhsmv2.migration import HsmTypes
from moto_cks.cloudhsmv2.observation import Observation
from moto_cks.cloudhsmv2.settings import OLDER_HSM_TYPE, Placement, Settings
from moto_cks.cloudhsmv2.vault import BackupVault
from moto_cks.cloudhsmv2.world_keys import take_key
from moto_cks.faults import FaultsBackend
from moto_cks.hsm import CAPACITIES, CertificateError, Certificates, Condition, HsmCluster, Snapshot
from moto_cks.world import clock
from moto_cks.world.journal import Kind, note
from moto_cks.world.lifecycle import Ending, LifeCycle

MAX_HSMS = 28
"""The HSMs that a cluster can have ("AWS CloudHSM quotas" in the User Guide)."""

SHOWN_AFTER_DELETION = timedelta(hours=1)
"""How long ``DescribeClusters`` shows a deleted cluster. AWS says only that it does for a while."""


class CloudHsmCluster(BaseModel):
    """A cluster.

    Args:
        cluster_id: its ID.
        placement: its VPC and subnets.
        security_group_id: its security group.
        network: the network of its account and Region.
        vault: where its backups go.
        settings: what the customer chose for it.
        tags: its tags.
        audit_logs: where the logbooks of its HSMs go.
        source: the backup that it is made from.

    Attributes:
        types: the type of its HSMs, and what changes it.
        connections: which clients have connected to its HSMs.
        deleted_at: when its deletion was over; ``None`` before.
    """

    def __init__(
        self,
        *,
        cluster_id: str,
        placement: Placement,
        security_group_id: str,
        network: Network,
        vault: BackupVault,
        settings: Settings,
        tags: dict[str, str],
        audit_logs: AuditLogs,
        source: CloudHsmBackup | None = None,
    ) -> None:
        self.cluster_id = cluster_id
        self.vpc_id = placement.vpc_id
        self.subnet_mapping = placement.subnet_mapping
        self.security_group_id = security_group_id
        self.mode = settings.mode
        self.network_type = settings.network_type
        self.retention_days = settings.retention_days
        self.tags = tags
        self.source_backup_id = source.backup_id if source else None
        self.create_timestamp = clock.now()
        self.deleted_at: datetime | None = None
        self.connections = Connections()
        self._network = network
        self._vault = vault
        self._vault.retain(cluster_id, settings.retention_days)
        self._daily = Daily(self._back_up_daily)
        self._hsms: dict[str, CloudHsm] = {}
        self._claim = ("", "")
        self._hardware = HsmCluster(
            cluster_id,
            self._activated,
            Observation(self.connections).notice,
            take_key,
            clock.now,
            Condition(CAPACITIES[settings.hsm_type]),
            audit_logs.of_cluster(cluster_id),
            audit_logs.written,
            self._busy,
        )
        self.types = HsmTypes(
            cluster_id,
            settings.hsm_type,
            self._hsms,
            self._hardware,
            self._back_up_as,
            self.connections,
        )
        self._source = snapshot_of(source) if source else None
        self._handed_on: Snapshot | None = None
        self._disturbing: CloudHsmBackup | None = None
        if self._source is not None:
            self._hardware.take_identity(self._source)
        self._life = LifeCycle(states.TABLE, self._endings(), cluster_id)

    # Endings of states -----------------------------------------------------------------------

    def _endings(self) -> dict[ClusterState, Ending]:
        return {
            ClusterState.CREATE_IN_PROGRESS: self._created,
            ClusterState.INITIALIZE_IN_PROGRESS: self._initialized,
            ClusterState.MODIFY_IN_PROGRESS: self.types.end_migration,
            ClusterState.ROLLBACK_IN_PROGRESS: self.types.end_rollback,
            ClusterState.DELETE_IN_PROGRESS: self._deleted,
        }

    def _created(self) -> str:
        return states.RESTORED if self._source else states.CREATED

    def _initialized(self) -> str:
        self._hardware.initialize(*self._claim)
        return states.CLAIMED

    def _deleted(self) -> str:
        self._network.delete_security_group(self.security_group_id)
        self.deleted_at = clock.now()
        return states.GONE

    def _activated(self) -> None:
        self._life.step(states.ACTIVATION)
        self._daily.start()
        self._back_up()

    # Looking at it ---------------------------------------------------------------------------

    @property
    def lasts(self) -> bool:
        """Whether its state stays until something is done."""
        return self._life.lasts

    def settle(self) -> None:
        """End the states, its own and those of its HSMs, that are over by now."""
        self._life.settle()
        for hsm in tuple(self._hsms.values()):
            hsm.settle()

    def advance(self) -> None:
        """Count a description of the cluster and its HSMs, for manual state transitions."""
        self._life.advance()
        for hsm in self._hsms.values():
            hsm.advance()

    @property
    def id(self) -> str:
        """Its ID."""
        return self.cluster_id

    @property
    def hsm_type(self) -> str:
        """The type of its HSMs, or the one that they are given just now."""
        return self.types.current

    @property
    def state(self) -> ClusterState:
        """The state now."""
        self.settle()
        return self._life.status

    @property
    def state_since(self) -> datetime:
        """When that state began."""
        return self._life.since

    @property
    def hardware(self) -> HsmCluster:
        """The HSMs that are in service."""
        self.settle()
        return self._hardware

    @property
    def certificates(self) -> Certificates | None:
        """Its identity; ``None`` until its first HSM is active."""
        return self.hardware.certificates

    @property
    def hsms(self) -> list[CloudHsm]:
        """All its HSMs, oldest first, also those that are being created or deleted."""
        self.settle()
        return list(self._hsms.values())

    def active_hsms(self) -> list[CloudHsm]:
        """The HSMs that are in service, oldest first."""
        return [hsm for hsm in self.hsms if hsm.state is HsmState.ACTIVE]

    @property
    def forgotten(self) -> bool:
        """Whether its deletion is so long ago that nothing shows it any more."""
        self.settle()
        return self.deleted_at is not None and clock.now() >= self.deleted_at + SHOWN_AFTER_DELETION

    def require(self, change: str) -> None:
        """Check that the state of the cluster allows a change.

        Args:
            change: what a row of :data:`moto_cks.cloudhsmv2.cluster_states.ALLOWED` may have.

        Raises:
            CloudHsmInvalidRequestException: it does not.
        """
        self.settle()
        if not self._life.allows(change):
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' is in state {self.state.value}, which does not "
                f"allow {change}"
            )

    # Changes ---------------------------------------------------------------------------------

    def initialize(self, signed_certificate: str, trust_anchor: str) -> dict[str, Any]:
        """Begin to claim the cluster with a certificate for its CSR.

        Args:
            signed_certificate: PEM.
            trust_anchor: PEM.

        Returns:
            The state that it enters, as the API shows it.

        Raises:
            CloudHsmInvalidRequestException: the state of the cluster does not allow it, there is
                no CSR, or the certificates are not what they should be.
        """
        self.require(states.INITIALIZE)
        if self._hardware.certificates is None:
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' has no active HSM, and therefore no CSR"
            )
        try:
            # Refused at once; claimed when the state ends.
            self._hardware.certificates.claimed_by(signed_certificate, trust_anchor)
        except CertificateError as error:
            raise CloudHsmInvalidRequestException(str(error)) from None
        self._claim = (signed_certificate, trust_anchor)
        state = self._life.step(states.INITIALIZE)
        return {"State": state.value, "StateMessage": STATE_MESSAGES[state]}

    def check_room(self, availability_zone: str) -> str:
        """Check that an HSM can be added.

        Returns:
            The ID of the subnet in that zone.

        Raises:
            CloudHsmInvalidRequestException: the state of the cluster does not allow it, the
                cluster is not in that zone, has 28 HSMs, has one and is not active, or has none
                and no backup either.
        """
        self.require(states.CREATE_HSM)
        if self.state is not ClusterState.ACTIVE and self._hsms:
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' already contains an HSM but has not yet been fully "
                "activated"
            )
        if len(self._hsms) >= MAX_HSMS:
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' already contains {MAX_HSMS} HSMs"
            )
        if availability_zone not in self.subnet_mapping:
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' has no subnet in Availability Zone "
                f"'{availability_zone}'"
            )
        if not self._can_bring_up():
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' has no HSM and no backup to restore one from"
            )
        return self.subnet_mapping[availability_zone]

    def add_hsm(self, hsm_id: str, availability_zone: str, interface: NetworkInterface) -> CloudHsm:
        """Begin to add an HSM, for which :meth:`check_room` found room."""
        if self.state is ClusterState.ACTIVE:
            self._back_up()
        return self._place_hsm(hsm_id, availability_zone, interface)

    def _place_hsm(
        self, hsm_id: str, availability_zone: str, interface: NetworkInterface
    ) -> CloudHsm:
        hsm = CloudHsm(
            hsm_id,
            self.cluster_id,
            availability_zone,
            self.subnet_mapping[availability_zone],
            interface,
            self._bring_up,
            self._discard,
            self.hsm_type,
        )
        self._hsms[hsm_id] = hsm
        hsm.settle()  # daily backups begin with the first HSM, not with the next look at it
        return hsm

    def find_hsm(
        self, hsm_id: str | None, eni_id: str | None, eni_ip: str | None
    ) -> CloudHsm | None:
        """The HSM that all given identifiers fit, if there is one."""
        for hsm in self.hsms:
            if (
                hsm_id in (None, hsm.hsm_id)
                and eni_id in (None, hsm.eni_id)
                and eni_ip in (None, hsm.eni_ip)
            ):
                return hsm
        return None

    def remove_hsm(self, hsm: CloudHsm) -> None:
        """Take an HSM out of service and begin its deletion.

        An active cluster is backed up before. With its last HSM gone, it stays ACTIVE.

        Raises:
            CloudHsmInvalidRequestException: the state of the cluster does not allow it, or the
                HSM is being deleted.
        """
        self.require(states.DELETE_HSM)
        if not hsm.can_be_deleted:
            raise CloudHsmInvalidRequestException(f"HSM '{hsm.hsm_id}' is being deleted")
        if hsm.hsm_id in self._hardware.hsms:
            if self.state is ClusterState.ACTIVE:
                self._back_up(hsm.hsm_id)
            self._hardware.remove_hsm(hsm.hsm_id)
        hsm.delete()

    def replace_hsm(self, hsm: CloudHsm, hsm_id: str, *, failed: bool) -> CloudHsm:
        """Put another HSM in the place of one, as AWS does for maintenance or when one fails.

        It has the Availability Zone and the network interface of the other one. Its content is that
        of the HSMs that are left, or else that of the other one. One that has failed leaves nothing
        but its backups; before a cluster is initialized, its identity goes with its only HSM.

        Args:
            hsm: an HSM that is in service.
            hsm_id: the ID of the new one.
            failed: whether the other one has failed.
        """
        active = self.state is ClusterState.ACTIVE
        if active and not failed:
            self._back_up(hsm.hsm_id)
        alone = len(self._hardware.hsms) == 1
        if alone and self._hardware.claimed and not (active and failed):
            self._handed_on = self._hardware.snapshot(hsm.hsm_id)
        self._hardware.lose_hsm(hsm.hsm_id, failed=failed)
        hsm.take_back()
        del self._hsms[hsm.hsm_id]
        note(Kind.STATE, hsm.hsm_id, f"AWS replaces it by {hsm_id}")
        return self._place_hsm(
            hsm_id, hsm.availability_zone, NetworkInterface(hsm.eni_id, hsm.eni_ip)
        )

    def modify(self, hsm_type: str | None, retention_days: int | None) -> ClusterState:
        """Change the retention of backups, at once, and begin to change the type of the HSMs.

        hsm1.medium can be changed to hsm2m.medium, and back within 24 hours of the beginning, also
        before the end ("Migrating from hsm1.medium to hsm2m.medium" in the User Guide).

        Returns:
            The state that it is in after that, or enters.

        Raises:
            CloudHsmInvalidRequestException: the state of the cluster does not allow it, or the
                time to change the type back is over.
        """
        state = self.state
        migrates = hsm_type is not None and hsm_type != self.hsm_type
        rolls_back = migrates and hsm_type == OLDER_HSM_TYPE
        if rolls_back and state is ClusterState.MODIFY_IN_PROGRESS:
            self.require(states.ROLL_BACK)
        else:
            self.require(states.MIGRATE if migrates else states.MODIFY)
        if rolls_back and not self._can_roll_back():
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' cannot be changed to HsmType {hsm_type}"
            )
        if retention_days is not None:
            self.retention_days = retention_days
            self._vault.retain(self.cluster_id, retention_days)
        return self._change_type(rolls_back) if migrates else state

    def delete(self) -> None:
        """Begin its deletion.

        Raises:
            CloudHsmInvalidRequestException: the state of the cluster does not allow it, or it
                contains HSMs.
        """
        self.require(states.DELETE)
        if self._hsms:
            raise CloudHsmInvalidRequestException(
                f"Cluster '{self.cluster_id}' contains HSMs and cannot be deleted"
            )
        self._daily.stop()
        self._vault.keep(self.cluster_id)
        self._life.step(states.DELETE)

    def take_back(self) -> None:
        """Undo that it was created, with all that came of it, as if there had been no cluster."""
        self._daily.stop()
        self._life.stop()
        for hsm in self._hsms.values():
            hsm.take_back()
            self._network.delete_interface(hsm.eni_id)
        self._hsms.clear()
        self._vault.forget(self.cluster_id)
        self._network.delete_security_group(self.security_group_id)

    def _change_type(self, rolls_back: bool) -> ClusterState:
        changes = self._life.own_changes
        with self.types.change(lambda: self._life.own_changes > changes):
            older = self._content_of_older_type()
            step = self.types.roll_back(older) if rolls_back else self.types.migrate()
            state = self._life.step(step)
        self.types.plan(self._life.since, self._life.due)
        return state

    def _can_roll_back(self) -> bool:
        return self.types.can_roll_back() and self._content_of_older_type() is not None

    def _content_of_older_type(self) -> Snapshot | None:
        return self._vault.latest_snapshot(self.cluster_id, OLDER_HSM_TYPE)

    # HSMs and backups ------------------------------------------------------------------------

    def _busy(self) -> bool:
        return FaultsBackend.armed and faults.hsms_busy(self.cluster_id)

    def disturbs(self) -> bool:
        """Whether a backup that is being made makes something fail now: once for each backup.

        So it is with random numbers of hsm2m.medium ("Known issues for AWS CloudHSM hsm2m.medium
        instances"), where there are HSMs.
        """
        backup = self._disturbing
        under_way = backup is not None and backup.state is BackupState.CREATE_IN_PROGRESS
        if not under_way or not self._hardware.hsms:
            return False
        self._disturbing = None
        return True

    def _back_up(self, hsm_id: str | None = None, hsm_type: str | None = None) -> None:
        if self._hardware.hsms:
            snapshot = self._hardware.back_up(hsm_id)
            hsm_type = hsm_type or self.hsm_type
            backup = self._vault.back_up(self.cluster_id, snapshot, hsm_type, self.mode)
            if hsm_type != OLDER_HSM_TYPE:
                self._disturbing = backup

    def _back_up_as(self, hsm_type: str) -> None:
        self._back_up(hsm_type=hsm_type)

    def _back_up_daily(self) -> None:
        # Without HSMs there is nothing to be backed up; the next time is in 24 hours all the same.
        if self.state is ClusterState.ACTIVE:
            self._back_up()

    def _stored_snapshot(self) -> Snapshot | None:
        """What an HSM comes up with where no other one is in service."""
        latest = self._vault.latest_snapshot(self.cluster_id)
        return self._handed_on or latest or self._source

    def _can_bring_up(self) -> bool:
        brand_new = self._hardware.certificates is None
        return brand_new or bool(self._hardware.hsms) or self._stored_snapshot() is not None

    def _bring_up(self, hsm: CloudHsm) -> bool:
        if self._network.subnet(hsm.subnet_id) is None or not self._can_bring_up():
            return False
        alone = self._hardware.certificates is not None and not self._hardware.hsms
        if hsm.hsm_id not in self._hardware.hsms:
            self._hardware.add_hsm(hsm.hsm_id, self._stored_snapshot() if alone else None)
        self._handed_on = None
        if self._life.status is ClusterState.ACTIVE:
            self._daily.start()
        return True

    def _discard(self, hsm: CloudHsm) -> None:
        self._network.delete_interface(hsm.eni_id)
        self._hsms.pop(hsm.hsm_id, None)

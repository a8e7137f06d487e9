"""A scene: a key store, what it can be worked on with, and what is known of what happens to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from moto_cks.cloudhsmv2.backups import BackupState, snapshot_of
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.models import cloudhsmv2_backend
from moto_cks.cloudhsmv2.settings import HSM_TYPE
from moto_cks.failures import transitions
from moto_cks.failures.expectations import Refusal
from moto_cks.failures.hands import ClusterHands, Hands, HsmHands
from moto_cks.failures.records import Record, records_of
from moto_cks.faults.pending import AnyFault, begin
from moto_cks.hsm import Snapshot
from moto_cks.kms.keystores.cloudhsm.backing_keys import (
    as_cloudhsm_cli_shows_it,
    backing_key_id,
)
from moto_cks.kms.keystores.cloudhsm.checks import find_cluster
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.keystores.cloudhsm.store import CloudHsmKeyStore
from moto_cks.kms.keystores.connection import ConnectionState
from moto_cks.kms.models import kms_backend

PASSWORD = "tempPassword"
"""What kmsuser's password is set to, as in the examples of AWS's page."""

CRYPTO_USER: Final = "CU"


class Scene:
    """A key store to which a failure happens.

    What AWS would show a person is asked of AWS by the clients, so CloudTrail records it; what the
    scene itself has to know is looked up, which leaves no trace.

    Args:
        hands: what to work with.
        record: what is known of what happens.

    Attributes:
        hands: what to work with.
        record: what is known of what happens.
        store_id: the custom key store ID.
    """

    def __init__(self, hands: Hands, record: Record) -> None:
        self.hands = hands
        self.record = record
        self.store_id = record.store_id
        self._clients = hands.clients(record.account_id, record.region)

    @property
    def kms(self) -> Any:
        """A client of KMS."""
        return self._clients.kms

    @property
    def cloudhsm(self) -> Any:
        """A client of CloudHSM."""
        return self._clients.cloudhsmv2

    @property
    def ec2(self) -> Any:
        """A client of EC2."""
        return self._clients.ec2

    @property
    def cloudtrail(self) -> Any:
        """A client of CloudTrail."""
        return self._clients.cloudtrail

    # Looking, without a trace ----------------------------------------------------------------

    @property
    def store(self) -> CloudHsmKeyStore:
        """The key store."""
        backend = kms_backend(self.record.account_id, self.record.region)
        store = backend.key_stores.get(self.store_id)
        assert isinstance(store, CloudHsmKeyStore)
        return store

    @property
    def state(self) -> ConnectionState:
        """ConnectionState."""
        return self.store.connection.state

    @property
    def alone(self) -> bool:
        """Whether nothing else happens to the key store."""
        return all(record is self.record for record in records_of(self.store_id))

    @property
    def cluster_id(self) -> str:
        """The cluster that the key store is associated with now."""
        return self.store.cluster_id

    def find(self, cluster_id: str) -> CloudHsmCluster | None:
        """A cluster, unless it is deleted."""
        return find_cluster(self.record.account_id, self.record.region, cluster_id)

    @property
    def cluster(self) -> ClusterHands:
        """The cluster that the key store is associated with now, in the hands of an officer.

        Raises:
            KeyError: it is deleted.
        """
        return self.hands.cluster(self.cluster_id)

    @property
    def hsms(self) -> list[HsmHands]:
        """The active HSMs of that cluster; none where it is deleted."""
        return [] if self.find(self.cluster_id) is None else list(self.cluster.hsms)

    def lacking_kmsuser(self) -> list[str]:
        """The HSMs that do not have kmsuser, by their IDs."""
        return [hsm.id for hsm in self.hsms if all(user.name != KMSUSER for user in hsm.users)]

    # What people do --------------------------------------------------------------------------

    @property
    def named(self) -> dict[str, str]:
        """The parameter that names the key store."""
        return {"CustomKeyStoreId": self.store_id}

    def attempt(self, call: Callable[..., Any], **parameters: Any) -> Any:
        """Make a call that is refused, or may be; a refusal is kept.

        Returns:
            The answer; ``None`` where it was refused.
        """
        try:
            return call(**parameters)
        except ClientError as error:
            self.record.refusals[error.operation_name] = refusal_of(error)
            return None

    def disconnect(self) -> None:
        """Disconnect the key store, unless it is."""
        if self.state not in (ConnectionState.DISCONNECTED, ConnectionState.DISCONNECTING):
            self.kms.disconnect_custom_key_store(**self.named)

    def try_to_connect(self) -> None:
        """Connect the key store, whatever comes of it."""
        self.attempt(self.kms.connect_custom_key_store, **self.named)

    def tell_password(self, password: str = PASSWORD) -> None:
        """Tell KMS the password of kmsuser."""
        self.kms.update_custom_key_store(**self.named, KeyStorePassword=password)

    def set_password(self, password: str = PASSWORD, hsms: list[str] | None = None) -> None:
        """Change the password of kmsuser in the cluster."""
        self.cluster.change_password(CRYPTO_USER, KMSUSER, password, hsms=hsms)

    def delete_hsms(self) -> None:
        """Delete all HSMs of the cluster."""
        cluster_id = self.cluster_id
        for hsm in self.hsms:
            self.cloudhsm.delete_hsm(ClusterId=cluster_id, HsmId=hsm.id)

    def add_hsms(self, cluster_id: str, *zones: str) -> None:
        """Create an HSM in each zone in which a cluster has none."""
        cluster = self.find(cluster_id)
        taken = {hsm.availability_zone for hsm in cluster.active_hsms()} if cluster else set()
        for zone in zones:
            if zone not in taken:
                self.cloudhsm.create_hsm(ClusterId=cluster_id, AvailabilityZone=zone)

    def back_up(self) -> None:
        """Have a backup made: adding an HSM does that, and so does taking it away again."""
        cluster_id = self.cluster_id
        zone = self.hsms[0].availability_zone
        made = self.cloudhsm.create_hsm(ClusterId=cluster_id, AvailabilityZone=zone)["Hsm"]
        self.cloudhsm.delete_hsm(ClusterId=cluster_id, HsmId=made["HsmId"])

    def backups(self, cluster_id: str) -> list[str]:
        """The backups of a cluster that a cluster can be made from, the newest first.

        Not those that were made after the failure had begun.
        """
        answer = self.cloudhsm.describe_backups(
            Filters={"clusterIds": [cluster_id], "states": ["READY"]}
        )
        since = self.record.since
        return [
            backup["BackupId"]
            for backup in answer["Backups"]
            if since is None or backup["CreateTimestamp"] <= since
        ]

    def snapshots(self) -> dict[str, Snapshot]:
        """What the READY backups of the cluster hold, which AWS shows nobody, oldest first."""
        vault = cloudhsmv2_backend(self.record.account_id, self.record.region).vault
        return {
            backup.backup_id: snapshot_of(backup)
            for backup in vault.made_of(self.cluster_id)
            if backup.state is BackupState.READY
        }

    def restore(self, backup_id: str, *subnet_ids: str) -> str:
        """Create a cluster from a backup; returns its ID."""
        made = self.cloudhsm.create_cluster(**self.restoring(backup_id), SubnetIds=list(subnet_ids))
        return str(made["Cluster"]["ClusterId"])

    def restoring(self, backup_id: str) -> dict[str, str]:
        """What CreateCluster is told to make a cluster from a backup, which is one of today."""
        return {"HsmType": HSM_TYPE, "Mode": self.record.mode, "SourceBackupId": backup_id}

    # Time and faults -------------------------------------------------------------------------

    def inject(self, fault: AnyFault) -> None:
        """Inject a fault, until the failure is over."""
        begin(fault)
        self.record.keep(fault)

    def slow_down(self, model: str, seconds: float) -> None:
        """Let states take some time, until the failure is over."""
        self.record.changes.transitions.append(transitions.hold(model, seconds))

    # Placeholders ----------------------------------------------------------------------------

    def usable_subnets(self) -> Iterator[tuple[str, str]]:
        """The zones and IDs of those subnets of the first cluster that a cluster can be put in."""
        network = self.store.network
        for zone, subnet_id in sorted(self.record.subnets.items()):
            subnet = network.subnet(subnet_id)
            if subnet is not None and subnet.free_addresses >= ROOM:
                yield zone, subnet_id

    def values(self) -> dict[str, str]:
        """The values of placeholders, as far as they are known."""
        cluster = self.find(self.cluster_id)
        values = {
            "store": self.store_id,
            "cluster": self.cluster_id,
            "hsm-type": HSM_TYPE,
            "mode": self.record.mode,
        }
        for letter, (zone, subnet_id) in zip("ab", self.usable_subnets(), strict=False):
            values |= {f"zone-{letter}": zone, f"subnet-{letter}": subnet_id}
        if cluster is not None:
            values |= {"sg": cluster.security_group_id, **_zone_without_hsm(cluster)}
            values |= _server_without_kmsuser(self)
        return {**values, **self.record.values}

    def values_of_keys(self) -> list[dict[str, str]]:
        """The values of the placeholders of each key."""
        return [
            {
                "key": key_id,
                "handle": str(handle),
                "id-hex": as_cloudhsm_cli_shows_it(backing_key_id(arn, handle)),
            }
            for key_id, arn, handle in (
                (key_id, self.record.arns[key_id], self.record.handles[key_id])
                for key_id in self.record.key_ids
            )
        ]


ROOM = 3
"""The addresses that a subnet should have for two HSMs and KMS."""


def _zone_without_hsm(cluster: CloudHsmCluster) -> Mapping[str, str]:
    taken = {hsm.availability_zone for hsm in cluster.active_hsms()}
    free = sorted(set(cluster.subnet_mapping) - taken)
    return {"zone": free[0]} if free else {}


def _server_without_kmsuser(scene: Scene) -> Mapping[str, str]:
    lacking = scene.lacking_kmsuser()
    numbers = [number for number, hsm in enumerate(scene.hsms) if hsm.id in lacking]
    return {"server": str(numbers[0])} if numbers else {}


@contextmanager
def suppress_missing(code: str) -> Iterator[None]:
    """Do nothing where something is gone that was to be put back.

    Args:
        code: the error code that says so.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise


def refusal_of(error: ClientError) -> Refusal:
    """What a client's exception says."""
    answer = error.response
    return Refusal(
        answer["Error"]["Code"],
        answer["Error"]["Message"],
        answer["ResponseMetadata"]["HTTPStatusCode"],
    )

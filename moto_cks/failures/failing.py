"""The failures while the key store reads CONNECTED.

"How to fix a failing KMS key" and "How to respond to a cryptographic operation failure".
"""

from __future__ import annotations

from functools import partial

from moto_cks.failures.appearances import (
    CREATE_KEY,
    CRYPTO,
    NO_ANSWER,
    OUT_OF_REACH,
    RANDOM,
    USE,
    cloudhsm_event,
    gone,
    kms_event,
    mute,
    of_crypto,
    use,
    well,
)
from moto_cks.failures.expectations import Refusal
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.permissions import close_ports
from moto_cks.failures.proofs import all_of, good, new_keys_can_be_created, the_keys_are_lost
from moto_cks.failures.records import Direction
from moto_cks.failures.scene import CRYPTO_USER, PASSWORD, Scene
from moto_cks.failures.shapes import CLOUDHSM_GUIDE, Failure, Need, Part, Since, Step, Variant
from moto_cks.failures.steps import (
    ADD_HSM,
    ADD_HSMS,
    OPEN_INBOUND,
    OPEN_OUTBOUND,
    RESET,
    RESTORE,
    retry,
)
from moto_cks.faults.documented import THROTTLED
from moto_cks.faults.pending import Outage, SessionFault, Throttle
from moto_cks.kms.keystores.cloudhsm.checks import PORTS_CLOSED, TOO_FEW_HSMS
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.keystores.cloudhsm.store import NO_FREE_SESSION

ANCHOR = "fix-cmk-failed"
RECOVERY = "fix-keystore-recover-backing-key"
NETWORK = "fix-keystore-communication"

INVALID_CONFIGURATION = "CloudHsmClusterInvalidConfigurationException"
TWO_ZONES_NEEDED = Refusal(INVALID_CONFIGURATION, TOO_FEW_HSMS)
PORTS_NEEDED = Refusal(INVALID_CONFIGURATION, PORTS_CLOSED.format(group="<sg>"))
NO_SESSION = Refusal("KMSInternalException", NO_FREE_SESSION, 500)
TOO_FAST = Refusal("ThrottlingException", THROTTLED)
BACKUP_DELETED = Refusal(
    "CloudHsmInvalidRequestException",
    "Backup '<backup>' is in state PENDING_DELETION and must be in state READY to create a "
    "cluster from it",
)

_DELETED_HSMS = cloudhsm_event("DeleteHsm")
_USABLE = frozenset({Need.CONNECTED})
_WITH_BACKUP = frozenset({Need.CONNECTED, Need.KEY, Need.BACKUP})

# Key material -------------------------------------------------------------------------------------


def delete_material(scene: Scene) -> None:
    """Take the material of the keys out of all HSMs."""
    for handle in scene.record.handles.values():
        scene.cluster.delete_key(handle)


def _delete_material_by_the_book(scene: Scene) -> None:
    scene.disconnect()
    scene.set_password()
    with scene.cluster.login(CRYPTO_USER, KMSUSER, PASSWORD) as session:
        for handle in scene.record.handles.values():
            session.delete_key(handle)
    scene.tell_password()
    scene.try_to_connect()


def _backups_with_the_keys(scene: Scene) -> list[str]:
    """The backups that have the material of a key, the newest first."""
    handles = set(scene.record.handles.values())
    backups = scene.snapshots()
    return [
        backup_id for backup_id in reversed(backups) if handles & backups[backup_id].keys.keys()
    ]


def _lose_material(scene: Scene) -> None:
    delete_material(scene)
    backups = _backups_with_the_keys(scene)
    for backup_id in backups:
        scene.cloudhsm.delete_backup(BackupId=backup_id)
    if backups:  # until nobody can restore them any more
        scene.hands.advance(days=7)


def _lose_material_and_backups(scene: Scene) -> None:
    backups = _backups_with_the_keys(scene)
    delete_material(scene)
    for backup_id in backups:
        scene.cloudhsm.delete_backup(BackupId=backup_id)
    scene.record.values["backup"] = backups[0]
    scene.attempt(
        scene.cloudhsm.create_cluster,
        **scene.restoring(backups[0]),
        SubnetIds=[subnet_id for _, subnet_id in scene.usable_subnets()],
    )


def _restore_backup(scene: Scene) -> None:
    backup_id = scene.record.values["backup"]
    deleted = scene.cloudhsm.describe_backups(
        Filters={"backupIds": [backup_id], "states": ["PENDING_DELETION"]}
    )
    if deleted["Backups"]:
        scene.cloudhsm.restore_backup(BackupId=backup_id)


RESTORE_BACKUP = Step(
    "restore-backup",
    "Restore <backup>.",
    'cloudhsm.restore_backup(BackupId="<backup>")',
    _restore_backup,
    (Command(Tool.AWS, "aws cloudhsmv2 restore-backup --backup-id <backup>"),),
)

MATERIAL = (
    Failure(
        name="key-material-deleted",
        title="The key material was deleted from the HSMs",
        anchor=RECOVERY,
        rows=("F3", "R1", "R2"),
        variants=(
            Variant("at-the-hsms", "It is taken out of all HSMs.", delete_material),
            Variant(
                "by-the-book",
                "The owner of the key, kmsuser, deletes it: disconnect, set a password, log in, "
                "delete the key, log out, tell KMS the password, connect.",
                _delete_material_by_the_book,
                repair=(*RESTORE, *RESET),
            ),
        ),
        since=Since.NEXT_USE,
        seen=gone(),
        repair=RESTORE,
        proof=good,
        needs=_WITH_BACKUP,
        touches=frozenset({Part.MATERIAL, Part.CLUSTER}),
    ),
    Failure(
        name="key-material-lost",
        title="The key material was deleted from the HSMs, and no backup has it",
        anchor=RECOVERY,
        rows=("F3", "R3", "O4"),
        variants=(
            Variant(
                "no-backup",
                "It is taken out of all HSMs; all backups were made before the key or after that.",
                _lose_material,
            ),
        ),
        since=Since.NEXT_USE,
        seen=gone(),
        repair=(*RESTORE, *RESET),
        proof=all_of(the_keys_are_lost, new_keys_can_be_created),
        needs=frozenset({Need.CONNECTED, Need.KEY, Need.CLOCK}),
        touches=frozenset({Part.MATERIAL, Part.CLUSTER, Part.KEY}),
        recoverable=False,
    ),
    Failure(
        name="backup-deleted",
        title="The key material was deleted from the HSMs, and so was the backup that has it",
        anchor=RECOVERY,
        rows=("F3", "R1", "H6"),
        variants=(
            Variant(
                "backup-deleted",
                "It is taken out of all HSMs, and the backups that have it are deleted.",
                _lose_material_and_backups,
            ),
        ),
        since=Since.NEXT_USE,
        seen=gone(
            {"CreateCluster": BACKUP_DELETED},
            cloudhsm_event("DeleteBackup"),
            cloudhsm_event("CreateCluster", BACKUP_DELETED.code),
        ),
        repair=(RESTORE_BACKUP, *RESTORE),
        proof=good,
        needs=_WITH_BACKUP,
        touches=frozenset({Part.MATERIAL, Part.CLUSTER}),
    ),
)

EVERY_TIME = 10**9
"""A fault that is counted, and not used up before it is ended."""

# HSMs and clusters --------------------------------------------------------------------------------


def delete_cluster(scene: Scene) -> None:
    """Delete the HSMs and then the cluster."""
    scene.delete_hsms()
    scene.cloudhsm.delete_cluster(ClusterId=scene.cluster_id)


def _delete_one_hsm(scene: Scene) -> None:
    first, *others = scene.hsms
    for hsm in others:
        if hsm.availability_zone != first.availability_zone:
            scene.cloudhsm.delete_hsm(ClusterId=scene.cluster_id, HsmId=hsm.id)


def _move_into_one_zone(scene: Scene) -> None:
    zone = scene.hsms[0].availability_zone
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster_id, AvailabilityZone=zone)
    _delete_one_hsm(scene)


def _replace_hsm(failed: bool, scene: Scene) -> None:
    scene.cluster.replace_hsm(scene.hsms[0].id, failed=failed)


def _use_again(scene: Scene) -> None:
    """Make a request again that may have been lost; what became of it is the caller's business."""
    scene.attempt(scene.kms.generate_random, NumberOfBytes=1, **scene.named)


RETRY_ONCE = Step(
    "retry",
    "Retry the request: it goes to another HSM, or to the new one.",
    "the same call again",
    _use_again,
)

HARDWARE = (
    Failure(
        name="all-hsms-deleted",
        title="The cluster has no HSM any more",
        anchor=ANCHOR,
        rows=("F4",),
        variants=(Variant("deleted", "All HSMs are deleted.", Scene.delete_hsms),),
        since=Since.AT_ONCE,
        seen=mute(TWO_ZONES_NEEDED, _DELETED_HSMS),
        repair=(ADD_HSMS,),
        proof=all_of(good, new_keys_can_be_created),
        needs=_USABLE,
        touches=frozenset({Part.HSMS}),
        decided_by="hsms_in_one_zone",
    ),
    Failure(
        name="cluster-deleted",
        title="The cluster was deleted",
        anchor=ANCHOR,
        rows=("F5", "H9"),
        variants=(Variant("deleted", "Its HSMs are deleted, and then it.", delete_cluster),),
        since=Since.AT_ONCE,
        seen=mute(TWO_ZONES_NEEDED, _DELETED_HSMS, cloudhsm_event("DeleteCluster")),
        repair=RESTORE,
        proof=good,
        needs=_USABLE,
        touches=frozenset({Part.HSMS, Part.CLUSTER}),
    ),
    Failure(
        name="hsm-replaced",
        title="AWS has replaced an HSM",
        anchor="bp-high-availability",
        document="bp-cluster-management",
        guide=CLOUDHSM_GUIDE,
        rows=("W12", "Q7"),
        variants=(
            Variant(
                "maintenance",
                "AWS replaces an HSM for maintenance, while KMS works on it: another HSM ID, the "
                "same zone and network interface.",
                partial(_replace_hsm, False),
            ),
            Variant(
                "failed",
                "An HSM fails, and AWS replaces it, without a backup of what it had.",
                partial(_replace_hsm, True),
                needs=frozenset({Need.CONNECTED, Need.TWO_HSMS}),
            ),
        ),
        since=Since.AT_ONCE,
        seen=well(
            {**of_crypto(OUT_OF_REACH), CREATE_KEY: NO_ANSWER, RANDOM: NO_ANSWER}, USE, once=True
        ),
        repair=(RETRY_ONCE,),
        proof=all_of(good, new_keys_can_be_created),
        needs=frozenset({Need.CONNECTED, Need.HSM}),
        touches=frozenset({Part.HSMS}),
    ),
    Failure(
        name="pkcs11-sessions-exhausted",
        title="No PKCS #11 session is free",
        anchor=ANCHOR,
        rows=("F6",),
        variants=(
            Variant(
                "burst",
                "A burst of traffic; injected, until the failure is over.",
                lambda scene: scene.inject(SessionFault(EVERY_TIME, scene.cluster_id)),
            ),
        ),
        since=Since.AT_ONCE,
        seen=well({**dict.fromkeys((*CRYPTO, RANDOM), NO_SESSION)}, use(NO_SESSION.code)),
        repair=(retry("Back off, and retry the request."),),
        proof=good,
        needs=_USABLE,
        touches=frozenset({Part.FAULT}),
    ),
    Failure(
        name="one-hsm-left",
        title="There are HSMs in one Availability Zone only",
        anchor=ANCHOR,
        rows=("F8",),
        variants=(
            Variant("deleted", "The HSMs of the other zones are deleted.", _delete_one_hsm),
            Variant(
                "in-one-zone",
                "A second HSM is created in the first one's zone, and those of the other zones "
                "are deleted.",
                _move_into_one_zone,
            ),
        ),
        since=Since.AT_ONCE,
        seen=well(
            {CREATE_KEY: TWO_ZONES_NEEDED},
            _DELETED_HSMS,
            kms_event(CREATE_KEY, TWO_ZONES_NEEDED.code),
        ),
        repair=(ADD_HSM,),
        proof=all_of(good, new_keys_can_be_created),
        needs=frozenset({Need.CONNECTED, Need.TWO_HSMS}),
        touches=frozenset({Part.HSMS}),
        decided_by="hsms_in_one_zone",
    ),
)

# The network --------------------------------------------------------------------------------------

REQUESTS_A_SECOND = 1 / 60
"""A request quota that is used up by the first request of a minute."""


def _throttle(scene: Scene) -> None:
    scene.inject(Throttle(REQUESTS_A_SECOND))
    scene.attempt(scene.kms.generate_random, NumberOfBytes=1, **scene.named)


def closed_ports() -> tuple[Variant, ...]:
    """The rules of one direction are revoked, or those of the other."""
    return (
        Variant(
            "ingress",
            "The inbound rules for TCP 2223-2225 within the cluster's security group are revoked.",
            partial(close_ports, Direction.INGRESS),
        ),
        Variant(
            "egress",
            "The outbound rules for TCP 2223-2225 within the cluster's security group are revoked.",
            partial(close_ports, Direction.EGRESS),
            repair=(retry("Retry the request."), OPEN_OUTBOUND),
        ),
    )


CONNECTIONS = (
    Failure(
        name="hsm-ports-closed",
        title="The cluster's security group no longer lets KMS in",
        anchor=NETWORK,
        rows=("F9",),
        variants=closed_ports(),
        since=Since.AT_ONCE,
        seen=mute(PORTS_NEEDED),
        repair=(retry("Retry the request."), OPEN_INBOUND),
        proof=good,
        needs=_USABLE,
        touches=frozenset({Part.NETWORK}),
        decided_by="ports_closed",
    ),
    Failure(
        name="cluster-unreachable",
        title="Transient network trouble",
        anchor=NETWORK,
        rows=("F9", "C5.6"),
        variants=(
            Variant(
                "unreachable",
                "KMS cannot reach the cluster; injected, until the failure is over.",
                lambda scene: scene.inject(Outage(scene.cluster_id)),
            ),
        ),
        since=Since.AT_ONCE,
        seen=mute(NO_ANSWER),
        repair=(retry("Retry the request."),),
        proof=good,
        needs=_USABLE,
        touches=frozenset({Part.FAULT}),
    ),
    Failure(
        name="request-quota-exceeded",
        title="There are more requests than the quota of a key store allows",
        anchor="",
        document="requests-per-second",
        rows=("N3",),
        variants=(
            Variant(
                "quota",
                "The request quota is in force, at one a minute in place of 1,800 a second, and a "
                "request has used it up.",
                _throttle,
            ),
        ),
        since=Since.AT_ONCE,
        seen=well({**dict.fromkeys((*CRYPTO, RANDOM), TOO_FAST)}, use(TOO_FAST.code)),
        repair=(retry("Back off, and retry the request.", minutes=1),),
        proof=good,
        needs=frozenset({Need.CONNECTED, Need.CLOCK}),
        touches=frozenset({Part.FAULT, Part.CLOCK}),
    ),
)
FAILURES = (*MATERIAL, *HARDWARE, *CONNECTIONS)
"""The failures of this section, in the order of AWS's page."""

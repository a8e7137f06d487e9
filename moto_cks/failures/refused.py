"""The failures at which connecting is refused at once, and the key store stays DISCONNECTED.

"How to fix a connection failure": some connection attempts fail quickly.
"""

from __future__ import annotations

from dataclasses import replace

from moto_cks.cloudhsmv2 import cluster_states
from moto_cks.cloudhsmv2.cluster_states import ClusterState
from moto_cks.failures.appearances import UPDATE, closed, cloudhsm_event, kms_event, well
from moto_cks.failures.expectations import EventPattern, Refusal, Seen
from moto_cks.failures.failing import (
    INVALID_CONFIGURATION,
    PORTS_NEEDED,
    closed_ports,
    delete_cluster,
)
from moto_cks.failures.instructions import Command, Tool
from moto_cks.failures.proofs import all_of, good, the_key_store_was_created
from moto_cks.failures.scene import Scene
from moto_cks.failures.shapes import Act, Failure, Need, Part, Since, Step, Variant
from moto_cks.failures.steps import (
    CLUSTER_FROM_BACKUP,
    HSMS_IN_TWO_ZONES,
    LOOK_AT_CLUSTER,
    OPEN_INBOUND,
    OPEN_OUTBOUND,
    RESTORE,
    find_backup_of,
    wait,
)
from moto_cks.failures.steps import CONNECT as CONNECT_STEP
from moto_cks.kms.keystores.cloudhsm.checks import NOT_ACTIVE, TOO_FEW_SUBNETS
from moto_cks.kms.keystores.connection import CONNECT, ConnectionState

ANCHOR = "fix-keystore-failed"
CREATE = "CreateCustomKeyStore"
MINUTES = 10
"""How long a cluster takes to be deleted."""


SUBNETS_NEEDED = Refusal(INVALID_CONFIGURATION, TOO_FEW_SUBNETS)


def not_active(state: ClusterState) -> Refusal:
    """What is refused because of the state of the cluster."""
    message = NOT_ACTIVE.format(cluster="<cluster>", state=state.value)
    return Refusal("CloudHsmClusterNotActiveException", message)


NOT_RELATED = Refusal(
    "CloudHsmClusterNotRelatedException",
    "The CloudHSM cluster <other> has a different cluster certificate than the cluster of the "
    "custom key store.",
)


def _delete(scene: Scene) -> None:
    scene.disconnect()
    scene.slow_down(cluster_states.TABLE.model, MINUTES * 60)
    delete_cluster(scene)
    scene.try_to_connect()


def _disconnected_first(close: Act) -> Act:
    def bring_about(scene: Scene) -> None:
        scene.disconnect()
        close(scene)
        scene.try_to_connect()

    return bring_about


def _closed_before(refused: Refusal, *events: EventPattern) -> Seen:
    return closed(
        ConnectionState.DISCONNECTED,
        calls={CONNECT: refused},
        events=(*events, kms_event(CONNECT, refused.code)),
    )


# A second cluster ---------------------------------------------------------------------------------


def _create_in_one_zone(scene: Scene) -> None:
    zone = min(scene.record.subnets)
    other = scene.hands.create_cluster(
        region=scene.record.region,
        account_id=scene.record.account_id,
        kmsuser_password=_KMSUSER_PASSWORD,
        zones=[zone],
    )
    scene.record.values |= {"other": other.id, "other-store": f"Other-{other.id}"}
    scene.attempt(scene.kms.create_custom_key_store, **_creation(scene, other.id))


def _creation(scene: Scene, cluster_id: str) -> dict[str, str]:
    other = scene.hands.cluster(scene.record.values["other"])
    return {
        "CustomKeyStoreName": scene.record.values["other-store"],
        "CloudHsmClusterId": cluster_id,
        "TrustAnchorCertificate": other.trust_anchor or "",
        "KeyStorePassword": _KMSUSER_PASSWORD,
    }


_KMSUSER_PASSWORD = "kmsPswd1"


def _create_key_store(scene: Scene) -> None:
    if the_key_store_was_created(scene) is not None:
        scene.kms.create_custom_key_store(**_creation(scene, scene.record.values["new"]))


CREATE_KEY_STORE = Step(
    "create-key-store",
    "Create the key store on the new cluster.",
    "kms.create_custom_key_store(CustomKeyStoreName=…, CloudHsmClusterId=…, …)",
    _create_key_store,
    (
        Command(
            Tool.AWS,
            "aws kms create-custom-key-store --custom-key-store-name <other-store> "
            "--cloud-hsm-cluster-id <new> --key-store-password <kmsuser-password> "
            "--trust-anchor-certificate file://customerCA.crt",
        ),
    ),
)


def _restore_into_one_zone(scene: Scene) -> None:
    zone, subnet_id = next(scene.usable_subnets())
    other = scene.restore(scene.backups(scene.cluster_id)[0], subnet_id)
    for _ in range(2):
        scene.cloudhsm.create_hsm(ClusterId=other, AvailabilityZone=zone)
    _point_at(scene, other)


def _point_at_a_stranger(scene: Scene) -> None:
    other = scene.hands.create_cluster(
        region=scene.record.region, account_id=scene.record.account_id
    )
    _point_at(scene, other.id)


def _point_at(scene: Scene, cluster_id: str) -> None:
    scene.record.values["other"] = cluster_id
    scene.disconnect()
    scene.attempt(scene.kms.update_custom_key_store, **scene.named, CloudHsmClusterId=cluster_id)


_WAIT_FOR_DELETION = wait("Wait until the cluster is deleted.", *LOOK_AT_CLUSTER, minutes=MINUTES)
_WITH_BACKUP = frozenset({Need.CONNECTED, Need.BACKUP, Need.SECOND_CLUSTER})

FAILURES = (
    Failure(
        name="cluster-not-active",
        title="The cluster is being deleted",
        anchor=ANCHOR,
        rows=("C4", "H2"),
        variants=(
            Variant("deleted", "The HSMs are deleted, and the cluster is being deleted.", _delete),
        ),
        since=Since.NEXT_CONNECT,
        seen=_closed_before(
            not_active(ClusterState.DELETE_IN_PROGRESS), cloudhsm_event("DeleteCluster")
        ),
        repair=(_WAIT_FOR_DELETION, *RESTORE),
        proof=good,
        needs=frozenset({Need.HSM, Need.CLOCK}),
        touches=frozenset({Part.HSMS, Part.CLUSTER, Part.CLOCK}),
        decided_by="not_active",
    ),
    Failure(
        name="hsm-ports-closed-before-connecting",
        title="The cluster's security group does not let KMS in",
        anchor=ANCHOR,
        rows=("C4",),
        variants=tuple(
            replace(
                variant,
                bring_about=_disconnected_first(variant.bring_about),
                repair=(step, CONNECT_STEP),
            )
            for variant, step in zip(closed_ports(), (OPEN_INBOUND, OPEN_OUTBOUND), strict=True)
        ),
        since=Since.NEXT_CONNECT,
        seen=_closed_before(PORTS_NEEDED),
        repair=(OPEN_INBOUND, CONNECT_STEP),
        proof=good,
        needs=frozenset({Need.HSM}),
        touches=frozenset({Part.NETWORK}),
        decided_by="ports_closed_before_connecting",
    ),
    Failure(
        name="subnets-in-one-zone",
        title="The cluster spans one Availability Zone",
        anchor=ANCHOR,
        rows=("C4", "K1"),
        variants=(
            Variant(
                "created",
                "A key store is to be created on a new cluster with subnets in one zone.",
                _create_in_one_zone,
            ),
            Variant(
                "restored",
                "The key store is to go to a cluster that was restored into one subnet.",
                _restore_into_one_zone,
                needs=_WITH_BACKUP,
                seen=closed(
                    ConnectionState.DISCONNECTED,
                    calls={UPDATE: SUBNETS_NEEDED},
                    events=(kms_event(UPDATE, SUBNETS_NEEDED.code),),
                ),
                repair=RESTORE,
                proof=good,
            ),
        ),
        since=Since.AT_ONCE,
        seen=well({CREATE: SUBNETS_NEEDED}, EventPattern("kms", (CREATE,), SUBNETS_NEEDED.code)),
        repair=(
            find_backup_of("other"),
            CLUSTER_FROM_BACKUP,
            HSMS_IN_TWO_ZONES,
            CREATE_KEY_STORE,
        ),
        proof=all_of(good, the_key_store_was_created),
        needs=frozenset({Need.CONNECTED, Need.SECOND_CLUSTER}),
        touches=frozenset({Part.SUBNETS, Part.CLUSTER}),
        decided_by="subnets_in_one_zone",
    ),
    Failure(
        name="cluster-not-related",
        title="The key store is given the ID of a wrong cluster",
        anchor="fix-keystore-recover-backing-key",
        rows=("K4", "F5"),
        variants=(
            Variant(
                "stranger",
                "The key store is to go to a cluster that shares no backup history with its own.",
                _point_at_a_stranger,
            ),
        ),
        since=Since.AT_ONCE,
        seen=closed(
            ConnectionState.DISCONNECTED,
            calls={UPDATE: NOT_RELATED},
            events=(kms_event(UPDATE, NOT_RELATED.code),),
        ),
        repair=RESTORE,
        proof=good,
        needs=_WITH_BACKUP,
        touches=frozenset({Part.CLUSTER}),
        decided_by="require_related",
    ),
)
"""The failures of this section, in order."""

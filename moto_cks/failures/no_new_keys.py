"""The failures at which the cluster takes no new keys, while those that it has can be used.

"Migrating from hsm1.medium to hsm2m.medium" and "AWS CloudHSM quotas" in the AWS CloudHSM User
Guide; what follows from them for a key store is on no page.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from moto_cks.cloudhsmv2 import cluster_states
from moto_cks.cloudhsmv2.cluster_states import ClusterState
from moto_cks.cloudhsmv2.settings import HSM_TYPE
from moto_cks.failures.appearances import CREATE_KEY, closed, cloudhsm_event, kms_event, well
from moto_cks.failures.expectations import Refusal
from moto_cks.failures.proofs import all_of, good, new_keys_can_be_created
from moto_cks.failures.refused import not_active
from moto_cks.failures.scene import CRYPTO_USER, PASSWORD, Scene
from moto_cks.failures.shapes import CLOUDHSM_GUIDE, Failure, Need, Part, Since, Step, Variant
from moto_cks.failures.steps import (
    CONNECT,
    LOOK_AT_CLUSTER,
    cloudhsm_cli,
    key_mgmt_util,
    typed_with,
    wait,
)
from moto_cks.hsm import AES_256_TOKEN_KEY, ClusterSession, HsmError, ReturnCode
from moto_cks.kms.keystores.cloudhsm.checks import FULL, LIMITED_WRITES
from moto_cks.kms.keystores.connection import CONNECT as CONNECTING
from moto_cks.kms.keystores.connection import ConnectionState

INTERNAL = "KMSInternalException"
MIGRATING = Refusal(INTERNAL, LIMITED_WRITES.format(cluster="<cluster>"), 500)
NO_ROOM = Refusal(INTERNAL, FULL.format(cluster="<cluster>"), 500)

# Migration ----------------------------------------------------------------------------------------

MINUTES = 60
"""How long AWS takes for the two HSMs of a cluster."""


def _by_customer(scene: Scene) -> None:
    scene.slow_down(cluster_states.TABLE.model, MINUTES * 60)
    scene.cloudhsm.modify_cluster(ClusterId=scene.cluster_id, HsmType=HSM_TYPE)


def _by_aws(scene: Scene) -> None:
    scene.slow_down(cluster_states.TABLE.model, MINUTES * 60)
    cluster = scene.find(scene.cluster_id)
    assert cluster is not None  # or it could not be migrated
    cluster.modify(HSM_TYPE, None)


def _and_disconnect(begin: Callable[[Scene], None]) -> Callable[[Scene], None]:
    def bring_about(scene: Scene) -> None:
        begin(scene)
        scene.disconnect()
        scene.try_to_connect()

    return bring_about


WAIT = wait(
    "Wait until the cluster is ACTIVE, about 30 minutes for each HSM, and do not disconnect the "
    "key store.",
    *LOOK_AT_CLUSTER,
    minutes=MINUTES,
)
_MODIFIED = cloudhsm_event("ModifyCluster")
_NOT_ACTIVE = not_active(ClusterState.MODIFY_IN_PROGRESS)

# No room ------------------------------------------------------------------------------------------

OWNER = "batch_job"
"""A crypto user who has made more keys than anybody needs."""


def _fill(scene: Scene) -> None:
    scene.cluster.create_user(CRYPTO_USER, OWNER, PASSWORD)
    scene.record.changes.owners.append(OWNER)
    with scene.cluster.login(CRYPTO_USER, OWNER, PASSWORD) as session:
        made = 0
        try:
            while True:
                made = session.generate_key(OWNER, AES_256_TOKEN_KEY)
        except HsmError as refusal:
            if refusal.code is not ReturnCode.KEYS_FULL:
                raise
    scene.record.values |= {
        "owner": OWNER,
        "owner-password": PASSWORD,
        "spare": str(made),
        "spare-hex": f"0x{made:016x}",
    }


def _delete_spare_key(scene: Scene) -> None:
    owned = [key.handle for hsm in scene.hsms for key in hsm.keys if key.owner == OWNER]
    if int(scene.record.values["spare"]) in owned:
        with scene.cluster.login(CRYPTO_USER, OWNER, PASSWORD) as session:
            session.delete_key(int(scene.record.values["spare"]))


def delete_owners(scene: Scene) -> None:
    """Delete the users that were made, with all their keys; others may have done so already."""
    owners = scene.record.changes.owners
    while owners:
        owner = owners.pop()
        if any(user.name == owner for hsm in scene.hsms for user in hsm.users):
            with scene.cluster.login(CRYPTO_USER, owner, PASSWORD) as session:
                _delete_keys(session)
            scene.cluster.delete_user(CRYPTO_USER, owner)


def _delete_keys(session: ClusterSession) -> None:
    handles = {handle for one in session.sessions() for handle in one.find_keys()}
    for handle in handles:
        with suppress(HsmError):
            session.delete_key(handle)


DELETE_SPARE_KEY = Step(
    "delete-spare-key",
    "Delete a key that nobody needs, as the crypto user who owns it.",
    'cluster.login("CU", "<owner>", "<owner-password>").delete_key(<spare>)',
    _delete_spare_key,
    cloudhsm_cli(
        typed_with("login --username <owner> --role crypto-user", "<owner-password>"),
        "key delete --filter key-reference=<spare-hex>",
        "logout",
    ),
    key_mgmt_util("loginHSM -u CU -s <owner> -p <owner-password>", "deleteKey -k <spare>", "exit"),
)

FAILURES = (
    Failure(
        name="migration-under-way",
        title="The cluster is being migrated to hsm2m.medium",
        guide=CLOUDHSM_GUIDE,
        document="hsm1-to-hsm2-migration",
        anchor="migration-limited-write-mode",
        rows=("Y18", "Y19", "W10"),
        variants=(
            Variant("by-customer", "ModifyCluster changes the type of the HSMs.", _by_customer),
            Variant(
                "by-aws",
                "AWS migrates the cluster on its own, which no event tells.",
                _by_aws,
                seen=well({CREATE_KEY: MIGRATING}, kms_event(CREATE_KEY, INTERNAL)),
            ),
            Variant(
                "disconnected",
                "Somebody disconnects the key store meanwhile, and it does not connect.",
                _and_disconnect(_by_customer),
                seen=closed(
                    ConnectionState.DISCONNECTED,
                    calls={CONNECTING: _NOT_ACTIVE},
                    events=(_MODIFIED, kms_event(CONNECTING, _NOT_ACTIVE.code)),
                ),
                repair=(WAIT, CONNECT),
            ),
        ),
        since=Since.AT_ONCE,
        seen=well({CREATE_KEY: MIGRATING}, _MODIFIED, kms_event(CREATE_KEY, INTERNAL)),
        repair=(WAIT,),
        proof=all_of(good, new_keys_can_be_created),
        needs=frozenset({Need.CONNECTED, Need.OLDER_HSM_TYPE, Need.TWO_HSMS, Need.CLOCK}),
        touches=frozenset({Part.CLUSTER, Part.CLOCK, Part.USERS, Part.PASSWORD, Part.MATERIAL}),
        decided_by="limited_writes",
    ),
    Failure(
        name="cluster-full",
        title="The HSMs have no room for another key",
        guide=CLOUDHSM_GUIDE,
        document="limits",
        anchor="",
        rows=("W11",),
        variants=(
            Variant(
                "filled",
                "Another crypto user makes keys until the HSMs take no more.",
                _fill,
            ),
        ),
        since=Since.AT_ONCE,
        seen=well({CREATE_KEY: NO_ROOM}, kms_event(CREATE_KEY, INTERNAL)),
        repair=(DELETE_SPARE_KEY,),
        proof=all_of(good, new_keys_can_be_created),
        needs=frozenset({Need.CONNECTED, Need.TWO_HSMS}),
        touches=frozenset({Part.HSMS, Part.USERS, Part.MATERIAL, Part.CLUSTER}),
        decided_by="full",
    ),
)
"""The failures of this section, in order."""

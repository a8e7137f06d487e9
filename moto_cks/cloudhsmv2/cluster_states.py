"""The states of a cluster: what each of them allows, and what leads from one to the next.

See ``Cluster`` in the AWS CloudHSM API Reference and, for the steps, "Getting started", "Creating
clusters from backups" and "Migrating from hsm1.medium to hsm2m.medium" in the AWS CloudHSM User
Guide.

UPDATE_IN_PROGRESS and DEGRADED belong to the service model; nothing here leads to them. A cluster
stays ACTIVE while HSMs are added and removed.
"""

from __future__ import annotations

from moto_cks.enums import StrEnum
from moto_cks.world.lifecycle import Steps, Table


class ClusterState(StrEnum):
    """The states of a cluster."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    UNINITIALIZED = "UNINITIALIZED"
    INITIALIZE_IN_PROGRESS = "INITIALIZE_IN_PROGRESS"
    INITIALIZED = "INITIALIZED"
    ACTIVE = "ACTIVE"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    MODIFY_IN_PROGRESS = "MODIFY_IN_PROGRESS"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETED = "DELETED"
    DEGRADED = "DEGRADED"


_S = ClusterState

INITIALIZE, DELETE = "InitializeCluster", "DeleteCluster"
CREATE_HSM, DELETE_HSM = "CreateHsm", "DeleteHsm"
MODIFY = "ModifyCluster"
MIGRATE, ROLL_BACK = "ModifyCluster HsmType", "ModifyCluster HsmType back"
ACTIVATION = "the first officer password is set"

ALLOWED: Steps[ClusterState] = {
    _S.CREATE_IN_PROGRESS: {},
    _S.UNINITIALIZED: {
        INITIALIZE: _S.INITIALIZE_IN_PROGRESS,
        CREATE_HSM: _S.UNINITIALIZED,
        DELETE_HSM: _S.UNINITIALIZED,
        MODIFY: _S.UNINITIALIZED,
        DELETE: _S.DELETE_IN_PROGRESS,
    },
    _S.INITIALIZE_IN_PROGRESS: {},
    _S.INITIALIZED: {
        ACTIVATION: _S.ACTIVE,
        CREATE_HSM: _S.INITIALIZED,
        DELETE_HSM: _S.INITIALIZED,
        MODIFY: _S.INITIALIZED,
        DELETE: _S.DELETE_IN_PROGRESS,
    },
    _S.ACTIVE: {
        CREATE_HSM: _S.ACTIVE,
        DELETE_HSM: _S.ACTIVE,
        MODIFY: _S.ACTIVE,
        MIGRATE: _S.MODIFY_IN_PROGRESS,
        ROLL_BACK: _S.ROLLBACK_IN_PROGRESS,
        DELETE: _S.DELETE_IN_PROGRESS,
    },
    _S.MODIFY_IN_PROGRESS: {ROLL_BACK: _S.ROLLBACK_IN_PROGRESS},
    _S.ROLLBACK_IN_PROGRESS: {},
    _S.DELETE_IN_PROGRESS: {},
    _S.DELETED: {},
}
"""Which state each change leads to; in a state that does not have it, it is refused."""

CREATED, RESTORED = "the cluster is new", "the cluster is made from a backup"
CLAIMED = "the certificates are in the HSM"
MODIFIED, ROLLED_BACK = "the HSMs are of the other type", "the HSMs are of the former type"
UNFIT = "the cluster does not meet the requirements of a migration"
GONE = "nothing is left of it"

ENDINGS: Steps[ClusterState] = {
    _S.CREATE_IN_PROGRESS: {CREATED: _S.UNINITIALIZED, RESTORED: _S.ACTIVE},
    _S.INITIALIZE_IN_PROGRESS: {CLAIMED: _S.INITIALIZED},
    _S.MODIFY_IN_PROGRESS: {MODIFIED: _S.ACTIVE, UNFIT: _S.ROLLBACK_IN_PROGRESS},
    _S.ROLLBACK_IN_PROGRESS: {ROLLED_BACK: _S.ACTIVE},
    _S.DELETE_IN_PROGRESS: {GONE: _S.DELETED},
}
"""The states that end by themselves, and how."""

TABLE = Table("cloudhsmv2::cluster", _S.CREATE_IN_PROGRESS, ALLOWED, ENDINGS)

STATE_MESSAGES = {
    ClusterState.INITIALIZE_IN_PROGRESS: (
        "Cluster is initializing. State will change to INITIALIZED upon completion."
    ),
    ClusterState.DELETE_IN_PROGRESS: "The cluster is being deleted.",
}

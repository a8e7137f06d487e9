"""The states of a cluster, and what each of them allows.

See ``Cluster`` in the AWS CloudHSM API Reference and, for what leads from one state to the next,
"Getting started" and "Creating clusters from backups" in the AWS CloudHSM User Guide::

    CREATE_IN_PROGRESS ─► UNINITIALIZED ─► INITIALIZE_IN_PROGRESS ─► INITIALIZED ─► ACTIVE
                     └─► ACTIVE (from a backup)
    ACTIVE ─► MODIFY_IN_PROGRESS or ROLLBACK_IN_PROGRESS ─► ACTIVE
    any state at rest ─► DELETE_IN_PROGRESS ─► DELETED

UPDATE_IN_PROGRESS and DEGRADED belong to the service model; nothing here leads to them. A cluster
stays ACTIVE while HSMs are added and removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class ClusterState(str, Enum):
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


AT_REST = frozenset({ClusterState.UNINITIALIZED, ClusterState.INITIALIZED, ClusterState.ACTIVE})

ALLOWED: Mapping[str, frozenset[ClusterState]] = {
    "InitializeCluster": frozenset({ClusterState.UNINITIALIZED}),
    "CreateHsm": AT_REST,
    "DeleteHsm": AT_REST,
    "ModifyCluster": AT_REST,
    "ModifyCluster HsmType": frozenset({ClusterState.ACTIVE}),
    "DeleteCluster": AT_REST,
}
"""The states in which a cluster accepts each change."""

STATE_MESSAGES = {
    ClusterState.INITIALIZE_IN_PROGRESS: (
        "Cluster is initializing. State will change to INITIALIZED upon completion."
    ),
    ClusterState.DELETE_IN_PROGRESS: "The cluster is being deleted.",
}

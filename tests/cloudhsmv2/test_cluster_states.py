"""The life cycle of a cluster: what each operation is allowed in, and what comes of it."""

from __future__ import annotations

from moto_cks.cloudhsmv2.cluster_states import STATE_MESSAGES, TABLE, ClusterState

READY = ("UNINITIALIZED", "INITIALIZED", "ACTIVE")

ALLOWED = {
    "InitializeCluster": {"UNINITIALIZED": "INITIALIZE_IN_PROGRESS"},
    "the first officer password is set": {"INITIALIZED": "ACTIVE"},
    **{
        operation: {state: state for state in READY}
        for operation in (
            "CreateHsm",
            "DeleteHsm",
            "ModifyCluster",
        )
    },
    "ModifyCluster HsmType": {"ACTIVE": "MODIFY_IN_PROGRESS"},
    "ModifyCluster HsmType back": {
        "ACTIVE": "ROLLBACK_IN_PROGRESS",
        "MODIFY_IN_PROGRESS": "ROLLBACK_IN_PROGRESS",
    },
    "DeleteCluster": dict.fromkeys(READY, "DELETE_IN_PROGRESS"),
}
"""By what is done, the states in which that is allowed, and those that follow."""

ENDINGS = {
    "the cluster is new": {"CREATE_IN_PROGRESS": "UNINITIALIZED"},
    "the cluster is made from a backup": {"CREATE_IN_PROGRESS": "ACTIVE"},
    "the certificates are in the HSM": {"INITIALIZE_IN_PROGRESS": "INITIALIZED"},
    "the HSMs are of the other type": {"MODIFY_IN_PROGRESS": "ACTIVE"},
    "the cluster does not meet the requirements of a migration": {
        "MODIFY_IN_PROGRESS": "ROLLBACK_IN_PROGRESS"
    },
    "the HSMs are of the former type": {"ROLLBACK_IN_PROGRESS": "ACTIVE"},
    "nothing is left of it": {"DELETE_IN_PROGRESS": "DELETED"},
}
"""By how a state comes out that ends by itself, likewise."""


def by_cause(steps: dict[ClusterState, dict[str, ClusterState]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for state, row in steps.items():
        for cause, following in row.items():
            found.setdefault(cause, {})[state.value] = following.value
    return found


def test_h2_what_is_allowed_in_which_states_and_what_follows() -> None:
    assert by_cause(dict(TABLE.allowed)) == ALLOWED  # type: ignore[arg-type]
    nowhere = {state.value for state in ClusterState if state not in TABLE.allowed}
    assert nowhere == {"UPDATE_IN_PROGRESS", "DEGRADED"}  # nothing leads to them


def test_h2_which_states_end_by_themselves_and_how() -> None:
    assert by_cause(dict(TABLE.endings)) == ENDINGS  # type: ignore[arg-type]
    assert dict(TABLE.lasting) == {}
    assert (TABLE.model, TABLE.first.value) == ("cloudhsmv2::cluster", "CREATE_IN_PROGRESS")


def test_h2_the_states_by_their_names_and_what_the_service_says_of_them() -> None:
    assert all(state.name == state.value for state in ClusterState)
    assert {state.value: text for state, text in STATE_MESSAGES.items()} == {
        "INITIALIZE_IN_PROGRESS": (
            "Cluster is initializing. State will change to INITIALIZED upon completion."
        ),
        "DELETE_IN_PROGRESS": "The cluster is being deleted.",
    }

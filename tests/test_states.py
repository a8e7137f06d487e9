"""The tables of the life cycles, against the service models and against themselves."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, NamedTuple

import botocore.session
import pytest

from moto_cks.cloudhsmv2 import backups, cluster_states, hsms
from moto_cks.kms.keys import multi_region, rotation
from moto_cks.kms.keystores import connection
from moto_cks.world.lifecycle import MODELS, Table


class Cycle(NamedTuple):
    """A table, and what the service model calls its states."""

    table: Table[Any]
    states: type[Enum]
    service: str
    shape: str
    never: frozenset[str] = frozenset()
    """What nothing in this package leads to."""
    own: frozenset[str] = frozenset()
    """What the API does not show; then the table has a part of the shape only."""


CYCLES = [
    Cycle(connection.TABLE, connection.ConnectionState, "kms", "ConnectionStateType"),
    Cycle(multi_region.TABLE, multi_region.Phase, "kms", "KeyState", own=frozenset({"Settled"})),
    Cycle(
        rotation.TABLE,
        rotation.RotationState,
        "kms",
        "KeyState",
        own=frozenset({"Idle", "Rotating"}),
    ),
    Cycle(
        cluster_states.TABLE,
        cluster_states.ClusterState,
        "cloudhsmv2",
        "ClusterState",
        frozenset({"UPDATE_IN_PROGRESS", "DEGRADED"}),
    ),
    Cycle(hsms.TABLE, hsms.HsmState, "cloudhsmv2", "HsmState"),
    Cycle(backups.TABLE, backups.BackupState, "cloudhsmv2", "BackupState"),
]

pytestmark = pytest.mark.parametrize(
    "cycle", [pytest.param(cycle, id=cycle.table.model) for cycle in CYCLES]
)


def steps(table: Table[Any]) -> list[tuple[Any, str, Any]]:
    """All steps of a life cycle: state, cause and the state that follows."""
    return [
        (state, cause, following)
        for part in (table.allowed, table.endings)
        for state, row in part.items()
        for cause, following in row.items()
    ]


def test_the_states_are_those_of_the_service_model(cycle: Cycle) -> None:
    model = botocore.session.get_session().get_service_model(cycle.service)
    shown = {state.value for state in cycle.states} - cycle.own
    known = set(model.shape_for(cycle.shape).enum)
    assert shown < known if cycle.own else shown == known


def test_each_state_that_can_be_shown_has_a_row(cycle: Cycle) -> None:
    assert set(cycle.table.allowed) == {s for s in cycle.states if s.value not in cycle.never}


def test_each_row_is_reached_from_the_first(cycle: Cycle) -> None:
    reached, before = {cycle.table.first}, set()
    while reached != before:
        before = reached
        reached = before | {after for state, _, after in steps(cycle.table) if state in before}
    assert reached == set(cycle.table.allowed)


def test_what_ends_by_itself_becomes_another_state(cycle: Cycle) -> None:
    table = cycle.table
    assert set(table.endings) <= set(table.allowed)
    assert all(row and state not in row.values() for state, row in table.endings.items())
    assert set(table.lasting) <= set(table.endings)


def test_a_cause_has_one_meaning(cycle: Cycle) -> None:
    allowed = {cause for row in cycle.table.allowed.values() for cause in row}
    endings = [cause for row in cycle.table.endings.values() for cause in row]
    assert not allowed.intersection(endings)
    assert len(set(endings)) == len(endings)


def test_operations_are_those_of_the_service_model(cycle: Cycle) -> None:
    model = botocore.session.get_session().get_service_model(cycle.service)
    named = {cause.split()[0] for row in cycle.table.allowed.values() for cause in row}
    operations = {name for name in named if re.fullmatch("([A-Z][a-z]+)+", name)}
    assert operations
    assert operations <= set(model.operation_names)


def test_its_model_is_one_of_moto_s(cycle: Cycle) -> None:
    assert cycle.table.model in MODELS

"""State transitions that failures set are put back: by repair, by reset and at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from moto import mock_aws
from moto.moto_api import state_manager

from moto_cks import mock_cks
from moto_cks.world.lifecycle import MODELS
from tests.kms import state_of
from tests.kms.user import CONNECTED, User

CONNECTION, CLUSTER = "cks::connection", "cloudhsmv2::cluster"
IMMEDIATE = {"progression": "immediate"}
SLOW = [("slow-connection", CONNECTION), ("cluster-not-active", CLUSTER)]

EACH = pytest.mark.parametrize(("name", "model"), SLOW)


def in_force() -> dict[str, Any]:
    return {model: state_manager.get_transition(model) for model in MODELS}


NOTHING = dict.fromkeys(MODELS, IMMEDIATE)


@EACH
def test_by_repair(world: Any, store: Any, name: str, model: str) -> None:
    with world.failures[name].happen(store):
        assert in_force() == {**NOTHING, model: state_manager.get_transition(model)}
        assert state_manager.get_transition(model)["progression"] == "time"
    assert in_force() == NOTHING


@EACH
def test_by_reset(world: Any, store: Any, name: str, model: str) -> None:
    world.failures[name].happen(store)
    mock_cks().reset()
    assert in_force() == NOTHING
    assert world.failures.happening() == []


@EACH
def test_at_the_end_of_the_mock(name: str, model: str) -> None:
    with mock_cks() as world:
        world.failures[name].happen(world.create_key_store())
        assert in_force() != NOTHING
    assert in_force() == NOTHING


@EACH
def test_at_the_end_of_a_mock_that_keeps_its_data(name: str, model: str) -> None:
    mock = mock_cks()
    mock.start()
    try:
        from moto_cks import cks  # noqa: PLC0415

        cks.failures[name].happen(cks.create_key_store())
    finally:
        mock.stop(remove_data=False)
    assert in_force() == NOTHING
    with mock_cks():
        pass


@EACH
def test_at_the_end_of_a_mock_in_another(name: str, model: str) -> None:
    with mock_aws():
        with mock_cks() as world:
            world.failures[name].happen(world.create_key_store())
        assert in_force() == NOTHING


@EACH
@pytest.mark.parametrize(
    "how", [{"progression": "manual", "times": 3}, {"progression": "time", "seconds": 7}]
)
def test_what_somebody_had_set_is_set_again(
    world: Any, store: Any, transition: Callable[..., None], name: str, model: str, how: Any
) -> None:
    transition(model, **how)
    with world.failures[name].happen(store):
        assert state_manager.get_transition(model) != how
    assert in_force() == {**NOTHING, model: how}


@EACH
def test_what_was_set_before_the_mock_is_set_after_it(
    transition: Callable[..., None], name: str, model: str
) -> None:
    how = {"progression": "manual", "times": 3}
    with mock_cks() as world:
        store = world.create_key_store()
        transition(model, **how)
        world.failures[name].happen(store)
    assert in_force() == NOTHING
    transition(model, **how)
    with mock_cks() as world:
        state_manager.unset_transition(model)
        world.failures[name].happen(world.create_key_store())
    assert in_force() == {**NOTHING, model: how}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "how", [{"progression": "manual", "times": 3}, {"progression": "time", "seconds": 900}]
)
def test_states_change_at_once_for_a_failure(
    world: Any, user: User, transition: Callable[..., None], model: str, how: Any
) -> None:
    transition(model, **how)
    with world.failures["cluster-not-found"].happen(user.store):
        assert state_of(user.store) == ("FAILED", "CLUSTER_NOT_FOUND")
        assert in_force() == {**NOTHING, model: how}
    assert state_of(user.store) == CONNECTED
    assert user.decrypts()
    assert in_force() == {**NOTHING, model: how}


def test_two_that_need_time(world: Any) -> None:
    first, second = (world.create_key_store(name) for name in ("First", "Second"))
    slow = world.failures["slow-connection"]
    slow.happen(first)
    slow.happen(second, variant="disconnecting")
    slow.repair(first)
    assert state_manager.get_transition(CONNECTION)["progression"] == "time"
    assert state_of(first) == CONNECTED
    slow.repair(second)
    assert in_force() == NOTHING
    assert state_of(second) == CONNECTED


def test_the_clock_ends_it_too(world: Any, store: Any) -> None:
    happening = world.failures["slow-connection"].happen(store)
    assert state_of(store) == ("CONNECTING", None)
    world.clock.advance(minutes=14)
    assert state_of(store) == ("CONNECTING", None)
    world.clock.advance(minutes=1)
    assert state_of(store) == CONNECTED
    happening.repair()
    assert in_force() == NOTHING

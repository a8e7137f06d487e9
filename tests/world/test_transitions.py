"""State transitions of this package's models end with the world in which they were set."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from moto import mock_aws
from moto.moto_api import state_manager
from moto.moto_api._internal.state_manager import StateManager

from moto_cks import cks, mock_cks
from moto_cks.world.lifecycle import MODELS
from tests.aws import client

IMMEDIATE = {"progression": "immediate"}
SLOW = {"progression": "time", "seconds": 900}
SLOWER = {"progression": "time", "seconds": 1800}
MOTO_API = "http://motoapi.amazonaws.com/moto-api"


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Iterator[str]:
    assert state_manager.get_transition(request.param) == IMMEDIATE, "left behind by another test"
    yield request.param
    state_manager.unset_transition(request.param)


@pytest.fixture
def connection() -> Iterator[str]:
    yield "cks::connection"
    state_manager.unset_transition("cks::connection")


def test_all_models_of_this_package_are_known() -> None:
    assert set(MODELS) == {
        "cks::connection",
        "cloudhsmv2::backup",
        "cloudhsmv2::cluster",
        "cloudhsmv2::hsm",
        "kms::key",
        "kms::rotation",
    }
    assert set(MODELS) <= set(state_manager.get_registered_models())


def test_what_is_set_in_a_mock_ends_with_it(model: str) -> None:
    for _ in range(2):
        with mock_cks():
            assert state_manager.get_transition(model) == IMMEDIATE
            state_manager.set_transition(model, SLOW)
            state_manager.set_transition(model, SLOWER)
            assert state_manager.get_transition(model) == SLOWER
        assert state_manager.get_transition(model) == IMMEDIATE


def test_what_is_set_before_a_mock_is_in_force_inside_and_after(model: str) -> None:
    state_manager.set_transition(model, SLOW)
    with mock_cks():
        assert state_manager.get_transition(model) == SLOW
        state_manager.set_transition(model, SLOWER)
    assert state_manager.get_transition(model) == SLOW
    with mock_cks():
        state_manager.unset_transition(model)
        assert state_manager.get_transition(model) == IMMEDIATE
    assert state_manager.get_transition(model) == SLOW


RESETS: dict[str, Callable[[], object]] = {
    "mock_cks": lambda: mock_cks().reset(),
    "mock_aws": lambda: mock_aws().reset(),
    "HTTP": lambda: requests.post(f"{MOTO_API}/reset"),
}


@pytest.mark.parametrize("reset", RESETS)
def test_a_reset_puts_them_back(model: str, reset: str) -> None:
    state_manager.set_transition(model, SLOW)
    with mock_cks():
        for _ in range(2):
            state_manager.set_transition(model, SLOWER)
            RESETS[reset]()
            assert state_manager.get_transition(model) == SLOW


def test_one_that_is_set_over_http(connection: str) -> None:
    body = {"model_name": connection, "transition": SLOW}
    with mock_cks():
        assert requests.post(f"{MOTO_API}/state-manager/set-transition", json=body).ok
        assert state_manager.get_transition(connection) == SLOW
    assert state_manager.get_transition(connection) == IMMEDIATE


def test_those_of_moto_s_models_are_moto_s_business() -> None:
    before = state_manager.get_transition("dax::cluster")
    try:
        with mock_cks():
            state_manager.set_transition("dax::cluster", SLOW)
            mock_cks().reset()
            assert state_manager.get_transition("dax::cluster") == SLOW
        assert state_manager.get_transition("dax::cluster") == SLOW
    finally:
        state_manager.unset_transition("dax::cluster")
    assert state_manager.get_transition("dax::cluster") == before


@pytest.mark.parametrize("outer", [mock_cks, mock_aws])
def test_of_nested_mocks_the_outermost_counts(connection: str, outer: Any) -> None:
    with outer():
        with mock_cks():
            state_manager.set_transition(connection, SLOW)
        assert state_manager.get_transition(connection) == SLOW
        with mock_cks():
            assert state_manager.get_transition(connection) == SLOW
    assert state_manager.get_transition(connection) == IMMEDIATE


def test_a_mock_that_keeps_its_data_keeps_them(connection: str) -> None:
    mock = mock_cks()
    mock.start()
    state_manager.set_transition(connection, SLOW)
    mock.stop(remove_data=False)
    mock.start(reset=False)
    assert state_manager.get_transition(connection) == SLOW
    mock.stop()
    assert state_manager.get_transition(connection) == IMMEDIATE


def test_what_is_set_after_such_a_mock_is_not_taken_back(connection: str) -> None:
    mock = mock_cks()
    mock.start()
    state_manager.set_transition(connection, SLOW)
    mock.stop(remove_data=False)
    state_manager.set_transition(connection, SLOWER)
    with mock_cks():
        assert state_manager.get_transition(connection) == SLOWER
    assert state_manager.get_transition(connection) == SLOWER


@mock_cks
class SetUp(unittest.TestCase):
    def setUp(self) -> None:
        state_manager.set_transition("cks::connection", SLOW)

    def tearDown(self) -> None:
        mock_cks().reset()

    def test_what_set_up_has_set_is_in_force(self) -> None:
        store = cks.create_key_store()
        kms = client("kms", store.region)
        (shown,) = kms.describe_custom_key_stores()["CustomKeyStores"]
        assert shown["ConnectionState"] == "CONNECTING"


def test_every_later_test_finds_them_immediate() -> None:
    """Also after one that fails."""

    @mock_cks
    def fails() -> None:
        state_manager.set_transition("cks::connection", SLOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert state_manager.get_transition("cks::connection") == IMMEDIATE
    assert type(state_manager) is StateManager

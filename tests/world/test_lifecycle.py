"""States that end by moto's state transitions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from moto.moto_api import state_manager

from moto_cks import cks
from moto_cks.world.lifecycle import MODELS, LifeCycle
from tests.aws import client

MODEL = "cks::connection"


@pytest.fixture
def transition() -> Iterator[Callable[..., None]]:
    """Sets the transition of the model until the end of the test."""
    yield lambda **how: state_manager.set_transition(MODEL, how)
    state_manager.unset_transition(MODEL)


class Kettle:
    """COLD, then HEATING and BOILING, which end by themselves, then HOT."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.life = LifeCycle(
            MODEL, "COLD", {"HEATING": self.boil, "BOILING": self.whistle}, "kettle"
        )

    def boil(self) -> str:
        self.diary.append("boil")
        return "BOILING"

    def whistle(self) -> str:
        self.diary.append(f"whistle while {self.life.status}")
        return "HOT"

    def described(self) -> str | None:
        self.life.advance()
        return self.life.status


@pytest.fixture
def kettle(world: Any) -> Kettle:
    return Kettle()


def test_m5_the_models_are_registered_with_moto() -> None:
    assert set(MODELS) <= set(state_manager.get_registered_models())
    for model in MODELS:
        assert state_manager.get_transition(model) == {"progression": "immediate"}


def test_a_state_without_an_ending_stays(kettle: Kettle) -> None:
    cks.clock.advance(days=1)
    assert [kettle.described() for _ in range(3)] == ["COLD"] * 3
    assert kettle.diary == []


def test_immediate_is_over_on_return(kettle: Kettle) -> None:
    kettle.life.enter("HEATING")
    assert kettle.diary == ["boil", "whistle while BOILING"]
    assert kettle.life.status == "HOT"


def test_an_ending_happens_once(kettle: Kettle) -> None:
    kettle.life.enter("HEATING")
    for _ in range(3):
        kettle.life.settle()
        kettle.described()
    assert kettle.diary == ["boil", "whistle while BOILING"]


def test_setting_the_status_enters_it(kettle: Kettle) -> None:
    kettle.life.status = "HEATING"
    assert kettle.life.status == "HOT"


@pytest.mark.parametrize("times", [1, 2, 5])
def test_manual_counts_descriptions(
    world: Any, transition: Callable[..., None], times: int
) -> None:
    transition(progression="manual", times=times)
    for looks in range(3 * times):
        kettle = Kettle()
        kettle.life.enter("HEATING")
        for _ in range(looks):
            kettle.described()
        expected = "HEATING" if looks < times else "BOILING" if looks < 2 * times else "HOT"
        assert kettle.life.status == expected


def test_manual_looking_does_not_count(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="manual", times=2)
    kettle.life.enter("HEATING")
    for _ in range(5):
        assert kettle.life.status == "HEATING"
        kettle.life.settle()
    cks.clock.advance(days=1)
    assert kettle.life.status == "HEATING"


def test_manual_begins_to_count_with_the_state(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="manual", times=2)
    for _ in range(5):
        kettle.described()
    kettle.life.enter("HEATING")
    assert kettle.described() == "HEATING"
    assert kettle.described() == "BOILING"


def test_time_on_the_simulated_clock(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time():
        kettle.life.enter("HEATING")
        cks.clock.advance(seconds=599)
        assert kettle.life.status == "HEATING"
        assert kettle.diary == []
        cks.clock.advance(seconds=1)
        assert kettle.life.status == "BOILING"
        cks.clock.advance(minutes=10)
        assert kettle.life.status == "HOT"


def test_time_with_freezegun(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time() as frozen:
        kettle.life.enter("HEATING")
        frozen.tick(599)
        assert kettle.life.status == "HEATING"
        frozen.tick(1)
        assert kettle.life.status == "BOILING"


def test_time_of_both_together(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time() as frozen:
        kettle.life.enter("HEATING")
        frozen.tick(300)
        cks.clock.advance(seconds=300)
        assert kettle.life.status == "BOILING"


def test_time_goes_by_while_nobody_looks(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time():
        kettle.life.enter("HEATING")
        cks.clock.advance(seconds=900)
        assert kettle.life.status == "BOILING"  # since 300 seconds ago
        cks.clock.advance(seconds=299)
        assert kettle.life.status == "BOILING"
        cks.clock.advance(seconds=1)
        assert kettle.life.status == "HOT"


def test_time_is_not_counted_from_an_earlier_state(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="time", seconds=600)
    cks.clock.advance(days=1)
    kettle.life.enter("HEATING")
    assert kettle.life.status == "HEATING"


def test_a_transition_can_change_on_the_way(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="manual", times=100)
    kettle.life.enter("HEATING")
    assert kettle.described() == "HEATING"
    transition(progression="immediate")
    assert kettle.life.status == "HOT"


def test_another_state_can_be_entered_before_the_end(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="manual", times=1)
    kettle.life.enter("HEATING")
    kettle.life.enter("COLD")
    assert kettle.described() == "COLD"
    assert kettle.diary == []


@pytest.mark.parametrize("frozen", [False, True])
def test_c1_a_connection_takes_its_time(world: Any, transition: Any, frozen: bool) -> None:
    transition(progression="time", seconds=1200)
    with freeze_time(datetime.datetime(2030, 1, 1)) as time:
        store = world.create_key_store()

        def state() -> str:
            return str(shown(store.id)["ConnectionState"])

        def wait(seconds: int) -> None:
            if frozen:
                time.tick(seconds)
            else:
                world.clock.advance(seconds=seconds)

        assert state() == "CONNECTING"
        wait(1199)
        assert state() == "CONNECTING"
        wait(1)
        assert state() == "CONNECTED"
        assert store.create_key()


def shown(key_store_id: str) -> Any:
    answer = client("kms").describe_custom_key_stores(CustomKeyStoreId=key_store_id)
    return answer["CustomKeyStores"][0]

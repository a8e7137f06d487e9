"""States that end by moto's state transitions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import pytest
from freezegun import freeze_time
from moto.moto_api import state_manager

from moto_cks import cks
from moto_cks.world.lifecycle import MODELS, LifeCycle, NoSuchStepError, Table
from tests.aws import client

MODEL = "cks::connection"

KETTLE = Table(
    MODEL,
    "COLD",
    {
        "COLD": {"fill": "COLD", "switch on": "HEATING"},
        "HEATING": {"switch off": "COLD", "wait": "HEATING"},
        "BOILING": {},
        "HOT": {"keep warm": "WARM"},
        "WARM": {"switch off": "COLD"},
    },
    {
        "HEATING": {"it boils": "BOILING", "it is empty": "COLD"},
        "BOILING": {"it whistles": "HOT"},
        "WARM": {"an hour is over": "COLD"},
    },
    lasting={"WARM": datetime.timedelta(hours=1)},
)


@pytest.fixture
def transition() -> Iterator[Callable[..., None]]:
    """Sets the transition of the model until the end of the test."""
    yield lambda **how: state_manager.set_transition(MODEL, how)
    state_manager.unset_transition(MODEL)


class Kettle:
    """COLD, then HEATING and BOILING, which end by themselves, then HOT."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.outcome = "it boils"
        self.life = LifeCycle(
            KETTLE,
            {"HEATING": self.boil, "BOILING": self.whistle, "WARM": lambda: "an hour is over"},
            "kettle",
        )

    def boil(self) -> str:
        self.diary.append("boil")
        return self.outcome

    def whistle(self) -> str:
        self.diary.append(f"whistle while {self.life.status}")
        return "it whistles"

    def described(self) -> str:
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
    kettle.life.step("switch on")
    assert kettle.diary == ["boil", "whistle while BOILING"]
    assert kettle.life.status == "HOT"


def test_an_ending_happens_once(kettle: Kettle) -> None:
    kettle.life.step("switch on")
    for _ in range(3):
        kettle.life.settle()
        kettle.described()
    assert kettle.diary == ["boil", "whistle while BOILING"]


def test_a_step_says_which_state_it_begins(kettle: Kettle) -> None:
    assert kettle.life.step("switch on") == "HEATING"
    assert kettle.life.status == "HOT"


def test_the_table_says_what_follows_an_outcome(kettle: Kettle) -> None:
    kettle.outcome = "it is empty"
    kettle.life.step("switch on")
    assert kettle.life.status == "COLD"
    assert kettle.diary == ["boil"]


def noted() -> list[str]:
    return [entry.what for entry in cks.timeline.entries(kind="state", subject="kettle")]


def test_every_step_is_on_the_timeline(kettle: Kettle) -> None:
    kettle.life.step("switch on")
    assert noted() == ["COLD -> HEATING", "HEATING -> BOILING", "BOILING -> HOT"]


# What is not in the table ------------------------------------------------------------------------


@pytest.mark.parametrize("cause", ["switch off", "it boils", "sing"])
def test_a_step_that_is_not_in_the_table_is_refused(kettle: Kettle, cause: str) -> None:
    with pytest.raises(NoSuchStepError, match=f"kettle is COLD, and the table .* no '{cause}'"):
        kettle.life.step(cause)
    assert kettle.life.status == "COLD"
    assert noted() == []


def test_an_outcome_that_is_not_in_the_table_is_refused(kettle: Kettle) -> None:
    kettle.outcome = "it whistles"
    with pytest.raises(NoSuchStepError, match=r"kettle is HEATING, and the table .* 'it whistles'"):
        kettle.life.step("switch on")
    assert noted() == ["COLD -> HEATING"]


def test_a_state_is_entered_by_a_step_only(kettle: Kettle) -> None:
    with pytest.raises(NoSuchStepError, match="kettle becomes HOT by a step"):
        kettle.life.status = "HOT"
    assert kettle.life.status == "COLD"


def test_what_ends_by_itself_is_what_the_table_says() -> None:
    with pytest.raises(NoSuchStepError, match=r"HEATING, BOILING, WARM .*, and not COLD\.$"):
        LifeCycle(KETTLE, {"COLD": lambda: "it freezes"}, "kettle")


def test_what_the_state_allows(kettle: Kettle) -> None:
    assert kettle.life.allows("fill")
    assert not kettle.life.allows("switch off")
    with pytest.raises(NoSuchStepError, match="No state of a cks::connection allows 'sing'"):
        kettle.life.allows("sing")


def test_what_leaves_the_state_as_it_is_takes_no_time(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="time", seconds=600)
    with freeze_time():
        kettle.life.step("switch on")
        cks.clock.advance(seconds=500)
        assert kettle.life.step("wait") == "HEATING"
        cks.clock.advance(seconds=100)
        assert kettle.life.status == "BOILING"
    assert noted() == ["COLD -> HEATING", "HEATING -> BOILING"]


# When a state is over ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        {"progression": "immediate"},
        {"progression": "manual", "times": 1},
        {"progression": "time", "seconds": 1},
    ],
)
def test_a_state_can_take_a_time_of_its_own(
    kettle: Kettle, transition: Callable[..., None], how: dict[str, Any]
) -> None:
    with freeze_time():
        kettle.life.step("switch on")
        transition(**how)
        kettle.life.step("keep warm")
        assert kettle.life.due == cks.clock.now() + datetime.timedelta(hours=1)
        cks.clock.advance(minutes=59)
        assert [kettle.described() for _ in range(3)] == ["WARM"] * 3
        cks.clock.advance(minutes=1)
        assert kettle.life.status == "COLD"
    assert kettle.life.due is None


@pytest.mark.parametrize("times", [1, 2, 5])
def test_manual_counts_descriptions(
    world: Any, transition: Callable[..., None], times: int
) -> None:
    transition(progression="manual", times=times)
    for looks in range(3 * times):
        kettle = Kettle()
        kettle.life.step("switch on")
        for _ in range(looks):
            kettle.described()
        expected = "HEATING" if looks < times else "BOILING" if looks < 2 * times else "HOT"
        assert kettle.life.status == expected


def test_manual_looking_does_not_count(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="manual", times=2)
    kettle.life.step("switch on")
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
    kettle.life.step("switch on")
    assert kettle.described() == "HEATING"
    assert kettle.described() == "BOILING"


def test_time_on_the_simulated_clock(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time():
        kettle.life.step("switch on")
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
        kettle.life.step("switch on")
        frozen.tick(599)
        assert kettle.life.status == "HEATING"
        frozen.tick(1)
        assert kettle.life.status == "BOILING"


def test_time_of_both_together(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time() as frozen:
        kettle.life.step("switch on")
        frozen.tick(300)
        cks.clock.advance(seconds=300)
        assert kettle.life.status == "BOILING"


def test_time_goes_by_while_nobody_looks(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time():
        kettle.life.step("switch on")
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
    kettle.life.step("switch on")
    assert kettle.life.status == "HEATING"


def test_a_transition_can_change_on_the_way(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="manual", times=100)
    kettle.life.step("switch on")
    assert kettle.described() == "HEATING"
    transition(progression="immediate")
    assert kettle.life.status == "HOT"


def test_another_state_can_be_entered_before_the_end(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="manual", times=1)
    kettle.life.step("switch on")
    kettle.life.step("switch off")
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


def test_since_when(transition: Callable[..., None], world: Any) -> None:
    """Since the state began: when the step was made, when it ended, or when somebody looked."""
    with freeze_time("2030-01-01") as frozen:
        start = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
        kettle = Kettle()
        assert kettle.life.since == start
        frozen.tick(10)
        transition(progression="time", seconds=60)
        kettle.life.step("switch on")
        assert kettle.life.since == start + datetime.timedelta(seconds=10)
        kettle.life.step("wait")
        frozen.tick(65)
        assert kettle.life.status == "BOILING"
        assert kettle.life.since == start + datetime.timedelta(seconds=70)
        transition(progression="manual", times=1)
        frozen.tick(25)
        kettle.life.advance()
        assert kettle.life.status == "HOT"
        assert kettle.life.since == start + datetime.timedelta(seconds=100)


# What is said, and what follows ------------------------------------------------------------------

IN_FULL = {
    "an unknown step": (
        lambda kettle: kettle.life.step("sing"),
        "kettle is COLD, and the table of a cks::connection has no 'sing' there.",
    ),
    "a state by itself": (
        lambda kettle: setattr(kettle.life, "status", Degree.HOT),
        "kettle becomes hot by a step of its table only.",
    ),
    "what no state allows": (
        lambda kettle: kettle.life.allows("sing"),
        "No state of a cks::connection allows 'sing'.",
    ),
    "other endings": (
        lambda kettle: LifeCycle(KETTLE, {"COLD": str, "HOT": str}, "kettle"),
        "What ends by itself is HEATING, BOILING, WARM in the table of a cks::connection, "
        "and not COLD, HOT.",
    ),
    "no endings": (
        lambda kettle: LifeCycle(KETTLE, {}, "kettle"),
        "What ends by itself is HEATING, BOILING, WARM in the table of a cks::connection, "
        "and not nothing.",
    ),
}


class Degree(Enum):
    HOT = "hot"


@pytest.mark.parametrize(("wrong", "message"), IN_FULL.values(), ids=IN_FULL)
def test_what_is_not_in_the_table_is_said_in_full(
    kettle: Kettle, wrong: Callable[[Kettle], object], message: str
) -> None:
    with pytest.raises(NoSuchStepError) as caught:
        wrong(kettle)
    assert str(caught.value) == message


def test_states_of_an_enumeration_are_noted_by_their_values(world: Any) -> None:
    table = Table(MODEL, Degree.HOT, {Degree.HOT: {"cool": "cold"}, "cold": {}}, {})
    LifeCycle(table, {}, "kettle").step("cool")
    assert noted() == ["hot -> cold"]


def test_m5_these_are_the_models() -> None:
    assert MODELS == (
        "cks::connection",
        "cloudhsmv2::cluster",
        "cloudhsmv2::hsm",
        "cloudhsmv2::backup",
        "kms::key",
        "kms::rotation",
    )


def test_changes_are_counted_for_one_and_for_all(kettle: Kettle) -> None:
    before, other = LifeCycle.changes, Kettle()
    assert kettle.life.own_changes == 0
    kettle.life.step("fill")  # which leaves the state as it is
    assert (LifeCycle.changes, kettle.life.own_changes) == (before, 0)
    kettle.life.step("switch on")
    assert (LifeCycle.changes, kettle.life.own_changes) == (before + 3, 3)
    assert other.life.own_changes == 0
    other.life.stop()
    assert (LifeCycle.changes, other.life.own_changes) == (before + 4, 0)


def test_what_is_stopped_ends_no_more(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="time", seconds=600)
    with freeze_time():
        kettle.life.step("switch on")
        kettle.life.stop()
        cks.clock.advance(hours=1)
        kettle.life.settle()
        assert kettle.life.status == "HEATING"
    assert kettle.diary == []


def test_which_states_last(kettle: Kettle, transition: Callable[..., None]) -> None:
    transition(progression="manual", times=1)
    lasting = [kettle.life.lasts]
    kettle.life.step("switch on")
    lasting.append(kettle.life.lasts)
    kettle.described()
    lasting.append(kettle.life.lasts)
    kettle.described()
    assert kettle.life.status == "HOT"
    assert [*lasting, kettle.life.lasts] == [True, False, False, True]


def test_when_a_state_is_due(kettle: Kettle, transition: Callable[..., None]) -> None:
    with freeze_time("2030-01-01"):
        assert kettle.life.due is None  # it does not end
        transition(progression="time", seconds=600)
        assert kettle.life.due is None
        kettle.life.step("switch on")
        start = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
        assert kettle.life.due == start + datetime.timedelta(seconds=600)
        transition(progression="manual", times=1)
        assert kettle.life.due is None


class InterruptedKettle(Kettle):
    interruptions = 1

    def boil(self) -> str:
        if self.interruptions:
            self.interruptions -= 1
            raise KeyboardInterrupt
        return super().boil()


def test_an_ending_that_is_interrupted_is_begun_again(world: Any) -> None:
    kettle = InterruptedKettle()
    with pytest.raises(KeyboardInterrupt):
        kettle.life.step("switch on")
    assert kettle.diary == []
    assert kettle.life.status == "HOT"
    assert kettle.diary == ["boil", "whistle while BOILING"]


class SwitchedKettle(Kettle):
    def boil(self) -> str:
        self.life.step("switch off")
        return super().boil()


def test_an_ending_in_which_the_state_changes_changes_it_no_further(world: Any) -> None:
    kettle = SwitchedKettle()
    kettle.life.step("switch on")
    assert kettle.life.status == "COLD"
    assert noted() == ["COLD -> HEATING", "HEATING -> COLD"]


def test_an_ending_happens_at_its_time_though_nobody_looks(
    kettle: Kettle, transition: Callable[..., None]
) -> None:
    transition(progression="time", seconds=600)
    with freeze_time():
        kettle.life.step("switch on")
        cks.clock.advance(seconds=600)
        assert kettle.diary == ["boil"]
        cks.clock.advance(seconds=600)
        assert kettle.diary == ["boil", "whistle while BOILING"]

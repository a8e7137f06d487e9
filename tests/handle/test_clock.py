"""The simulated clock: ``cks.clock``."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import time_machine
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from moto_cks import cks, mock_cks
from moto_cks.world.clock import at, now
from tests.aws import client
from tests.moments import NOON

UTC = datetime.timezone.utc
STEP = st.fixed_dictionaries(
    {name: st.integers(0, 50) for name in ("days", "hours", "minutes", "seconds")}
)


@pytest.fixture
def clock() -> Iterator[Any]:
    with mock_cks() as handle:
        yield handle.clock


def test_now_is_the_time_in_utc(clock: Any) -> None:
    before = datetime.datetime.now(UTC)
    assert before <= clock.now() <= datetime.datetime.now(UTC)
    assert clock.now().utcoffset() == datetime.timedelta()


def test_advance_lets_time_pass(noon: Any, clock: Any) -> None:
    moved = clock.advance(days=1, hours=2, minutes=3, seconds=4)
    assert moved == clock.now() == NOON + datetime.timedelta(1, 4, hours=2, minutes=3)
    assert clock.advance(hours=0.5) == moved + datetime.timedelta(minutes=30)
    assert clock.advance() == clock.now()


@given(steps=st.lists(STEP, max_size=5))
def test_steps_add_up(steps: list[dict[str, int]]) -> None:
    with freeze_time(NOON), mock_cks() as cks:
        clock = cks.clock
        start = clock.now()
        for step in steps:
            clock.advance(**step)
        total = sum((datetime.timedelta(**step) for step in steps), datetime.timedelta())
        assert clock.now() == start + total


def test_advance_to_a_moment(noon: Any, clock: Any) -> None:
    moment = datetime.datetime(2031, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    assert clock.advance_to(moment) == clock.now() == moment
    assert clock.advance_to(moment) == moment


def test_advance_to_a_moment_in_another_zone(noon: Any, clock: Any) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=-8))
    moment = datetime.datetime(2030, 1, 1, 10, tzinfo=zone)
    assert clock.advance_to(moment) == NOON + datetime.timedelta(hours=6)


def test_a_moment_without_a_zone_is_in_utc(noon: Any, clock: Any) -> None:
    assert clock.advance_to(datetime.datetime(2030, 1, 1, 13)) == NOON.replace(hour=13)


@pytest.mark.parametrize("step", [{"seconds": -0.001}, {"days": 1, "hours": -25}])
def test_there_is_no_way_back(noon: Any, clock: Any, step: dict[str, float]) -> None:
    clock.advance(days=1)
    with pytest.raises(ValueError, match="turned back"):
        clock.advance(**step)
    assert clock.now() == NOON + datetime.timedelta(days=1)


def test_there_is_no_way_back_to_a_moment(noon: Any, clock: Any) -> None:
    clock.advance(days=1)
    with pytest.raises(ValueError, match="turned back"):
        clock.advance_to(NOON)
    assert clock.now() == NOON + datetime.timedelta(days=1)


def test_advance_by_a_timedelta(noon: Any, clock: Any) -> None:
    step = datetime.timedelta(days=1, microseconds=7)
    assert clock.advance(step) == NOON + step
    assert clock.advance(step, hours=2) == NOON + 2 * step + datetime.timedelta(hours=2)
    with pytest.raises(ValueError, match="turned back"):
        clock.advance(-step)


@pytest.mark.parametrize(
    ("moment", "means"),
    [
        ("2030-01-02T03:04:05Z", NOON.replace(day=2, hour=3, minute=4, second=5)),
        ("2030-01-02T03:04:05.000006+00:00", NOON.replace(2030, 1, 2, 3, 4, 5, 6)),
        ("2030-01-02T03:04:05-08:00", NOON.replace(day=2, hour=11, minute=4, second=5)),
        ("2030-01-02T03:04", NOON.replace(day=2, hour=3, minute=4)),
        ("2030-01-02", NOON.replace(day=2, hour=0)),
    ],
)
def test_advance_to_what_is_written(
    noon: Any, clock: Any, moment: str, means: datetime.datetime
) -> None:
    assert clock.advance_to(moment) == means
    assert clock.advance_to(clock.now().isoformat()) == means


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda c: c.advance("PT15M"), TypeError, "advanced by a timedelta, or by days=, hours=, "),
        (lambda c: c.advance(900), TypeError, "advanced by a timedelta"),
        (lambda c: c.advance(days="1"), TypeError, "days is a number, not '1'"),
        (lambda c: c.advance(hours=None), TypeError, "hours is a number, not None"),
        (lambda c: c.advance(minutes=True), TypeError, "minutes is a number, not True"),
        (lambda c: c.advance(seconds=float("nan")), TypeError, "seconds is a number, not nan"),
        (lambda c: c.advance(days=float("inf")), ValueError, "ends with the year 8999"),
        (lambda c: c.advance(datetime.timedelta.max, days=1), ValueError, "year 8999"),
        (lambda c: c.advance(weeks=1), TypeError, "weeks"),
        (
            lambda c: c.advance_to("tomorrow"),
            ValueError,
            "written in ISO 8601 as 2026-.*'tomorrow'",
        ),
        (lambda c: c.advance_to("PT15M"), ValueError, "written in ISO 8601"),
        (lambda c: c.advance_to(1893456000), TypeError, "a datetime or ISO 8601, not 1893456000"),
        (lambda c: c.advance_to(NOON.date()), TypeError, "a datetime or ISO 8601"),
        (lambda c: c.advance_to(None), TypeError, "a datetime or ISO 8601, not None"),
        (lambda c: c.advance_to("9999-12-31T00:00:00Z"), ValueError, "year 8999"),
    ],
)
def test_what_is_no_time_is_refused_in_a_sentence(
    noon: Any, clock: Any, call: Callable[[Any], object], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        call(clock)
    assert clock.now() == NOON


def test_freezegun_moves_it(noon: Any, clock: Any) -> None:
    assert clock.now() == NOON
    clock.advance(hours=1)
    noon.tick(60)
    assert clock.now() == NOON + datetime.timedelta(hours=1, minutes=1)
    noon.move_to(NOON + datetime.timedelta(days=365))
    assert clock.now() == NOON + datetime.timedelta(days=365, hours=1)


def test_time_machine_moves_it(clock: Any) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        assert clock.now() == NOON
        clock.advance(hours=1)
        traveller.shift(60)
        assert clock.now() == NOON + datetime.timedelta(hours=1, minutes=1)


def test_m5_moto_s_reset_puts_it_back(noon: Any, clock: Any) -> None:
    clock.advance(days=100)
    assert requests.post("http://motoapi.amazonaws.com/moto-api/reset").ok
    assert clock.now() == NOON


def test_every_mock_begins_at_the_real_time(noon: Any) -> None:
    with mock_cks() as first:
        first.clock.advance(days=100)
    with mock_cks() as second:
        assert second.clock.now() == NOON


def test_a_nested_mock_has_the_same_clock(noon: Any, clock: Any) -> None:
    clock.advance(days=100)
    with mock_cks() as inner:
        assert inner.clock.now() == NOON + datetime.timedelta(days=100)
        inner.clock.advance(days=1)
    assert clock.now() == NOON + datetime.timedelta(days=101)


@mock_cks
def test_dates_follow_it() -> None:
    kms, cloudhsm = client("kms"), client("cloudhsmv2")
    moment = datetime.datetime(2040, 5, 6, 7, 8, 9, tzinfo=UTC)
    cks.clock.advance_to(moment)
    store = cks.create_key_store()
    (described,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    (cluster,) = cloudhsm.describe_clusters()["Clusters"]
    dates = [
        described["CreationDate"],
        cluster["CreateTimestamp"],
        *(backup["CreateTimestamp"] for backup in cloudhsm.describe_backups()["Backups"]),
        kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["CreationDate"],
        kms.create_key()["KeyMetadata"]["CreationDate"],
    ]
    assert len(dates) >= 5
    assert all(moment <= date < moment + datetime.timedelta(minutes=1) for date in dates)


@mock_cks
def test_o1_deletion_dates_follow_it() -> None:
    with freeze_time(NOON):
        kms = client("kms")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        cks.clock.advance(days=10)
        answer = kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
        assert answer["DeletionDate"] == NOON + datetime.timedelta(days=17)
        shown = kms.describe_key(KeyId=key_id)["KeyMetadata"]["DeletionDate"]
        assert shown == answer["DeletionDate"]


# What falls due ----------------------------------------------------------------------------------


def test_what_falls_due_is_done_once_and_in_the_order_of_time() -> None:
    with mock_cks() as handle:
        start = handle.clock.now()
        done: list[tuple[str, datetime.timedelta]] = []

        def note(name: str) -> Callable[[], None]:
            return lambda: done.append((name, now() - start))

        at(start + datetime.timedelta(days=3), note("third"))
        at(start + datetime.timedelta(days=1), note("first"))
        at(start + datetime.timedelta(days=1), note("second"))
        at(start + datetime.timedelta(days=2), note("cancelled")).cancel()
        at(start + datetime.timedelta(days=9), note("not yet"))
        handle.clock.advance(days=5)
        handle.clock.advance(days=1)
        assert done == [
            ("first", datetime.timedelta(days=1)),
            ("second", datetime.timedelta(days=1)),
            ("third", datetime.timedelta(days=3)),
        ]


def test_what_falls_due_can_make_appointments() -> None:
    with mock_cks() as handle:
        start = handle.clock.now()
        days: list[int] = []

        def daily() -> None:
            days.append((now() - start).days)
            at(now() + datetime.timedelta(days=1), daily)

        at(start + datetime.timedelta(days=1), daily)
        handle.clock.advance(days=4, hours=12)
        assert days == [1, 2, 3, 4]


def test_what_another_tool_makes_due_is_done_at_the_next_call() -> None:
    with freeze_time("2026-03-01") as frozen, mock_cks():
        done: list[datetime.datetime] = []
        at(now() + datetime.timedelta(hours=1), lambda: done.append(now()))
        frozen.tick(datetime.timedelta(hours=5))
        assert done == []
        client("kms").list_keys()
        client("kms").list_keys()
        assert done == [datetime.datetime(2026, 3, 1, 1, tzinfo=UTC)]


def test_a_reset_forgets_what_was_to_come() -> None:
    done: list[str] = []
    with mock_cks() as handle:
        at(handle.clock.now() + datetime.timedelta(days=1), lambda: done.append("too late"))
    with mock_cks() as handle:
        handle.clock.advance(days=2)
    assert done == []


@pytest.mark.parametrize("days", [1e300, 3_000_000])
def test_it_ends_before_dates_do(days: float) -> None:
    with mock_cks() as cks:
        before = cks.clock.now()
        with pytest.raises(ValueError, match="ends with the year 8999"):
            cks.clock.advance(days=days)
        assert cks.clock.now() - before < datetime.timedelta(minutes=1)
        assert cks.clock.advance(days=1) - before >= datetime.timedelta(days=1)


def test_its_end_is_the_last_moment_and_calls_go_on_there(noon: Any) -> None:
    end = datetime.datetime(9000, 1, 1, tzinfo=UTC)
    with mock_cks() as cks:
        with pytest.raises(ValueError, match="ends with the year 8999"):
            cks.clock.advance_to(end + datetime.timedelta(microseconds=1))
        assert cks.clock.now() == NOON
        assert cks.clock.advance_to(end) == cks.clock.now() == end
        with pytest.raises(ValueError, match="ends with the year 8999"):
            cks.clock.advance(seconds=1)
        made = client("kms").create_key()["KeyMetadata"]
        client("kms").enable_key_rotation(KeyId=made["KeyId"])  # due behind the end: never
        until = client("kms").schedule_key_deletion(KeyId=made["KeyId"])["DeletionDate"]
        assert (made["CreationDate"], until) == (end, end + datetime.timedelta(days=30))
        assert cks.clock.advance() == end

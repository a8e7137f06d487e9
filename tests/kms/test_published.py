"""What KMS publishes again and again, as it is written down (rows X64.3 to X64.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moto_cks.kms.published import EVERY, DaysSince, DaysUntil, Number, Publications, Span
from tests.moments import NOON

DAY = 24 * 60 * 60
AT = int(NOON.timestamp()) // 60
SUBJECT = ("a metric", "a key store")
ONE, TWO = Number(1), Number(2)


def test_x64_3_a_value_is_shown_every_five_minutes_from_its_beginning_to_its_end() -> None:
    span = Span(ONE, 103, 114)
    assert EVERY == 5
    shown = {minute for minute in range(90, 130) if [*span.data(minute, minute + 1)]}
    assert shown == {103, 108, 113}
    assert [*span.data(90, 130)] == [1, 1, 1]
    latest = {now: span.latest(now) for now in (102, 103, 107, 108, 112, 113, 118, 130)}
    assert latest == {
        102: None, 103: 103, 107: 103, 108: 108, 112: 108, 113: 113, 118: 113, 130: 113,
    }  # fmt: skip
    assert (Span(ONE, 103).latest(117), Span(ONE, 103).latest(118)) == (113, 118)


@pytest.mark.parametrize(
    ("end", "latest"), [(103, None), (104, 103), (108, 103), (109, 108), (113, 108)]
)
def test_x64_3_the_minute_of_its_end_is_not_shown(end: int, latest: int | None) -> None:
    span = Span(ONE, 103, end)
    assert span.latest(200) == latest
    assert len([*span.data(0, 200)]) == (0 if latest is None else (latest - 103) // 5 + 1)


def test_x64_4_x64_5_whole_days_and_never_less_than_none() -> None:
    then = NOON.timestamp()
    around = (-DAY, -1, 0, 1, DAY - 1, DAY, 2 * DAY - 1, 2 * DAY)
    assert [DaysSince(then).at(then + seconds) for seconds in around] == [0, 0, 0, 0, 0, 1, 1, 2]
    assert [DaysUntil(then).at(then - seconds) for seconds in around] == [0, 0, 0, 0, 0, 1, 1, 2]
    two_days = [*Span(DaysSince(then), AT).data(AT, AT + 2 * 24 * 60 + 1)]
    assert [two_days.count(days) for days in (0, 1, 2)] == [288, 288, 1]


def test_x64_3_what_is_shown_anew_takes_the_place_of_what_was() -> None:
    published = Publications()
    for minute, value in ((0, ONE), (3, TWO), (7, ONE), (12, TWO), (20, TWO)):
        published.show(SUBJECT, {(): value}, NOON + timedelta(minutes=minute))
    published.show(("another", "a key store"), {(): TWO}, NOON)
    assert published.spans(0) == {
        SUBJECT: [
            Span(ONE, AT, AT + 3),
            Span(TWO, AT + 3, AT + 7),
            Span(ONE, AT + 7, AT + 12),
            Span(TWO, AT + 12),
        ],
        ("another", "a key store"): [Span(TWO, AT)],
    }


def test_x64_3_each_of_the_other_dimensions_goes_on_or_ends_for_itself() -> None:
    published, end = Publications(), NOON.timestamp() + 659
    published.show(SUBJECT, {("a",): ONE, ("b",): ONE, ("c",): ONE}, NOON, end)
    later = NOON + timedelta(minutes=6)
    published.show(SUBJECT, {("a",): ONE, ("b",): TWO}, later, end)
    assert published.spans(0) == {
        (*SUBJECT, "a"): [Span(ONE, AT, AT + 10)],
        (*SUBJECT, "b"): [Span(ONE, AT, AT + 6), Span(TWO, AT + 6, AT + 10)],
        (*SUBJECT, "c"): [Span(ONE, AT, AT + 6)],
    }


def test_x64_3_what_has_ended_stays_ended() -> None:
    published = Publications()
    published.show(SUBJECT, {(): ONE}, NOON, NOON.timestamp() + 120)
    published.show(SUBJECT, {}, NOON + timedelta(minutes=5))
    assert published.spans(0) == {SUBJECT: [Span(ONE, AT, AT + 2)]}


def test_x64_3_another_end_is_another_span() -> None:
    published = Publications()
    published.show(SUBJECT, {(): ONE}, NOON, NOON.timestamp() + 600)
    published.show(SUBJECT, {(): ONE}, NOON + timedelta(minutes=5), NOON.timestamp() + 1200)
    assert published.spans(0) == {SUBJECT: [Span(ONE, AT, AT + 5), Span(ONE, AT + 5, AT + 20)]}


def test_x64_3_what_had_ended_is_forgotten_and_can_be_shown_again() -> None:
    published = Publications()
    published.show(SUBJECT, {(): ONE}, NOON, NOON.timestamp() + 120)
    published.show(SUBJECT, {(): TWO}, NOON + timedelta(minutes=5), NOON.timestamp() + 420)
    assert published.spans(AT + 1) == {SUBJECT: [Span(ONE, AT, AT + 2), Span(TWO, AT + 5, AT + 7)]}
    assert published.spans(AT + 2) == {SUBJECT: [Span(TWO, AT + 5, AT + 7)]}
    assert published.spans(AT) == {SUBJECT: [Span(TWO, AT + 5, AT + 7)]}  # it takes no room
    assert published.spans(AT + 7) == {}
    published.show(SUBJECT, {(): ONE}, NOON + timedelta(minutes=9))
    assert published.spans(AT + 7) == {SUBJECT: [Span(ONE, AT + 9)]}

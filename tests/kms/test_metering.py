"""What is counted for CloudWatch, and for how long (row W1)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from moto_cks.kms.metering import KEPT, Meter, Tally, dimensions_of
from tests.moments import NOON

USED = ("SuccessfulRequest", "Encrypt", "arn")
AT = int(NOON.timestamp()) // 60


def test_w1_what_happens_in_a_minute_is_counted_together() -> None:
    meter = Meter()
    for seconds in (0, 59.999, 60):
        meter.count(USED, NOON + timedelta(seconds=seconds))
    meter.count(("SuccessfulRequest", "Decrypt", "arn"), NOON)
    assert meter.counts(NOON) == {
        USED: {AT: 2, AT + 1: 1},
        ("SuccessfulRequest", "Decrypt", "arn"): {AT: 1},
    }


def test_w1_a_count_that_is_exactly_two_weeks_old_is_the_last_one_kept() -> None:
    meter = Meter()
    meter.count(USED, NOON)
    assert meter.counts(NOON + KEPT) == {USED: {AT: 1}}
    assert meter.counts(NOON + KEPT + timedelta(seconds=59)) == {USED: {AT: 1}}
    assert meter.counts(NOON + KEPT + timedelta(seconds=60)) == {}


def test_x64_what_is_measured_in_a_minute_is_put_together() -> None:
    meter, of = Meter(), ("XksProxyLatency", "cks-1", "Encrypt", "Encrypt", "SYMMETRIC_DEFAULT")
    for seconds, value in ((0, 3.0), (59.999, 1.0), (30, 2.0), (60, 7.0)):
        meter.measure(of, value, NOON + timedelta(seconds=seconds))
    found = {AT: Tally(3, 6.0, 1.0, 3.0), AT + 1: Tally(1, 7.0, 7.0, 7.0)}
    assert meter.measured(NOON) == {of: found}
    assert meter.measured(NOON + KEPT + timedelta(seconds=60)) == {of: {AT + 1: found[AT + 1]}}
    assert meter.measured(NOON + KEPT + timedelta(seconds=120)) == {}


def count(meter: Meter, now: datetime) -> None:
    meter.count(USED, now)


def measure(meter: Meter, now: datetime) -> None:
    meter.measure(("XksProxyLatency", "cks-1", "Encrypt", "Encrypt", "SYMMETRIC_DEFAULT"), 1.5, now)


@pytest.mark.parametrize("happens", [count, measure])
def test_w1_x64_what_is_older_takes_no_room_even_if_nobody_asks(
    happens: Callable[[Meter, datetime], None],
) -> None:
    meter, sizes = Meter(), []
    for minute in range(2 * int(KEPT.total_seconds()) // 60):
        happens(meter, NOON + timedelta(minutes=minute))
        if minute % 10_000 == 0:
            sizes.append(len(pickle.dumps(meter)))
    assert sizes[1] < sizes[2]  # they are within two weeks
    assert max(sizes) < 1.2 * sizes[2]


@pytest.mark.parametrize(
    ("counted", "dimensions"),
    [
        (USED, {"Operation": "Encrypt", "KeyArn": "arn"}),
        (
            ("SuccessfulRequest", "ReEncrypt", "from", "to"),
            {"Operation": "ReEncrypt", "SourceKeyArn": "from", "DestinationKeyArn": "to"},
        ),
        (
            ("CloudHSMKeyStoreThrottle", "cks-1", "Encrypt", "SYMMETRIC_DEFAULT"),
            {
                "CustomKeyStoreId": "cks-1",
                "KmsOperation": "Encrypt",
                "KeySpec": "SYMMETRIC_DEFAULT",
            },
        ),
    ],
)
def test_w1_what_is_counted_has_dimensions(
    counted: tuple[str, ...], dimensions: dict[str, str]
) -> None:
    assert dimensions_of(counted) == dimensions


def test_w1_nothing_is_counted_without_one_of_its_dimensions() -> None:
    with pytest.raises(ValueError, match="shorter"):
        dimensions_of(("CloudHSMKeyStoreThrottle", "cks-1", "Encrypt"))

"""What is counted for CloudWatch, and for how long (row W1)."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest

from moto_cks.kms.metering import KEPT, Meter, dimensions_of
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


def test_w1_what_is_older_takes_no_room_even_if_nobody_asks() -> None:
    meter, sizes = Meter(), []
    for minute in range(2 * int(KEPT.total_seconds()) // 60):
        meter.count(USED, NOON + timedelta(minutes=minute))
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

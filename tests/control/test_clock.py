"""The clock, over the control API."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.control.specification import read_time
from tests.control.api import Api


def test_clock(api: Api) -> None:
    start = read_time(api("GET", "/clock").body["now"])
    later = read_time(api("POST", "/clock/advance", {"days": 1, "hours": -1}).body["now"])
    assert 22 <= (later - start).total_seconds() / 3600 < 24
    answer = api("POST", "/clock/advance-to", {"moment": "2199-12-31T23:59:59.5+01:00"})
    assert answer.body["now"].startswith("2199-12-31T22:59:59")


def test_time_does_not_run_backwards_or_out(api: Api) -> None:
    before = read_time(api("GET", "/clock").body["now"])
    assert "back" in api.refused(400, "POST", "/clock/advance", {"days": -1})
    assert "back" in api.refused(
        400, "POST", "/clock/advance-to", {"moment": "2001-01-01T00:00:00Z"}
    )
    for days in (1e300, 4e6):
        assert "8999" in api.refused(400, "POST", "/clock/advance", {"days": days})
    after = read_time(api("GET", "/clock").body["now"])
    assert (after - before).total_seconds() < 60


@pytest.mark.parametrize("moment", ["tomorrow", "2199-01-01", "2199-01-01T00:00:00", 5, "", None])
def test_a_moment_has_a_zone(api: Api, moment: Any) -> None:
    assert "moment" in api.refused(400, "POST", "/clock/advance-to", {"moment": moment})


@given(st.datetimes())
def test_times_are_read_as_they_are_written(moment: datetime) -> None:
    text = moment.isoformat()
    assert (
        read_time(f"{text}Z") == read_time(f"{text}+00:00") == moment.replace(tzinfo=timezone.utc)
    )
    with pytest.raises(ValueError, match="written"):
        read_time(text)

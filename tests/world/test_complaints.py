"""Warnings point at the line of the test that they are about."""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from moto_cks import mock_cks
from moto_cks.cloudtrail.event_bus import MissingTrailWarning
from moto_cks.world.complaints import users_place, warn
from tests.aws import client

QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"


@pytest.fixture(autouse=True)
def rule() -> Iterator[None]:
    """A rule that rests on CloudTrail, without a trail."""
    with mock_cks():
        client("sqs").create_queue(QueueName="queue")
        events = client("events")
        pattern = {"detail-type": ["AWS API Call via CloudTrail"]}
        events.put_rule(Name="rule", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": QUEUE}])
        yield


def line_of(text: str) -> int:
    """The line of this file that has a text, but for this function and the table of calls."""
    lines = inspect.getsource(inspect.getmodule(line_of) or pytest).splitlines()
    (found,) = [number for number, line in enumerate(lines, 1) if line.endswith(text)]
    return found


def places(warned: pytest.WarningsRecorder) -> set[tuple[str, int]]:
    return {(w.filename, w.lineno) for w in warned if w.category is MissingTrailWarning}


def call_by_boto3() -> None:
    client("kms").create_key()  # by boto3


def call_by_requests() -> None:
    requests.post(  # by requests
        "https://kms.us-east-1.amazonaws.com/",
        data="{}",
        headers={"X-Amz-Target": "TrentService.CreateKey"},
        timeout=5,
    )


@pytest.mark.parametrize("call", [call_by_boto3, call_by_requests])
def test_the_line_that_calls(call: Callable[[], None]) -> None:
    with pytest.warns(MissingTrailWarning) as warned:
        call()
    text = f"  # {call.__name__.removeprefix('call_').replace('_', ' ')}"
    assert places(warned) == {(__file__, line_of(text))}


def test_what_cks_does_is_the_line_that_asks_it() -> None:
    from moto_cks import cks  # noqa: PLC0415

    with pytest.warns(MissingTrailWarning) as warned:
        cks.create_cluster()  # by cks
    assert places(warned) == {(__file__, line_of("  # by cks"))}


def test_filters_by_category_work_as_ever() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingTrailWarning)
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", MissingTrailWarning)
        client("kms").create_key()


def test_once_for_each_line() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")
        for _ in range(3):
            warn("Told once.")
        warn("Told once.")
    assert len(warned) == 2


def test_the_place_of_this_test_is_here() -> None:
    place: Any = users_place()
    assert place.file == __file__

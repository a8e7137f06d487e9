"""LookupEvents: AWS CloudTrail API Reference."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time

from tests.aws import client, client_as, error_of


@pytest.fixture
def trail(world: Any) -> Any:
    return client("cloudtrail")


def lookup(trail: Any, key: str, value: str, **more: Any) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    events: list[dict[str, Any]] = trail.lookup_events(LookupAttributes=attributes, **more)[
        "Events"
    ]
    return events


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["EventName"] for event in events]


def test_t2_an_entry(world: Any, kms: Any, trail: Any) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    (entry,) = trail.lookup_events()["Events"]
    (record,) = world.trail.events(event_name="CreateKey")
    assert json.loads(entry.pop("CloudTrailEvent")) == record
    assert entry == {
        "EventId": record["eventID"],
        "EventName": "CreateKey",
        "ReadOnly": "false",
        "AccessKeyId": record["userIdentity"]["accessKeyId"],
        "EventTime": entry["EventTime"],
        "EventSource": "kms.amazonaws.com",
        "Username": record["userIdentity"]["userName"],
        "Resources": [{"ResourceType": "AWS::KMS::Key", "ResourceName": arn}],
    }
    assert f"{entry['EventTime']:%Y-%m-%d}" == record["eventTime"][:10]


def test_t2_newest_first_in_pages(kms: Any, trail: Any) -> None:
    for number in range(120):
        kms.create_key(Description=str(number))
    pages, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        page = trail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateKey"}], **more
        )
        pages.append(page["Events"])
        token = page.get("NextToken")
        if token is None:
            break
    assert [len(page) for page in pages] == [50, 50, 20]
    records = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page]
    shown = [record["requestParameters"]["description"] for record in records]
    assert shown == [str(number) for number in range(119, -1, -1)]


def test_t2_pages_hold_while_events_are_added(kms: Any, trail: Any) -> None:
    for _ in range(3):
        kms.list_keys()
        kms.list_aliases()
    first = trail.lookup_events(MaxResults=2)
    kms.list_keys()
    second = trail.lookup_events(MaxResults=2, NextToken=first["NextToken"])
    seen = [event["EventId"] for page in (first, second) for event in page["Events"]]
    assert len(set(seen)) == 4
    assert names(second["Events"]) == ["ListAliases", "ListKeys"]


def test_t2_every_attribute(world: Any, kms: Any, trail: Any) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    iam = client("iam")
    iam.create_user(UserName="Alice")
    key = iam.create_access_key(UserName="Alice")["AccessKey"]
    client_as(key, "cloudhsmv2").describe_clusters()
    created, described = world.trail.events()
    for attribute, value, event in (
        ("EventId", created["eventID"], "CreateKey"),
        ("EventName", "CreateKey", "CreateKey"),
        ("ReadOnly", "false", "CreateKey"),
        ("ResourceName", arn, "CreateKey"),
        ("ResourceType", "AWS::KMS::Key", "CreateKey"),
        ("EventSource", "cloudhsm.amazonaws.com", "DescribeClusters"),
        ("Username", "Alice", "DescribeClusters"),
        ("AccessKeyId", key["AccessKeyId"], "DescribeClusters"),
    ):
        assert names(lookup(trail, attribute, value)) == [event], attribute
        assert lookup(trail, attribute, "none such") == []
    assert described["eventID"] != created["eventID"]


def test_t2_times(world: Any, kms: Any, trail: Any) -> None:
    moments = []
    for operation in (kms.list_keys, kms.list_aliases, kms.create_key):
        operation()
        moments.append(world.clock.now())
        world.clock.advance(hours=1)
    assert names(trail.lookup_events(StartTime=moments[1])["Events"]) == [
        "CreateKey",
        "ListAliases",
    ]
    before = trail.lookup_events(EndTime=moments[1])["Events"]
    assert names(before) == ["ListAliases", "ListKeys"]
    only = trail.lookup_events(StartTime=moments[1], EndTime=moments[1])["Events"]
    assert names(only) == ["ListAliases"]
    assert trail.lookup_events(EndTime=moments[0] - timedelta(hours=1))["Events"] == []


def test_t2_ninety_days(world: Any, kms: Any, trail: Any) -> None:
    kms.list_keys()
    world.clock.advance(days=89)
    kms.list_aliases()
    assert names(trail.lookup_events()["Events"]) == ["ListAliases", "ListKeys"]
    world.clock.advance(days=2)
    assert "ListKeys" not in names(trail.lookup_events()["Events"])
    assert world.trail.events(event_name="ListKeys") == []
    world.clock.advance(days=200)
    kms.list_aliases()
    assert len(world.trail.events()) == 1


def test_t2_an_event_is_there_for_ninety_days_to_the_second(
    noon: Any, world: Any, kms: Any, trail: Any
) -> None:
    kms.list_keys()
    world.clock.advance(days=90)
    assert names(trail.lookup_events()["Events"])[-1] == "ListKeys"
    assert len(world.trail.events(event_name="ListKeys")) == 1
    world.clock.advance(seconds=1)
    assert "ListKeys" not in names(trail.lookup_events()["Events"])
    assert world.trail.events(event_name="ListKeys") == []


def test_t2_from_the_first_second_that_there_is(world: Any, kms: Any, trail: Any) -> None:
    kms.list_keys()
    epoch = datetime.fromtimestamp(0, timezone.utc)
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
    assert names(trail.lookup_events(StartTime=epoch, EndTime=last)["Events"]) == ["ListKeys"]
    before = epoch - timedelta(seconds=1)
    code, _ = error_of(trail.lookup_events, StartTime=before)
    assert code == "InvalidTimeRangeException"


def test_t2_a_clock_that_is_turned_back(kms: Any, trail: Any) -> None:
    with freeze_time("2030-01-02"):
        kms.list_keys()
    with freeze_time("2030-01-01"):
        kms.list_aliases()
        kms.create_key()
    with freeze_time("2030-01-03"):
        events = trail.lookup_events()["Events"]
    assert names(events) == ["ListKeys", "CreateKey", "ListAliases"]


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("InvalidMaxResultsException", {"MaxResults": 51}),
        ("InvalidMaxResultsException", {"MaxResults": 0}),
        ("InvalidNextTokenException", {"NextToken": "nonsense"}),
        ("InvalidNextTokenException", {"NextToken": "WzEsIDIsIDNd"}),
        ("InvalidEventCategoryException", {"EventCategory": "management"}),
        (
            "InvalidTimeRangeException",
            {
                "StartTime": datetime(2030, 1, 2, tzinfo=timezone.utc),
                "EndTime": datetime(2030, 1, 1, tzinfo=timezone.utc),
            },
        ),
        ("InvalidTimeRangeException", {"StartTime": datetime(1960, 1, 2, tzinfo=timezone.utc)}),
        (
            "InvalidLookupAttributesException",
            {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "x"}] * 2},
        ),
        (
            "InvalidLookupAttributesException",
            {"LookupAttributes": [{"AttributeKey": "Colour", "AttributeValue": "x"}]},
        ),
        (
            "InvalidLookupAttributesException",
            {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": ""}]},
        ),
    ],
)
def test_t2_errors(world: Any, code: str, parameters: dict[str, Any]) -> None:
    trail = client("cloudtrail", parameter_validation=False)
    refused, message = error_of(trail.lookup_events, **parameters)
    assert refused == code
    assert message


def test_t2_a_token_is_for_the_same_request(kms: Any, trail: Any) -> None:
    for _ in range(3):
        kms.list_keys()
    token = trail.lookup_events(MaxResults=1)["NextToken"]
    attributes = [{"AttributeKey": "EventName", "AttributeValue": "ListKeys"}]
    code, _ = error_of(trail.lookup_events, NextToken=token, LookupAttributes=attributes)
    assert code == "InvalidNextTokenException"


def written(*position: Any) -> str:
    """A token as it is made, of a position of one's own."""
    return base64.b64encode(json.dumps(position).encode()).decode()


def test_t2_tokens_that_are_not_quite_right(kms: Any, trail: Any) -> None:
    for _ in range(3):
        kms.list_keys()
    token = trail.lookup_events(MaxResults=1)["NextToken"]
    digest, time, number = json.loads(base64.b64decode(token))
    assert written(digest, time, number) == token
    naive = time.partition("+")[0]
    for wrong in (
        token[:-1],
        token[1:],
        token + "A",
        token[:8] + "*" + token[8:],
        token.swapcase(),
        written(digest, time),
        written(digest, time, number, 0),
        written(digest, time, None),
        written(digest, time, "one"),
        written(digest, naive, number),
        written(digest, 0, number),
        written(digest, "yesterday", number),
        written(digest[:-1], time, number),
        written(None, time, number),
        written(),
    ):
        code, message = error_of(trail.lookup_events, MaxResults=1, NextToken=wrong)
        assert (wrong, code, bool(message)) == (wrong, "InvalidNextTokenException", True)
    assert len(trail.lookup_events(NextToken=token)["Events"]) == 2


def test_t2_no_insights(kms: Any, trail: Any) -> None:
    kms.list_keys()
    assert trail.lookup_events(EventCategory="insight")["Events"] == []

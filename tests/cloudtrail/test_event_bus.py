"""Events on the default event bus, and the targets that rules start (T4, T5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cks import Cks, mock_cks
from moto_cks.cloudtrail.event_bus import MissingTrailWarning
from tests.aws import OTHER_REGION, REGION, client
from tests.strictness import in_silence

ACCOUNT = "123456789012"
NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)

QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"
API_CALLS = {"detail-type": ["AWS API Call via CloudTrail"]}
DELETIONS = {"source": ["aws.kms"], "detail-type": ["KMS CMK Deletion"]}
ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@pytest.fixture
def world() -> Iterator[Cks]:
    with freeze_time(NOON), mock_cks() as cks:
        client("sqs").create_queue(QueueName="queue")
        client("s3").create_bucket(Bucket="audit")
        client("cloudtrail").create_trail(
            Name="audit", S3BucketName="audit", IsMultiRegionTrail=True
        )
        client("cloudtrail").start_logging(Name="audit")
        yield cks


def make_rule(
    pattern: dict[str, Any], *targets: str, name: str = "rule", **parameters: Any
) -> None:
    """A rule on the default event bus; by default its target is the queue."""
    events = client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), **parameters)
    entries = [{"Id": str(i), "Arn": arn} for i, arn in enumerate(targets or (QUEUE_ARN,))]
    events.put_targets(Rule=name, Targets=entries)


def received() -> list[dict[str, Any]]:
    """The events in the queue."""
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found


def names() -> list[str]:
    """The names of the calls in the queue."""
    return [event["detail"]["eventName"] for event in received()]


def test_t4_a_rule_without_a_trail_is_warned_of(world: Cks) -> None:
    make_rule(API_CALLS)
    make_rule(DELETIONS, name="deletions")
    kms = client("kms")
    nothing = "EventBridge rule rule would see nothing on AWS"
    with pytest.warns(MissingTrailWarning, match=nothing):
        client("cloudtrail").stop_logging(Name="audit")
    with pytest.warns(MissingTrailWarning, match=nothing):
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    assert names()[-1] == "CreateKey"
    client("events").disable_rule(Name="rule")
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    with in_silence():  # KMS itself sends "KMS CMK Deletion"
        world.clock.advance(days=7)
    assert [event["detail"] for event in received()] == [{"key-id": key_id}]


def test_t4_a_call_reaches_a_rule_s_target(world: Cks) -> None:
    make_rule({"source": ["aws.kms"], "detail": {"eventName": ["CreateKey"]}})
    client("kms").create_key(Description="one")
    client("kms").create_key(Description="two")
    client("kms").create_alias(
        AliasName="alias/a", TargetKeyId=client("kms").list_keys()["Keys"][0]["KeyId"]
    )
    first, second = received()
    assert first["source"] == "aws.kms"
    assert first["detail-type"] == "AWS API Call via CloudTrail"
    assert first["region"] == REGION
    assert first["time"] == "2026-03-04T12:00:00Z"
    assert first["resources"] == []
    assert first["detail"]["eventSource"] == "kms.amazonaws.com"
    assert first["detail"]["eventTime"] == "2026-03-04T12:00:00Z"
    assert first["id"] != second["id"]


def test_t4_a_call_of_cloudhsm_reaches_a_rule_s_target(world: Cks) -> None:
    make_rule({**API_CALLS, "source": ["aws.cloudhsm"]}, State=ALL_EVENTS)
    client("kms").list_keys()
    client("cloudhsmv2").describe_clusters()
    assert names() == ["DescribeClusters"]


def test_t4_a_call_that_failed_reaches_a_rule_s_target(world: Cks) -> None:
    make_rule({**API_CALLS, "detail": {"errorCode": [{"exists": True}]}})
    kms = client("kms")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.enable_key(KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")
    assert names() == ["EnableKey"]


def test_t4_the_time_is_that_of_the_simulated_clock(world: Cks) -> None:
    make_rule(API_CALLS)
    world.clock.advance(days=1)
    client("kms").create_key()
    (event,) = received()
    assert event["time"] == "2026-03-05T12:00:00Z"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("DISABLED", []),
        ("ENABLED", ["CreateKey", "GenerateDataKey"]),
        (
            ALL_EVENTS,
            ["CreateKey", "DescribeKey", "ListKeys", "GetKeyRotationStatus", "GenerateDataKey"],
        ),
    ],
)
def test_t4_the_state_of_a_rule_says_what_it_sees(
    world: Cks, state: str, expected: list[str]
) -> None:
    make_rule({**API_CALLS, "source": ["aws.kms"]}, State=state)
    kms = client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.describe_key(KeyId=key_id)
    kms.list_keys()
    kms.get_key_rotation_status(KeyId=key_id)
    kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    assert names() == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.kms"]}, 1),
        ({"source": [{"prefix": "aws.k"}]}, 1),
        ({"source": ["aws.cloudhsm"]}, 0),
        ({"detail-type": ["AWS Service Event via CloudTrail"]}, 0),
        ({"region": ["eu-west-1"]}, 0),
        ({"account": [ACCOUNT], "detail": {"eventSource": ["kms.amazonaws.com"]}}, 1),
    ],
)
def test_t4_the_pattern_of_a_rule_decides(
    world: Cks, pattern: dict[str, Any], expected: int
) -> None:
    make_rule(pattern)
    client("kms").create_key()
    assert len(received()) == expected


def test_t4_another_region_and_another_bus_see_nothing(world: Cks) -> None:
    client("events").create_event_bus(Name="bus")
    client("events").put_rule(Name="rule", EventBusName="bus", EventPattern=json.dumps(API_CALLS))
    client("events").put_targets(
        Rule="rule", EventBusName="bus", Targets=[{"Id": "1", "Arn": QUEUE_ARN}]
    )
    client("events").put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    client("events").put_targets(Rule="hourly", Targets=[{"Id": "1", "Arn": QUEUE_ARN}])
    client("kms").create_key()
    make_rule(API_CALLS)
    client("kms", OTHER_REGION).create_key()
    assert received() == []


def test_t4_a_rule_writes_to_a_log_group(world: Cks) -> None:
    client("logs").create_log_group(logGroupName="events")
    make_rule(API_CALLS, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:events")
    client("kms").create_key()
    (entry,) = client("logs").filter_log_events(logGroupName="events")["events"]
    assert json.loads(entry["message"])["detail"]["eventName"] == "CreateKey"


def subscribed_topic() -> str:
    """The ARN of a topic that the queue is subscribed to, without the envelope of SNS."""
    arn: str = client("sns").create_topic(Name="topic")["TopicArn"]
    client("sns").subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=QUEUE_ARN,
        Attributes={"RawMessageDelivery": "true"},
    )
    return arn


def test_t4_a_rule_publishes_to_a_topic(world: Cks) -> None:
    make_rule(API_CALLS, subscribed_topic())
    client("kms").create_key()
    (event,) = received()
    assert event["account"] == ACCOUNT
    assert event["time"] == "2026-03-04T12:00:00Z"
    assert event["detail"]["eventName"] == "CreateKey"
    assert "ingestion-time" not in event


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"Input": '{"fixed": 1}'}, {"fixed": 1}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"call": "$.detail.eventName", "when": "$.time"},
                    "InputTemplate": '{"call": "<call>", "when": "<when>"}',
                }
            },
            {"call": "CreateKey", "when": "2026-03-04T12:00:00Z"},
        ),
    ],
)
def test_t4_a_topic_is_given_the_target_s_input(
    world: Cks, how: dict[str, Any], expected: dict[str, Any]
) -> None:
    make_rule(API_CALLS)
    client("events").put_targets(
        Rule="rule", Targets=[{"Id": "0", "Arn": subscribed_topic(), **how}]
    )
    client("kms").create_key()
    assert received() == [expected]


def test_t4_a_target_that_fails_is_warned_of_and_the_next_starts(world: Cks) -> None:
    absent = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:absent"
    unknown = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/absent"
    make_rule(API_CALLS, absent, unknown, QUEUE_ARN)
    with pytest.warns(UserWarning, match="could not start") as warned:
        client("kms").create_key()
    assert [absent in str(warned[0].message), unknown in str(warned[1].message)] == [True, True]
    assert names() == ["CreateKey"]


def delete_key(world: Cks) -> str:
    key_id: str = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert received() == []
    world.clock.advance(days=8)
    return key_id


def test_t4_a_rule_on_delete_key_sees_the_deletion(world: Cks) -> None:
    make_rule({"source": ["aws.kms"], "detail": {"eventName": ["DeleteKey"]}})
    delete_key(world)
    (event,) = received()
    assert event["detail-type"] == "AWS Service Event via CloudTrail"
    assert event["detail"]["eventType"] == "AwsServiceEvent"
    assert event["time"] == "2026-03-11T12:00:00Z"


def test_t5_a_rule_for_kms_cmk_deletion_sees_the_deletion(world: Cks) -> None:
    make_rule(DELETIONS)
    key_id = delete_key(world)
    (event,) = received()
    assert event["source"] == "aws.kms"
    assert event["detail-type"] == "KMS CMK Deletion"
    assert event["detail"] == {"key-id": key_id}
    assert event["resources"] == [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}"]
    assert event["time"] == "2026-03-11T12:00:00Z"


def test_t5_a_rule_for_both_sees_both(world: Cks) -> None:
    make_rule({"source": ["aws.kms"], "detail-type": [{"anything-but": API_CALLS["detail-type"]}]})
    delete_key(world)
    kinds = [event["detail-type"] for event in received()]
    assert kinds == ["AWS Service Event via CloudTrail", "KMS CMK Deletion"]


def test_t5_a_deletion_that_is_cancelled_is_no_deletion(world: Cks) -> None:
    make_rule(DELETIONS)
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    client("kms").cancel_key_deletion(KeyId=key_id)
    world.clock.advance(days=8)
    assert received() == []

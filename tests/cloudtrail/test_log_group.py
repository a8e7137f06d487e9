"""Events in CloudWatch Logs, of trails with a log group (row T7)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cks import Cks, mock_cks
from tests.aws import OTHER_REGION, client
from tests.moments import NOON

ACCOUNT = "123456789012"
GROUP_ARN = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail:*"
STREAM = f"{ACCOUNT}_CloudTrail_us-east-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/CloudTrail_CloudWatchLogs_Role"


@pytest.fixture
def world() -> Iterator[Cks]:
    with freeze_time(NOON), mock_cks() as cks:
        client("s3").create_bucket(Bucket="audit-logs")
        client("logs").create_log_group(logGroupName="trail")
        yield cks


def make_trail(name: str = "trail", **parameters: Any) -> None:
    logs = {"CloudWatchLogsLogGroupArn": GROUP_ARN, "CloudWatchLogsRoleArn": ROLE_ARN}
    cloudtrail = client("cloudtrail")
    cloudtrail.create_trail(**{"Name": name, "S3BucketName": "audit-logs"} | logs | parameters)
    cloudtrail.start_logging(Name=name)


def logged(stream: str = STREAM) -> list[dict[str, Any]]:
    """The entries of a log stream, oldest first."""
    answer = client("logs").get_log_events(
        logGroupName="trail", logStreamName=stream, startFromHead=True
    )
    entries: list[dict[str, Any]] = answer["events"]
    return entries


def names(stream: str = STREAM) -> list[str]:
    """The KMS events in a log stream."""
    records = [json.loads(entry["message"]) for entry in logged(stream)]
    return [one["eventName"] for one in records if one["eventSource"] == "kms.amazonaws.com"]


def streams() -> list[str]:
    found = client("logs").describe_log_streams(logGroupName="trail")["logStreams"]
    return [stream["logStreamName"] for stream in found]


def status() -> dict[str, Any]:
    answer: dict[str, Any] = client("cloudtrail").get_trail_status(Name="trail")
    return answer


def test_t7_events_are_records_in_the_log_stream_of_their_region(world: Cks) -> None:
    make_trail()
    key = client("kms").create_key()["KeyMetadata"]
    client("kms").list_keys()
    assert streams() == []
    world.clock.advance(minutes=5)
    assert streams() == [STREAM]
    assert names() == ["CreateKey", "ListKeys"]
    (record,) = [
        json.loads(entry["message"]) for entry in logged() if '"CreateKey"' in entry["message"]
    ]
    (event,) = world.trail.events(event_name="CreateKey")
    assert record == event
    assert record["resources"][0]["ARN"] == key["Arn"]


def test_t7_an_entry_has_the_time_of_its_event_also_where_the_clock_was_advanced(
    world: Cks,
) -> None:
    make_trail()
    world.clock.advance(days=400)
    client("kms").list_keys()
    world.clock.advance(minutes=5)
    (entry,) = [entry for entry in logged() if '"ListKeys"' in entry["message"]]
    assert entry["timestamp"] == int((NOON + timedelta(days=400)).timestamp() * 1000)


def test_t7_each_region_of_a_multi_region_trail_has_its_stream(world: Cks) -> None:
    make_trail(IsMultiRegionTrail=True)
    client("kms").list_keys()
    client("kms", OTHER_REGION).list_aliases()
    world.trail.deliver()
    there = f"{ACCOUNT}_CloudTrail_{OTHER_REGION}"
    assert (names(), names(there)) == (["ListKeys"], ["ListAliases"])


def test_t7_events_are_delivered_once(world: Cks) -> None:
    make_trail()
    for _ in range(3):
        client("kms").list_keys()
        world.trail.deliver()
    world.clock.advance(hours=1)
    assert names() == ["ListKeys"] * 3


def test_t7_subscription_filters_are_sent_them(world: Cks) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="events", ShardCount=1)
    stream = kinesis.describe_stream(StreamName="events")["StreamDescription"]
    client("logs").put_subscription_filter(
        logGroupName="trail",
        filterName="all",
        filterPattern="",
        destinationArn=stream["StreamARN"],
        roleArn=ROLE_ARN,
    )
    make_trail()
    client("kms").list_keys()
    world.trail.deliver()
    iterator = kinesis.get_shard_iterator(
        StreamName="events",
        ShardId=stream["Shards"][0]["ShardId"],
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    (sent,) = kinesis.get_records(ShardIterator=iterator)["Records"]
    data = json.loads(gzip.decompress(sent["Data"]))
    assert (data["logGroup"], data["logStream"]) == ("trail", STREAM)
    assert any('"ListKeys"' in entry["message"] for entry in data["logEvents"])


def test_t7_filter_log_events_finds_them(world: Cks) -> None:
    make_trail()
    client("kms").list_keys()
    client("kms").list_aliases()
    world.trail.deliver()
    found = client("logs").filter_log_events(logGroupName="trail", filterPattern="ListAliases")
    assert len(found["events"]) == 1


def test_t7_the_status_of_the_trail_says_when(world: Cks) -> None:
    make_trail()
    client("kms").list_keys()
    world.clock.advance(minutes=5)
    assert status()["LatestCloudWatchLogsDeliveryTime"] == NOON + timedelta(minutes=5)
    assert "LatestCloudWatchLogsDeliveryError" not in status()


def test_t7_what_cannot_be_delivered_is_tried_again_and_said(world: Cks) -> None:
    make_trail()
    client("logs").delete_log_group(logGroupName="trail")
    client("kms").list_keys()
    world.trail.deliver()
    assert status()["LatestCloudWatchLogsDeliveryError"] == "ResourceNotFoundException"
    assert "LatestDeliveryError" not in status()
    client("logs").create_log_group(logGroupName="trail")
    world.clock.advance(minutes=5)
    assert names() == ["ListKeys"]
    assert "LatestCloudWatchLogsDeliveryError" not in status()


@pytest.mark.parametrize(
    "arn",
    [
        "trail",
        "arn:aws:logs:us-east-1",
        f"arn:aws:logs:nowhere-1:{ACCOUNT}:log-group:trail:*",
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:another:*",
        f"arn:aws:sns:us-east-1:{ACCOUNT}:log-group:trail:*",
    ],
)
def test_t7_what_is_no_log_group_gets_nothing(world: Cks, arn: str) -> None:
    make_trail(CloudWatchLogsLogGroupArn=arn)
    client("kms").list_keys()
    world.trail.deliver()
    assert status()["LatestCloudWatchLogsDeliveryError"] == "ResourceNotFoundException"
    assert "LatestDeliveryError" not in status()
    assert streams() == []


def test_t7_a_bucket_that_is_gone_is_not_in_the_way(world: Cks) -> None:
    make_trail()
    client("s3").delete_bucket(Bucket="audit-logs")
    client("kms").list_keys()
    world.trail.deliver()
    world.trail.deliver()
    assert names() == ["ListKeys"]
    assert status()["LatestDeliveryError"] == "NoSuchBucket"


def test_t7_a_trail_that_has_no_log_group_any_more_logs_nothing(world: Cks) -> None:
    make_trail()
    client("kms").list_keys()
    client("cloudtrail").update_trail(
        Name="trail", CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn=""
    )
    world.trail.deliver()
    assert streams() == []


def test_t7_a_key_that_the_log_group_cannot_use_is_in_the_way(world: Cks) -> None:
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("logs").delete_log_group(logGroupName="trail")
    client("logs").create_log_group(logGroupName="trail", kmsKeyId=key_id)
    make_trail()
    client("kms").disable_key(KeyId=key_id)
    world.trail.deliver()
    assert status()["LatestCloudWatchLogsDeliveryError"] == "AccessDeniedException"
    client("kms").enable_key(KeyId=key_id)
    world.trail.deliver()
    assert "DisableKey" in names()


def test_t3_a_key_that_the_bucket_cannot_use_is_in_the_way_of_log_files(world: Cks) -> None:
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    make_trail(KmsKeyId=key_id)
    client("kms").disable_key(KeyId=key_id)
    world.trail.deliver()
    assert status()["LatestDeliveryError"] == "KMS.DisabledException"
    client("kms").enable_key(KeyId=key_id)
    world.clock.advance(minutes=5)
    assert "LatestDeliveryError" not in status()
    assert "DisableKey" in names()

"""Row O3: the DeleteKey event, which all ways to see it show alike."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import REGION, client

ACCOUNT = "123456789012"
BUCKET = "audit-logs"

EXAMPLE = {
    "eventVersion": "1.11",
    "userIdentity": {"accountId": ACCOUNT, "invokedBy": "AWS Internal"},
    "eventSource": "kms.amazonaws.com",
    "eventName": "DeleteKey",
    "awsRegion": REGION,
    "sourceIPAddress": "AWS Internal",
    "userAgent": "AWS Internal",
    "requestParameters": None,
    "readOnly": False,
    "eventType": "AwsServiceEvent",
    "recipientAccountId": ACCOUNT,
    "managementEvent": True,
    "eventCategory": "Management",
}
"""The record of "How to delete orphaned key material", apart from what differs each time. It is of
2021; today's have a later version, and the key ARN in their responseElements."""


def delete(world: Any, kms: Any, key_id: str) -> str:
    arn = str(kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"])
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=7)
    return arn


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE"])
def test_o3_y3_y4_the_record_is_that_of_the_guide(
    world: Any, kms: Any, store: KeyStore, status: str
) -> None:
    key_id = store.create_key()
    (material,) = store.cluster.hsms[0].keys
    if status == "FAILURE":
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    arn = delete(world, kms, key_id)

    (record,) = world.trail.events(event_name="DeleteKey")
    data = record.pop("additionalEventData")
    (deletion,) = json.loads(data.pop("backingKeysDeletionStatus"))
    (backing_key,) = json.loads(data.pop("backingKeys"))
    assert data == {"customKeyStoreId": store.id, "clusterId": store.cluster.id}
    assert backing_key == {"keyHandle": str(material.handle), "backingKeyId": material.key_id}
    assert deletion == {**backing_key, "deletionStatus": status}
    assert record.pop("resources") == [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn}]
    assert record.pop("eventTime") == world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", record.pop("eventID"))
    assert record.pop("responseElements") == {"keyId": arn}
    assert record == EXAMPLE


def test_o3_the_json_inside_is_written_as_in_the_guide(
    world: Any, kms: Any, store: KeyStore
) -> None:
    delete(world, kms, store.create_key())
    (record,) = world.trail.events(event_name="DeleteKey")
    status = record["additionalEventData"]["backingKeysDeletionStatus"]
    assert re.fullmatch(
        r'\[\{"keyHandle":"\d+","backingKeyId":"[0-9a-f]{64}","deletionStatus":"SUCCESS"\}\]',
        status,
    )


def test_o3_an_ordinary_key_has_no_key_store(world: Any, kms: Any) -> None:
    delete(world, kms, kms.create_key()["KeyMetadata"]["KeyId"])
    (record,) = world.trail.events(event_name="DeleteKey")
    assert "additionalEventData" not in record


def watch() -> str:
    """A trail to a bucket, and a rule to a queue; returns the queue's URL."""
    client("s3").create_bucket(Bucket=BUCKET)
    cloudtrail = client("cloudtrail")
    cloudtrail.create_trail(Name="trail", S3BucketName=BUCKET)
    cloudtrail.start_logging(Name="trail")
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="deleted")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events = client("events")
    events.put_rule(
        Name="deleted", EventPattern=json.dumps({"detail": {"eventName": ["DeleteKey"]}})
    )
    events.put_targets(Rule="deleted", Targets=[{"Id": "q", "Arn": attributes["QueueArn"]}])
    return str(url)


def in_history() -> list[dict[str, Any]]:
    cloudtrail = client("cloudtrail")
    attribute = {"AttributeKey": "EventName", "AttributeValue": "DeleteKey"}
    found = cloudtrail.lookup_events(LookupAttributes=[attribute])["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def in_bucket() -> list[dict[str, Any]]:
    s3 = client("s3")
    records = []
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        body = s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
        records += json.loads(gzip.decompress(body))["Records"]
    return [record for record in records if record["eventName"] == "DeleteKey"]


def in_queue(url: str) -> list[dict[str, Any]]:
    sqs = client("sqs")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["detail"] for message in messages]


@pytest.mark.parametrize("connected", [True, False])
def test_o3_history_bucket_and_queue_show_the_same_record(
    world: Any, kms: Any, store: KeyStore, connected: bool
) -> None:
    url = watch()
    key_id = store.create_key()
    if not connected:
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    delete(world, kms, key_id)
    world.trail.deliver()
    (record,) = in_history()
    assert in_bucket() == [record]
    assert in_queue(url) == [record]
    assert ("SUCCESS" if connected else "FAILURE") in str(record["additionalEventData"])

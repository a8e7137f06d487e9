"""Log files and digest files in the trail's bucket, and its SNS topic (T3)."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from freezegun import freeze_time
from moto import mock_aws
from moto.cloudtrail.models import TrailStatus, cloudtrail_backends

from moto_cks import Cks, mock_cks
from moto_cks.cloudtrail import delivery, digests
from tests.aws import OTHER_REGION, REGION, client

ACCOUNT = "123456789012"
NOON = datetime(2026, 3, 4, 12, 1, 30, tzinfo=timezone.utc)


@pytest.fixture
def world() -> Iterator[Cks]:
    with freeze_time(NOON), mock_cks() as cks:
        client("s3").create_bucket(Bucket="audit-logs")
        yield cks


def make_trail(name: str = "trail", *, logging: bool = True, **parameters: Any) -> None:
    cloudtrail = client("cloudtrail")
    cloudtrail.create_trail(**{"Name": name, "S3BucketName": "audit-logs"} | parameters)
    if logging:
        cloudtrail.start_logging(Name=name)


def keys(folder: str = "CloudTrail", bucket: str = "audit-logs") -> list[str]:
    """The keys of the objects in a folder of an account, oldest first."""
    listed = client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return [entry["Key"] for entry in listed if f"/{folder}/" in entry["Key"]]


def content(key: str) -> dict[str, Any]:
    body = client("s3").get_object(Bucket="audit-logs", Key=key)["Body"].read()
    read: dict[str, Any] = json.loads(gzip.decompress(body))
    return read


def records() -> list[dict[str, Any]]:
    """The records of KMS and CloudHSM in all log files."""
    sources = {"kms.amazonaws.com", "cloudhsm.amazonaws.com"}
    found = [record for key in keys() for record in content(key)["Records"]]
    return [record for record in found if record["eventSource"] in sources]


def names() -> list[str]:
    """The names of the KMS and CloudHSM events in all log files."""
    return [record["eventName"] for record in records()]


def status(name: str = "trail") -> dict[str, Any]:
    answer: dict[str, Any] = client("cloudtrail").get_trail_status(Name=name)
    return answer


# Log files ---------------------------------------------------------------------------------------


def test_t3_a_log_file_is_compressed_json_under_the_documented_key(world: Cks) -> None:
    make_trail(S3KeyPrefix="audit")
    client("kms").create_key(Description="one")
    client("kms").list_keys()
    world.clock.advance(minutes=5)
    (key,) = keys()
    assert re.fullmatch(
        r"audit/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/04/"
        r"123456789012_CloudTrail_us-east-1_20260304T1205Z_[A-Za-z0-9]{16}\.json\.gz",
        key,
    )
    stored = client("s3").get_object(Bucket="audit-logs", Key=key)
    assert stored["ContentType"] == "application/json"
    assert stored["ContentEncoding"] == "gzip"
    assert names() == ["CreateKey", "ListKeys"]
    created = records()[0]
    assert created["eventSource"] == "kms.amazonaws.com"
    assert created["awsRegion"] == REGION
    assert created["eventTime"] == "2026-03-04T12:01:30Z"


def test_t3_events_are_delivered_every_five_minutes(world: Cks) -> None:
    make_trail()
    client("kms").create_key()
    world.clock.advance(minutes=3, seconds=29)
    assert keys() == []
    world.clock.advance(seconds=1)
    assert names() == ["CreateKey"]
    client("kms").list_keys()
    world.clock.advance(minutes=5)
    assert names() == ["CreateKey", "ListKeys"]
    delivered = len(keys())
    world.clock.advance(minutes=30)
    assert len(keys()) == delivered


def test_t3_events_can_be_delivered_at_once(world: Cks) -> None:
    make_trail()
    client("kms").create_key()
    delivery.deliver_now()
    assert names() == ["CreateKey"]
    delivered = len(keys())
    world.clock.advance(minutes=10)
    delivery.deliver_now()
    assert len(keys()) == delivered


def test_t3_only_what_happens_while_the_trail_is_logging_is_delivered(world: Cks) -> None:
    make_trail(logging=False)
    client("kms").create_key()
    client("cloudtrail").start_logging(Name="trail")
    client("kms").list_keys()
    client("cloudtrail").stop_logging(Name="trail")
    client("kms").list_aliases()
    world.clock.advance(minutes=5)
    assert names() == ["ListKeys"]


def test_t3_a_deleted_trail_gets_nothing(world: Cks) -> None:
    make_trail()
    client("kms").create_key()
    client("cloudtrail").delete_trail(Name="trail")
    world.clock.advance(minutes=5)
    assert keys() == []


@pytest.mark.parametrize(("multi_region", "expected"), [(False, 0), (True, 1)])
def test_t3_a_trail_of_many_regions_has_a_log_file_for_each(
    world: Cks, multi_region: bool, expected: int
) -> None:
    make_trail(IsMultiRegionTrail=multi_region)
    client("kms", OTHER_REGION).create_key()
    delivery.deliver_now()
    assert len(keys()) >= expected
    elsewhere = [key for key in keys() if f"/CloudTrail/{OTHER_REGION}/2026/" in key]
    assert len(elsewhere) == expected
    assert names() == ["CreateKey"] * expected


def test_t3_every_trail_has_its_own_log_file(world: Cks) -> None:
    make_trail("one", S3KeyPrefix="one")
    make_trail("two", S3KeyPrefix="two")
    client("kms").create_key()
    delivery.deliver_now()
    assert {key.partition("/")[0] for key in keys()} == {"one", "two"}
    assert names() == ["CreateKey", "CreateKey"]


def test_t3_a_log_file_is_encrypted_under_the_trail_s_key(world: Cks) -> None:
    key_id = client("kms").create_key()["KeyMetadata"]["Arn"]
    make_trail(KmsKeyId=key_id)
    client("kms").list_keys()
    delivery.deliver_now()
    stored = client("s3").head_object(Bucket="audit-logs", Key=keys()[0])
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", key_id)


# Selectors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, ["CreateKey", "ListKeys", "DescribeClusters"]),
        ({"ReadWriteType": "All"}, ["CreateKey", "ListKeys", "DescribeClusters"]),
        ({"ReadWriteType": "WriteOnly"}, ["CreateKey"]),
        ({"ReadWriteType": "ReadOnly"}, ["ListKeys", "DescribeClusters"]),
        ({"IncludeManagementEvents": False}, []),
        ({"ExcludeManagementEventSources": ["kms.amazonaws.com"]}, ["DescribeClusters"]),
    ],
)
def test_t3_event_selectors(world: Cks, selector: dict[str, Any], expected: list[str]) -> None:
    make_trail()
    client("cloudtrail").put_event_selectors(TrailName="trail", EventSelectors=[selector])
    call_one_of_each()
    assert names() == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], ["CreateKey", "ListKeys", "DescribeClusters"]),
        ([{"Field": "readOnly", "Equals": ["true"]}], ["ListKeys", "DescribeClusters"]),
        (
            [{"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}],
            ["DescribeClusters"],
        ),
        ([{"Field": "eventName", "StartsWith": ["Create", "List"]}], ["CreateKey", "ListKeys"]),
        ([{"Field": "eventName", "NotEndsWith": ["Keys"]}], ["CreateKey", "DescribeClusters"]),
        ([{"Field": "eventType", "Equals": ["AwsServiceEvent"]}], []),
        ([{"Field": "recipientAccountId", "Equals": ["1"]}], []),
        ([{"Field": "no.such.field", "Equals": ["1"]}], []),
    ],
)
def test_t3_advanced_event_selectors(
    world: Cks, fields: list[dict[str, Any]], expected: list[str]
) -> None:
    make_trail()
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    client("cloudtrail").put_event_selectors(
        TrailName="trail", AdvancedEventSelectors=[{"FieldSelectors": [management, *fields]}]
    )
    call_one_of_each()
    assert names() == expected


def call_one_of_each() -> None:
    client("kms").create_key()
    client("kms").list_keys()
    client("cloudhsmv2").describe_clusters()
    delivery.deliver_now()


# The status of the trail -------------------------------------------------------------------------


def test_t3_the_status_says_when_log_files_were_delivered(world: Cks) -> None:
    make_trail()
    client("kms").create_key()
    world.clock.advance(hours=1)
    client("kms").list_keys()  # pending
    answer = status()
    assert answer["IsLogging"]
    assert answer["LatestDeliveryTime"] == datetime(2026, 3, 4, 12, 5, tzinfo=timezone.utc)
    assert answer["LatestDeliveryAttemptTime"] == "2026-03-04T12:05:00Z"
    assert answer["LatestDeliveryAttemptSucceeded"] == "2026-03-04T12:05:00Z"
    assert "LatestDeliveryError" not in answer


def test_t3_a_bucket_that_is_gone_is_tried_again(world: Cks) -> None:
    make_trail()
    client("s3").delete_bucket(Bucket="audit-logs")
    client("kms").create_key()
    world.clock.advance(minutes=5)
    answer = status()
    assert answer["LatestDeliveryError"] == "NoSuchBucket"
    assert answer["LatestDeliveryAttemptTime"] == "2026-03-04T12:05:00Z"
    assert "LatestDeliveryTime" not in answer
    client("s3").create_bucket(Bucket="audit-logs")
    client("kms").list_keys()
    world.clock.advance(minutes=5)
    assert names() == ["CreateKey", "ListKeys"]
    assert "LatestDeliveryError" not in status()
    assert status()["LatestDeliveryAttemptSucceeded"] == "2026-03-04T12:10:00Z"


def test_t3_a_bucket_that_is_gone_is_tried_for_thirty_days(world: Cks) -> None:
    make_trail()
    client("s3").delete_bucket(Bucket="audit-logs")
    client("kms").create_key()
    world.clock.advance(days=30, minutes=5)
    client("s3").create_bucket(Bucket="audit-logs")
    world.clock.advance(minutes=10)
    assert "CreateKey" not in names()


def test_t3_what_is_thirty_days_old_is_not_tried_again_and_what_is_younger_is(world: Cks) -> None:
    make_trail()
    client("s3").delete_bucket(Bucket="audit-logs")
    full = datetime(2026, 3, 4, 12, 5, tzinfo=timezone.utc)
    world.clock.advance_to(full)
    client("kms").create_key()
    world.clock.advance(seconds=1)
    client("kms").list_keys()
    world.clock.advance_to(full + timedelta(days=30))  # a delivery, at which the first is as old
    client("s3").create_bucket(Bucket="audit-logs")
    world.clock.advance(minutes=5)
    assert names() == ["ListKeys"]


def test_t3_outside_the_mock_a_trail_is_moto_s_own() -> None:
    with mock_aws():
        with mock_cks():
            client("s3").create_bucket(Bucket="audit-logs")
            make_trail()
            client("kms").create_key()
            delivery.deliver_now()
        trail = cloudtrail_backends[ACCOUNT][REGION].trails["trail"]
        assert type(trail.status) is TrailStatus
        assert status()["IsLogging"]
        with mock_cks() as cks:
            client("kms").list_keys()
            cks.clock.advance(minutes=5)
            assert names() == ["CreateKey", "ListKeys"]


# The topic ---------------------------------------------------------------------------------------


def make_topic() -> tuple[str, str]:
    """A topic and the URL of a queue that is subscribed to it."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    topic_arn = client("sns").create_topic(Name="topic")["TopicArn"]
    client("sns").subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn["Attributes"]["QueueArn"]
    )
    return topic_arn, url


def test_t3_the_topic_is_told(world: Cks) -> None:
    _, url = make_topic()
    make_trail(SnsTopicName="topic")
    client("kms").create_key()
    world.clock.advance(minutes=5)
    (message,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    told = json.loads(json.loads(message["Body"])["Message"])
    assert told == {"s3Bucket": "audit-logs", "s3ObjectKey": keys()}
    noted = datetime(2026, 3, 4, 12, 5, tzinfo=timezone.utc)
    assert status()["LatestNotificationTime"] == noted
    assert status()["LatestNotificationAttemptSucceeded"] == "2026-03-04T12:05:00Z"


def test_t3_a_topic_that_is_gone_shows_in_the_status(world: Cks) -> None:
    topic_arn, _ = make_topic()
    make_trail(SnsTopicName="topic")
    client("sns").delete_topic(TopicArn=topic_arn)
    client("kms").create_key()
    delivery.deliver_now()
    assert names() == ["CreateKey"]
    assert status()["LatestNotificationError"] == "NotFound"


# Digest files ------------------------------------------------------------------------------------


def check_signature(key: str) -> dict[str, Any]:
    """Check the signature of a digest file, as the CloudTrail User Guide says how."""
    stored = client("s3").get_object(Bucket="audit-logs", Key=key)
    raw = gzip.decompress(stored["Body"].read())
    digest: dict[str, Any] = json.loads(raw)
    assert stored["Metadata"]["signature-algorithm"] == "SHA256withRSA"
    signed = "\n".join(
        [
            digest["digestEndTime"],
            f"{digest['digestS3Bucket']}/{digest['digestS3Object']}",
            hashlib.sha256(raw).hexdigest(),
            digest["previousDigestSignature"] or "null",
        ]
    )
    end = datetime.fromisoformat(digest["digestEndTime"].replace("Z", "+00:00"))
    (entry,) = client("cloudtrail").list_public_keys(StartTime=end, EndTime=end)["PublicKeyList"]
    assert entry["Fingerprint"] == digest["digestPublicKeyFingerprint"]
    public_key = load_der_public_key(entry["Value"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    signature = bytes.fromhex(stored["Metadata"]["signature"])
    public_key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return digest


def test_t3_a_digest_file_names_the_log_files_of_the_hour(world: Cks) -> None:
    make_trail(EnableLogFileValidation=True)
    client("kms").create_key()
    world.clock.advance(hours=1)
    (key,) = keys("CloudTrail-Digest")
    assert key == (
        "AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2026/03/04/"
        "123456789012_CloudTrail-Digest_us-east-1_trail_us-east-1_20260304T130130Z.json.gz"
    )
    digest = check_signature(key)
    (log_key,) = keys()
    log = gzip.decompress(client("s3").get_object(Bucket="audit-logs", Key=log_key)["Body"].read())
    times = {"newestEventTime": "2026-03-04T12:01:30Z", "oldestEventTime": "2026-03-04T12:01:30Z"}
    assert digest == {
        "awsAccountId": ACCOUNT,
        "digestStartTime": "2026-03-04T12:01:30Z",
        "digestEndTime": "2026-03-04T13:01:30Z",
        "digestS3Bucket": "audit-logs",
        "digestS3Object": key,
        "digestPublicKeyFingerprint": digests.fingerprint(REGION),
        "digestSignatureAlgorithm": "SHA256withRSA",
        **times,
        "previousDigestS3Bucket": None,
        "previousDigestS3Object": None,
        "previousDigestHashValue": None,
        "previousDigestHashAlgorithm": None,
        "previousDigestSignature": None,
        "logFiles": [
            {
                "s3Bucket": "audit-logs",
                "s3Object": log_key,
                "hashValue": hashlib.sha256(log).hexdigest(),
                "hashAlgorithm": "SHA-256",
                **times,
            }
        ],
    }
    assert status()["LatestDigestDeliveryTime"] == NOON + timedelta(hours=1)


def test_t3_each_region_has_its_public_key(world: Cks) -> None:
    here, elsewhere = (
        client("cloudtrail", region).list_public_keys()["PublicKeyList"]
        for region in (REGION, "eu-west-1")
    )
    assert len(here) == len(elsewhere) == 1
    assert here[0]["Fingerprint"] != elsewhere[0]["Fingerprint"]
    before_cloudtrail = datetime(2012, 1, 1, tzinfo=timezone.utc)
    cloudtrail = client("cloudtrail")
    answer = cloudtrail.list_public_keys(StartTime=before_cloudtrail, EndTime=before_cloudtrail)
    assert answer["PublicKeyList"] == []
    with pytest.raises(cloudtrail.exceptions.InvalidTimeRangeException):
        cloudtrail.list_public_keys(EndTime=before_cloudtrail)
    assert world.trail.events(error_code="InvalidTimeRangeException")


def test_t3_digest_files_are_a_chain(world: Cks) -> None:
    make_trail(EnableLogFileValidation=True)
    client("kms").create_key()
    world.clock.advance(hours=3)
    first, second, third = map(check_signature, keys("CloudTrail-Digest"))
    assert (len(first["logFiles"]), second["logFiles"], third["logFiles"]) == (1, [], [])
    assert second["newestEventTime"] is None
    for earlier, later in ((first, second), (second, third)):
        assert later["digestStartTime"] == earlier["digestEndTime"]
        assert later["previousDigestS3Object"] == earlier["digestS3Object"]
        stored = client("s3").get_object(Bucket="audit-logs", Key=earlier["digestS3Object"])
        assert later["previousDigestSignature"] == stored["Metadata"]["signature"]
        raw = gzip.decompress(stored["Body"].read())
        assert later["previousDigestHashValue"] == hashlib.sha256(raw).hexdigest()


def test_t3_digest_files_end_with_the_logging_and_begin_anew(world: Cks) -> None:
    make_trail(EnableLogFileValidation=True)
    client("kms").create_key()
    client("cloudtrail").stop_logging(Name="trail")
    world.clock.advance(hours=5)
    assert len(keys("CloudTrail-Digest")) == 1
    client("cloudtrail").start_logging(Name="trail")
    client("kms").list_keys()
    world.clock.advance(hours=1)
    _, again = map(check_signature, keys("CloudTrail-Digest"))
    assert again["previousDigestS3Object"] is None
    client("cloudtrail").delete_trail(Name="trail")
    world.clock.advance(hours=5)
    assert len(keys("CloudTrail-Digest")) == 2


def test_t3_a_digest_file_that_finds_no_bucket_is_made_up_for(world: Cks) -> None:
    client("s3").create_bucket(Bucket="other")
    make_trail(EnableLogFileValidation=True, S3BucketName="other")
    client("kms").create_key()
    client("s3").delete_bucket(Bucket="other")
    world.clock.advance(hours=1)
    assert status()["LatestDigestDeliveryError"] == "NoSuchBucket"
    client("cloudtrail").update_trail(Name="trail", S3BucketName="audit-logs")
    world.clock.advance(hours=1)
    (digest,) = map(check_signature, keys("CloudTrail-Digest"))
    assert digest["digestStartTime"] == "2026-03-04T12:01:30Z"
    assert len(digest["logFiles"]) == len(keys())
    assert "LatestDigestDeliveryError" not in status()

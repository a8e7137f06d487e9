"""What services send to one another, where the recipient cannot use its key (row G13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from moto_cks import Cks, mock_cks
from moto_cks.cloudtrail.event_bus import MissingTrailWarning
from tests.aws import client, error_of


@pytest.fixture
def world() -> Iterator[Cks]:
    with mock_cks() as cks:
        yield cks


class Queue:
    """A queue with a key, to which something is sent."""

    def __init__(self) -> None:
        self.key_id: str = client("kms").create_key()["KeyMetadata"]["KeyId"]
        attributes = {"KmsMasterKeyId": self.key_id}
        made = client("sqs").create_queue(QueueName="queue", Attributes=attributes)
        self.url: str = made["QueueUrl"]
        self.arn = "arn:aws:sqs:us-east-1:123456789012:queue"

    def receive(self) -> list[Any]:
        answer = client("sqs").receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        messages: list[Any] = answer.get("Messages", [])
        return messages

    def without_key(self, send: Any) -> None:
        """Have something sent while the key is disabled, and see that it is lost."""
        client("kms").disable_key(KeyId=self.key_id)
        send()
        client("kms").enable_key(KeyId=self.key_id)
        assert self.receive() == []
        send()
        assert self.receive() != []


def test_g13_a_topic_s_publisher_does_not_hear_of_a_subscriber_s_key(world: Cks) -> None:
    queue, sns = Queue(), client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    queue.without_key(lambda: sns.publish(TopicArn=topic, Message="x"))


def test_g13_nor_does_who_puts_events(world: Cks) -> None:
    queue, events = Queue(), client("events")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["app"]}))
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": queue.arn}])
    entry = {"Source": "app", "DetailType": "x", "Detail": "{}"}
    queue.without_key(lambda: events.put_events(Entries=[entry]))


@pytest.mark.filterwarnings("ignore", category=MissingTrailWarning)
def test_g13_nor_does_who_calls_kms(world: Cks) -> None:
    queue, events, kms = Queue(), client("events"), client("kms")
    pattern = {"source": ["aws.kms"], "detail": {"eventName": ["CreateKey"]}}
    events.put_rule(Name="rule", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": queue.arn}])
    queue.without_key(kms.create_key)


def test_g13_nor_does_who_puts_objects_into_a_bucket_that_notifies(world: Cks) -> None:
    queue, s3 = Queue(), client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_notification_configuration(
        Bucket="bucket",
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    queue.receive()  # moto tells the queue that it will be told
    queue.without_key(lambda: s3.put_object(Bucket="bucket", Key="key", Body=b"x"))


def test_g13_who_sends_to_the_queue_hears_of_it(world: Cks) -> None:
    queue = Queue()
    client("kms").disable_key(KeyId=queue.key_id)
    send = client("sqs").send_message
    assert error_of(send, QueueUrl=queue.url, MessageBody="x")[0] == "KmsDisabled"


def test_g13_a_trail_says_that_its_topic_could_not_be_told(world: Cks) -> None:
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("s3").create_bucket(Bucket="audit-logs")
    attributes = {"KmsMasterKeyId": key_id}
    client("sns").create_topic(Name="topic", Attributes=attributes)
    cloudtrail = client("cloudtrail")
    cloudtrail.create_trail(Name="trail", S3BucketName="audit-logs", SnsTopicName="topic")
    cloudtrail.start_logging(Name="trail")
    client("kms").disable_key(KeyId=key_id)
    world.trail.deliver()
    status = cloudtrail.get_trail_status(Name="trail")
    assert status["LatestNotificationError"] == "KMSDisabled"
    assert "LatestDeliveryError" not in status

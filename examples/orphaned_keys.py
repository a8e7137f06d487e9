"""Clean up the key material that KMS leaves behind: the automation of a team, and its test.

KMS reports in a DeleteKey event whether it could delete the key material of a deleted key. A rule
on the event bus puts the events into a queue; the worker reads it, and deletes what was left.
Run it: python examples/orphaned_keys.py
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from moto_cks import Cks, mock_cks

REGION = "us-east-1"
PATTERN = {"source": ["aws.kms"], "detail": {"eventName": ["DeleteKey"]}}


def watch_deletions() -> str:
    """A trail, a rule and its queue, as infrastructure code makes them; returns the queue's URL."""
    boto3.client("s3", region_name=REGION).create_bucket(Bucket="audit")
    cloudtrail = boto3.client("cloudtrail", region_name=REGION)
    cloudtrail.create_trail(Name="audit", S3BucketName="audit")
    cloudtrail.start_logging(Name="audit")  # EventBridge hears of calls only while a trail logs
    events, sqs = (boto3.client(name, region_name=REGION) for name in ("events", "sqs"))
    url = sqs.create_queue(QueueName="deleted-keys")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events.put_rule(Name="deleted-keys", EventPattern=json.dumps(PATTERN))
    target = {"Id": "queue", "Arn": attributes["QueueArn"]}
    events.put_targets(Rule="deleted-keys", Targets=[target])
    return str(url)


def orphans(url: str) -> list[tuple[str, int]]:
    """Cluster and key handle of what was left behind, from the events in the queue."""
    sqs = boto3.client("sqs", region_name=REGION)
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            data = json.loads(message["Body"])["detail"].get("additionalEventData", {})
            for status in json.loads(data.get("backingKeysDeletionStatus", "[]")):
                if status["deletionStatus"] == "FAILURE":
                    found.append((data["clusterId"], int(status["keyHandle"])))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def clean_up(cks: Cks, url: str) -> list[tuple[str, int]]:
    """The worker: delete the orphans as the crypto user that owns them."""
    deleted = orphans(url)
    for cluster_id, handle in deleted:
        cluster = cks.cluster(cluster_id)
        cluster.change_password("CU", "kmsuser", "tempPassword")
        with cluster.login("CU", "kmsuser", "tempPassword") as session:
            session.delete_key(handle)
    return deleted


def handles(store: Any) -> list[list[int]]:
    return [[key.handle for key in hsm.keys] for hsm in store.cluster.hsms]


with mock_cks() as cks:
    queue_url = watch_deletions()
    kms = boto3.client("kms", region_name=REGION)
    store = cks.create_key_store()
    reached, left_behind = store.create_key(), store.create_key()

    kms.schedule_key_deletion(KeyId=reached, PendingWindowInDays=7)
    cks.clock.advance(days=7)
    kms.schedule_key_deletion(KeyId=left_behind, PendingWindowInDays=7)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    cks.clock.advance(days=7)
    print("In the HSMs after both deletions:", handles(store))

    print("The worker deletes:", clean_up(cks, queue_url))
    print("In the HSMs then:", handles(store))
    if any(handles(store)):
        raise SystemExit("Key material was left behind.")

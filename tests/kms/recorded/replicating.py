"""Multi-Region keys (G8)."""

from __future__ import annotations

from typing import Any

from tests.aws import OTHER_REGION, REGION

from .rows import Json, Like, Row, Some
from .shapes import metadata
from .sources import example, guide, localstack, reference
from .steps import call, key

REPLICATED = localstack("test_replicate_key")
PRIMARY = key(MultiRegion=True, Description="test replicated key")
REPLICATE = call("ReplicateKey", KeyId="{key}", ReplicaRegion="{other_region}")
REPLICA_ARN = "arn:aws:kms:{other_region}:{account}:key/{key}"


def relatives(kind: str, primary: str = "region", replica: str = "other_region") -> dict[str, Any]:
    """MultiRegion, and its configuration, of a primary key with one replica."""

    def entry(region: str) -> dict[str, str]:
        return {
            "Arn": f"arn:aws:kms:{{{region}}}:{{account}}:key/{{key}}",
            "Region": f"{{{region}}}",
        }

    return {
        "MultiRegion": True,
        "MultiRegionConfiguration": {
            "MultiRegionKeyType": kind,
            "PrimaryKey": entry(primary),
            "ReplicaKeys": [entry(replica)],
        },
    }


DEFAULT_POLICY = {
    "Version": "2012-10-17",
    "Id": "key-default-1",
    "Statement": [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}

ROWS = (
    Row(
        "replicate",
        REPLICATED,
        (PRIMARY,),
        "ReplicateKey",
        {"KeyId": "{key}", "ReplicaRegion": "{other_region}"},
        answer={
            "ReplicaKeyMetadata": metadata(
                region="{other_region}",
                state="Creating",
                CurrentKeyMaterialId=None,
                **relatives("REPLICA"),
            ),
            "ReplicaPolicy": Json(DEFAULT_POLICY),
        },
    ),
    Row(
        "replicate-with-tags",
        example("ReplicateKey"),
        (PRIMARY,),
        "ReplicateKey",
        {
            "KeyId": "{key}",
            "ReplicaRegion": "{other_region}",
            "Tags": [{"TagKey": "Purpose", "TagValue": "Test"}],
        },
        answer=Some({"ReplicaTags": [{"TagKey": "Purpose", "TagValue": "Test"}]}),
    ),
    Row(
        "describe-primary",
        REPLICATED,
        (PRIMARY, REPLICATE),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": metadata(Description="test replicated key", **relatives("PRIMARY"))},
    ),
    Row(
        "describe-replica",
        REPLICATED,
        (PRIMARY, REPLICATE),
        "DescribeKey",
        {"KeyId": "{key}"},
        # The description of the primary key is not copied.
        answer={"KeyMetadata": metadata(region="{other_region}", **relatives("REPLICA"))},
        region=OTHER_REGION,
    ),
    Row(
        "replicate-a-replica",
        localstack("test_replicate_replica_key_should_fail"),
        (PRIMARY, REPLICATE),
        "ReplicateKey",
        {"KeyId": "{key}", "ReplicaRegion": "{other_region}"},
        error=(
            "UnsupportedOperationException",
            f"{REPLICA_ARN} is not a multi-region primary key.",
        ),
        region=OTHER_REGION,
    ),
    Row(
        "replicate-a-single-region-key",
        # Recorded of a replica; that the same is said of keys that are no multi-Region keys is
        # from the API Reference, which asks for a multi-Region primary key.
        localstack("test_replicate_replica_key_should_fail") + "; " + reference("ReplicateKey"),
        (key(),),
        "ReplicateKey",
        {"KeyId": "{key}", "ReplicaRegion": "{other_region}"},
        error=("UnsupportedOperationException", Like(".*{key_arn}.*")),
    ),
    Row(
        "decrypt-with-the-replica",
        guide("multi-region-keys-overview"),
        (
            PRIMARY,
            REPLICATE,
            call("Encrypt", keep={"blob": "CiphertextBlob"}, KeyId="{key}", Plaintext=b"text"),
        ),
        "Decrypt",
        {"CiphertextBlob": "{blob}"},
        answer=Some({"KeyId": REPLICA_ARN, "Plaintext": b"text"}),
        region=OTHER_REGION,
    ),
    Row(
        "delete-a-primary-with-replicas",
        guide("multi-region-keys-delete"),
        (PRIMARY, REPLICATE),
        "ScheduleKeyDeletion",
        {"KeyId": "{key}", "PendingWindowInDays": 7},
        answer={
            "KeyId": "{key_arn}",
            "KeyState": "PendingReplicaDeletion",
            "PendingWindowInDays": 7,
        },
    ),
    Row(
        "describe-a-primary-that-waits-for-its-replicas",
        guide("multi-region-keys-delete"),
        (
            PRIMARY,
            REPLICATE,
            call("ScheduleKeyDeletion", KeyId="{key}", PendingWindowInDays=7),
        ),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={
            "KeyMetadata": Some(
                {
                    "Enabled": False,
                    "KeyState": "PendingReplicaDeletion",
                    "PendingDeletionWindowInDays": 7,
                },
                without=("DeletionDate",),
            )
        },
    ),
    Row(
        "primary-moves",
        reference("UpdatePrimaryRegion"),
        (
            PRIMARY,
            REPLICATE,
            call("UpdatePrimaryRegion", KeyId="{key}", PrimaryRegion="{other_region}"),
        ),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": Some(relatives("PRIMARY", "other_region", "region"))},
        region=OTHER_REGION,
    ),
    Row(
        "primary-became-a-replica",
        reference("UpdatePrimaryRegion"),
        (
            PRIMARY,
            REPLICATE,
            call("UpdatePrimaryRegion", KeyId="{key}", PrimaryRegion="{other_region}"),
        ),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": Some(relatives("REPLICA", "other_region", "region"))},
        region=REGION,
    ),
)

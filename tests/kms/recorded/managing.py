"""AWS managed keys (G12), and what other services say of KMS keys (G13)."""

from __future__ import annotations

from typing import Any

from tests.aws import OTHER_REGION

from .naming import UNKNOWN
from .rows import Row, Some
from .shapes import MATERIAL_ID, metadata
from .sources import guide, localstack
from .steps import call, key, key_store

BUCKET = call("CreateBucket", service="s3", Bucket="bucket")
NO_KEY = localstack("test_s3_sse_validate_kms_key", "s3/test_s3")
STATES = localstack("test_s3_sse_validate_kms_key_state", "s3/test_s3")
KEY_ARN = "arn:aws:kms:{region}:{account}:key/"
PUT: dict[str, Any] = {
    "Bucket": "bucket",
    "Key": "object",
    "Body": b"test-sse",
    "ServerSideEncryption": "aws:kms",
}
SEALED = call("PutObject", service="s3", **PUT, SSEKMSKeyId="{key}")


def default_key(service: str) -> dict[str, Any]:
    """KeyMetadata of an AWS managed key.

    The description was recorded so in 2025 and 2026; awscli examples/kms/describe-key.rst has
    "Default KMS key that protects my S3 objects when no other key is defined".
    """
    what = {"s3": "S3 objects", "dynamodb": "DynamoDB data"}[service]
    return metadata(
        name="",
        KeyManager="AWS",
        Description=f"Default key that protects my {what} when no other key is defined",
        CurrentKeyMaterialId=MATERIAL_ID,
    )


def refused(name: str, key_id: str, message: str, *steps: Any) -> Row:
    """S3 refuses to encrypt an object."""
    return Row(
        f"s3-put-{name}",
        NO_KEY,
        (BUCKET, *steps),
        "PutObject",
        {**PUT, "SSEKMSKeyId": key_id},
        error=("KMS.NotFoundException", message),
        service="s3",
    )


def role(name: str, service: str, *steps: Any) -> Row:
    """A service-linked role of KMS, which KMS makes when there is something to do for it."""
    return Row(
        f"role-of-{service}",
        localstack(f"test_service_role_lifecycle[{service}]", "iam/test_iam"),
        steps,
        "GetRole",
        {"RoleName": name},
        answer={
            "Role": Some(
                {
                    "Arn": f"arn:aws:iam::{{account}}:role/aws-service-role/{service}/{name}",
                    "MaxSessionDuration": 3600,
                    "Path": f"/aws-service-role/{service}/",
                    "RoleName": name,
                    "AssumeRolePolicyDocument": {
                        "Statement": [
                            {
                                "Action": "sts:AssumeRole",
                                "Effect": "Allow",
                                "Principal": {"Service": service},
                            }
                        ],
                        "Version": "2012-10-17",
                    },
                }
            )
        },
        service="iam",
    )


ROWS = (
    Row(
        "managed-key-of-s3",
        localstack("test_s3_bucket_encryption_sse_kms_aws_managed_key", "s3/test_s3_api"),
        (BUCKET, call("PutObject", service="s3", **PUT)),
        "DescribeKey",
        {"KeyId": "alias/aws/s3"},
        answer={"KeyMetadata": default_key("s3")},
    ),
    Row(
        "managed-key-of-dynamodb",
        localstack(
            "test_dynamodb_create_table_with_partial_sse_specification", "dynamodb/test_dynamodb"
        ),
        (),
        "DescribeKey",
        {"KeyId": "alias/aws/dynamodb"},
        answer={"KeyMetadata": default_key("dynamodb")},
    ),
    Row(
        "aliases-of-managed-keys-name-keys-that-there-are",
        guide("alias-view"),
        (call("DescribeKey", keep={"key": "KeyMetadata.KeyId"}, KeyId="alias/aws/s3"),),
        "ListAliases",
        {"KeyId": "{key}"},
        answer=Some({"Aliases": [Some({"AliasName": "alias/aws/s3", "TargetKeyId": "{key}"})]}),
    ),
    Row(
        "rotation-status-of-a-managed-key",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html: "
        "always true",
        (call("DescribeKey", keep={"key": "KeyMetadata.KeyId"}, KeyId="alias/aws/s3"),),
        "GetKeyRotationStatus",
        {"KeyId": "{key}"},
        answer=Some({"KeyRotationEnabled": True}),
    ),
    # S3 -------------------------------------------------------------------------------------------
    refused("invalid-id", "fake-key-id", "Invalid keyId 'fake-key-id'"),
    refused("unknown-id", UNKNOWN, f"Key '{KEY_ARN}{UNKNOWN}' does not exist"),
    refused("unknown-arn", KEY_ARN + UNKNOWN, f"Key '{KEY_ARN}{UNKNOWN}' does not exist"),
    refused(
        "key-of-another-region-by-arn",
        "{key_arn}",
        "Invalid arn {other_region}",
        key(at=OTHER_REGION),
    ),
    refused(
        "key-of-another-region-by-id",
        "{key}",
        f"Key '{KEY_ARN}{{key}}' does not exist",
        key(at=OTHER_REGION),
    ),
    Row(
        "s3-multipart-invalid-id",
        NO_KEY,
        (BUCKET,),
        "CreateMultipartUpload",
        {
            "Bucket": "bucket",
            "Key": "object",
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "fake-key-id",
        },
        error=("KMS.NotFoundException", "Invalid keyId 'fake-key-id'"),
        service="s3",
    ),
    Row(
        "s3-put",
        STATES,
        (BUCKET, key()),
        "PutObject",
        {**PUT, "SSEKMSKeyId": "{key}"},
        answer=Some({"SSEKMSKeyId": "{key_arn}", "ServerSideEncryption": "aws:kms"}),
        service="s3",
    ),
    Row(
        "s3-get-disabled",
        STATES,
        (BUCKET, key(), SEALED, call("DisableKey", KeyId="{key}")),
        "GetObject",
        {"Bucket": "bucket", "Key": "object"},
        error=("KMS.DisabledException", "{key_arn} is disabled."),
        service="s3",
    ),
    Row(
        "s3-put-disabled",
        STATES,
        (BUCKET, key(), call("DisableKey", KeyId="{key}")),
        "PutObject",
        {**PUT, "SSEKMSKeyId": "{key}"},
        error=("KMS.DisabledException", "{key_arn} is disabled."),
        service="s3",
    ),
    Row(
        "s3-get-pending-deletion",
        STATES,
        (BUCKET, key(), SEALED, call("ScheduleKeyDeletion", KeyId="{key}")),
        "GetObject",
        {"Bucket": "bucket", "Key": "object"},
        error=("KMS.KMSInvalidStateException", "{key_arn} is pending deletion."),
        service="s3",
    ),
    # Others ---------------------------------------------------------------------------------------
    Row(
        "logs-describe-group",
        localstack("test_create_log_group_with_kms_key", "logs/test_logs_groups"),
        (key(), call("CreateLogGroup", service="logs", logGroupName="group", kmsKeyId="{key_arn}")),
        "DescribeLogGroups",
        {"logGroupNamePrefix": "group"},
        answer=Some({"logGroups": [Some({"kmsKeyId": "{key_arn}", "logGroupName": "group"})]}),
        service="logs",
    ),
    role(
        "AWSServiceRoleForKeyManagementServiceCustomKeyStores", "cks.kms.amazonaws.com", key_store
    ),
    role(
        "AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
        "mrk.kms.amazonaws.com",
        key(MultiRegion=True),
    ),
)

"""The rows that the package does not give yet. One that begins to pass has to be taken off."""

from __future__ import annotations

NOT_YET: frozenset[str] = frozenset(
    {
        "decrypt-with-the-first-material",
        "delete-a-primary-with-replicas",
        "delete-imported-material",
        "describe-a-primary-that-waits-for-its-replicas",
        "describe-replica",
        "describe-rotated",
        "describe-rotated-to-the-second-material",
        "describe-with-second-material-pending",
        "describe-without-material",
        "encrypt-with-the-second-material",
        "event-of-expiration",
        "event-of-rotation",
        "import",
        "import-second-material",
        "import-third-material",
        "list-automatic-rotations",
        "managed-key-of-dynamodb",
        "managed-key-of-s3",
        "primary-became-a-replica",
        "primary-moves",
        "record-of-RotateKey",
        "replicate",
        "replicate-with-tags",
        "role-of-mrk.kms.amazonaws.com",
        "rotate-on-demand",
        "rotate-to-the-second-material",
        "rotate-too-often",
        "rotate-without-second-material",
        "rotation-disabled-again",
        "rotation-every-180-days",
        "rotation-every-90-days",
        "rotation-every-year",
        "rotation-is-off-after-rotation-on-demand",
        "rotation-is-off-at-first",
        "rotation-is-off-while-pending-deletion",
        "rotation-on-demand-leaves-the-next-date",
        "rotation-status-of-a-managed-key",
        "s3-get-disabled",
        "s3-get-pending-deletion",
        "s3-multipart-invalid-id",
        "s3-put",
        "s3-put-disabled",
        "s3-put-invalid-id",
        "s3-put-key-of-another-region-by-arn",
        "s3-put-key-of-another-region-by-id",
        "s3-put-unknown-arn",
        "s3-put-unknown-id",
    }
)
"""Rows of the tables."""

EXAMPLES_NOT_YET: frozenset[str] = frozenset(
    {
        "delete-imported-key-material-1",
        "get-key-rotation-status-1",
        "import-key-material-1",
    }
)
"""Examples of the AWS CLI's pages."""

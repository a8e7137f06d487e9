"""The rows that the package does not give yet. One that begins to pass has to be taken off."""

from __future__ import annotations

NOT_YET: frozenset[str] = frozenset(
    {
        "create-grant-by-alias",
        "list-grants",
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
        "update-alias-to-another-usage",
    }
)
"""Rows of the tables."""

EXAMPLES_NOT_YET: frozenset[str] = frozenset(
    {
        "list-retirable-grants-1",
    }
)
"""Examples of the AWS CLI's pages."""

"""What the tests of CloudTrail share."""

from __future__ import annotations

from typing import Any

import boto3

REGION = "us-east-1"


def client(service: str, region: str = REGION, **credentials: str) -> Any:
    """A boto3 client; its credentials are the test's unless others are given."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", **credentials}
    return boto3.client(service, region, **keys)

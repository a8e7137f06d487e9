"""Key policies (G10, G14)."""

from __future__ import annotations

import json
from typing import Any

from .replicating import DEFAULT_POLICY
from .rows import Json, Row
from .sources import example, localstack_test, reference, reported
from .steps import call, key

LOCKED_OUT = (
    "MalformedPolicyDocumentException",
    "The new key policy will not allow you to update the key policy in the future.",
)
NO_PRINCIPAL = (
    "MalformedPolicyDocumentException",
    "Policy contains a statement with one or more invalid principals.",
)


def statement(principal: str, action: str = "kms:*") -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": action,
        "Resource": "*",
    }


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Id": "key-default-1", "Statement": list(statements)}


ROOT = "arn:aws:iam::123456789012:root"
MINE = policy(statement(ROOT), statement(ROOT, "kms:ListAliases"))
OTHER = policy(statement(ROOT), statement(ROOT, "kms:ListGrants"))
UNKNOWN = policy(statement(ROOT), statement("arn:aws:iam::123456789012:role/nobody"))
ONLY_USE = policy(statement(ROOT, "kms:Encrypt"))

ROWS = (
    Row(
        "list-policies",
        localstack_test("test_get_put_list_key_policies") + "; " + example("ListKeyPolicies"),
        (key(),),
        "ListKeyPolicies",
        {"KeyId": "{key}"},
        answer={"PolicyNames": ["default"], "Truncated": False},
    ),
    Row(
        "default-policy",
        example("GetKeyPolicy") + "; PolicyName in the answer: " + reference("GetKeyPolicy"),
        (key(),),
        "GetKeyPolicy",
        {"KeyId": "{key}", "PolicyName": "default"},
        answer={"Policy": Json(DEFAULT_POLICY), "PolicyName": "default"},
    ),
    Row(
        "policy-of-creation",
        localstack_test("test_get_put_list_key_policies"),
        (key(Policy=json.dumps(MINE)),),
        "GetKeyPolicy",
        {"KeyId": "{key}"},
        answer={"Policy": Json(MINE), "PolicyName": "default"},
    ),
    Row(
        "policy-put",
        localstack_test("test_get_put_list_key_policies"),
        (key(), call("PutKeyPolicy", KeyId="{key}", Policy=json.dumps(OTHER))),
        "GetKeyPolicy",
        {"KeyId": "{key}"},
        answer={"Policy": Json(OTHER), "PolicyName": "default"},
    ),
    Row(
        "create-with-an-unknown-principal",
        reported("awslabs/minimum-viable-dataspace-on-aws#5")
        + "; cloudposse/terraform-aws-vpc-flow-logs-s3-bucket#27",
        (),
        "CreateKey",
        {"Policy": json.dumps(UNKNOWN)},
        error=NO_PRINCIPAL,
    ),
    Row(
        "put-policy-with-an-unknown-principal",
        reported("LBHackney-IT/Data-Platform#2238"),
        (key(),),
        "PutKeyPolicy",
        {"KeyId": "{key}", "PolicyName": "default", "Policy": json.dumps(UNKNOWN)},
        error=NO_PRINCIPAL,
    ),
    Row(
        "create-with-a-policy-that-locks-out",
        reported("trussworks/terraform-aws-cloudtrail#178")
        + "; terraform-aws-modules/terraform-aws-kms#14",
        (),
        "CreateKey",
        {"Policy": json.dumps(ONLY_USE)},
        error=LOCKED_OUT,
    ),
    Row(
        "put-policy-that-locks-out",
        reported("data-dot-all/dataall#956"),
        (key(),),
        "PutKeyPolicy",
        {"KeyId": "{key}", "PolicyName": "default", "Policy": json.dumps(ONLY_USE)},
        error=LOCKED_OUT,
    ),
    Row(
        "put-policy-that-locks-out-all-the-same",
        reference("PutKeyPolicy") + ", BypassPolicyLockoutSafetyCheck",
        (
            key(),
            call(
                "PutKeyPolicy",
                KeyId="{key}",
                Policy=json.dumps(ONLY_USE),
                BypassPolicyLockoutSafetyCheck=True,
            ),
        ),
        "GetKeyPolicy",
        {"KeyId": "{key}"},
        answer={"Policy": Json(ONLY_USE), "PolicyName": "default"},
    ),
)

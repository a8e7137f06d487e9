"""Keys that CloudFormation creates (rows U8, G10)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.aws import client, error_of

from . import POLICY


def test_u8_a_key_that_cloudformation_disables_is_disabled(kms):
    template = {
        "Resources": {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}, "Enabled": False}}
        }
    }
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="keys", TemplateBody=json.dumps(template))
    (key,) = kms.list_keys()["Keys"]
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    with pytest.raises(kms.exceptions.DisabledException):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    kms.enable_key(KeyId=key["KeyId"])
    assert kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]


def stack(properties: dict[str, Any], name: str = "stack") -> dict[str, str]:
    template = {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}
    return {"StackName": name, "TemplateBody": json.dumps(template)}


def test_g10_a_stack_s_key_has_its_policy_and_tags(kms: Any) -> None:
    policy = json.loads(POLICY)
    tags = [{"Key": "a", "Value": "b"}]
    client("cloudformation").create_stack(**stack({"KeyPolicy": policy, "Tags": tags}))
    (key,) = kms.list_keys()["Keys"]
    assert json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"]) == policy
    listed = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
    assert {"TagKey": "a", "TagValue": "b"} in listed


def test_g10_what_kms_refuses_a_stack_does_not_make(kms: Any) -> None:
    nobody = json.loads(POLICY)
    nobody["Statement"][0]["Principal"] = {"AWS": "arn:aws:iam::123456789012:role/nobody"}
    refused: dict[str, dict[str, Any]] = {
        "principal": {"KeyPolicy": nobody},
        "policy": {"KeyPolicy": {"Statement": 5}},
        "tag": {"KeyPolicy": {}, "Tags": [{"Key": "aws:a", "Value": "b"}]},
    }
    for name, properties in refused.items():
        creating = client("cloudformation").create_stack
        code, message = error_of(creating, **stack(properties, name))
        assert code == "ValidationError"
        assert message.startswith(("MalformedPolicyDocumentException: ", "TagException: "))
        assert kms.list_keys()["Keys"] == []

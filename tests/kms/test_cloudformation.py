"""Keys that CloudFormation creates (rows U8, G10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto import mock_aws

from moto_cks import mock_cks
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


@pytest.mark.parametrize("with_its_key", [False, True])
def test_m2_a_stack_s_alias_that_moto_has_made_goes_with_the_stack(with_its_key: bool) -> None:
    with mock_aws():
        kms, cloudformation = client("kms"), client("cloudformation")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        alias = {"AliasName": "alias/mine", "TargetKeyId": key_id}
        template = {"Resources": {"Alias": {"Type": "AWS::KMS::Alias", "Properties": alias}}}
        cloudformation.create_stack(StackName="aliases", TemplateBody=json.dumps(template))
        with mock_cks() as world:
            assert [each["AliasName"] for each in kms.list_aliases(KeyId=key_id)["Aliases"]] == [
                "alias/mine"
            ]
            if with_its_key:
                kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
                world.clock.advance(days=7)
            cloudformation.delete_stack(StackName="aliases")
            assert error_of(kms.describe_key, KeyId="alias/mine")[0] == "NotFoundException"
            made = kms.create_key()["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName="alias/mine", TargetKeyId=made)

"""Keys that CloudFormation creates (row U8)."""

from __future__ import annotations

import json

import pytest

from tests.aws import client


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

"""The keys that AWS manages for its services (G12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moto_cks.kms.keys.managed import SERVICES
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of

S3 = "alias/aws/s3"


def described(kms: Any, name: str = S3) -> dict[str, Any]:
    metadata: dict[str, Any] = kms.describe_key(KeyId=name)["KeyMetadata"]
    return metadata


@pytest.mark.parametrize("alias", SERVICES)
def test_g12_a_key_exists_from_its_first_look_up(kms: Any, alias: str) -> None:
    metadata = described(kms, alias)
    assert (metadata["KeyManager"], metadata["KeyState"]) == ("AWS", "Enabled")
    assert "when no other key is defined" in metadata["Description"]
    for name in (metadata["KeyId"], metadata["Arn"], alias):
        assert described(kms, name) == metadata
    assert kms.list_aliases(KeyId=metadata["KeyId"])["Aliases"][0]["AliasName"] == alias


def test_g12_list_aliases_names_no_key_that_is_not_there(kms: Any) -> None:
    aliases = kms.list_aliases()["Aliases"]
    assert len(aliases) == 14
    for alias in aliases:
        metadata = described(kms, alias["TargetKeyId"])
        assert metadata["KeyId"] == alias["TargetKeyId"]
        assert described(kms, alias["AliasName"]) == metadata
    targets = {alias["AliasName"]: alias["TargetKeyId"] for alias in aliases}
    now = kms.list_aliases()["Aliases"]
    assert {alias["AliasName"]: alias["TargetKeyId"] for alias in now} == targets


def test_g12_the_arn_of_a_key_that_list_aliases_names(kms: Any) -> None:
    for alias in kms.list_aliases()["Aliases"]:
        arn = f"{alias['AliasArn'].partition('alias/')[0]}key/{alias['TargetKeyId']}"
        assert described(kms, arn)["Arn"] == arn


def test_g12_the_alias_of_no_service(kms: Any) -> None:
    assert error_of(kms.describe_key, KeyId="alias/aws/nothing")[0] == "NotFoundException"


def test_g12_each_account_and_region_has_its_own(kms: Any) -> None:
    found = [
        described(asked)["Arn"]
        for asked in (kms, client("kms", OTHER_REGION), client("kms", account_id=OTHER_ACCOUNT))
    ]
    assert len(set(found)) == 3
    assert error_of(kms.describe_key, KeyId=found[1])[0] == "NotFoundException"


MANAGING: dict[str, dict[str, Any]] = {
    "create_grant": {
        "GranteePrincipal": "arn:aws:iam::123456789012:root",
        "Operations": ["Encrypt"],
    },
    "disable_key": {},
    "disable_key_rotation": {},
    "enable_key": {},
    "enable_key_rotation": {},
    "put_key_policy": {"Policy": "{}"},
    "rotate_key_on_demand": {},
    "schedule_key_deletion": {},
    "cancel_key_deletion": {},
    "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "untag_resource": {"TagKeys": ["a"]},
    "update_key_description": {"Description": "mine"},
    "encrypt": {"Plaintext": b"text"},
    "generate_data_key": {"KeySpec": "AES_256"},
}


@pytest.mark.parametrize("call", MANAGING)
def test_g12_nobody_manages_or_uses_a_key_of_aws(kms: Any, call: str) -> None:
    before = described(kms)
    code, message = error_of(getattr(kms, call), KeyId=before["KeyId"], **MANAGING[call])
    operation = kms.meta.method_to_api_mapping[call]
    assert code == "AccessDeniedException"
    assert message.startswith("User: arn:aws:")
    assert message.endswith(
        f" is not authorized to perform: kms:{operation} on resource: {before['Arn']} because no "
        f"resource-based policy allows the kms:{operation} action"
    )
    assert described(kms) == before
    assert kms.list_resource_tags(KeyId=before["KeyId"])["Tags"] == []


def test_g12_its_aliases_belong_to_aws(kms: Any) -> None:
    key_id = described(kms)["KeyId"]
    call = error_of(kms.create_alias, AliasName="alias/mine", TargetKeyId=key_id)
    assert call[0] == "AccessDeniedException"
    assert error_of(kms.delete_alias, AliasName=S3)[0] == "NotAuthorizedException"
    assert described(kms)["KeyId"] == key_id


def test_g12_k9_to_delete_an_alias_of_aws_is_refused_and_makes_no_key(kms: Any) -> None:
    assert error_of(kms.delete_alias, AliasName=S3)[0] == "NotAuthorizedException"
    assert kms.list_keys()["Keys"] == []
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.delete_alias(AliasName="alias/none")


def test_g12_what_the_account_may_look_at(kms: Any) -> None:
    key_id = described(kms)["KeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=key_id)["Policy"])
    service, account = policy["Statement"]
    conditions = service["Condition"]["StringEquals"]
    assert conditions["kms:ViaService"] == "s3.us-east-1.amazonaws.com"
    assert account["Action"] == ["kms:Describe*", "kms:Get*", "kms:List*"]
    assert kms.list_grants(KeyId=key_id)["Grants"] == []
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == []
    assert key_id in {entry["KeyId"] for entry in kms.list_keys()["Keys"]}


OF_AWS = {
    "acm": "ACM private keys",
    "backup": "Backup data",
    "cloud9": "Cloud9 environments",
    "codecommit": "CodeCommit repositories",
    "connect": "Connect data",
    "dms": "DMS replication instances",
    "dynamodb": "DynamoDB data",
    "ebs": "EBS volumes",
    "elasticfilesystem": "EFS filesystems",
    "es": "Elasticsearch data",
    "fsx": "FSx resources",
    "glue": "Glue data",
    "kafka": "MSK data",
    "kinesis": "Kinesis data",
    "kinesisvideo": "Kinesis video streams",
    "lambda": "Lambda functions",
    "mq": "MQ data",
    "rds": "RDS database volumes",
    "redshift": "Redshift clusters",
    "s3": "S3 objects",
    "secretsmanager": "Secrets Manager data",
    "sns": "SNS data",
    "sqs": "SQS messages",
    "ssm": "SSM parameters",
    "workspaces": "WorkSpaces volumes",
    "xray": "X-Ray data",
}
"""What the default key of each service protects, as its description says."""


def test_g12_which_services_have_one(kms: Any) -> None:
    aliases = {f"alias/aws/{name}" for name in OF_AWS}
    assert aliases == set(SERVICES)
    keys = [described(kms, alias) for alias in sorted(aliases)]
    assert len({key["KeyId"] for key in keys}) == len(OF_AWS)
    assert len({key["Description"] for key in keys}) == len(OF_AWS)
    for key in keys:
        assert (key["KeyManager"], key["KeyState"], key["KeySpec"]) == (
            "AWS",
            "Enabled",
            "SYMMETRIC_DEFAULT",
        )
    for name, words in OF_AWS.items():
        description = described(kms, f"alias/aws/{name}")["Description"]
        assert description == f"Default key that protects my {words} when no other key is defined"


@pytest.mark.parametrize(
    ("name", "region", "via", "partition"),
    [
        ("s3", "us-east-1", "s3.us-east-1.amazonaws.com", "aws"),
        ("ebs", "eu-west-1", "ec2.eu-west-1.amazonaws.com", "aws"),
        ("ssm", "cn-north-1", "ssm.cn-north-1.amazonaws.com", "aws-cn"),
    ],
)
def test_g12_its_key_policy(world: Any, name: str, region: str, via: str, partition: str) -> None:
    kms = client("kms", region)
    key_id = kms.describe_key(KeyId=f"alias/aws/{name}")["KeyMetadata"]["KeyId"]
    uses = ("Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "CreateGrant", "DescribeKey")
    assert json.loads(kms.get_key_policy(KeyId=key_id)["Policy"]) == {
        "Version": "2012-10-17",
        "Id": f"auto-{name}-1",
        "Statement": [
            {
                "Sid": f"Allow access through {name} for all principals in the account that are "
                f"authorized to use {name}",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"kms:{use}" for use in uses],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": via}
                },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::123456789012:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
                "Resource": "*",
            },
        ],
    }


def test_g12_it_is_rotated_every_year(noon: Any, world: Any, kms: Any) -> None:
    first = described(kms)
    status = kms.get_key_rotation_status(KeyId=first["KeyId"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    world.clock.advance(days=366)
    assert described(kms)["CurrentKeyMaterialId"] != first["CurrentKeyMaterialId"]
    (rotation,) = kms.list_key_rotations(KeyId=first["KeyId"])["Rotations"]
    assert rotation["RotationType"] == "AUTOMATIC"


def test_g12_a_service_uses_it_for_the_account(kms: Any) -> None:
    ssm = client("ssm")
    ssm.put_parameter(Name="secret", Value="text", Type="SecureString", KeyId="alias/aws/ssm")
    found = ssm.get_parameter(Name="secret", WithDecryption=True)["Parameter"]
    assert found["Value"] == "text"

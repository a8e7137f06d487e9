"""Resources of KMS in CloudFormation stacks (row G13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from moto_cks import Cks, mock_cks
from tests.aws import OTHER_REGION, client, error_of, failure

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


@pytest.fixture
def world() -> Iterator[Cks]:
    with mock_cks() as cks:
        yield cks


def template(kind: str = "Key", **properties: Any) -> str:
    resource = {"Type": f"AWS::KMS::{kind}", "Properties": properties}
    outputs = {"Ref": {"Value": {"Ref": "It"}}}
    if kind != "Alias":
        for attribute in ("Arn", "KeyId"):
            outputs[attribute] = {"Value": {"Fn::GetAtt": ["It", attribute]}}  # type: ignore[dict-item]
    return json.dumps({"Resources": {"It": resource}, "Outputs": outputs})


def create(body: str, region: str = "us-east-1") -> dict[str, str]:
    """Create a stack; its outputs."""
    client("cloudformation", region).create_stack(StackName="stack", TemplateBody=body)
    return outputs(region)


def update(body: str) -> dict[str, str]:
    """Update the stack; its outputs."""
    client("cloudformation").update_stack(StackName="stack", TemplateBody=body)
    return outputs()


def outputs(region: str = "us-east-1") -> dict[str, str]:
    (stack,) = client("cloudformation", region).describe_stacks(StackName="stack")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}


def describe(key_id: str, region: str = "us-east-1") -> dict[str, Any]:
    metadata: dict[str, Any] = client("kms", region).describe_key(KeyId=key_id)["KeyMetadata"]
    return metadata


def test_g13_a_key_has_what_the_template_says(world: Cks) -> None:
    made = create(
        template(
            Description="of the app",
            EnableKeyRotation=True,
            KeyPolicy=POLICY,
            Tags=[{"Key": "team", "Value": "blue"}],
        )
    )
    kms, key_id = client("kms"), made["Ref"]
    metadata = describe(key_id)
    assert (metadata["Description"], metadata["Enabled"]) == ("of the app", True)
    assert (made["Arn"], made["KeyId"]) == (metadata["Arn"], key_id)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    assert json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]) == POLICY
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "team", "TagValue": "blue"}]


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        (
            {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
            {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        ),
        (
            {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
            {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        ),
        ({"MultiRegion": True}, {"MultiRegion": True}),
        ({"Origin": "EXTERNAL"}, {"KeyState": "PendingImport", "Origin": "EXTERNAL"}),
        ({"Enabled": False}, {"KeyState": "Disabled"}),
        ({"Enabled": "false"}, {"KeyState": "Disabled"}),
        ({}, {"KeySpec": "SYMMETRIC_DEFAULT", "KeyState": "Enabled", "MultiRegion": False}),
    ],
)
def test_g13_every_kind_of_key_can_be_in_a_template(
    world: Cks, properties: dict[str, Any], shown: dict[str, Any]
) -> None:
    metadata = describe(create(template(**properties))["Ref"])
    assert {name: metadata[name] for name in shown} == shown


@pytest.mark.parametrize(("window", "days"), [({}, 30), ({"PendingWindowInDays": 7}, 7)])
def test_g13_deleting_a_stack_schedules_the_deletion_of_its_key(
    world: Cks, window: dict[str, int], days: int
) -> None:
    key_id = create(template(**window))["Ref"]
    client("cloudformation").delete_stack(StackName="stack")
    assert describe(key_id)["KeyState"] == "PendingDeletion"
    world.clock.advance(days=days, seconds=-60)
    assert describe(key_id)["KeyState"] == "PendingDeletion"
    world.clock.advance(seconds=120)
    assert error_of(client("kms").describe_key, KeyId=key_id)[0] == "NotFoundException"


def test_g13_deletion_can_be_cancelled_after_the_stack_is_gone(world: Cks) -> None:
    key_id = create(template())["Ref"]
    client("cloudformation").delete_stack(StackName="stack")
    client("kms").cancel_key_deletion(KeyId=key_id)
    assert describe(key_id)["KeyState"] == "Disabled"


def test_g13_a_key_that_somebody_else_deletes_is_not_in_the_way_of_the_stack(world: Cks) -> None:
    key_id = create(template())["Ref"]
    client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    client("cloudformation").delete_stack(StackName="stack")
    assert error_of(client("cloudformation").describe_stacks, StackName="stack")[0]


def test_g13_a_resource_that_is_removed_from_the_template_is_deleted(world: Cks) -> None:
    key_id = create(template())["Ref"]
    topic = {"Resources": {"Other": {"Type": "AWS::SNS::Topic"}}}
    client("cloudformation").update_stack(StackName="stack", TemplateBody=json.dumps(topic))
    assert describe(key_id)["KeyState"] == "PendingDeletion"


def test_g13_an_update_changes_what_has_changed(world: Cks) -> None:
    kms = client("kms")
    key_id = create(
        template(Description="old", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}])
    )["Ref"]
    updated = update(
        template(
            Description="new",
            EnableKeyRotation=True,
            KeyPolicy=POLICY,
            Tags=[{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}],
        )
    )
    assert updated["Ref"] == key_id
    assert describe(key_id)["Description"] == "new"
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key_id)["Tags"]}
    assert tags == {"b": "2", "c": "3"}
    update(template(Description="new", Enabled=False, EnableKeyRotation=False))
    assert describe(key_id)["KeyState"] == "Disabled"
    update(template(Description="new", EnableKeyRotation=True))
    assert describe(key_id)["KeyState"] == "Enabled"
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"MultiRegion": True},
        {"Origin": "EXTERNAL"},
    ],
)
def test_g13_an_update_of_what_never_changes_is_refused(world: Cks, change: dict[str, Any]) -> None:
    key_id = create(template(Description="old"))["Ref"]
    body = template(Description="new", **change)
    refused = failure(client("cloudformation").update_stack, StackName="stack", TemplateBody=body)
    assert refused[0] == "ValidationError"
    assert "cannot be changed" in refused[1]
    assert describe(key_id)["Description"] == "old"


def test_g13_a_key_that_kms_refuses_leaves_nothing_behind(world: Cks) -> None:
    body = template(Origin="EXTERNAL", EnableKeyRotation=True)
    code, message = error_of(
        client("cloudformation").create_stack, StackName="stack", TemplateBody=body
    )
    assert code == "ValidationError"
    assert "UnsupportedOperationException" in message
    keys = client("kms").list_keys()["Keys"]
    assert {describe(key["KeyId"])["KeyState"] for key in keys} == {"PendingDeletion"}


def test_g13_an_alias_follows_its_template(world: Cks) -> None:
    kms = client("kms")
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    made = create(template("Alias", AliasName="alias/app", TargetKeyId=first))
    assert made["Ref"] == "alias/app"
    update(template("Alias", AliasName="alias/app", TargetKeyId=second))
    assert describe("alias/app")["KeyId"] == second
    update(template("Alias", AliasName="alias/renamed", TargetKeyId=second))
    assert describe("alias/renamed")["KeyId"] == second
    assert error_of(kms.describe_key, KeyId="alias/app")[0] == "NotFoundException"
    client("cloudformation").delete_stack(StackName="stack")
    assert error_of(kms.describe_key, KeyId="alias/renamed")[0] == "NotFoundException"


def test_g13_an_alias_of_a_key_of_the_same_stack(world: Cks) -> None:
    body = {
        "Resources": {
            "Name": {
                "Type": "AWS::KMS::Alias",
                "Properties": {"AliasName": "alias/app", "TargetKeyId": {"Ref": "It"}},
            },
            "It": {"Type": "AWS::KMS::Key", "Properties": {}},
        }
    }
    create(json.dumps(body))
    assert describe("alias/app")["KeyState"] == "Enabled"
    client("cloudformation").delete_stack(StackName="stack")
    assert error_of(client("kms").describe_key, KeyId="alias/app")[0] == "NotFoundException"


def test_g13_a_replica_key_is_one_of_its_primary_key(world: Cks) -> None:
    primary = client("kms", OTHER_REGION).create_key(MultiRegion=True)["KeyMetadata"]
    made = create(
        template("ReplicaKey", PrimaryKeyArn=primary["Arn"], KeyPolicy=POLICY, Enabled=False)
    )
    metadata = describe(made["Ref"])
    assert made["Ref"] == primary["KeyId"]
    assert made["Arn"] == metadata["Arn"] == primary["Arn"].replace(OTHER_REGION, "us-east-1")
    assert metadata["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    assert metadata["KeyState"] == "Disabled"
    client("cloudformation").delete_stack(StackName="stack")
    assert describe(made["Ref"])["KeyState"] == "PendingDeletion"
    assert describe(primary["KeyId"], OTHER_REGION)["KeyState"] == "Enabled"


def test_g13_the_records_say_that_cloudformation_called(world: Cks) -> None:
    create(template(EnableKeyRotation=True))
    for name in ("CreateKey", "EnableKeyRotation"):
        (event,) = world.trail.events(event_name=name)
        assert event["userIdentity"]["invokedBy"] == "cloudformation.amazonaws.com"
        assert event["sourceIPAddress"] == event["userAgent"] == "cloudformation.amazonaws.com"
        assert event["userIdentity"]["type"] == "IAMUser"


def test_g13_outputs_that_do_not_exist_are_refused(world: Cks) -> None:
    body = json.loads(template())
    body["Outputs"]["Alias"] = {"Value": {"Fn::GetAtt": ["It", "Alias"]}}
    refused = error_of(
        client("cloudformation").create_stack, StackName="stack", TemplateBody=json.dumps(body)
    )
    assert refused[0] == "ValidationError"


def test_g13_after_the_mock_cloudformation_makes_moto_s_keys_again() -> None:
    with mock_aws():
        with mock_cks():
            create(template(Description="ours"))
            client("cloudformation").delete_stack(StackName="stack")
        client("cloudformation").create_stack(
            StackName="other",
            TemplateBody=json.dumps(
                {"Resources": {"It": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}}}}
            ),
        )
        client("cloudformation").delete_stack(StackName="other")
        assert len(client("kms").list_keys()["Keys"]) == 1  # moto deletes its key at once

"""The service-linked roles of KMS and CloudHSM: their policies, and who may change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import Cks, mock_cks
from tests.aws import client, error_of

STORES = "AWSServiceRoleForKeyManagementServiceCustomKeyStores"
REGIONS = "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
CLOUDHSM = "AWSServiceRoleForCloudHSM"
PREFIX = "arn:aws:iam::aws:policy/aws-service-role/"

ACTIONS = {
    "cloudhsm:Describe*",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateNetworkInterface",
    "ec2:CreateSecurityGroup",
    "ec2:DeleteSecurityGroup",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcs",
    "ec2:RevokeSecurityGroupEgress",
}


def statement_of(role: str) -> Any:
    """The only statement of the only policy of a role."""
    iam = client("iam")
    (attached,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached["PolicyArn"] == PREFIX + attached["PolicyName"]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])[
        "PolicyVersion"
    ]
    assert version["IsDefaultVersion"]
    (statement,) = version["Document"]["Statement"]
    return statement


@pytest.fixture
def roles(world: Cks) -> dict[str, str]:
    """A role of each kind, and what made it, as names."""
    store = world.create_key_store(connect=False)
    kms = client("kms")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    return {STORES: store.id, REGIONS: key, CLOUDHSM: store.cluster.id}


def test_y23_the_policy_of_the_role_for_key_stores_has_ten_actions(roles: dict[str, str]) -> None:
    statement = statement_of(STORES)
    assert set(statement["Action"]) == ACTIONS
    assert len(statement["Action"]) == 10
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")
    policy = client("iam").get_policy(
        PolicyArn=f"{PREFIX}AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"
    )["Policy"]
    assert (policy["DefaultVersionId"], policy["AttachmentCount"]) == ("v2", 1)
    assert policy["UpdateDate"].strftime("%Y-%m") == "2023-11"


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (REGIONS, {"kms:SynchronizeMultiRegionKey"}),
        (
            CLOUDHSM,
            {
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            },
        ),
    ],
)
def test_y23_the_policies_of_the_other_roles(
    roles: dict[str, str], role: str, actions: set[str]
) -> None:
    assert set(statement_of(role)["Action"]) == actions


def test_y23_one_policy_for_two_key_stores_and_none_for_another_account(world: Cks) -> None:
    world.create_key_store(connect=False)
    world.create_key_store("second", connect=False)
    statement_of(STORES)
    other = client("iam", account_id="222233334444")
    assert error_of(other.list_attached_role_policies, RoleName=STORES)[0] == "NoSuchEntity"


def test_y23_they_are_aws_s_policies_and_not_the_customer_s(roles: dict[str, str]) -> None:
    iam = client("iam")
    assert iam.list_policies(Scope="Local")["Policies"] == []
    names = [policy["PolicyName"] for policy in iam.list_policies(Scope="AWS")["Policies"]]
    assert sorted(names) == [
        "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
        "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
        "CloudHSMServiceRolePolicy",
    ]


def test_y23_where_moto_has_all_policies_of_aws_they_are_those(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    with mock_cks() as cks:
        iam = client("iam")
        cks.create_key_store(connect=False)
        assert set(statement_of(STORES)["Action"]) == ACTIONS
        pages = iam.get_paginator("list_policies").paginate(Scope="AWS")
        names = [policy["PolicyName"] for page in pages for policy in page["Policies"]]
        assert len(names) == len(set(names)) > 500


MODIFICATIONS: dict[str, Callable[[Any], Any]] = {
    "AttachRolePolicy": lambda iam: iam.attach_role_policy(
        RoleName=STORES, PolicyArn=f"{PREFIX}CloudHSMServiceRolePolicy"
    ),
    "DeleteRole": lambda iam: iam.delete_role(RoleName=STORES),
    "DeleteRolePermissionsBoundary": lambda iam: iam.delete_role_permissions_boundary(
        RoleName=STORES
    ),
    "DeleteRolePolicy": lambda iam: iam.delete_role_policy(RoleName=STORES, PolicyName="mine"),
    "DetachRolePolicy": lambda iam: iam.detach_role_policy(
        RoleName=STORES,
        PolicyArn=f"{PREFIX}AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
    ),
    "PutRolePermissionsBoundary": lambda iam: iam.put_role_permissions_boundary(
        RoleName=STORES, PermissionsBoundary=f"{PREFIX}CloudHSMServiceRolePolicy"
    ),
    "PutRolePolicy": lambda iam: iam.put_role_policy(
        RoleName=STORES, PolicyName="mine", PolicyDocument="{}"
    ),
    "UpdateAssumeRolePolicy": lambda iam: iam.update_assume_role_policy(
        RoleName=STORES, PolicyDocument="{}"
    ),
}


@pytest.mark.parametrize("operation", MODIFICATIONS)
def test_n2_only_aws_modifies_them(roles: dict[str, str], operation: str) -> None:
    iam = client("iam")
    before = iam.get_role(RoleName=STORES)["Role"]
    assert error_of(MODIFICATIONS[operation], iam=iam) == (
        "UnmodifiableEntity",
        f"Cannot perform the operation on the protected role '{STORES}' - "
        "this role is only modifiable by AWS",
    )
    assert iam.get_role(RoleName=STORES)["Role"] == before
    assert set(statement_of(STORES)["Action"]) == ACTIONS


def test_n2_a_role_of_one_s_own_is_modified_as_ever(roles: dict[str, str]) -> None:
    iam = client("iam")
    iam.create_role(RoleName="mine", AssumeRolePolicyDocument="{}")
    iam.delete_role(RoleName="mine")
    linked = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    iam.delete_service_linked_role(RoleName=linked["RoleName"])
    names = {role["RoleName"] for role in iam.list_roles()["Roles"]}
    assert names == {STORES, REGIONS, CLOUDHSM}


def test_n2_somebody_deletes_a_role_and_the_next_key_store_makes_it_anew(world: Cks) -> None:
    iam = client("iam")
    world.create_key_store(connect=False)
    first = iam.get_role(RoleName=STORES)["Role"]
    task = iam.delete_service_linked_role(RoleName=STORES)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/cks.kms.amazonaws.com/{STORES}/")
    status = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"]
    assert status == "SUCCEEDED"
    policy = f"{PREFIX}AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 0
    world.create_key_store("second", connect=False)
    assert iam.get_role(RoleName=STORES)["Role"]["RoleId"] != first["RoleId"]
    assert set(statement_of(STORES)["Action"]) == ACTIONS


def test_n2_made_by_the_user_it_is_the_same_role(world: Cks) -> None:
    iam = client("iam")
    made = iam.create_service_linked_role(
        AWSServiceName="cks.kms.amazonaws.com", Description="made early"
    )["Role"]
    assert (made["RoleName"], made["Description"]) == (STORES, "made early")
    assert made["Path"] == "/aws-service-role/cks.kms.amazonaws.com/"
    world.create_key_store(connect=False)
    assert iam.get_role(RoleName=STORES)["Role"]["RoleId"] == made["RoleId"]
    assert set(statement_of(STORES)["Action"]) == ACTIONS


def test_n2_there_is_one_in_an_account(world: Cks) -> None:
    iam = client("iam")
    world.create_key_store(connect=False)
    again = {"AWSServiceName": "cks.kms.amazonaws.com"}
    assert error_of(iam.create_service_linked_role, **again) == (
        "InvalidInput",
        f"Service role name {STORES} has been taken in this account, "
        "please try a different suffix.",
    )
    suffix = {"AWSServiceName": "mrk.kms.amazonaws.com", "CustomSuffix": "mine"}
    assert error_of(iam.create_service_linked_role, **suffix) == (
        "InvalidInput",
        "Custom suffix is not allowed for mrk.kms.amazonaws.com",
    )

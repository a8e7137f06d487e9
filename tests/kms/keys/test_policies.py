"""Key policies are checked where they are given, for every kind of key (G10, G14)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.kms.models import kms_backends

from moto_cks import KeyStore, mock_cks
from tests.aws import OTHER_REGION, client, client_as, error_of
from tests.kms import POLICY

MALFORMED = "MalformedPolicyDocumentException"
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
ROOT = "arn:aws:iam::123456789012:root"


def statement(**members: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "kms:*",
        "Resource": "*",
        **members,
    }


def policy(*statements: Any, **members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **members})


def without(name: str, **members: Any) -> dict[str, Any]:
    return {key: value for key, value in statement(**members).items() if key != name}


UNREADABLE = {
    "null": "null",
    "list": "[]",
    "brace": "{",
    "number as statement": '{"Statement":5}',
    "40,000 letters": "a" * 40_000,
    "nothing in it": "{}",
    "text": '"policy"',
    "deep": "[" * 50_000,
    "no statements": policy(),
    "null as statement": policy(None),
    "list as statement": policy([]),
    "text as statement": policy("Allow"),
    "unknown element": policy(statement(), Owner="me"),
    "unknown version": policy(statement(), Version="2026-01-01"),
    "version is a list": policy(statement(), Version=["2012-10-17"]),
    "unknown element of a statement": policy(statement(Effekt="Allow")),
    "no effect": policy(without("Effect")),
    "wrong effect": policy(statement(Effect="allow")),
    "effect is a list": policy(statement(Effect=["Allow"])),
    "Sid is a number": policy(statement(Sid=1)),
    "condition is a text": policy(statement(Condition="x")),
    "no principal": policy(without("Principal")),
    "empty principal": policy(statement(Principal={})),
    "no names": policy(statement(Principal={"AWS": []})),
    "both principals": policy(statement(NotPrincipal={"AWS": ROOT})),
    "principal is a number": policy(statement(Principal=5)),
    "names are numbers": policy(statement(Principal={"AWS": [5]})),
    "no action": policy(without("Action")),
    "both actions": policy(statement(NotAction="kms:x")),
    "empty action": policy(statement(Action=[])),
    "action is a number": policy(statement(Action=5)),
    "no resource": policy(without("Resource")),
}


@pytest.mark.parametrize("document", UNREADABLE.values(), ids=UNREADABLE)
def test_g10_what_is_no_policy_is_refused_and_nothing_changes(kms: Any, document: str) -> None:
    key_id = kms.create_key(Policy=POLICY)["KeyMetadata"]["KeyId"]
    for bypass in (False, True):
        more = {"Policy": document, "BypassPolicyLockoutSafetyCheck": bypass}
        code, message = error_of(kms.put_key_policy, KeyId=key_id, **more)
        assert (code, bool(message)) == (MALFORMED, True)
        assert error_of(kms.create_key, **more) == (code, message)
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == POLICY
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
    assert len(kms.list_keys()["Keys"]) == 1


def test_g10_a_key_in_a_store_is_not_made_of_a_wrong_policy(kms: Any, store: KeyStore) -> None:
    handles = [list(hsm.keys) for hsm in store.cluster.hsms]
    request = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store.id}
    only_use = policy(statement(Action="kms:Encrypt"))
    assert error_of(kms.create_key, **request, Policy=only_use) == (MALFORMED, LOCKED_OUT)
    assert error_of(kms.create_key, **request, Policy="{")[0] == MALFORMED
    assert [list(hsm.keys) for hsm in store.cluster.hsms] == handles
    made = kms.create_key(**request, Policy=only_use, BypassPolicyLockoutSafetyCheck=True)
    found = kms.get_key_policy(KeyId=made["KeyMetadata"]["KeyId"])
    assert (found["Policy"], found["PolicyName"]) == (only_use, "default")


def test_g10_a_long_policy_exceeds_a_quota(kms: Any) -> None:
    long = policy(statement(Sid="s" * 33_000))
    assert error_of(kms.create_key, Policy=long)[0] == "LimitExceededException"


@pytest.mark.parametrize(
    "allowed",
    [
        statement(),
        statement(Principal="*"),
        statement(Principal={"AWS": "*"}),
        statement(Principal={"AWS": ["123456789012"]}),
        statement(Principal={"AWS": ROOT, "Service": "s3.amazonaws.com"}),
        statement(Principal={"AWS": "arn:aws:sts::123456789012:user/moto"}),
        statement(Action=["kms:Encrypt", "KMS:putkeypolicy"]),
        statement(Action="kms:Put*"),
        statement(Action="kms:?utKeyPolicy"),
        without("Action", NotAction=["kms:Encrypt"]),
        without("Principal", NotPrincipal={"AWS": "111122223333"}),
        without("Resource", NotResource="arn:aws:kms:us-east-1:123456789012:alias/*"),
        statement(Resource="arn:aws:kms:us-east-1:123456789012:key/*"),
        statement(Condition={"StringEquals": {"kms:CallerAccount": "123456789012"}}),
    ],
    ids=str,
)
def test_g10_who_can_change_the_policy_later_is_not_locked_out(kms: Any, allowed: Any) -> None:
    made = kms.create_key(Policy=policy(allowed))["KeyMetadata"]["KeyId"]
    kms.put_key_policy(KeyId=made, Policy=json.dumps({"Statement": allowed}))


@pytest.mark.parametrize(
    "statements",
    [
        (statement(Action="kms:Get*"),),
        (statement(Effect="Deny"),),
        (statement(), statement(Effect="Deny", Action="kms:Put*")),
        (statement(), statement(Effect="Deny", Principal="*")),
        (statement(), statement(Effect="Deny", Condition={})),
        (statement(Action="*" * 60 + "!"),),  # it takes no time to see that
        (statement(Principal={"AWS": "111122223333"}),),
        (statement(Principal={"Service": "s3.amazonaws.com"}),),
        (without("Action", NotAction="kms:PutKeyPolicy"),),
        (without("Principal", NotPrincipal={"AWS": ROOT}),),
        (statement(Resource="arn:aws:s3:::bucket"),),
    ],
    ids=str,
)
def test_g10_who_cannot_is(kms: Any, statements: tuple[Any, ...]) -> None:
    document = policy(*statements)
    assert error_of(kms.create_key, Policy=document) == (MALFORMED, LOCKED_OUT)
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    assert error_of(kms.put_key_policy, KeyId=key_id, Policy=document) == (MALFORMED, LOCKED_OUT)
    kms.put_key_policy(KeyId=key_id, Policy=document, BypassPolicyLockoutSafetyCheck=True)
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == document


def test_g10_a_denial_on_a_condition_locks_nobody_out(kms: Any) -> None:
    denial = statement(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    document = policy(statement(), denial)
    made = kms.create_key(Policy=document)["KeyMetadata"]["KeyId"]
    assert kms.get_key_policy(KeyId=made)["Policy"] == document


def test_g10_the_author_is_who_calls(kms: Any) -> None:
    iam = client("iam")
    user = iam.create_user(UserName="alice")["User"]
    alice = user["Arn"]
    iam.create_user(UserName="bob")
    keys = {name: iam.create_access_key(UserName=name)["AccessKey"] for name in ("alice", "bob")}
    hers = policy(statement(Principal={"AWS": alice}))
    made = client_as(keys["alice"], "kms").create_key(Policy=hers)["KeyMetadata"]["KeyId"]
    client_as(keys["alice"], "kms").create_key(
        Policy=policy(statement(Principal={"AWS": user["UserId"]}))
    )
    bob = client_as(keys["bob"], "kms")
    assert error_of(bob.put_key_policy, KeyId=made, Policy=hers) == (MALFORMED, LOCKED_OUT)
    assert error_of(kms.create_key, Policy=hers) == (MALFORMED, LOCKED_OUT)


def test_g10_a_session_is_meant_by_its_role(kms: Any) -> None:
    role = client("iam").create_role(RoleName="admin", AssumeRolePolicyDocument="{}")["Role"]
    session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    admin = client_as(session["Credentials"], "kms")
    for name in (role["Arn"], role["RoleId"], session["AssumedRoleUser"]["Arn"]):
        admin.create_key(Policy=policy(statement(Principal={"AWS": name})))


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::123456789012:role/nobody"},
        {"AWS": "arn:aws:iam::123456789012:user/nobody"},
        {"AWS": "arn:aws:iam::123456789012:group/developers"},
        {"AWS": "arn:aws:iam::123456789012:root/x"},
        {"AWS": "arn:aws:iam::123456789012:role"},
        {"AWS": "arn:aws:iam::123456789012:role/*"},
        {"AWS": "arn:aws-cn:iam::123456789012:root"},
        {"AWS": "arn:aws::123456789012:root"},
        {"AWS": "AIDAAAAAAAAAAAAAAAAA"},
        {"AWS": "12345"},
        {"AWS": ""},
        {"Service": "s3"},
        {"Everybody": "*"},
    ],
    ids=str,
)
def test_g10_principals_that_there_are_not(kms: Any, principal: dict[str, str]) -> None:
    client("iam").create_group(GroupName="developers")
    document = policy(statement(), statement(Principal=principal))
    assert error_of(kms.create_key, Policy=document) == (MALFORMED, INVALID_PRINCIPALS)
    bypassing = {"Policy": document, "BypassPolicyLockoutSafetyCheck": True}
    assert error_of(kms.create_key, **bypassing) == (MALFORMED, INVALID_PRINCIPALS)


def test_g10_principals_that_there_are(kms: Any) -> None:
    iam = client("iam")
    role = iam.create_role(RoleName="r", Path="/app/", AssumeRolePolicyDocument="{}")["Role"]
    user = iam.create_user(UserName="u")["User"]
    elsewhere = "arn:aws:iam::111122223333:role/of-another-account"
    known = [role["Arn"], role["RoleId"], user["Arn"], user["UserId"], elsewhere, "111122223333"]
    document = policy(
        statement(),
        statement(Principal={"AWS": known}),
        statement(Principal={"Federated": "cognito-identity.amazonaws.com"}),
    )
    key_id = kms.create_key(Policy=document)["KeyMetadata"]["KeyId"]
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == document
    iam.delete_user(UserName="u")
    assert error_of(kms.put_key_policy, KeyId=key_id, Policy=document)[1] == INVALID_PRINCIPALS


def test_g14_there_is_one_policy_and_its_name_is_default(kms: Any, store: KeyStore) -> None:
    for key_id in (kms.create_key()["KeyMetadata"]["KeyId"], store.create_key()):
        answer = kms.list_key_policies(KeyId=key_id, Limit=1)
        assert (answer["PolicyNames"], answer["Truncated"]) == (["default"], False)
        assert "NextMarker" not in answer
        for call in (
            lambda k=key_id: error_of(kms.get_key_policy, KeyId=k, PolicyName="mine"),
            lambda k=key_id: error_of(
                kms.put_key_policy, KeyId=k, PolicyName="mine", Policy=POLICY
            ),
        ):
            assert call() == ("NotFoundException", "No such policy exists")
        marker = kms.list_keys(Limit=1)["NextMarker"]
        wrong = error_of(kms.list_key_policies, KeyId=key_id, Marker=marker)
        assert wrong == ("ValidationException", "The marker is not valid.")
        foreign = client("kms", OTHER_REGION)
        assert error_of(foreign.get_key_policy, KeyId=key_id)[0] == "NotFoundException"


def test_g10_what_a_policy_denies_explicitly(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]
    denied = policy(statement(), statement(Effect="Deny", Action="kms:Describe*"))
    kms.put_key_policy(KeyId=key["KeyId"], Policy=denied)
    assert error_of(kms.describe_key, KeyId=key["KeyId"]) == (
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:user/moto is not authorized to perform: kms:DescribeKey "
        f"on resource: {key['Arn']} with an explicit deny in a resource-based policy",
    )
    for harmless in (
        statement(Effect="Deny", Action="kms:Describe*", Principal={"AWS": "111122223333"}),
        statement(Effect="Deny", Action="kms:Describe*", Condition={"Bool": {"a": "b"}}),
    ):
        kms.put_key_policy(KeyId=key["KeyId"], Policy=policy(statement(), harmless))
        kms.describe_key(KeyId=key["KeyId"])


@pytest.mark.parametrize("document", ["my policy", "null", "[]", '{"Statement": 5}', "{"])
def test_g10_policies_that_moto_has_taken_break_nothing(document: str) -> None:
    with mock_aws():
        key_id = client("kms").create_key(Policy=document)["KeyMetadata"]["KeyId"]
        with mock_cks():
            assert client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
            assert client("kms").get_key_policy(KeyId=key_id)["Policy"] == document


def test_g10_moto_s_interface_is_checked_too(kms: Any) -> None:
    backend = kms_backends["123456789012"]["us-east-1"]
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(Exception, match="not a valid JSON"):
        backend.put_key_policy(key_id, "{")
    backend.put_key_policy(key_id, POLICY)
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == POLICY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["Allow", "*", "kms:*", ROOT]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Principal", "AWS", "Action", "Resource", "Version", "Sid"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=JSON)
def test_g10_any_json_is_taken_or_refused(document: Any) -> None:
    with mock_cks():
        kms = client("kms")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        before = kms.get_key_policy(KeyId=key_id)["Policy"]
        text = json.dumps(document)
        try:
            kms.put_key_policy(KeyId=key_id, Policy=text)
        except kms.exceptions.MalformedPolicyDocumentException:
            text = before
        assert kms.get_key_policy(KeyId=key_id)["Policy"] == text
        kms.describe_key(KeyId=key_id)

"""Grants (G5, G10, W18)."""

from __future__ import annotations

from typing import Any

from .rows import A, Like, Row, Some
from .shapes import DATE
from .sources import example, localstack_test, reference, reported
from .steps import call, key

ROOT = "arn:aws:iam::{account}:root"
OPERATIONS = ["Decrypt", "Encrypt"]
REQUEST: dict[str, Any] = {"KeyId": "{key}", "GranteePrincipal": ROOT, "Operations": OPERATIONS}
GRANTED = call("CreateGrant", keep={"grant": "GrantId", "token": "GrantToken"}, **REQUEST)
GRANT_ID = Like("[0-9a-f]{64}")
NOTHING: dict[str, Any] = {"Grants": [], "Truncated": False}


def entry(**more: Any) -> dict[str, Any]:
    """An entry of ListGrants."""
    return {
        "CreationDate": DATE,
        "GrantId": "{grant}",
        "GranteePrincipal": ROOT,
        "IssuingAccount": ROOT,
        "KeyId": "{key_arn}",
        "Name": "",  # As in awscli examples/kms/list-retirable-grants.rst.
        "Operations": OPERATIONS,
        **more,
    }


ROWS = (
    Row(
        "create-grant",
        localstack_test("test_create_grant_with_valid_key") + "; " + example("CreateGrant"),
        (key(),),
        "CreateGrant",
        REQUEST,
        answer={"GrantId": GRANT_ID, "GrantToken": A(str)},
    ),
    Row(
        "list-grants",
        localstack_test("test_create_grant_with_valid_key") + "; " + example("ListGrants"),
        (key(), GRANTED),
        "ListGrants",
        {"KeyId": "{key}"},
        answer=Some(
            {
                "Grants": [
                    Some(
                        {name: value for name, value in entry().items() if name != "Operations"}
                        | {"Operations": Some(OPERATIONS)}
                    )
                ],
                "Truncated": False,
            }
        ),
    ),
    Row(
        "list-grants-of-another-key-with-the-same-name",
        localstack_test("test_create_grant_with_same_name_two_keys"),
        (
            key("other"),
            call(
                "CreateGrant",
                KeyId="{other}",
                GranteePrincipal=ROOT,
                Name="TestGrantName",
                Operations=["Decrypt", "DescribeKey"],
            ),
            key(),
            call(
                "CreateGrant",
                keep={"grant": "GrantId"},
                KeyId="{key}",
                GranteePrincipal=ROOT,
                Name="TestGrantName",
                Operations=["Decrypt", "DescribeKey"],
            ),
        ),
        "ListGrants",
        {"KeyId": "{key}"},
        answer=Some({"Grants": [Some({"GrantId": "{grant}", "Name": "TestGrantName"})]}),
    ),
    Row(
        "same-grant-again",
        reference("CreateGrant") + ", Name",
        (key(), call("CreateGrant", keep={"grant": "GrantId"}, **REQUEST, Name="mine")),
        "CreateGrant",
        {**REQUEST, "Name": "mine"},
        answer={"GrantId": "{grant}", "GrantToken": A(str)},
    ),
    Row(
        "grant-without-a-name-again",
        reference("CreateGrant") + ", Name",
        (key(), GRANTED),
        "CreateGrant",
        REQUEST,
        answer={"GrantId": Like("(?!{grant})[0-9a-f]{64}"), "GrantToken": A(str)},
    ),
    Row(
        "list-grants-revoked",
        localstack_test("test_revoke_grant"),
        (key(), GRANTED, call("RevokeGrant", KeyId="{key}", GrantId="{grant}")),
        "ListGrants",
        {"KeyId": "{key}"},
        answer=NOTHING,
    ),
    Row(
        "list-grants-retired-by-token",
        localstack_test("test_retire_grant_with_grant_token"),
        (key(), GRANTED, call("RetireGrant", GrantToken="{token}")),
        "ListGrants",
        {"KeyId": "{key}"},
        answer=NOTHING,
    ),
    Row(
        "list-grants-retired-by-id",
        # The test names the key by its ID; the API Reference asks for its ARN.
        localstack_test("test_retire_grant_with_grant_id_and_key_id"),
        (key(), GRANTED, call("RetireGrant", KeyId="{key_arn}", GrantId="{grant}")),
        "ListGrants",
        {"KeyId": "{key}"},
        answer=NOTHING,
    ),
    Row(
        "list-retirable-grants",
        example("ListRetirableGrants"),
        (key(), call("CreateGrant", keep={"grant": "GrantId"}, **REQUEST, RetiringPrincipal=ROOT)),
        "ListRetirableGrants",
        {"RetiringPrincipal": ROOT},
        answer={
            "Grants": [
                Some(
                    {
                        "CreationDate": DATE,
                        "GrantId": "{grant}",
                        "GranteePrincipal": ROOT,
                        "IssuingAccount": ROOT,
                        "KeyId": "{key_arn}",
                        "RetiringPrincipal": ROOT,
                    }
                )
            ],
            "Truncated": False,
        },
    ),
    Row(
        "grant-to-create-grants-only",
        reported("ansible/ansible#31960"),
        (key(),),
        "CreateGrant",
        {**REQUEST, "Operations": ["CreateGrant"]},
        error=("ValidationException", "Grants must not contain only the CreateGrant operation."),
    ),
    Row(
        "grant-with-two-constraints",
        reported("aws/aws-sdk-java#328"),
        (key(),),
        "CreateGrant",
        {
            **REQUEST,
            "Constraints": {
                "EncryptionContextSubset": {"environment": "development"},
                "EncryptionContextEquals": {},
            },
        },
        error=("ValidationException", "More than one constraint supplied"),
    ),
    Row(
        "grant-of-a-disabled-key",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html, note 1",
        (key(), call("DisableKey", KeyId="{key}")),
        "CreateGrant",
        REQUEST,
        error=("DisabledException", "{key_arn} is disabled."),
    ),
)

"""Aliases (G4, G5, G10)."""

from __future__ import annotations

from .rows import Row, Some
from .shapes import DATE
from .sources import guide, localstack, localstack_test, reported
from .steps import call, key

NOT_FOUND = "NotFoundException"
ARN = "arn:aws:kms:{region}:{account}:alias/mine"
CREATED = call("CreateAlias", AliasName="alias/mine", TargetKeyId="{key}")


def entry(target: str = "{key}") -> dict[str, object]:
    return {
        "AliasArn": ARN,
        "AliasName": "alias/mine",
        "CreationDate": DATE,
        "LastUpdatedDate": DATE,
        "TargetKeyId": target,
    }


ROWS = (
    Row(
        "create-alias-without-prefix",
        localstack("test_create_alias") + "; aws-controllers-k8s/community#1878",
        (key(),),
        "CreateAlias",
        {"AliasName": "7dca6bb9", "TargetKeyId": "{key}"},
        error=(
            "ValidationException",
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ),
    ),
    Row(
        "create-alias-twice",
        reported("crossplane-contrib/provider-aws#1741")
        + "; cloudbees-oss/terraform-aws-cloudbees-ci-eks-addon#66",
        (key(), CREATED),
        "CreateAlias",
        {"AliasName": "alias/mine", "TargetKeyId": "{key}"},
        error=("AlreadyExistsException", f"An alias with the name {ARN} already exists"),
    ),
    Row(
        "list-aliases-of-a-key",
        localstack_test("test_list_aliases_of_key") + "; members of the API Reference",
        (key(), CREATED),
        "ListAliases",
        {"KeyId": "{key}"},
        answer={"Aliases": [entry()], "Truncated": False},
    ),
    Row(
        "list-aliases-of-another-key",
        localstack_test("test_list_aliases_of_key"),
        (key(), CREATED, key("other")),
        "ListAliases",
        {"KeyId": "{other}"},
        answer={"Aliases": [], "Truncated": False},
    ),
    Row(
        "list-aliases-updated",
        localstack_test("test_update_alias"),
        (
            key(),
            CREATED,
            key("other"),
            call("UpdateAlias", AliasName="alias/mine", TargetKeyId="{other}"),
        ),
        "ListAliases",
        {"KeyId": "{other}"},
        answer={"Aliases": [entry("{other}")], "Truncated": False},
    ),
    Row(
        "list-aliases-deleted",
        localstack_test("test_create_list_delete_alias"),
        (key(), CREATED, call("DeleteAlias", AliasName="alias/mine")),
        "ListAliases",
        {"KeyId": "{key}"},
        answer={"Aliases": [], "Truncated": False},
    ),
    *(
        Row(
            f"unknown-alias-{operation}",
            reported(issue),
            (),
            operation,
            {"KeyId": "alias/mine", **more},
            error=(NOT_FOUND, f"Alias {ARN} is not found."),
        )
        for operation, issue, more in (
            ("Encrypt", "cloudposse/docs#152", {"Plaintext": b"text"}),
            ("GetPublicKey", "sigstore/cosign#1474", {}),
        )
    ),
    Row(
        "create-alias-of-a-key-pending-deletion",
        guide("key-state") + ", note 3",
        (key(), call("ScheduleKeyDeletion", KeyId="{key}")),
        "CreateAlias",
        {"AliasName": "alias/mine", "TargetKeyId": "{key}"},
        error=("KMSInvalidStateException", "{key_arn} is pending deletion."),
    ),
    Row(
        "update-alias-to-another-usage",
        "nsmithuk/local-kms@e4d9425 src/handler/update_alias.go, whose words are AWS's",
        (
            key(),
            CREATED,
            key("other", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"),
        ),
        "UpdateAlias",
        {"AliasName": "alias/mine", "TargetKeyId": "{other}"},
        error=(
            "ValidationException",
            "Alias alias/mine cannot be changed from a CMK with key usage ENCRYPT_DECRYPT to a CMK "
            "with key usage SIGN_VERIFY. The key usage of the current CMK and the new CMK must be "
            "the same.",
        ),
    ),
    Row(
        "list-aliases-by-arn",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html, KeyId",
        (key(), CREATED),
        "ListAliases",
        {"KeyId": "{key_arn}"},
        answer=Some({"Aliases": [Some({"AliasName": "alias/mine"})]}),
    ),
)

"""How a key is named, and what is said of a name that is none (G4)."""

from __future__ import annotations

from tests.aws import OTHER_REGION

from .rows import Row, Some
from .shapes import BLOB, metadata
from .sources import localstack, localstack_test, reported
from .steps import call, key

UNKNOWN = "134f2428-cec1-4b25-a1ae-9048164dba47"
UNKNOWN_MULTI_REGION = "mrk-d3b95762d3b95762d3b95762d3b95762"
ARN = "arn:aws:kms:{region}:{account}:key/"
NOT_FOUND = "NotFoundException"
NO_KEY = localstack("test_get_key_does_not_exist")
INVALID = localstack("test_get_key_invalid_uuid")
ELSEWHERE = localstack("test_get_key_in_different_region")
ALIAS = call("CreateAlias", AliasName="alias/mine", TargetKeyId="{key}")


def invalid(key_id: str) -> Row:
    return Row(
        f"describe-invalid-{key_id}",
        INVALID,
        (),
        "DescribeKey",
        {"KeyId": key_id},
        error=(NOT_FOUND, f"Invalid keyId '{key_id}'"),
    )


ROWS = (
    Row(
        "describe-key-of-another-region-by-id",
        ELSEWHERE,
        (key(at=OTHER_REGION),),
        "DescribeKey",
        {"KeyId": "{key}"},
        error=(NOT_FOUND, f"Key '{ARN}{{key}}' does not exist"),
    ),
    Row(
        "describe-key-of-another-region-by-arn",
        ELSEWHERE,
        (key(at=OTHER_REGION),),
        "DescribeKey",
        {"KeyId": "{key_arn}"},
        error=(NOT_FOUND, "Invalid arn {other_region}"),
    ),
    Row(
        "describe-in-its-own-region-by-id",
        ELSEWHERE,
        (key(at=OTHER_REGION, Description="test key 123"),),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": metadata(region="{other_region}", Description="test key 123")},
        region=OTHER_REGION,
    ),
    Row(
        "describe-in-its-own-region-by-arn",
        ELSEWHERE,
        (key(at=OTHER_REGION),),
        "DescribeKey",
        {"KeyId": "{key_arn}"},
        answer={"KeyMetadata": metadata(region="{other_region}")},
        region=OTHER_REGION,
    ),
    Row(
        "describe-unknown-id",
        NO_KEY,
        (),
        "DescribeKey",
        {"KeyId": UNKNOWN},
        error=(NOT_FOUND, f"Key '{ARN}{UNKNOWN}' does not exist"),
    ),
    Row(
        "describe-unknown-arn",
        NO_KEY,
        (),
        "DescribeKey",
        {"KeyId": ARN + UNKNOWN},
        error=(NOT_FOUND, f"Key '{ARN}{UNKNOWN}' does not exist"),
    ),
    Row(
        "describe-unknown-multi-region-id",
        NO_KEY,
        (),
        "DescribeKey",
        {"KeyId": UNKNOWN_MULTI_REGION},
        error=(NOT_FOUND, f"Key '{ARN}{UNKNOWN_MULTI_REGION}' does not exist"),
    ),
    invalid("fake-key-id"),
    invalid("134f2428cec14b25a1ae9048164dba47"),
    invalid("mrk-fake-key-id"),
    Row(
        "describe-before-it-is-replicated",
        localstack("test_replicate_key"),
        (key(MultiRegion=True),),
        "DescribeKey",
        {"KeyId": "{key}"},
        error=(NOT_FOUND, "Key 'arn:aws:kms:{other_region}:{account}:key/{key}' does not exist"),
        region=OTHER_REGION,
    ),
    Row(
        "describe-by-alias-arn",
        localstack("test_describe_with_alias_arn"),
        (key(Description="test - description"), ALIAS),
        "DescribeKey",
        {"KeyId": "arn:aws:kms:{region}:{account}:alias/mine"},
        answer={"KeyMetadata": metadata(Description="test - description")},
    ),
    *(
        Row(
            f"encrypt-by-{kind}",
            localstack_test("test_all_types_of_key_id_can_be_used_for_encryption"),
            (key(), ALIAS),
            "Encrypt",
            {"KeyId": name, "Plaintext": b"encrypt-me"},
            answer=Some({"CiphertextBlob": BLOB, "KeyId": "{key_arn}"}),
        )
        for kind, name in {
            "id": "{key}",
            "arn": "{key_arn}",
            "alias": "alias/mine",
            "alias-arn": "arn:aws:kms:{region}:{account}:alias/mine",
        }.items()
    ),
    Row(
        "generate-mac-invalid-id",
        localstack("test_generate_and_verify_mac"),
        (),
        "GenerateMac",
        {"KeyId": "key_id", "Message": b"some important message", "MacAlgorithm": "HMAC_SHA_256"},
        error=(NOT_FOUND, "Invalid keyId 'key_id'"),
    ),
    Row(
        "verify-mac-invalid-id",
        localstack("test_generate_and_verify_mac"),
        (),
        "VerifyMac",
        {
            "KeyId": "key_id",
            "Message": b"some important message",
            "MacAlgorithm": "HMAC_SHA_256",
            "Mac": b"0" * 32,
        },
        error=(NOT_FOUND, "Invalid keyId 'key_id'"),
    ),
    Row(
        "create-grant-invalid-id",
        localstack_test("test_create_grant_with_invalid_key"),
        (),
        "CreateGrant",
        {
            "KeyId": "invalid",
            "GranteePrincipal": "arn:aws:iam::{account}:root",
            "Operations": ["Decrypt", "Encrypt"],
        },
        # The test keeps the code only; the message is that of the other operations.
        error=(NOT_FOUND, "Invalid keyId 'invalid'"),
    ),
    Row(
        "list-grants-invalid-id",
        localstack_test("test_list_grants_with_invalid_key"),
        (),
        "ListGrants",
        {"KeyId": "invalid"},
        error=(NOT_FOUND, "Invalid keyId 'invalid'"),
    ),
    Row(
        "rotate-on-demand-unknown-id",
        localstack("test_rotate_key_on_demand_raises_error_given_key_that_does_not_exist"),
        (),
        "RotateKeyOnDemand",
        {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"},
        error=(NOT_FOUND, f"Key '{ARN}1234abcd-12ab-34cd-56ef-1234567890ab' does not exist"),
    ),
    Row(
        "create-grant-by-alias",
        reported("boto/boto#3202") + "; by Lambda: hashicorp/terraform#20813, of 2024 "
        "ministryofjustice/modernisation-platform#8298",
        (key(), ALIAS),
        "CreateGrant",
        {
            "KeyId": "alias/mine",
            "GranteePrincipal": "arn:aws:iam::{account}:root",
            "Operations": ["Decrypt"],
        },
        error=("InvalidArnException", "Key Aliases are not supported for this operation."),
    ),
)

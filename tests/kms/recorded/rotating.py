"""Rotation, automatic and on demand (G6)."""

from __future__ import annotations

from .rows import Like, Other, Row, Some
from .shapes import BLOB, DATE, MATERIAL_ID, metadata
from .sources import guide, localstack, localstack_test, reference, reported
from .steps import advance, call, imported, key, stored_key

STATUS = {"KeyId": "{key}"}
ROTATE = call("RotateKeyOnDemand", KeyId="{key}")
ENABLED = call("EnableKeyRotation", KeyId="{key}")
CURRENT = call("DescribeKey", keep={"first": "KeyMetadata.CurrentKeyMaterialId"}, KeyId="{key}")
OFF = localstack("test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_disabled")
ON = localstack("test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled")
UNSUPPORTED = "UnsupportedOperationException"
LIMIT = 25
"""Rotations on demand that a key can have, by the resource quotas of today; ten in 2025."""

EITHER = Like("{key}|{key_arn}")
"""The example has the key ID; elsewhere AWS gives the ARN where the examples have the ID."""


def period(days: int) -> dict[str, object]:
    return {
        "KeyId": "{key_arn}",
        "KeyRotationEnabled": True,
        "NextRotationDate": DATE,
        "RotationPeriodInDays": days,
    }


ROWS = (
    Row(
        "rotation-is-off-at-first",
        OFF + "; " + localstack_test("test_key_rotation_status"),
        (key(),),
        "GetKeyRotationStatus",
        STATUS,
        answer={"KeyId": "{key_arn}", "KeyRotationEnabled": False},
    ),
    *(
        Row(
            f"rotation-every-{days}-days",
            localstack(f"test_key_enable_rotation_status[{days}]"),
            (key(), call("EnableKeyRotation", KeyId="{key}", RotationPeriodInDays=days)),
            "GetKeyRotationStatus",
            STATUS,
            answer=period(days),
        )
        for days in (90, 180)
    ),
    Row(
        "rotation-every-year",
        ON,
        (key(), ENABLED, ROTATE),
        "GetKeyRotationStatus",
        STATUS,
        answer=period(365),
    ),
    Row(
        "rotation-on-demand-leaves-the-next-date",
        localstack_test(
            "test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled"
        ),
        (
            key(),
            ENABLED,
            call("GetKeyRotationStatus", keep={"next": "NextRotationDate"}, KeyId="{key}"),
            ROTATE,
        ),
        "GetKeyRotationStatus",
        STATUS,
        answer={**period(365), "NextRotationDate": "{next}"},
    ),
    Row(
        "rotation-is-off-after-rotation-on-demand",
        OFF,
        (key(), ROTATE),
        "GetKeyRotationStatus",
        STATUS,
        answer={"KeyId": "{key_arn}", "KeyRotationEnabled": False},
    ),
    Row(
        "rotation-disabled-again",
        localstack_test("test_key_rotation_status"),
        (key(), ENABLED, call("DisableKeyRotation", KeyId="{key}")),
        "GetKeyRotationStatus",
        STATUS,
        answer={"KeyId": "{key_arn}", "KeyRotationEnabled": False},
    ),
    Row(
        "rotation-is-off-while-pending-deletion",
        reported("nccgroup/ScoutSuite#1174") + "; " + reference("GetKeyRotationStatus"),
        (key(), ENABLED, call("ScheduleKeyDeletion", KeyId="{key}")),
        "GetKeyRotationStatus",
        STATUS,
        answer=Some({"KeyRotationEnabled": False}),
    ),
    Row(
        "rotation-is-on-again-when-deletion-is-cancelled",
        reference("GetKeyRotationStatus"),
        (
            key(),
            ENABLED,
            call("ScheduleKeyDeletion", KeyId="{key}"),
            call("CancelKeyDeletion", KeyId="{key}"),
        ),
        "GetKeyRotationStatus",
        STATUS,
        answer=Some({"KeyRotationEnabled": True}),
    ),
    Row(
        "rotation-status-of-a-disabled-key",
        reference("GetKeyRotationStatus"),
        (key(), ENABLED, call("DisableKey", KeyId="{key}")),
        "GetKeyRotationStatus",
        STATUS,
        answer=Some({"KeyRotationEnabled": True}),
    ),
    Row(
        "rotate-on-demand",
        localstack("test_rotate_on_demand_returns_arn_for_key_id"),
        (key(),),
        "RotateKeyOnDemand",
        {"KeyId": "{key}"},
        answer={"KeyId": "{key_arn}"},
    ),
    Row(
        "describe-rotated",
        localstack("test_key_rotation_updates_current_key_material_id_for_aws_symmetric_keys"),
        (key(Description="test-key"), CURRENT, ROTATE),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={
            "KeyMetadata": metadata(Description="test-key", CurrentKeyMaterialId=Other("{first}"))
        },
    ),
    Row(
        "encrypt-differs-after-rotation",
        localstack_test("test_rotate_key_on_demand_modifies_key_material"),
        (
            key(),
            call("Encrypt", keep={"blob": "CiphertextBlob"}, KeyId="{key}", Plaintext=b"text"),
            ROTATE,
        ),
        "Encrypt",
        {"KeyId": "{key}", "Plaintext": b"text"},
        answer={
            "CiphertextBlob": Other("{blob}"),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "KeyId": "{key_arn}",
        },
    ),
    Row(
        "rotate-disabled",
        localstack("test_rotate_key_on_demand_raises_error_given_key_is_disabled"),
        # An RSA key: that it is disabled comes before that it cannot be rotated.
        (
            key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT"),
            call("DisableKey", KeyId="{key}"),
        ),
        "RotateKeyOnDemand",
        {"KeyId": "{key}"},
        error=("DisabledException", "{key_arn} is disabled."),
    ),
    Row(
        "rotate-rsa",
        localstack("test_rotate_key_on_demand_raises_error_given_non_symmetric_key"),
        (key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT"),),
        "RotateKeyOnDemand",
        {"KeyId": "{key}"},
        error=(UNSUPPORTED, ""),
    ),
    Row(
        "rotate-too-often",
        localstack("test_key_rotations_limits") + "; " + guide("resource-limits"),
        (key(), *[ROTATE] * LIMIT),
        "RotateKeyOnDemand",
        {"KeyId": "{key}"},
        error=(
            "LimitExceededException",
            "The on-demand rotations limit has been reached for the given keyId. No more "
            "on-demand rotations can be performed for this key: {key_arn}",
        ),
    ),
    Row(
        "enable-rotation-of-a-signing-key",
        reported("terraform-aws-modules/terraform-aws-kms#20"),
        (key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"),),
        "EnableKeyRotation",
        {"KeyId": "{key}"},
        error=(UNSUPPORTED, ""),
    ),
    Row(
        "enable-rotation-of-a-key-in-a-store",
        guide("key-state") + ", note 7; reported: crossplane-contrib/provider-aws#2336",
        (stored_key,),
        "EnableKeyRotation",
        {"KeyId": "{key}"},
        error=(
            UNSUPPORTED,
            "{key_arn} origin is AWS_CLOUDHSM which is not valid for this operation.",
        ),
    ),
    Row(
        "rotation-status-before-import",
        guide("key-state") + ", note 6",
        (key(Origin="EXTERNAL"),),
        "GetKeyRotationStatus",
        STATUS,
        error=(
            UNSUPPORTED,
            "{key_arn} origin is EXTERNAL which is not valid for this operation.",
        ),
    ),
    Row(
        "rotation-status-of-an-asymmetric-key",
        # Also reported of 2026: floci-io/floci#618.
        reference("GetKeyRotationStatus"),
        (key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"),),
        "GetKeyRotationStatus",
        STATUS,
        answer=Some({"KeyRotationEnabled": False}),
    ),
    Row(
        "list-rotations",
        "awscli examples/kms/list-key-rotations.rst; " + reference("ListKeyRotations"),
        (key(), ROTATE),
        "ListKeyRotations",
        {"KeyId": "{key}"},
        answer={
            "Rotations": Some(
                [Some({"KeyId": EITHER, "RotationDate": DATE, "RotationType": "ON_DEMAND"})]
            ),
            "Truncated": False,
        },
    ),
    Row(
        "list-automatic-rotations",
        "awscli examples/kms/list-key-rotations.rst; " + reference("ListKeyRotations"),
        (key(), ENABLED, advance(days=366)),
        "ListKeyRotations",
        {"KeyId": "{key}"},
        answer={
            "Rotations": Some([Some({"KeyId": EITHER, "RotationType": "AUTOMATIC"})]),
            "Truncated": False,
        },
    ),
    Row(
        "list-rotations-none",
        reference("ListKeyRotations") + ", IncludeKeyMaterial: ROTATIONS_ONLY by default",
        (key(),),
        "ListKeyRotations",
        {"KeyId": "{key}"},
        answer={"Rotations": [], "Truncated": False},
    ),
    Row(
        "re-encrypt-after-rotation",
        reference("ReEncrypt"),
        (
            key(),
            CURRENT,
            call("Encrypt", keep={"blob": "CiphertextBlob"}, KeyId="{key}", Plaintext=b"text"),
            ROTATE,
            call("DescribeKey", keep={"second": "KeyMetadata.CurrentKeyMaterialId"}, KeyId="{key}"),
        ),
        "ReEncrypt",
        {"CiphertextBlob": "{blob}", "DestinationKeyId": "{key}"},
        answer={
            "CiphertextBlob": BLOB,
            "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "DestinationKeyMaterialId": "{second}",
            "KeyId": "{key_arn}",
            "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "SourceKeyId": "{key_arn}",
            "SourceKeyMaterialId": "{first}",
        },
    ),
    Row(
        "delete-imported-material",
        reference("DeleteImportedKeyMaterial"),
        (
            key(Origin="EXTERNAL"),
            imported(),
        ),
        "DeleteImportedKeyMaterial",
        {"KeyId": "{key}"},
        answer={"KeyId": "{key_arn}", "KeyMaterialId": MATERIAL_ID},
    ),
)

"""What CloudTrail records of KMS, and EventBridge is sent, by today's guides (T6, Y24, Y25)."""

from __future__ import annotations

from typing import Any

from .rows import Like, Other, Row, Some
from .shapes import MATERIAL_ID
from .sources import guide
from .steps import advance, bus, call, imported, key, stored_key

SINCE_2022 = guide("logging-using-cloudtrail") + ": responseElements on or after December 2022"
ANSWERED = {"keyId": "{key_arn}"}
ROOT = "arn:aws:iam::{account}:root"
ENCRYPTED = call("Encrypt", keep={"blob": "CiphertextBlob"}, KeyId="{key}", Plaintext=b"text")
CURRENT = call("DescribeKey", keep={"first": "KeyMetadata.CurrentKeyMaterialId"}, KeyId="{key}")
ALIAS = call("CreateAlias", AliasName="alias/mine", TargetKeyId="{key}")
TAGS = [{"TagKey": "Department", "TagValue": "IT"}]


def answers(page: str, operation: str, *steps: Any, **request: Any) -> Row:
    """An operation that answers nothing: its record has the ARN of the key as the answer."""
    return Row(
        f"record-of-{operation}",
        f"{guide(page)}; {SINCE_2022}",
        steps or (key(),),
        operation,
        request,
        record=Some({"responseElements": ANSWERED}),
    )


def uses(page: str, operation: str, *steps: Any, **request: Any) -> Row:
    """A cryptographic operation: its record has the key material that was used."""
    return Row(
        f"record-of-{operation}-has-the-key-material",
        guide(page),
        (key(), CURRENT, *steps),
        operation,
        request,
        record=Some({"additionalEventData": Some({"keyMaterialId": "{first}"})}),
    )


KEY = {"KeyId": "{key}"}

ROWS = (
    answers("ct-disablekey", "DisableKey", **KEY),
    answers("ct-enablekey", "EnableKey", key(), call("DisableKey", **KEY), **KEY),
    answers("ct-enablekeyrotation", "EnableKeyRotation", **KEY),
    answers("ct-disable-key-rotation", "DisableKeyRotation", **KEY),
    answers("ct-createalias", "CreateAlias", AliasName="alias/mine", TargetKeyId="{key}"),
    answers(
        "ct-updatealias",
        "UpdateAlias",
        key("other"),
        call("CreateAlias", AliasName="alias/mine", TargetKeyId="{other}"),
        key(),
        AliasName="alias/mine",
        TargetKeyId="{key}",
    ),
    answers("ct-deletealias", "DeleteAlias", key(), ALIAS, AliasName="alias/mine"),
    answers("ct-tagresource", "TagResource", **KEY, Tags=TAGS),
    answers("ct-untagresource", "UntagResource", key(Tags=TAGS), **KEY, TagKeys=["Department"]),
    answers("ct-update-key-description", "UpdateKeyDescription", **KEY, Description="New"),
    answers(
        "ct-revoke-grant",
        "RevokeGrant",
        key(),
        call(
            "CreateGrant",
            keep={"grant": "GrantId"},
            **KEY,
            GranteePrincipal=ROOT,
            Operations=["Encrypt"],
        ),
        **KEY,
        GrantId="{grant}",
    ),
    Row(
        "record-of-CreateGrant",
        f"{guide('ct-creategrant')}; {SINCE_2022}",
        (key(),),
        "CreateGrant",
        {**KEY, "GranteePrincipal": ROOT, "Operations": ["Encrypt"]},
        record=Some({"responseElements": Some({"grantId": Like("[0-9a-f]{64}"), **ANSWERED})}),
    ),
    uses("ct-encrypt", "Encrypt", **KEY, Plaintext=b"text"),
    uses("ct-decrypt", "Decrypt", ENCRYPTED, CiphertextBlob="{blob}"),
    uses("ct-generatedatakey", "GenerateDataKey", **KEY, KeySpec="AES_256"),
    Row(
        "record-of-a-use-of-a-key-in-a-store-has-no-key-material",
        guide("ct-decrypt"),
        (stored_key, ENCRYPTED),
        "Decrypt",
        {"CiphertextBlob": "{blob}"},
        record=Some(
            {
                "additionalEventData": Some(
                    {"customKeyStoreId": "{store}"}, without=("keyMaterialId",)
                )
            }
        ),
    ),
    Row(
        "record-has-tls-details",
        guide("ct-decrypt") + "; " + guide("pqtls"),
        (key(), ENCRYPTED),
        "Decrypt",
        {"CiphertextBlob": "{blob}"},
        record=Some(
            {
                "eventVersion": "1.11",
                "tlsDetails": Some(
                    {
                        "tlsVersion": Like("TLSv1\\.[23]"),
                        "cipherSuite": Like("[A-Z0-9_-]+"),
                        "clientProvidedHostHeader": "kms.{region}.amazonaws.com",
                    }
                ),
            }
        ),
    ),
    Row(
        "record-of-RotateKey",
        guide("ct-rotatekey"),
        (key(), CURRENT, call("EnableKeyRotation", **KEY), advance(days=366)),
        "RotateKey",
        None,
        record=Some(
            {
                "eventType": "AwsServiceEvent",
                "serviceEventDetails": {
                    "currentKeyMaterialId": Other("{first}"),
                    "keyId": "{key}",
                    "keyOrigin": "AWS_KMS",
                    "previousKeyMaterialId": "{first}",
                    "rotationType": "AUTOMATIC",
                },
            }
        ),
    ),
    Row(
        "record-of-DeleteKey",
        f"{guide('ct-delete-key')}; {SINCE_2022}",
        (
            key(),
            call("ScheduleKeyDeletion", **KEY, PendingWindowInDays=7),
            advance(days=8),
        ),
        "DeleteKey",
        None,
        record=Some({"eventType": "AwsServiceEvent", "responseElements": ANSWERED}),
    ),
    # EventBridge ----------------------------------------------------------------------------------
    Row(
        "event-of-rotation",
        guide("kms-events"),
        (
            bus("KMS CMK Rotation"),
            key(),
            CURRENT,
            call("EnableKeyRotation", **KEY),
            advance(days=366),
        ),
        "KMS CMK Rotation",
        None,
        event={
            "current-key-material-id": Other("{first}"),
            "key-id": "{key}",
            "key-origin": "AWS_KMS",
            "previous-key-material-id": "{first}",
            "rotation-type": "AUTOMATIC",
        },
    ),
    Row(
        "event-of-expiration",
        guide("kms-events"),
        (
            bus("KMS Imported Key Material Expiration"),
            key(Origin="EXTERNAL"),
            imported(ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo="{tomorrow}"),
            advance(days=2),
        ),
        "KMS Imported Key Material Expiration",
        None,
        event={"key-id": "{key}", "key-material-id": MATERIAL_ID},
    ),
    Row(
        "event-of-deletion",
        guide("kms-events"),
        (
            bus("KMS CMK Deletion"),
            key(),
            call("ScheduleKeyDeletion", **KEY, PendingWindowInDays=7),
            advance(days=8),
        ),
        "KMS CMK Deletion",
        None,
        event={"key-id": "{key}"},
    ),
)

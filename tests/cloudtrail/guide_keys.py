"""The examples of operations on keys, aliases and grants."""

from __future__ import annotations

import json

from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.aws import REGION

from . import import_material
from .guide import ANSWERED, DATE, SYMMETRIC, Like, Scene, example

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
# Keys ---------------------------------------------------------------------------------------------

MATERIAL_ID = Like(r"[0-9a-f]{64}")
METADATA = {
    "aWSAccountId": DEFAULT_ACCOUNT_ID,
    "keyId": "<key>",
    "arn": "<arn>",
    "creationDate": DATE,
    "enabled": True,
    "description": "",
    "keyUsage": "ENCRYPT_DECRYPT",
    "keyState": "Enabled",
    "origin": "AWS_KMS",
    "keyManager": "CUSTOMER",
    "customerMasterKeySpec": SYMMETRIC,
    "keySpec": SYMMETRIC,
    "encryptionAlgorithms": [SYMMETRIC],
    "multiRegion": False,
}
CREATE = {
    "bypassPolicyLockoutSafetyCheck": False,
    "customerMasterKeySpec": SYMMETRIC,
    "description": "",
    "keySpec": SYMMETRIC,
    "keyUsage": "ENCRYPT_DECRYPT",
}


@example(
    "ct-createkey",
    "CreateKey",
    {**CREATE, "origin": "EXTERNAL"},
    response={
        "keyMetadata": {
            **METADATA,
            "origin": "EXTERNAL",
            "enabled": False,
            "keyState": "PendingImport",
        }
    },
)
def create_key(scene: Scene) -> None:
    scene.key(Origin="EXTERNAL")


@example(
    "ct-createkey, AWS CloudHSM key store",
    "CreateKey",
    {**CREATE, "origin": "AWS_CLOUDHSM", "customKeyStoreId": "<store>"},
    response={
        "keyMetadata": {
            **METADATA,
            "origin": "AWS_CLOUDHSM",
            "customKeyStoreId": "<store>",
            "cloudHsmClusterId": "<cluster>",
        }
    },
    additional={"backingKey": Like(r'\{"keyHandle":"\d+","backingKeyId":"[^"]+"\}')},
)
def create_key_in_store(scene: Scene) -> None:
    scene.key_in_store()


@example("ct-describekey", "DescribeKey", {"keyId": "<key>"}, read_only=True)
def describe_key(scene: Scene) -> None:
    scene.key()
    scene.kms.describe_key(KeyId=scene.names["key"])


@example("ct-disablekey", "DisableKey", {"keyId": "<key>"}, response=ANSWERED)
def disable_key(scene: Scene) -> None:
    scene.key()
    scene.kms.disable_key(KeyId=scene.names["key"])


@example("ct-enablekey", "EnableKey", {"keyId": "<key>"}, response=ANSWERED)
def enable_key(scene: Scene) -> None:
    disable_key(scene)
    scene.kms.enable_key(KeyId=scene.names["key"])


@example("ct-disable-key-rotation", "DisableKeyRotation", {"keyId": "<arn>"}, response=ANSWERED)
def disable_key_rotation(scene: Scene) -> None:
    scene.kms.disable_key_rotation(KeyId=scene.key())


@example("ct-enablekeyrotation", "EnableKeyRotation", {"keyId": "<key>"}, response=ANSWERED)
def enable_key_rotation(scene: Scene) -> None:
    scene.key()
    scene.kms.enable_key_rotation(KeyId=scene.names["key"])


@example("ct-getkeyrotationstatus", "GetKeyRotationStatus", {"keyId": "<key>"}, read_only=True)
def get_key_rotation_status(scene: Scene) -> None:
    scene.key()
    scene.kms.get_key_rotation_status(KeyId=scene.names["key"])


@example(
    "ct-rotatekeyondemand", "RotateKeyOnDemand", {"keyId": "<key>"}, response={"keyId": "<arn>"}
)
@example(
    "ct-rotatekey",
    "RotateKey",
    is_service_event=True,
    details={
        "rotationType": "ON_DEMAND",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": MATERIAL_ID,
        "currentKeyMaterialId": MATERIAL_ID,
        "keyId": "<key>",
    },
)
def rotate_key_on_demand(scene: Scene) -> None:
    scene.key()
    scene.kms.rotate_key_on_demand(KeyId=scene.names["key"])


@example(
    "ct-getkeypolicy", "GetKeyPolicy", {"keyId": "<key>", "policyName": "default"}, read_only=True
)
def get_key_policy(scene: Scene) -> None:
    scene.key()
    scene.kms.get_key_policy(KeyId=scene.names["key"], PolicyName="default")


@example(
    "ct-put-key-policy",
    "PutKeyPolicy",
    {
        "keyId": "<key>",
        "policyName": "default",
        "policy": POLICY,
        "bypassPolicyLockoutSafetyCheck": False,
    },
    response=ANSWERED,
)
def put_key_policy(scene: Scene) -> None:
    scene.key()
    scene.kms.put_key_policy(KeyId=scene.names["key"], PolicyName="default", Policy=POLICY)


@example(
    "ct-update-key-description",
    "UpdateKeyDescription",
    {"keyId": "<key>", "description": "New key description"},
    response=ANSWERED,
)
def update_key_description(scene: Scene) -> None:
    scene.key()
    scene.kms.update_key_description(KeyId=scene.names["key"], Description="New key description")


@example(
    "ct-tagresource",
    "TagResource",
    {"keyId": "<arn>", "tags": [{"tagKey": "Department", "tagValue": "IT"}]},
    response=ANSWERED,
)
def tag_resource(scene: Scene) -> None:
    tags = [{"TagKey": "Department", "TagValue": "IT"}]
    scene.kms.tag_resource(KeyId=scene.key(), Tags=tags)


@example(
    "ct-untagresource",
    "UntagResource",
    {"keyId": "<arn>", "tagKeys": ["Department"]},
    response=ANSWERED,
)
def untag_resource(scene: Scene) -> None:
    tag_resource(scene)
    scene.kms.untag_resource(KeyId=scene.names["arn"], TagKeys=["Department"])


# Aliases and grants -------------------------------------------------------------------------------

ALIAS = f"arn:aws:kms:{REGION}:{DEFAULT_ACCOUNT_ID}:alias/ExampleAlias"


@example(
    "ct-createalias",
    "CreateAlias",
    {"aliasName": "alias/ExampleAlias", "targetKeyId": "<key>"},
    resources=("<arn>", ALIAS),
    response=ANSWERED,
)
def create_alias(scene: Scene) -> None:
    scene.key()
    scene.kms.create_alias(AliasName="alias/ExampleAlias", TargetKeyId=scene.names["key"])


@example(
    "ct-updatealias",
    "UpdateAlias",
    {"aliasName": "alias/ExampleAlias", "targetKeyId": "<key>"},
    resources=(ALIAS, "<arn>"),
    response=ANSWERED,
)
def update_alias(scene: Scene) -> None:
    create_alias(scene)
    scene.key()
    scene.kms.update_alias(AliasName="alias/ExampleAlias", TargetKeyId=scene.names["key"])


@example(
    "ct-deletealias",
    "DeleteAlias",
    {"aliasName": "alias/ExampleAlias"},
    resources=(ALIAS, "<arn>"),
    response=ANSWERED,
)
def delete_alias(scene: Scene) -> None:
    create_alias(scene)
    scene.kms.delete_alias(AliasName="alias/ExampleAlias")


@example(
    "ct-listaliases",
    "ListAliases",
    {"limit": 5, "marker": "<marker>"},
    resources=(),
    read_only=True,
)
def list_aliases(scene: Scene) -> None:
    scene.names["marker"] = scene.kms.list_aliases(Limit=5)["NextMarker"]
    scene.kms.list_aliases(Limit=5, Marker=scene.names["marker"])


GRANTEE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/grantee"
CONSTRAINTS = {"EncryptionContextSubset": {"ContextKey1": "Value1"}}


@example(
    "ct-creategrant",
    "CreateGrant",
    {
        "keyId": "<arn>",
        "constraints": {"encryptionContextSubset": {"ContextKey1": "Value1"}},
        "operations": ["Encrypt", "RetireGrant"],
        "granteePrincipal": GRANTEE,
    },
    response={"grantId": "<grant>", **ANSWERED},
)
def create_grant(scene: Scene) -> str:
    grant = scene.kms.create_grant(
        KeyId=scene.key(),
        Constraints=CONSTRAINTS,
        Operations=["Encrypt", "RetireGrant"],
        GranteePrincipal=GRANTEE,
    )
    scene.names["grant"] = grant["GrantId"]
    return str(grant["GrantToken"])


@example("ct-retire-grant", "RetireGrant", additional={"grantId": "<grant>"})
def retire_grant(scene: Scene) -> None:
    scene.kms.retire_grant(GrantToken=create_grant(scene))


@example("ct-retire-grant, by key and ID", "RetireGrant", additional={"grantId": "<grant>"})
def retire_grant_by_id(scene: Scene) -> None:
    create_grant(scene)
    scene.kms.retire_grant(KeyId=scene.names["arn"], GrantId=scene.names["grant"])


@example(
    "ct-revoke-grant", "RevokeGrant", {"keyId": "<key>", "grantId": "<grant>"}, response=ANSWERED
)
def revoke_grant(scene: Scene) -> None:
    create_grant(scene)
    scene.kms.revoke_grant(KeyId=scene.names["key"], GrantId=scene.names["grant"])


@example(
    "ct-listgrants",
    "ListGrants",
    {"keyId": "<key>", "marker": "<marker>", "limit": 10},
    read_only=True,
)
def list_grants(scene: Scene) -> None:
    create_grant(scene)
    scene.kms.create_grant(
        KeyId=scene.names["key"], GranteePrincipal=GRANTEE, Operations=["Encrypt"]
    )
    first = scene.kms.list_grants(KeyId=scene.names["key"], Limit=1)
    scene.names["marker"] = first["NextMarker"]
    scene.kms.list_grants(KeyId=scene.names["key"], Marker=first["NextMarker"], Limit=10)


# Imported key material ----------------------------------------------------------------------------


@example(
    "ct-getparametersforimport",
    "GetParametersForImport",
    {"keyId": "<key>", "wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048"},
    read_only=True,
)
@example(
    "ct-importkeymaterial",
    "ImportKeyMaterial",
    {
        "keyId": "<key>",
        "validTo": "Jan 1, 2099, 8:00:00 PM",
        "expirationModel": "KEY_MATERIAL_EXPIRES",
    },
    response={**ANSWERED, "keyMaterialId": MATERIAL_ID},
)
def import_key_material(scene: Scene) -> None:
    scene.world.clock.advance_to("2098-06-01")  # it expires within a year
    scene.key(Origin="EXTERNAL")
    import_material(
        scene.kms,
        scene.names["key"],
        ValidTo="2099-01-01T20:00:00Z",
        ExpirationModel="KEY_MATERIAL_EXPIRES",
    )


@example(
    "ct-deleteimportedkeymaterial",
    "DeleteImportedKeyMaterial",
    {"keyId": "<key>", "keyMaterialId": MATERIAL_ID},
    response={**ANSWERED, "keyMaterialId": MATERIAL_ID},
)
def delete_imported_key_material(scene: Scene) -> None:
    scene.key(Origin="EXTERNAL")
    key_id, forever = scene.names["key"], {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    import_material(scene.kms, key_id, **forever)
    material_id = scene.kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    scene.kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=material_id)


@example(
    "ct-deleteexpiredkeymaterial",
    "DeleteExpiredKeyMaterial",
    is_service_event=True,
    details={"keyMaterialId": MATERIAL_ID, "keyId": "<key>"},
)
def delete_expired_key_material(scene: Scene) -> None:
    scene.key(Origin="EXTERNAL")
    import_material(scene.kms, scene.names["key"], ValidTo=scene.world.clock.now().timestamp() + 60)
    scene.world.clock.advance(minutes=1)


# Deletion -----------------------------------------------------------------------------------------

SCHEDULED = {
    "keyId": "<arn>",
    "keyState": "PendingDeletion",
    "deletionDate": DATE,
    "pendingWindowInDays": 30,
}
BACKING_KEY = r'"keyHandle":"\d+","backingKeyId":"[^"]+"'
BACKING_KEYS = Like(rf"\[\{{{BACKING_KEY}\}}\]")


@example(
    "ct-schedule-key-deletion",
    "ScheduleKeyDeletion",
    {"keyId": "<key>", "pendingWindowInDays": 20},
    response={**SCHEDULED, "pendingWindowInDays": 20},
)
def schedule_key_deletion(scene: Scene) -> None:
    scene.key()
    scene.kms.schedule_key_deletion(KeyId=scene.names["key"], PendingWindowInDays=20)


@example(
    "ct-schedule-key-deletion, AWS CloudHSM key store",
    "ScheduleKeyDeletion",
    {"keyId": "<arn>", "pendingWindowInDays": 30},
    response=SCHEDULED,
    additional={
        "customKeyStoreId": "<store>",
        "clusterId": "<cluster>",
        "backingKeys": BACKING_KEYS,
    },
)
def schedule_key_deletion_in_store(scene: Scene) -> None:
    scene.kms.schedule_key_deletion(KeyId=scene.key_in_store())


@example(
    "ct-cancel-key-deletion", "CancelKeyDeletion", {"keyId": "<key>"}, response={"keyId": "<arn>"}
)
def cancel_key_deletion(scene: Scene) -> None:
    schedule_key_deletion(scene)
    scene.kms.cancel_key_deletion(KeyId=scene.names["key"])


@example("ct-delete-key", "DeleteKey", is_service_event=True, response=ANSWERED)
def delete_key(scene: Scene) -> None:
    schedule_key_deletion(scene)
    scene.world.clock.advance(days=20)


@example(
    "ct-delete-key, AWS CloudHSM key store",
    "DeleteKey",
    is_service_event=True,
    additional={
        "customKeyStoreId": "<store>",
        "clusterId": "<cluster>",
        "backingKeys": BACKING_KEYS,
        "backingKeysDeletionStatus": Like(rf'\[\{{{BACKING_KEY},"deletionStatus":"SUCCESS"\}}\]'),
    },
    response=ANSWERED,
)
def delete_key_in_store(scene: Scene) -> None:
    schedule_key_deletion_in_store(scene)
    scene.world.clock.advance(days=30)


# Multi-Region keys --------------------------------------------------------------------------------

ELSEWHERE = f"arn:aws:kms:eu-west-1:{DEFAULT_ACCOUNT_ID}:key/<key>"


@example(
    "ct-replicate-key",
    "ReplicateKey",
    {
        "keyId": "<key>",
        "replicaRegion": "eu-west-1",
        "bypassPolicyLockoutSafetyCheck": False,
        "description": "",
    },
    response={
        "replicaKeyMetadata": {
            **METADATA,
            "arn": ELSEWHERE,
            "enabled": False,
            "keyState": "Creating",
            "multiRegion": True,
            "multiRegionConfiguration": {
                "multiRegionKeyType": "REPLICA",
                "primaryKey": {"arn": "<arn>", "region": REGION},
                "replicaKeys": [{"arn": ELSEWHERE, "region": "eu-west-1"}],
            },
        },
        "replicaPolicy": Like(r"\{.*\}"),
    },
)
def replicate_key(scene: Scene) -> None:
    scene.key(MultiRegion=True)
    scene.kms.replicate_key(KeyId=scene.names["key"], ReplicaRegion="eu-west-1")


@example(
    "ct-update-primary-region",
    "UpdatePrimaryRegion",
    {"keyId": "<key>", "primaryRegion": "ap-northeast-1"},
    error="UnsupportedOperationException",
)
def update_primary_region(scene: Scene) -> None:
    scene.key_in_store()
    scene.fails(
        scene.kms.update_primary_region, KeyId=scene.names["key"], PrimaryRegion="ap-northeast-1"
    )

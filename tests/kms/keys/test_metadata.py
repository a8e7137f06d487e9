"""KeyMetadata, whole: what CreateKey and DescribeKey say of each kind of key (G5, G7, G8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import OTHER_REGION, client
from tests.kms.imports import import_material

SYMMETRIC = {
    "KeySpec": "SYMMETRIC_DEFAULT",
    "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
}


def told(kms: Any, key_id: str) -> dict[str, Any]:
    """All that DescribeKey says; a KeyMaterialId cannot be known."""
    found: dict[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert len(found.pop("CurrentKeyMaterialId", "x" * 64)) == 64
    return found


def expected(world: Any, key_id: str, **more: Any) -> dict[str, Any]:
    return {
        "AWSAccountId": "123456789012",
        "KeyId": key_id,
        "Arn": f"arn:aws:kms:us-east-1:123456789012:key/{key_id}",
        "CreationDate": world.clock.now(),
        "Description": "",
        "Enabled": True,
        "KeyState": "Enabled",
        "KeyManager": "CUSTOMER",
        "Origin": "AWS_KMS",
        "MultiRegion": False,
        **more,
    }


@pytest.mark.parametrize(
    ("request_", "more"),
    [
        ({}, SYMMETRIC),
        ({"Description": "mine"}, {**SYMMETRIC, "Description": "mine"}),
        (
            {"Origin": "EXTERNAL"},
            {
                **SYMMETRIC,
                "Origin": "EXTERNAL",
                "KeyState": "PendingImport",
                "Enabled": False,
            },
        ),
        (
            {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
            {
                "KeySpec": "HMAC_256",
                "CustomerMasterKeySpec": "HMAC_256",
                "KeyUsage": "GENERATE_VERIFY_MAC",
                "MacAlgorithms": ["HMAC_SHA_256"],
            },
        ),
        (
            {"KeySpec": "ECC_NIST_P384", "KeyUsage": "KEY_AGREEMENT"},
            {
                "KeySpec": "ECC_NIST_P384",
                "CustomerMasterKeySpec": "ECC_NIST_P384",
                "KeyUsage": "KEY_AGREEMENT",
                "KeyAgreementAlgorithms": ["ECDH"],
            },
        ),
    ],
    ids=str,
)
def test_g5_a_new_key(
    noon: Any, world: Any, kms: Any, request_: dict[str, str], more: dict[str, Any]
) -> None:
    world.clock.advance(days=3)
    made = kms.create_key(**request_)["KeyMetadata"]
    key_id = made["KeyId"]
    assert told(kms, key_id) == expected(world, key_id, **more)
    made.pop("CurrentKeyMaterialId", None)
    assert made == told(kms, key_id)


def test_g5_a_key_in_a_key_store(noon: Any, world: Any, kms: Any, store: KeyStore) -> None:
    in_store = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store.id}
    key_id = kms.create_key(**in_store, Description="mine")["KeyMetadata"]["KeyId"]
    also = {"CloudHsmClusterId": store.cluster.id, "Description": "mine"}
    assert told(kms, key_id) == expected(world, key_id, **SYMMETRIC, **in_store, **also)
    assert "CurrentKeyMaterialId" not in kms.describe_key(KeyId=key_id)["KeyMetadata"]
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    unavailable = {"KeyState": "Unavailable", "Enabled": False}
    assert told(kms, key_id) == expected(
        world, key_id, **SYMMETRIC, **in_store, **also, **unavailable
    )


def test_g5_g7_states_and_what_is_told_with_them(noon: Any, world: Any, kms: Any) -> None:
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    soon = world.clock.now() + timedelta(days=3)
    import_material(kms, key_id, ValidTo=soon)
    external = {**SYMMETRIC, "Origin": "EXTERNAL"}
    expires = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": soon}
    assert told(kms, key_id) == expected(world, key_id, **external, **expires)
    kms.disable_key(KeyId=key_id)
    disabled = {"KeyState": "Disabled", "Enabled": False}
    assert told(kms, key_id) == expected(world, key_id, **external, **expires, **disabled)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=8)
    deleting = {
        "KeyState": "PendingDeletion",
        "Enabled": False,
        "DeletionDate": world.clock.now() + timedelta(days=8),
    }
    assert told(kms, key_id) == expected(world, key_id, **external, **expires, **deleting)


def test_g5_g8_a_primary_key_and_its_replica(noon: Any, world: Any, kms: Any) -> None:
    key_id = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    answer = kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION, Description="other")
    arns = {
        region: f"arn:aws:kms:{region}:123456789012:key/{key_id}"
        for region in ("us-east-1", OTHER_REGION)
    }
    several = {
        "PrimaryKey": {"Arn": arns["us-east-1"], "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": arns[OTHER_REGION], "Region": OTHER_REGION}],
    }
    common = {**SYMMETRIC, "MultiRegion": True}
    primary = {"MultiRegionConfiguration": {"MultiRegionKeyType": "PRIMARY", **several}}
    assert told(kms, key_id) == expected(world, key_id, **common, **primary)
    replica = {
        "Arn": arns[OTHER_REGION],
        "Description": "other",
        "MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA", **several},
    }
    there = told(client("kms", OTHER_REGION), key_id)
    assert there == expected(world, key_id, **{**common, **replica})
    creating = {"KeyState": "Creating", "Enabled": False}
    assert answer["ReplicaKeyMetadata"] == {**there, **creating}
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=9)
    waiting = {
        "KeyState": "PendingReplicaDeletion",
        "Enabled": False,
        "PendingDeletionWindowInDays": 9,
    }
    assert told(kms, key_id) == expected(world, key_id, **common, **primary, **waiting)

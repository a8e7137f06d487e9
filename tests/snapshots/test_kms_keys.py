"""KMS keys of every kind in saved worlds: what they compute with, and what is still to come."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.moto_api import state_manager

from moto_cks import Cks
from moto_cks.kms.specs import SPECS
from tests.aws import OTHER_REGION, client, error_of
from tests.kms import POLICY, can_make
from tests.kms.imports import NEW, OTHER, import_material, wrap

MESSAGE = b"4111 1111"

Moved = Any
"""Goes to the same world as it is in a file."""


@pytest.fixture
def moved(world: Cks, tmp_path: Path) -> Moved:
    def move() -> None:
        world.save(tmp_path / "keys.world")
        world.reset()
        world.load(tmp_path / "keys.world")

    return move


def new_key(kms: Any, **kind: Any) -> str:
    key_id: str = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    return key_id


def state(kms: Any, key_id: str) -> str:
    found: str = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
    return found


KINDS = [
    (name, usage) for name, spec in SPECS.items() if can_make(name) for usage in spec.algorithms
]


@pytest.mark.parametrize(("spec", "usage"), KINDS)
def test_a_key_computes_with_what_it_had(kms: Any, moved: Moved, spec: str, usage: str) -> None:
    key_id = new_key(kms, KeySpec=spec, KeyUsage=usage)
    algorithm = SPECS[spec].algorithms[usage][0]
    if usage == "ENCRYPT_DECRYPT":
        named = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
        sealed = kms.encrypt(**named, Plaintext=MESSAGE)["CiphertextBlob"]
        moved()
        assert kms.decrypt(**named, CiphertextBlob=sealed)["Plaintext"] == MESSAGE
    elif usage == "SIGN_VERIFY":
        kind = "DIGEST" if algorithm == "ED25519_PH_SHA_512" else "RAW"
        message = MESSAGE if kind == "RAW" else bytes(64)
        asked = {"KeyId": key_id, "Message": message, "MessageType": kind}
        signature = kms.sign(**asked, SigningAlgorithm=algorithm)["Signature"]
        moved()
        checked = kms.verify(**asked, SigningAlgorithm=algorithm, Signature=signature)
        assert checked["SignatureValid"]
    elif usage == "GENERATE_VERIFY_MAC":
        asked = {"KeyId": key_id, "Message": MESSAGE, "MacAlgorithm": algorithm}
        mac = kms.generate_mac(**asked)["Mac"]
        moved()
        assert kms.verify_mac(**asked, Mac=mac)["MacValid"]
    else:
        public = kms.get_public_key(KeyId=key_id)["PublicKey"]
        moved()
        assert kms.get_public_key(KeyId=key_id)["PublicKey"] == public


def test_a_key_that_nobody_has_used_is_used_afterwards(kms: Any, moved: Moved) -> None:
    key_id = new_key(kms)
    moved()
    sealed = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE)["CiphertextBlob"]
    moved()
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == MESSAGE
    if "GetKeyLastUsage" in kms.meta.service_model.operation_names:  # newer than some botocore
        assert kms.get_key_last_usage(KeyId=key_id)["KeyLastUsage"]["Operation"] == "Decrypt"


def test_aliases_grants_policies_and_tags(kms: Any, moved: Moved) -> None:
    key_id = new_key(kms, Policy=POLICY, Tags=[{"TagKey": "of", "TagValue": "cards"}])
    kms.create_alias(AliasName="alias/cards", TargetKeyId=key_id)
    root = "arn:aws:iam::123456789012:root"
    grant = {"KeyId": key_id, "GranteePrincipal": root, "Operations": ["Decrypt"], "Name": "a"}
    granted = kms.create_grant(**grant)["GrantId"]

    def seen() -> list[Any]:
        return [
            kms.describe_key(KeyId="alias/cards")["KeyMetadata"],
            kms.list_aliases(KeyId=key_id)["Aliases"],
            kms.list_grants(KeyId=key_id)["Grants"],
            kms.get_key_policy(KeyId=key_id)["Policy"],
            kms.list_resource_tags(KeyId=key_id)["Tags"],
        ]

    before = seen()
    moved()
    assert seen() == before
    assert kms.create_grant(**grant)["GrantId"] == granted  # the same request again
    kms.revoke_grant(KeyId=key_id, GrantId=granted)
    kms.update_alias(AliasName="alias/cards", TargetKeyId=new_key(kms))


# Rotation -----------------------------------------------------------------------------------------


def rotations(kms: Any, key_id: str) -> list[str]:
    return [each["RotationType"] for each in kms.list_key_rotations(KeyId=key_id)["Rotations"]]


def test_a_key_is_rotated_when_it_falls_due(world: Cks, kms: Any, moved: Moved) -> None:
    key_id = new_key(kms)
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    sealed = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE)["CiphertextBlob"]
    world.clock.advance(days=60)
    moved()
    for number in range(1, 4):
        world.clock.advance(days=30 if number == 1 else 90)
        assert rotations(kms, key_id) == ["AUTOMATIC"] * number
        moved()
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == MESSAGE
    assert world.trail.events(event_name="RotateKey")


def test_a_rotation_on_demand_that_is_in_progress(world: Cks, kms: Any, moved: Moved) -> None:
    state_manager.set_transition("kms::rotation", {"progression": "time", "seconds": 60})
    key_id = new_key(kms)
    kms.rotate_key_on_demand(KeyId=key_id)
    before = world.snapshot()
    for _ in range(2):
        world.restore(before)
        moved()
        assert rotations(kms, key_id) == []
        assert error_of(kms.rotate_key_on_demand, KeyId=key_id)[0] == "ConflictException"
        world.clock.advance(minutes=1)
        assert rotations(kms, key_id) == ["ON_DEMAND"]


def test_aws_managed_keys(world: Cks, kms: Any, moved: Moved) -> None:
    found = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    moved()
    assert kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"] == found
    assert error_of(kms.disable_key, KeyId=found["KeyId"])[0] == "AccessDeniedException"
    world.clock.advance(days=366)
    assert rotations(kms, found["KeyId"]) == ["AUTOMATIC"]


# Imported key material ----------------------------------------------------------------------------


def test_an_import_that_is_under_way(kms: Any, moved: Moved) -> None:
    key_id = new_key(kms, Origin="EXTERNAL")
    algorithm = "RSA_AES_KEY_WRAP_SHA_256"
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
    )
    moved()
    assert state(kms, key_id) == "PendingImport"
    kms.import_key_material(
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap(bytes(range(32)), parameters, algorithm),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    assert state(kms, key_id) == "Enabled"


def test_imported_key_material_expires(world: Cks, kms: Any, moved: Moved) -> None:
    key_id = new_key(kms, Origin="EXTERNAL")
    end = world.clock.now().replace(microsecond=0) + timedelta(days=3)
    import_material(kms, key_id, ValidTo=end, ExpirationModel="KEY_MATERIAL_EXPIRES")
    sealed = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE)["CiphertextBlob"]
    moved()
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["ValidTo"] == end
    world.clock.advance(days=3)
    assert state(kms, key_id) == "PendingImport"
    assert world.trail.events(event_name="DeleteExpiredKeyMaterial")
    moved()
    import_material(kms, key_id)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == MESSAGE


def test_second_key_material_that_is_pending_rotation(kms: Any, moved: Moved) -> None:
    key_id = new_key(kms, Origin="EXTERNAL")
    import_material(kms, key_id)
    sealed = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE)["CiphertextBlob"]
    import_material(kms, key_id, material=OTHER, **NEW)
    moved()
    kms.rotate_key_on_demand(KeyId=key_id)
    assert rotations(kms, key_id) == ["ON_DEMAND"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == MESSAGE


# Multi-Region keys --------------------------------------------------------------------------------


def test_related_keys_stay_related(world: Cks, kms: Any, moved: Moved) -> None:
    key_id, there = new_key(kms, MultiRegion=True), client("kms", OTHER_REGION)
    kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION)
    kms.enable_key_rotation(KeyId=key_id)
    sealed = kms.encrypt(KeyId=key_id, Plaintext=MESSAGE)["CiphertextBlob"]
    moved()
    assert there.decrypt(CiphertextBlob=sealed)["Plaintext"] == MESSAGE
    world.clock.advance(days=365)
    ids = {
        each.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
        for each in (kms, there)
    }
    assert len(ids) == 1
    kms.update_primary_region(KeyId=key_id, PrimaryRegion=OTHER_REGION)
    moved()
    found = kms.describe_key(KeyId=key_id)["KeyMetadata"]["MultiRegionConfiguration"]
    assert (found["MultiRegionKeyType"], found["PrimaryKey"]["Region"]) == ("REPLICA", OTHER_REGION)
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert state(there, key_id) == "PendingReplicaDeletion"
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    moved()
    world.clock.advance(days=7)
    assert state(there, key_id) == "PendingDeletion"
    world.clock.advance(days=7)
    assert error_of(there.describe_key, KeyId=key_id)[0] == "NotFoundException"


def test_a_replica_that_is_being_created(world: Cks, kms: Any, moved: Moved) -> None:
    state_manager.set_transition("kms::key", {"progression": "time", "seconds": 60})
    key_id, there = new_key(kms, MultiRegion=True), client("kms", OTHER_REGION)
    kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION)
    moved()
    assert state(there, key_id) == "Creating"
    world.clock.advance(minutes=1)
    assert state(there, key_id) == "Enabled"
    kms.update_primary_region(KeyId=key_id, PrimaryRegion=OTHER_REGION)
    moved()
    assert [state(each, key_id) for each in (kms, there)] == ["Updating"] * 2
    world.clock.advance(minutes=1)
    assert [state(each, key_id) for each in (kms, there)] == ["Enabled"] * 2


# What was --------------------------------------------------------------------------------------


def test_a_deleted_key_is_explained(world: Cks, kms: Any, moved: Moved) -> None:
    key_id = new_key(kms)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=7)
    moved()
    assert "deleted" in str(world.explain(key_id))


@pytest.mark.usefixtures("noon")
def test_request_quotas_are_in_force(world: Cks, kms: Any, moved: Moved) -> None:
    with world.faults.request_quotas():
        for _ in range(5):
            kms.create_key()
        moved()
        assert error_of(kms.create_key)[0] == "ThrottlingException"
        world.clock.advance(seconds=1)
        kms.create_key()
    kms.create_key()

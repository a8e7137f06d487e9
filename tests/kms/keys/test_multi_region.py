"""Multi-Region keys: primary keys, replicas, what they share and what they do not (G8)."""

from __future__ import annotations

from typing import Any

import pytest
from moto import mock_aws

from moto_cks import mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client, error_of
from tests.kms import POLICY
from tests.kms.imports import EXISTING, MATERIAL, NEW, OTHER, import_material

THIRD_REGION = "ap-south-1"


@pytest.fixture
def there(world: Any) -> Any:
    return client("kms", OTHER_REGION)


@pytest.fixture
def key_id(kms: Any) -> str:
    return new_key(kms)


def new_key(kms: Any, **kind: Any) -> str:
    key_id: str = kms.create_key(MultiRegion=True, **kind)["KeyMetadata"]["KeyId"]
    return key_id


def replicate(kms: Any, key_id: str, region: str = OTHER_REGION, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = kms.replicate_key(KeyId=key_id, ReplicaRegion=region, **more)
    return answer


def metadata(kms: Any, key_id: str) -> dict[str, Any]:
    found: dict[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    return found


def state(kms: Any, key_id: str) -> str:
    found: str = metadata(kms, key_id)["KeyState"]
    return found


def relatives(kms: Any, key_id: str) -> tuple[str, str, list[str]]:
    """What the key is, the Region of the primary key, and those of the replicas."""
    found = metadata(kms, key_id)["MultiRegionConfiguration"]
    regions = [entry["Region"] for entry in found["ReplicaKeys"]]
    return found["MultiRegionKeyType"], found["PrimaryKey"]["Region"], regions


def test_g8_related_keys_know_of_each_other(kms: Any, there: Any, key_id: str) -> None:
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [])
    replicate(kms, key_id)
    replicate(kms, key_id, THIRD_REGION)
    both = [OTHER_REGION, THIRD_REGION]
    assert relatives(kms, key_id) == ("PRIMARY", REGION, both)
    assert relatives(there, key_id) == ("REPLICA", REGION, both)
    assert relatives(client("kms", THIRD_REGION), key_id) == ("REPLICA", REGION, both)
    arns = {metadata(each, key_id)["Arn"].split(":")[3] for each in (kms, there)}
    assert arns == {REGION, OTHER_REGION}


@pytest.mark.parametrize("region", [OTHER_REGION, REGION])
def test_g8_once_a_region(kms: Any, key_id: str, region: str) -> None:
    replicate(kms, key_id)
    refused = error_of(kms.replicate_key, KeyId=key_id, ReplicaRegion=region)
    arn = f"arn:aws:kms:{region}:123456789012:key/{key_id}"
    assert refused == ("AlreadyExistsException", f"The key {arn} already exists")
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [OTHER_REGION])


@pytest.mark.parametrize("region", ["mars-north-1", "cn-north-1", "Nowhere"])
def test_g8_regions_that_there_are_not(kms: Any, key_id: str, region: str) -> None:
    for call, member in (
        (kms.replicate_key, "ReplicaRegion"),
        (kms.update_primary_region, "PrimaryRegion"),
    ):
        assert error_of(call, KeyId=key_id, **{member: region})[0] == "ValidationException"
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [])


def test_g8_what_is_wrong_with_the_replica_leaves_nothing(
    kms: Any, there: Any, key_id: str
) -> None:
    for more, code in (
        ({"Policy": "{"}, "MalformedPolicyDocumentException"),
        ({"Tags": [{"TagKey": "aws:x", "TagValue": "y"}]}, "TagException"),
    ):
        call = error_of(kms.replicate_key, KeyId=key_id, ReplicaRegion=OTHER_REGION, **more)
        assert call[0] == code
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [])
    assert error_of(there.describe_key, KeyId=key_id)[0] == "NotFoundException"


def test_g8_what_related_keys_do_not_share(kms: Any, there: Any) -> None:
    tags = [{"TagKey": "project", "TagValue": "one"}]
    key_id = new_key(kms, Description="mine", Policy=POLICY, Tags=tags)
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key_id)
    grant = {"GranteePrincipal": "arn:aws:iam::123456789012:root", "Operations": ["Encrypt"]}
    kms.create_grant(KeyId=key_id, **grant)
    answer = replicate(kms, key_id)
    assert "ReplicaTags" not in answer
    assert answer["ReplicaPolicy"] == there.get_key_policy(KeyId=key_id)["Policy"] != POLICY
    assert metadata(there, key_id)["Description"] == ""
    assert there.list_aliases(KeyId=key_id)["Aliases"] == []
    assert there.list_grants(KeyId=key_id)["Grants"] == []
    assert there.list_resource_tags(KeyId=key_id)["Tags"] == []
    there.update_key_description(KeyId=key_id, Description="theirs")
    there.disable_key(KeyId=key_id)
    assert (metadata(kms, key_id)["Description"], state(kms, key_id)) == ("mine", "Enabled")


def test_g8_a_replica_with_all_that_it_can_be_given(kms: Any, there: Any, key_id: str) -> None:
    tags = [{"TagKey": "project", "TagValue": "two"}]
    answer = replicate(kms, key_id, Description="theirs", Policy=POLICY, Tags=tags)
    assert (answer["ReplicaPolicy"], answer["ReplicaTags"]) == (POLICY, tags)
    assert there.list_resource_tags(KeyId=key_id)["Tags"] == tags
    assert metadata(there, key_id)["Description"] == "theirs"


@pytest.mark.parametrize(
    "kind",
    [
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ],
    ids=lambda kind: kind["KeySpec"],
)
def test_g8_related_keys_have_one_material(kms: Any, there: Any, kind: dict[str, str]) -> None:
    key_id = new_key(kms, **kind)
    replicate(kms, key_id)
    it = {"KeyId": key_id, "Message": b"message"}
    if kind["KeySpec"] == "HMAC_256":
        how = {"MacAlgorithm": "HMAC_SHA_256"}
        assert there.verify_mac(**it, **how, Mac=kms.generate_mac(**it, **how)["Mac"])["MacValid"]
    else:
        how = {"SigningAlgorithm": "ECDSA_SHA_256"}
        signature = there.sign(**it, **how)["Signature"]
        assert kms.verify(**it, **how, Signature=signature)["SignatureValid"]


def test_g8_related_keys_decrypt_each_other_s_ciphertexts(
    kms: Any, there: Any, key_id: str
) -> None:
    replicate(kms, key_id)
    context = {"EncryptionContext": {"for": "both"}}
    for mine, theirs in ((kms, there), (there, kms)):
        blob = mine.encrypt(KeyId=key_id, Plaintext=b"text", **context)["CiphertextBlob"]
        answer = theirs.decrypt(CiphertextBlob=blob, **context)
        assert answer["Plaintext"] == b"text"
        assert answer["KeyId"] == metadata(theirs, key_id)["Arn"]
        assert error_of(theirs.decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"
        elsewhere = client("kms", THIRD_REGION)
        call = error_of(elsewhere.decrypt, CiphertextBlob=blob, **context)
        assert call[0] == "AccessDeniedException"


def test_g8_another_account_cannot_replicate(kms: Any, key_id: str) -> None:
    other = client("kms", account_id=OTHER_ACCOUNT)
    call = error_of(other.replicate_key, KeyId=key_id, ReplicaRegion=OTHER_REGION)
    assert call[0] == "NotFoundException"


# States that end by themselves --------------------------------------------------------------------


def test_g8_u8_a_replica_is_being_created(
    world: Any, kms: Any, there: Any, key_id: str, transition: Any
) -> None:
    transition("kms::key", progression="time", seconds=30)
    assert replicate(kms, key_id)["ReplicaKeyMetadata"]["KeyState"] == "Creating"
    assert state(there, key_id) == "Creating"
    code, message = error_of(there.encrypt, KeyId=key_id, Plaintext=b"x")
    assert (code, message.endswith("is creating.")) == ("KMSInvalidStateException", True)
    there.create_alias(AliasName="alias/soon", TargetKeyId=key_id)
    world.clock.advance(seconds=30)
    there.encrypt(KeyId="alias/soon", Plaintext=b"x")
    assert state(there, key_id) == "Enabled"


def test_g8_creating_progresses_with_descriptions(
    kms: Any, there: Any, key_id: str, transition: Any
) -> None:
    transition("kms::key", progression="manual", times=2)
    replicate(kms, key_id)
    assert [state(there, key_id) for _ in range(2)] == ["Creating", "Enabled"]


def test_g8_a_replica_can_be_deleted_while_it_is_created(
    world: Any, kms: Any, there: Any, key_id: str, transition: Any
) -> None:
    transition("kms::key", progression="time", seconds=3600)
    replicate(kms, key_id)
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert state(there, key_id) == "PendingDeletion"
    there.cancel_key_deletion(KeyId=key_id)
    world.clock.advance(hours=2)
    assert state(there, key_id) == "Disabled"


def test_g8_u8_the_primary_region_is_being_updated(
    world: Any, kms: Any, there: Any, key_id: str, transition: Any
) -> None:
    replicate(kms, key_id)
    transition("kms::key", progression="time", seconds=30)
    kms.update_primary_region(KeyId=key_id, PrimaryRegion=OTHER_REGION)
    for each in (kms, there):
        assert state(each, key_id) == "Updating"
        code, message = error_of(each.disable_key, KeyId=key_id)
        assert (code, message.endswith("is updating.")) == ("KMSInvalidStateException", True)
        each.encrypt(KeyId=key_id, Plaintext=b"x")
    call = error_of(there.replicate_key, KeyId=key_id, ReplicaRegion=THIRD_REGION)
    assert call[0] == "KMSInvalidStateException"
    world.clock.advance(seconds=30)
    assert [state(each, key_id) for each in (kms, there)] == ["Enabled", "Enabled"]
    replicate(there, key_id, THIRD_REGION)


def test_g8_a_replica_that_is_deleted_is_not_created_any_more(
    world: Any, kms: Any, there: Any, key_id: str, transition: Any
) -> None:
    transition("kms::key", progression="time", seconds=30 * 24 * 60 * 60)
    replicate(kms, key_id)
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=60)
    assert [entry.what for entry in world.timeline.entries()][-1:] == ["DeleteKey by AWS"]
    assert world.trail.events(event_name="SynchronizeMultiRegionKey") == []


# The primary Region -------------------------------------------------------------------------------


def test_g8_another_primary_key(kms: Any, there: Any, key_id: str) -> None:
    replicate(kms, key_id)
    replicate(kms, key_id, THIRD_REGION)
    kms.update_primary_region(KeyId=key_id, PrimaryRegion=OTHER_REGION)
    assert relatives(there, key_id) == ("PRIMARY", OTHER_REGION, [REGION, THIRD_REGION])
    assert relatives(kms, key_id) == ("REPLICA", OTHER_REGION, [REGION, THIRD_REGION])
    code, message = error_of(kms.replicate_key, KeyId=key_id, ReplicaRegion="eu-west-3")
    assert code == "UnsupportedOperationException"
    assert message.endswith("is not a multi-region primary key.")
    there.update_primary_region(KeyId=key_id, PrimaryRegion=REGION)
    assert relatives(kms, key_id)[0] == "PRIMARY"


def test_g8_what_cannot_become_the_primary_key(kms: Any, there: Any, key_id: str) -> None:
    replicate(kms, key_id)
    it = {"KeyId": key_id}
    there.disable_key(**it)
    for region, code in (
        (REGION, "UnsupportedOperationException"),
        (THIRD_REGION, "NotFoundException"),
        (OTHER_REGION, "DisabledException"),
    ):
        assert error_of(kms.update_primary_region, **it, PrimaryRegion=region)[0] == code
    there.schedule_key_deletion(**it)
    call = error_of(kms.update_primary_region, **it, PrimaryRegion=OTHER_REGION)
    assert call[0] == "KMSInvalidStateException"
    call = error_of(there.update_primary_region, **it, PrimaryRegion=REGION)
    assert call[0] == "KMSInvalidStateException"
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [OTHER_REGION])


# Deletion -----------------------------------------------------------------------------------------


def test_g8_a_primary_key_waits_for_its_replicas(
    noon: Any, world: Any, kms: Any, there: Any, key_id: str
) -> None:
    replicate(kms, key_id)
    replicate(kms, key_id, THIRD_REGION)
    answer = kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=10)
    assert (answer["KeyState"], "DeletionDate" in answer) == ("PendingReplicaDeletion", False)
    for call in (kms.schedule_key_deletion, kms.enable_key):
        assert error_of(call, KeyId=key_id)[0] == "KMSInvalidStateException"
    world.clock.advance(days=100)
    assert state(kms, key_id) == "PendingReplicaDeletion"
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    client("kms", THIRD_REGION).schedule_key_deletion(KeyId=key_id, PendingWindowInDays=8)
    world.clock.advance(days=7)
    assert error_of(there.describe_key, KeyId=key_id)[0] == "NotFoundException"
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [THIRD_REGION])
    assert state(kms, key_id) == "PendingReplicaDeletion"
    world.clock.advance(days=1)
    found, ahead = metadata(kms, key_id), world.clock.now()
    assert found["KeyState"] == "PendingDeletion"
    assert (found["DeletionDate"] - ahead).days == 10
    assert "PendingDeletionWindowInDays" not in found
    world.clock.advance(days=10)
    assert error_of(kms.describe_key, KeyId=key_id)[0] == "NotFoundException"
    regions = [record["awsRegion"] for record in world.trail.events(event_name="DeleteKey")]
    assert regions == [OTHER_REGION, THIRD_REGION, REGION]


def test_g8_why_a_primary_key_that_waits_cannot_be_used(world: Any, kms: Any, key_id: str) -> None:
    replicate(kms, key_id)
    kms.schedule_key_deletion(KeyId=key_id)
    told = world.explain(metadata(kms, key_id)["Arn"])
    assert "pending deletion" in str(told)
    steps = [step["text"] for step in told.to_dict()["reasons"][0]["steps"]]
    assert len(steps) == 2


def test_g8_waiting_for_replicas_can_be_cancelled(
    world: Any, kms: Any, there: Any, key_id: str
) -> None:
    replicate(kms, key_id)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=key_id)
    assert state(kms, key_id) == "Disabled"
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=30)
    assert state(kms, key_id) == "Disabled"
    kms.enable_key(KeyId=key_id)
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [])


def test_g8_a_replica_is_deleted_alone_and_made_again(
    world: Any, kms: Any, there: Any, key_id: str
) -> None:
    replicate(kms, key_id)
    blob = there.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    answer = there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert answer["KeyState"] == "PendingDeletion"
    call = error_of(kms.replicate_key, KeyId=key_id, ReplicaRegion=OTHER_REGION)
    assert call[0] == "AlreadyExistsException"
    world.clock.advance(days=7)
    assert state(kms, key_id) == "Enabled"
    replicate(kms, key_id)
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


# Rotation -----------------------------------------------------------------------------------------


def test_g8_g6_rotation_is_that_of_the_primary_key(
    world: Any, kms: Any, there: Any, key_id: str
) -> None:
    replicate(kms, key_id)
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    assert there.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 90
    for call in (
        there.enable_key_rotation,
        there.disable_key_rotation,
        there.rotate_key_on_demand,
    ):
        assert error_of(call, KeyId=key_id)[0] == "UnsupportedOperationException"
    there.disable_key(KeyId=key_id)
    world.clock.advance(days=91)
    kms.rotate_key_on_demand(KeyId=key_id)
    found = [each.list_key_rotations(KeyId=key_id)["Rotations"] for each in (kms, there)]
    assert found[0] == found[1]
    assert [entry["RotationType"] for entry in found[0]] == ["AUTOMATIC", "ON_DEMAND"]
    materials = [metadata(each, key_id)["CurrentKeyMaterialId"] for each in (kms, there)]
    assert materials[0] == materials[1] == found[0][1]["KeyMaterialId"]


def test_g8_g6_rotation_goes_on_while_one_of_the_related_keys_is_left(
    world: Any, kms: Any, there: Any, key_id: str
) -> None:
    replicate(kms, key_id)
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=91)
    assert len(kms.list_key_rotations(KeyId=key_id)["Rotations"]) == 1
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=100)  # the other one is not in the event history any more
    assert world.trail.events(event_name="RotateKey") == []


def test_g8_g6_the_new_primary_key_goes_on_with_the_schedule(
    world: Any, kms: Any, there: Any, key_id: str
) -> None:
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    replicate(kms, key_id)
    kms.update_primary_region(KeyId=key_id, PrimaryRegion=OTHER_REGION)
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False
    assert there.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    world.clock.advance(days=91)
    assert len(there.list_key_rotations(KeyId=key_id)["Rotations"]) == 1
    there.disable_key_rotation(KeyId=key_id)


# Imported material --------------------------------------------------------------------------------


def material_states(kms: Any, key_id: str) -> list[tuple[str, str]]:
    answer = kms.list_key_rotations(KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    return [(each["KeyMaterialState"], each["ImportState"]) for each in answer["Rotations"]]


def test_g8_g7_w17_new_material_comes_into_the_primary_key_first(kms: Any, there: Any) -> None:
    key_id = new_key(kms, Origin="EXTERNAL")
    assert error_of(kms.replicate_key, KeyId=key_id, ReplicaRegion=OTHER_REGION)[0] == (
        "KMSInvalidStateException"
    )
    import_material(kms, key_id)
    replicate(kms, key_id)
    assert state(there, key_id) == "PendingImport"
    code, _ = error_of(import_material, kms=there, key_id=key_id, material=OTHER)
    assert code == "IncorrectKeyMaterialException"
    code, _ = error_of(import_material, kms=there, key_id=key_id, material=OTHER, **NEW)
    assert code == "UnsupportedOperationException"
    import_material(there, key_id, **EXISTING)
    blob = there.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

    import_material(kms, key_id, material=OTHER, **NEW)
    waits = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    assert material_states(kms, key_id)[1] == (waits, "IMPORTED")
    assert material_states(there, key_id)[1] == (waits, "PENDING_IMPORT")
    assert error_of(kms.rotate_key_on_demand, KeyId=key_id)[0] == "KMSInvalidStateException"
    import_material(there, key_id, material=OTHER, **EXISTING)
    for each in (kms, there):
        assert material_states(each, key_id)[1] == ("PENDING_ROTATION", "IMPORTED")
    kms.rotate_key_on_demand(KeyId=key_id)
    for each in (kms, there):
        assert [s for s, _ in material_states(each, key_id)] == ["NON_CURRENT", "CURRENT"]
        assert each.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_g8_g7_a_replica_that_is_deleted_needs_no_material(
    world: Any, kms: Any, there: Any
) -> None:
    key_id = new_key(kms, Origin="EXTERNAL")
    import_material(kms, key_id)
    replicate(kms, key_id)
    import_material(there, key_id)
    pending = import_material(kms, key_id, material=OTHER, **NEW)["KeyMaterialId"]
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert error_of(kms.rotate_key_on_demand, KeyId=key_id)[0] == "KMSInvalidStateException"
    world.clock.advance(days=7)
    assert relatives(kms, key_id) == ("PRIMARY", REGION, [])
    kms.rotate_key_on_demand(KeyId=key_id)
    assert metadata(kms, key_id)["CurrentKeyMaterialId"] == pending


def test_g8_g7_deleting_material_of_related_keys(kms: Any, there: Any) -> None:
    key_id = new_key(kms, Origin="EXTERNAL")
    import_material(kms, key_id)
    replicate(kms, key_id)
    import_material(there, key_id)
    there.delete_imported_key_material(KeyId=key_id)
    assert (state(kms, key_id), state(there, key_id)) == ("Enabled", "PendingImport")
    import_material(there, key_id, material=MATERIAL)
    pending = import_material(kms, key_id, material=OTHER, **NEW)["KeyMaterialId"]
    import_material(there, key_id, material=OTHER, **EXISTING)
    there.delete_imported_key_material(KeyId=key_id, KeyMaterialId=pending)
    assert len(material_states(kms, key_id)) == 2
    import_material(there, key_id, material=OTHER, **EXISTING)
    kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=pending)
    for each in (kms, there):
        assert material_states(each, key_id) == [("CURRENT", "IMPORTED")]
        assert state(each, key_id) == "Enabled"


# Keys that moto has made --------------------------------------------------------------------------


def test_g8_m1_related_keys_that_moto_has_made() -> None:
    with mock_aws():
        kms, there = client("kms"), client("kms", OTHER_REGION)
        key_id = new_key(kms)
        replicate(kms, key_id)
        with mock_cks():
            assert relatives(kms, key_id) == ("PRIMARY", REGION, [OTHER_REGION])
            assert relatives(there, key_id) == ("REPLICA", REGION, [OTHER_REGION])
            blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
            assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
            kms.rotate_key_on_demand(KeyId=key_id)
            assert len(there.list_key_rotations(KeyId=key_id)["Rotations"]) == 1
            replicate(kms, key_id, THIRD_REGION)
        assert metadata(kms, key_id)["MultiRegion"] is True


@pytest.mark.parametrize("first", [REGION, OTHER_REGION, THIRD_REGION])
def test_g8_m1_related_keys_that_moto_has_made_in_three_regions(first: str) -> None:
    with mock_aws():
        others = [region for region in (REGION, OTHER_REGION, THIRD_REGION) if region != first]
        kms = client("kms", first)
        key_id = new_key(kms)
        for region in others:
            new_key(client("kms", region))  # another one
            replicate(kms, key_id, region)
        with mock_cks():
            for region in (first, *others):
                assert relatives(client("kms", region), key_id)[1:] == (first, others)


def test_g8_m1_related_keys_that_moto_has_made_beside_a_region_without() -> None:
    with mock_aws():
        new_key(client("kms"))
        kms = client("kms", OTHER_REGION)
        key_id = new_key(kms)
        replicate(kms, key_id, THIRD_REGION)
        with mock_cks():
            assert relatives(kms, key_id) == ("PRIMARY", OTHER_REGION, [THIRD_REGION])


def test_g8_g6_only_the_primary_key_makes_up_for_a_rotation(
    world: Any, kms: Any, there: Any, key_id: str
) -> None:
    replicate(kms, key_id)
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)

    def rotations() -> list[int]:
        return [len(each.list_key_rotations(KeyId=key_id)["Rotations"]) for each in (kms, there)]

    for each in (kms, there):
        each.disable_key(KeyId=key_id)
    world.clock.advance(days=91)
    there.enable_key(KeyId=key_id)
    assert rotations() == [0, 0]
    kms.enable_key(KeyId=key_id)
    assert rotations() == [1, 1]


def test_g7_g8_key_material_that_waits_for_its_rotation_can_be_deleted_in_one_region(
    kms: Any, there: Any
) -> None:
    key_id = kms.create_key(MultiRegion=True, Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    import_material(kms, key_id, **NEW)
    replicate(kms, key_id)
    import_material(there, key_id, **EXISTING)
    waiting = import_material(kms, key_id, material=OTHER, **NEW)["KeyMaterialId"]
    import_material(there, key_id, material=OTHER, **EXISTING)
    there.delete_imported_key_material(KeyId=key_id, KeyMaterialId=waiting)
    for each in (kms, there):
        assert each.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"
    assert error_of(kms.rotate_key_on_demand, KeyId=key_id)[0] == "KMSInvalidStateException"
    import_material(there, key_id, material=OTHER, **EXISTING)
    kms.rotate_key_on_demand(KeyId=key_id)
    current = there.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert current == waiting

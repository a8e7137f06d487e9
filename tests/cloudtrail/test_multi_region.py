"""Rows T1 and T6: the records of operations on multi-Region keys, in each of the Regions.

The records are those of the pages ct-update-primary-region, ct-replicate-key and
ct-synchronize-multi-region-key of the AWS KMS Developer Guide, whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from moto_cks import Cks, mock_cks
from tests.aws import OTHER_REGION, REGION, client, error_of

from . import import_material
from .guide import TIME, UUID, Example, Scene

SYNCHRONIZED = "SynchronizeMultiRegionKey"


@pytest.fixture
def scene() -> Iterator[Scene]:
    with mock_cks() as world:
        yield Scene(world)


def replicated(scene: Scene) -> str:
    """Create a key and its replica; the ID of both."""
    scene.key(MultiRegion=True)
    key_id = scene.names["key"]
    scene.kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION)
    scene.names["replica"] = scene.names["arn"].replace(REGION, OTHER_REGION)
    return key_id


def records(world: Cks, event_name: str) -> list[dict[str, Any]]:
    return list(world.trail.events(event_name=event_name))


def test_t6_update_primary_region_is_recorded_in_both_regions(scene: Scene) -> None:
    key_id = replicated(scene)
    scene.kms.update_primary_region(KeyId=key_id, PrimaryRegion=OTHER_REGION)
    here, there = records(scene.world, "UpdatePrimaryRegion")
    request = {"keyId": "<key>", "primaryRegion": OTHER_REGION}
    page = Example(
        "", replicated, "UpdatePrimaryRegion", request, response={"keyId": "<arn>"}
    ).expected(scene)
    assert here == page
    del page["resources"], page["tlsDetails"]
    assert there == {
        **page,
        "awsRegion": OTHER_REGION,
        "userIdentity": {**page["userIdentity"], "invokedBy": "kms.amazonaws.com"},
        "userAgent": "AWS Internal",
        "requestParameters": {"keyId": scene.names["replica"], "primaryRegion": OTHER_REGION},
        "responseElements": {"keyId": scene.names["replica"]},
    }
    assert (here["requestID"], here["eventID"]) != (there["requestID"], there["eventID"])
    assert here["requestID"] == there["requestID"]


def test_t6_a_replica_is_created_in_its_region(scene: Scene) -> None:
    scene.key(MultiRegion=True)
    scene.kms.replicate_key(
        KeyId=scene.names["key"], ReplicaRegion=OTHER_REGION, Description="of the other Region"
    )
    created, replica = records(scene.world, "CreateKey")
    assert (created["awsRegion"], replica["awsRegion"]) == (REGION, OTHER_REGION)
    arn = scene.names["arn"].replace(REGION, OTHER_REGION)
    assert [resource["ARN"] for resource in replica["resources"]] == [arn]
    assert replica["requestParameters"] == {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "description": "of the other Region",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "multiRegion": True,
        "origin": "AWS_KMS",
    }
    metadata = replica["responseElements"]["keyMetadata"]
    assert (metadata["arn"], metadata["keyState"]) == (arn, "Creating")
    assert replica["userIdentity"]["invokedBy"] == "kms.amazonaws.com"
    (called,) = records(scene.world, "ReplicateKey")
    assert (called["awsRegion"], called["requestID"]) == (REGION, replica["requestID"])


@pytest.mark.parametrize("operation", ["replicate_key", "update_primary_region"])
def test_t6_what_is_refused_leaves_no_record_in_the_other_region(
    scene: Scene, operation: str
) -> None:
    arn = scene.key()  # of a single Region
    parameter = {"replicate_key": "ReplicaRegion", "update_primary_region": "PrimaryRegion"}
    elsewhere = {parameter[operation]: "eu-west-1"}
    code, _ = error_of(getattr(scene.kms, operation), KeyId=arn, **elsewhere)
    assert code == "UnsupportedOperationException"
    regions = {event["awsRegion"] for event in scene.world.trail.events()}
    assert "eu-west-1" not in regions


def test_t1_kms_synchronizes_a_new_replica(scene: Scene) -> None:
    replicated(scene)
    scene.world.clock.advance(minutes=1)
    (record,) = records(scene.world, SYNCHRONIZED)
    arn = scene.names["arn"]
    account_id = arn.split(":")[4]
    assert record == {
        "eventVersion": "1.11",
        "userIdentity": {"accountId": account_id, "invokedBy": "AWS Internal"},
        "eventTime": TIME,
        "eventSource": "kms.amazonaws.com",
        "eventName": SYNCHRONIZED,
        "awsRegion": REGION,
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": None,
        "responseElements": {"keyId": arn},
        "requestID": UUID,
        "eventID": UUID,
        "readOnly": False,
        "resources": [{"accountId": account_id, "type": "AWS::KMS::Key", "ARN": arn}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "eventCategory": "Management",
    }


def test_t1_kms_synchronizes_rotated_keys_where_there_are_replicas(scene: Scene) -> None:
    key_id = replicated(scene)
    alone = scene.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    for each in (key_id, alone):
        scene.kms.rotate_key_on_demand(KeyId=each)
    scene.world.clock.advance(minutes=1)
    found = [event["resources"][0]["ARN"] for event in records(scene.world, SYNCHRONIZED)]
    assert found == [scene.names["arn"]] * 2  # once as its replica came, once as it was rotated


def test_t1_the_new_primary_key_is_the_one_that_is_synchronized(scene: Scene) -> None:
    key_id = replicated(scene)
    scene.kms.update_primary_region(KeyId=key_id, PrimaryRegion=OTHER_REGION)
    scene.world.clock.advance(minutes=5)
    client("kms", OTHER_REGION).rotate_key_on_demand(KeyId=key_id)
    scene.world.clock.advance(minutes=1)
    regions = [event["awsRegion"] for event in records(scene.world, SYNCHRONIZED)]
    assert regions == [REGION, OTHER_REGION]


def test_t1_imported_material_is_not_synchronized(scene: Scene) -> None:
    key_id = scene.kms.create_key(Origin="EXTERNAL", MultiRegion=True)["KeyMetadata"]["KeyId"]
    import_material(scene.kms, key_id, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    scene.world.clock.advance(minutes=1)
    assert records(scene.world, SYNCHRONIZED) == []

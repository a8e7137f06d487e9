"""What KMS does on its own: DeleteExpiredKeyMaterial and RotateKey (T1), and what EventBridge has.

The form of the records is that of the guide: test_guide_examples.py. Here it is when they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cks import Cks, mock_cks
from tests.aws import OTHER_REGION, REGION, client

from . import import_material

NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)
EXPIRED = "DeleteExpiredKeyMaterial"


@pytest.fixture
def world() -> Iterator[Cks]:
    with freeze_time(NOON), mock_cks() as cks:
        yield cks


def import_for(kms: Any, key_id: str, **how_long: float) -> None:
    import_material(kms, key_id, ValidTo=NOON + timedelta(**how_long))


def external_key(**parameters: Any) -> str:
    metadata = client("kms").create_key(Origin="EXTERNAL", **parameters)["KeyMetadata"]
    return str(metadata["KeyId"])


def state_of(key_id: str, region: str = REGION) -> str:
    metadata = client("kms", region).describe_key(KeyId=key_id)["KeyMetadata"]
    return str(metadata["KeyState"])


def times(world: Cks, event_name: str = EXPIRED) -> list[str]:
    return [event["eventTime"] for event in world.trail.events(event_name=event_name)]


# Imported key material that expires ---------------------------------------------------------------


def test_t1_material_expires_once_and_at_its_moment(world: Cks) -> None:
    key_id = external_key()
    import_for(client("kms"), key_id, days=2, hours=1)
    world.clock.advance(days=2, minutes=59)
    assert times(world) == []
    assert state_of(key_id) == "Enabled"
    world.clock.advance(days=10)
    assert times(world) == ["2026-03-06T13:00:00Z"]
    assert state_of(key_id) == "PendingImport"


def test_t1_the_last_import_says_when_the_material_expires(world: Cks) -> None:
    kms, key_id = client("kms"), external_key()
    import_for(kms, key_id, days=1)
    import_for(kms, key_id, days=3)
    world.clock.advance(days=2)
    assert (times(world), state_of(key_id)) == ([], "Enabled")
    world.clock.advance(days=2)
    assert times(world) == ["2026-03-07T12:00:00Z"]
    import_material(kms, key_id, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    world.clock.advance(days=60)
    assert (len(times(world)), state_of(key_id)) == (1, "Enabled")


def test_t1_material_that_was_deleted_does_not_expire(world: Cks) -> None:
    key_id = external_key()
    import_for(client("kms"), key_id, days=1)
    client("kms").delete_imported_key_material(KeyId=key_id)
    world.clock.advance(days=2)
    assert times(world) == []


@pytest.mark.parametrize(("days", "expired"), [(7, 1), (8, 0)])
def test_t1_material_of_a_key_that_waits_for_its_deletion_expires(
    world: Cks, days: int, expired: int
) -> None:
    key_id = external_key()
    import_for(client("kms"), key_id, days=days, hours=-1)
    client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=9)
    assert len(times(world)) == expired
    assert len(times(world, "DeleteKey")) == 1


def test_t1_a_refused_import_leaves_the_expiry_as_it_was(world: Cks) -> None:
    kms, key_id = client("kms"), external_key()
    import_for(kms, key_id, days=1)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        import_material(kms, key_id, bytes(32), ValidTo=NOON + timedelta(days=5))
    world.clock.advance(days=1)
    assert times(world) == ["2026-03-05T12:00:00Z"]


def test_u8_a_replica_has_to_be_given_the_same_material_and_expires_alone(world: Cks) -> None:
    kms, there = client("kms"), client("kms", OTHER_REGION)
    key_id = external_key(MultiRegion=True)
    import_for(kms, key_id, days=1)
    kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION)
    assert (state_of(key_id), state_of(key_id, OTHER_REGION)) == ("Enabled", "PendingImport")
    with pytest.raises(there.exceptions.IncorrectKeyMaterialException):
        import_material(there, key_id, bytes(32), ValidTo=NOON + timedelta(days=2))
    import_for(there, key_id, days=2)
    world.clock.advance(days=1)
    assert (state_of(key_id), state_of(key_id, OTHER_REGION)) == ("PendingImport", "Enabled")
    world.clock.advance(days=1)
    assert state_of(key_id, OTHER_REGION) == "PendingImport"
    events = world.trail.events(event_name=EXPIRED)
    assert [event["awsRegion"] for event in events] == [REGION, OTHER_REGION]
    arns = [event["resources"][0]["ARN"] for event in events]
    assert [arn.split(":")[3] for arn in arns] == [REGION, OTHER_REGION]


def test_t1_a_replica_knows_that_it_is_one_and_the_primary_key_that_it_is_none(world: Cks) -> None:
    kms = client("kms")
    key_id = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION)
    for region, kind in ((OTHER_REGION, "REPLICA"), (REGION, "PRIMARY")):
        metadata = client("kms", region).describe_key(KeyId=key_id)["KeyMetadata"]
        configuration = metadata["MultiRegionConfiguration"]
        assert configuration["MultiRegionKeyType"] == kind
        assert [replica["Region"] for replica in configuration["ReplicaKeys"]] == [OTHER_REGION]


# Rotation -----------------------------------------------------------------------------------------


def test_t1_a_key_is_rotated_after_the_call_that_asks_for_it(world: Cks) -> None:
    kms = client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.rotate_key_on_demand(KeyId=key_id)
    names = [event["eventName"] for event in world.trail.events()]
    assert names == ["CreateKey", "RotateKeyOnDemand", "RotateKey"]
    kms.list_keys()
    world.clock.advance(days=1)
    assert times(world, "RotateKey") == ["2026-03-04T12:00:00Z"]


def test_t1_a_rotation_that_is_refused_is_none(world: Cks) -> None:
    key_id = world.create_key_store().create_key()
    with pytest.raises(client("kms").exceptions.UnsupportedOperationException):
        client("kms").rotate_key_on_demand(KeyId=key_id)
    world.clock.advance(days=1)
    assert times(world, "RotateKey") == []


def test_t1_after_the_mock_nothing_falls_due() -> None:
    with mock_cks() as cks:
        kms = client("kms")
        kms.rotate_key_on_demand(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        cks.trail.events()
    with mock_cks():
        assert cks.trail.events() == []


# EventBridge --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "event_name"),
    [
        ("KMS Imported Key Material Expiration", EXPIRED),
        ("KMS CMK Rotation", "RotateKey"),
    ],
)
def test_t4_rules_see_what_kms_says_of_a_key(world: Cks, kind: str, event_name: str) -> None:
    url = client("sqs").create_queue(QueueName="queue")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:123456789012:queue"
    events = client("events")
    for name, kinds in (("one", [kind]), ("other", ["KMS CMK Deletion"])):
        events.put_rule(Name=name, EventPattern=json.dumps({"detail-type": kinds}))
        events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])
    kms = client("kms")
    if event_name == EXPIRED:
        key_id = external_key()
        import_for(kms, key_id, days=1)
    else:
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.rotate_key_on_demand(KeyId=key_id)
    world.clock.advance(days=1)
    (message,) = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    event = json.loads(message["Body"])
    assert (event["detail-type"], event["source"]) == (kind, "aws.kms")
    assert event["detail"]["key-id"] == key_id
    assert event["resources"] == [f"arn:aws:kms:{REGION}:123456789012:key/{key_id}"]
    assert event["time"] == world.trail.events(event_name=event_name)[0]["eventTime"]

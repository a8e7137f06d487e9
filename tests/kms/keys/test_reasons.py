"""Why a key cannot be used: all that is known of it, whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.aws import OTHER_REGION
from tests.kms.imports import import_material
from tests.kms.user import User

FORM = "%Y-%m-%dT%H:%M:%SZ"


def known(world: Any, key: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [
        (each.cause, each.error, each.when, dict(each.facts)) for each in world.explain(key).reasons
    ]


def test_o1_u8_of_an_ordinary_key(noon: Any, world: Any, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    facts = {"key": key_id, "deletion": None, "imported_before": False}
    invalid = "KMSInvalidStateException"
    assert known(world, key_id) == []
    kms.disable_key(KeyId=key_id)
    assert known(world, key_id) == [
        ("key-disabled", "DisabledException", "now", {**facts, "state": "Disabled"})
    ]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    end = world.clock.now() + timedelta(days=7)
    deleting = {**facts, "state": "PendingDeletion", "deletion": f"{end:{FORM}}"}
    assert known(world, key_id) == [("key-pending-deletion", invalid, "now", deleting)]
    world.clock.advance(days=8)
    assert known(world, key_id) == [("ordinary-key-deleted", "NotFoundException", "now", {})]
    (reason,) = world.explain(key_id).reasons
    assert reason.since == end


def test_g7_of_a_key_with_imported_material(noon: Any, world: Any, kms: Any) -> None:
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    facts = {"key": key_id, "state": "PendingImport", "deletion": None}
    pending = ("key-pending-import", "KMSInvalidStateException", "now")
    assert known(world, key_id) == [(*pending, {**facts, "imported_before": False})]
    import_material(kms, key_id)
    assert known(world, key_id) == []
    kms.delete_imported_key_material(KeyId=key_id)
    assert known(world, key_id) == [(*pending, {**facts, "imported_before": True})]


def test_g8_of_a_primary_key_that_waits_for_its_replica(world: Any, kms: Any) -> None:
    metadata = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=metadata["KeyId"], ReplicaRegion=OTHER_REGION)
    kms.schedule_key_deletion(KeyId=metadata["KeyId"])
    facts = {
        "key": metadata["KeyId"],
        "state": "PendingReplicaDeletion",
        "deletion": None,
        "imported_before": False,
    }
    assert known(world, metadata["Arn"]) == [
        ("key-pending-replica-deletion", "KMSInvalidStateException", "now", facts)
    ]


@pytest.mark.parametrize("reachable", [True, False])
def test_o1_o2_of_a_deleted_key_in_a_key_store(
    noon: Any, world: Any, kms: Any, user: User, reachable: bool
) -> None:
    (handle,) = (key.handle for key in user.store.cluster.hsms[0].keys)
    kms.schedule_key_deletion(KeyId=user.key_id, PendingWindowInDays=7)
    deleting = ("key-pending-deletion", "KMSInvalidStateException", "now")
    facts = {
        "key": user.key_id,
        "state": "PendingDeletion",
        "deletion": f"{world.clock.now() + timedelta(days=7):{FORM}}",
        "imported_before": False,
    }
    assert known(world, user.key_id)[0] == (*deleting, facts)
    if not reachable:
        user.disconnect()
        found = known(world, user.key_id)
        assert found[0] == ("deletion-pending-while-disconnected", *deleting[1:], facts)
    world.clock.advance(days=7)
    gone = {"handle": handle, "material_deleted": reachable}
    assert known(world, user.key_id)[0] == ("key-deleted", "NotFoundException", "now", gone)

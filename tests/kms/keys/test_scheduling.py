"""Deletion is scheduled and cancelled (O1, O5)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import error_of


@pytest.mark.parametrize(("given", "days"), [({}, 30), ({"PendingWindowInDays": 7}, 7)], ids=str)
def test_o1_the_window(world: Any, kms: Any, key_id: str, given: dict[str, int], days: int) -> None:
    now = datetime.datetime.now(datetime.timezone.utc)
    answer = kms.schedule_key_deletion(KeyId=key_id, **given)
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert answer["KeyId"] == metadata["Arn"]
    assert answer["KeyState"] == metadata["KeyState"] == "PendingDeletion"
    assert answer["PendingWindowInDays"] == days
    assert metadata["Enabled"] is False
    waiting = answer["DeletionDate"] - now - datetime.timedelta(days=days)
    assert abs(waiting) < datetime.timedelta(minutes=1)
    assert abs(metadata["DeletionDate"] - answer["DeletionDate"]) < datetime.timedelta(seconds=1)


def test_o1_is_7_to_30_days(kms: Any, key_id: str) -> None:
    for key in (key_id, kms.create_key()["KeyMetadata"]["KeyId"]):
        for days, bound in (
            (6, "greater than or equal to 7"),
            (1, "greater than or equal to 7"),
            (31, "less than or equal to 30"),
            (365, "less than or equal to 30"),
        ):
            assert error_of(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=days) == (
                "ValidationException",
                f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to "
                f"satisfy constraint: Member must have value {bound}",
            )
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_o5_cancelled_deletion_is_disabled_with_its_material(
    kms: Any, store: KeyStore, key_id: str
) -> None:
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    keys = [hsm.keys for hsm in store.cluster.hsms]
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    for _ in range(2):
        kms.schedule_key_deletion(KeyId=key_id)
        assert kms.cancel_key_deletion(KeyId=key_id)["KeyId"] == arn
        metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        assert (metadata["KeyState"], metadata["Enabled"]) == ("Disabled", False)
        assert "DeletionDate" not in metadata
        assert error_of(kms.decrypt, CiphertextBlob=blob)[0] == "DisabledException"
    assert [hsm.keys for hsm in store.cluster.hsms] == keys
    kms.enable_key(KeyId=key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


def test_o5_and_is_not_deleted_when_the_time_is_over(
    world: Any, kms: Any, store: KeyStore, key_id: str
) -> None:
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=key_id)
    world.clock.advance(days=31)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"
    assert len(store.cluster.hsms[0].keys) == 1


def test_o5_a_disabled_key_too(kms: Any, key_id: str) -> None:
    kms.disable_key(KeyId=key_id)
    kms.schedule_key_deletion(KeyId=key_id)
    kms.cancel_key_deletion(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"

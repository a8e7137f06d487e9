"""A KeyboardInterrupt at every point of what becomes of key material: it is rotated, imported,
expires, is deleted, and goes to other Regions.

Whatever was interrupted, ciphertexts of before can be decrypted, and the same call leads on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import KeyStore, cks
from tests.aws import OTHER_REGION, REGION, client
from tests.kms.imports import import_material
from tests.mock.test_interrupts import at_every_point, from_now

MATERIAL = b"m" * 32


class Key:
    """A KMS key, and a ciphertext that was made before anything was interrupted."""

    def __init__(self, **parameters: Any) -> None:
        self.kms = client("kms")
        self.id = self.kms.create_key(**parameters)["KeyMetadata"]["KeyId"]
        if parameters.get("Origin") == "EXTERNAL":
            self.load()
        self.sealed = self.kms.encrypt(KeyId=self.id, Plaintext=b"before")["CiphertextBlob"]

    def load(self, **expiry: Any) -> None:
        import_material(self.kms, self.id, material=MATERIAL, **expiry)

    def described(self, region: str = REGION) -> dict[str, Any]:
        metadata: dict[str, Any] = client("kms", region).describe_key(KeyId=self.id)["KeyMetadata"]
        return metadata

    def rotations(self) -> list[str]:
        listed = self.kms.list_key_rotations(KeyId=self.id)["Rotations"]
        return [rotation["RotationType"] for rotation in listed]

    def check(self) -> None:
        """It encrypts, and decrypts what it has encrypted before and now."""
        assert self.kms.decrypt(CiphertextBlob=self.sealed)["Plaintext"] == b"before"
        sealed = self.kms.encrypt(KeyId=self.id, Plaintext=b"now")["CiphertextBlob"]
        assert self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"now"


def again(action: Callable[[], Any]) -> Callable[[], Callable[[], Any]]:
    """Goes back to the world as it is now, for one interruption after the other."""
    prepare = from_now(action)

    prepare.__qualname__ = action.__qualname__
    return prepare


# Rotation --------------------------------------------------------------------------------------


def test_g6_rotating_on_demand(world: Any) -> None:
    key = Key()

    def rotate() -> None:
        key.kms.rotate_key_on_demand(KeyId=key.id)

    def follow() -> None:
        cks.clock.advance(minutes=10)
        before = key.rotations()
        assert before in ([], ["ON_DEMAND"])
        key.check()
        key.kms.rotate_key_on_demand(KeyId=key.id)
        cks.clock.advance(minutes=10)
        assert key.rotations() == [*before, "ON_DEMAND"]
        key.check()

    assert at_every_point(again(rotate), follow) > 50


def test_g6_rotating_as_time_passes(world: Any) -> None:
    key = Key()
    key.kms.enable_key_rotation(KeyId=key.id, RotationPeriodInDays=90)

    def pass_time() -> None:
        cks.clock.advance(days=91)

    def follow() -> None:
        key.check()
        cks.clock.advance(days=91)
        assert set(key.rotations()) == {"AUTOMATIC"}
        assert len(key.rotations()) in (1, 2)  # by whether the time had passed before
        key.check()

    assert at_every_point(again(pass_time), follow) > 20


# Imported material -----------------------------------------------------------------------------


def test_g7_importing(world: Any) -> None:
    key = Key(Origin="EXTERNAL")
    key.kms.delete_imported_key_material(KeyId=key.id)

    def follow() -> None:
        assert key.described()["KeyState"] in ("PendingImport", "Enabled")
        key.load()
        assert key.described()["KeyState"] == "Enabled"
        key.check()

    assert at_every_point(again(key.load), follow) > 50


def test_g7_material_that_expires(world: Any) -> None:
    key = Key(Origin="EXTERNAL")
    until = cks.clock.now().timestamp() + 3600
    key.load(ValidTo=until, ExpirationModel="KEY_MATERIAL_EXPIRES")

    def pass_time() -> None:
        cks.clock.advance(hours=1, seconds=1)

    def follow() -> None:
        if cks.clock.now().timestamp() < until:
            pass_time()
        assert key.described()["KeyState"] == "PendingImport"
        with pytest.raises(ClientError, match="is pending import"):
            key.check()
        key.load()
        key.check()
        cks.clock.advance(hours=2)
        key.check()

    assert at_every_point(again(pass_time), follow) > 20


def test_g7_deleting_it(world: Any) -> None:
    key = Key(Origin="EXTERNAL")

    def delete() -> None:
        key.kms.delete_imported_key_material(KeyId=key.id)

    def follow() -> None:
        if key.described()["KeyState"] == "Enabled":
            key.check()
            delete()
        assert key.described()["KeyState"] == "PendingImport"
        key.load()
        key.check()

    assert at_every_point(again(delete), follow) > 50


# Multi-Region keys -----------------------------------------------------------------------------


def regions_of(key: Key, region: str) -> tuple[str, list[str]]:
    """The Regions of the primary key and the replica keys, as one of them says it."""
    told = key.described(region)["MultiRegionConfiguration"]
    return told["PrimaryKey"]["Region"], [each["Region"] for each in told["ReplicaKeys"]]


def test_g8_replicating(world: Any) -> None:
    key = Key(MultiRegion=True)

    def replicate() -> None:
        key.kms.replicate_key(KeyId=key.id, ReplicaRegion=OTHER_REGION)

    def follow() -> None:
        if regions_of(key, REGION) == (REGION, []):
            replicate()
        assert regions_of(key, REGION) == regions_of(key, OTHER_REGION) == (REGION, [OTHER_REGION])
        cks.clock.advance(minutes=10)
        assert key.described(OTHER_REGION)["KeyState"] == "Enabled"
        opened = client("kms", OTHER_REGION).decrypt(CiphertextBlob=key.sealed)
        assert opened["Plaintext"] == b"before"
        key.check()

    assert at_every_point(again(replicate), follow) > 100


def test_g8_another_primary_region(world: Any) -> None:
    key = Key(MultiRegion=True)
    key.kms.replicate_key(KeyId=key.id, ReplicaRegion=OTHER_REGION)
    cks.clock.advance(minutes=10)

    def update() -> None:
        key.kms.update_primary_region(KeyId=key.id, PrimaryRegion=OTHER_REGION)

    def follow() -> None:
        assert regions_of(key, REGION) == regions_of(key, OTHER_REGION)  # there is one primary key
        cks.clock.advance(minutes=10)
        if regions_of(key, REGION)[0] == REGION:
            update()
            cks.clock.advance(minutes=10)
        assert regions_of(key, REGION) == regions_of(key, OTHER_REGION) == (OTHER_REGION, [REGION])
        assert {key.described(r)["KeyState"] for r in (REGION, OTHER_REGION)} == {"Enabled"}
        key.check()

    assert at_every_point(again(update), follow) > 100


# In a key store --------------------------------------------------------------------------------


def test_k1_creating_in_a_key_store(store: KeyStore) -> None:
    kms = client("kms")

    def create() -> str:
        made = kms.create_key(
            Origin="AWS_CLOUDHSM",
            CustomKeyStoreId=store.id,
            Description="cards",
            Tags=[{"TagKey": "team", "TagValue": "payments"}],
        )
        return str(made["KeyMetadata"]["KeyId"])

    def follow() -> None:
        key_id = create()
        sealed = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
        # No key material is left that no KMS key has.
        keys = len(kms.list_keys()["Keys"])
        assert keys in (1, 2)
        assert [len(hsm.keys) for hsm in store.cluster.hsms] == [keys, keys]

    assert at_every_point(again(create), follow) > 100


def test_k7_scheduling_and_cancelling_a_deletion(store: KeyStore) -> None:
    kms, key_id = client("kms"), store.create_key()

    def schedule() -> None:
        kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)

    def follow() -> None:
        state = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        if state == "PendingDeletion":
            kms.cancel_key_deletion(KeyId=key_id)
            kms.enable_key(KeyId=key_id)
        cks.clock.advance(days=8)
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
        schedule()
        cks.clock.advance(days=8)
        assert kms.list_keys()["Keys"] == []

    assert at_every_point(again(schedule), follow) > 50


def test_k7_cancelling_a_deletion(store: KeyStore) -> None:
    kms, key_id = client("kms"), store.create_key()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)

    def cancel() -> None:
        kms.cancel_key_deletion(KeyId=key_id)

    def follow() -> None:
        state = kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
        if state == "PendingDeletion":
            cancel()
        cks.clock.advance(days=8)
        kms.enable_key(KeyId=key_id)
        kms.encrypt(KeyId=key_id, Plaintext=b"x")

    assert at_every_point(again(cancel), follow) > 50

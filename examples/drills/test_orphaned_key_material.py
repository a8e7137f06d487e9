"""Drill: a KMS key was deleted, and its key material is still in the HSMs.

AWS's page: How to delete orphaned key material
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-orphaned-key

To make it yours: replace Tenant by your service, and left_behind and clean_up by your runbook.
"""

from __future__ import annotations

import json

import boto3
import pytest

from moto_cks import Cks, KeyStore

pytestmark = pytest.mark.cks(region="us-east-1")  # yours

CARD = b"4111 1111 1111 1111"


class Gone(Exception):
    """What the service tells its callers of a tenant who has left."""


class Tenant:
    """Your service: a tenant has a KMS key, and takes it along."""

    def __init__(self, key_id: str) -> None:
        self.kms = boto3.client("kms")
        self.key_id = key_id

    def seal(self, card: bytes) -> bytes:
        try:
            sealed: bytes = self.kms.encrypt(KeyId=self.key_id, Plaintext=card)["CiphertextBlob"]
        except self.kms.exceptions.NotFoundException as error:
            raise Gone("This tenant has left.") from error
        return sealed

    def leave(self) -> None:
        self.kms.schedule_key_deletion(KeyId=self.key_id, PendingWindowInDays=7)


def left_behind() -> list[str]:
    """Your runbook: the backingKeyIds of what KMS could not delete, by its DeleteKey events."""
    found = boto3.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DeleteKey"}]
    )
    backing_key_ids = []
    for event in found["Events"]:
        data = json.loads(event["CloudTrailEvent"])["additionalEventData"]
        for key in json.loads(data["backingKeysDeletionStatus"]):
            if key["deletionStatus"] == "FAILURE":
                backing_key_ids.append(key["backingKeyId"])
    return backing_key_ids


def attribute(backing_key_id: str) -> str:
    """Your runbook: ``0x`` and what ``echo <backingKeyId> | tr -d '\\n' | xxd -p`` prints."""
    return f"0x{backing_key_id.encode().hex()}"


def clean_up(cks: Cks, store: KeyStore, backing_key_ids: list[str]) -> None:
    """Your runbook: log in as kmsuser, who owns the keys, and delete them."""
    kms = boto3.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    password = store.cluster.admin_password or ""
    with cks.cloudhsm_cli(store.cluster) as tool:
        tool.run("login --username admin --role admin", password)
        change = "user change-password --username kmsuser --role crypto-user"
        tool.run(change, "tempPassword", "tempPassword")
        tool.run("logout")
        tool.run("login --username kmsuser --role crypto-user", "tempPassword")
        for backing_key_id in backing_key_ids:
            # The trap: the id in the HSM is the text of the backingKeyId, not the number.
            wrong = tool.run(f"key delete --filter attr.id=0x{backing_key_id}")
            assert json.loads(wrong) == {"error_code": 1, "data": "Key does not exist"}
            answer = tool.run(f"key delete --filter attr.id={attribute(backing_key_id)}")
            assert json.loads(answer)["data"] == {"message": "Key deleted successfully"}
        tool.run("logout")
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def in_the_hsms(store: KeyStore) -> set[str]:
    return {key.key_id for hsm in store.cluster.hsms for key in hsm.keys}


def test_the_key_store_was_disconnected_when_the_key_was_deleted(
    cks: Cks, cks_key_store: KeyStore
) -> None:
    leaving, staying = Tenant(cks_key_store.create_key()), Tenant(cks_key_store.create_key())
    leaving.seal(CARD)
    handle = cks_key_store.cluster.key_of(leaving.key_id)
    (material,) = (key for key in cks_key_store.cluster.hsms[0].keys if key.handle == handle)
    before = in_the_hsms(cks_key_store)

    # Bring it about.
    kms = boto3.client("kms")
    leaving.leave()
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    cks.clock.advance(days=7)
    kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # What the service sees: the key is gone, as it should be.
    with pytest.raises(Gone):
        leaving.seal(CARD)
    # What the person on call sees: its key material is not.
    assert left_behind() == [material.key_id]
    assert material.key_id in in_the_hsms(cks_key_store)

    # Repair it.
    clean_up(cks, cks_key_store, left_behind())

    # It is mended, and nobody else's key was touched.
    assert in_the_hsms(cks_key_store) == before - {material.key_id}
    staying.seal(CARD)

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


def left_behind() -> list[int]:
    """Your runbook: the key handles that KMS could not delete, by its DeleteKey events."""
    found = boto3.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DeleteKey"}]
    )
    handles = []
    for event in found["Events"]:
        data = json.loads(event["CloudTrailEvent"])["additionalEventData"]
        for key in json.loads(data["backingKeysDeletionStatus"]):
            if key["deletionStatus"] == "FAILURE":
                handles.append(int(key["keyHandle"]))
    return handles


def clean_up(cks: Cks, store: KeyStore, handles: list[int]) -> None:
    """Your runbook: log in as kmsuser, who owns the keys, and delete them."""
    kms = boto3.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with cks.cloudhsm_mgmt_util(store.cluster) as tool:
        tool.run(f"loginHSM CO admin {store.cluster.admin_password}")
        tool.run("changePswd CU kmsuser tempPassword", "y")
        tool.run("logoutHSM")
    with cks.key_mgmt_util(store.cluster) as tool:
        tool.run("loginHSM -u CU -s kmsuser -p tempPassword")
        for handle in handles:
            assert "HSM Return: SUCCESS" in tool.run(f"deleteKey -k {handle}")
        tool.run("logoutHSM")
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def in_the_hsms(store: KeyStore) -> set[int]:
    return {key.handle for hsm in store.cluster.hsms for key in hsm.keys}


def test_the_key_store_was_disconnected_when_the_key_was_deleted(
    cks: Cks, cks_key_store: KeyStore
) -> None:
    leaving, staying = Tenant(cks_key_store.create_key()), Tenant(cks_key_store.create_key())
    leaving.seal(CARD)
    handle = cks_key_store.cluster.key_of(leaving.key_id)

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
    assert left_behind() == [handle]
    assert handle in in_the_hsms(cks_key_store)

    # Repair it.
    clean_up(cks, cks_key_store, left_behind())

    # It is mended, and nobody else's key was touched.
    assert in_the_hsms(cks_key_store) == {cks_key_store.cluster.key_of(staying.key_id)}
    staying.seal(CARD)

"""Drill: the key material of a KMS key is gone from the HSMs.

AWS's page: How to recover deleted key material for a KMS key
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-recover-backing-key

To make it yours: replace Cards by your service, and newest_backup and restore by your runbook.
"""

from __future__ import annotations

from datetime import datetime

import boto3
import pytest

from moto_cks import Cks, KeyStore

pytestmark = pytest.mark.cks(region="us-east-1")  # yours

CARD = b"4111 1111 1111 1111"


class Unavailable(Exception):
    """What the service tells its callers while it cannot use its key."""


class Cards:
    """Your service: keeps card numbers encrypted under a KMS key."""

    def __init__(self, key_id: str) -> None:
        self.kms = boto3.client("kms")
        self.key_id = key_id

    def seal(self, card: bytes) -> bytes:
        sealed: bytes = self.kms.encrypt(KeyId=self.key_id, Plaintext=card)["CiphertextBlob"]
        return sealed

    def open(self, sealed: bytes) -> bytes:
        try:
            card: bytes = self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"]
        except self.kms.exceptions.KMSInvalidStateException as error:
            raise Unavailable("The cards cannot be read at the moment.") from error
        return card


def newest_backup(cluster_id: str, before: datetime) -> str:
    """Your runbook: the newest backup that was made while the key was there."""
    found = boto3.client("cloudhsmv2").describe_backups(
        Filters={"clusterIds": [cluster_id], "states": ["READY"]}
    )
    made = {b["CreateTimestamp"]: b["BackupId"] for b in found["Backups"]}
    backup_id: str = made[max(moment for moment in made if moment <= before)]
    return backup_id


def restore(store_id: str, backup_id: str, subnet_ids: list[str], zones: list[str]) -> None:
    """Your runbook: the key store goes to a cluster from the backup."""
    kms, cloudhsm = boto3.client("kms"), boto3.client("cloudhsmv2")
    created = cloudhsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=subnet_ids, SourceBackupId=backup_id
    )
    cluster_id = created["Cluster"]["ClusterId"]
    for zone in zones:
        cloudhsm.create_hsm(ClusterId=cluster_id, AvailabilityZone=zone)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
    kms.update_custom_key_store(CustomKeyStoreId=store_id, CloudHsmClusterId=cluster_id)
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)


def key_state(key_id: str) -> str:
    state: str = boto3.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
    return state


def test_the_key_material_was_deleted_from_the_hsms(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)
    cluster = cks_key_store.cluster
    cks.clock.advance(days=1)  # the daily backup has the key
    incident = cks.clock.now()

    # Bring it about.
    cluster.delete_key(cluster.key_of(cards.key_id))
    cks.clock.advance(days=1)  # nobody notices; today's backup lacks the key

    # What the service sees. The person on call sees an Enabled key, until it is used.
    assert key_state(cards.key_id) == "Enabled"
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert key_state(cards.key_id) == "Unavailable"

    # Repair it: not with the newest backup, but with the newest before the incident.
    zones = [hsm.availability_zone for hsm in cluster.hsms]
    restore(cks_key_store.id, newest_backup(cluster.id, incident), cluster.subnet_ids, zones)

    # It is mended.
    assert key_state(cards.key_id) == "Enabled"
    assert cards.open(sealed) == CARD

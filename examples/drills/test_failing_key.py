"""Drill: the key is Enabled and the key store CONNECTED, and yet the key fails.

AWS's page: How to fix a failing KMS key
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-cmk-failed

To make it yours: replace Cards by your service, and add_hsms and restore_cluster by your runbook.
What to do when the key material is gone is a drill of its own: test_deleted_key_material.py.
"""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from moto_cks import Cks, KeyStore

pytestmark = pytest.mark.cks(region="us-east-1")  # yours

CARD = b"4111 1111 1111 1111"


class Unavailable(Exception):
    """What the service tells its callers while it cannot use its key."""


class Cards:
    """Your service: keeps card numbers encrypted under a KMS key."""

    def __init__(self, key_id: str) -> None:
        retries = Config(retries={"mode": "standard", "total_max_attempts": 3})
        self.kms = boto3.client("kms", config=retries)
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


def add_hsms(cluster_id: str, *zones: str) -> None:
    """Your runbook: create HSMs, in different Availability Zones."""
    for zone in zones:
        boto3.client("cloudhsmv2").create_hsm(ClusterId=cluster_id, AvailabilityZone=zone)


def restore_cluster(store_id: str, cluster_id: str, subnet_ids: list[str], *zones: str) -> None:
    """Your runbook: a cluster from the newest backup takes the place of the one that is gone."""
    kms, cloudhsm = boto3.client("kms"), boto3.client("cloudhsmv2")
    backups = cloudhsm.describe_backups(Filters={"clusterIds": [cluster_id], "states": ["READY"]})
    newest = max(backups["Backups"], key=lambda backup: backup["CreateTimestamp"])
    created = cloudhsm.create_cluster(
        HsmType="hsm2m.medium",  # to which backups of either type go
        Mode=newest["Mode"],
        SubnetIds=subnet_ids,
        SourceBackupId=newest["BackupId"],
    )
    new_id = created["Cluster"]["ClusterId"]
    add_hsms(new_id, *zones)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
    kms.update_custom_key_store(CustomKeyStoreId=store_id, CloudHsmClusterId=new_id)
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)


def assert_nothing_shows(store: KeyStore, key_id: str) -> None:
    """The person on call finds both as they should be, and must look at the cluster."""
    kms = boto3.client("kms")
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    assert entry["ConnectionState"] == "CONNECTED"
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"


def active_hsms(cluster_id: str) -> int:
    found = boto3.client("cloudhsmv2").describe_clusters(Filters={"clusterIds": [cluster_id]})
    hsms = [hsm for cluster in found["Clusters"] for hsm in cluster["Hsms"]]
    return sum(hsm["State"] == "ACTIVE" for hsm in hsms)


def test_all_hsms_were_deleted(cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)
    cluster = cks_key_store.cluster
    zones = [hsm.availability_zone for hsm in cluster.hsms]

    # Bring it about.
    for hsm in cluster.hsms:
        boto3.client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert_nothing_shows(cks_key_store, cards.key_id)
    assert active_hsms(cluster.id) == 0

    # Repair it: the HSMs come up with what the last backup has.
    add_hsms(cluster.id, *zones)

    # It is mended.
    assert cards.open(sealed) == CARD


def test_the_cluster_was_deleted(cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)
    cluster = cks_key_store.cluster
    subnet_ids, zones = cluster.subnet_ids, [hsm.availability_zone for hsm in cluster.hsms]

    # Bring it about.
    cloudhsm = boto3.client("cloudhsmv2")
    for hsm in cluster.hsms:
        cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    cloudhsm.delete_cluster(ClusterId=cluster.id)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert_nothing_shows(cks_key_store, cards.key_id)
    assert active_hsms(cluster.id) == 0

    # Repair it.
    restore_cluster(cks_key_store.id, cluster.id, subnet_ids, *zones)

    # It is mended.
    assert cards.open(sealed) == CARD


def test_one_hsm_is_left(cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    cluster = cks_key_store.cluster
    gone = cluster.hsms[1]

    # Bring it about.
    boto3.client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=gone.id)

    # What the service sees: its key works, but nobody can create another.
    assert cards.open(cards.seal(CARD)) == CARD
    with pytest.raises(ClientError, match="CloudHsmClusterInvalidConfigurationException"):
        cks_key_store.create_key()
    # What the person on call sees.
    assert_nothing_shows(cks_key_store, cards.key_id)
    assert active_hsms(cluster.id) == 1

    # Repair it.
    add_hsms(cluster.id, gone.availability_zone)

    # It is mended.
    Cards(cks_key_store.create_key())


def test_a_burst_of_traffic_has_taken_all_pkcs11_sessions(
    cks: Cks, cks_key_store: KeyStore
) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: the next two requests fail with KMSInternalException.
    burst = cks.faults.pkcs11_sessions_exhausted(cks_key_store.cluster, times=2)

    # What the service sees: it backs off and retries, and nobody notices.
    assert cards.open(sealed) == CARD
    # What the person on call sees.
    assert_nothing_shows(cks_key_store, cards.key_id)
    assert len(cks.trail.events(event_name="Decrypt", error_code="KMSInternalException")) == 2

    # There is nothing to repair.
    burst.end()

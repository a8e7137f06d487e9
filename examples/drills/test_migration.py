"""Drill: the cluster is migrated from hsm1.medium to hsm2m.medium, with a key store on it.

AWS's page: Migrating from hsm1.medium to hsm2m.medium
https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm1-to-hsm2-migration.html#migration-limited-write-mode

To make it yours: replace Cards by your service, and wait_until_active and reset_password by your
runbook.
"""

from __future__ import annotations

import boto3
import pytest

from moto_cks import Cks, KeyStore

pytestmark = pytest.mark.cks(
    region="us-east-1",  # yours
    hsm_type="hsm1.medium",
    transitions={"cloudhsmv2::cluster": 3600},  # 30 minutes for each of two HSMs
)

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


def migrate(store: KeyStore, hsm_type: str = "hsm2m.medium") -> None:
    boto3.client("cloudhsmv2").modify_cluster(ClusterId=store.cluster.id, HsmType=hsm_type)


def cluster_state(store: KeyStore) -> str:
    cloudhsm = boto3.client("cloudhsmv2")
    (cluster,) = cloudhsm.describe_clusters(Filters={"clusterIds": [store.cluster.id]})["Clusters"]
    state: str = cluster["State"]
    return state


def wait_until_active(cks: Cks, store: KeyStore) -> int:
    """Your runbook: look every ten minutes; how many those are."""
    for minutes in range(0, 24 * 60, 10):
        if cluster_state(store) == "ACTIVE":
            return minutes
        cks.clock.advance(minutes=10)
    raise TimeoutError(cluster_state(store))


def reset_password(cks: Cks, store: KeyStore) -> None:
    """Your runbook: an admin sets a password, then KMS is told, and connects."""
    kms = boto3.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with cks.cloudhsm_cli(store.cluster) as tool:
        tool.run("login --username admin --role admin", store.cluster.admin_password or "")
        change = "user change-password --username kmsuser --role crypto-user"
        tool.run(change, "tempPassword", "tempPassword")
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def connection(store_id: str) -> tuple[str, str | None]:
    kms = boto3.client("kms")
    (store,) = kms.describe_custom_key_stores(CustomKeyStoreId=store_id)["CustomKeyStores"]
    return store["ConnectionState"], store.get("ConnectionErrorCode")


def test_what_is_connected_goes_on(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about. AWS may do so on its own.
    migrate(cks_key_store)

    # What the service sees: nothing. The pipeline that creates keys does.
    for _ in range(3):
        assert cards.open(sealed) == CARD
        cks.clock.advance(minutes=10)
    with pytest.raises(cards.kms.exceptions.KMSInternalException):
        cards.kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=cks_key_store.id)
    assert connection(cks_key_store.id) == ("CONNECTED", None)

    # Repair it: wait, and do not disconnect the key store.
    assert wait_until_active(cks, cks_key_store) == 30

    # It is mended.
    assert cards.open(sealed) == CARD
    assert Cards(cks_key_store.create_key()).seal(CARD)


def test_somebody_disconnects_the_key_store_meanwhile(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    migrate(cks_key_store)
    cards.kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # What the service sees, and the person on call, who cannot connect for most of an hour.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    with pytest.raises(cards.kms.exceptions.CloudHsmClusterNotActiveException):
        cards.kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    print(cks.explain(cks_key_store))

    # Repair it.
    wait_until_active(cks, cks_key_store)
    cards.kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # It is mended.
    assert cards.open(sealed) == CARD


def test_it_is_rolled_back_after_the_key_store_was_connected_anew(
    cks: Cks, cks_key_store: KeyStore
) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: connecting sets another password, which the hsm1.medium backup lacks.
    migrate(cks_key_store)
    wait_until_active(cks, cks_key_store)
    cards.kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    cards.kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    late = Cards(cks_key_store.create_key())  # and a key that it lacks, too
    lost = late.seal(CARD)
    migrate(cks_key_store, "hsm1.medium")
    wait_until_active(cks, cks_key_store)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert connection(cks_key_store.id) == ("CONNECTED", None)
    cards.kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    cards.kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert connection(cks_key_store.id) == ("FAILED", "INVALID_CREDENTIALS")

    # Repair it.
    reset_password(cks, cks_key_store)

    # It is mended, but for what was made since the migration: the hsm2m.medium backup has that.
    assert cards.open(sealed) == CARD
    with pytest.raises(Unavailable):
        late.open(lost)

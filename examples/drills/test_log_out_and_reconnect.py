"""Drill: somebody is still logged in as kmsuser, and the key store does not connect.

AWS's page: How to log in as kmsuser: How to log out and reconnect
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#login-kmsuser-2

To make it yours: replace Cards by your service, and log_in and reconnect by your runbook.
"""

from __future__ import annotations

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


def reconnect(store: KeyStore) -> None:
    """Your runbook: tell KMS the password that kmsuser has now, and connect."""
    kms = boto3.client("kms")
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def connection(store_id: str) -> tuple[str, str | None]:
    kms = boto3.client("kms")
    (store,) = kms.describe_custom_key_stores(CustomKeyStoreId=store_id)["CustomKeyStores"]
    return store["ConnectionState"], store.get("ConnectionErrorCode")


def test_somebody_has_not_logged_out(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)
    kms = boto3.client("kms")

    # Bring it about: a task in the HSMs is done, and the tool stays open.
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    with cks.cloudhsm_cli(cks_key_store.cluster) as admin:
        admin.run("login --username admin --role admin", cks_key_store.cluster.admin_password or "")
        change = "user change-password --username kmsuser --role crypto-user"
        admin.run(change, "tempPassword", "tempPassword")
    tool = cks.cloudhsm_cli(cks_key_store.cluster)
    tool.run("login --username kmsuser --role crypto-user", "tempPassword")
    reconnect(cks_key_store)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert connection(cks_key_store.id) == ("FAILED", "USER_LOGGED_IN")

    # Repair it.
    tool.run("logout")
    tool.close()
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    reconnect(cks_key_store)

    # It is mended.
    assert connection(cks_key_store.id) == ("CONNECTED", None)
    assert cards.open(sealed) == CARD


@pytest.mark.cks(transitions={"cks::connection": 900})
def test_connecting_takes_a_quarter_of_an_hour(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)
    kms = boto3.client("kms")

    # Bring it about: the call answers at once, and does not say whether connecting succeeds.
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    cks.clock.advance(minutes=15)
    kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert connection(cks_key_store.id) == ("CONNECTING", None)

    # Wait, and look again: it is mended.
    cks.clock.advance(minutes=15)
    assert connection(cks_key_store.id) == ("CONNECTED", None)
    assert cards.open(sealed) == CARD

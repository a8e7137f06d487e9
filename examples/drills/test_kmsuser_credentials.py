"""Drill: KMS cannot log in as kmsuser: INVALID_CREDENTIALS and USER_LOCKED_OUT.

AWS's page: How to fix invalid kmsuser credentials
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-password

To make it yours: replace Cards by your service, and reset_password by your runbook.
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


def reset_password(cks: Cks, store: KeyStore) -> None:
    """Your runbook: an admin sets a password, then KMS is told, and connects."""
    kms = boto3.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with cks.cloudhsm_cli(store.cluster) as tool:
        tool.run("login --username admin --role admin", store.cluster.admin_password or "")
        change = "user change-password --username kmsuser --role crypto-user"
        tool.run(change, "tempPassword", "tempPassword")
        tool.run("logout")
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def connection(store_id: str) -> tuple[str, str | None]:
    kms = boto3.client("kms")
    (store,) = kms.describe_custom_key_stores(CustomKeyStoreId=store_id)["CustomKeyStores"]
    return store["ConnectionState"], store.get("ConnectionErrorCode")


def test_somebody_changed_the_password(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    kms = boto3.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    with cks.cloudhsm_cli(cks_key_store.cluster) as tool:
        password = cks_key_store.cluster.admin_password or ""
        tool.run("login --username admin --role admin", password)
        change = "user change-password --username kmsuser --role crypto-user"
        tool.run(change, "somebodyElse1", "somebodyElse1")
    kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert connection(cks_key_store.id) == ("FAILED", "INVALID_CREDENTIALS")

    # Repair it.
    reset_password(cks, cks_key_store)

    # It is mended.
    assert connection(cks_key_store.id) == ("CONNECTED", None)
    assert cards.open(sealed) == CARD


def test_wrong_passwords_locked_kmsuser(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    kms = boto3.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    with cks.cloudhsm_cli(cks_key_store.cluster) as tool:
        for number in range(5):
            tool.run("login --username kmsuser --role crypto-user", f"wrongPassword{number}")
    kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert connection(cks_key_store.id) == ("FAILED", "USER_LOCKED_OUT")

    # Repair it: to connect again does not help.
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert connection(cks_key_store.id) == ("FAILED", "USER_LOCKED_OUT")
    reset_password(cks, cks_key_store)

    # It is mended.
    assert connection(cks_key_store.id) == ("CONNECTED", None)
    assert cards.open(sealed) == CARD

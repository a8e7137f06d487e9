"""Drill: the key store was disconnected, and its KMS keys are Unavailable.

AWS's page: How to fix unavailable KMS keys
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-unavailable-cmks

To make it yours: replace Cards by your service, and reconnect and keep_key by your runbook.
"""

from __future__ import annotations

import boto3
import pytest

from moto_cks import KeyStore

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


def reconnect(store_id: str) -> None:
    """Your runbook: reconnect the key store."""
    boto3.client("kms").connect_custom_key_store(CustomKeyStoreId=store_id)


def keep_key(key_id: str) -> None:
    """Your runbook: cancel the deletion, which does not need the key store to be connected."""
    boto3.client("kms").cancel_key_deletion(KeyId=key_id)


def connection_state(store_id: str) -> str:
    kms = boto3.client("kms")
    (store,) = kms.describe_custom_key_stores(CustomKeyStoreId=store_id)["CustomKeyStores"]
    state: str = store["ConnectionState"]
    return state


def key_state(key_id: str) -> str:
    state: str = boto3.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
    return state


def test_somebody_disconnected_the_key_store(cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    kms = boto3.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert connection_state(cks_key_store.id) == "DISCONNECTED"
    assert key_state(cards.key_id) == "Unavailable"

    # Repair it.
    reconnect(cks_key_store.id)

    # It is mended: key states are as they were.
    assert connection_state(cks_key_store.id) == "CONNECTED"
    assert key_state(cards.key_id) == "Enabled"
    assert cards.open(sealed) == CARD


def test_a_key_that_is_needed_was_scheduled_for_deletion(cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    kms = boto3.client("kms")
    kms.schedule_key_deletion(KeyId=cards.key_id, PendingWindowInDays=7)
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert key_state(cards.key_id) == "PendingDeletion"

    # Repair it: first the deletion, which will not wait.
    keep_key(cards.key_id)
    assert key_state(cards.key_id) == "Unavailable"
    reconnect(cks_key_store.id)
    assert key_state(cards.key_id) == "Disabled"
    kms.enable_key(KeyId=cards.key_id)

    # It is mended.
    assert cards.open(sealed) == CARD

"""Drill: the key state keeps a KMS key in an external key store from being used.

AWS's page: Key state errors
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-unavailable-xks-keys

To make it yours: replace Cards by your service, and reconnect and keep_key by your runbook.
"""

from __future__ import annotations

import boto3
import pytest

from moto_cks import ExternalKeyStore

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
            raise Unavailable(str(error)) from error
        return card


def reconnect(store_id: str) -> None:
    """Your runbook: reconnect the external key store."""
    boto3.client("kms").connect_custom_key_store(CustomKeyStoreId=store_id)


def keep_key(key_id: str) -> None:
    """Your runbook: cancel the deletion, and enable the key."""
    kms = boto3.client("kms")
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)


def key_state(key_id: str) -> str:
    state: str = boto3.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
    return state


def test_somebody_disconnected_the_external_key_store(
    cks_external_key_store: ExternalKeyStore,
) -> None:
    store = cks_external_key_store
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    cards.kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)

    # What the service sees, and the person on call: the proxy is asked nothing.
    asked = len(store.proxy.log)
    with pytest.raises(Unavailable, match="not connected to its external key store proxy"):
        cards.open(sealed)
    assert key_state(cards.key_id) == "Unavailable"
    assert len(store.proxy.log) == asked

    # Repair it.
    reconnect(store.id)

    # It is mended.
    assert key_state(cards.key_id) == "Enabled"
    assert cards.open(sealed) == CARD


def test_a_key_that_is_needed_was_scheduled_for_deletion(
    cks_external_key_store: ExternalKeyStore,
) -> None:
    cards = Cards(cks_external_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    cards.kms.schedule_key_deletion(KeyId=cards.key_id, PendingWindowInDays=7)

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable, match="is pending deletion"):
        cards.open(sealed)
    assert key_state(cards.key_id) == "PendingDeletion"

    # Repair it, before the waiting period is over: KMS's own key material will be gone then, and
    # no other KMS key decrypts what it has encrypted, not with the same external key either.
    keep_key(cards.key_id)

    # It is mended.
    assert cards.open(sealed) == CARD

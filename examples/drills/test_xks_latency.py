"""Drill: the proxy, or the key manager behind it, is too slow for KMS.

AWS's page: Latency and timeout errors
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-xks-latency

To make it yours: replace Cards by your service, and Cards.open's caller by one that tries again.
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


def test_the_proxy_is_slow_for_a_while(cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: KMS waits for a quarter of a second. Here that is simulated time.
    overload = proxy.latency(0.3)

    # What the service sees, and the person on call: the proxy has answered, and too late.
    with pytest.raises(Unavailable, match="did not respond in time"):
        cards.open(sealed)
    assert proxy.log[-1].outcome == "success"
    assert proxy.log[-1].duration > 0.25

    # Repair it: the overload is over.
    overload.undo()

    # It is mended.
    assert cards.open(sealed) == CARD


def test_the_key_manager_is_far_away(cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: the proxy gives its key manager up before KMS gives the proxy up.
    distance = proxy.instances[0].slow(0.5)

    # What the service sees, and the person on call: another message, and the key store connects
    # no more either.
    with pytest.raises(Unavailable, match="in the time allotted"):
        cards.open(sealed)
    assert proxy.log[-1].error == "DependencyTimeoutException"
    cards.kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    cards.kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    (entry,) = cards.kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    assert entry["ConnectionErrorCode"] == "XKS_PROXY_TIMED_OUT"

    # Repair it: move the proxy closer to the key manager, and connect again.
    distance.undo()
    cards.kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    cards.kms.connect_custom_key_store(CustomKeyStoreId=store.id)

    # It is mended.
    assert cards.open(sealed) == CARD

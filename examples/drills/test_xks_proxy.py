"""Drill: the proxy is unwell, or does not do what the specification asks of proxies.

AWS's page: Proxy issues
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-xks-proxy

To make it yours: replace Cards by your service. What mends the proxy, its vendor does.
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


def test_no_key_manager_is_available(cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about.
    for instance in proxy.instances:
        instance.health = "UNAVAILABLE"

    # What the service sees, and the person on call: the key store cannot be changed either.
    with pytest.raises(Unavailable, match="cannot communicate with the external key manager"):
        cards.open(sealed)
    with pytest.raises(
        cards.kms.exceptions.XksProxyUriUnreachableException, match="in an unhealthy state"
    ):
        cards.kms.update_custom_key_store(CustomKeyStoreId=store.id, XksProxyUriPath=proxy.path)

    # Repair it: one instance is enough.
    proxy.instances[0].health = "DEGRADED"

    # It is mended.
    assert cards.open(sealed) == CARD


@pytest.mark.parametrize("defect", ["metadata-too-long", "tag-left-on-ciphertext"])
def test_the_proxy_gives_answers_that_kms_cannot_interpret(
    cks_external_key_store: ExternalKeyStore, defect: str
) -> None:
    proxy = cks_external_key_store.proxy
    cards = Cards(cks_external_key_store.create_key())

    # Bring it about: a new version of the proxy.
    release = proxy.defect(defect)

    # What the service sees, and the person on call: the request ID is in the proxy's log, too.
    with pytest.raises(
        cards.kms.exceptions.KMSInvalidStateException, match="cannot interpret the response"
    ) as caught:
        cards.seal(CARD)
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]
    assert proxy.log.find(request_id)

    # Repair it: go back to the old version. AWS's test client would have said so before.
    release.undo()

    # It is mended.
    assert cards.open(cards.seal(CARD)) == CARD


def test_the_proxy_does_not_support_what_kms_asks(
    cks_external_key_store: ExternalKeyStore,
) -> None:
    proxy = cks_external_key_store.proxy
    cards = Cards(cks_external_key_store.create_key())

    # Bring it about.
    release = proxy.unsupported("Encrypt")

    # What the service sees.
    with pytest.raises(
        cards.kms.exceptions.KMSInvalidStateException, match="does not support the requested op"
    ):
        cards.seal(CARD)

    # Repair it: a version that has all four APIs.
    release.undo()

    # It is mended.
    assert cards.open(cards.seal(CARD)) == CARD

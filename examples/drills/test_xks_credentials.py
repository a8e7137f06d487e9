"""Drill: the proxy does not accept the credential with which KMS signs.

AWS's page: Authentication credential errors
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-xks-credentials

To make it yours: replace Cards by your service, and tell_credential by your runbook.
"""

from __future__ import annotations

import boto3
import pytest

from moto_cks import ExternalKeyStore, XksProxy

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


def tell_credential(store_id: str, proxy: XksProxy) -> None:
    """Your runbook: tell KMS the credential that the proxy has; nobody has to disconnect."""
    boto3.client("kms").update_custom_key_store(
        CustomKeyStoreId=store_id,
        XksProxyAuthenticationCredential={
            "AccessKeyId": proxy.credential.access_key_id,
            "RawSecretAccessKey": proxy.credential.secret_access_key,
        },
    )


def test_the_credential_was_rotated_in_the_wrong_order(
    cks_external_key_store: ExternalKeyStore,
) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: the proxy has another one, and KMS does not know.
    proxy.credentials.rotate()

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable, match="could not authenticate AWS KMS"):
        cards.open(sealed)
    assert proxy.log[-1].error == "AuthenticationFailedException"

    # Repair it.
    tell_credential(store.id, proxy)

    # It is mended.
    assert cards.open(sealed) == CARD


def test_the_credential_is_rotated_in_the_right_order(
    cks_external_key_store: ExternalKeyStore,
) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)
    old = proxy.credential.access_key_id

    proxy.credentials.add()  # both are valid
    assert cards.open(sealed) == CARD
    tell_credential(store.id, proxy)
    assert cards.open(sealed) == CARD
    proxy.credentials.remove(old)
    assert cards.open(sealed) == CARD


def test_a_reverse_proxy_breaks_the_signature(cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: it writes its own name into Host, which is signed.
    rewriting = proxy.reverse_proxy(host="inner.example.com:8080")

    # What the service sees, and the person on call: the same, though the credential is right.
    with pytest.raises(Unavailable, match="could not authenticate AWS KMS"):
        cards.open(sealed)
    assert proxy.requests[-1].header("host") != proxy.host

    # Repair it: it lets headers alone.
    rewriting.undo()

    # It is mended.
    assert cards.open(sealed) == CARD

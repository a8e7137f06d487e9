"""Drill: a ciphertext cannot be decrypted, because the proxy or KMS finds it changed.

AWS's page: Decryption errors
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-xks-decrypt

To make it yours: replace Cards by your service, which has to tell a broken ciphertext from a broken
key store, and Copies by where your ciphertexts can be had again.
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


class Copies:
    """Your runbook: a ciphertext as it was, from a backup."""

    def __init__(self, sealed: bytes) -> None:
        self.sealed = sealed


def test_a_bit_of_the_ciphertext_is_another(cks_external_key_store: ExternalKeyStore) -> None:
    cards = Cards(cks_external_key_store.create_key())
    copies = Copies(cards.seal(CARD))

    # Bring it about.
    stored = copies.sealed[:-1] + bytes([copies.sealed[-1] ^ 1])

    # What the service sees, and the person on call: the proxy has refused it.
    with pytest.raises(Unavailable, match="the specified ciphertext or additional authenticated"):
        cards.open(stored)
    assert cks_external_key_store.proxy.log[-1].error == "InvalidCiphertextException"

    # Repair it.
    stored = copies.sealed

    # It is mended.
    assert cards.open(stored) == CARD


def test_the_proxy_gives_other_bytes(cks_external_key_store: ExternalKeyStore) -> None:
    proxy = cks_external_key_store.proxy
    cards = Cards(cks_external_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: the key manager is broken.
    defect = proxy.defect("wrong-plaintext")

    # What the service sees, and the person on call: the proxy found nothing, and KMS did.
    with pytest.raises(Unavailable, match="submitted for decryption"):
        cards.open(sealed)
    assert proxy.log[-1].outcome == "success"

    # Repair it: its vendor does.
    defect.undo()

    # It is mended.
    assert cards.open(sealed) == CARD

"""Drill: the external key behind a KMS key is missing, disabled, or not for this use.

AWS's page: External key errors
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-external-key

To make it yours: replace Cards by your service, and the repairs of CASES by what is done with your
external key manager.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

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


class Case(NamedTuple):
    """What somebody does to the external key, and what mends it in the key manager."""

    cause: Callable[[Any], object]
    message: str
    repair: Callable[[Any], object]


def allow(*usage: str) -> Callable[[Any], object]:
    """Let the external key be used so."""
    return lambda key: setattr(key, "usage", usage)


CASES = {
    "disabled": Case(lambda key: key.disable(), "is not enabled", lambda key: key.enable()),
    "may only encrypt": Case(
        allow("ENCRYPT"), "does not support the requested operation", allow("ENCRYPT", "DECRYPT")
    ),
    "of another spec": Case(
        lambda key: setattr(key, "spec", "RSA_2048"),
        "does not support the requested operation",
        lambda key: setattr(key, "spec", "AES_256"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_external_key_that_kms_uses(cks_external_key_store: ExternalKeyStore, name: str) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    case, external = CASES[name], proxy.create_key("cards")
    cards = Cards(store.create_key("cards"))
    sealed = cards.seal(CARD)

    # Bring it about.
    case.cause(external)

    # What the service sees, and the person on call: the KMS key reads Enabled all the time.
    with pytest.raises(Unavailable, match=case.message):
        cards.open(sealed)
    found = cards.kms.describe_key(KeyId=cards.key_id)["KeyMetadata"]
    assert (found["KeyState"], found["XksKeyConfiguration"]) == ("Enabled", {"Id": "cards"})

    # Repair it.
    case.repair(external)

    # It is mended.
    assert cards.open(sealed) == CARD


def test_an_external_key_that_is_gone(cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    material = bytes(range(32))  # what a backup of your key manager has
    proxy.create_key("cards", material=material).delete()
    proxy.create_key("cards", material=material)
    cards = Cards(store.create_key("cards"))
    sealed = cards.seal(CARD)

    # Bring it about.
    proxy.key("cards").delete()

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable, match="was not found in its external key manager"):
        cards.open(sealed)

    # Repair it: recover the key material, under the same ID.
    proxy.create_key("cards", material=material)

    # It is mended.
    assert cards.open(sealed) == CARD


def refused(store: ExternalKeyStore, xks_key_id: str) -> str:
    """The exception in which CreateKey ends."""
    kms = boto3.client("kms")
    with pytest.raises(kms.exceptions.ClientError) as caught:
        store.create_key(xks_key_id)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_an_external_key_that_kms_cannot_use(
    cks_external_key_store: ExternalKeyStore, cks_xks_proxy: XksProxy
) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy

    # Bring it about.
    used = store.create_key("external-key-1")
    proxy.create_key("signs", usage=("SIGN", "VERIFY"))

    # What the person on call sees: CreateKey says what is wrong.
    assert refused(store, "external-key-1") == "XksKeyAlreadyInUseException"
    assert refused(store, "external-key-7") == "XksKeyNotFoundException"
    assert refused(store, "signs") == "XksKeyInvalidConfigurationException"

    # Repair it: name a key that is there, that is free, and that encrypts and decrypts.
    proxy.create_key("cards")

    # It is mended.
    cards = Cards(store.create_key("cards"))
    assert cards.key_id != used
    assert cards.open(cards.seal(CARD)) == CARD

"""Drill: the proxy's authorization rules deny somebody the use of an external key.

AWS's page: Proxy authorization issues
https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html#fix-xks-authorization

To make it yours: replace Cards by your service, the rule by one of your proxy, and revise_rules by
your runbook.
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


def revise_rules(proxy: XksProxy) -> None:
    """Your runbook: the rules are the proxy's; nothing in KMS mends this."""
    proxy.authorization.clear()


def test_a_rule_of_the_proxy_denies(cks_external_key_store: ExternalKeyStore) -> None:
    store, proxy = cks_external_key_store, cks_external_key_store.proxy
    cards = Cards(store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: somebody may encrypt, and not decrypt.
    proxy.authorization.deny(principal="arn:aws:*", operation="Decrypt")

    # What the service sees, and the person on call: the proxy's log has the rule, and who it was.
    assert cards.seal(CARD)
    with pytest.raises(Unavailable, match="denied access to the operation"):
        cards.open(sealed)
    entry = proxy.log[-1]
    metadata = entry.metadata or {}
    assert (entry.error, metadata["kmsOperation"]) == ("AccessDeniedException", "Decrypt")
    assert entry.rule is not None
    assert metadata["awsPrincipalArn"].startswith("arn:aws:")

    # Repair it.
    revise_rules(proxy)

    # It is mended.
    assert cards.open(sealed) == CARD

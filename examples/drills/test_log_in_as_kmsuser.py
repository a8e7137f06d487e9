"""Drill: somebody has to work in the HSMs as kmsuser, and KMS keeps everybody out.

AWS's page: How to log in as kmsuser: How to disconnect and log in
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#login-kmsuser-1

To make it yours: replace Cards by your service, and the four functions below it by your runbook.
"""

from __future__ import annotations

import boto3
import pytest

from moto_cks import Cks, KeyStore

pytestmark = pytest.mark.cks(region="us-east-1")  # yours

CARD = b"4111 1111 1111 1111"
CHANGE_PASSWORD = "user change-password --username kmsuser --role crypto-user"


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


def disconnect(store: KeyStore) -> None:
    boto3.client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)


def set_password(cks: Cks, store: KeyStore) -> None:
    """As an admin, on all HSMs."""
    with cks.cloudhsm_cli(store.cluster) as tool:
        tool.run("login --username admin --role admin", store.cluster.admin_password or "")
        assert '"error_code": 0' in tool.run(CHANGE_PASSWORD, "tempPassword", "tempPassword")
        tool.run("logout")


def list_keys(cks: Cks, store: KeyStore) -> str:
    """The task: log in as kmsuser, look which keys there are, and log out."""
    with cks.cloudhsm_cli(store.cluster) as tool:
        login = tool.run("login --username kmsuser --role crypto-user", "tempPassword")
        assert '"error_code": 0' in login
        found: str = tool.run("key list")
        tool.run("logout")
    return found


def reconnect(store: KeyStore) -> tuple[str, str | None]:
    """Tell KMS the password, and connect; the state then, and the code of an error."""
    kms = boto3.client("kms")
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return entry["ConnectionState"], entry.get("ConnectionErrorCode")


def test_nobody_gets_in_before_the_key_store_is_disconnected(
    cks: Cks, cks_key_store: KeyStore
) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: somebody is in a hurry.
    with cks.cloudhsm_cli(cks_key_store.cluster) as tool:
        password = cks_key_store.cluster.admin_password or ""
        tool.run("login --username admin --role admin", password)
        shown = tool.run(CHANGE_PASSWORD, "tempPassword", "tempPassword")

    # What the person sees: it is refused. The service does not notice.
    assert '"error_code": 1' in shown
    assert cards.open(sealed) == CARD

    # Repair it, by doing it as the page says: while it lasts, the service cannot use its key.
    disconnect(cks_key_store)
    set_password(cks, cks_key_store)
    with pytest.raises(Unavailable):
        cards.open(sealed)
    reference = f"0x{cks_key_store.cluster.key_of(cards.key_id):016x}"
    assert reference in list_keys(cks, cks_key_store)

    # It is mended.
    assert reconnect(cks_key_store) == ("CONNECTED", None)
    assert cards.open(sealed) == CARD


def test_the_password_was_changed_on_one_hsm_only(cks: Cks, cks_key_store: KeyStore) -> None:
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about, with a tool of Client SDK 3: cloudhsm-cli speaks to all HSMs.
    disconnect(cks_key_store)
    with cks.cloudhsm_mgmt_util(cks_key_store.cluster) as tool:
        tool.run(f"loginHSM CO admin {cks_key_store.cluster.admin_password}")
        tool.run("server 1")
        tool.run("changePswd CU kmsuser tempPassword", "y")
    assert reconnect(cks_key_store) == ("FAILED", "INVALID_CREDENTIALS")

    # What the service sees.
    with pytest.raises(Unavailable):
        cards.open(sealed)

    # Repair it: the change must reach all nodes of the cluster.
    disconnect(cks_key_store)
    set_password(cks, cks_key_store)

    # It is mended.
    assert reconnect(cks_key_store) == ("CONNECTED", None)
    assert cards.open(sealed) == CARD

"""Somebody with an external key store, in a world here or in another process."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from moto_cks import ExternalKeyStore

everywhere = pytest.mark.parametrize("world", ["here", "server", "proxy"], indirect=True)
two_worlds = pytest.mark.parametrize("world", ["here", "server"], indirect=True)

KEY = "external-key-1"
TEXT = b"the crown jewels"


def kms_client(region: str = "us-east-1") -> Any:
    return boto3.client("kms", region_name=region, config=Config(retries={"total_max_attempts": 1}))


class Owner:
    """Somebody with an external key store and a KMS key in it."""

    def __init__(self, store: ExternalKeyStore) -> None:
        self.store = store
        self.kms = kms_client(store.region)
        self.key_id = store.create_key(KEY)
        self.ciphertext = self.encrypt()

    def encrypt(self) -> bytes:
        return bytes(self.kms.encrypt(KeyId=self.key_id, Plaintext=TEXT)["CiphertextBlob"])

    def seen(self) -> str:
        """What becomes of an Encrypt and a Decrypt: the message of what refuses."""
        try:
            self.encrypt()
            answer = self.kms.decrypt(CiphertextBlob=self.ciphertext)
        except self.kms.exceptions.KMSInvalidStateException as error:
            return str(error.response["Error"]["Message"])
        return "works" if answer["Plaintext"] == TEXT else "another plaintext"

    def reconnect(self) -> tuple[str, str | None]:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store.id)
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store.id)
        (entry,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store.id)[
            "CustomKeyStores"
        ]
        return entry["ConnectionState"], entry.get("ConnectionErrorCode")

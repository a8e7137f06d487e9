"""Somebody who uses a key store."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from moto_cks import KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client

CONNECTED = ("CONNECTED", None)
"""The state of a connection, and its error."""


class User:
    """Somebody with a key in a key store."""

    def __init__(self, store: KeyStore) -> None:
        self.store = store
        self.kms = client("kms", store.region, store.cluster.account_id)
        self.key_id = store.create_key()
        self.ciphertext = self.encrypt()["CiphertextBlob"]

    def encrypt(self) -> Any:
        return self.kms.encrypt(KeyId=self.key_id, Plaintext=b"the crown jewels")

    def decrypt(self) -> Any:
        return self.kms.decrypt(CiphertextBlob=self.ciphertext)

    def random(self) -> Any:
        return self.kms.generate_random(NumberOfBytes=8, CustomKeyStoreId=self.store.id)

    def re_encrypt(self, key_id: str | None = None) -> Any:
        return self.kms.re_encrypt(
            CiphertextBlob=self.ciphertext, DestinationKeyId=key_id or self.key_id
        )

    @property
    def operations(self) -> list[Callable[[], Any]]:
        """Every cryptographic operation that a key store can do."""
        return [
            self.encrypt,
            self.decrypt,
            self.re_encrypt,
            functools.partial(self.kms.generate_data_key, KeyId=self.key_id, KeySpec="AES_256"),
            functools.partial(
                self.kms.generate_data_key_without_plaintext, KeyId=self.key_id, KeySpec="AES_256"
            ),
        ]

    def decrypts(self) -> bool:
        return bool(self.decrypt()["Plaintext"] == b"the crown jewels")

    def connect(self) -> tuple[str, str | None]:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store.id)
        return self.state()

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store.id)

    def reconnect(self) -> tuple[str, str | None]:
        self.disconnect()
        return self.connect()

    def state(self) -> tuple[str, str | None]:
        (store,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store.id)[
            "CustomKeyStores"
        ]
        return store["ConnectionState"], store.get("ConnectionErrorCode")


def others(world: Any) -> list[User]:
    """A second key store in the same place, one of another account, one in another Region."""
    return [
        User(world.create_key_store("Second")),
        User(world.create_key_store(account_id=OTHER_ACCOUNT)),
        User(world.create_key_store(region=OTHER_REGION)),
    ]

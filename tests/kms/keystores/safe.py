"""A kind of key store that is only made for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from moto.kms.exceptions import InvalidCiphertextException

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import KMSInvalidStateException, UnsupportedOperationException
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.connection import USE, ConnectionErrorCode, ConnectionState
from moto_cks.kms.keystores.types import KeyStoreType
from tests.aws import client

CONNECTED_OR_NOT = frozenset({ConnectionState.CONNECTED, ConnectionState.DISCONNECTED})
ENDPOINT = "https://safe.example.com"
PATH = "/kms/xks/v1"
REQUEST = {
    "CustomKeyStoreName": "safe",
    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
    "XksProxyUriEndpoint": ENDPOINT,
    "XksProxyUriPath": PATH,
    "XksProxyConnectivity": "PUBLIC_ENDPOINT",
    "XksProxyAuthenticationCredential": {
        "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
        "RawSecretAccessKey": "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=",
    },
}


class SafeErrorCode(ConnectionErrorCode):
    """A code of this kind alone."""

    SAFE_IS_CLOSED = "SAFE_IS_CLOSED"


class SafeKeyStore(KeyStore):
    """A safe with keys that somebody else makes, and that KMS does not delete."""

    key_store_type = KeyStoreType.EXTERNAL_KEY_STORE
    parameters = ("Xks",)
    changes: Mapping[str, frozenset[ConnectionState]] = {
        "NewCustomKeyStoreName": CONNECTED_OR_NOT,
        "XksProxyUriPath": CONNECTED_OR_NOT,
        "XksProxyUriEndpoint": frozenset({ConnectionState.DISCONNECTED}),
    }
    keeps_own_material = True
    path = PATH
    keys = frozenset({"key-1", "key-2"})
    open = True

    @staticmethod
    def check_creation(request: Mapping[str, Any]) -> None:
        if request.get("XksProxyUriEndpoint") is None:
            raise ValidationException("XksProxyUriEndpoint is required.")

    def is_creation_again(self, request: Mapping[str, Any]) -> bool:
        return False

    @classmethod
    def create(
        cls, account_id: str, region: str, request: Mapping[str, Any], others: Iterable[KeyStore]
    ) -> SafeKeyStore:
        return cls(account_id, region, request["CustomKeyStoreName"])

    def check_change(self, request: Mapping[str, Any]) -> None:
        pass

    def change(self, request: Mapping[str, Any]) -> None:
        self.path = request.get("XksProxyUriPath") or self.path

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "XksProxyConfiguration": {"UriPath": self.path}}

    def check_before_connecting(self) -> None:
        pass

    def attempt_connection(self) -> ConnectionErrorCode | None:
        return None if SafeKeyStore.open else SafeErrorCode.SAFE_IS_CLOSED

    def tear_down_connection(self) -> None:
        pass

    @staticmethod
    def check_new_key(request: Mapping[str, Any]) -> None:
        if request.get("Origin") != "EXTERNAL_KEY_STORE" or request.get("XksKeyId") is None:
            raise UnsupportedOperationException("The safe makes no keys.")

    def check_before_creating_key(self, request: Mapping[str, Any]) -> None:
        self.connection.require(USE)

    def create_key_material(self, key_arn: str, request: Mapping[str, Any]) -> str:
        return str(request["XksKeyId"])

    def key_metadata(self, backing_key: str) -> dict[str, Any]:
        return {"XksKeyConfiguration": {"Id": backing_key}}

    def encrypt(self, backing_key: str, plaintext: bytes, authenticated_data: bytes) -> bytes:
        if backing_key not in SafeKeyStore.keys:
            raise KMSInvalidStateException("The safe has no such key.")
        return hashlib.sha256(backing_key.encode() + authenticated_data).digest() + plaintext[::-1]

    def decrypt(self, backing_key: str, sealed: bytes, authenticated_data: bytes) -> bytes:
        plaintext = sealed[32:][::-1]
        if self.encrypt(backing_key, plaintext, authenticated_data) != sealed:
            raise InvalidCiphertextException
        return plaintext

    def random(self, number_of_bytes: int) -> bytes:
        raise UnsupportedOperationException("The safe has no dice.")

    def delete_key_material(self, backing_key: str) -> bool | None:
        return None

    def trail_data(self) -> dict[str, str]:
        return {}

    def creation_data(self, key_arn: str, backing_key: str) -> dict[str, str]:
        return {}

    def key_use_data(self, key_arn: str, backing_key: str) -> dict[str, str]:
        return self.material_data(key_arn, backing_key)

    def material_data(self, key_arn: str, backing_key: str) -> dict[str, str]:
        return {"customKeyStoreId": self.custom_key_store_id, "xksKeyId": backing_key}

    def deletion_data(self, key_arn: str, backing_key: str, deleted: bool | None) -> dict[str, str]:
        return self.material_data(key_arn, backing_key)


class Safe(NamedTuple):
    """A key store of the other kind, connected, with a key."""

    id: str
    key_id: str

    def state(self) -> tuple[str, str | None]:
        """ConnectionState and ConnectionErrorCode."""
        entry = self.described()
        return entry["ConnectionState"], entry.get("ConnectionErrorCode")

    def described(self) -> dict[str, Any]:
        """The entry of DescribeCustomKeyStores."""
        answer = client("kms").describe_custom_key_stores(CustomKeyStoreId=self.id)
        return dict(answer["CustomKeyStores"][0])

    def reconnect(self) -> tuple[str, str | None]:
        client("kms").disconnect_custom_key_store(CustomKeyStoreId=self.id)
        client("kms").connect_custom_key_store(CustomKeyStoreId=self.id)
        return self.state()


def create_key(store_id: str, xks_key_id: str = "key-1") -> str:
    """CreateKey; the key ID."""
    answer = client("kms").create_key(
        Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store_id, XksKeyId=xks_key_id
    )
    return str(answer["KeyMetadata"]["KeyId"])

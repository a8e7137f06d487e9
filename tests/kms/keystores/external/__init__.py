"""What tests of external key stores share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import ExternalKeyStore, XksProxy
from moto_cks.xks_proxy.prefixes import PathPrefix
from tests.aws import client, error_of

TEXT = b"the crown jewels"
SECRET = "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo="


def creation(proxy: XksProxy, name: str = "external", **changes: Any) -> dict[str, Any]:
    """The parameters of a CreateCustomKeyStore."""
    parameters = {
        "CustomKeyStoreName": name,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": proxy.endpoint,
        "XksProxyUriPath": proxy.path,
        "XksProxyAuthenticationCredential": credential(proxy),
        **changes,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def credential(proxy: XksProxy | PathPrefix) -> dict[str, str]:
    """The XksProxyAuthenticationCredential of a proxy, or of one of its path prefixes."""
    return {
        "AccessKeyId": proxy.credential.access_key_id,
        "RawSecretAccessKey": proxy.credential.secret_access_key,
    }


def failed_response(call: Callable[[], Any]) -> dict[str, Any]:
    """The whole response of a call that must end in an error."""
    with pytest.raises(ClientError) as caught:
        call()
    return dict(caught.value.response)


class Owner:
    """Somebody with an external key store, a KMS key in it, and a ciphertext."""

    def __init__(self, store: ExternalKeyStore) -> None:
        self.store, self.proxy = store, store.proxy
        self.kms = client("kms", store.region, store.account_id)
        self.key_id = store.create_key("external-key-1")
        self.key_arn: str = self.described_key()["Arn"]
        self.ciphertext: bytes = self.encrypt()

    def described(self) -> dict[str, Any]:
        answer = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store.id)
        return dict(answer["CustomKeyStores"][0])

    def described_key(self) -> dict[str, Any]:
        return dict(self.kms.describe_key(KeyId=self.key_id)["KeyMetadata"])

    def encrypt(self, **parameters: Any) -> bytes:
        answer = self.kms.encrypt(**{"KeyId": self.key_id, "Plaintext": TEXT, **parameters})
        return bytes(answer["CiphertextBlob"])

    def decrypt(self, ciphertext: bytes | None = None, **parameters: Any) -> bytes:
        blob = self.ciphertext if ciphertext is None else ciphertext
        return bytes(self.kms.decrypt(CiphertextBlob=blob, **parameters)["Plaintext"])

    def works(self) -> bool:
        """Whether what was encrypted can be decrypted, and the other way round."""
        return self.decrypt() == self.decrypt(self.encrypt()) == TEXT

    def why_not(self, call: Callable[..., Any] | None = None) -> str:
        """The message of the KMSInvalidStateException in which an operation ends."""
        code, message = error_of(call or self.encrypt)
        assert code == "KMSInvalidStateException"
        return message

    def connect(self) -> tuple[str, str | None]:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store.id)
        return self.state()

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store.id)

    def reconnect(self) -> tuple[str, str | None]:
        self.disconnect()
        return self.connect()

    def state(self) -> tuple[str, str | None]:
        """ConnectionState and ConnectionErrorCode."""
        described = self.described()
        return described["ConnectionState"], described.get("ConnectionErrorCode")

    def update(self, **changes: Any) -> None:
        self.kms.update_custom_key_store(CustomKeyStoreId=self.store.id, **changes)

    def cannot_update(self, **changes: Any) -> tuple[str, str]:
        """The error of an UpdateCustomKeyStore, which changes nothing."""
        before = self.described()
        error = error_of(
            self.kms.update_custom_key_store, CustomKeyStoreId=self.store.id, **changes
        )
        assert self.described() == before
        return error

    def asked(self) -> list[str]:
        """What the proxy was asked, oldest first."""
        return [entry.api for entry in self.proxy.log]

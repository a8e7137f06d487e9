"""The AWS Encryption SDK with its cache of data keys: what goes on without the key store."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from moto_cks import Cks, KeyStore

if TYPE_CHECKING:
    from moto_cks.pytest_plugin.server import Server

sdk = pytest.importorskip("aws_encryption_sdk")
errors = pytest.importorskip("aws_encryption_sdk.exceptions")

CARDS = [f"4111 1111 1111 {number}".encode() for number in range(1111, 1119)]
AN_HOUR = 3600.0


class Vault:
    """A service that encrypts with data keys, and keeps them for a while.

    Args:
        key_arn: the KMS key.
        max_age: how long a data key is kept, in seconds.
        max_messages: how many messages are encrypted under a data key.
    """

    def __init__(self, key_arn: str, max_age: float = AN_HOUR, max_messages: int = 100) -> None:
        self._sdk = sdk.EncryptionSDKClient()
        self._materials = sdk.CachingCryptoMaterialsManager(
            master_key_provider=sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key_arn]),
            cache=sdk.LocalCryptoMaterialsCache(capacity=10),
            max_age=max_age,
            max_messages_encrypted=max_messages,
        )

    def seal(self, card: bytes) -> bytes:
        sealed: bytes
        sealed, _ = self._sdk.encrypt(source=card, materials_manager=self._materials)
        return sealed

    def open(self, sealed: bytes) -> bytes:
        card: bytes
        card, _ = self._sdk.decrypt(source=sealed, materials_manager=self._materials)
        return card


@pytest.fixture(autouse=True)
def _endpoint(cks_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK makes clients of its own, which find the server by the environment."""
    for name, text in cks_server.environment.items():
        monkeypatch.setenv(name, text)


@pytest.fixture
def kms() -> Any:
    return boto3.client("kms")


@pytest.fixture
def key_arn(cks_key_store: KeyStore, kms: Any) -> str:
    key_id = cks_key_store.create_key()
    return str(kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"])


def calls(cks: Cks, name: str) -> int:
    return len(cks.trail.events(event_name=name))


def test_a_data_key_serves_many_messages(cks: Cks, key_arn: str) -> None:
    vault = Vault(key_arn)
    sealed = [vault.seal(card) for card in CARDS]
    assert [vault.open(one) for one in sealed] == CARDS
    assert calls(cks, "GenerateDataKey") == 1
    assert calls(cks, "Decrypt") == 1


def test_without_the_key_store_the_cache_encrypts_up_to_its_limit(
    cks: Cks, cks_key_store: KeyStore, key_arn: str, kms: Any
) -> None:
    vault = Vault(key_arn, max_messages=3)
    vault.seal(CARDS[0])
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    vault.seal(CARDS[1])
    vault.seal(CARDS[2])
    with pytest.raises(errors.GenerateKeyError):
        vault.seal(CARDS[3])
    kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    vault.seal(CARDS[3])
    assert calls(cks, "GenerateDataKey") == 3


def test_without_the_key_store_the_cache_decrypts_what_it_has_decrypted_before(
    cks_key_store: KeyStore, key_arn: str, kms: Any
) -> None:
    vault = Vault(key_arn, max_messages=2)
    first, second, third = (vault.seal(card) for card in CARDS[:3])
    assert vault.open(first) == CARDS[0]
    kms.disconnect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert vault.open(second) == CARDS[1]  # under the same data key
    with pytest.raises(errors.DecryptKeyError):
        vault.open(third)  # under another
    with pytest.raises(errors.DecryptKeyError):
        Vault(key_arn).open(first)  # in another process
    kms.connect_custom_key_store(CustomKeyStoreId=cks_key_store.id)
    assert vault.open(third) == CARDS[2]


def test_when_the_cached_data_key_is_too_old_the_service_stands_still(
    cks: Cks, cks_key_store: KeyStore, key_arn: str
) -> None:
    vault = Vault(key_arn, max_age=1.0)
    sealed = vault.seal(CARDS[0])
    assert vault.open(sealed) == CARDS[0]
    with cks.failures["hsm-ports-closed"].happen(cks_key_store):
        time.sleep(1.1)
        with pytest.raises(errors.GenerateKeyError):
            vault.seal(CARDS[1])
        with pytest.raises(errors.DecryptKeyError):
            vault.open(sealed)
    assert vault.open(sealed) == CARDS[0]
    assert vault.open(vault.seal(CARDS[1])) == CARDS[1]

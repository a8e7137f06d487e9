"""``cks.create_key``: keys whose ID and key material are known."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Cks, KeyStore, cks, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI_REGION = "mrk-1234abcd12ab34cd56ef1234567890ab"
MATERIAL = bytes(range(32))


def _sealed(**parameters: Any) -> bytes:
    """A ciphertext of a world that is over by now."""
    with mock_cks():
        in_store = parameters.pop("in_store", False)
        store = cks.create_key_store() if in_store else None
        cks.create_key(key_id=KEY_ID, material=MATERIAL, key_store=store, **parameters)
        sealed = client("kms").encrypt(
            KeyId=KEY_ID, Plaintext=b"4111 1111", EncryptionContext={"of": "a card"}
        )
        return bytes(sealed["CiphertextBlob"])


@pytest.mark.parametrize("in_store", [False, True])
def test_a_ciphertext_of_one_world_is_read_in_another(in_store: bool) -> None:
    sealed = _sealed(in_store=in_store)
    with mock_cks():
        store = cks.create_key_store("Another") if in_store else None
        assert cks.create_key(key_id=KEY_ID, material=MATERIAL, key_store=store) == KEY_ID
        opened = client("kms").decrypt(CiphertextBlob=sealed, EncryptionContext={"of": "a card"})
    assert opened["Plaintext"] == b"4111 1111"


@pytest.fixture
def sealed() -> bytes:
    """A ciphertext of a world that is over."""
    return _sealed()


def test_imported_key_material(sealed: bytes, world: Cks) -> None:
    world.create_key(key_id=KEY_ID, material=MATERIAL, Origin="EXTERNAL")
    kms = client("kms")
    metadata = kms.describe_key(KeyId=KEY_ID)["KeyMetadata"]
    assert (metadata["Origin"], metadata["KeyState"]) == ("EXTERNAL", "Enabled")
    context = {"of": "a card"}
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"]
    kms.delete_imported_key_material(KeyId=KEY_ID)
    assert kms.describe_key(KeyId=KEY_ID)["KeyMetadata"]["KeyState"] == "PendingImport"


def test_other_material_reads_nothing(sealed: bytes, world: Cks) -> None:
    world.create_key(key_id=KEY_ID, material=bytes(32))
    with pytest.raises(ClientError, match="InvalidCiphertextException"):
        client("kms").decrypt(CiphertextBlob=sealed, EncryptionContext={"of": "a card"})


def test_it_is_a_key_as_any_other(world: Cks, store: KeyStore) -> None:
    world.create_key(key_id=KEY_ID, key_store=store, Description="cards")
    metadata = client("kms").describe_key(KeyId=KEY_ID)["KeyMetadata"]
    assert metadata["Arn"] == f"arn:aws:kms:us-east-1:123456789012:key/{KEY_ID}"
    assert (metadata["Description"], metadata["CustomKeyStoreId"]) == ("cards", store.id)
    (key,) = store.cluster.hsms[1].keys
    assert (key.owner, key.label) == ("kmsuser", metadata["Arn"])
    (record,) = world.trail.events(event_name="CreateKey")
    assert record["resources"][0]["ARN"] == metadata["Arn"]


def test_without_an_id_or_material_it_is_as_create_key(world: Cks) -> None:
    first, second = world.create_key(), world.create_key(material=MATERIAL)
    assert first != second
    assert len(client("kms").list_keys()["Keys"]) == 2


def test_a_multi_region_key(world: Cks) -> None:
    world.create_key(key_id=MULTI_REGION, material=MATERIAL)
    kms = client("kms")
    metadata = kms.describe_key(KeyId=MULTI_REGION)["KeyMetadata"]
    assert metadata["MultiRegion"]
    assert metadata["MultiRegionConfiguration"]["PrimaryKey"]["Arn"] == metadata["Arn"]
    kms.replicate_key(KeyId=MULTI_REGION, ReplicaRegion=OTHER_REGION)
    sealed = kms.encrypt(KeyId=MULTI_REGION, Plaintext=b"x")["CiphertextBlob"]
    assert client("kms", OTHER_REGION).decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_the_same_id_in_another_account_and_region_is_another_key(world: Cks) -> None:
    world.create_key(key_id=KEY_ID, region=OTHER_REGION)
    world.create_key(key_id=KEY_ID, account_id=OTHER_ACCOUNT)
    world.create_key(key_id=KEY_ID)
    arn = client("kms", account_id=OTHER_ACCOUNT).describe_key(KeyId=KEY_ID)["KeyMetadata"]["Arn"]
    assert arn == f"arn:aws:kms:us-east-1:{OTHER_ACCOUNT}:key/{KEY_ID}"


def test_the_next_key_is_an_ordinary_one(world: Cks) -> None:
    world.create_key(key_id=KEY_ID, material=MATERIAL)
    with pytest.raises(ClientError):
        world.create_key(key_id=KEY_ID.replace("1", "2"), Origin="AWS_CLOUDHSM")
    assert client("kms").create_key()["KeyMetadata"]["KeyId"] not in (KEY_ID, None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"key_id": "cards"}, "'cards' is no key ID: that is a UUID in lower case, or mrk-"),
        ({"key_id": KEY_ID.upper()}, "is no key ID"),
        ({"key_id": f"{KEY_ID}\n"}, "is no key ID"),
        ({"material": b"short"}, "an AES-256 key of 32 bytes, not of 5"),
        ({"material": MATERIAL, "KeySpec": "RSA_2048"}, "not to RSA_2048 ones"),
        ({"material": MATERIAL, "CustomerMasterKeySpec": "HMAC_256"}, "not to HMAC_256 ones"),
        ({"key_id": KEY_ID, "MultiRegion": True}, "begins with mrk-, and no other does"),
        ({"key_id": MULTI_REGION, "MultiRegion": False}, "begins with mrk-, and no other does"),
        ({"region": "nowhere"}, "There is no Region 'nowhere'"),
    ],
)
def test_what_cannot_be_is_refused(world: Cks, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        world.create_key(**wrong)
    assert client("kms").list_keys()["Keys"] == []


@pytest.mark.parametrize("wrong", [{"key_id": 1}, {"material": "text"}, {"key_store": 1}])
def test_wrong_types_are_refused(world: Cks, wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        world.create_key(**wrong)


def test_an_id_that_is_taken_is_refused(world: Cks) -> None:
    world.create_key(key_id=KEY_ID)
    with pytest.raises(ValueError, match=f"There is a key {KEY_ID} already"):
        world.create_key(key_id=KEY_ID)


def test_a_key_store_that_is_not_there_or_not_connected(world: Cks) -> None:
    with pytest.raises(KeyError, match="There is no custom key store cks-0"):
        world.create_key(key_store="cks-0")
    store = world.create_key_store(connect=False)
    with pytest.raises(ClientError, match="CustomKeyStoreInvalidStateException"):
        world.create_key(key_id=KEY_ID, material=MATERIAL, key_store=store)
    assert client("kms").list_keys()["Keys"] == []


def test_material_in_the_hsms_is_in_their_backups(world: Cks, store: KeyStore) -> None:
    world.create_key(key_id=KEY_ID, material=MATERIAL, key_store=store)
    world.failures["key-material-deleted"].happen(store)
    world.failures["key-material-deleted"].repair(store)
    assert client("kms").encrypt(KeyId=KEY_ID, Plaintext=b"x")["CiphertextBlob"]

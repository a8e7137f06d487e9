"""Rows R1 to R3: recovering deleted key material from a backup."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Cluster, KeyStore
from tests.aws import client, error_of
from tests.kms import backups_of, restore, state_of

KMSUSER_PASSWORD = "tempPassword1"


@pytest.fixture
def key_arn(kms: Any, store: KeyStore) -> str:
    return str(kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["Arn"])


@pytest.fixture
def ciphertext(kms: Any, key_arn: str) -> bytes:
    return bytes(kms.encrypt(KeyId=key_arn, Plaintext=b"text")["CiphertextBlob"])


def handles(cluster: Cluster) -> dict[str, int]:
    """The key handles on the first HSM, by label."""
    return {key.label: key.handle for key in cluster.hsms[0].keys}


def make_backup(cluster: Cluster) -> int:
    """Have a backup made, by adding an HSM and removing it; returns how many there are now."""
    cloudhsm = client("cloudhsmv2")
    zone = cluster.hsms[0].availability_zone
    hsm = cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)["Hsm"]
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm["HsmId"])
    return len(backups_of(cluster))


def move(store: KeyStore, cluster: Cluster) -> None:
    """Disconnect, edit the cluster ID and the kmsuser password, connect."""
    kms = client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    if all(user.name != "kmsuser" for user in cluster.hsms[0].users):
        cluster.create_user("CU", "kmsuser", KMSUSER_PASSWORD)
    else:
        cluster.change_password("CU", "kmsuser", KMSUSER_PASSWORD)
    kms.update_custom_key_store(
        CustomKeyStoreId=store.id, CloudHsmClusterId=cluster.id, KeyStorePassword=KMSUSER_PASSWORD
    )
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("CONNECTED", None)


def test_r1_a_backup_keeps_the_key_under_its_handle(
    world: Any, store: KeyStore, key_arn: str
) -> None:
    handle = handles(store.cluster)[key_arn]
    made = make_backup(store.cluster)
    store.cluster.delete_key(handle)
    restored = restore(world, store.cluster, backup=made - 1)
    assert handles(store.cluster) == {}
    assert handles(restored) == {key_arn: handle}
    assert [len(hsm.keys) for hsm in restored.hsms] == [1, 1]


def test_r1_a_deleted_handle_is_not_given_again(
    world: Any, kms: Any, store: KeyStore, key_arn: str, ciphertext: bytes
) -> None:
    handle = handles(store.cluster)[key_arn]
    store.cluster.delete_key(handle)
    other = kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["Arn"]
    assert handles(store.cluster)[other] != handle
    assert error_of(kms.decrypt, CiphertextBlob=ciphertext)[0] == "KMSInvalidStateException"


def test_r2_the_old_ciphertext_decrypts_again(
    world: Any, kms: Any, store: KeyStore, key_arn: str, ciphertext: bytes
) -> None:
    made = make_backup(store.cluster)
    store.cluster.delete_key(handles(store.cluster)[key_arn])
    assert error_of(kms.decrypt, CiphertextBlob=ciphertext)[0] == "KMSInvalidStateException"
    assert kms.describe_key(KeyId=key_arn)["KeyMetadata"]["KeyState"] == "Unavailable"

    move(store, restore(world, store.cluster, backup=made - 1))
    assert kms.describe_key(KeyId=key_arn)["KeyMetadata"]["KeyState"] == "Enabled"
    assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"text"
    kms.encrypt(KeyId=key_arn, Plaintext=b"new")


def test_r2_new_keys_there_take_no_recovered_handle(
    world: Any, kms: Any, store: KeyStore, key_arn: str, ciphertext: bytes
) -> None:
    make_backup(store.cluster)
    move(store, restore(world, store.cluster))
    store.create_key()
    assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"text"


def test_r3_not_from_a_backup_older_than_the_key(
    world: Any, kms: Any, store: KeyStore, key_arn: str, ciphertext: bytes
) -> None:
    make_backup(store.cluster)
    restored = restore(world, store.cluster, backup=0)
    assert handles(restored) == {}
    move(store, restored)
    assert error_of(kms.decrypt, CiphertextBlob=ciphertext)[0] == "KMSInvalidStateException"
    assert kms.describe_key(KeyId=key_arn)["KeyMetadata"]["KeyState"] == "Unavailable"


def test_r3_not_from_one_made_after_the_deletion(
    world: Any, kms: Any, store: KeyStore, key_arn: str, ciphertext: bytes
) -> None:
    first = store.cluster
    good = make_backup(first)
    first.delete_key(handles(first)[key_arn])
    make_backup(first)
    move(store, restore(world, first, backup=-1))
    with pytest.raises(ClientError, match="KMSInvalidStateException"):
        kms.decrypt(CiphertextBlob=ciphertext)
    move(store, restore(world, first, backup=good - 1))
    assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"text"


def test_r3_a_handle_that_means_another_key_decrypts_nothing(
    world: Any, kms: Any, store: KeyStore
) -> None:
    # In a cluster from a backup that is older than both keys, the next key gets the handle of
    # the first. Its material is another one.
    first = store.create_key()
    blob = kms.encrypt(KeyId=first, Plaintext=b"text")["CiphertextBlob"]
    move(store, restore(world, store.cluster, backup=0))
    second = store.create_key()
    assert error_of(kms.decrypt, CiphertextBlob=blob)[0] in {
        "InvalidCiphertextException",
        "KMSInvalidStateException",
    }
    mine = kms.encrypt(KeyId=second, Plaintext=b"mine")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=mine)["Plaintext"] == b"mine"

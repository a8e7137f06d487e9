"""DeleteCustomKeyStore: K5."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import error_of
from tests.kms import described

HAS_KEYS = "CustomKeyStoreHasCMKsException"


@pytest.fixture
def disconnected(store: Any, kms: Any) -> Any:
    """A key store without keys that is not connected."""
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    return store


def test_k5_delete(disconnected: Any, kms: Any) -> None:
    answer = kms.delete_custom_key_store(CustomKeyStoreId=disconnected.id)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert answer == {}
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    for call in (
        kms.delete_custom_key_store,
        kms.connect_custom_key_store,
        kms.disconnect_custom_key_store,
        kms.update_custom_key_store,
        kms.describe_custom_key_stores,
    ):
        code, _ = error_of(call, CustomKeyStoreId=disconnected.id)
        assert code == "CustomKeyStoreNotFoundException"


def test_k5_not_while_it_has_keys(store: Any, world: Any, kms: Any) -> None:
    key_id = store.create_key()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    before = described(store)

    def refused() -> bool:
        code, _ = error_of(kms.delete_custom_key_store, CustomKeyStoreId=store.id)
        return code == HAS_KEYS and described(store) == before

    assert refused()
    kms.disable_key(KeyId=key_id)
    assert refused()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert refused()
    kms.cancel_key_deletion(KeyId=key_id)
    assert refused()
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["CustomKeyStoreId"] == store.id


def test_k5_keys_elsewhere_do_not_count(disconnected: Any, world: Any, kms: Any) -> None:
    kms.create_key()
    world.create_key_store("other").create_key()
    kms.delete_custom_key_store(CustomKeyStoreId=disconnected.id)


def test_k5_the_deletion_of_its_keys_has_to_be_over(store: Any, world: Any, kms: Any) -> None:
    key_id = store.create_key()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(days=6, hours=23)
    assert error_of(kms.delete_custom_key_store, CustomKeyStoreId=store.id)[0] == HAS_KEYS
    world.clock.advance(hours=1)
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []


def test_k5_the_cluster_and_its_users_stay(disconnected: Any, kms: Any, cloudhsm: Any) -> None:
    cluster = disconnected.cluster
    cluster.create_user("CU", "someone", "someonesPswd")
    users = [[user.name for user in hsm.users] for hsm in cluster.hsms]
    (before,) = cloudhsm.describe_clusters()["Clusters"]
    kms.delete_custom_key_store(CustomKeyStoreId=disconnected.id)
    (after,) = cloudhsm.describe_clusters()["Clusters"]
    assert after == before
    assert [[user.name for user in hsm.users] for hsm in cluster.hsms] == users


def test_k5_orphaned_key_material_stays(store: Any, world: Any, kms: Any) -> None:
    key_id = store.create_key()
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    keys = [hsm.keys for hsm in store.cluster.hsms]
    world.clock.advance(days=7)
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    assert [hsm.keys for hsm in store.cluster.hsms] == keys
    assert all(keys)


def test_k5_a_new_key_store_on_the_same_cluster(disconnected: Any, world: Any, kms: Any) -> None:
    kms.delete_custom_key_store(CustomKeyStoreId=disconnected.id)
    cluster = disconnected.cluster
    cluster.change_password("CU", "kmsuser", "tempPassword")
    again = world.create_key_store(cluster=cluster, kmsuser_password="tempPassword")
    assert described(again)["ConnectionState"] == "CONNECTED"
    assert again.id != disconnected.id
    assert kms.encrypt(KeyId=again.create_key(), Plaintext=b"x")["CiphertextBlob"]


def test_k5_no_security_group_stays(disconnected: Any, kms: Any, ec2: Any) -> None:
    kms.delete_custom_key_store(CustomKeyStoreId=disconnected.id)
    groups = ec2.describe_security_groups()["SecurityGroups"]
    assert not [group for group in groups if group["GroupName"].startswith("kms-")]

"""Where an ID is taken, a handle is, too; and the handle of a key by the ID of its KMS key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import Cks, KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import restore, state_of

WAYS: dict[str, Callable[[KeyStore], Any]] = {
    "ID": lambda store: store.cluster.id,
    "cluster": lambda store: store.cluster,
    "key store": lambda store: store,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_cluster_is_named_by(world: Cks, store: KeyStore, way: str) -> None:
    named = WAYS[way](store)
    key_id = store.create_key()
    assert world.cluster(named).id == store.cluster.id
    for start in (world.cloudhsm_mgmt_util, world.key_mgmt_util, world.cloudhsm_cli):
        with start(named) as tool:
            assert tool.fleet.cluster_id == store.cluster.id
    encrypt = client("kms").encrypt
    with world.faults.unreachable(named):
        assert error_of(encrypt, KeyId=key_id, Plaintext=b"x")[0] == "KMSInvalidStateException"
    with world.faults.pkcs11_sessions_exhausted(named):
        assert error_of(encrypt, KeyId=key_id, Plaintext=b"x")[0] == "KMSInternalException"
    with world.faults.hsms_busy(named):
        assert error_of(encrypt, KeyId=key_id, Plaintext=b"x")[0] == "ThrottlingException"
    encrypt(KeyId=key_id, Plaintext=b"x")


@pytest.mark.parametrize("way", ["ID", "cluster"])
def test_the_cluster_of_a_new_key_store_is_named_by(world: Cks, way: str) -> None:
    cluster = world.create_cluster(region=OTHER_REGION, account_id=OTHER_ACCOUNT)
    named: Any = cluster.id if way == "ID" else cluster
    store = world.create_key_store("Named", cluster=named)
    assert (store.cluster.id, store.region) == (cluster.id, OTHER_REGION)
    assert state_of(store) == ("CONNECTED", None)


@pytest.mark.parametrize("by_handle", [True, False])
def test_a_key_store_is_named_by(world: Cks, store: KeyStore, by_handle: bool) -> None:
    other = world.create_key_store("Other")
    named: Any = store if by_handle else store.id
    world.faults.connection_error("INTERNAL_ERROR", key_store=named)
    for each in (other, store):
        client("kms").disconnect_custom_key_store(CustomKeyStoreId=each.id)
        client("kms").connect_custom_key_store(CustomKeyStoreId=each.id)
    assert state_of(other) == ("CONNECTED", None)
    assert state_of(store) == ("FAILED", "INTERNAL_ERROR")


@pytest.mark.parametrize("given", [None, 5, b"cluster-abcdefghijk", ["cluster-abcdefghijk"]])
def test_what_names_nothing_is_refused_in_a_sentence(world: Cks, given: Any) -> None:
    for call in (
        world.cluster,
        world.key_mgmt_util,
        world.faults.unreachable,
        world.faults.pkcs11_sessions_exhausted,
        world.faults.hsms_busy,
    ):
        with pytest.raises(TypeError, match=r"A cluster is named by its ID or by a handle on it, "):
            call(given)
    if given is not None:
        with pytest.raises(TypeError, match=r"A key store is named by its ID or by a handle"):
            world.faults.connection_error("INTERNAL_ERROR", key_store=given)
        with pytest.raises(TypeError, match=r"A cluster is named by its ID or by a handle"):
            world.create_key_store(cluster=given)


def test_an_id_of_nothing(world: Cks, store: KeyStore) -> None:
    with pytest.raises(KeyError, match="There is no cluster cluster-abcdefghijk"):
        world.create_key_store("Other", cluster="cluster-abcdefghijk")
    with pytest.raises(KeyError, match=f"There is no cluster {store.id}"):
        world.cluster(store.id)
    with pytest.raises(KeyError, match="There is no custom key store"):
        world.faults.connection_error("INTERNAL_ERROR", key_store=store.cluster.id)


# key_of -----------------------------------------------------------------------------------------


def test_the_key_handle_of_a_kms_key(store: KeyStore, kms: Any) -> None:
    first, second = store.create_key(), store.create_key()
    kms.create_alias(AliasName="alias/first", TargetKeyId=first)
    arn = kms.describe_key(KeyId=first)["KeyMetadata"]["Arn"]
    (by_label,) = (key.handle for key in store.cluster.hsms[0].keys if key.label == arn)
    for named in (first, arn, "alias/first", arn.replace(f"key/{first}", "alias/first")):
        assert store.cluster.key_of(named) == by_label
    assert store.cluster.key_of(second) != by_label
    store.cluster.delete_key(store.cluster.key_of(first))
    assert error_of(kms.encrypt, KeyId=first, Plaintext=b"x")[0] == "KMSInvalidStateException"
    kms.encrypt(KeyId=second, Plaintext=b"x")
    assert store.cluster.key_of(first) == by_label  # KMS knows it still


def test_it_is_the_same_in_a_cluster_with_the_same_history(world: Cks, store: KeyStore) -> None:
    key_id = store.create_key()
    zone = store.cluster.hsms[0].availability_zone
    client("cloudhsmv2").create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zone)  # a backup
    restored = restore(world, store.cluster)
    handle = restored.key_of(key_id)
    assert handle == store.cluster.key_of(key_id)
    assert handle in [key.handle for key in restored.hsms[0].keys]


def test_kms_keys_that_have_none(world: Cks, store: KeyStore, kms: Any) -> None:
    elsewhere = world.create_key_store(region=OTHER_REGION).create_key()
    other = world.create_key_store("Other").create_key()
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    deleted = store.create_key()
    kms.schedule_key_deletion(KeyId=deleted, PendingWindowInDays=7)
    assert store.cluster.key_of(deleted)
    world.clock.advance(days=7)
    for key_id in (elsewhere, other, ordinary, deleted, "alias/unknown", "nothing"):
        with pytest.raises(KeyError, match=f"no KMS key {key_id} .* {store.cluster.id}"):
            store.cluster.key_of(key_id)

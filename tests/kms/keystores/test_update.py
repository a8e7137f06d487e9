"""UpdateCustomKeyStore: K4."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from moto.moto_api import state_manager

from tests.aws import client, error_of
from tests.kms import delete_cluster, delete_hsms, described, restore, state_of

CONNECTED = ("CONNECTED", None)


def update(store: Any, **changes: str) -> dict[str, Any]:
    """UpdateCustomKeyStore; the answer without its metadata."""
    answer = client("kms").update_custom_key_store(CustomKeyStoreId=store.id, **changes)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    return dict(answer)


def refused(store: Any, **changes: str) -> str:
    """The code of the error, after which the key store must be as before."""
    before = described(store)
    code, _ = error_of(client("kms").update_custom_key_store, CustomKeyStoreId=store.id, **changes)
    assert described(store) == before
    return code


def connect(store: Any) -> tuple[str, str | None]:
    client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)
    return state_of(store)


@pytest.fixture
def disconnected(store: Any, kms: Any) -> Any:
    """A key store that was connected and is not any more."""
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    return store


# The name ----------------------------------------------------------------------------------------


def test_k4_rename_while_connected(store: Any, kms: Any) -> None:
    key_id = store.create_key()
    before = described(store)
    old = store.name
    assert update(store, NewCustomKeyStoreName="renamed") == {}
    assert described(store) == {**before, "CustomKeyStoreName": "renamed"}
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert kms.describe_custom_key_stores(CustomKeyStoreName="renamed")["CustomKeyStores"]
    code, _ = error_of(kms.describe_custom_key_stores, CustomKeyStoreName=old)
    assert code == "CustomKeyStoreNotFoundException"
    assert store.name == "renamed"


def test_k4_rename_to_a_name_that_is_in_use(store: Any, world: Any) -> None:
    other = world.create_key_store("other", connect=False)
    assert refused(store, NewCustomKeyStoreName="other") == "CustomKeyStoreNameInUseException"
    assert refused(other, NewCustomKeyStoreName=store.name) == "CustomKeyStoreNameInUseException"
    update(other, NewCustomKeyStoreName="another")
    update(store, NewCustomKeyStoreName="other")


def test_k4_rename_to_the_present_name(store: Any) -> None:
    before = described(store)
    for _ in range(2):
        update(store, NewCustomKeyStoreName=store.name)
    assert described(store) == before


# The cluster -------------------------------------------------------------------------------------


def test_k4_a_related_cluster(disconnected: Any, world: Any) -> None:
    before = described(disconnected)
    delete_hsms(disconnected.cluster)  # the latest backup has the latest password
    related = restore(world, disconnected.cluster)
    assert update(disconnected, CloudHsmClusterId=related.id) == {}
    assert described(disconnected) == {**before, "CloudHsmClusterId": related.id}
    assert connect(disconnected) == CONNECTED


def test_k4_related_are_a_successor_of_a_successor_and_a_sister(
    disconnected: Any, world: Any
) -> None:
    first = restore(world, disconnected.cluster)
    delete_hsms(first)  # makes its own backup
    grandchild = restore(world, first)
    sister = restore(world, disconnected.cluster)
    for cluster in (grandchild, sister, disconnected.cluster):
        update(disconnected, CloudHsmClusterId=cluster.id)
        assert described(disconnected)["CloudHsmClusterId"] == cluster.id


def test_k4_a_cluster_that_is_not_related(disconnected: Any, world: Any) -> None:
    other = world.create_cluster()
    assert refused(disconnected, CloudHsmClusterId=other.id) == "CloudHsmClusterNotRelatedException"
    first = disconnected.cluster
    related = restore(world, first)
    update(disconnected, CloudHsmClusterId=related.id)
    delete_cluster(first)
    delete_cluster(related)
    assert refused(disconnected, CloudHsmClusterId=other.id) == "CloudHsmClusterNotRelatedException"


def test_k4_a_cluster_of_another_key_store(disconnected: Any, world: Any) -> None:
    other = world.create_key_store("other")
    code = refused(disconnected, CloudHsmClusterId=other.cluster.id)
    assert code in ("CloudHsmClusterNotRelatedException", "CloudHsmClusterInUseException")


def test_k4_a_cluster_that_is_not_there(disconnected: Any, world: Any) -> None:
    related = restore(world, disconnected.cluster)
    delete_cluster(related)
    elsewhere = world.create_cluster(region="eu-west-1")
    for cluster_id in ("cluster-aaaaaaaaaaa", related.id, elsewhere.id):
        code = refused(disconnected, CloudHsmClusterId=cluster_id)
        assert code == "CloudHsmClusterNotFoundException"


def test_k4_w15_a_related_cluster_that_is_not_active_or_has_too_few_hsms(
    disconnected: Any, world: Any, cloudhsm: Any
) -> None:
    backup = cloudhsm.describe_backups(Filters={"clusterIds": [disconnected.cluster.id]})
    state_manager.set_transition("cloudhsmv2::cluster", {"progression": "manual", "times": 1})
    made = cloudhsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=disconnected.cluster.subnet_ids,
        SourceBackupId=backup["Backups"][0]["BackupId"],
    )["Cluster"]
    new = {"CloudHsmClusterId": made["ClusterId"]}
    first, second, _ = sorted(made["SubnetMapping"])
    assert refused(disconnected, **new) == "CloudHsmClusterNotActiveException"
    state_manager.unset_transition("cloudhsmv2::cluster")
    assert refused(disconnected, **new) == "CloudHsmClusterInvalidConfigurationException"
    for zone in (first, first):
        cloudhsm.create_hsm(ClusterId=made["ClusterId"], AvailabilityZone=zone)
        assert refused(disconnected, **new) == "CloudHsmClusterInvalidConfigurationException"
    cloudhsm.create_hsm(ClusterId=made["ClusterId"], AvailabilityZone=second)
    update(disconnected, **new)


def test_k4_a_related_cluster_with_one_subnet(disconnected: Any, world: Any) -> None:
    related = restore(world, disconnected.cluster, subnet_ids=disconnected.cluster.subnet_ids[:1])
    code = refused(disconnected, CloudHsmClusterId=related.id)
    assert code == "CloudHsmClusterInvalidConfigurationException"


def test_k4_the_keys_show_the_new_cluster(store: Any, world: Any, kms: Any) -> None:
    key_id = store.create_key()
    related = restore(world, store.cluster)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    update(store, CloudHsmClusterId=related.id)
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["CustomKeyStoreId"], metadata["CloudHsmClusterId"]) == (store.id, related.id)


# All or nothing ----------------------------------------------------------------------------------


def test_k4_everything_at_once(disconnected: Any, world: Any) -> None:
    related = restore(world, disconnected.cluster)
    related.change_password("CU", "kmsuser", "tempPassword")
    before = described(disconnected)
    update(
        disconnected,
        NewCustomKeyStoreName="renamed",
        CloudHsmClusterId=related.id,
        KeyStorePassword="tempPassword",
    )
    assert described(disconnected) == {
        **before,
        "CustomKeyStoreName": "renamed",
        "CloudHsmClusterId": related.id,
    }
    assert connect(disconnected) == CONNECTED


def test_k4_all_or_nothing(disconnected: Any, world: Any) -> None:
    related = restore(world, disconnected.cluster)
    other = world.create_key_store("other", connect=False)
    good = {
        "NewCustomKeyStoreName": "renamed",
        "CloudHsmClusterId": related.id,
        "KeyStorePassword": "wrongPassword",
    }
    for bad, code in (
        ({"NewCustomKeyStoreName": "other"}, "CustomKeyStoreNameInUseException"),
        ({"CloudHsmClusterId": other.cluster.id}, "CloudHsmClusterNotRelatedException"),
        ({"KeyStorePassword": "special!"}, "ValidationException"),
    ):
        assert refused(disconnected, **{**good, **bad}) == code
    assert connect(disconnected) == CONNECTED  # with the password that KMS had before


def test_k4_nothing_to_update(store: Any) -> None:
    before = described(store)
    assert update(store) == {}
    assert described(store) == before


def test_k4_parameters_of_external_key_stores(disconnected: Any) -> None:
    for parameters in (
        {"XksProxyUriPath": "/kms/xks/v1"},
        {"XksProxyConnectivity": "PUBLIC_ENDPOINT", "NewCustomKeyStoreName": "renamed"},
    ):
        assert refused(disconnected, **parameters) == "ValidationException"


def test_k4_what_is_said_of_them(kms: Any, disconnected: Any) -> None:
    given = {"XksProxyUriPath": "/kms/xks/v1", "XksProxyConnectivity": "PUBLIC_ENDPOINT"}
    update = partial(kms.update_custom_key_store, CustomKeyStoreId=disconnected.id)
    assert error_of(update, **given) == (
        "ValidationException",
        "XksProxyConnectivity, XksProxyUriPath: valid only for a custom key store with a "
        "CustomKeyStoreType of EXTERNAL_KEY_STORE.",
    )

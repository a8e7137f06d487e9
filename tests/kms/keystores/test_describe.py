"""DescribeCustomKeyStores: what it says of a key store (K3)."""

from __future__ import annotations

import datetime
from typing import Any

from tests.aws import OTHER_REGION, REGION, client, error_of
from tests.kms import delete_cluster, described


def names_of(answer: dict[str, Any]) -> list[str]:
    return [entry["CustomKeyStoreName"] for entry in answer["CustomKeyStores"]]


def test_k3_the_entry_of_a_key_store(world: Any, kms: Any) -> None:
    moment = datetime.datetime(2040, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
    cluster = world.create_cluster(kmsuser_password="secretPswd")
    world.clock.advance_to(moment)
    store = world.create_key_store("a name", cluster=cluster, kmsuser_password="secretPswd")
    entry = described(store)
    assert abs(entry.pop("CreationDate") - moment) < datetime.timedelta(minutes=1)
    assert entry == {
        "CustomKeyStoreId": store.id,
        "CustomKeyStoreName": "a name",
        "CustomKeyStoreType": "AWS_CLOUDHSM",
        "CloudHsmClusterId": cluster.id,
        "TrustAnchorCertificate": cluster.trust_anchor,
        "ConnectionState": "CONNECTED",
    }


def test_k3_never_the_password(world: Any, kms: Any) -> None:
    store = world.create_key_store(kmsuser_password="secretPswd", connect=False)
    assert "secretPswd" not in repr(kms.describe_custom_key_stores())
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="otherSecret")
    assert "otherSecret" not in repr(kms.describe_custom_key_stores())


def test_k3_the_creation_date_stays(store: Any, world: Any, kms: Any) -> None:
    before = described(store)["CreationDate"]
    world.clock.advance(days=400)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, NewCustomKeyStoreName="renamed")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert described(store)["CreationDate"] == before


def test_k3_a_key_store_without_its_cluster(store: Any) -> None:
    before = described(store)
    delete_cluster(store.cluster)
    assert described(store) == before


def test_k3_none_at_all(kms: Any) -> None:
    answer = kms.describe_custom_key_stores()
    assert (answer["CustomKeyStores"], answer["Truncated"]) == ([], False)
    assert "NextMarker" not in answer


def test_k3_a_marker_of_another_region(world: Any) -> None:
    for region in (REGION, OTHER_REGION):
        for name in ("first", "second"):
            world.create_key_store(name, region=region, connect=False)
    marker = client("kms").describe_custom_key_stores(Limit=1)["NextMarker"]
    elsewhere = client("kms", OTHER_REGION)
    code, _ = error_of(elsewhere.describe_custom_key_stores, Marker=marker)
    assert code == "InvalidMarkerException"


def test_k3_a_key_store_that_is_deleted_between_pages(world: Any, kms: Any) -> None:
    for name in ("first", "second", "third"):
        world.create_key_store(name, connect=False)
    answer = kms.describe_custom_key_stores(Limit=1)
    (seen,) = answer["CustomKeyStores"]
    kms.delete_custom_key_store(CustomKeyStoreId=seen["CustomKeyStoreId"])
    rest = kms.describe_custom_key_stores(Marker=answer["NextMarker"])
    assert names_of(rest) == ["second", "third"]

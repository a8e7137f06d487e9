"""What AWS tells, and what HSMs and proxies hold, must be what the model has."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.proof.proxies import HEALTH
from tests.proof.real import Home, RealCluster, RealClusterStore, RealKey, RealProxy, RealStore
from tests.proof.scene import SOURCES, Scene
from tests.proof.tally import DONE

CLUSTER_STORE = {"CloudHsmClusterId", "TrustAnchorCertificate"}
"""What DescribeCustomKeyStores has of key stores in clusters alone."""

ASKED_BY_ITSELF = "KmsHealthCheck"


def compare(scene: Scene) -> None:
    """Compare all of it."""
    for home in scene.homes:
        _compare_stores(scene, home)
        _compare_keys(scene, home)
    for cluster in scene.clusters:
        _compare_cluster(scene, cluster)
    for store in scene.stores:
        assert _deletions(scene, store) == store.model.ended
    for proxy in scene.proxies:
        _compare_proxy(scene, proxy)


def _compare_stores(scene: Scene, home: Home) -> None:
    told = scene.call(home, "kms", "DescribeCustomKeyStores", None)["CustomKeyStores"]
    seen = {entry["CustomKeyStoreId"]: entry for entry in told}
    stores = scene.living(home)
    assert seen.keys() == {store.id for store in stores}
    for store in stores:
        entry = seen[store.id]
        assert entry["CustomKeyStoreName"] == store.name
        assert entry["ConnectionState"] == store.model.state
        errors = store.model.errors
        assert entry.get("ConnectionErrorCode") in (errors or {None})
        store.model.errors = errors and frozenset({entry["ConnectionErrorCode"]})  # it stays so
        _compare_backing(scene, store, entry)


def _compare_backing(scene: Scene, store: RealStore, entry: dict[str, Any]) -> None:
    if isinstance(store, RealClusterStore):
        assert entry["CustomKeyStoreType"] == "AWS_CLOUDHSM"
        assert entry["CloudHsmClusterId"] == scene.cluster_of(store).id
        assert "XksProxyConfiguration" not in entry
        return
    way = store.model.way
    assert entry["CustomKeyStoreType"] == "EXTERNAL_KEY_STORE"
    assert entry["XksProxyConfiguration"] == {
        "Connectivity": "PUBLIC_ENDPOINT",
        "AccessKeyId": way.credential,
        "UriEndpoint": f"https://{way.host}",
        "UriPath": way.path,
    }
    assert not CLUSTER_STORE & entry.keys()


def _compare_keys(scene: Scene, home: Home) -> None:
    listed = scene.call(home, "kms", "ListKeys", None, Limit=1000)["Keys"]
    keys = [key for key in scene.keys if key.store.home == home and not key.model.deleted]
    assert {entry["KeyId"] for entry in listed} == {key.model.id for key in keys}
    for key in keys:
        told = scene.call(home, "kms", "DescribeKey", None, KeyId=key.model.id)["KeyMetadata"]
        state = key.store.model.state_of(key.model)
        assert (told["KeyState"], told["Enabled"]) == (state, state == "Enabled")
        assert told["CustomKeyStoreId"] == key.store.id
        assert ("DeletionDate" in told) == (key.model.until is not None)
        _compare_origin(scene, key, told)


def _compare_origin(scene: Scene, key: RealKey, told: dict[str, Any]) -> None:
    if isinstance(key.store, RealClusterStore):
        assert told["Origin"] == "AWS_CLOUDHSM"
        assert told["CloudHsmClusterId"] == scene.cluster_of(key.store).id
        assert "XksKeyConfiguration" not in told
        return
    assert told["Origin"] == "EXTERNAL_KEY_STORE"
    assert told["XksKeyConfiguration"] == {"Id": key.model.external}
    assert "CloudHsmClusterId" not in told


def _compare_cluster(scene: Scene, cluster: RealCluster) -> None:
    told = scene.call(
        cluster.home, "cloudhsmv2", "DescribeClusters", None, Filters={"clusterIds": [cluster.id]}
    )["Clusters"]
    if cluster.model.deleted:
        assert [entry["State"] for entry in told] in ([], ["DELETED"])
        return
    (entry,) = told
    assert entry["State"] == "ACTIVE"
    assert sorted(hsm["AvailabilityZone"] for hsm in entry["Hsms"]) == sorted(
        hsm.zone for hsm in cluster.model.hsms
    )
    handles = scene.world.cluster(cluster.id).hsms
    arns = {key.model.arn: key.model.id for key in scene.keys}
    for handle, model in zip(handles, cluster.model.hsms, strict=True):
        found = [user for user in handle.users if user.name == "kmsuser"]
        seen = (found[0].login_failures, found[0].locked) if found else None
        user = model.user
        assert seen == (None if user is None else (user.failures, user.locked))
        assert {arns[key.label] for key in handle.keys} == model.material


def _compare_proxy(scene: Scene, proxy: RealProxy) -> None:
    """A proxy was asked what the model has asked; by KMS itself, while a key store is connected."""
    log, model = proxy.handle.log, proxy.model
    entries = [entry for entry in log[proxy.read :] if entry.api is not None]
    proxy.read = len(log)
    DONE["questions to proxies"] += len(entries)
    heard = []
    for entry in entries:
        operation = (entry.metadata or {}).get("kmsOperation")
        if operation == ASKED_BY_ITSELF:
            assert model.connected, "KMS asks the proxy of a key store that is not connected"
        elif operation is not None or entry.api != HEALTH:
            heard.append((entry.api, entry.external_key or "", operation))
    assert model.forgotten or heard == model.heard
    model.heard, model.forgotten = [], False
    model.connected = any(
        store.model.way.proxy is model and store.model.state == "CONNECTED"
        for store in scene.external_stores
        if not store.model.deleted
    )


def _deletions(scene: Scene, store: RealStore) -> list[tuple[str, str | None]]:
    """The keys whose deletion CloudTrail has, with what became of the material (O3)."""
    events = scene.world.trail.events(
        event_name="DeleteKey", region=store.home.region, account_id=store.home.account_id
    )
    return [
        outcome(event)
        for event in events
        if event["additionalEventData"]["customKeyStoreId"] == store.id
    ]


def outcome(event: dict[str, Any]) -> tuple[str, str | None]:
    """The key that a DeleteKey event is about, and whether its material is deleted."""
    assert event["eventType"] == "AwsServiceEvent"
    (resource,) = event["resources"]
    key_id = resource["ARN"].rpartition("/")[2]
    told = event["additionalEventData"].get("backingKeysDeletionStatus")
    if told is None:
        return key_id, None
    (status,) = json.loads(told)
    return key_id, status["deletionStatus"]


def calls_recorded(scene: Scene) -> Counter[tuple[str, str, str | None]]:
    """The calls that CloudTrail has."""
    return Counter(
        (event["eventSource"], event["eventName"], event.get("errorCode"))
        for event in scene.world.trail.events()
        if event["eventType"] == "AwsApiCall" and event["eventSource"] in SOURCES.values()
    )

"""Both sides of a history: what is simulated, beside what the model has of it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from moto_cks import Cks
from tests.aws import client
from tests.kms import cluster_group
from tests.proof.hardware import Cluster, Content, Hsm, KmsUser
from tests.proof.states import Refusal
from tests.proof.stores import Key, Store
from tests.proof.tally import DONE, documented

PASSWORD = "kmsPswd1"
SOURCES = {"kms": "kms.amazonaws.com", "cloudhsmv2": "cloudhsm.amazonaws.com"}


@dataclass
class Home:
    """An account in a Region."""

    account_id: str
    region: str

    def client(self, service: str) -> Any:
        return client(service, self.region, self.account_id)


class Named:
    """What a failing example shows by its name, and not by what it holds."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(repr=False, eq=False)
class RealCluster(Named):
    number: int
    home: Home
    id: str
    model: Cluster

    def __repr__(self) -> str:
        return f"clusters[{self.number}]"


@dataclass(repr=False, eq=False)
class RealStore(Named):
    number: int
    home: Home
    id: str
    name: str
    model: Store
    untouched: bool = True

    def __repr__(self) -> str:
        return f"stores[{self.number}]"


@dataclass(repr=False, eq=False)
class RealKey(Named):
    number: int
    store: RealStore
    model: Key

    def __repr__(self) -> str:
        return f"keys[{self.number}]"


@dataclass(repr=False, eq=False)
class Backup(Named):
    number: int
    cluster: RealCluster
    id: str
    content: Content

    def __repr__(self) -> str:
        return f"backups[{self.number}]"


@dataclass
class Scene:
    """A world, and all that a history knows of it."""

    world: Cks
    clusters: list[RealCluster] = field(default_factory=list)
    stores: list[RealStore] = field(default_factory=list)
    keys: list[RealKey] = field(default_factory=list)
    backups: list[Backup] = field(default_factory=list)
    said: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)

    @property
    def homes(self) -> list[Home]:
        return [*{(c.home.account_id, c.home.region): c.home for c in self.clusters}.values()]

    def call(
        self, home: Home, service: str, operation: str, expected: Refusal | None, **parameters: Any
    ) -> Any:
        """Make a call, which must end as it is expected to."""
        DONE["requests in histories"] += 1
        call = getattr(home.client(service), xform_name(operation))
        try:
            answer = call(**parameters)
        except ClientError as error:
            code, message = (error.response["Error"][name] for name in ("Code", "Message"))
            self.said[SOURCES[service], operation, code] += 1
            said = f"{operation}: {code}: {message}"
            assert code in documented(service, operation), f"{said}: not documented"
            assert expected is not None, f"{said}, where it should work"
            assert code in expected.codes, f"{said}, where it should say {expected}"
            assert message == (expected.message or message), f"{said}, not {expected}"
            return None
        self.said[SOURCES[service], operation, None] += 1
        assert expected is None, f"{operation} works, where it should say {expected}"
        return answer

    def store_of(self, cluster: Cluster) -> RealStore | None:
        """The key store that uses a cluster."""
        return next(
            (s for s in self.stores if not s.model.deleted and s.model.cluster is cluster), None
        )

    # Building --------------------------------------------------------------------------------

    def build(self, home: Home, name: str, takes: int) -> None:
        """A cluster with two HSMs, and a key store that is not connected yet."""
        made = self.world.create_cluster(region=home.region, account_id=home.account_id)
        zones = tuple(f"{home.region}{letter}" for letter in "abc")
        hsms = [Hsm(hsm.availability_zone, KmsUser(PASSWORD), set()) for hsm in made.hsms]
        model = Cluster(len(self.clusters), zones, hsms, hsms[0].content)
        self.clusters.append(RealCluster(len(self.clusters), home, made.id, model))
        store = self.world.create_key_store(name, cluster=made, connect=False)
        number = len(self.stores)
        self.stores.append(RealStore(number, home, store.id, name, Store(model, PASSWORD, takes)))

    def newest_backup(self, cluster: RealCluster) -> str:
        filters = {"clusterIds": [cluster.id]}
        told = self.call(cluster.home, "cloudhsmv2", "DescribeBackups", None, Filters=filters)
        newest = max(told["Backups"], key=lambda backup: backup["CreateTimestamp"])
        return str(newest["BackupId"])

    def group_of(self, cluster: RealCluster) -> dict[str, Any]:
        return cluster_group(cluster.home.client("ec2"), self.world.cluster(cluster.id))

    def handle(self, key: RealKey) -> int:
        return self.world.cluster(self.cluster_of(key.store).id).key_of(key.model.arn)

    def cluster_of(self, store: RealStore) -> RealCluster:
        return next(c for c in self.clusters if c.model is store.model.cluster)

    # Comparing -------------------------------------------------------------------------------

    def compare(self) -> None:
        """What AWS tells, and what the HSMs hold, must be what the model has."""
        for home in self.homes:
            self._compare_stores(home)
            self._compare_keys(home)
        for cluster in self.clusters:
            self._compare_cluster(cluster)
        for store in self.stores:
            assert self._deletions(store) == store.model.ended

    def _compare_stores(self, home: Home) -> None:
        told = self.call(home, "kms", "DescribeCustomKeyStores", None)["CustomKeyStores"]
        seen = {
            entry["CustomKeyStoreId"]: (
                entry["CustomKeyStoreName"],
                entry["ConnectionState"],
                entry.get("ConnectionErrorCode"),
                entry["CloudHsmClusterId"],
            )
            for entry in told
        }
        expected = {
            store.id: (
                store.name,
                store.model.state,
                store.model.error,
                self.cluster_of(store).id,
            )
            for store in self.stores
            if store.home == home and not store.model.deleted
        }
        assert seen == expected

    def _compare_keys(self, home: Home) -> None:
        listed = self.call(home, "kms", "ListKeys", None, Limit=1000)["Keys"]
        keys = [key for key in self.keys if key.store.home == home and not key.model.deleted]
        assert {entry["KeyId"] for entry in listed} == {key.model.id for key in keys}
        for key in keys:
            told = self.call(home, "kms", "DescribeKey", None, KeyId=key.model.id)["KeyMetadata"]
            state = key.store.model.state_of(key.model)
            assert (told["KeyState"], told["Enabled"]) == (state, state == "Enabled")
            assert told["CustomKeyStoreId"] == key.store.id
            assert told["CloudHsmClusterId"] == self.cluster_of(key.store).id
            assert ("DeletionDate" in told) == (key.model.until is not None)

    def _compare_cluster(self, cluster: RealCluster) -> None:
        told = self.call(
            cluster.home,
            "cloudhsmv2",
            "DescribeClusters",
            None,
            Filters={"clusterIds": [cluster.id]},
        )["Clusters"]
        if cluster.model.deleted:
            assert [entry["State"] for entry in told] in ([], ["DELETED"])
            return
        (entry,) = told
        assert entry["State"] == "ACTIVE"
        assert sorted(hsm["AvailabilityZone"] for hsm in entry["Hsms"]) == sorted(
            hsm.zone for hsm in cluster.model.hsms
        )
        handles = self.world.cluster(cluster.id).hsms
        arns = {key.model.arn: key.model.id for key in self.keys}
        for handle, model in zip(handles, cluster.model.hsms, strict=True):
            found = [user for user in handle.users if user.name == "kmsuser"]
            seen = (found[0].login_failures, found[0].locked) if found else None
            user = model.user
            assert seen == (None if user is None else (user.failures, user.locked))
            assert {arns[key.label] for key in handle.keys} == model.material

    def _deletions(self, store: RealStore) -> list[tuple[str, str]]:
        """The keys whose deletion CloudTrail has, with what became of the material (O3)."""
        events = self.world.trail.events(
            event_name="DeleteKey", region=store.home.region, account_id=store.home.account_id
        )
        return [
            outcome(event)
            for event in events
            if event["additionalEventData"]["customKeyStoreId"] == store.id
        ]

    def calls_recorded(self) -> Counter[tuple[str, str, str | None]]:
        """The calls that CloudTrail has."""
        return Counter(
            (event["eventSource"], event["eventName"], event.get("errorCode"))
            for event in self.world.trail.events()
            if event["eventType"] == "AwsApiCall" and event["eventSource"] in SOURCES.values()
        )


def outcome(event: dict[str, Any]) -> tuple[str, str]:
    """The key that a DeleteKey event is about, and whether its material is deleted."""
    assert event["eventType"] == "AwsServiceEvent"
    (status,) = json.loads(event["additionalEventData"]["backingKeysDeletionStatus"])
    (resource,) = event["resources"]
    return resource["ARN"].rpartition("/")[2], status["deletionStatus"]

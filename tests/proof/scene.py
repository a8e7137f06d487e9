"""Both sides of a history: what is simulated, beside what the model has of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from moto_cks import Cks
from tests.kms import cluster_group
from tests.proof.cluster_stores import ClusterStore
from tests.proof.external_stores import Way
from tests.proof.hardware import Cluster, Hsm, KmsUser
from tests.proof.proxies import Proxy
from tests.proof.real import (
    Backup,
    Home,
    RealCluster,
    RealClusterStore,
    RealExternalStore,
    RealKey,
    RealProxy,
    RealStore,
)
from tests.proof.schedule import Schedule
from tests.proof.states import Refusal
from tests.proof.tally import DONE, documented

PASSWORD = "kmsPswd1"
SOURCES = {"kms": "kms.amazonaws.com", "cloudhsmv2": "cloudhsm.amazonaws.com"}
EXTERNAL_KEYS = {"first": "AES_256", "second": "AES_256", "third": "AES_256", "rsa": "RSA_2048"}
"""The keys that each key manager begins with, and their key specs."""


@dataclass
class Scene:
    """A world, and all that a history knows of it."""

    world: Cks
    schedule: Schedule
    clusters: list[RealCluster] = field(default_factory=list)
    proxies: list[RealProxy] = field(default_factory=list)
    stores: list[RealStore] = field(default_factory=list)
    keys: list[RealKey] = field(default_factory=list)
    backups: list[Backup] = field(default_factory=list)
    said: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)

    @property
    def homes(self) -> list[Home]:
        return [*{(c.home.account_id, c.home.region): c.home for c in self.clusters}.values()]

    @property
    def cluster_stores(self) -> list[RealClusterStore]:
        return [store for store in self.stores if isinstance(store, RealClusterStore)]

    @property
    def external_stores(self) -> list[RealExternalStore]:
        return [store for store in self.stores if isinstance(store, RealExternalStore)]

    @property
    def cluster_keys(self) -> list[RealKey]:
        return [key for key in self.keys if isinstance(key.store, RealClusterStore)]

    @property
    def external_keys(self) -> list[RealKey]:
        return [key for key in self.keys if isinstance(key.store, RealExternalStore)]

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
            assert message in (expected.messages or {message}), f"{said}, not {expected}"
            return None
        self.said[SOURCES[service], operation, None] += 1
        assert expected is None, f"{operation} works, where it should say {expected}"
        return answer

    def living(self, home: Home) -> list[RealStore]:
        """The key stores of an account and Region."""
        return [store for store in self.stores if store.home == home and not store.model.deleted]

    def store_of(self, cluster: Cluster) -> RealClusterStore | None:
        """The key store that uses a cluster."""
        return next(
            (s for s in self.cluster_stores if not s.model.deleted and s.model.cluster is cluster),
            None,
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
        of_store = ClusterStore(model, PASSWORD, takes)
        self.stores.append(RealClusterStore(number, home, store.id, name, of_store))

    def build_proxy(self, host: str) -> RealProxy:
        """A proxy with some external keys."""
        handle = self.world.xks_proxy(host, path_prefix="/a", keys=[])
        credential = handle.credential
        model = Proxy(self.schedule, host, handle.path, {credential.access_key_id})
        for key, spec in EXTERNAL_KEYS.items():
            handle.create_key(key, spec=spec)
            model.create_key(key, spec)
        proxy = RealProxy(len(self.proxies), handle, model)
        proxy.secrets[credential.access_key_id] = credential.secret_access_key
        self.proxies.append(proxy)
        return proxy

    # Finding ---------------------------------------------------------------------------------

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
        assert isinstance(store, RealClusterStore)
        return next(c for c in self.clusters if c.model is store.model.cluster)

    def taken(self, way: Way, home: Home, by_others_than: RealStore | None = None) -> bool:
        """Whether another key store of the account and Region has an address (X3.1)."""
        return any(
            (other.model.way.host, other.model.way.path) == (way.host, way.path)
            for other in self.external_stores
            if other in self.living(home) and other is not by_others_than
        )

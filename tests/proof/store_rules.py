"""What is done to key stores: connecting, disconnecting, changing, creating, deleting."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.proof.cluster_stores import ClusterStore
from tests.proof.machine import CLUSTER_STORES, CLUSTERS, PASSWORDS, STORES, Machine
from tests.proof.real import RealCluster, RealClusterStore, RealStore
from tests.proof.scene import PASSWORD
from tests.proof.states import refused


class StoreRules(Machine):
    """Rules for key stores."""

    # The connection --------------------------------------------------------------------------

    @rule(store=STORES)
    def connect(self, store: RealStore) -> None:
        if store.model.deleted:
            return
        was = store.model.state
        self.of_store(store, "ConnectCustomKeyStore", store.model.connect())
        if was == "DISCONNECTED" and store.model.state == "CONNECTING":
            self._after(store, store.model.end_connecting)
        self._touch(store)

    def _touch(self, store: RealStore) -> None:
        if isinstance(store, RealClusterStore):
            store.untouched = False

    @rule(store=STORES)
    def disconnect(self, store: RealStore) -> None:
        if store.model.deleted:
            return
        was = store.model.state
        self.of_store(store, "DisconnectCustomKeyStore", store.model.disconnect())
        if was != "DISCONNECTING" and store.model.state == "DISCONNECTING":
            self._after(store, store.model.end_disconnecting)

    def _after(self, store: RealStore, act: Any) -> None:
        """What ends a transition, unless another one has begun meanwhile."""
        store.model.begun = begun = next(self.numbers)
        if not self.takes:
            act()
            return
        due = self.schedule.now + self.takes
        self.schedule.at(due, lambda: store.model.begun == begun and act())

    # The key store ---------------------------------------------------------------------------

    @rule(store=CLUSTER_STORES, password=PASSWORDS)
    def tell_password(self, store: RealClusterStore, password: str) -> None:
        if not store.model.deleted and not store.model.cluster.deleted:
            expected = store.model.tell(password)
            self.of_store(store, "UpdateCustomKeyStore", expected, KeyStorePassword=password)
            store.untouched = False

    @rule(store=STORES)
    def rename(self, store: RealStore) -> None:
        if not store.model.deleted and store.model.state in ("CONNECTED", "DISCONNECTED"):
            store.name = f"store {next(self.numbers)}"
            self._touch(store)
            self.of_store(store, "UpdateCustomKeyStore", None, NewCustomKeyStoreName=store.name)

    @rule(store=CLUSTER_STORES, cluster=CLUSTERS)
    def point(self, store: RealClusterStore, cluster: RealCluster) -> None:
        taken = self.scene.store_of(cluster.model)
        free = taken is None or taken is store
        # Of several things that are wrong, AWS does not say which one it says.
        fit = cluster.model.family == store.model.cluster.family or (
            cluster.model.spans_two_zones and cluster.model.ports and not cluster.model.deleted
        )
        if store.home == cluster.home and free and fit and not store.model.deleted:
            self.of_store(
                store,
                "UpdateCustomKeyStore",
                store.model.point(cluster.model),
                CloudHsmClusterId=cluster.id,
            )
            store.untouched = False

    @rule(store=STORES)
    def delete_store(self, store: RealStore) -> None:
        if not store.model.deleted:
            self.of_store(store, "DeleteCustomKeyStore", store.model.delete())

    @rule(cluster=CLUSTERS, namesake=st.sampled_from([None, 0, -1]))
    def create_store(self, cluster: RealCluster, namesake: int | None) -> None:
        others = self.scene.living(cluster.home)
        first = others[namesake] if namesake is not None and others else None
        model, codes = cluster.model, set()
        if any(
            other.model.cluster.family == model.family
            for other in others
            if isinstance(other, RealClusterStore)
        ):
            codes.add("CloudHsmClusterInUseException")
        if first:
            codes.add("CustomKeyStoreNameInUseException")
        if model.deleted:
            codes.add("CloudHsmClusterNotFoundException")
        elif not model.spans_two_zones or not model.ports:
            codes.add("CloudHsmClusterInvalidConfigurationException")
        name = first.name if first else f"store {next(self.numbers)}"
        if not isinstance(first, RealClusterStore) or self.scene.cluster_of(first) is not cluster:
            first = None
        if first and first.model.state == "DISCONNECTED" and not first.untouched:
            return  # whether it is the same request still, AWS does not say
        if first and first.untouched:
            assert self._create(cluster, name, None) == first.id  # K2
        elif (made := self._create(cluster, name, refused(*codes) if codes else None)) is not None:
            number, of_store = len(self.scene.stores), ClusterStore(model, PASSWORD, self.takes)
            store = RealClusterStore(number, cluster.home, made, name, of_store)
            self.scene.stores.append(store)

    def _create(self, cluster: RealCluster, name: str, expected: Any) -> Any:
        root = next(c for c in self.scene.clusters if c.model.family == cluster.model.family)
        answer = self.scene.call(
            cluster.home,
            "kms",
            "CreateCustomKeyStore",
            expected,
            CustomKeyStoreName=name,
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=self.anchors[root.id],
            KeyStorePassword=PASSWORD,
        )
        return None if answer is None else answer["CustomKeyStoreId"]

    @rule(store=STORES)
    def random(self, store: RealStore) -> None:
        if not store.model.deleted:
            expected = store.model.random()
            self.of_store(store, "GenerateRandom", expected, NumberOfBytes=8)

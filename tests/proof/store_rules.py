"""What is done to key stores: connecting, disconnecting, changing, creating, deleting."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.proof.machine import CLUSTERS, PASSWORDS, STORES, Machine
from tests.proof.scene import PASSWORD, RealCluster, RealStore
from tests.proof.states import refused
from tests.proof.stores import Store


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

    @rule(store=STORES, password=PASSWORDS)
    def tell_password(self, store: RealStore, password: str) -> None:
        if not store.model.deleted and not store.model.cluster.deleted:
            expected = store.model.tell(password)
            self.of_store(store, "UpdateCustomKeyStore", expected, KeyStorePassword=password)
            store.untouched = False

    @rule(store=STORES)
    def rename(self, store: RealStore) -> None:
        if not store.model.deleted and store.model.state in ("CONNECTED", "DISCONNECTED"):
            store.name, store.untouched = f"store {next(self.numbers)}", False
            self.of_store(store, "UpdateCustomKeyStore", None, NewCustomKeyStoreName=store.name)

    @rule(store=STORES, cluster=CLUSTERS)
    def point(self, store: RealStore, cluster: RealCluster) -> None:
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

    @rule(cluster=CLUSTERS, same_name=st.booleans())
    def create_store(self, cluster: RealCluster, same_name: bool) -> None:
        others = [s for s in self.scene.stores if s.home == cluster.home and not s.model.deleted]
        model, codes = cluster.model, set()
        if any(other.model.cluster.family == model.family for other in others):
            codes.add("CloudHsmClusterInUseException")
        if same_name and others:
            codes.add("CustomKeyStoreNameInUseException")
        if model.deleted:
            codes.add("CloudHsmClusterNotFoundException")
        elif not model.spans_two_zones or not model.ports:
            codes.add("CloudHsmClusterInvalidConfigurationException")
        name = others[0].name if same_name and others else f"store {next(self.numbers)}"
        first = others[0] if same_name and others else None
        if first and self.scene.cluster_of(first) is not cluster:
            first = None
        if first and first.model.state == "DISCONNECTED" and not first.untouched:
            return  # whether it is the same request still, AWS does not say
        if first and first.untouched:
            assert self._create(cluster, name, None) == first.id  # K2
        elif (made := self._create(cluster, name, refused(*codes) if codes else None)) is not None:
            store = RealStore(
                len(self.scene.stores), cluster.home, made, name, Store(model, PASSWORD, self.takes)
            )
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

"""What people do in several steps: with single ones alone, hardly a history would come so far."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.proof.cluster_rules import ClusterRules
from tests.proof.external_rules import ExternalRules
from tests.proof.key_rules import ENCRYPTING, KeyRules
from tests.proof.machine import (
    CLUSTER_KEYS,
    CLUSTER_STORES,
    CLUSTERS,
    KEYS,
    PASSWORDS,
    STORES,
)
from tests.proof.people_rules import PeopleRules
from tests.proof.proxy_rules import ProxyRules
from tests.proof.real import RealCluster, RealClusterStore, RealKey, RealStore
from tests.proof.store_rules import StoreRules
from tests.proof.stores import DAY


class StoryRules(StoreRules, KeyRules, ClusterRules, PeopleRules, ExternalRules, ProxyRules):
    """Rules made of rules."""

    def _settle(self) -> None:
        """Wait until a connection is made or ended."""
        if self.takes:
            self.advance(self.takes + 1)

    def _disconnect(self, store: RealStore) -> None:
        if store.model.state not in ("DISCONNECTED", "DISCONNECTING"):
            self.disconnect(store)
        self._settle()

    @rule(store=STORES)
    def reconnect(self, store: RealStore) -> None:
        self._disconnect(store)
        self.connect(store)
        self._settle()

    @rule(store=CLUSTER_STORES, password=PASSWORDS)
    def reset_password(self, store: RealClusterStore, password: str) -> None:
        """What AWS's page tells a team to do about kmsuser."""
        self.log_out()
        self._disconnect(store)
        cluster = self.scene.cluster_of(store)
        if all(hsm.user is None for hsm in cluster.model.hsms):
            self.create_user(cluster, password, None)
        self.change_password(cluster, password, None)
        self.tell_password(store, password)
        self.connect(store)
        self._settle()

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS, operation=st.sampled_from(sorted(ENCRYPTING)))
    def use_and_decrypt(self, key: RealKey, operation: str) -> None:
        self.encrypt(key, operation)
        self.decrypt(key, key)

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS, enable=st.booleans())
    def schedule_and_cancel(self, key: RealKey, enable: bool) -> None:
        self.schedule_deletion(key, 30)
        self.cancel_deletion(key)
        if enable:
            self.enable(key, True)

    @precondition(lambda self: self.scene.keys)
    @rule(key=KEYS)
    def delete_for_good(self, key: RealKey) -> None:
        self.schedule_deletion(key, 7)
        self.advance(7 * DAY)

    @precondition(lambda self: self.scene.cluster_keys)
    @rule(key=CLUSTER_KEYS)
    def lose_material(self, key: RealKey) -> None:
        """It is deleted, noticed, and still gone after connecting again."""
        self.delete_material(key, None)
        self.encrypt(key, "Encrypt")
        self.reconnect(key.store)
        self.encrypt(key, "Encrypt")

    @rule(cluster=CLUSTERS)
    def lose_all_hsms(self, cluster: RealCluster) -> None:
        """And get one again, which comes up from the latest backup."""
        self.log_out()
        while cluster.model.hsms:
            self.delete_hsm(cluster, 0)
        for key in self.scene.cluster_keys[:2]:
            self.encrypt(key, "Encrypt")
        self.create_hsm(cluster, 1)

    @rule(store=CLUSTER_STORES)
    def recover(self, store: RealClusterStore) -> None:
        """Go to a cluster from the latest backup."""
        cluster = self.scene.cluster_of(store)
        self.log_out()
        backups = len(self.scene.backups)
        self.back_up(cluster)
        self._disconnect(store)
        clusters = len(self.scene.clusters)
        if len(self.scene.backups) > backups:
            self.restore(self.scene.backups[-1], 2)
        if len(self.scene.clusters) > clusters:
            self.point(store, self.scene.clusters[-1])
        self.connect(store)
        self._settle()

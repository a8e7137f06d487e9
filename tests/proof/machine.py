"""What the random histories begin with, and what is compared after each of their steps."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from moto.moto_api import state_manager

from moto_cks import mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION
from tests.proof.scene import Home, RealCluster, RealKey, RealStore, Scene
from tests.proof.schedule import Schedule
from tests.proof.stores import Key
from tests.proof.tally import DONE

ACCOUNT = "123456789012"

STORES = st.runner().flatmap(lambda machine: st.sampled_from(machine.scene.stores))
CLUSTERS = st.runner().flatmap(lambda machine: st.sampled_from(machine.scene.clusters))
KEYS = st.runner().flatmap(lambda machine: st.sampled_from(machine.scene.keys))
BACKUPS = st.runner().flatmap(lambda machine: st.sampled_from(machine.scene.backups))
"""Something that there is by then."""

PASSWORDS = st.sampled_from(["tempPassword", "otherPassword1"])


class Machine(RuleBasedStateMachine):
    """Two key stores in a simulated world, and what the model has of them."""

    def __init__(self) -> None:
        super().__init__()
        DONE["histories"] += 1
        self.ending = contextlib.ExitStack()
        self.scene = Scene(self.ending.enter_context(mock_cks()))
        self.world = self.scene.world
        self.schedule = Schedule()
        self.numbers = itertools.count()
        self.cut: dict[str, Any] = {}
        self.rules: dict[str, Any] = {}
        self.opened: list[tuple[int, Any, RealCluster]] = []

    @initialize(
        second=st.sampled_from(
            [
                (OTHER_ACCOUNT, OTHER_REGION),
                (ACCOUNT, REGION),
                (ACCOUNT, OTHER_REGION),
                (OTHER_ACCOUNT, REGION),
            ]
        ),
        takes=st.sampled_from([0, 10]),
        keys=st.sampled_from([2, 1, 0]),
    )
    def begin(self, second: tuple[str, str], takes: int, keys: int) -> None:
        for name, home in (("first", Home(ACCOUNT, REGION)), ("second", Home(*second))):
            self.scene.build(home, name, takes)
        for store in self.scene.stores if keys else ():
            self.of_store(store, "ConnectCustomKeyStore", store.model.connect())
            store.model.end_connecting()
            store.untouched = False
            for _ in range(keys):
                self.make_key(store)
        if takes:
            how = {"progression": "time", "seconds": takes * 60}
            state_manager.set_transition("cks::connection", how)
        self.before = self.scene.calls_recorded() - self.scene.said
        self.takes = takes
        handles = {c.id: self.world.cluster(c.id) for c in self.scene.clusters}
        self.anchors = {name: handle.trust_anchor for name, handle in handles.items()}
        self.subnets = [handle.subnet_ids for handle in handles.values()]

    @invariant()
    def both_agree(self) -> None:
        if self.scene.stores:
            DONE["steps"] += 1
            self.scene.compare()

    def teardown(self) -> None:
        try:
            if self.scene.stores:
                recorded = self.scene.calls_recorded()
                recorded.subtract(self.before)
                assert +recorded == self.scene.said, "CloudTrail has other calls"
        finally:
            self.ending.close()

    def of_store(self, store: RealStore, operation: str, expected: Any, **more: Any) -> Any:
        """Call an operation on a key store."""
        it = {"CustomKeyStoreId": store.id, **more}
        return self.scene.call(store.home, "kms", operation, expected, **it)

    def make_key(self, store: RealStore) -> None:
        """Create a key in a key store."""
        expected = store.model.create_key()
        answer = self.of_store(store, "CreateKey", expected, Origin="AWS_CLOUDHSM")
        if answer is not None:
            told = answer["KeyMetadata"]
            key = RealKey(len(self.scene.keys), store, Key(told["KeyId"], told["Arn"]))
            store.model.keys.append(key.model)
            self.scene.keys.append(key)
            for hsm in store.model.cluster.hsms:
                hsm.material.add(key.model.id)

    def tools_at(self, cluster: RealCluster) -> bool:
        """Whether somebody has stayed logged in at a cluster."""
        return any(where is cluster for _, _, where in self.opened)

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
from tests.proof.comparing import calls_recorded, compare
from tests.proof.external_stores import ExternalStore, Way, of_key_store
from tests.proof.proxies import HEALTH, Question
from tests.proof.real import (
    Home,
    RealCluster,
    RealClusterStore,
    RealExternalStore,
    RealKey,
    RealProxy,
    RealStore,
)
from tests.proof.scene import Scene
from tests.proof.schedule import Schedule
from tests.proof.states import UNSURE, Refusal, either, refused
from tests.proof.stores import Key
from tests.proof.tally import DONE

ACCOUNT = "123456789012"


def there(name: str) -> st.SearchStrategy[Any]:
    """Something of the scene that there is by then."""
    return st.runner().flatmap(lambda machine: st.sampled_from(getattr(machine.scene, name)))


STORES, CLUSTER_STORES = there("stores"), there("cluster_stores")
EXTERNAL_STORES, PROXIES = there("external_stores"), there("proxies")
CLUSTERS, BACKUPS = there("clusters"), there("backups")
KEYS, CLUSTER_KEYS, EXTERNAL_KEYS = there("keys"), there("cluster_keys"), there("external_keys")

NOBODY = "NOBODY2222222222222A"
"""The ID of an access key that no proxy knows."""

PASSWORDS = st.sampled_from(["tempPassword", "otherPassword1"])


class Machine(RuleBasedStateMachine):
    """Key stores in a simulated world, two of each kind, and what the model has of them."""

    def __init__(self) -> None:
        super().__init__()
        DONE["histories"] += 1
        self.ending = contextlib.ExitStack()
        self.schedule = Schedule()
        self.scene = Scene(self.ending.enter_context(mock_cks()), self.schedule)
        self.world = self.scene.world
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
        homes = {"first": Home(ACCOUNT, REGION), "second": Home(*second)}
        self.takes = takes
        for name, home in homes.items():
            self.scene.build(home, name, takes)
        self.before = calls_recorded(self.scene)
        for name, home in homes.items():
            proxy = self.scene.build_proxy(f"{name}.example.com")
            self.make_external_store(home, f"{name} external", self.way_to(proxy))
        for store in self.scene.stores if keys else ():
            self.of_store(store, "ConnectCustomKeyStore", store.model.connect())
            store.model.end_connecting()
            if isinstance(store, RealClusterStore):
                store.untouched = False
            for external in ("first", "second")[:keys]:
                self.make_key(store, external)
        if takes:
            how = {"progression": "time", "seconds": takes * 60}
            state_manager.set_transition("cks::connection", how)
        handles = {c.id: self.world.cluster(c.id) for c in self.scene.clusters}
        self.anchors = {name: handle.trust_anchor for name, handle in handles.items()}
        self.subnets = [handle.subnet_ids for handle in handles.values()]

    @invariant()
    def both_agree(self) -> None:
        if self.scene.stores:
            DONE["steps"] += 1
            compare(self.scene)

    def teardown(self) -> None:
        try:
            if self.scene.stores:
                recorded = calls_recorded(self.scene)
                recorded.subtract(self.before)
                assert +recorded == self.scene.said, "CloudTrail has other calls"
        finally:
            self.ending.close()

    def of_store(self, store: RealStore, operation: str, expected: Any, **more: Any) -> Any:
        """Call an operation on a key store."""
        it = {"CustomKeyStoreId": store.id, **more}
        return self.scene.call(store.home, "kms", operation, expected, **it)

    # Making ----------------------------------------------------------------------------------

    def make_key(self, store: RealStore, external: str) -> None:
        """Create a key in a key store; in an external one, for an external key."""
        if isinstance(store, RealExternalStore):
            expected = store.model.create_key(external)
            how = {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": external}
        else:
            expected, how, external = store.model.create_key(), {"Origin": "AWS_CLOUDHSM"}, ""
        answer = self.of_store(store, "CreateKey", expected, **how)
        if answer is not None:
            told = answer["KeyMetadata"]
            key = RealKey(len(self.scene.keys), store, Key(told["KeyId"], told["Arn"], external))
            store.model.keys.append(key.model)
            self.scene.keys.append(key)
            if isinstance(store, RealClusterStore):
                for hsm in store.model.cluster.hsms:
                    hsm.material.add(key.model.id)

    def way_to(self, proxy: RealProxy) -> Way:
        """The way to a proxy, with one of the credentials that are valid there."""
        model = proxy.model
        return Way(model, model.host, model.path, max(model.credentials))

    def said_of(self, way: Way) -> dict[str, Any]:
        """What KMS is told of a way."""
        known = [proxy.secrets for proxy in self.scene.proxies]
        secrets = {NOBODY: "x" * 43, **{name: it for each in known for name, it in each.items()}}
        return {
            "XksProxyUriEndpoint": f"https://{way.host}",
            "XksProxyUriPath": way.path,
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": way.credential,
                "RawSecretAccessKey": secrets[way.credential],
            },
        }

    def make_external_store(self, home: Home, name: str, way: Way) -> None:
        """Create an external key store; what is wrong is all wrong at once (X3, X4, X46)."""
        reasons: list[Refusal] = []
        if any(store.name == name for store in self.scene.living(home)):
            reasons.append(refused("CustomKeyStoreNameInUseException"))
        if self.scene.taken(way, home):
            reasons.append(refused("XksProxyUriInUseException"))
        question = Question(HEALTH, "CreateCustomKeyStore")
        found = of_key_store(way.troubles(question))
        expected = either([*reasons, *([] if found is None else [found])])
        if expected is UNSURE:
            return
        if reasons:
            way.forget()
        else:
            way.ask(question)
        answer = self.scene.call(
            home,
            "kms",
            "CreateCustomKeyStore",
            expected,
            CustomKeyStoreName=name,
            CustomKeyStoreType="EXTERNAL_KEY_STORE",
            XksProxyConnectivity="PUBLIC_ENDPOINT",
            **self.said_of(way),
        )
        if answer is not None:
            number, made = len(self.scene.stores), answer["CustomKeyStoreId"]
            model = ExternalStore(way, self.takes)
            self.scene.stores.append(RealExternalStore(number, home, made, name, model))

    def tools_at(self, cluster: RealCluster) -> bool:
        """Whether somebody has stayed logged in at a cluster."""
        return any(where is cluster for _, _, where in self.opened)

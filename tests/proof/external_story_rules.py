"""What people do about external key stores in several steps: causes, and what comes of them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.proof.external_rules import MISTAKES
from tests.proof.key_rules import ENCRYPTING
from tests.proof.machine import EXTERNAL_KEYS, EXTERNAL_STORES, PROXIES
from tests.proof.proxy_rules import CAUSES, KEY_CHANGES
from tests.proof.real import RealExternalStore, RealKey, RealProxy
from tests.proof.story_rules import StoryRules

ALL_CAUSES = st.sampled_from(sorted(CAUSES))


class ExternalStoryRules(StoryRules):
    """Rules made of rules."""

    def _proxy_of(self, store: RealExternalStore) -> RealProxy:
        found = (proxy for proxy in self.scene.proxies if proxy.model is store.model.way.proxy)
        return next(found, self.scene.proxies[0])

    @rule(proxy=PROXIES)
    def mend_and_reconnect(self, proxy: RealProxy) -> None:
        """Take back all that is wrong, tell KMS where the proxy is, and connect again."""
        self.mend_all(proxy)
        for store in self.scene.external_stores:
            if store.model.way.proxy is proxy.model and not store.model.deleted:
                self._disconnect(store)
                self.change_way(store, proxy, ("path", "credential"))
                self.connect(store)
        self._settle()

    @precondition(lambda self: self.scene.external_keys)
    @rule(
        key=EXTERNAL_KEYS,
        cause=ALL_CAUSES,
        operation=st.sampled_from(sorted(ENCRYPTING)),
        mended=st.booleans(),
    )
    def use_while(self, key: RealKey, cause: str, operation: str, mended: bool) -> None:
        """Use a key before something goes wrong, meanwhile, and perhaps afterwards."""
        proxy = self._proxy_of(key.store)
        self.encrypt(key, "Encrypt")
        self.break_or_mend(proxy, cause)
        self.use_and_decrypt(key, operation)
        if mended:
            self.break_or_mend(proxy, cause)
            self.use_and_decrypt(key, operation)

    @precondition(lambda self: self.scene.external_keys)
    @rule(key=EXTERNAL_KEYS, change=KEY_CHANGES)
    def use_changed(self, key: RealKey, change: str) -> None:
        """Use a key before something is done to its external key, and afterwards."""
        proxy = self._proxy_of(key.store)
        self.encrypt(key, "Encrypt")
        self.change_external_key(proxy, key.model.external, change)
        self.decrypt(key, key)
        self.use_and_decrypt(key, "GenerateDataKey")

    @precondition(lambda self: self.scene.external_keys)
    @rule(key=EXTERNAL_KEYS)
    def replace_key(self, key: RealKey) -> None:
        """A KMS key is deleted, and another one takes its external key (X28)."""
        store = key.store
        self.encrypt(key, "Encrypt")
        self.delete_for_good(key)
        if not store.model.deleted:
            self.make_key(store, key.model.external)
            self.decrypt(key, self.scene.keys[-1])

    @rule(store=EXTERNAL_STORES, cause=ALL_CAUSES, external=st.sampled_from(["second", "third"]))
    def go_on_while(self, store: RealExternalStore, cause: str, external: str) -> None:
        """Create a key, change the credential and connect while something is wrong."""
        proxy = self._proxy_of(store)
        self.break_or_mend(proxy, cause)
        self.create_key(store, external)
        self.change_way(store, proxy, ("credential",))
        self.reconnect(store)
        if cause in proxy.causes:
            self.break_or_mend(proxy, cause)

    @rule(store=EXTERNAL_STORES, proxy=PROXIES, mistake=MISTAKES)
    def go_elsewhere(self, store: RealExternalStore, proxy: RealProxy, mistake: str | None) -> None:
        """Disconnect, change everything that there is to the way, and connect again."""
        self._disconnect(store)
        self.change_way(store, proxy, ("endpoint", "path", "credential"), mistake)
        self.reconnect(store)

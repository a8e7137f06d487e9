"""What is done to external key stores: creating, and going another way to a proxy."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.proof.external_stores import Way
from tests.proof.machine import EXTERNAL_KEYS, EXTERNAL_STORES, NOBODY, PROXIES, Machine
from tests.proof.real import RealExternalStore, RealKey, RealProxy
from tests.proof.states import UNSURE

MOST_STORES = 6
"""An account may have ten in a Region, of both kinds."""

PARAMETERS = {
    "endpoint": "XksProxyUriEndpoint",
    "path": "XksProxyUriPath",
    "credential": "XksProxyAuthenticationCredential",
}
CHANGES = st.sampled_from(
    [("path",), ("credential",), ("path", "credential"), tuple(PARAMETERS), ("endpoint",)]
)
WRONG = {
    None: {},
    "endpoint": {"proxy": None, "host": "nowhere.example.com"},
    "path": {"path": "/elsewhere/kms/xks/v1"},
    "credential": {"credential": NOBODY},
}
MISTAKES = st.sampled_from([None, None, *WRONG])


class ExternalRules(Machine):
    """Rules for external key stores."""

    @rule(like=EXTERNAL_STORES, proxy=PROXIES, mistake=MISTAKES, same_name=st.booleans())
    def create_external_store(
        self, like: RealExternalStore, proxy: RealProxy, mistake: str | None, same_name: bool
    ) -> None:
        """Where there is one already, or has been."""
        if len(self.scene.stores) >= MOST_STORES:
            return
        way = self.way_to(proxy)._replace(**WRONG[mistake])
        others = self.scene.living(like.home)
        name = others[-1].name if same_name and others else f"store {next(self.numbers)}"
        if self.scene.taken(way, like.home) and name == others[-1].name:
            return  # whether an equal request is the same one again, AWS says of clusters only
        self.make_external_store(like.home, name, way)

    @rule(store=EXTERNAL_STORES, proxy=PROXIES, changes=CHANGES, mistake=MISTAKES)
    def change_way(
        self,
        store: RealExternalStore,
        proxy: RealProxy,
        changes: tuple[str, ...],
        mistake: str | None = None,
    ) -> None:
        """Tell KMS of another way to a proxy, or of a part of it."""
        if store.model.deleted:
            return
        told = self.way_to(proxy)._replace(**WRONG[mistake])
        before = store.model.way
        way = Way(
            *((told.proxy, told.host) if "endpoint" in changes else (before.proxy, before.host)),
            told.path if "path" in changes else before.path,
            told.credential if "credential" in changes else before.credential,
        )
        taken = self.scene.taken(way, store.home, store)
        names = [PARAMETERS[change] for change in changes]
        expected = store.model.change(way, names, taken)
        if expected is not UNSURE:
            said = self.said_of(told)
            parameters = {name: said[name] for name in names}
            self.of_store(store, "UpdateCustomKeyStore", expected, **parameters)

    @precondition(lambda self: any(key.model.ciphertexts for key in self.scene.external_keys))
    @rule(key=EXTERNAL_KEYS)
    def decrypt_in_another_context(self, key: RealKey) -> None:
        """The proxy refuses what was not encrypted so (X36)."""
        if not key.model.ciphertexts or key.model.deleted:
            return
        sealed = key.model.ciphertexts[-1]
        expected: Any = key.store.model.allows("Decrypt", key.model)
        if expected is None:
            # Other material is none of this key's, and refused in the same words.
            expected = key.store.model.use("Decrypt", key.model, sealed._replace(material=0))
        more = {"CiphertextBlob": sealed.blob, "EncryptionContext": {"another": "context"}}
        it = {"KeyId": key.model.id, **more}
        self.scene.call(key.store.home, "kms", "Decrypt", expected, **it)

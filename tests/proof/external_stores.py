"""The model of an external key store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tests.proof import outcomes
from tests.proof.outcomes import OUTCOMES
from tests.proof.proxies import DECRYPT, ENCRYPT, HEALTH, METADATA, Proxy, Question
from tests.proof.states import UNSURE, Refusal, either, refused
from tests.proof.stores import NOT_CONNECTED, Ciphertext, Key, Store

UNAVAILABLE = refused("KMSInvalidStateException", message=outcomes.NOT_CONNECTED)


class Way(NamedTuple):
    """The way to a proxy, as KMS was told.

    Attributes:
        proxy: which proxy has that endpoint, if there is one.
        host: of the endpoint.
        path: XksProxyUriPath.
        credential: the ID of the access key.
    """

    proxy: Proxy | None
    host: str
    path: str
    credential: str

    def troubles(self, question: Question) -> list[str]:
        """All that is wrong for a question; AWS does not say what comes first."""
        if self.proxy is None:
            return ["unreachable"]
        return [
            *self.proxy.line(),
            *self.proxy.identity(self.path, self.credential),
            *self.proxy.troubles(question),
        ]

    def ask(self, question: Question) -> list[str]:
        """Ask; gives what is wrong. The proxy hears what reaches it."""
        proxy = self.proxy
        if proxy is not None and not any(proxy.line()) and self.path == proxy.path:
            known = not any(proxy.identity(self.path, self.credential))
            operation = question.operation if known else None
            if known or question.api != HEALTH:
                proxy.heard.append((question.api, question.key or "", operation))
        return self.troubles(question)

    def forget(self) -> None:
        """What is asked now, AWS does not say."""
        if self.proxy is not None:
            self.proxy.forgotten = True


def of_key_store(troubles: Iterable[str]) -> Refusal | None:
    """What CreateCustomKeyStore and UpdateCustomKeyStore say of what is wrong."""
    return _said((OUTCOMES[each].key_store, each) for each in troubles)


def of_new_key(troubles: Iterable[str]) -> Refusal | None:
    """What CreateKey says of it."""
    return _said((OUTCOMES[each].create_key, each) for each in troubles)


def of_use(troubles: Iterable[str]) -> Refusal | None:
    """What cryptographic operations say of it."""
    return _said(("KMSInvalidStateException", each) for each in troubles)


def _said(found: Iterable[tuple[str | None, str]]) -> Refusal | None:
    return either(
        UNSURE if code is None else refused(code, message=OUTCOMES[each].message or None)
        for code, each in found
    )


class ExternalStore(Store):
    """An external key store.

    Args:
        way: to its proxy.
        takes: how many minutes connecting and disconnecting take; 0 for none.
    """

    def __init__(self, way: Way, takes: int) -> None:
        super().__init__(takes)
        self.way = way

    # Connecting (X11 to X17) -----------------------------------------------------------------

    def attempt(self) -> frozenset[str]:
        troubles = self.way.ask(Question(HEALTH, "ConnectCustomKeyStore"))
        codes = frozenset(OUTCOMES[each].code or "" for each in troubles)
        if not codes and self.way.proxy is not None:
            self.way.proxy.connected = True
        return codes

    def change(self, way: Way, changed: Iterable[str], taken: bool) -> Refusal | None:
        """Go another way (X9).

        Args:
            way: the new one.
            changed: the parameters that are given.
            taken: whether another key store has the address.
        """
        reasons = []
        if self.state not in ("CONNECTED", "DISCONNECTED"):
            reasons.append(NOT_CONNECTED if "XksProxyUriEndpoint" in changed else UNSURE)
        elif self.state == "CONNECTED" and "XksProxyUriEndpoint" in changed:
            reasons.append(NOT_CONNECTED)
        if taken:
            reasons.append(refused("XksProxyUriInUseException"))
        question = Question(HEALTH, "UpdateCustomKeyStore")
        refusal = either([*reasons, *_all(of_key_store(way.troubles(question)))])
        if reasons:  # what is looked at first, AWS does not say
            way.forget()
        elif refusal is not UNSURE:
            way.ask(question)
        if refusal is None:
            self.way = way
        return refusal

    def hang_up(self) -> None:
        """The proxy is not told (X14)."""

    def random(self) -> Refusal:
        return refused("UnsupportedOperationException")

    # Keys ------------------------------------------------------------------------------------

    def create_key(self, external: str) -> Refusal | None:
        if self.state != "CONNECTED":
            return NOT_CONNECTED
        question = Question(METADATA, "CreateKey", external)
        if any(key.external == external and not key.deleted for key in self.keys):
            self.way.forget()
            taken = refused("XksKeyAlreadyInUseException")
            return either([taken, *_all(of_new_key(self.way.troubles(question)))])
        return of_new_key(self.way.ask(question))

    def allows(self, operation: str, key: Key) -> Refusal | None:
        refusal = super().allows(operation, key)
        unavailable = refused("KMSInvalidStateException", message=f"{key.arn} is unavailable.")
        return UNAVAILABLE if refusal == unavailable else refusal

    def foresees(
        self, operation: str, key: Key, sealed: Ciphertext | None = None
    ) -> Refusal | None:
        if refusal := self.allows(operation, key):
            return refusal
        if self._for_encryption_only(key) and sealed is None:
            return UNSURE
        return of_use(self.way.troubles(self._question(operation, key, sealed)))

    def use(self, operation: str, key: Key, sealed: Ciphertext | None = None) -> Refusal | None:
        refusal = self.foresees(operation, key, sealed)
        if refusal is not UNSURE and not self.allows(operation, key):
            self.way.ask(self._question(operation, key, sealed))
        return refusal

    def forget(self) -> None:
        self.way.forget()

    def keep(self, key: Key, plaintext: bytes | None, blob: bytes) -> None:
        """It is the newest material of the external key that has encrypted it."""
        assert self.way.proxy is not None
        material = self.way.proxy.keys[key.external].materials[-1]
        key.ciphertexts.append(Ciphertext(plaintext, blob, material))

    def end_material(self, key: Key) -> None:
        """The external key stays as it is (X28)."""

    def _question(self, operation: str, key: Key, sealed: Ciphertext | None) -> Question:
        if sealed is None:
            return Question(ENCRYPT, operation, key.external)
        return Question(DECRYPT, operation, key.external, sealed.material)

    def _for_encryption_only(self, key: Key) -> bool:
        """A proxy may have to decrypt what it has encrypted; when, AWS does not say (X35)."""
        proxy = self.way.proxy
        external = None if proxy is None else proxy.keys.get(key.external)
        return external is not None and external.usage == ("ENCRYPT",)


def _all(refusal: Refusal | None) -> list[Refusal]:
    return [] if refusal is None else [refusal]

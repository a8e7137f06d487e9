"""What befalls external key store proxies and their key managers, and what people do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from moto_cks import XksProxy
from tests.proof.machine import PROXIES, Machine
from tests.proof.proxies import ExternalKey
from tests.proof.real import RealProxy
from tests.proof.scene import EXTERNAL_KEYS
from tests.proof.stores import DAY

Undo = Callable[[], Any]


def _deny(proxy: XksProxy, *, health: bool = False, **conditions: str) -> Undo:
    rule_made = proxy.authorization.deny(**conditions)
    if health:
        proxy.authorization.apply_to_health_checks = True

    def undo() -> None:
        proxy.authorization.remove(rule_made)
        if health:
            proxy.authorization.apply_to_health_checks = False

    return undo


def _health(proxy: XksProxy, health: str) -> Undo:
    proxy.instances[0].health = health
    return lambda: setattr(proxy.instances[0], "health", "ACTIVE")


def _certificate(proxy: XksProxy) -> Undo:
    proxy.certificate.renew(san=["other.example.com"], cn="other.example.com")
    return proxy.certificate.renew


CAUSES: dict[str, Callable[[XksProxy], Undo]] = {
    "stopped": lambda proxy: proxy.stop().undo,
    "slow": lambda proxy: proxy.latency(0.3).undo,
    "slow key manager": lambda proxy: proxy.instances[0].slow(1).undo,
    "clock off": lambda proxy: proxy.clock_skew(400).undo,
    "no gateway": lambda proxy: proxy.reverse_proxy(bad_gateway=True).undo,
    "other certificate": _certificate,
    "all UNAVAILABLE": lambda proxy: _health(proxy, "UNAVAILABLE"),
    "all DEGRADED": lambda proxy: _health(proxy, "DEGRADED"),
    "rules": _deny,
    "rules for Decrypt": lambda proxy: _deny(proxy, operation="Decrypt"),
    "rules for health checks": lambda proxy: _deny(proxy, health=True),
    "no Encrypt": lambda proxy: proxy.unsupported("Encrypt").undo,
    "no Decrypt": lambda proxy: proxy.unsupported("Decrypt").undo,
    "no GetKeyMetadata": lambda proxy: proxy.unsupported("GetKeyMetadata").undo,
    "other bytes": lambda proxy: proxy.defect("wrong-plaintext").undo,
}
"""What goes wrong, by the model's name; what takes it back."""

KEY_CHANGES = st.sampled_from(
    ["enabled", "enabled", "usage", "delete", "rotate", "forget", "reassign"]
)


class ProxyRules(Machine):
    """Rules for proxies."""

    @rule(proxy=PROXIES, cause=st.sampled_from(sorted(CAUSES)))
    def break_or_mend(self, proxy: RealProxy, cause: str) -> None:
        if cause in proxy.causes:
            self._mend(proxy, cause)
            return
        for other in {"all UNAVAILABLE", "all DEGRADED"} & proxy.causes.keys():
            self._mend(proxy, other)
        proxy.causes[cause] = CAUSES[cause](proxy.handle)
        proxy.model.causes.add(cause)
        if cause == "other certificate":
            proxy.model.expires = None

    def _mend(self, proxy: RealProxy, cause: str) -> None:
        proxy.causes.pop(cause)()
        proxy.model.causes.discard(cause)

    @rule(proxy=PROXIES)
    def mend_all(self, proxy: RealProxy) -> None:
        for cause in list(proxy.causes):
            self._mend(proxy, cause)
        if proxy.model.expires is not None:
            proxy.handle.certificate.renew()
            proxy.model.expires = None
        for name, key in proxy.model.keys.items():
            key.enabled, key.usage = True, ("ENCRYPT", "DECRYPT")
            proxy.handle.key(name).enable()
            proxy.handle.key(name).usage = key.usage

    @rule(proxy=PROXIES, days=st.sampled_from([0, 7]))
    def let_certificate_expire(self, proxy: RealProxy, days: int) -> None:
        """Soon, or in some days: not when a step of the clock ends, whatever the steps take."""
        if "other certificate" not in proxy.causes:
            minutes = days * DAY + 1.5
            proxy.handle.certificate.renew(days=minutes / DAY)
            proxy.model.expires = self.schedule.now + minutes

    @rule(proxy=PROXIES, at_once=st.booleans())
    def rotate_credential(self, proxy: RealProxy, at_once: bool) -> None:
        """A new one in the place of the others, or beside them."""
        credentials = proxy.handle.credentials
        if at_once:
            proxy.model.credentials.clear()
            made = credentials.rotate()
        else:
            made = credentials.add()
        proxy.model.credentials.add(made.access_key_id)
        proxy.secrets[made.access_key_id] = made.secret_access_key

    @rule(proxy=PROXIES)
    def move(self, proxy: RealProxy) -> None:
        """Everything is under another path."""
        proxy.handle.move(f"/path{next(self.numbers)}")
        proxy.model.path = proxy.handle.path

    @rule(
        proxy=PROXIES,
        name=st.sampled_from([*EXTERNAL_KEYS, "first", "second"]),
        change=KEY_CHANGES,
    )
    def change_external_key(self, proxy: RealProxy, name: str, change: str) -> None:
        """Somebody at the key manager does something to a key, or makes it anew."""
        key = proxy.model.keys.get(name)
        if key is None:
            proxy.handle.create_key(name, spec=EXTERNAL_KEYS[name])
            proxy.model.create_key(name, EXTERNAL_KEYS[name])
        else:
            getattr(self, f"_{change}")(proxy, name, key)

    def _enabled(self, proxy: RealProxy, name: str, key: ExternalKey) -> None:
        key.enabled = not key.enabled
        proxy.handle.key(name).enabled = key.enabled

    def _usage(self, proxy: RealProxy, name: str, key: ExternalKey) -> None:
        whole, reading, writing = ("ENCRYPT", "DECRYPT"), ("DECRYPT",), ("ENCRYPT",)
        key.usage = {whole: reading, reading: writing, writing: whole}[key.usage]
        proxy.handle.key(name).usage = key.usage

    def _delete(self, proxy: RealProxy, name: str, key: ExternalKey) -> None:
        proxy.handle.key(name).delete()
        del proxy.model.keys[name]

    def _rotate(self, proxy: RealProxy, name: str, key: ExternalKey) -> None:
        """What was encrypted before decrypts as before (X29)."""
        proxy.handle.key(name).rotate()
        key.materials.append(proxy.model.new_material())

    def _forget(self, proxy: RealProxy, name: str, key: ExternalKey) -> None:
        """Old material is destroyed."""
        handle = proxy.handle.key(name)
        for version in handle.versions[:-1]:
            handle.forget_version(version)
        del key.materials[:-1]

    def _reassign(self, proxy: RealProxy, name: str, key: ExternalKey) -> None:
        """Another key has the ID from now on."""
        proxy.handle.key(name).reassign()
        key.materials[:] = [proxy.model.new_material()]

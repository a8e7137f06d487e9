"""Causes at a proxy and what mends them: the same test on a world here, and in another process."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from cryptography import x509

from moto_cks import Cks, XksProxy
from moto_cks.xks_proxy.authorization import Rule
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.certificates import Authority
from tests.handle.remote.external import KEY, Owner, two_worlds

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


# What is done to a proxy, and what KMS says of it.
CAUSES: dict[str, tuple[Callable[[XksProxy], Cause], str]] = {
    "stop": (lambda p: p.stop(), "cannot communicate"),
    "latency": (lambda p: p.latency(0.3), "did not respond in time"),
    "latency of an API": (lambda p: p.latency(0.3, api="Decrypt"), "did not respond in time"),
    "latency of a key": (lambda p: p.latency(0.3, key=KEY), "did not respond in time"),
    "latency of another key": (lambda p: p.latency(0.3, key="other"), "works"),
    "clock": (lambda p: p.clock_skew(-301), "could not authenticate"),
    "Host rewritten": (lambda p: p.reverse_proxy(host="internal:8080"), "could not authenticate"),
    "HTML": (lambda p: p.reverse_proxy(bad_gateway=True), "cannot interpret"),
    "cut": (lambda p: p.cut_connections(), "cannot communicate"),
    "TLS": (lambda p: p.tls(maximum="TLSv1.1"), "TLS connection"),
    "suites": (lambda p: p.tls(ciphers="ECDHE+AES128"), "TLS connection"),
    "plain HTTP": (lambda p: p.plain_http(), "TLS connection"),
    "client certificate": (
        lambda p: p.require_client_certificate(ca=Authority("Other").certificate),
        "TLS connection",
    ),
    "defect": (lambda p: p.defect("metadata-too-long"), "cannot interpret"),
    "unsupported": (lambda p: p.unsupported("Encrypt"), "does not support the requested"),
    "move": (lambda p: p.move("/other"), "invalid URI path"),
    "quota": (lambda p: p.quota(1), "very high request rate"),
    "quota of the prefix": (lambda p: p.main.quota(1), "very high request rate"),
    "block": (lambda p: p.block(), "is not enabled"),
    "unreachable": (lambda p: p.instances[0].unreachable(), "cannot communicate with the external"),
    "slow": (lambda p: p.instances[0].slow(1), "in the time allotted"),
}


@two_worlds
@pytest.mark.parametrize("name", CAUSES)
def test_x72_x58_a_cause_and_its_end(world: Cks, owner: Owner, name: str) -> None:
    set_up, seen = CAUSES[name]
    with set_up(owner.store.proxy) as cause:
        assert isinstance(cause, Cause)
        assert repr(cause) == "<Cause in effect>"
        assert seen in owner.seen()
    assert repr(cause) == "<Cause taken back>"
    assert owner.seen() == "works"
    cause.undo()  # a second time does nothing


@two_worlds
def test_x72_one_name_is_one_name(world: Cks) -> None:
    proxy = world.xks_proxy(keys="payments", instances="ekm")
    assert list(proxy.keys) == ["payments"]
    assert [each.id for each in proxy.instances] == ["ekm"]
    assert list(proxy.add_prefix("/other", keys="theirs").keys) == ["theirs"]
    assert proxy.create_key("once", usage="ENCRYPT").usage == ("ENCRYPT",)
    proxy.certificate.renew(san="other.example.com")
    shown = x509.load_pem_x509_certificate(proxy.certificate.pem.encode())
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["other.example.com"]


OF_PARTS = ("quota of the prefix", "unreachable", "slow")
"""Those of an object of its own, which here is one of the world in which it was asked for."""


@two_worlds
def test_x72_x58_a_cause_is_taken_back_in_a_restored_world(world: Cks, owner: Owner) -> None:
    proxy, before = owner.store.proxy, world.snapshot()
    for name, (set_up, _) in CAUSES.items():
        if name in OF_PARTS:
            continue
        cause = set_up(proxy)
        during = world.snapshot()
        cause.undo()
        world.restore(during)
        assert repr(cause) == "<Cause in effect>", name
        cause.undo()
        world.clock.advance(seconds=2)
        assert owner.seen() == "works", name
        world.restore(before)
        cause.undo()  # there it has never been
        assert repr(cause) == "<Cause taken back>"


@two_worlds
def test_x72_a_cause_that_something_else_has_ended(world: Cks, owner: Owner) -> None:
    proxy = owner.store.proxy
    first = proxy.stop()
    proxy.start()
    second = proxy.stop()
    first.undo()  # it is the second one that is in the way
    assert (repr(first), repr(second)) == ("<Cause taken back>", "<Cause in effect>")
    assert not proxy.running
    second.undo()
    assert owner.seen() == "works"


@two_worlds
def test_x72_a_cause_that_cannot_be_taken_back_stays(world: Cks, owner: Owner) -> None:
    proxy = owner.store.proxy
    address = proxy.serve()
    stopped = proxy.stop()
    with socket.create_server(address, reuse_port=False), pytest.raises(OSError, match=r"use|bind"):
        stopped.undo()
    assert repr(stopped) == "<Cause in effect>"
    stopped.undo()
    assert (owner.seen(), proxy.address) == ("works", address)


def _rotate(proxy: XksProxy) -> None:
    proxy.key(KEY).rotate()
    proxy.key(KEY).forget_version(1)


def _deny(proxy: XksProxy) -> None:
    rule = proxy.authorization.deny(principal="*", operation="Encrypt")
    assert rule == Rule(False, principal="*", operation="Encrypt")


# What changes at a proxy; what KMS says; what mends it.
CHANGES: dict[str, tuple[Callable[[XksProxy], object], str, Callable[[XksProxy], object]]] = {
    "key disabled": (
        lambda p: p.key(KEY).disable(),
        "is not enabled",
        lambda p: p.key(KEY).enable(),
    ),
    "key of another spec": (
        lambda p: setattr(p.key(KEY), "spec", "RSA_2048"),
        "does not support the requested operation",
        lambda p: setattr(p.key(KEY), "spec", "AES_256"),
    ),
    "key of another usage": (
        lambda p: setattr(p.key(KEY), "usage", ["SIGN"]),
        "does not support the requested operation",
        lambda p: setattr(p.key(KEY), "usage", ("ENCRYPT", "DECRYPT")),
    ),
    "instance unwell": (
        lambda p: setattr(p.instances[0], "health", "UNAVAILABLE"),
        "cannot communicate with the external key manager",
        lambda p: setattr(p.instances[0], "health", "ACTIVE"),
    ),
    "instance cut off": (
        lambda p: p.instances[0].unreachable(),
        "cannot communicate with the external key manager",
        lambda p: p.instances[0].reachable(),
    ),
    "rule": (_deny, "denied access", lambda p: p.authorization.clear()),
    "certificate": (
        lambda p: p.certificate.renew(days=-1),
        "TLS connection",
        lambda p: p.certificate.renew(),
    ),
    "unknown CA": (
        lambda p: p.certificate.renew(issuer="unknown"),
        "TLS connection",
        lambda p: p.certificate.renew(san=[p.host], days=9),
    ),
    "an authority of one's own": (
        lambda p: p.certificate.renew(issuer=Authority("Own")),
        "TLS connection",
        lambda p: p.certificate.renew(issuer=p.certificate.authority),
    ),
    "no intermediate": (
        lambda p: p.certificate.renew(chain=False),
        "TLS connection",
        lambda p: p.certificate.renew(),
    ),
    "stopped and started": (lambda p: p.stop(), "cannot communicate", lambda p: p.start()),
}


@two_worlds
@pytest.mark.parametrize("name", CHANGES)
def test_x72_x58_a_change_and_what_mends_it(world: Cks, owner: Owner, name: str) -> None:
    change, seen, mend = CHANGES[name]
    change(owner.store.proxy)
    assert seen in owner.seen()
    mend(owner.store.proxy)
    assert owner.seen() == "works"

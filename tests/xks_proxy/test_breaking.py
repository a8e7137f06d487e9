"""Every documented way of breaking, from its cause, and what mends it: in memory and over TCP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.certificates import Authority
from moto_cks.xks_proxy.proxy import XksProxy
from moto_cks.xks_proxy.wire import Request
from tests.xks_proxy.asking import (
    CARRIERS,
    ENCRYPT,
    HEALTH,
    KEY,
    KEY_METADATA,
    MemoryClient,
    content,
    context_at_any_time,
    decrypt_of,
    encrypt,
    error_of,
    health,
    outcome,
    reachable,
    signed,
)
from tests.xks_proxy.clock import Clock

Setting = Callable[[XksProxy], Cause | None]


def set_key(**values: object) -> Setting:
    def set_values(proxy: XksProxy) -> None:
        for name, value in values.items():
            setattr(proxy.key(KEY), name, value)

    return set_values


def set_health(health: str) -> Setting:
    def set_all(proxy: XksProxy) -> None:
        for each in proxy.instances:
            each.health = health

    return set_all


# What is done to a proxy; the path and the body of a request; what the client sees.
CAUSES: dict[str, tuple[Setting, str, str]] = {
    "stopped": (lambda p: p.stop(), "health", "refused"),
    "slow key manager": (
        lambda p: p.instances[0].slow(0.201),
        "health",
        "DependencyTimeoutException",
    ),
    "slow key manager, encrypt": (
        lambda p: p.instances[0].slow(9),
        "encrypt",
        "DependencyTimeoutException",
    ),
    "unreachable": (lambda p: p.instances[0].unreachable(), "encrypt", "InternalException"),
    "unreachable, health": (lambda p: p.instances[0].unreachable(), "health", "InternalException"),
    "unavailable": (set_health("UNAVAILABLE"), "encrypt", "InternalException"),
    "unavailable, health": (set_health("UNAVAILABLE"), "health", "200"),
    "degraded": (set_health("DEGRADED"), "encrypt", "200"),
    "key disabled": (lambda p: p.key(KEY).disable(), "encrypt", "InvalidStateException"),
    "key disabled, metadata": (lambda p: p.key(KEY).disable(), "metadata", "200"),
    "key deleted": (lambda p: p.key(KEY).delete(), "encrypt", "KeyNotFoundException"),
    "key of another spec": (set_key(spec="RSA_2048"), "encrypt", "InvalidKeyUsageException"),
    "key of another usage": (set_key(usage=["SIGN"]), "encrypt", "InvalidKeyUsageException"),
    "clock off": (lambda p: p.clock_skew(301), "health", "AuthenticationFailedException"),
    "clock slow": (lambda p: p.clock_skew(-330), "health", "AuthenticationFailedException"),
    "clock a little off": (lambda p: p.clock_skew(-299), "health", "200"),
    "quota": (lambda p: p.quota(1), "health twice", "ThrottlingException"),
    "path moved": (lambda p: p.move("/another"), "health", "InvalidUriPathException"),
    "blocked": (lambda p: p.block(), "encrypt", "InvalidStateException"),
    "blocked, health": (lambda p: p.block(), "health", "InvalidStateException"),
    "HTML": (lambda p: p.reverse_proxy(bad_gateway=True), "encrypt", "502 no JSON"),
    "Host rewritten": (
        lambda p: p.reverse_proxy(host="internal:8080"),
        "encrypt",
        "AuthenticationFailedException",
    ),
    "connection cut": (lambda p: p.cut_connections(), "encrypt", "cut"),
    "not implemented": (
        lambda p: p.unsupported("Encrypt"),
        "encrypt",
        "UnsupportedOperationException",
    ),
    "not implemented, health": (lambda p: p.unsupported("Encrypt"), "health", "200"),
    "expired is a matter of dates": (lambda p: p.certificate.renew(days=-1), "health", "TLS"),
    "not yet valid is, too": (
        lambda p: p.certificate.renew(starts=20000, days=20001),
        "health",
        "TLS",
    ),
    "another name": (lambda p: p.certificate.renew(cn="other.example.com"), "health", "TLS"),
    "self-signed": (lambda p: p.certificate.renew(issuer="self"), "health", "TLS"),
    "unknown CA": (lambda p: p.certificate.renew(issuer="unknown"), "health", "TLS"),
    "no intermediate": (lambda p: p.certificate.renew(chain=False), "health", "TLS"),
    "TLS 1.1": (lambda p: p.tls(maximum="TLSv1.1"), "health", "TLS"),
    "other suites": (lambda p: p.tls(ciphers="ECDHE+AES128"), "health", "TLS"),
    "plain HTTP": (lambda p: p.plain_http(), "health", "TLS"),
    "client certificate": (
        lambda p: p.require_client_certificate(ca=Authority("Other").certificate),
        "health",
        "TLS",
    ),
}


def request_of(proxy: XksProxy, what: str) -> Request:
    at = proxy.main.path_prefix
    assert at == "/example"
    if what.startswith("health"):
        return signed(proxy, "/health", HEALTH)
    return signed(proxy, f"/keys/{KEY}/{what}", ENCRYPT if what == "encrypt" else KEY_METADATA)


@pytest.fixture
def here() -> Iterator[XksProxy]:
    """A proxy with the machine's clock, as clients of other kinds have it."""
    proxy = XksProxy()
    yield proxy
    proxy.close()


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", CAUSES)
def test_x58_a_cause_and_its_end(here: XksProxy, name: str, carrier: str) -> None:
    break_it, what, seen = CAUSES[name]
    with reachable(here, carrier):
        request = request_of(here, what)
        assert outcome(here, carrier, request) == "200"
        if "twice" in what:
            with here.quota(2):
                assert outcome(here, carrier, request) == "200"
        cause = break_it(here)
        if "twice" in what:
            assert outcome(here, carrier, request) == "200"
        assert outcome(here, carrier, request) == seen
        if cause is not None:
            cause.undo()
            assert outcome(here, carrier, request) == "200"


@pytest.mark.parametrize("carrier", CARRIERS)
def test_x58_a_renewed_certificate_mends(here: XksProxy, carrier: str) -> None:
    request = request_of(here, "health")
    with reachable(here, carrier):
        here.certificate.renew(days=-1)
        assert outcome(here, carrier, request) == "TLS"
        here.certificate.renew()
        assert outcome(here, carrier, request) == "200"


def test_x58_a_stopped_proxy_starts_at_the_same_port(here: XksProxy) -> None:
    before = here.serve()
    with here.stop():
        assert outcome(here, "tcp", request_of(here, "health")) == "refused"
        assert outcome(here, "memory", request_of(here, "health")) == "refused"
    assert here.address == before
    assert outcome(here, "tcp", request_of(here, "health")) == "200"
    here.start()
    assert outcome(here, "tcp", request_of(here, "health")) == "200"


def test_x58_it_stays_stopped_while_somebody_has_its_port(here: XksProxy) -> None:
    address = here.serve()
    here.stop()
    with socket.create_server(address, reuse_port=False), pytest.raises(OSError, match=r"use|bind"):
        here.start()
    assert not here.running
    assert here.address == address
    here.start()
    assert outcome(here, "tcp", request_of(here, "health")) == "200"


def test_x58_a_key_id_that_is_reassigned(proxy: XksProxy) -> None:
    encrypted = content(encrypt(proxy))
    proxy.key(KEY).rotate()
    proxy.key(KEY).reassign()
    request = signed(proxy, f"/keys/{KEY}/decrypt", decrypt_of(encrypted))
    assert error_of(proxy.answer(request)) == "InvalidCiphertextException"
    assert proxy.key(KEY).versions == (1,)


def test_x58_one_instance_that_serves_is_enough() -> None:
    proxy = XksProxy(instances=("one", "two", "three"))
    with proxy.instances[0].unreachable():
        assert encrypt(proxy).status == 200
        assert proxy.log[-1].instance == "two"
        proxy.instances[1].health = "DEGRADED"
        encrypt(proxy)
        assert proxy.log[-1].instance == "three"
        proxy.instances[2].health = "UNAVAILABLE"
        encrypt(proxy)
        assert proxy.log[-1].instance == "two"
        states = [each["healthStatus"] for each in content(health(proxy))["ekmFleetDetails"]]
        assert states == ["UNAVAILABLE", "DEGRADED", "UNAVAILABLE"]
    encrypt(proxy)
    assert proxy.log[-1].instance == "one"


def test_x58_an_instance_is_reached_again_however_often_it_was_cut_off(proxy: XksProxy) -> None:
    instance = proxy.instances[0]
    instance.unreachable()
    cause = instance.unreachable()
    assert error_of(encrypt(proxy)) == "InternalException"
    instance.reachable()
    assert encrypt(proxy).status == 200
    cause.undo()
    assert encrypt(proxy).status == 200
    assert proxy.manager.metadata == b"key_version="
    assert len(proxy.instances) == 1


# Latency ------------------------------------------------------------------------------------------


def seconds(proxy: XksProxy, what: str) -> float:
    return proxy.answer(request_of(proxy, what)).delay


def test_x58_slow_for_all_for_an_api_and_for_a_key(proxy: XksProxy) -> None:
    proxy.create_key("other")
    with proxy.latency(0.1):
        assert seconds(proxy, "health") == seconds(proxy, "encrypt") == pytest.approx(0.1)
        with proxy.latency(0.2, api="Encrypt"):
            assert seconds(proxy, "encrypt") == pytest.approx(0.3)
            assert seconds(proxy, "metadata") == pytest.approx(0.1)
    with proxy.latency(0.4, key=KEY):
        assert seconds(proxy, "metadata") == pytest.approx(0.4)
        assert encrypt(proxy, key="other").delay == 0
        assert seconds(proxy, "health") == 0
    with proxy.latency(0.5, api="Decrypt", key=KEY), proxy.instances[0].slow(0.05):
        assert seconds(proxy, "encrypt") == pytest.approx(0.05)
    assert seconds(proxy, "encrypt") == 0


def test_x58_a_refused_request_is_as_slow(proxy: XksProxy) -> None:
    with proxy.latency(0.3):
        proxy.key(KEY).disable()
        answer = encrypt(proxy)
        assert (error_of(answer), answer.delay) == ("InvalidStateException", 0.3)


def test_x58_the_proxy_waits_for_its_key_manager_for_so_long(proxy: XksProxy) -> None:
    with proxy.instances[0].slow(5):
        assert encrypt(proxy).delay == pytest.approx(0.2)
        proxy.manager.timeout = 6
        assert encrypt(proxy).delay == pytest.approx(5)
        assert encrypt(proxy).status == 200


def test_x68_latency_is_simulated_in_memory(proxy: XksProxy) -> None:
    with proxy.latency(3600), proxy.latency(60, api="handshake"):
        client = MemoryClient(proxy, context_at_any_time(proxy))
        assert client.elapsed == 60
        assert client.ask(request_of(proxy, "health"))[0] == 200
        assert client.elapsed == 3660
        assert client.ask(request_of(proxy, "health"))[0] == 200
        assert client.elapsed == 7260


def test_x58_over_tcp_it_is_real(here: XksProxy) -> None:
    with reachable(here, "tcp"), here.latency(0.3):
        answered = threading.Event()
        client = CARRIERS["tcp"](here)
        asking = threading.Thread(
            target=lambda: (client.ask(request_of(here, "health")), answered.set())
        )
        asking.start()
        assert not answered.wait(0.25)
        assert answered.wait(10)
        asking.join()
        client.close()


def test_x58_causes_add_up_and_end_in_any_order(proxy: XksProxy, clock: Clock) -> None:
    first, second = proxy.clock_skew(200), proxy.clock_skew(200)
    assert "in effect" in repr(first)
    assert error_of(health(proxy, now=clock.now)) == "AuthenticationFailedException"
    first.undo()
    assert health(proxy, now=clock.now).status == 200
    first.undo()
    second.undo()
    assert "taken back" in repr(second)
    assert proxy.now() == clock.now


@pytest.mark.parametrize(
    ("weak", "strong", "seen"),
    [
        (
            lambda p: p.quota(100),
            lambda p: p.quota(1),
            lambda p: p.main.request_quota.requests_per_second,
        ),
        (lambda p: p.block(), lambda p: p.block(), lambda p: p.main.blocked),
        (
            lambda p: p.cut_connections(),
            lambda p: p.cut_connections(),
            lambda p: health(p).cut_after,
        ),
        (
            lambda p: p.reverse_proxy(host="a"),
            lambda p: p.reverse_proxy(bad_gateway=True),
            lambda p: health(p).status,
        ),
        (
            lambda p: p.instances[0].slow(0.1),
            lambda p: p.instances[0].slow(9),
            lambda p: health(p).status,
        ),
        (
            lambda p: p.instances[0].unreachable(),
            lambda p: p.instances[0].unreachable(),
            lambda p: health(p).status,
        ),
        (lambda p: p.tls(minimum="TLSv1.3"), lambda p: p.tls(maximum="TLSv1.1"), XksProxy.settings),
        (lambda p: p.plain_http(), lambda p: p.plain_http(), XksProxy.settings),
        (
            lambda p: p.unsupported("Encrypt"),
            lambda p: p.unsupported("Encrypt"),
            lambda p: encrypt(p).status,
        ),
        (lambda p: p.defect("metadata-too-long"),) * 2 + (lambda p: p.defects[-1:],),
        (lambda p: p.latency(0.1),) * 2 + (lambda p: health(p).delay > 0,),
    ],
)
def test_x58_the_latest_counts_and_they_end_in_any_order(
    proxy: XksProxy,
    weak: Callable[[XksProxy], Cause],
    strong: Callable[[XksProxy], Cause],
    seen: Callable[[XksProxy], object],
) -> None:
    whole = seen(proxy)
    first, second = weak(proxy), strong(proxy)
    broken = seen(proxy)
    assert broken != whole
    first.undo()
    assert seen(proxy) == broken
    second.undo()
    assert seen(proxy) == whole


def test_x58_a_prefix_cannot_come_back_to_where_another_is(proxy: XksProxy) -> None:
    moved = proxy.move("/moved")
    other = proxy.add_prefix("/example")
    with pytest.raises(ValueError, match="'/example' already"):
        moved.undo()
    assert proxy.prefixes == {"/moved": proxy.main, "/example": other}
    assert repr(moved) == "<Cause in effect>"


def test_x58_what_cannot_be_taken_back_yet_can_be_later(here: XksProxy) -> None:
    """Somebody else has its port meanwhile."""
    address = here.serve()
    stopped = here.stop()
    with socket.create_server(address):
        with pytest.raises(OSError, match="in use"):
            stopped.undo()
        assert (here.running, repr(stopped)) == (False, "<Cause in effect>")
    stopped.undo()
    assert (here.running, here.address) == (True, address)


def test_x58_a_quota_when_the_clock_is_put_back(proxy: XksProxy) -> None:
    proxy.quota(1)
    assert [health(proxy).status for _ in range(2)] == [200, 429]
    proxy.clock_skew(-60)
    assert [health(proxy).status for _ in range(2)] == [200, 429]


def test_x58_one_name_where_there_could_be_more() -> None:
    """A string is no list of its letters."""
    proxy = XksProxy(keys="foo", instances="hsm")
    proxy.certificate.renew(san="other.example.com")
    assert (list(proxy.keys), [each.id for each in proxy.instances]) == (["foo"], ["hsm"])
    certificate = x509.load_pem_x509_certificate(proxy.certificate.pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["other.example.com"]


CA = Authority("Other").certificate


def weak() -> tuple[str, str]:
    """A certificate with its key, which is too short for OpenSSL."""
    key = rsa.generate_private_key(65537, 512 * 2)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xks.example.com")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(encoding, form, serialization.NoEncryption())
    return certificate.public_bytes(encoding).decode(), pem.decode()


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda p: p.latency(-1), "from 0 on"),
        (lambda p: p.latency(float("inf")), "from 0 on"),
        (lambda p: p.latency(float("nan")), "from 0 on"),
        (lambda p: p.latency(1, api="Sign"), "GetKeyMetadata, Encrypt, Decrypt"),
        (lambda p: p.latency(1, api="GetHealthStatus", key=KEY), "not about a key"),
        (lambda p: p.latency(1, api="handshake", key=KEY), "not about a key"),
        (lambda p: p.unsupported("Sign"), "GetKeyMetadata, Encrypt, Decrypt"),
        (lambda p: p.quota(0), "whole number from 1 on, not 0"),
        (lambda p: p.quota(1.5), "whole number from 1 on, not 1.5"),
        (lambda p: p.quota(float("nan")), "whole number from 1 on, not nan"),
        (lambda p: p.reverse_proxy(host="日本"), "printable ASCII"),
        (lambda p: p.reverse_proxy(host="a b"), "printable ASCII"),
        (lambda p: p.reverse_proxy(host=""), "1 to 255 characters"),
        (
            lambda p: p.require_client_certificate(ca=CA, subject=".example.com"),
            "A host is a name",
        ),
        (lambda p: p.require_client_certificate(ca=CA, subject=""), "A host is a name"),
        (lambda p: p.serve(2**16), "from 0 to 65535, not 65536"),
        (lambda p: p.serve(-1), "from 0 to 65535"),
        (lambda p: p.serve(address="xks.example.com"), "as '127.0.0.1', not 'xks.example.com'"),
        (lambda p: p.add_prefix("/other", region="Ireland"), "as 'us-east-1', not 'Ireland'"),
        (lambda p: p.add_prefix("/other", keys=("a", "b c")), "letters, digits"),
        (lambda p: p.instances.add(""), "as 'ekm-1', not ''"),
        (lambda p: p.clock_skew(1e12), "seconds off"),
        (lambda p: p.clock_skew(float("nan")), "seconds off"),
        (lambda p: p.tls(minimum="SSLv3"), "there are TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"),
        (lambda p: p.tls(minimum="TLSv1.3", maximum="TLSv1.2"), "nothing between"),
        (lambda p: p.tls(maximum=""), "there are TLSv1, TLSv1.1"),
        (lambda p: p.tls(ciphers="NOTHING-OF-THE-KIND"), "knows no cipher suite"),
        (lambda p: p.tls(ciphers="ECDHE\0"), "knows no cipher suite"),
        (lambda p: p.tls(ciphers="DEFAULT@SECLEVEL=5"), "@SECLEVEL is no cipher suite"),
        (lambda p: p.require_client_certificate(ca="none"), "is PEM"),
        (lambda p: p.move("no/slash"), "A path prefix"),
        (lambda p: p.move("/example"), "already"),
        (lambda p: p.defect("nothing"), "there are tag-left-on-ciphertext"),
        (lambda p: p.instances[0].slow(-1), "from 0 on"),
        (lambda p: setattr(p.instances[0], "health", "WELL"), "ACTIVE, DEGRADED, UNAVAILABLE"),
        (lambda p: setattr(p.manager, "vector_size", 8), "12 or 16 bytes, not 8"),
        (lambda p: setattr(p.manager, "metadata", b"m" * 20), "at most 20 bytes"),
        (lambda p: setattr(p.manager, "metadata", b"v1"), "digit"),
        (lambda p: setattr(p.manager, "timeout", -1), "from 0 on"),
        (lambda p: p.certificate.renew(issuer="me"), "'self' or 'unknown'"),
        (lambda p: p.certificate.renew(days=1e9), "no day"),
        (lambda p: p.certificate.renew(days=3, starts=5), "after the day"),
        (lambda p: p.certificate.renew(cn="c" * 65), "1 to 64 characters"),
        (lambda p: p.certificate.load("none", "none"), "are PEM"),
        (lambda p: p.certificate.load(*weak()), "does not show such a certificate"),
    ],
)
def test_x58_what_cannot_be_is_refused_and_changes_nothing(
    proxy: XksProxy, break_it: Callable[[XksProxy], object], reason: str
) -> None:
    shown, prefixes, instances = proxy.settings(), proxy.prefixes, list(proxy.instances)
    with pytest.raises(ValueError, match=reason):
        break_it(proxy)
    assert (proxy.settings(), proxy.prefixes, list(proxy.instances)) == (shown, prefixes, instances)
    assert proxy.address is None
    assert (health(proxy).status, encrypt(proxy).status, encrypt(proxy).delay) == (200, 200, 0)

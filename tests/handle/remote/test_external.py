"""External key stores and their proxies: the same test on a world here, and in another process."""

from __future__ import annotations

import inspect
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509

from moto_cks import Cks, ExternalKeyStore, XksProxy, XksRoute, cks, mock_cks
from moto_cks.handle.external import LocalExternalKeyStore, ProxyHandle
from moto_cks.handle.remote.external import RemoteExternalKeyStore, RemoteXksRoute
from moto_cks.handle.remote.xks.certificate import RemoteAuthority, RemoteCertificate
from moto_cks.handle.remote.xks.keys import RemoteKey, RemoteKeys
from moto_cks.handle.remote.xks.log import RemoteLog
from moto_cks.handle.remote.xks.manager import RemoteInstance, RemoteInstances, RemoteKeyManager
from moto_cks.handle.remote.xks.prefixes import (
    RemoteAuthorization,
    RemoteCredentials,
    RemotePathPrefix,
)
from moto_cks.handle.remote.xks.proxy import RemoteXksProxy
from moto_cks.handle.routing import LocalXksRoute
from moto_cks.xks_proxy.authorization import Authorization, Rule
from moto_cks.xks_proxy.causes import Cause
from moto_cks.xks_proxy.certificates import Authority, Subject
from moto_cks.xks_proxy.credentials import Credentials
from moto_cks.xks_proxy.instances import Instance, Instances
from moto_cks.xks_proxy.keys import ExternalKey, ExternalKeys
from moto_cks.xks_proxy.log import Log
from moto_cks.xks_proxy.manager import KeyManager
from moto_cks.xks_proxy.prefixes import PathPrefix
from moto_cks.xks_proxy.server_certificate import ServerCertificate
from tests.kms.keystores.external import credential

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

everywhere = pytest.mark.parametrize("world", ["here", "server", "proxy"], indirect=True)
two_worlds = pytest.mark.parametrize("world", ["here", "server"], indirect=True)

KEY = "external-key-1"
TEXT = b"the crown jewels"


def kms_client(region: str = "us-east-1") -> Any:
    return boto3.client("kms", region_name=region, config=Config(retries={"total_max_attempts": 1}))


class Owner:
    """Somebody with an external key store and a KMS key in it."""

    def __init__(self, store: ExternalKeyStore) -> None:
        self.store = store
        self.kms = kms_client(store.region)
        self.key_id = store.create_key(KEY)
        self.ciphertext = self.encrypt()

    def encrypt(self) -> bytes:
        return bytes(self.kms.encrypt(KeyId=self.key_id, Plaintext=TEXT)["CiphertextBlob"])

    def seen(self) -> str:
        """What becomes of an Encrypt and a Decrypt: the message of what refuses."""
        try:
            self.encrypt()
            answer = self.kms.decrypt(CiphertextBlob=self.ciphertext)
        except self.kms.exceptions.KMSInvalidStateException as error:
            return str(error.response["Error"]["Message"])
        return "works" if answer["Plaintext"] == TEXT else "another plaintext"

    def reconnect(self) -> tuple[str, str | None]:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store.id)
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store.id)
        (entry,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store.id)[
            "CustomKeyStores"
        ]
        return entry["ConnectionState"], entry.get("ConnectionErrorCode")


@pytest.fixture
def owner(world: Cks) -> Owner:
    return Owner(world.create_external_key_store())


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


@everywhere
def test_x72_a_key_store_of_the_readme(world: Cks) -> None:
    store = world.create_external_key_store()
    assert isinstance(store, ExternalKeyStore)
    assert isinstance(store.proxy, XksProxy)
    assert (store.name, store.region, store.account_id) == (
        "ExampleExternalKeyStore",
        "us-east-1",
        "123456789012",
    )
    assert store.proxy == world.xks_proxies["xks.example.com"]
    assert {store.proxy} == set(world.xks_proxies.values())
    kms = kms_client()
    key_id = store.create_key(Description="cards")
    described = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (described["Description"], described["XksKeyConfiguration"]) == (
        "cards",
        {"Id": "external-key-2"},
    )
    card = kms.encrypt(KeyId=key_id, Plaintext=b"4111 1111")["CiphertextBlob"]
    world.clock.advance(days=91)
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="TLS connection"):
        kms.decrypt(CiphertextBlob=card)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert world.explain(store).reasons[0].error == "XKS_PROXY_INVALID_TLS_CONFIGURATION"
    assert not world.explain(key_id)
    store.proxy.certificate.renew()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert kms.decrypt(CiphertextBlob=card)["Plaintext"] == b"4111 1111"
    assert world.explain(store)


@two_worlds
def test_x72_a_proxy_as_it_is(world: Cks) -> None:
    proxy = world.xks_proxy(
        "own.example.com", path_prefix="", region="eu-west-1", keys=["a", "b"], instances=["x", "y"]
    )
    assert repr(proxy) == "<XksProxy https://own.example.com>"
    assert (proxy.host, proxy.endpoint, proxy.path) == (
        "own.example.com",
        "https://own.example.com",
        "/kms/xks/v1",
    )
    assert (proxy.running, proxy.address, proxy.defects) == (True, None, ())
    assert (proxy.main.region, proxy.main.blocked) == ("eu-west-1", False)
    assert list(proxy.keys) == ["a", "b"]
    assert [each.id for each in proxy.instances] == ["x", "y"]
    assert (proxy.handshake.minimum, proxy.handshake.client_ca) == ("TLSv1.2", None)
    assert (proxy.handshake_delay, proxy.max_connections) == (0, None)
    assert len(proxy.log) == len(proxy.requests) == 0
    with proxy.latency(2, api="handshake"), proxy.defect("connection-limit"):
        assert (proxy.handshake_delay, proxy.max_connections) == (2, 1)
        assert proxy.defects == ("connection-limit",)
    assert abs((proxy.now() - world.clock.now()).total_seconds()) < 60
    with proxy.clock_skew(3600):
        assert (proxy.now() - world.clock.now()).total_seconds() > 3000
    assert proxy in set(world.xks_proxies.values())
    assert world.xks_proxies["OWN.example.com"] == proxy
    assert {"endpoint", "latency", "stop"} <= set(dir(proxy))


@two_worlds
def test_x72_external_keys(world: Cks) -> None:
    proxy = world.xks_proxy()
    key = proxy.create_key(spec="AES_128", usage="SIGN")
    assert (key.id, key.spec, key.usage, key.enabled) == (
        "external-key-2",
        "AES_128",
        ("SIGN",),
        True,
    )
    assert (key.versions, key.computes) == ((1,), False)
    assert (key.rotate(), key.versions) == (2, (1, 2))
    key.forget_version(1)
    assert key.versions == (2,)
    key.reassign()
    assert key.versions == (1,)
    key.enabled = False
    assert repr(key) == "<ExternalKey 'external-key-2' AES_128 disabled>"
    alias = proxy.keys.alias("other", "external-key-2")
    assert alias.id == "external-key-2"
    assert proxy.key("other") == proxy.key("external-key-2") == key
    assert repr(proxy.keys) == "<ExternalKeys ['external-key-1', 'external-key-2', 'other']>"
    key.delete()
    assert list(proxy.keys) == ["external-key-1"]
    proxy.create_key("known", material=b"m" * 32)
    assert len(proxy.keys) == 2
    for wrong in (
        key.delete,
        lambda: proxy.key("none"),
        lambda: proxy.keys.alias("new", "none"),
        lambda: proxy.keys.alias("known", "external-key-1"),
        lambda: proxy.create_key("known"),
        lambda: proxy.create_key("no key!"),
        lambda: proxy.create_key(spec="AES_512"),
        lambda: proxy.create_key(usage=["FLY"]),
        lambda: proxy.create_key(material=b"short"),
        lambda: setattr(proxy.key("known"), "spec", "AES_512"),
        lambda: setattr(proxy.key("known"), "usage", ["FLY"]),
        lambda: proxy.key("known").forget_version(1),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    with pytest.raises(KeyError, match="none"):
        proxy.keys["none"]
    assert list(proxy.keys) == ["external-key-1", "known"]


@two_worlds
def test_x72_x49_3_credentials_are_rotated(world: Cks, owner: Owner) -> None:
    proxy = owner.store.proxy
    old = proxy.credential
    new = proxy.credentials.add("ABCDEFGHIJKLMNOPQRST", "s" * 43)
    assert list(proxy.credentials) == [old, new]
    assert (proxy.credential, proxy.credentials[0], proxy.credentials[-1:]) == (new, old, [new])
    assert proxy.credentials.find(old.access_key_id) == old
    assert proxy.credentials.find("none") is None
    assert repr(proxy.credentials) == f"<Credentials {[old.access_key_id, new.access_key_id]}>"
    assert owner.seen() == "works"
    owner.kms.update_custom_key_store(
        CustomKeyStoreId=owner.store.id,
        XksProxyAuthenticationCredential={
            "AccessKeyId": new.access_key_id,
            "RawSecretAccessKey": new.secret_access_key,
        },
    )
    proxy.credentials.remove(old.access_key_id)
    assert owner.seen() == "works"
    assert proxy.credentials.rotate() not in (old, new)
    assert "could not authenticate" in owner.seen()
    assert owner.reconnect() == ("FAILED", "INVALID_CREDENTIALS")
    file = json.loads(proxy.configuration_file())
    assert file["XksProxyUriPath"] == proxy.path
    secret = file["XksProxyAuthenticationCredential"]["RawSecretAccessKey"]
    assert secret == proxy.credential.secret_access_key
    for wrong in (
        lambda: proxy.credentials.add("short"),
        lambda: proxy.credentials.add(secret_access_key="short"),
        lambda: proxy.credentials.add(proxy.credential.access_key_id),
        lambda: proxy.credentials.remove("none"),
    ):
        with pytest.raises(ValueError, match=r"\w") as refused:
            wrong()
        assert secret not in str(refused.value)
    proxy.credentials.remove(proxy.credential.access_key_id)
    for none in (lambda: proxy.credential, proxy.configuration_file):
        with pytest.raises(ValueError, match="No credential is valid"):
            none()


@two_worlds
def test_x72_x54_rules(world: Cks, owner: Owner) -> None:
    proxy = owner.store.proxy
    rules = proxy.authorization
    allowed = rules.allow(principal="arn:aws:*", external_key="external-*")
    denied = rules.deny(operation="Encrypt", key_arn="*", service="*")
    assert rules.rules == (allowed, denied)
    assert repr(rules) == f"<Authorization {[str(allowed), str(denied)]}>"
    rules.remove(allowed)
    everything = rules.deny()
    assert "denied access" in owner.seen()
    assert proxy.log[-1].rule == "deny everything"
    rules.remove(everything)
    assert rules.rules == (denied,)
    assert rules.apply_to_health_checks is False
    rules.apply_to_health_checks = True
    assert rules.apply_to_health_checks is True
    for wrong in (
        lambda: rules.remove(allowed),
        lambda: rules.allow(colour="red"),
        lambda: rules.deny(principal=7),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    assert rules.rules == (denied,)


@two_worlds
def test_x72_x55_path_prefixes(world: Cks) -> None:
    proxy = world.xks_proxy(keys=["ours"])
    other = proxy.add_prefix("/other", region="eu-west-1", keys=["theirs"])
    assert list(proxy.prefixes) == ["/example", "/other"]
    assert len(proxy.prefixes) == 2
    assert (other.path_prefix, other.path, other.region) == (
        "/other",
        "/other/kms/xks/v1",
        "eu-west-1",
    )
    assert repr(other) == "<PathPrefix '/other'>"
    other.region = None
    assert other.region is None
    assert (list(other.keys), list(proxy.keys)) == (["theirs"], ["ours"])
    assert other.credential not in list(proxy.credentials)
    other.keys.create("more")
    other.authorization.deny()
    with other.quota(7), other.block():
        assert (other.request_quota.requests_per_second, other.blocked) == (7, True)
        assert (proxy.main.request_quota.requests_per_second, proxy.main.blocked) == (None, False)
    assert (other.request_quota.requests_per_second, other.blocked) == (None, False)
    assert (list(proxy.keys), proxy.authorization.rules) == (["ours"], ())
    assert json.loads(other.configuration_file())["XksProxyUriPath"] == other.path
    for wrong in (
        lambda: proxy.add_prefix("/other"),
        lambda: proxy.add_prefix("no"),
        lambda: proxy.move("/other"),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    with proxy.move("/moved"):
        assert (proxy.path, list(proxy.prefixes)) == ("/moved/kms/xks/v1", ["/other", "/moved"])
        assert list(proxy.keys) == ["ours"]
    with pytest.raises(KeyError):
        proxy.prefixes["/none"]


@two_worlds
def test_x72_the_key_manager(world: Cks) -> None:
    proxy = world.xks_proxy(instances=["one"])
    manager = proxy.manager
    assert (manager.timeout, manager.vector_size, manager.metadata) == (0.2, 12, b"key_version=")
    manager.timeout, manager.vector_size, manager.metadata = 1.5, 16, b"v="
    assert (manager.timeout, manager.vector_size, manager.metadata) == (1.5, 16, b"v=")
    manager.metadata = None
    assert manager.metadata is None
    two = proxy.instances.add("two")
    assert (two.id, two.health, two.seen_health) == ("two", "ACTIVE", "ACTIVE")
    assert proxy.instances[1] == two
    assert proxy.instances[:1] == [proxy.instances[0]]
    assert len(proxy.instances) == 2
    assert "simulated key manager" in two.model
    assert repr(manager) == "<KeyManager [<Instance 'one' ACTIVE>, <Instance 'two' ACTIVE>]>"
    with two.unreachable(), two.slow(0.5):
        assert (two.is_reachable, two.seen_health, two.delay) == (False, "UNAVAILABLE", 0.5)
    assert (two.is_reachable, two.delay) == (True, 0)
    with proxy.cache_health_checks(30):
        pass
    for wrong in (
        lambda: setattr(manager, "timeout", -1),
        lambda: setattr(manager, "vector_size", 13),
        lambda: setattr(manager, "metadata", b"-" * 20),
        lambda: setattr(two, "health", "FINE"),
        lambda: proxy.instances.add("two"),
        lambda: two.slow(-1),
        lambda: proxy.cache_health_checks(61),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()


@two_worlds
def test_x72_certificates(world: Cks) -> None:
    proxy = world.xks_proxy()
    certificate = proxy.certificate
    assert (certificate.expires - world.clock.now()).days in (89, 90)
    assert certificate.pem.count("BEGIN CERTIFICATE") == 2
    assert repr(certificate).startswith("<ServerCertificate of xks.example.com, expires 20")
    authority = certificate.authority
    assert authority.name == "Stand-in for the public CAs"
    assert repr(authority) == "<Authority 'Stand-in for the public CAs'>"
    assert authority.certificate.startswith("-----BEGIN CERTIFICATE-----")
    issued = authority.issue(Subject("client", ("client.example.com",)), client=True)
    assert issued.expires.year == 9999
    assert "PRIVATE KEY" in issued.key
    own = Authority("Own").issue(Subject("xks.example.com", ("xks.example.com",)))
    certificate.load(own.chain, own.key)
    assert certificate.pem == own.chain
    for wrong in (
        lambda: certificate.renew(issuer="nobody"),
        lambda: certificate.renew(cn="x" * 65),
        lambda: certificate.renew(days=1e9),
        lambda: certificate.load("no PEM", own.key),
        lambda: certificate.load(own.chain, issued.key),
    ):
        with pytest.raises(ValueError, match=r"\w") as refused:
            wrong()
        assert "PRIVATE KEY" not in str(refused.value)
    assert certificate.pem == own.chain


@two_worlds
def test_x72_x56_x60_the_log_and_the_timeline(world: Cks, owner: Owner) -> None:
    answer = owner.kms.encrypt(KeyId=owner.key_id, Plaintext=TEXT)
    request_id = answer["ResponseMetadata"]["RequestId"]
    proxy = owner.store.proxy
    (entry,) = proxy.log.find(request_id)
    assert (entry.api, entry.external_key, entry.outcome, entry.status) == (
        "Encrypt",
        KEY,
        "success",
        200,
    )
    assert entry == proxy.log[-1] == proxy.log[-1:][0]
    assert repr(proxy.log) == f"<Log of {len(proxy.log)}>"
    assert [each.api for each in proxy.log][-1] == "Encrypt"
    request = proxy.requests[-1]
    assert (request.method, request.target) == ("POST", f"{proxy.path}/keys/{KEY}/encrypt")
    assert json.loads(request.body)["requestMetadata"]["kmsRequestId"] == request_id
    assert "AWS4-HMAC-SHA256" in (request.header("authorization") or "")
    (record,) = (each for each in world.trail.events() if each["requestID"] == request_id)
    assert record["additionalEventData"]["xksKeyId"] == KEY
    noted = world.timeline.entries(kind="proxy", subject=owner.store.id)
    assert request_id in noted[-1].what


@two_worlds
def test_x72_a_proxy_listens(world: Cks) -> None:
    proxy = world.xks_proxy()
    address = proxy.serve()
    assert proxy.address == address
    socket.create_connection(address, timeout=5).close()
    with pytest.raises(RuntimeError, match="listens already"):
        proxy.serve()
    with proxy.stop():
        assert not proxy.running
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)
        with pytest.raises(RuntimeError, match="stopped"):
            proxy.serve()
    socket.create_connection(address, timeout=5).close()
    stopped = proxy.stop()
    with socket.create_server(address):
        for start in (proxy.start, stopped.undo):
            with pytest.raises(OSError, match=r"\w"):
                start()
    assert not proxy.running
    proxy.start()
    proxy.close()
    assert proxy.address is None


@two_worlds
def test_x72_what_cannot_be(world: Cks, owner: Owner) -> None:
    proxy = owner.store.proxy
    before = len(proxy.log)
    for wrong in (
        world.xks_proxy,
        lambda: world.xks_proxy("no host"),
        lambda: world.xks_proxy("x.example.com", path_prefix="no/slash"),
        lambda: world.xks_proxy("x.example.com", instances=[]),
        lambda: world.create_external_key_store("x", proxy=XksProxy()),
        lambda: world.create_external_key_store("x", proxy="xks.example.com"),  # type: ignore[arg-type]
        lambda: world.create_external_key_store("x", connectivity="PRIVATE"),  # type: ignore[arg-type]
        lambda: world.create_external_key_store("x", region="nowhere-1"),
        lambda: proxy.latency(-1),
        lambda: proxy.latency(1, api="Fly"),
        lambda: proxy.clock_skew(1e300),
        lambda: proxy.defect("none"),
        lambda: proxy.unsupported("Fly"),
        lambda: proxy.tls(minimum="TLSv9"),
        lambda: proxy.tls(ciphers="none"),
        lambda: proxy.require_client_certificate(ca="no PEM"),
        lambda: proxy.quota(0),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    with pytest.raises(ClientError, match="CustomKeyStoreNameInUseException"):
        world.create_external_key_store()
    for missing in (
        lambda: world.xks_proxies["none.example.com"],
        lambda: world.external_key_store("cks-1234567890abcdef0"),
        lambda: world.external_key_store(world.create_key_store()),
        lambda: world.key_store(owner.store),
    ):
        with pytest.raises(KeyError, match=r"\w"):
            missing()
    assert list(world.xks_proxies) == ["xks.example.com"]
    assert (len(proxy.log), proxy.handshake.client_ca) == (before, None)
    assert owner.seen() == "works"


@everywhere
def test_x72_handles_of_a_world_that_is_over(world: Cks) -> None:
    store = world.create_external_key_store()
    proxy = store.proxy
    cause = proxy.latency(1)
    route = world.route_xks("https://own.example.com", to="127.0.0.1:9")
    mock_cks().reset()
    for use in (
        lambda: proxy.keys["external-key-1"],
        lambda: proxy.certificate.pem,
        lambda: proxy.latency(1),
        lambda: store.proxy,
        lambda: store.name,
        store.create_key,
        lambda: world.external_key_store(store),
    ):
        with pytest.raises(RuntimeError, match="is of a world that is over"):
            use()
    cause.undo()
    route.end()
    assert dict(world.xks_proxies) == {}
    assert world.create_external_key_store().proxy.host == "xks.example.com"


@two_worlds
def test_x72_a_restored_world_has_it_all(world: Cks, owner: Owner) -> None:
    proxy = owner.store.proxy
    taken = world.snapshot()
    proxy.key(KEY).delete()
    cause = proxy.defect("wrong-plaintext")
    assert "not found" in owner.seen()
    world.restore(taken)
    cause.undo()  # which was of the other world
    assert owner.seen() == "works"
    assert proxy.defects == ()


@two_worlds
def test_x72_the_key_store_follows_its_address(world: Cks) -> None:
    store = world.create_external_key_store(connect=False)
    other = world.xks_proxy("other.example.com")
    kms = kms_client()
    kms.update_custom_key_store(
        CustomKeyStoreId=store.id,
        NewCustomKeyStoreName="moved",
        XksProxyUriEndpoint=other.endpoint,
        XksProxyAuthenticationCredential=credential(other),
    )
    assert (store.name, store.proxy) == ("moved", other)
    assert world.external_key_store(store.id).proxy == other
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    assert (store.name, store.proxy) == ("moved", other)


@two_worlds
def test_x72_x19_3_with_a_vpc_endpoint_service(world: Cks) -> None:
    region = "eu-west-1"
    owner = Owner(
        world.create_external_key_store(connectivity="VPC_ENDPOINT_SERVICE", region=region)
    )
    (entry,) = owner.kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["XksProxyConfiguration"]["Connectivity"] == "VPC_ENDPOINT_SERVICE"
    ec2 = boto3.client("ec2", region_name=region)
    (service,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    world.network.unverify_private_dns(service["ServiceId"])
    invalid = "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION"
    assert owner.reconnect() == ("FAILED", invalid)
    world.network.verify_private_dns(service["ServiceId"])
    assert owner.reconnect() == ("CONNECTED", None)
    assert owner.seen() == "works"
    with pytest.raises(KeyError, match="There is no VPC endpoint service vpce-svc-1"):
        world.network.unverify_private_dns("vpce-svc-1")


@pytest.fixture
def served() -> Iterator[tuple[XksProxy, str]]:
    """A proxy outside of all worlds, in this process."""
    proxy = XksProxy()
    host, port = proxy.serve()
    yield proxy, f"{host}:{port}"
    proxy.close()


def _created(kms: Any, parameters: dict[str, Any]) -> bool:
    """Create a key store; where the machine is so busy that KMS does not wait, once more."""
    for _ in range(20):
        try:
            kms.create_custom_key_store(**parameters)
        except kms.exceptions.XksProxyUriUnreachableException:
            continue
        return True
    return False


@everywhere
def test_x72_x67_a_route_to_a_proxy_of_one_s_own(
    world: Cks, served: tuple[XksProxy, str], tmp_path: Path
) -> None:
    proxy, to = served
    file = tmp_path / "ca.pem"  # of this process: the server need not have it
    file.write_text(proxy.certificate.authority.certificate)
    kms = kms_client()
    parameters = {
        "CustomKeyStoreName": "own",
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": proxy.endpoint,
        "XksProxyUriPath": proxy.path,
        "XksProxyAuthenticationCredential": credential(proxy),
    }
    with world.route_xks(proxy.endpoint, to=to, ca=file) as route:
        assert isinstance(route, XksRoute)
        assert (route.endpoint, route.to) == (proxy.endpoint, to)
        assert _created(kms, parameters)
        with pytest.raises(ValueError, match="There is a way"):
            world.xks_proxy(proxy.host)
    assert "GetHealthStatus" in [entry.api for entry in proxy.log]
    route.end()
    with pytest.raises(ClientError, match="XksProxyUriUnreachableException"):
        kms.create_custom_key_store(
            **{**parameters, "CustomKeyStoreName": "other", "XksProxyUriPath": "/other/kms/xks/v1"}
        )
    with pytest.raises(OSError, match=r"none\.pem"):
        world.route_xks(proxy.endpoint, to=to, ca=tmp_path / "none.pem")
    for wrong in (
        {"to": "10.1.2.3:443"},
        {"to": "169.254.169.254:80", "allow_remote": True},
        {"to": "127.0.0.1"},
        {"to": to, "tls": False, "ca": file},
    ):
        with pytest.raises(ValueError, match=r"\w"):
            world.route_xks(proxy.endpoint, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("world", ["server"], indirect=True)
def test_x72_x67_a_server_sends_to_other_machines_only_where_it_is_told(world: Cks) -> None:
    with pytest.raises(ValueError, match="--xks-allow-remote"):
        world.route_xks("https://own.example.com", to="10.1.2.3:443", allow_remote=True)


def test_x67_an_end_that_comes_late_ends_nobody_else_s_route(world: Cks) -> None:
    old = world.route_xks("https://own.example.com", to="127.0.0.1:1")
    old.end()
    new = world.route_xks("https://own.example.com", to="127.0.0.1:2")
    old.end()
    with pytest.raises(ValueError, match="There is a way"):
        world.xks_proxy("own.example.com")
    new.end()
    world.xks_proxy("own.example.com")
    new.end()
    assert list(world.xks_proxies) == ["own.example.com"]


# What requests, connections and explanations ask of the objects, in the process where they are.
INTERNAL: dict[type, set[str]] = {
    XksProxy: {
        *("answer", "copied", "handshake_parts", "note_failure", "open_channel", "settings"),
    },
    PathPrefix: {"move_to"},
    ExternalKeys: {"forget"},
    ExternalKey: {"belongs_to", "open", "seal"},
    Credentials: set(),
    Authorization: {"refusal"},
    KeyManager: {"cached", "look", "metadata_of", "require", "version_in"},
    Instances: {"best"},
    Instance: set(),
    ServerCertificate: {"issued"},
    Authority: set(),
    Log: {"add", "listener"},
    ExternalKeyStore: set(),
    XksRoute: set(),
}
PAIRS: list[tuple[type, type]] = [
    (XksProxy, RemoteXksProxy),
    (PathPrefix, RemotePathPrefix),
    (ExternalKeys, RemoteKeys),
    (ExternalKey, RemoteKey),
    (Credentials, RemoteCredentials),
    (Authorization, RemoteAuthorization),
    (KeyManager, RemoteKeyManager),
    (Instances, RemoteInstances),
    (Instance, RemoteInstance),
    (ServerCertificate, RemoteCertificate),
    (Authority, RemoteAuthority),
    (Log, RemoteLog),
    (LocalExternalKeyStore, RemoteExternalKeyStore),
    (LocalXksRoute, RemoteXksRoute),
]


@pytest.mark.parametrize(("local", "remote"), PAIRS, ids=lambda each: each.__name__)
def test_x72_whatever_can_be_done_here_can_be_done_there(local: type, remote: type) -> None:
    names = {name for name in dir(local) if not name.startswith("_")} - INTERNAL.get(local, set())
    assert names <= set(dir(remote))
    for name in names:
        theirs = inspect.getattr_static(local, name)
        if inspect.isfunction(theirs):
            ours = inspect.signature(getattr(remote, name))
            assert str(ours) == str(inspect.signature(theirs)), name


def test_x72_the_handle_passes_for_a_proxy(world: Cks) -> None:
    proxy: Any = world.xks_proxy()
    assert isinstance(proxy, XksProxy)
    assert not issubclass(type(proxy), (XksProxy, ProxyHandle))
    for name in ("ciphertext_metadata", "host"):
        with pytest.raises(AttributeError):
            setattr(proxy, name, "x")
    assert proxy != "xks.example.com"
    assert cks.xks_proxies["xks.example.com"] == proxy

"""External key store proxies: the same test on a world here, and in another process."""

from __future__ import annotations

import json
import socket

import pytest

from moto_cks import Cks
from moto_cks.xks_proxy.certificates import Authority, Subject
from tests.handle.remote.external import KEY, TEXT, Owner, two_worlds

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


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

"""External key stores: the same test on a world here, and in another process."""

from __future__ import annotations

import inspect
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

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
from moto_cks.xks_proxy.authorization import Authorization
from moto_cks.xks_proxy.certificates import Authority
from moto_cks.xks_proxy.credentials import Credentials
from moto_cks.xks_proxy.instances import Instance, Instances
from moto_cks.xks_proxy.keys import ExternalKey, ExternalKeys
from moto_cks.xks_proxy.log import Log
from moto_cks.xks_proxy.manager import KeyManager
from moto_cks.xks_proxy.prefixes import PathPrefix
from moto_cks.xks_proxy.server_certificate import ServerCertificate
from tests.handle.remote.external import KEY, Owner, everywhere, kms_client, two_worlds
from tests.kms.keystores.external import credential

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


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

"""``cks.xks_proxy``, ``cks.xks_proxies`` and ``cks.create_external_key_store``."""

from __future__ import annotations

import inspect
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from moto_cks import ExternalKeyStore, KeyStore, XksProxy, cks, mock_cks
from moto_cks.handle.xks_causes import KINDS
from tests.aws import OTHER_ACCOUNT, client, error_of
from tests.kms.keystores.external import TEXT, Owner, creation, credential


def test_a_key_store_with_all_that_belongs_to_it(world: Any, kms: Any) -> None:
    store = world.create_external_key_store()
    assert isinstance(store, ExternalKeyStore)
    assert not isinstance(store, KeyStore)
    assert (store.name, store.region, store.account_id) == (
        "ExampleExternalKeyStore",
        "us-east-1",
        "123456789012",
    )
    assert repr(store) == f"<ExternalKeyStore {store.id} 'ExampleExternalKeyStore'>"
    assert isinstance(store.proxy, XksProxy)
    assert store.proxy == world.xks_proxies["xks.example.com"]
    assert not hasattr(store, "cluster")
    assert Owner(store).works()


def test_as_many_as_one_likes(world: Any) -> None:
    stores = [world.create_external_key_store(f"Number {number}") for number in range(3)]
    hosts = ["xks.example.com", "xks-2.example.com", "xks-3.example.com"]
    assert [store.proxy.host for store in stores] == list(world.xks_proxies) == hosts
    assert len(world.xks_proxies) == 3
    assert len({store.proxy for store in stores}) == 3


def test_where_and_whose(world: Any) -> None:
    store = world.create_external_key_store(region="eu-west-1", account_id=OTHER_ACCOUNT)
    assert Owner(store).works()
    entries = client("kms", "eu-west-1", OTHER_ACCOUNT).describe_custom_key_stores()
    assert [entry["CustomKeyStoreId"] for entry in entries["CustomKeyStores"]] == [store.id]


def test_x19_x16_with_a_vpc_endpoint_service(world: Any, kms: Any) -> None:
    store = world.create_external_key_store(connectivity="VPC_ENDPOINT_SERVICE")
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["XksProxyConfiguration"]["Connectivity"] == "VPC_ENDPOINT_SERVICE"
    assert Owner(store).works()
    services = client("ec2").describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    with pytest.raises(ClientError, match="CustomKeyStoreNameInUseException"):
        world.create_external_key_store(connectivity="VPC_ENDPOINT_SERVICE")
    again = client("ec2").describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    assert again == services
    assert len(client("elbv2").describe_load_balancers()["LoadBalancers"]) == 1
    with pytest.raises(ValueError, match="PUBLIC_ENDPOINT or VPC_ENDPOINT_SERVICE"):
        world.create_external_key_store("other", connectivity="PRIVATE")
    assert list(world.xks_proxies) == ["xks.example.com"]


def test_not_connected(world: Any) -> None:
    store = world.create_external_key_store(connect=False)
    assert error_of(store.create_key)[0] == "CustomKeyStoreInvalidStateException"
    assert list(store.proxy.keys) == ["external-key-1"]


def test_create_key_makes_the_external_key(world: Any, kms: Any) -> None:
    store = world.create_external_key_store()
    first, second = store.create_key(), store.create_key(Description="cards")
    named = store.create_key("external-key-1")
    described = [kms.describe_key(KeyId=key)["KeyMetadata"] for key in (first, second, named)]
    ids = [metadata["XksKeyConfiguration"]["Id"] for metadata in described]
    assert ids == ["external-key-2", "external-key-3", "external-key-1"]
    assert described[1]["Description"] == "cards"


@pytest.mark.parametrize("parameters", [{"KeySpec": "RSA_2048"}, {"NoSuchParameter": 1}])
def test_create_key_that_is_refused_leaves_no_external_key(
    world: Any, parameters: dict[str, Any]
) -> None:
    store = world.create_external_key_store()
    with pytest.raises((ClientError, ParamValidationError)):
        store.create_key(**parameters)
    assert list(store.proxy.keys) == ["external-key-1"]
    with pytest.raises(ClientError):
        store.create_key("external-key-1", KeySpec="RSA_2048")
    assert list(store.proxy.keys) == ["external-key-1"]


def test_a_proxy_of_one_s_own(world: Any) -> None:
    proxy = world.xks_proxy(
        "own.example.com", path_prefix="", keys=["a", "b"], instances=["one", "two"]
    )
    assert (proxy.endpoint, proxy.path) == ("https://own.example.com", "/kms/xks/v1")
    assert list(proxy.keys) == ["a", "b"]
    assert [instance.id for instance in proxy.instances] == ["one", "two"]
    store = world.create_external_key_store("Own", proxy=proxy)
    assert (store.name, store.proxy) == ("Own", proxy)
    assert store.proxy is not proxy  # it is looked for again


def test_what_is_set_is_set_on_the_proxy(world: Any) -> None:
    proxy = world.xks_proxy()
    proxy.manager.metadata = b"version="
    assert world.xks_proxies["XKS.example.com"].manager.metadata == b"version="
    for name in ("metadata", "runing", "stop"):  # none of which the proxy has to be set
        with pytest.raises(AttributeError, match=f"'{name}'"):
            setattr(proxy, name, False)
    assert "latency" in dir(proxy)
    assert repr(proxy) == "<XksProxy https://xks.example.com>"


@pytest.mark.parametrize(
    "parameters",
    [
        {"host": "xks.example.com"},
        {"host": "XKS.Example.com"},
        {"host": "no host"},
        {"host": "x.example.com", "path_prefix": "no/slash"},
        {"host": "x.example.com", "keys": ["no key!"]},
        {"host": "x.example.com", "instances": []},
    ],
    ids=str,
)
def test_what_cannot_be_leaves_nothing(world: Any, parameters: dict[str, Any]) -> None:
    world.xks_proxy()
    with pytest.raises(ValueError, match=r"\w"):
        world.xks_proxy(**parameters)
    assert list(world.xks_proxies) == ["xks.example.com"]


def test_a_host_that_nobody_has(world: Any) -> None:
    with pytest.raises(KeyError, match=r"xks\.example\.com"):
        world.xks_proxies["xks.example.com"]
    assert "xks.example.com" not in world.xks_proxies


def test_all_of_it_or_nothing(world: Any, kms: Any) -> None:
    world.create_external_key_store()
    with pytest.raises(ClientError, match="CustomKeyStoreNameInUseException"):
        world.create_external_key_store()
    with pytest.raises(ValueError, match="Region"):
        world.create_external_key_store("other", region="nowhere-1")
    assert list(world.xks_proxies) == ["xks.example.com"]
    assert len(kms.describe_custom_key_stores()["CustomKeyStores"]) == 1


def test_a_proxy_that_is_none_of_this_world(world: Any) -> None:
    world.xks_proxy()
    for stranger in (XksProxy(), XksProxy("strange.example.com"), "xks.example.com"):
        with pytest.raises(ValueError, match=r"is no proxy that cks\.xks_proxy has made"):
            world.create_external_key_store(proxy=stranger)


def test_a_proxy_without_a_credential(world: Any, kms: Any) -> None:
    proxy = world.xks_proxy()
    proxy.credentials.remove(proxy.credential.access_key_id)
    with pytest.raises(ValueError, match="credential"):
        world.create_external_key_store(proxy=proxy)
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []


def test_handles_of_a_world_that_is_over(world: Any) -> None:
    store = world.create_external_key_store()
    proxy = store.proxy
    world.reset()
    for use in (
        lambda: proxy.keys,
        lambda: proxy.certificate,
        lambda: setattr(proxy.manager, "metadata", None),
        lambda: store.proxy,
        lambda: store.name,
        store.create_key,
    ):
        with pytest.raises(RuntimeError, match="is of a world that is over"):
            use()
    assert dict(world.xks_proxies) == {}
    assert world.create_external_key_store().proxy.host == "xks.example.com"


def test_without_a_mock() -> None:
    for use in (cks.xks_proxy, cks.create_external_key_store, lambda: len(cks.xks_proxies)):
        with pytest.raises(RuntimeError, match="mock_cks is not on"):
            use()


def test_the_key_store_follows_its_address(world: Any, kms: Any) -> None:
    store = world.create_external_key_store(connect=False)
    other = world.xks_proxy("other.example.com")
    kms.update_custom_key_store(
        CustomKeyStoreId=store.id,
        NewCustomKeyStoreName="moved",
        XksProxyUriEndpoint=other.endpoint,
        XksProxyAuthenticationCredential=credential(other),
    )
    assert (store.name, store.proxy) == ("moved", other)
    kms.delete_custom_key_store(CustomKeyStoreId=store.id)
    assert (store.name, store.proxy) == ("moved", other)


def test_the_handle_on_any(world: Any, kms: Any, store: KeyStore) -> None:
    proxy = world.xks_proxy(keys=["external-key-1"])
    store_id = kms.create_custom_key_store(**creation(proxy, "mine"))["CustomKeyStoreId"]
    found = world.external_key_store(store_id)
    assert (found.id, found.name, found.proxy) == (store_id, "mine", proxy)
    assert world.external_key_store(found).id == store_id
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    assert Owner(found).works()
    for other in (store.id, "cks-1234567890abcdef0"):
        with pytest.raises(KeyError, match=other):
            world.external_key_store(other)
    with pytest.raises(KeyError, match=store_id):
        world.key_store(store_id)


def test_explain_takes_the_handle(world: Any, kms: Any) -> None:
    store = world.create_external_key_store()
    assert world.explain(store)
    store.proxy.stop()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    explanation = world.explain(store)
    assert not explanation
    assert explanation.reasons[0].error == "XKS_PROXY_NOT_REACHABLE"


def test_a_key_whose_id_and_material_are_known(world: Any) -> None:
    """In another world with the same external key, its ciphertexts can be decrypted."""
    key_id, material = "1234abcd-12ab-34cd-56ef-1234567890ab", b"m" * 32

    def build() -> Any:
        store = world.create_external_key_store()
        store.proxy.create_key("known", material=b"e" * 32)
        world.create_key(key_id=key_id, material=material, key_store=store, XksKeyId="known")
        return store

    build()
    blob = client("kms").encrypt(KeyId=key_id, Plaintext=TEXT)["CiphertextBlob"]
    world.reset()
    build()
    assert client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == TEXT


def test_snapshots_have_it_all(world: Any) -> None:
    owner = Owner(world.create_external_key_store())
    proxy = owner.proxy
    owner.encrypt()
    taken = world.snapshot()
    proxy.key("external-key-1").delete()
    proxy.certificate.renew(days=-1)
    owner.why_not()
    world.restore(taken)
    assert owner.works()
    assert list(proxy.keys) == ["external-key-1"]
    world.clock.advance(minutes=5)
    assert proxy.log[-1].metadata["kmsOperation"] == "KmsHealthCheck"
    with proxy.stop():  # the handle is good, and is on the proxy of this world
        owner.why_not()


@pytest.mark.parametrize("stopped", [False, True])
def test_x71_nobody_listens_in_a_restored_world(world: Any, stopped: bool) -> None:
    proxy = world.xks_proxy()
    address = proxy.serve()
    if stopped:
        proxy.stop()
    world.restore(world.snapshot())
    assert proxy.address is None
    proxy.stop()
    proxy.start()
    assert (proxy.running, proxy.address, listens(address)) == (True, None, False)
    proxy.serve()


def test_a_saved_world_has_it_all(world: Any, tmp_path: Any) -> None:
    owner = Owner(world.create_external_key_store())
    world.save(tmp_path / "world")
    world.reset()
    with mock_cks() as again:
        again.load(tmp_path / "world")
        assert list(again.xks_proxies) == ["xks.example.com"]
        kms = client("kms")
        assert kms.decrypt(CiphertextBlob=owner.ciphertext)["Plaintext"] == TEXT
        assert kms.encrypt(KeyId=owner.key_id, Plaintext=TEXT)["KeyId"] == owner.key_arn


def test_x72_every_cause_of_a_proxy_has_an_id() -> None:
    returned = {
        name: each.__annotations__.get("return")
        for name, each in inspect.getmembers(XksProxy, inspect.isfunction)
    }
    public = {name for name in returned if not name.startswith("_")}
    assert {name for name in public if returned[name] == "Cause"} == KINDS


def listens(address: tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(address, timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def soon(happens: Callable[[], bool]) -> bool:
    """Whether something happens: a thread that is busy ends a moment later."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if happens():
            return True
        time.sleep(0.01)
    return False


def test_x71_nobody_listens_when_the_world_is_over() -> None:
    threads = threading.active_count()
    with mock_cks() as cks:
        first = cks.xks_proxy().serve()
        assert listens(first)
        cks.reset()
        assert soon(lambda: not listens(first))
        proxy = cks.xks_proxy()
        second = proxy.serve()
        taken = cks.snapshot()
        assert proxy.address == second
        cks.restore(taken)
        assert soon(lambda: not listens(second))
        assert proxy.address is None
        third = proxy.serve()
        assert listens(third)
    assert soon(lambda: not listens(third))
    assert soon(lambda: threading.active_count() == threads)

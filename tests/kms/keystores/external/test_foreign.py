"""A proxy outside of the simulated world: the lock, the clock, what happens meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from moto_cks import cks, mock_cks
from moto_cks.kms.keystores.external import client as kms_as_client
from moto_cks.xks_proxy.wire import Request
from tests.aws import client, error_of
from tests.kms.keystores.external import TEXT, Owner, creation, credential
from tests.kms.keystores.external.scripted import PATIENCE, Reply, ScriptedProxy, over_tcp
from tests.kms.keystores.external.test_endpoint_service import Service
from tests.monitoring.metrics import listed
from tests.strictness import strict


@pytest.fixture
def script(owner: Owner) -> Iterator[ScriptedProxy]:
    """A proxy at a port."""
    script = ScriptedProxy(owner.proxy)
    with over_tcp(owner.proxy.host, script):
        yield script


def meanwhile(script: ScriptedProxy, *deeds: Callable[[], Any]) -> Callable[[Request], Reply]:
    """The proxy's own answer, after it has done something in the mocked AWS."""

    def reply(request: Request) -> Reply:
        for deed in deeds:
            deed()
        return Reply(script.proxy.answer(request).to_bytes())

    return reply


def test_x66_it_works_and_keeps_its_connections(owner: Owner, script: ScriptedProxy) -> None:
    assert owner.reconnect() == ("CONNECTED", None)
    for _ in range(5):
        assert owner.works()
    assert script.connections == 1


def test_x66_a_proxy_that_uses_the_mocked_aws(owner: Owner, script: ScriptedProxy) -> None:
    seen = []

    def look() -> None:
        key = client("kms").describe_key(KeyId=owner.key_id)["KeyMetadata"]
        seen.append(key["KeyState"])

    script.replies = {"*": meanwhile(script, look)}
    assert owner.works()
    assert owner.reconnect() == ("CONNECTED", None)
    owner.store.create_key()
    assert seen == ["Enabled", "Enabled", "Enabled", "Unavailable", "Enabled"]


def test_x66_who_waits_holds_up_nobody(owner: Owner, script: ScriptedProxy, kms: Any) -> None:
    other = owner.store.create_key()
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    asked, go = threading.Event(), threading.Event()

    def hang(request: Request) -> Reply:
        if not asked.is_set():
            asked.set()
            assert go.wait(PATIENCE)
        return Reply(script.proxy.answer(request).to_bytes())

    script.replies = {"Encrypt": hang}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(owner.encrypt)
        assert asked.wait(PATIENCE)
        for key_id in (own, other, owner.key_id):
            blob = kms.encrypt(KeyId=key_id, Plaintext=TEXT)["CiphertextBlob"]
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == TEXT
        assert not waiting.done()
        go.set()
        assert owner.decrypt(waiting.result(PATIENCE)) == TEXT
    assert script.connections == 2


def test_x66_what_happens_while_a_call_waits(
    owner: Owner, script: ScriptedProxy, world: Any, kms: Any
) -> None:
    def during(*deeds: Callable[[], Any]) -> None:
        script.replies = {"Encrypt": meanwhile(script, *deeds)}

    during(lambda: kms.disable_key(KeyId=owner.key_id))
    assert error_of(owner.encrypt)[0] == "DisabledException"
    (asked,) = world.timeline.entries(kind="proxy")[-1:]
    assert asked.what.startswith("Encrypt of external-key-1: answered")  # for nothing
    kms.enable_key(KeyId=owner.key_id)
    during(owner.disconnect)
    assert "is not connected" in owner.why_not()
    owner.connect()
    during(lambda: kms.schedule_key_deletion(KeyId=owner.key_id, PendingWindowInDays=7))
    assert "is pending deletion" in owner.why_not()
    kms.cancel_key_deletion(KeyId=owner.key_id)
    kms.enable_key(KeyId=owner.key_id)
    during(lambda: world.clock.advance(minutes=4))  # signatures are good for five
    owner.encrypt()


def test_x66_x43_1_who_is_given_up_has_held_up_nobody(
    owner: Owner, script: ScriptedProxy, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def say_nothing(request: Request) -> Reply:
        script.replies.clear()
        asked.set()
        return Reply(b"")

    script.replies = {"Decrypt": say_nothing}
    monkeypatch.setattr(kms_as_client, "SECONDS", 0.5)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(owner.why_not, owner.decrypt)
        assert asked.wait(PATIENCE)
        monkeypatch.setattr(kms_as_client, "SECONDS", PATIENCE)
        assert owner.works()
        assert kms.describe_key(KeyId=owner.key_id)["KeyMetadata"]["Enabled"]
        assert "did not respond in time" in waiting.result(PATIENCE)
    assert owner.works()


def afterwards(script: ScriptedProxy, deed: Callable[[], Any]) -> Callable[[Request], Reply]:
    """The proxy's own answer, found before it does something that ends its world."""

    def reply(request: Request) -> Reply:
        answer = Reply(script.proxy.answer(request).to_bytes())
        deed()
        return answer

    return reply


OVER = "world in which this call was made is over"


@strict
def test_x66_a_reset_while_a_call_waits(owner: Owner, script: ScriptedProxy, world: Any) -> None:
    script.replies = {"*": afterwards(script, world.reset)}
    with pytest.raises(RuntimeError, match=OVER):
        owner.encrypt()
    assert world.trail.events() == []
    assert world.timeline.entries() == []
    assert list(world.xks_proxies) == []


@strict
def test_x66_x71_a_mock_that_is_stopped_while_a_call_waits() -> None:
    with ExitStack() as mock:
        mock.enter_context(mock_cks())
        owner = Owner(cks.create_external_key_store())
        script = ScriptedProxy(owner.proxy)
        with over_tcp(script.proxy.host, script):
            script.replies = {"*": afterwards(script, mock.close)}
            with pytest.raises(RuntimeError, match=OVER):
                owner.encrypt()
    with mock_cks() as world:
        assert world.timeline.entries() == []
        assert Owner(world.create_external_key_store()).works()


def test_x66_a_connection_that_is_given_up_while_kms_waits(
    owner: Owner, script: ScriptedProxy, world: Any
) -> None:
    """And no other one comes of it: the proxy is not asked how it is."""
    owner.disconnect()
    script.replies = {"GetHealthStatus": meanwhile(script, owner.disconnect)}
    assert owner.connect() == ("DISCONNECTED", None)
    script.replies = {}
    asked = len(owner.proxy.log)
    world.clock.advance(minutes=30)
    assert len(owner.proxy.log) == asked
    assert listed("AWS/KMS", "XksProxyCredentialAge") == []
    owner.proxy.clock_skew(-30 * 60)  # the scripted one has a real clock
    assert owner.connect() == ("CONNECTED", None)
    asked = len(owner.proxy.log)
    world.clock.advance(minutes=4)
    assert len(owner.proxy.log) == asked
    world.clock.advance(minutes=1)
    assert len(owner.proxy.log) == asked + 1


def test_x66_create_key_looks_again(owner: Owner, script: ScriptedProxy, kms: Any) -> None:
    owner.proxy.create_key("wanted")
    taken = []

    def take() -> None:
        script.replies = {}
        taken.append(owner.store.create_key("wanted"))

    script.replies = {"GetKeyMetadata": meanwhile(script, take)}
    error = error_of(lambda: owner.store.create_key("wanted"))
    assert error[0] == "XksKeyAlreadyInUseException"
    assert {key["KeyId"] for key in kms.list_keys()["Keys"]} == {owner.key_id, *taken}

    script.replies = {"GetKeyMetadata": meanwhile(script, owner.disconnect)}
    error = error_of(owner.store.create_key)
    assert error[0] == "CustomKeyStoreInvalidStateException"
    assert len(kms.list_keys()["Keys"]) == 2


def test_x66_create_and_update_of_key_stores_look_again(
    owner: Owner, script: ScriptedProxy, world: Any, kms: Any
) -> None:
    second = world.xks_proxy("second.example.com")

    def first_come() -> None:
        script.replies = {}
        kms.create_custom_key_store(**creation(second, "wanted"))

    other_path = script.proxy.add_prefix("/other")
    parameters = creation(
        owner.proxy,
        "wanted",
        XksProxyUriPath=other_path.path,
        XksProxyAuthenticationCredential=credential(other_path),
    )
    script.replies = {"GetHealthStatus": meanwhile(script, first_come)}
    error = error_of(kms.create_custom_key_store, **parameters)
    assert error[0] == "CustomKeyStoreNameInUseException"
    assert len(kms.describe_custom_key_stores()["CustomKeyStores"]) == 2

    def same_address() -> None:
        script.replies = {}
        kms.create_custom_key_store(**{**parameters, "CustomKeyStoreName": "quicker"})

    script.replies = {"GetHealthStatus": meanwhile(script, same_address)}
    parameters["CustomKeyStoreName"] = "slower"
    error = error_of(kms.create_custom_key_store, **parameters)
    assert error[0] == "XksProxyUriInUseException"
    assert len(kms.describe_custom_key_stores()["CustomKeyStores"]) == 3

    change = {
        "NewCustomKeyStoreName": "renamed",
        "XksProxyAuthenticationCredential": credential(owner.proxy),
    }
    script.replies = {"GetHealthStatus": meanwhile(script, owner.disconnect)}
    owner.update(**change)  # possible in both states
    assert owner.state() == ("DISCONNECTED", None)
    script.replies = {"GetHealthStatus": meanwhile(script, lambda: stolen("slower"))}

    def stolen(name: str) -> None:
        script.replies = {}
        store_id = kms.describe_custom_key_stores(CustomKeyStoreName="wanted")["CustomKeyStores"]
        kms.update_custom_key_store(
            CustomKeyStoreId=store_id[0]["CustomKeyStoreId"], NewCustomKeyStoreName=name
        )

    error = error_of(owner.update, **{**change, "NewCustomKeyStoreName": "slower"})
    assert error[0] == "CustomKeyStoreNameInUseException"
    assert owner.described()["CustomKeyStoreName"] == "renamed"


def test_x66_two_changes_at_once_are_both_made(owner: Owner, script: ScriptedProxy) -> None:
    """Each leaves what it does not name as the other one has made it, and asks the proxy so."""
    other = owner.proxy.add_prefix("/other", keys=("external-key-1",))
    old, new = credential(owner.proxy), credential(other)
    other.credentials.add(old["AccessKeyId"], old["RawSecretAccessKey"])
    owner.proxy.credentials.add(new["AccessKeyId"], new["RawSecretAccessKey"])

    def move() -> None:
        script.replies = {}
        owner.update(XksProxyUriPath=other.path)

    script.replies = {"GetHealthStatus": meanwhile(script, move)}
    owner.update(XksProxyAuthenticationCredential=new)

    def rotate() -> None:
        script.replies = {}
        owner.update(XksProxyAuthenticationCredential=old)

    def seen() -> tuple[str, str]:
        configuration = owner.described()["XksProxyConfiguration"]
        return configuration["UriPath"], configuration["AccessKeyId"]

    assert seen() == (other.path, new["AccessKeyId"])
    script.replies = {"GetHealthStatus": meanwhile(script, rotate)}
    owner.update(XksProxyUriPath=owner.proxy.path)
    assert seen() == (owner.proxy.path, old["AccessKeyId"])
    assert owner.works()

    other.credentials.remove(new["AccessKeyId"])  # now the two do not go together
    move_to_it = meanwhile(script, lambda: owner.update(XksProxyUriPath=other.path))

    def move_once(request: Request) -> Reply:
        script.replies = {}
        return move_to_it(request)

    script.replies = {"GetHealthStatus": move_once}
    code, _ = error_of(lambda: owner.update(XksProxyAuthenticationCredential=new))
    assert code == "XksProxyIncorrectAuthenticationCredentialException"
    assert seen() == (other.path, old["AccessKeyId"])
    assert owner.encrypt()


def test_x66_x19_a_vpc_endpoint_service_that_goes_while_kms_waits(
    owner: Owner, script: ScriptedProxy
) -> None:
    service = Service()
    owner.disconnect()
    owner.update(
        XksProxyConnectivity="VPC_ENDPOINT_SERVICE",
        XksProxyUriEndpoint=owner.proxy.endpoint,
        XksProxyVpcEndpointServiceName=service.name,
    )
    script.replies = {"GetHealthStatus": meanwhile(script, service.delete)}
    new = {"XksProxyAuthenticationCredential": credential(owner.proxy)}
    assert owner.cannot_update(**new)[0] == "XksProxyVpcEndpointServiceNotFoundException"


def test_x66_an_alias_that_moves_while_a_call_waits(
    owner: Owner, script: ScriptedProxy, kms: Any
) -> None:
    """The call is of the key that the alias meant when it came: so are its checks and answer."""
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/moves", TargetKeyId=owner.key_id)
    parameters = {"KeyId": "alias/moves", "KeySpec": "AES_256"}

    def move() -> None:
        kms.update_alias(AliasName="alias/moves", TargetKeyId=ordinary)

    script.replies = {"Encrypt": meanwhile(script, move)}
    answer = kms.generate_data_key(**parameters)
    assert answer["KeyId"] == owner.key_arn
    assert "KeyMaterialId" not in answer  # that of the ordinary key
    used = kms.get_key_last_usage(KeyId=ordinary) if hasattr(kms, "get_key_last_usage") else {}
    assert not used.get("KeyLastUsage")

    kms.update_alias(AliasName="alias/moves", TargetKeyId=owner.key_id)
    script.replies = {
        "Encrypt": meanwhile(script, move, lambda: kms.disable_key(KeyId=owner.key_id))
    }
    assert error_of(kms.generate_data_key, **parameters)[0] == "DisabledException"
    kms.enable_key(KeyId=owner.key_id)
    kms.update_alias(AliasName="alias/moves", TargetKeyId=owner.key_id)
    script.replies = {"Encrypt": meanwhile(script, lambda: kms.disable_key(KeyId=ordinary), move)}
    assert kms.generate_data_key(**parameters)["KeyId"] == owner.key_arn


def test_x66_calls_overlap_and_are_recorded_in_order(
    owner: Owner, script: ScriptedProxy, world: Any
) -> None:
    def describe() -> None:
        client("kms").describe_key(KeyId=owner.key_id)

    script.replies = {"Encrypt": meanwhile(script, describe)}
    owner.encrypt()
    assert [event["eventName"] for event in world.trail.events()][-2:] == ["Encrypt", "DescribeKey"]
    times = [(entry.time, entry.number) for entry in world.timeline.entries()]
    assert times == sorted(times)


def test_x69_a_foreign_proxy_has_the_date_of_the_machine(
    owner: Owner, script: ScriptedProxy, world: Any
) -> None:
    world.clock.advance(days=400)  # the proxy's certificate is good by the machine's clock only
    dates = []

    def note(request: Request) -> Reply:
        dates.append(request.header("x-amz-date") or "")
        owner.proxy.clock_skew(-400 * 24 * 3600).__enter__()  # the scripted one has a real clock
        return Reply(script.proxy.answer(request).to_bytes())

    script.replies = {"Decrypt": note}
    assert owner.decrypt() == TEXT
    sent = datetime.strptime(dates[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    assert abs(datetime.now(timezone.utc) - sent) < timedelta(minutes=5)


def test_x44_x66_many_threads_over_tcp(owner: Owner, script: ScriptedProxy) -> None:
    with ThreadPoolExecutor(8) as pool:
        blobs = list(pool.map(lambda _: owner.encrypt(), range(40)))
        assert set(pool.map(owner.decrypt, blobs)) == {TEXT}
    assert script.connections <= 8 + 1


def test_x9_2_rotation_under_load_without_a_failed_call(owner: Owner) -> None:
    """Two are valid, UpdateCustomKeyStore, the old one is removed, while eight threads call."""
    stop, calls = threading.Event(), []

    def use() -> int:
        count = 0
        while not stop.is_set():
            assert owner.decrypt(owner.encrypt()) == TEXT
            count += 1
            calls.append(count)
        return count

    with ThreadPoolExecutor(8) as pool:
        users = [pool.submit(use) for _ in range(8)]
        try:
            for _ in range(5):
                before = len(calls)
                old = owner.proxy.credential.access_key_id
                owner.proxy.credentials.add()
                owner.update(XksProxyAuthenticationCredential=credential(owner.proxy))
                owner.proxy.credentials.remove(old)
                while len(calls) < before + 8 and not any(user.done() for user in users):
                    stop.wait(0.001)
        finally:
            stop.set()
        assert all(user.result(PATIENCE) >= 0 for user in users)
    assert owner.works()

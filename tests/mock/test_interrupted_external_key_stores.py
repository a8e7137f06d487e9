"""A KeyboardInterrupt at every point of what an external key store does.

Whatever was interrupted, the same call leads on: no external key is taken by a KMS key that there
is not, and no address by a key store that there is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import cks
from tests.kms.keystores.external import Owner, creation, credential
from tests.kms.keystores.external.scripted import ScriptedProxy, over_tcp
from tests.mock.test_interrupts import at_every_point, from_now

pytestmark = pytest.mark.filterwarnings(
    # A generator that is interrupted while it is closed has nobody to tell.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def owner(world: Any) -> Owner:
    return Owner(world.create_external_key_store())


@pytest.fixture
def again(owner: Owner) -> Callable[[], None]:
    """Goes back to the world as it was."""
    before = cks.snapshot()
    return lambda: cks.restore(before)


def test_x22_creating_a_key(owner: Owner) -> None:
    owner.proxy.create_key("wanted")
    prepare = from_now(lambda: owner.store.create_key("wanted"))

    def follow() -> None:
        keys = {key["KeyId"] for key in owner.kms.list_keys()["Keys"]} - {owner.key_id}
        key_id = keys.pop() if keys else owner.store.create_key("wanted")
        sealed = owner.kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
        assert owner.decrypt(sealed) == b"x"

    assert at_every_point(prepare, follow) > 100


def test_x22_x28_a_key_whose_waiting_period_ends(owner: Owner) -> None:
    owner.kms.schedule_key_deletion(KeyId=owner.key_id, PendingWindowInDays=7)
    prepare = from_now(lambda: cks.clock.advance(days=7))

    def follow() -> None:
        cks.clock.advance(minutes=1)
        if owner.kms.list_keys()["Keys"]:  # time was not moved at all
            cks.clock.advance(days=7)
        assert owner.kms.list_keys()["Keys"] == []
        assert owner.store.create_key("external-key-1") != owner.key_id

    assert at_every_point(prepare, follow) > 100


def test_x3_4_creating_and_deleting_a_key_store(owner: Owner) -> None:
    wanted = creation(cks.xks_proxy("second.example.com"), "wanted")
    before = cks.snapshot()

    def found() -> list[str]:
        stores = owner.kms.describe_custom_key_stores()["CustomKeyStores"]
        return [s["CustomKeyStoreId"] for s in stores if s["CustomKeyStoreName"] == "wanted"]

    def create() -> str:
        return str(owner.kms.create_custom_key_store(**wanted)["CustomKeyStoreId"])

    def prepare() -> Callable[[], Any]:
        cks.restore(before)
        return create

    def follow() -> None:
        if not found():
            create()
        owner.kms.delete_custom_key_store(CustomKeyStoreId=found()[0])
        assert owner.works()

    assert at_every_point(prepare, follow) > 100

    def prepare_to_delete() -> Callable[[], Any]:
        cks.restore(before)
        made = create()
        return lambda: owner.kms.delete_custom_key_store(CustomKeyStoreId=made)

    def create_again() -> None:
        for made in found():
            owner.kms.delete_custom_key_store(CustomKeyStoreId=made)
        create()

    assert at_every_point(prepare_to_delete, create_again) > 20


def test_x9_5_a_change_is_whole_or_there_is_none(owner: Owner) -> None:
    other = owner.proxy.add_prefix("/other", keys=("external-key-1",))
    before = cks.snapshot()

    def change() -> None:
        owner.update(XksProxyUriPath=other.path, XksProxyAuthenticationCredential=credential(other))

    def prepare() -> Callable[[], Any]:
        cks.restore(before)
        return change

    def follow() -> None:
        assert bytes(owner.encrypt())  # with what was, or with what is now
        change()
        seen = owner.described()["XksProxyConfiguration"]
        assert (seen["UriPath"], seen["AccessKeyId"]) == (
            other.path,
            other.credential.access_key_id,
        )

    assert at_every_point(prepare, follow) > 100


def test_x11_connecting_and_disconnecting(owner: Owner) -> None:
    owner.disconnect()
    before = cks.snapshot()

    def prepare() -> Callable[[], Any]:
        cks.restore(before)
        return owner.connect

    def follow() -> None:
        state = owner.connect()  # nothing changes where it is connected
        assert state == ("CONNECTED", None)
        assert owner.works()
        asked = len(owner.asked())
        cks.clock.advance(minutes=5)
        assert owner.asked()[asked:] == ["GetHealthStatus"]
        owner.disconnect()
        assert owner.state() == ("DISCONNECTED", None)

    assert at_every_point(prepare, follow) > 100

    def prepare_to_disconnect() -> Callable[[], Any]:
        cks.restore(before)
        owner.connect()
        return owner.disconnect

    def give_up() -> None:
        if owner.state()[0] != "DISCONNECTED":
            owner.disconnect()
        asked = len(owner.asked())
        cks.clock.advance(minutes=30)
        assert owner.asked()[asked:] == []
        assert owner.connect() == ("CONNECTED", None)
        assert owner.works()

    assert at_every_point(prepare_to_disconnect, give_up) > 50


def test_x45_a_health_check(owner: Owner, again: Callable[[], None]) -> None:
    def prepare() -> Callable[[], Any]:
        again()
        return lambda: cks.clock.advance(minutes=5)

    def follow() -> None:
        assert owner.works()
        asked = owner.asked().count("GetHealthStatus")
        cks.clock.advance(minutes=5)
        assert owner.asked().count("GetHealthStatus") > asked  # it goes on

    assert at_every_point(prepare, follow) > 100


def test_x34_a_cryptographic_operation(owner: Owner, again: Callable[[], None]) -> None:
    def prepare() -> Callable[[], Any]:
        again()
        return owner.decrypt

    def follow() -> None:
        assert owner.works()

    assert at_every_point(prepare, follow) > 100


@pytest.mark.parametrize("what", ["encrypt", "connect", "create_key"])
def test_x66_asking_a_proxy_outside(owner: Owner, what: str) -> None:
    """The lock of the world is let go of meanwhile, and then taken as often as before."""
    owner.proxy.create_key("wanted")
    ask: dict[str, Callable[[], Any]] = {
        "encrypt": owner.encrypt,
        "connect": owner.connect,
        "create_key": lambda: owner.store.create_key("wanted"),
    }
    with over_tcp(owner.proxy.host, ScriptedProxy(owner.proxy)):
        if what == "connect":
            owner.disconnect()
        prepare = from_now(ask[what])

        def follow() -> None:
            owner.connect()
            assert owner.works()

        assert at_every_point(prepare, follow) > 100

"""A key store that has to ask outside of the process, while others have the world (X66)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from moto_cks import mock_cks
from moto_cks.frontend.current import current_request, look_again
from moto_cks.kms.keystores.connection import ConnectionErrorCode
from moto_cks.kms.keystores.kinds import KINDS
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.world.outside import outside
from tests.aws import client, error_of
from tests.kms.keystores.safe import REQUEST, Safe, SafeKeyStore, create_key
from tests.strictness import strict

PATIENCE = 30


class FarSafe(SafeKeyStore):
    """A safe that is far away: somebody has to go there."""

    errand: Callable[[], None] = staticmethod(lambda: None)
    journey: Callable[[], None] = staticmethod(lambda: None)
    request_ids: list[str] = []  # noqa: RUF012 - of all of them

    @staticmethod
    def go() -> None:
        outside(FarSafe.errand)
        look_again()

    def encrypt(self, backing_key: str, plaintext: bytes, authenticated_data: bytes) -> bytes:
        request = current_request()
        assert request is not None
        FarSafe.request_ids.append(request.request_id)
        FarSafe.go()
        return super().encrypt(backing_key, plaintext, authenticated_data)

    def decrypt(self, backing_key: str, sealed: bytes, authenticated_data: bytes) -> bytes:
        plaintext = sealed[32:][::-1]
        assert super().encrypt(backing_key, plaintext, authenticated_data) == sealed
        return plaintext

    def create_key_material(self, key_arn: str, request: Mapping[str, Any]) -> str:
        FarSafe.go()
        return super().create_key_material(key_arn, request)

    def attempt_connection(self) -> ConnectionErrorCode | None:
        outside(FarSafe.journey)
        return super().attempt_connection()


@contextmanager
def meanwhile(
    monkeypatch: pytest.MonkeyPatch, *deeds: Callable[[], Any], on: str = "errand"
) -> Iterator[None]:
    """Have another thread do something, while whoever asks the safe waits for that."""

    def ask() -> None:
        with ThreadPoolExecutor(1) as other:
            for deed in deeds:
                other.submit(deed).result(PATIENCE)

    with monkeypatch.context() as patch:
        patch.setattr(FarSafe, on, staticmethod(ask))
        yield


@pytest.fixture
def safe(world: Any, kms: Any, monkeypatch: pytest.MonkeyPatch) -> Safe:
    monkeypatch.setitem(KINDS, KeyStoreType.EXTERNAL_KEY_STORE, FarSafe)
    monkeypatch.setattr(FarSafe, "request_ids", [])
    store_id = kms.create_custom_key_store(**REQUEST)["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    return Safe(store_id, create_key(store_id))


def test_x66_calls_wait_beside_each_other(
    safe: Safe, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same key and with another one: all of them must be there at the same time."""
    other = create_key(safe.id, "key-2")
    barrier = threading.Barrier(4)
    monkeypatch.setattr(FarSafe, "errand", staticmethod(lambda: barrier.wait(PATIENCE)))

    def encrypt(key_id: str) -> Any:
        return kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]

    with ThreadPoolExecutor(4) as pool:
        blobs = list(pool.map(encrypt, [safe.key_id, safe.key_id, other, other]))
    assert [kms.decrypt(CiphertextBlob=blob)["Plaintext"] for blob in blobs] == [b"text"] * 4


def test_x66_the_mocked_aws_answers_meanwhile(
    safe: Safe, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a proxy in this process that uses AWS itself."""
    answers = []
    with meanwhile(monkeypatch, lambda: answers.append(kms.describe_key(KeyId=safe.key_id))):
        kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")
    assert answers[0]["KeyMetadata"]["KeyId"] == safe.key_id


def test_x66_however_often_the_lock_was_taken(
    safe: Safe, world: Any, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handle has the world to itself while it creates a key."""
    answers = []
    with meanwhile(monkeypatch, lambda: answers.append(kms.list_keys())):
        world.create_key(key_store=safe.id, Origin="EXTERNAL_KEY_STORE", XksKeyId="key-2")
    assert [key["KeyId"] for key in answers[0]["Keys"]] == [safe.key_id]
    world.clock.advance(minutes=1)  # and this thread has not kept it


def test_x66_what_happened_meanwhile_is_looked_at_again(
    safe: Safe, world: Any, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disconnect() -> None:
        kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)

    def schedule() -> None:
        kms.schedule_key_deletion(KeyId=safe.key_id, PendingWindowInDays=7)

    def encrypt() -> tuple[str, str]:
        return error_of(kms.encrypt, KeyId=safe.key_id, Plaintext=b"text")

    with meanwhile(monkeypatch, lambda: kms.disable_key(KeyId=safe.key_id)):
        assert encrypt()[0] == "DisabledException"
    kms.enable_key(KeyId=safe.key_id)
    with meanwhile(monkeypatch, disconnect):
        assert encrypt()[0] == "KMSInvalidStateException"
    kms.connect_custom_key_store(CustomKeyStoreId=safe.id)
    with meanwhile(monkeypatch, schedule):
        assert encrypt()[0] == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=safe.key_id)
    kms.enable_key(KeyId=safe.key_id)
    with meanwhile(monkeypatch, schedule, lambda: world.clock.advance(days=8)):
        assert encrypt()[0] == "NotFoundException"


def test_x66_what_changes_nothing_is_in_nobodys_way(
    safe: Safe, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reconnect() -> None:
        kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)
        kms.connect_custom_key_store(CustomKeyStoreId=safe.id)

    with meanwhile(monkeypatch, reconnect):
        kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")


def test_x66_calls_are_recorded_in_the_order_in_which_they_began(
    safe: Safe, world: Any, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meanwhile(monkeypatch, lambda: kms.describe_key(KeyId=safe.key_id)):
        kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")
    assert [event["eventName"] for event in world.trail.events()][-2:] == ["Encrypt", "DescribeKey"]
    assert [entry.what for entry in world.timeline.entries()][-2:] == ["Encrypt", "DescribeKey"]


@strict
def test_x66_a_reset_meanwhile_ends_the_call(
    safe: Safe, world: Any, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        meanwhile(monkeypatch, world.reset),
        pytest.raises(RuntimeError, match="world in which this call was made is over"),
    ):
        kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")
    assert world.trail.events() == []
    assert kms.list_keys()["Keys"] == []


def test_x66_a_mock_that_is_stopped_meanwhile_ends_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(KINDS, KeyStoreType.EXTERNAL_KEY_STORE, FarSafe)
    kms, mock = client("kms"), mock_cks()
    mock.start()
    store_id = kms.create_custom_key_store(**REQUEST)["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    key_id = create_key(store_id)
    with (
        meanwhile(monkeypatch, mock.stop),
        pytest.raises(RuntimeError, match="world in which this call was made is over"),
    ):
        kms.encrypt(KeyId=key_id, Plaintext=b"text")


def test_x66_a_connection_that_is_given_up_while_it_is_tried(
    safe: Safe, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = []

    def give_up() -> None:
        states.append(safe.state())
        kms.connect_custom_key_store(CustomKeyStoreId=safe.id)  # changes nothing
        kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)
        states.append(safe.state())

    kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)
    for opened in (True, False):
        monkeypatch.setattr(SafeKeyStore, "open", opened)
        with meanwhile(monkeypatch, give_up, on="journey"):
            kms.connect_custom_key_store(CustomKeyStoreId=safe.id)
        assert safe.state() == ("DISCONNECTED", None)
    assert states == [("CONNECTING", None), ("DISCONNECTING", None)] * 2
    monkeypatch.setattr(SafeKeyStore, "open", True)
    kms.connect_custom_key_store(CustomKeyStoreId=safe.id)
    assert safe.state() == ("CONNECTED", None)


def test_x66_a_connection_that_is_tried_when_its_time_has_come(
    safe: Safe,
    world: Any,
    kms: Any,
    transition: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody's request asks then, and whoever comes meanwhile is answered."""
    transition("cks::connection", progression="time", seconds=300)
    kms.disconnect_custom_key_store(CustomKeyStoreId=safe.id)
    world.clock.advance(minutes=5)
    kms.connect_custom_key_store(CustomKeyStoreId=safe.id)
    errors = []

    def use() -> None:
        errors.append(error_of(kms.encrypt, KeyId=safe.key_id, Plaintext=b"text")[0])

    with meanwhile(monkeypatch, use, on="journey"):
        world.clock.advance(minutes=5)
    assert errors == ["KMSInvalidStateException"]
    assert safe.state() == ("CONNECTED", None)
    kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")


def test_x70_the_request_id_is_that_of_the_answer(safe: Safe, world: Any, kms: Any) -> None:
    answer = kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")
    (event,) = world.trail.events(event_name="Encrypt")
    assert [answer["ResponseMetadata"]["RequestId"]] == FarSafe.request_ids
    assert [event["requestID"]] == FarSafe.request_ids


def test_x70_of_a_failure_too(
    safe: Safe, world: Any, kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SafeKeyStore, "keys", frozenset())
    with pytest.raises(ClientError) as caught:
        kms.encrypt(KeyId=safe.key_id, Plaintext=b"text")
    (event,) = world.trail.events(error_code="KMSInvalidStateException")
    assert [caught.value.response["ResponseMetadata"]["RequestId"]] == FarSafe.request_ids
    assert [event["requestID"]] == FarSafe.request_ids


def test_x70_a_seed_gives_the_ids_that_it_always_gave(kms: Any) -> None:
    """The request ID is drawn after everything that the operation draws."""
    state = mock_random.getstate()
    answer = kms.create_key()
    mock_random.setstate(state)
    assert str(mock_random.uuid4()) == answer["KeyMetadata"]["KeyId"]
    assert str(mock_random.uuid4()) == answer["ResponseMetadata"]["RequestId"]

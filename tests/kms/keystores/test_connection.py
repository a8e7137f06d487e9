"""The connection of a custom key store, and the time it takes: C1 to C3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time

from moto_cks import HsmError, ReturnCode
from tests.aws import client, error_of
from tests.kms import described, state_of

WRONG_STATE = "CustomKeyStoreInvalidStateException"
WRONG_CONFIGURATION = "CloudHsmClusterInvalidConfigurationException"
NEVER = {"progression": "manual", "times": 1000}

STATES = ["DISCONNECTED", "CONNECTING", "CONNECTED", "FAILED", "DISCONNECTING"]


def store_in(state: str, world: Any, kms: Any, transition: Callable[..., None]) -> Any:
    """A key store in a connection state, in which it stays."""
    store = world.create_key_store(connect=state in ("CONNECTED", "DISCONNECTING"))
    if state == "FAILED":
        store.cluster.change_password("CU", "kmsuser", "anotherPswd")
    if state != "FAILED":
        transition("cks::connection", **NEVER)
    if state in ("CONNECTING", "FAILED"):
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    if state == "DISCONNECTING":
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert described(store)["ConnectionState"] == state
    return store


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "connect": lambda kms, store: kms.connect_custom_key_store(CustomKeyStoreId=store.id),
    "disconnect": lambda kms, store: kms.disconnect_custom_key_store(CustomKeyStoreId=store.id),
    "rename": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, NewCustomKeyStoreName="NewName"
    ),
    "tell password": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, KeyStorePassword="tempPassword"
    ),
    "rename and tell password": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, NewCustomKeyStoreName="NewName", KeyStorePassword="tempPassword"
    ),
    "change cluster": lambda kms, store: kms.update_custom_key_store(
        CustomKeyStoreId=store.id, CloudHsmClusterId=store.cluster.id
    ),
    "delete": lambda kms, store: kms.delete_custom_key_store(CustomKeyStoreId=store.id),
    "create key": lambda kms, store: store.create_key(),
    "random": lambda kms, store: kms.generate_random(CustomKeyStoreId=store.id, NumberOfBytes=8),
}

NEXT_STATE: dict[str, dict[str, str | None]] = {
    "DISCONNECTED": {
        "connect": "CONNECTING",
        "rename": "DISCONNECTED",
        "tell password": "DISCONNECTED",
        "rename and tell password": "DISCONNECTED",
        "change cluster": "DISCONNECTED",
        "delete": None,
    },
    "CONNECTING": {"connect": "CONNECTING", "disconnect": "DISCONNECTING"},
    "CONNECTED": {
        "connect": "CONNECTED",
        "disconnect": "DISCONNECTING",
        "rename": "CONNECTED",
        "create key": "CONNECTED",
        "random": "CONNECTED",
    },
    "FAILED": {"disconnect": "DISCONNECTING"},
    "DISCONNECTING": {},
}
"""What each state accepts, and the state after that."""


@pytest.mark.parametrize("state", STATES)
def test_c2_only_failed_carries_an_error_code(
    state: str, world: Any, kms: Any, transition: Any
) -> None:
    entry = described(store_in(state, world, kms, transition))
    assert ("ConnectionErrorCode" in entry) is (state == "FAILED")


def test_c2_the_error_code_goes_with_the_state(world: Any, kms: Any, transition: Any) -> None:
    store = store_in("FAILED", world, kms, transition)
    transition("cks::connection", progression="manual", times=2)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert [state_of(store) for _ in range(2)] == [("DISCONNECTING", None), ("DISCONNECTED", None)]
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert [state_of(store) for _ in range(2)] == [
        ("CONNECTING", None),
        ("FAILED", "INVALID_CREDENTIALS"),
    ]


@pytest.mark.parametrize("state", STATES)
def test_c3_what_a_state_does_not_accept_is_refused_and_changes_nothing(
    state: str, world: Any, kms: Any, transition: Any
) -> None:
    store = store_in(state, world, kms, transition)
    before = described(store)
    for name in OPERATIONS.keys() - NEXT_STATE[state].keys():
        with pytest.raises(ClientError) as refused:
            OPERATIONS[name](kms, store)
        assert refused.value.response["Error"]["Code"] == WRONG_STATE, name
        assert state in refused.value.response["Error"]["Message"], name
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400, name
        assert described(store) == before, name


@pytest.mark.parametrize(
    ("state", "operation", "following"),
    [(state, name, after) for state in STATES for name, after in NEXT_STATE[state].items()],
)
def test_c3_what_a_state_accepts(
    state: str, operation: str, following: str | None, world: Any, kms: Any, transition: Any
) -> None:
    store = store_in(state, world, kms, transition)
    transition("cks::connection", **NEVER)
    OPERATIONS[operation](kms, store)
    if following is None:
        assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    else:
        assert described(store)["ConnectionState"] == following


def test_c3_connect_is_refused_while_failed_even_if_the_cause_is_gone(store: Any, kms: Any) -> None:
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")
    session = store.cluster.login("CU", "kmsuser", "tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    session.logout()
    for _ in range(2):
        assert error_of(kms.connect_custom_key_store, CustomKeyStoreId=store.id)[0] == WRONG_STATE
    assert state_of(store) == ("FAILED", "USER_LOGGED_IN")


def test_c3_connecting_again_leaves_the_connection_alone(store: Any, kms: Any, ec2: Any) -> None:
    def interfaces() -> set[str]:
        found = ec2.describe_network_interfaces()["NetworkInterfaces"]
        return {interface["NetworkInterfaceId"] for interface in found}

    key_id = store.create_key()
    before = interfaces()
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert interfaces() == before
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x")["KeyId"].endswith(key_id)


# C1: time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["connect_custom_key_store", "disconnect_custom_key_store"])
def test_c1_the_answer_is_an_empty_object_at_once(operation: str, store: Any, kms: Any) -> None:
    answer = getattr(kms, operation)(CustomKeyStoreId=store.id)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert answer == {}


def test_c1_immediate_by_default(world: Any, kms: Any) -> None:
    store = world.create_key_store(connect=False)
    assert state_of(store) == ("DISCONNECTED", None)
    for _ in range(2):
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        assert state_of(store) == ("CONNECTED", None)
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        assert state_of(store) == ("DISCONNECTED", None)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_c1_manual_progresses_with_each_description(
    times: int, world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="manual", times=times)
    for call, during, after in (
        (kms.connect_custom_key_store, "CONNECTING", "CONNECTED"),
        (kms.disconnect_custom_key_store, "DISCONNECTING", "DISCONNECTED"),
    ):
        call(CustomKeyStoreId=store.id)
        seen = [state_of(store)[0] for _ in range(times + 2)]
        assert seen == [during] * (times - 1) + [after] * 3


def test_c1_manual_counts_only_descriptions_of_that_key_store(
    world: Any, kms: Any, transition: Any
) -> None:
    first = world.create_key_store("first")
    second = world.create_key_store("second", connect=False)
    key_id = first.create_key()
    transition("cks::connection", progression="manual", times=2)
    kms.disconnect_custom_key_store(CustomKeyStoreId=first.id)
    kms.connect_custom_key_store(CustomKeyStoreId=second.id)
    for _ in range(3):
        state_of(second)
        kms.describe_key(KeyId=key_id)
    assert state_of(second)[0] == "CONNECTED"
    assert state_of(first)[0] == "DISCONNECTING"


def test_c1_manual_ends_in_failed_too(world: Any, kms: Any, transition: Any) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="manual", times=3)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "anotherPswd")  # before KMS has got that far
    assert [state_of(store) for _ in range(3)] == [
        ("CONNECTING", None),
        ("CONNECTING", None),
        ("FAILED", "INVALID_CREDENTIALS"),
    ]


def test_c1_time_passes_on_the_simulated_clock(world: Any, kms: Any, transition: Any) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="time", seconds=1200)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(minutes=19)
    assert [state_of(store)[0] for _ in range(3)] == ["CONNECTING"] * 3
    world.clock.advance(minutes=1)
    assert state_of(store)[0] == "CONNECTED"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store)[0] == "DISCONNECTING"
    world.clock.advance(hours=1)
    assert state_of(store)[0] == "DISCONNECTED"


def test_c1_time_passes_under_freezegun(world: Any, kms: Any, transition: Any) -> None:
    with freeze_time("2030-01-01 12:00:00") as frozen:
        store = world.create_key_store(connect=False)
        transition("cks::connection", progression="time", seconds=60)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        frozen.tick(59)
        assert state_of(store)[0] == "CONNECTING"
        frozen.tick(1)
        assert state_of(store)[0] == "CONNECTED"


def test_c1_a_connection_becomes_usable_without_a_description(
    world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="time", seconds=60)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    with pytest.raises(ClientError):
        store.create_key()
    world.clock.advance(minutes=1)
    assert kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["KeyState"] == "Enabled"


def test_c1_what_counts_is_the_moment_at_which_connecting_ends(
    world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    session = store.cluster.login("CU", "kmsuser", "kmsPswd1")
    transition("cks::connection", progression="time", seconds=60)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    session.logout()
    world.clock.advance(minutes=1)
    assert state_of(store) == ("CONNECTED", None)


def test_c3_disconnect_while_connecting_ends_the_attempt(
    world: Any, kms: Any, transition: Any
) -> None:
    store = world.create_key_store(connect=False)
    transition("cks::connection", progression="time", seconds=60)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(seconds=59)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(seconds=59)
    assert state_of(store) == ("DISCONNECTING", None)
    world.clock.advance(seconds=1)
    assert state_of(store) == ("DISCONNECTED", None)
    store.cluster.login("CU", "kmsuser", "kmsPswd1").logout()  # KMS has not come to rotate it


def test_c3_kms_logs_out_only_when_disconnecting_is_over(
    store: Any, kms: Any, transition: Any
) -> None:
    transition("cks::connection", progression="manual", times=2)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with pytest.raises(HsmError) as refused:
        store.cluster.change_password("CU", "kmsuser", "tempPassword")
    assert refused.value.code is ReturnCode.USER_LOGGED_IN
    state_of(store)
    assert state_of(store)[0] == "DISCONNECTED"
    store.cluster.change_password("CU", "kmsuser", "tempPassword")


def test_c1_the_outcome_is_that_of_the_moment_at_which_the_attempt_ends(
    world: Any, store: Any, kms: Any, transition: Any
) -> None:
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    transition("cks::connection", progression="time", seconds=900)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    world.clock.advance(minutes=20)
    client("ec2").delete_subnet(SubnetId=store.cluster.subnet_ids[2])
    assert described(store)["ConnectionState"] == "CONNECTED"

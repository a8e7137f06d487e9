"""Connection attempts that are made to fail: ``cks.faults.connection_error``."""

from __future__ import annotations

from typing import Any

import pytest
from moto.moto_api import state_manager

from tests.aws import error_of
from tests.kms.user import CONNECTED, User, others


def check_connection_error(user: User, faults: Any, code: str) -> None:
    user.disconnect()
    faults.connection_error(code)
    assert user.connect() == ("FAILED", code)
    assert error_of(user.decrypt)[0] == "KMSInvalidStateException"
    assert error_of(user.kms.connect_custom_key_store, CustomKeyStoreId=user.store.id)[0] == (
        "CustomKeyStoreInvalidStateException"
    )
    assert user.state() == ("FAILED", code)
    assert user.reconnect() == CONNECTED
    assert user.decrypts()


def test_c5_4_internal_error(user: User, faults: Any) -> None:
    check_connection_error(user, faults, "INTERNAL_ERROR")


def test_c5_6_network_errors(user: User, faults: Any) -> None:
    check_connection_error(user, faults, "NETWORK_ERRORS")


def test_c5_4_a_connection_that_stands_is_not_concerned(user: User, faults: Any) -> None:
    faults.connection_error("INTERNAL_ERROR")
    assert user.connect() == CONNECTED  # it is connected already: no attempt
    assert user.decrypts()
    assert user.reconnect() == ("FAILED", "INTERNAL_ERROR")


def test_c5_4_as_many_attempts_as_asked_for_in_the_order_of_injection(
    user: User, faults: Any
) -> None:
    faults.connection_error("INTERNAL_ERROR", times=2)
    faults.connection_error("NETWORK_ERRORS")
    assert [user.reconnect() for _ in range(4)] == [
        ("FAILED", "INTERNAL_ERROR"),
        ("FAILED", "INTERNAL_ERROR"),
        ("FAILED", "NETWORK_ERRORS"),
        CONNECTED,
    ]


def test_c5_4_it_is_the_attempt_that_fails(user: User, faults: Any) -> None:
    user.disconnect()
    faults.connection_error("INTERNAL_ERROR")
    state_manager.set_transition("cks::connection", {"progression": "manual", "times": 1})
    try:
        user.kms.connect_custom_key_store(CustomKeyStoreId=user.store.id)
        assert user.state() == ("FAILED", "INTERNAL_ERROR")
    finally:
        state_manager.unset_transition("cks::connection")


def test_c5_4_one_key_store_of_several(user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    faults.connection_error("INTERNAL_ERROR", key_store=user.store.id)
    assert [other.reconnect() for other in bystanders] == [CONNECTED] * 3
    assert user.reconnect() == ("FAILED", "INTERNAL_ERROR")
    assert user.reconnect() == CONNECTED


def test_c5_4_any_key_store(user: User, world: Any, faults: Any) -> None:
    users = [user, *others(world)]
    faults.connection_error("INTERNAL_ERROR", times=4)
    assert {each.reconnect() for each in users} == {("FAILED", "INTERNAL_ERROR")}
    assert {each.reconnect() for each in users} == {CONNECTED}


@pytest.mark.parametrize(
    "code", ["USER_LOCKED_OUT", "CLUSTER_NOT_FOUND", "SUBNET_NOT_FOUND", "internal_error", ""]
)
def test_c5_4_codes_with_a_cause_are_not_injected(user: User, faults: Any, code: str) -> None:
    with pytest.raises(ValueError, match="INTERNAL_ERROR or NETWORK_ERRORS"):
        faults.connection_error(code)
    assert user.reconnect() == CONNECTED

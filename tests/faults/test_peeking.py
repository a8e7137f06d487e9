"""What is to come can be asked without counting it."""

from __future__ import annotations

from typing import Any

from moto_cks import faults as asked
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, error_of
from tests.kms.user import CONNECTED, User

ACCOUNT = "123456789012"


def test_without_faults(user: User) -> None:
    assert asked.coming_connection_fault(user.store.id) is None
    assert asked.coming_session_fault(user.store.cluster.id) is None
    assert asked.coming_call_fault("kms", "Encrypt", ACCOUNT, REGION) is None
    assert asked.exhausted_quota(user.store.id) is None


def test_connection_errors(user: User, faults: Any) -> None:
    faults.connection_error("NETWORK_ERRORS", key_store=user.store.id)
    faults.connection_error("INTERNAL_ERROR", times=2)
    for _ in range(3):
        fault = asked.coming_connection_fault(user.store.id)
        assert fault is not None
        assert (fault.code, fault.times) == ("NETWORK_ERRORS", 1)
        other = asked.coming_connection_fault("cks-another")
        assert other is not None
        assert (other.code, other.times) == ("INTERNAL_ERROR", 2)
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    assert user.reconnect() == ("FAILED", "INTERNAL_ERROR")
    assert user.reconnect() == ("FAILED", "INTERNAL_ERROR")
    assert asked.coming_connection_fault(user.store.id) is None
    assert user.reconnect() == CONNECTED


def test_sessions(user: User, faults: Any) -> None:
    cluster_id = user.store.cluster.id
    faults.pkcs11_sessions_exhausted(cluster_id)
    for _ in range(3):
        fault = asked.coming_session_fault(cluster_id)
        assert fault is not None
        assert fault.times == 1
    assert asked.coming_session_fault("cluster-another") is None
    assert error_of(user.decrypt)[0] == "KMSInternalException"
    assert asked.coming_session_fault(cluster_id) is None


def test_calls(user: User, faults: Any) -> None:
    faults.fail("Encrypt", "KMSInternalException", region=REGION)
    for _ in range(3):
        fault = asked.coming_call_fault("kms", "Encrypt", ACCOUNT, REGION)
        assert fault is not None
        assert fault.code == "KMSInternalException"
    assert asked.coming_call_fault("kms", "Encrypt", OTHER_ACCOUNT, REGION) is fault
    assert asked.coming_call_fault("kms", "Encrypt", ACCOUNT, OTHER_REGION) is None
    assert asked.coming_call_fault("kms", "Decrypt", ACCOUNT, REGION) is None
    assert asked.coming_call_fault("cloudhsmv2", "Encrypt", ACCOUNT, REGION) is None
    assert error_of(user.encrypt)[0] == "KMSInternalException"
    assert user.encrypt()


def test_n3_the_quota(noon: Any, world: Any, user: User) -> None:
    with world.faults.throttle(2):
        for _ in range(3):
            assert asked.exhausted_quota(user.store.id) is None
        user.encrypt()
        assert asked.exhausted_quota(user.store.id) is None
        user.encrypt()
        assert asked.exhausted_quota(user.store.id) == 2
        assert asked.exhausted_quota("cks-another") is None
        assert error_of(user.encrypt)[0] == "ThrottlingException"
        world.clock.advance(seconds=0.5)
        assert asked.exhausted_quota(user.store.id) is None
    assert asked.exhausted_quota(user.store.id) is None

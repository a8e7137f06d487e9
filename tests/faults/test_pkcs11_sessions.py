"""No PKCS #11 session is free: ``cks.faults.pkcs11_sessions_exhausted``."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.config import Config

from tests.aws import REGION, client, error_of, failure, session
from tests.kms.user import CONNECTED, User, others

from . import in_threads


def test_f6_no_pkcs11_session_is_free(user: User, faults: Any) -> None:
    for operation in [*user.operations, user.random]:
        faults.pkcs11_sessions_exhausted(user.store.cluster.id)
        code, message, status = failure(operation)
        assert (code, status) == ("KMSInternalException", 500)
        assert "PKCS #11 sessions" in message
        operation()
    assert user.state() == CONNECTED


def test_f6_as_many_operations_as_asked_for(user: User, faults: Any) -> None:
    faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=2)
    faults.pkcs11_sessions_exhausted(user.store.cluster.id)
    for _ in range(3):
        assert error_of(user.re_encrypt)[0] == "KMSInternalException"
    assert user.re_encrypt()


def test_f6_what_is_not_cryptographic_needs_no_session(user: User, faults: Any) -> None:
    faults.pkcs11_sessions_exhausted(user.store.cluster.id)
    assert user.kms.describe_key(KeyId=user.key_id)
    user.kms.disable_key(KeyId=user.key_id)
    assert error_of(user.encrypt)[0] == "DisabledException"  # never came as far as an HSM
    user.kms.enable_key(KeyId=user.key_id)
    assert error_of(user.encrypt)[0] == "KMSInternalException"
    assert user.encrypt()


def test_f6_a_cluster_without_hsms_has_no_sessions_to_be_used_up(
    user: User, faults: Any, world: Any
) -> None:
    faults.pkcs11_sessions_exhausted(user.store.cluster.id)
    for hsm in tuple(user.store.cluster.hsms):
        client("cloudhsmv2").delete_hsm(ClusterId=user.store.cluster.id, HsmId=hsm.id)
    for operation in [*user.operations, user.random] * 2:
        assert error_of(operation)[0] in ("KMSInvalidStateException", "DependencyTimeoutException")
    zone = {"AvailabilityZone": f"{REGION}a"}
    client("cloudhsmv2").create_hsm(ClusterId=user.store.cluster.id, **zone)
    world.clock.advance(hours=1)
    assert user.reconnect() == CONNECTED
    assert error_of(user.encrypt)[0] == "KMSInternalException"
    assert user.encrypt()


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_f6_botocore_s_retries_ride_it_out(
    user: User, faults: Any, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    config = Config(retries={"mode": mode, "total_max_attempts": 3})
    kms = session().client("kms", REGION, config=config)
    faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=2)
    answer = kms.decrypt(CiphertextBlob=user.ciphertext)
    assert answer["Plaintext"] == b"the crown jewels"
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2


def test_f6_other_clusters_have_sessions(user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    faults.pkcs11_sessions_exhausted(user.store.cluster.id)
    assert all(other.decrypts() for other in bystanders)
    assert error_of(user.decrypt)[0] == "KMSInternalException"


def test_f6_it_is_counted_exactly_with_threads(user: User, faults: Any) -> None:
    faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=37)
    outcomes = in_threads(user.encrypt, 100)
    assert (outcomes.count("KMSInternalException"), outcomes.count("")) == (37, 63)

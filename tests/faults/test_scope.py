"""What faults are injected with, and when they end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from moto import mock_aws

from moto_cks import KeyStore, mock_cks
from moto_cks import cks as handle
from tests.aws import error_of
from tests.kms.user import CONNECTED, User


@pytest.mark.parametrize("times", [0, -1, 1.5])
def test_times_is_at_least_1(user: User, faults: Any, times: Any) -> None:
    with pytest.raises(ValueError, match="times"):
        faults.connection_error("INTERNAL_ERROR", times=times)
    with pytest.raises(ValueError, match="times"):
        faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=times)
    with pytest.raises(ValueError, match="times"):
        faults.hsms_busy(user.store.cluster.id, times=times)
    with pytest.raises(ValueError, match="times"):
        faults.fail("Encrypt", "DisabledException", times=times)
    assert user.decrypts()
    assert user.reconnect() == CONNECTED


def test_there_must_be_such_a_thing(user: User, faults: Any) -> None:
    with pytest.raises(KeyError, match="cluster-nowhere"):
        faults.unreachable("cluster-nowhere")
    with pytest.raises(KeyError, match="cluster-nowhere"):
        faults.pkcs11_sessions_exhausted("cluster-nowhere")
    with pytest.raises(KeyError, match="cluster-nowhere"):
        faults.hsms_busy("cluster-nowhere")
    with pytest.raises(KeyError, match="cks-nowhere"):
        faults.connection_error("INTERNAL_ERROR", key_store="cks-nowhere")


FAULTS: list[Callable[[], Any]] = [
    lambda: handle.faults.connection_error("INTERNAL_ERROR"),
    lambda: handle.faults.unreachable("cluster-12345678901"),
    lambda: handle.faults.pkcs11_sessions_exhausted("cluster-12345678901"),
    lambda: handle.faults.hsms_busy("cluster-12345678901"),
    lambda: handle.faults.throttle(1800),
    lambda: handle.faults.fail("Encrypt", "DisabledException"),
]


@pytest.mark.parametrize("inject", FAULTS)
def test_there_are_no_faults_without_the_mock(inject: Callable[[], Any]) -> None:
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        inject()
    with mock_aws(), pytest.raises(RuntimeError, match="mock_cks is not on"):
        inject()


def test_a_context_is_not_entered_without_the_mock() -> None:
    with mock_cks() as cks:
        late = cks.faults.throttle(1)
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        late.__enter__()


def inject_everything(cks: Any, store: KeyStore, stack: ExitStack) -> None:
    cks.faults.connection_error("INTERNAL_ERROR", times=9)
    cks.faults.pkcs11_sessions_exhausted(store.cluster.id, times=9)
    cks.faults.fail("Decrypt", "DisabledException", times=9)
    stack.enter_context(cks.faults.unreachable(store.cluster.id))
    stack.enter_context(cks.faults.throttle(0.001))


def test_faults_end_with_the_mock() -> None:
    with ExitStack() as stack:
        with mock_cks() as cks:
            inject_everything(cks, cks.create_key_store(), stack)
        with mock_cks() as cks:
            user = User(cks.create_key_store())
            assert user.decrypts()
            stack.close()  # contexts that outlive their mock
            assert user.reconnect() == CONNECTED
            assert user.decrypts()


def test_faults_end_with_moto_s_reset(world: Any) -> None:
    with ExitStack() as stack:
        inject_everything(world, world.create_key_store(), stack)
        assert requests.post("http://motoapi.amazonaws.com/moto-api/reset").ok
        user = User(world.create_key_store())
        assert user.decrypts()
        assert user.reconnect() == CONNECTED
    assert user.decrypts()


def test_a_nested_mock_has_the_same_faults(user: User, faults: Any) -> None:
    faults.fail("Encrypt", "DisabledException", times=2)
    with mock_cks():
        assert error_of(user.encrypt)[0] == "DisabledException"
    assert error_of(user.encrypt)[0] == "DisabledException"
    assert user.encrypt()

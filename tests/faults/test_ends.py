"""Faults that are taken back, that last until they are, and contexts that nobody enters."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import cks
from tests.aws import OTHER_REGION, client, error_of
from tests.kms.user import CONNECTED, User
from tests.strictness import in_silence

INTERNAL = ("FAILED", "INTERNAL_ERROR")


def connection_error(user: User, faults: Any, times: int | None) -> Any:
    return faults.connection_error("INTERNAL_ERROR", times=times)


def sessions(user: User, faults: Any, times: int | None) -> Any:
    return faults.pkcs11_sessions_exhausted(user.store, times=times)


def busy(user: User, faults: Any, times: int | None) -> Any:
    return faults.hsms_busy(user.store, times=times)


def fail(user: User, faults: Any, times: int | None) -> Any:
    return faults.fail("Encrypt", "KMSInternalException", times=times)


Injection = Callable[[User, Any, "int | None"], Any]

COUNTED: list[Injection] = [connection_error, sessions, busy, fail]


def struck(user: User, inject: Injection) -> bool:
    """Whether the next use comes upon the fault."""
    if inject is connection_error:
        return user.reconnect() == INTERNAL
    try:
        user.encrypt()
    except user.kms.exceptions.ClientError as error:
        code = "ThrottlingException" if inject is busy else "KMSInternalException"
        return bool(error.response["Error"]["Code"] == code)
    return False


@pytest.fixture(params=COUNTED, ids=lambda inject: inject.__name__)
def inject(request: pytest.FixtureRequest) -> Injection:
    return request.param  # type: ignore[no-any-return]


def test_the_rest_of_a_counted_fault_is_taken_back(
    user: User, faults: Any, inject: Injection
) -> None:
    fault = inject(user, faults, 3)
    assert struck(user, inject)
    fault.end()
    assert not struck(user, inject)
    fault.end()  # a second time does nothing
    assert not struck(user, inject)


def test_one_that_is_used_up_stays_so(user: User, faults: Any, inject: Injection) -> None:
    first = inject(user, faults, 1)
    assert struck(user, inject)
    second = inject(user, faults, 1)
    first.end()
    assert struck(user, inject)
    assert not struck(user, inject)
    second.end()


def test_none_lasts_until_it_is_ended(user: User, faults: Any, inject: Injection) -> None:
    fault = inject(user, faults, None)
    assert all(struck(user, inject) for _ in range(5))
    fault.end()
    assert not struck(user, inject)


def test_it_is_a_context(user: User, faults: Any, inject: Injection) -> None:
    with inject(user, faults, 5) as fault:
        assert struck(user, inject)
        assert "Fault" in repr(fault)
    assert not struck(user, inject)
    with pytest.raises(ZeroDivisionError), inject(user, faults, None):
        raise ZeroDivisionError
    assert not struck(user, inject)


def test_a_plain_statement_goes_on_working(user: User, faults: Any, inject: Injection) -> None:
    inject(user, faults, 2)
    gc.collect()
    assert [struck(user, inject) for _ in range(3)] == [True, True, False]


def test_the_first_that_was_injected_comes_first(user: User, faults: Any) -> None:
    lasting = faults.connection_error("INTERNAL_ERROR", times=None)
    faults.connection_error("NETWORK_ERRORS")
    assert [user.reconnect(), user.reconnect()] == [INTERNAL, INTERNAL]
    lasting.end()
    assert [user.reconnect(), user.reconnect()] == [("FAILED", "NETWORK_ERRORS"), CONNECTED]


def test_what_a_reset_has_ended_is_not_ended_in_the_next_world(world: Any) -> None:
    first = world.faults.fail("ListKeys", "KMSInternalException", times=None)
    world.reset()
    second = world.faults.fail("ListKeys", "KMSInternalException", times=None)
    first.end()
    assert error_of(client("kms").list_keys)[0] == "KMSInternalException"
    second.end()
    client("kms").list_keys()


def test_faults_of_one_region_end_there(world: Any) -> None:
    here = world.faults.fail("ListKeys", "KMSInternalException", times=None, region="us-east-1")
    world.faults.fail("ListKeys", "KMSInternalException", times=None, region=OTHER_REGION)
    here.end()
    client("kms").list_keys()
    assert error_of(client("kms", OTHER_REGION).list_keys)[0] == "KMSInternalException"


def test_the_timeline_tells_of_it(user: User, world: Any) -> None:
    world.faults.connection_error("INTERNAL_ERROR", times=None, key_store=user.store)
    with world.faults.pkcs11_sessions_exhausted(user.store, times=2):
        pass
    happened = [entry.what for entry in world.timeline.entries(kind="fault")]
    assert happened == [
        "injected: connection attempts end in INTERNAL_ERROR, until it is ended",
        "injected: no PKCS #11 session is free, times left: 2",
        "over: no PKCS #11 session is free, times left: 2",
    ]


@pytest.mark.parametrize("times", [0, -1, 1.0, True, "1"], ids=repr)
def test_times_is_a_number_or_none(user: User, faults: Any, inject: Injection, times: Any) -> None:
    with pytest.raises(ValueError, match="times must be a number of at least 1, or None"):
        inject(user, faults, times)
    assert not struck(user, inject)


# Connection errors that have a cause --------------------------------------------------------------

CAUSED = {
    "CLUSTER_NOT_FOUND": "cluster-not-found",
    "INSUFFICIENT_CLOUDHSM_HSMS": "insufficient-cloudhsm-hsms",
    "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET": "insufficient-free-addresses-in-subnet",
    "INVALID_CREDENTIALS": "invalid-credentials",
    "SUBNET_NOT_FOUND": "subnet-not-found",
    "USER_LOCKED_OUT": "user-locked-out",
    "USER_LOGGED_IN": "user-logged-in",
    "USER_NOT_FOUND": "user-not-found",
}


@pytest.mark.parametrize("code", CAUSED)
def test_c5_what_has_a_cause_is_said_how_to_bring_about(faults: Any, code: str) -> None:
    with pytest.raises(ValueError, match=code) as caught:
        faults.connection_error(code)
    assert f'cks.failures["{CAUSED[code]}"]' in str(caught.value)
    assert "INTERNAL_ERROR or NETWORK_ERRORS" in str(caught.value)


def test_c5_what_it_names_is_there() -> None:
    assert set(CAUSED.values()) <= set(cks.failures)


def test_c5_every_connection_error_of_aws_is_injected_or_brought_about() -> None:
    known = set(client("kms").meta.service_model.shape_for("ConnectionErrorCodeType").enum)
    ours = {code for code in known if not code.startswith("XKS_")}
    assert ours == {*CAUSED, "INTERNAL_ERROR", "NETWORK_ERRORS"}


@pytest.mark.parametrize("code", ["internal_error", "", "XKS_PROXY_NOT_REACHABLE"])
def test_c5_what_there_is_not(faults: Any, code: str) -> None:
    with pytest.raises(ValueError, match="is INTERNAL_ERROR or NETWORK_ERRORS, not") as caught:
        faults.connection_error(code)
    assert "cks.failures" not in str(caught.value)


# Contexts that nobody enters ----------------------------------------------------------------------


def line() -> int:
    """The line of who asks."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


CONTEXTS: dict[str, Callable[[User, Any], Any]] = {
    "unreachable": lambda user, faults: faults.unreachable(user.store),
    "throttle": lambda user, faults: faults.throttle(5),
}


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_context_that_is_not_entered_is_warned_of(user: User, faults: Any, context: str) -> None:
    with pytest.warns(UserWarning, match=rf"cks\.faults\.{context}\(.*never entered") as warned:
        CONTEXTS[context](user, faults)
    assert [(each.filename, each.category) for each in warned] == [(__file__, UserWarning)]
    user.encrypt()  # it was no fault


def test_the_warning_points_at_the_line(user: User, faults: Any) -> None:
    before = line()
    with pytest.warns(UserWarning, match="never entered") as warned:
        faults.unreachable(user.store)
    (warning,) = warned
    assert (warning.filename, warning.lineno) == (__file__, before + 2)


@pytest.mark.parametrize("context", CONTEXTS)
def test_one_that_is_entered_is_not_warned_of(user: User, faults: Any, context: str) -> None:
    with in_silence():
        with CONTEXTS[context](user, faults):
            pass
        twice = CONTEXTS[context](user, faults)
        with twice, twice:
            pass
        del twice

        @CONTEXTS[context](user, faults)
        def decorated() -> None:
            pass

        decorated()
        del decorated
        with pytest.raises(ValueError, match="above 0"):
            faults.throttle(0)
        gc.collect()


def test_a_decorated_function_is_called_in_it(user: User, faults: Any) -> None:
    @faults.unreachable(user.store)
    def encrypt() -> Any:
        return user.encrypt()

    for _ in range(2):
        assert error_of(encrypt)[0] == "KMSInvalidStateException"
    user.encrypt()

"""Every exception of the package goes from process to process as it is."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import moto_cks
from moto_cks.consumers import errors
from moto_cks.consumers.uses import DECRYPT, Refusal
from moto_cks.hsm import HsmError, LoginRefused, ReturnCode
from moto_cks.kms.keystores.external.outcomes import MALFORMED
from moto_cks.server.errors import UNKNOWN_OPERATION
from moto_cks.xks_proxy.errors import THROTTLING, XksError
from tests.processes.pools import pool_of

FITTING: dict[str, Any] = {
    "answers": {"hsm-1": None, "hsm-2": ReturnCode.USER_LOCKED_OUT},
    "code": "SomeCode",
    "error": UNKNOWN_OPERATION,
    "headers": {"Allow": "GET"},
    "missing": ("this", "that"),
    "operation": "CreateKey",
    "outcome": MALFORMED,
    "refusal": {"message": "No.", "status": 400},
    "status": 409,
}
"""Arguments by their names; all others are text."""


def exceptions() -> Iterator[type[BaseException]]:
    found: dict[type[BaseException], None] = {}
    for module in pkgutil.walk_packages(moto_cks.__path__, "moto_cks."):
        for value in vars(importlib.import_module(module.name)).values():
            if (
                inspect.isclass(value)
                and issubclass(value, BaseException)
                and value.__module__.startswith("moto_cks.")
            ):
                found[value] = None
    return iter(sorted(found, key=lambda each: (each.__module__, each.__qualname__)))


ALL = list(exceptions())


def an_exception(kind: type[BaseException]) -> BaseException:
    if kind is HsmError:
        return HsmError(ReturnCode.KEY_NOT_FOUND)
    if kind is XksError:
        return XksError(THROTTLING, "Slower.", "for the log")
    if not inspect.isfunction(kind.__init__):  # as Exception has it
        return kind("What it says.")
    _, *parameters = inspect.signature(kind.__init__).parameters.values()
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return kind("What it says.")
    taken = [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]
    return kind(*(FITTING.get(name, f"some {name}") for name in taken))


def content(error: BaseException) -> tuple[Any, ...]:
    return type(error), str(error), error.args, vars(error)


def test_all_exceptions_are_found() -> None:
    assert {HsmError, LoginRefused} <= set(ALL)
    assert len(ALL) > 50


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__qualname__)
def test_an_exception_survives_pickling(kind: type[BaseException]) -> None:
    error = an_exception(kind)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert content(pickle.loads(pickle.dumps(error, protocol))) == content(error)


@pytest.mark.parametrize("make", [errors.sqs, errors.dynamodb, errors.secrets_manager])
@pytest.mark.parametrize("code", ["DisabledException", "DependencyTimeoutException"])
def test_what_another_service_answers_does(make: Callable[[Refusal], Exception], code: str) -> None:
    error = make(Refusal(DECRYPT, "1234abcd", {}, code, "No.", 400, "5678"))
    again = pickle.loads(pickle.dumps(error))
    assert content(again) == content(error)


def refuse() -> None:
    raise LoginRefused(FITTING["answers"])


def fail() -> None:
    raise HsmError(ReturnCode.KEY_NOT_FOUND)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_pool_hands_them_over(method: str) -> None:
    with pool_of(method, 1) as pool:

        def caught(task: Callable[[], None], kind: type[HsmError]) -> HsmError:
            with pytest.raises(kind) as error:
                pool.apply_async(task).get(timeout=60)
            return error.value

        refused = caught(refuse, LoginRefused)
        assert isinstance(refused, LoginRefused)
        assert refused.answers == FITTING["answers"]
        assert refused.code is ReturnCode.USER_LOCKED_OUT
        assert caught(fail, HsmError).code is ReturnCode.KEY_NOT_FOUND

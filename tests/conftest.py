"""What all tests share."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from hypothesis import settings
from moto.moto_api import state_manager

from moto_cks import KeyStore, mock_cks
from tests.aws import client
from tests.kms.user import User
from tests.moments import NOON
from tests.trap import refuse_the_network

pytest_plugins = ["pytester"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "older_cluster: the key store is on an hsm1.medium cluster.")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots",
        action="store_true",
        help="write the console's pictures to docs",
    )
    parser.addoption(
        "--measure-all",
        action="store_true",
        help="have coverage look at the tests that go the ways of others again, too",
    )


# Loading them takes longer than building a cluster, and but for those of images no test needs one.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

# moto leaves much behind in cycles: looking for it as often as by default is a quarter of all time.
gc.set_threshold(50_000)

# The workers of xdist are measured, and not the processes that tests start: those would take half
# as long again.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

refuse_the_network()

UNMEASURED = frozenset(
    {
        "tests/account/test_images.py",
        "tests/cloudhsmv2/test_wrong_types.py",
        "tests/consumers/test_key_states.py",
        "tests/control/console/test_console.py",
        "tests/control/console/test_external.py",
        "tests/exposure/test_exposure.py",
        "tests/failures/test_combining.py",
        "tests/failures/test_events.py",
        "tests/failures/test_server.py",
        "tests/failures/test_wrong_uses.py",
        "tests/faults/test_ends.py",
        "tests/handle/test_explain.py",
        "tests/handle/test_refused.py",
        "tests/kms/keys/test_ciphertexts.py",
        "tests/kms/keys/test_states.py",
        "tests/kms/keystores/external/test_causes.py",
        "tests/kms/keystores/external/test_outcomes.py",
        "tests/kms/recorded/test_recorded.py",
        "tests/kms/test_documented_errors.py",
        "tests/kms/test_wrong_types.py",
        "tests/mock/test_interrupts.py",
        "tests/proof/test_proof.py",
        "tests/snapshots/test_kms_keys.py",
    }
)
"""Tests that go the ways of others again, in thousands of variations. Coverage, which doubles the
time that a test takes, does not look at them, but with --measure-all."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    every = item.config.getoption("measure_all")
    if tracer is None or every or item.location[0] not in UNMEASURED:
        return (yield)
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type] # as Python documents it
    try:
        return (yield)
    finally:
        threading.settrace(of_threads)  # type: ignore[arg-type]
        sys.settrace(tracer)


# How long a test takes is for the benchmarks.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture
def noon() -> Iterator[Any]:
    """Real time stands still; only the simulated clock moves."""
    with freeze_time(NOON) as frozen:
        yield frozen


@pytest.fixture
def world() -> Iterator[Any]:
    """The handle on a new simulated world."""
    with mock_cks() as cks:
        yield cks


@pytest.fixture
def kms(world: Any) -> Any:
    return client("kms")


@pytest.fixture
def cloudhsm(world: Any) -> Any:
    return client("cloudhsmv2")


@pytest.fixture
def ec2(world: Any) -> Any:
    return client("ec2")


@pytest.fixture
def store(world: Any) -> KeyStore:
    """A custom key store, connected."""
    made: KeyStore = world.create_key_store()
    return made


@pytest.fixture
def user(world: Any) -> User:
    """Somebody with a key in a key store."""
    return User(world.create_key_store())


@pytest.fixture
def transition() -> Iterator[Callable[..., None]]:
    """Sets moto's state transition of a model until the end of the test."""
    models: list[str] = []

    def set_transition(model: str, **how: Any) -> None:
        models.append(model)
        state_manager.set_transition(model, how)

    yield set_transition
    for model in models:
        state_manager.unset_transition(model)

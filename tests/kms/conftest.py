from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.moto_api import state_manager

from moto_cks import KeyStore, mock_cks

from . import client


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
def transition() -> Iterator[Callable[..., None]]:
    """Sets moto's state transition of a model until the end of the test."""
    models: list[str] = []

    def set_transition(model: str, **how: Any) -> None:
        models.append(model)
        state_manager.set_transition(model, how)

    yield set_transition
    for model in models:
        state_manager.unset_transition(model)

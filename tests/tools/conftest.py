from __future__ import annotations

from collections.abc import Iterator

import pytest

from moto_cks import cks, mock_cks
from tests.hsm.conftest import factory_settings
from tests.tools.world import Hardware, World


@pytest.fixture
def hardware() -> Hardware:
    """A cluster with two HSMs, without the services around it: much quicker to build."""
    return Hardware(factory_settings())


@pytest.fixture
@mock_cks
def world() -> Iterator[World]:
    """A key store that is not connected, on a cluster with two HSMs."""
    yield World(cks.create_key_store(connect=False))  # noqa: PT022 - mock_cks needs a generator


@pytest.fixture
def connected(world: World) -> World:
    """The same, connected."""
    world.kms.connect_custom_key_store(CustomKeyStoreId=world.store.id)
    return world

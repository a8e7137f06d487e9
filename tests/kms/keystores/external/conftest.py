"""External key stores to test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kms.keystores.external import Owner


@pytest.fixture
def owner(world: Any) -> Owner:
    return Owner(world.create_external_key_store())


@pytest.fixture
def proxy(world: Any) -> Any:
    """A proxy without a key store."""
    return world.xks_proxy()

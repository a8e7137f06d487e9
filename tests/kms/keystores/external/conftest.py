"""External key stores to test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kms.keystores.external import Owner
from tests.kms.keystores.external.scripted import ScriptedProxy, in_memory


@pytest.fixture
def owner(world: Any) -> Owner:
    return Owner(world.create_external_key_store())


@pytest.fixture
def proxy(world: Any) -> Any:
    """A proxy without a key store."""
    return world.xks_proxy()


@pytest.fixture
def script(owner: Owner) -> Iterator[ScriptedProxy]:
    """Answers in the place of the owner's proxy, in memory."""
    script = ScriptedProxy(owner.proxy)
    with in_memory(owner.proxy.host, script):
        yield script

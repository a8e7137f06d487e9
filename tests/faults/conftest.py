from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def faults(world: Any) -> Any:
    return world.faults

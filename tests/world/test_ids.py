"""Identifiers follow moto's seed (M5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.moto_api._internal import mock_random

from moto_cks.world.ids import random_uuid


@pytest.fixture(autouse=True)
def _numbers_as_before() -> Iterator[None]:
    state = mock_random.getstate()
    yield
    mock_random.setstate(state)


@pytest.mark.parametrize("seed", range(50))
def test_m5_a_uuid_is_the_one_that_moto_would_draw(seed: int) -> None:
    mock_random.seed(seed)
    expected = [str(mock_random.uuid4()) for _ in range(20)]
    mock_random.seed(seed)
    assert [random_uuid() for _ in range(20)] == expected

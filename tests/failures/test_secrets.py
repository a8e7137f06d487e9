"""Nothing that failures show has a password in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from moto_cks.failures.records import records
from moto_cks.failures.table import FAILURES
from tests.failures.drill import Drill

KMSUSER, ADMIN = "kmsuserTr0ub41", "adminTr0ub42"
MARK = "Tr0ub4"


def shown(drill: Drill) -> Iterator[str]:
    """All that is shown of what happens."""
    world, failure = drill.world, drill.failure
    yield str(world.timeline)
    yield json.dumps(world.trail.events())
    yield repr(records())
    for happening in world.failures.happening():
        yield repr(happening)
        yield str(happening.refusals)
    yield json.dumps([step.to_dict() for step in failure.steps(drill.store)])
    yield repr(failure.steps(drill.store))
    yield json.dumps(failure.to_dict())


@pytest.mark.parametrize("name", list(FAILURES))
def test_p7_no_password_is_shown(name: str, drill: Callable[..., Drill]) -> None:
    one = drill(name, kmsuser_password=KMSUSER)
    one.store.cluster.change_password("CO", "admin", ADMIN)
    happening = one.happen()
    texts = [*shown(one)]
    happening.repair()
    texts += shown(one)
    assert len(texts) > 10
    assert [text for text in texts if MARK in text] == []

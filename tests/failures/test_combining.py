"""Failures that touch different things happen to one key store at the same time."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from moto_cks.failures.errors import UnmetNeedError
from moto_cks.failures.shapes import Need, Since
from moto_cks.failures.table import FAILURES
from moto_cks.kms.keystores.cloudhsm.connection_errors import CONNECTION_ERRORS
from moto_cks.kms.keystores.connection import CommonErrorCode
from tests.kms import state_of
from tests.kms.user import CONNECTED, User


def test_kms_comes_upon_one_at_a_time(world: Any) -> None:
    user = User(world.create_key_store(subnet_prefix=28))
    names = ("insufficient-free-addresses-in-subnet", "network-acl-denies", "invalid-credentials")
    for name in reversed(names):
        world.failures[name].happen(user.store)
    seen = []
    for name in names:
        seen.append(state_of(user.store))
        world.failures[name].repair(user.store)
    assert seen == [
        ("FAILED", "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET"),
        ("FAILED", "NETWORK_ERRORS"),
        ("FAILED", "INVALID_CREDENTIALS"),
    ]
    assert state_of(user.store) == CONNECTED
    assert user.decrypts()
    assert world.failures.happening() == []


def rank(name: str) -> int:
    """When KMS comes upon a failure: at every use, at once when it connects, or later."""
    failure = FAILURES[name]
    if name in ("cluster-not-active", "kmsuser-kept-by-kms"):  # nothing goes before; a login
        return -1 if name == "cluster-not-active" else len(CONNECTION_ERRORS) + 2
    if failure.since is not Since.NEXT_CONNECT:
        return 0
    codes = [CommonErrorCode.INTERNAL_ERROR, *(code for code, _ in CONNECTION_ERRORS)]
    return 2 + codes.index(failure.decided_by) if failure.decided_by in codes else 1


NEXT = (
    "hsm-ports-closed-before-connecting",
    "cluster-not-found",
    "insufficient-free-addresses-in-subnet",
    "internal-error",
    "network-acl-denies",
    "user-locked-out",
)
"""What shows at the next connect: one for each thing that is touched."""

PAIRS = [
    (first.name, second.name)
    for first in FAILURES.values()
    for second in map(FAILURES.__getitem__, NEXT)
    if first is not second
    and first.recoverable
    and first.since is not Since.AFTER_WAITING_PERIOD
    and first.touches
    and not {Need.NO_KEY, Need.OLDER_HSM_TYPE} & (first.needs | second.needs)
    and not first.touches & second.touches
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_that_touch_different_things(world: Any, first: str, second: str) -> None:
    user = User(world.create_key_store(subnet_prefix=28))
    one, other = world.failures[first], world.failures[second]
    one.happen(user.store)
    happening = [one]
    with suppress(UnmetNeedError):  # what the first has taken away the second may need
        other.happen(user.store)
        happening.append(other)
    assert {item.failure for item in world.failures.happening()} == set(happening)
    for failure in sorted(happening, key=lambda failure: rank(failure.name)):
        failure.repair(user.store)
    assert state_of(user.store) == CONNECTED
    assert user.decrypts()


def test_two_that_touch_the_same(world: Any, user: User) -> None:
    world.failures["invalid-credentials"].happen(user.store)
    with pytest.raises(UnmetNeedError) as refused:
        world.failures["user-locked-out"].happen(user.store)
    assert refused.value.missing == ("invalid-credentials to be repaired",)
    world.failures["invalid-credentials"].repair(user.store)
    with world.failures["user-locked-out"].happen(user.store):
        assert state_of(user.store) == ("FAILED", "USER_LOCKED_OUT")
    assert user.decrypts()


def test_a_disconnected_key_store_combines_with_what_shows_at_the_next_connect(
    world: Any, user: User
) -> None:
    with world.failures["store-disconnected"].happen(user.store):
        with world.failures["user-locked-out"].happen(user.store):
            assert state_of(user.store) == ("FAILED", "USER_LOCKED_OUT")
        assert state_of(user.store) == CONNECTED
    assert user.decrypts()

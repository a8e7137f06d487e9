"""The request quota of a key store: ``cks.faults.throttle``."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tests.aws import error_of, failure
from tests.kms.user import User, others
from tests.moments import NOON

from . import THROTTLED, in_threads


def test_n3_requests_past_the_quota_are_throttled(noon: Any, user: User, faults: Any) -> None:
    with faults.throttle(5):
        for operation in user.operations:
            operation()
        for operation in [*user.operations, user.random]:
            assert failure(operation) == (*THROTTLED, 400)
    assert user.decrypts()


def test_n3_it_is_off_by_default_and_1800_a_second(noon: Any, user: User, faults: Any) -> None:
    for _ in range(1801):
        user.random()
    with faults.throttle():
        outcomes = in_threads(user.random, 1850)
    assert (outcomes.count(""), outcomes.count("ThrottlingException")) == (1800, 50)


def test_n3_the_quota_comes_back_with_simulated_time(
    noon: Any, user: User, world: Any, faults: Any
) -> None:
    with faults.throttle(4):
        assert in_threads(user.encrypt, 6).count("") == 4
        world.clock.advance(seconds=0.5)
        assert in_threads(user.encrypt, 6).count("") == 2
        world.clock.advance(hours=1)
        assert in_threads(user.encrypt, 6).count("") == 4
        noon.tick(0.25)
        assert in_threads(user.encrypt, 6).count("") == 1
        noon.move_to(NOON - datetime.timedelta(days=1))  # no harm done
        assert error_of(user.encrypt) == THROTTLED


def test_n3_less_than_one_a_second(noon: Any, user: User, world: Any, faults: Any) -> None:
    with faults.throttle(0.1):
        assert user.encrypt()
        world.clock.advance(seconds=9)
        assert error_of(user.encrypt) == THROTTLED
        world.clock.advance(seconds=1)
        assert user.encrypt()


def test_n3_each_key_store_has_its_own(noon: Any, user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    with faults.throttle(1):
        for each in (user, *bystanders):
            assert each.decrypts()
            assert error_of(each.decrypt) == THROTTLED


def test_n3_reencrypt_counts_for_both_key_stores_or_for_none(
    noon: Any, user: User, world: Any, faults: Any
) -> None:
    second = User(world.create_key_store("Second"))
    with faults.throttle(2):
        assert user.re_encrypt(second.key_id)
        assert second.encrypt()
        assert error_of(user.re_encrypt, key_id=second.key_id) == THROTTLED
        assert user.re_encrypt()  # within one key store it is one request
        assert error_of(user.encrypt) == THROTTLED


def test_n3_only_what_a_key_store_does_is_counted(noon: Any, user: User, faults: Any) -> None:
    ordinary = user.kms.create_key()["KeyMetadata"]["KeyId"]
    with faults.throttle(1):
        for _ in range(3):
            user.kms.encrypt(KeyId=ordinary, Plaintext=b"text")
            user.kms.generate_random(NumberOfBytes=8)
            user.kms.describe_key(KeyId=user.key_id)
            user.state()
            assert error_of(user.kms.encrypt, KeyId="unknown", Plaintext=b"text")[0] == (
                "NotFoundException"
            )
        assert user.encrypt()


def test_n3_of_nested_quotas_the_innermost_counts(noon: Any, user: User, faults: Any) -> None:
    with faults.throttle(1):
        assert user.encrypt()
        with faults.throttle(2):
            assert in_threads(user.encrypt, 3).count("") == 2
        assert error_of(user.encrypt) == THROTTLED
    assert user.encrypt()


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_n3_a_quota_is_a_number_above_0(faults: Any, rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        faults.throttle(rate)

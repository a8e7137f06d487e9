"""A cluster out of reach: ``cks.faults.unreachable``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import error_of, failure
from tests.kms.user import CONNECTED, User, others

from . import UNREACHABLE


def test_c5_6_an_unreachable_cluster(user: User, faults: Any) -> None:
    with faults.unreachable(user.store.cluster.id):
        assert user.state() == CONNECTED
        for operation in user.operations:
            assert failure(operation) == (*UNREACHABLE, 400)
        assert failure(user.random)[::2] == ("DependencyTimeoutException", 503)
        assert failure(
            user.kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=user.store.id
        ) == ("DependencyTimeoutException", UNREACHABLE[1], 503)
        assert user.kms.describe_key(KeyId=user.key_id)["KeyMetadata"]["KeyState"] == "Enabled"
    assert user.decrypts()  # the key store has been connected all the time
    assert user.random()["Plaintext"]


def test_c5_6_an_unreachable_cluster_cannot_be_connected_to(user: User, faults: Any) -> None:
    with faults.unreachable(user.store.cluster.id):
        assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
        assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    assert user.state() == ("FAILED", "NETWORK_ERRORS")
    assert user.reconnect() == CONNECTED
    assert user.decrypts()


def test_key_material_in_an_unreachable_cluster_is_orphaned(
    user: User, world: Any, faults: Any
) -> None:
    cluster = user.store.cluster
    handles = [key.handle for key in cluster.hsms[0].keys]
    user.kms.schedule_key_deletion(KeyId=user.key_id, PendingWindowInDays=7)
    with faults.unreachable(cluster.id):
        world.clock.advance(days=8)
    assert error_of(user.kms.describe_key, KeyId=user.key_id)[0] == "NotFoundException"
    assert [key.handle for key in cluster.hsms[0].keys] == handles


def test_contexts_of_one_cluster_nest(user: User, faults: Any) -> None:
    with faults.unreachable(user.store.cluster.id):
        with faults.unreachable(user.store.cluster.id):
            assert error_of(user.decrypt) == UNREACHABLE
        assert error_of(user.decrypt) == UNREACHABLE
    assert user.decrypts()


def test_a_context_ends_with_an_exception_too(user: User, faults: Any) -> None:
    with pytest.raises(ZeroDivisionError), faults.unreachable(user.store.cluster.id):
        1 / 0  # noqa: B018
    assert user.decrypts()


def test_other_clusters_are_in_reach(user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    with faults.unreachable(user.store.cluster.id):
        assert all(other.decrypts() for other in bystanders)
        assert [other.reconnect() for other in bystanders] == [CONNECTED] * 3
        with faults.unreachable(bystanders[0].store.cluster.id):
            assert error_of(user.decrypt) == error_of(bystanders[0].decrypt) == UNREACHABLE
        assert bystanders[0].decrypts()

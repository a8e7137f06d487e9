"""What all HSMs of a cluster hold, and what they refuse while their type is being changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    CAPACITIES,
    ClusterSession,
    Condition,
    Hsm,
    HsmCluster,
    KeyTemplate,
    ReturnCode,
    Session,
    Snapshot,
    User,
    UserType,
)
from moto_cks.hsm.condition import Capacity
from moto_cks.hsm.policies import Service
from tests.certificates import Identity

from .conftest import ADMIN_PASSWORD, PASSWORD
from .world import fail_login, kmsuser, names, refused

SMALL = Capacity(keys=3, users=4)


def content(hsm: Hsm) -> Any:
    """What a refused command could have changed."""
    return names(hsm), dict(hsm.keys), [user.copy() for user in hsm.users], hsm.policies


def of_capacity(snapshot: Snapshot, capacity: Capacity) -> HsmCluster:
    cluster = HsmCluster("cluster-1", condition=Condition(capacity))
    cluster.add_hsm("hsm-1", snapshot)
    cluster.add_hsm("hsm-2")
    return cluster


def test_w11_the_documented_numbers() -> None:
    assert {name: (capacity.keys, capacity.users) for name, capacity in CAPACITIES.items()} == {
        "hsm1.medium": (3_300, 250),
        "hsm2m.medium": (16_666, 1_024),
    }


def test_w11_y18_without_a_word_a_cluster_is_of_the_newest_type_and_takes_writes() -> None:
    for condition in (Condition(), HsmCluster("cluster-1").condition, Hsm("hsm-1").condition):
        assert condition.capacity is CAPACITIES["hsm2m.medium"]
        assert condition.limited_writes is False
    assert Capacity(1, 2).slow_before is None


def test_w11_no_key_more_than_it_holds(snapshot: Snapshot) -> None:
    cluster = of_capacity(snapshot, SMALL)
    with ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD) as session:
        handles = [session.generate_key("label", AES_256_TOKEN_KEY) for _ in range(3)]
        before = [content(hsm) for hsm in cluster.hsms.values()]
        with refused(ReturnCode.KEYS_FULL):
            session.generate_key("label", AES_256_TOKEN_KEY)
        assert [content(hsm) for hsm in cluster.hsms.values()] == before
        session.generate_key("label", KeyTemplate(token=False))  # which is in the session
        session.sessions()[0].store_key(session.key(handles[0]))  # in its own place
        session.delete_key(handles[1])
        session.generate_key("label", AES_256_TOKEN_KEY)


def test_w11_no_user_more_than_it_holds(snapshot: Snapshot) -> None:
    cluster = of_capacity(snapshot, SMALL)
    first, second = cluster.hsms.values()
    officer = first.login(UserType.CO, "admin", ADMIN_PASSWORD)
    officer.create_user(UserType.CU, "fourth", PASSWORD)
    with refused(ReturnCode.USERS_FULL):
        officer.create_user(UserType.CU, "fifth", PASSWORD)
    stranger = User(99, UserType.CU, "fifth")
    with refused(ReturnCode.USERS_FULL):
        officer.insert_user(stranger)
    officer.insert_user(officer.extract_user(kmsuser(first).id))  # in the place of the same one
    assert len(first.users) == 4
    assert len(second.users) == 3
    officer.delete_user(UserType.CU, "fourth")
    officer.insert_user(stranger)


@given(st.lists(st.booleans(), max_size=30))
def test_w11_never_more_keys_than_it_holds(makes: list[bool]) -> None:
    condition, keys = Condition(SMALL), {}
    hsm = Hsm("hsm-1", condition=condition)
    hsm.add_user(UserType.CU, "kmsuser", PASSWORD)
    cluster = HsmCluster("cluster-1", condition=condition)
    cluster.hsms["hsm-1"] = hsm
    session = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    for makes_one in makes:
        if not makes_one and keys:
            session.delete_key(keys.popitem()[0])
        elif len(keys) < SMALL.keys:
            keys[session.generate_key("label", AES_256_TOKEN_KEY)] = True
        else:
            with refused(ReturnCode.KEYS_FULL):
                session.generate_key("label", AES_256_TOKEN_KEY)
        assert hsm.keys.keys() == keys.keys()


CHANGES: dict[str, Callable[[Session, Session, int], object]] = {
    "create a user": lambda officer, user, key: officer.create_user(UserType.CU, "bob", PASSWORD),
    "delete a user": lambda officer, user, key: officer.delete_user(UserType.CU, "idle"),
    "change a password": lambda officer, user, key: officer.change_password(
        UserType.CU, "idle", "otherPswd"
    ),
    "change one's own password": lambda officer, user, key: user.change_password(
        UserType.CU, "kmsuser", "otherPswd"
    ),
    "insert a user": lambda officer, user, key: officer.insert_user(
        officer.extract_user(officer.hsm.user(UserType.CU, "idle").id)
    ),
    "delete a key": lambda officer, user, key: user.delete_key(key),
    "change a key": lambda officer, user, key: user.store_key(user.key(key)),
    "insert a key": lambda officer, user, key: user.insert_key(user.key(key)),
    "set a quorum value": lambda officer, user, key: officer.set_quorum_value(Service.USER, 1),
    "register a trust anchor": lambda officer, user, key: officer.register_trust_anchor(
        1, Identity("root").pem
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_y18_limited_writes_refuse_what_would_change_the_hsm(
    cluster: HsmCluster, hsm: Hsm, officer: Session, change: Callable[..., object]
) -> None:
    officer.create_user(UserType.CU, "idle", PASSWORD)
    with ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD) as session:
        key = session.generate_key("label", AES_256_TOKEN_KEY)
    user = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    before = content(hsm)
    cluster.condition.limited_writes = True
    with refused(ReturnCode.LIMITED_WRITES):
        change(officer, user, key)
    assert content(hsm) == before
    cluster.condition.limited_writes = False
    change(officer, user, key)


def test_y18_limited_writes_let_everything_else_go_on(cluster: HsmCluster) -> None:
    with ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD) as session:
        key = session.generate_key("label", AES_256_TOKEN_KEY)
        cluster.condition.limited_writes = True
        with refused(ReturnCode.LIMITED_WRITES):
            session.generate_key("label", AES_256_TOKEN_KEY)
        assert session.decrypt(key, session.encrypt(key, b"card", b""), b"") == b"card"
        assert len(session.random(8)) == 8
        fleeting = session.generate_key("label", KeyTemplate(token=False))
        session.delete_key(fleeting)
    for hsm in cluster.hsms.values():
        fail_login(hsm)  # which is counted
        assert kmsuser(hsm).login_failures == 1
        hsm.login(UserType.CU, "kmsuser", PASSWORD).logout()
    cluster.add_hsm("hsm-3")  # whose users and keys come with it
    assert names(cluster.hsms["hsm-3"]) == names(cluster.hsms["hsm-1"])


def test_y20_an_exchanged_hsm_has_what_the_backup_has(
    cluster: HsmCluster, officer: Session
) -> None:
    session = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    kept = session.generate_key("label", AES_256_TOKEN_KEY)
    backup = cluster.snapshot()
    lost = session.generate_key("label", AES_256_TOKEN_KEY)
    officer.create_user(UserType.CU, "bob", PASSWORD)
    officer.register_trust_anchor(1, Identity("root").pem)
    cluster.exchange_hsm("hsm-1", backup)
    first, second = cluster.hsms.values()
    assert list(first.keys) == [kept]
    assert list(second.keys) == [kept, lost]
    assert ("CU", "bob") not in names(first)
    assert not first.policies.trust_anchors
    assert not officer.open
    assert len(session.sessions()) == 2  # the client has logged in anew
    assert session.generate_key("label", AES_256_TOKEN_KEY) not in (kept, lost)
    with pytest.raises(KeyError):
        cluster.exchange_hsm("hsm-9", backup)


@pytest.mark.parametrize(
    ("hsm_type", "set_at", "slow"),
    [
        ("hsm2m.medium", datetime(2025, 12, 19, 23, tzinfo=timezone.utc), True),
        ("hsm2m.medium", datetime(2025, 12, 20, tzinfo=timezone.utc), False),
        ("hsm1.medium", datetime(2025, 12, 19, tzinfo=timezone.utc), False),
        ("hsm2m.medium", None, False),
    ],
)
def test_w13_logins_with_an_old_password_are_slow(
    hsm_type: str, set_at: datetime | None, slow: bool
) -> None:
    user = User(1, UserType.CU, "kmsuser", password_since=set_at)
    assert CAPACITIES[hsm_type].slow_for(user) is slow

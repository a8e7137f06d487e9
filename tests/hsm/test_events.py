"""What an HSM tells whoever observes it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from moto_cks.hsm import Action, HsmCluster, HsmError, HsmEvent, ReturnCode, UserType

PASSWORD = "password1"


@pytest.fixture
def told() -> list[HsmEvent]:
    return []


@pytest.fixture
def cluster(told: list[HsmEvent]) -> HsmCluster:
    cluster = HsmCluster("cluster-1", observer=told.append)
    cluster.add_hsm("hsm-1")
    return cluster


def test_logins_and_changes_of_users_are_told_in_order(
    cluster: HsmCluster, told: list[HsmEvent]
) -> None:
    hsm = cluster.hsms["hsm-1"]
    preco = hsm.login(UserType.PRECO, "admin", "password")
    preco.change_password(UserType.PRECO, "admin", PASSWORD)
    preco.create_user(UserType.CU, "alice", PASSWORD)
    preco.delete_user(UserType.CU, "alice")
    preco.logout()
    preco.logout()
    assert [
        (event.hsm_id, event.user_type.value, event.user_name, event.action) for event in told
    ] == [
        ("hsm-1", "PRECO", "admin", Action.LOGGED_IN),
        ("hsm-1", "PRECO", "admin", Action.PASSWORD_CHANGED),
        ("hsm-1", "CU", "alice", Action.CREATED),
        ("hsm-1", "CU", "alice", Action.DELETED),
        ("hsm-1", "CO", "admin", Action.LOGGED_OUT),
    ]


def test_p4_a_refused_login_is_told_with_the_count(
    cluster: HsmCluster, told: list[HsmEvent]
) -> None:
    hsm = cluster.hsms["hsm-1"]
    for _ in range(6):
        with pytest.raises(HsmError):
            hsm.login(UserType.PRECO, "admin", "wrong password")
    with pytest.raises(HsmError):
        hsm.login(UserType.CU, "nobody", "wrong password")
    assert [(event.action, event.failures) for event in told] == [
        *[(Action.REFUSED, count) for count in (1, 2, 3, 4, 5, 5)],
        (Action.REFUSED, 0),
    ]
    assert [event.code for event in told[4:]] == [
        ReturnCode.AUTHENTICATION_FAILED,
        ReturnCode.USER_LOCKED_OUT,
        ReturnCode.USER_NOT_FOUND,
    ]
    assert "wrong password" not in repr(told)


def test_what_is_refused_for_another_reason_is_not_told(
    cluster: HsmCluster, told: list[HsmEvent]
) -> None:
    preco = cluster.hsms["hsm-1"].login(UserType.PRECO, "admin", "password")
    told.clear()
    with pytest.raises(HsmError):
        preco.change_password(UserType.PRECO, "admin", "short")
    with pytest.raises(HsmError):
        preco.create_user(UserType.CU, "alice", PASSWORD)  # not activated
    assert told == []


def test_what_happens_is_said_in_words() -> None:
    assert {action.name: action.value for action in Action} == {
        "LOGGED_IN": "logged in",
        "REFUSED": "was refused",
        "LOGGED_OUT": "logged out",
        "CREATED": "was created",
        "DELETED": "was deleted",
        "PASSWORD_CHANGED": "has another password",
    }


def test_an_event_says_no_more_than_there_is_to_say(
    cluster: HsmCluster, told: list[HsmEvent]
) -> None:
    cluster.hsms["hsm-1"].login(UserType.PRECO, "admin", "password")
    event = HsmEvent("hsm-1", UserType.PRECO, "admin", Action.LOGGED_IN)
    assert told == [event]
    assert (event.code, event.failures, event.slow) == (None, 0, False)


def test_w13_a_slow_login_is_told(told: list[HsmEvent]) -> None:
    old = datetime(2025, 12, 19, tzinfo=timezone.utc)
    hsm = HsmCluster("cluster-1", observer=told.append, now=lambda: old).add_hsm("hsm-1")
    hsm.login(UserType.PRECO, "admin", "password").logout()
    with pytest.raises(HsmError):
        hsm.login(UserType.CU, "nobody", "password")
    assert [event.slow for event in told] == [True, True, False]

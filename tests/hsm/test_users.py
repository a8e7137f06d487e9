"""Users of one HSM: names, passwords, failed logins and lockout."""

from __future__ import annotations

import string
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.hsm import (
    Hsm,
    HsmCluster,
    HsmError,
    HsmEvent,
    ReturnCode,
    Session,
    Snapshot,
    User,
    UserType,
)
from moto_cks.hsm.condition import Capacity, Condition
from moto_cks.hsm.user_table import UserTable
from moto_cks.hsm.users import MANAGED_USER_TYPES, new_user
from tests.moments import NOON

from .conftest import ADMIN_PASSWORD, PASSWORD
from .world import Watch, fail_login, kmsuser, names, refused

NAME_CHARACTERS = string.ascii_letters + string.digits + "_"


@given(wrong=st.text(max_size=40).filter(lambda password: password != PASSWORD))
def test_p4_every_login_with_a_wrong_password_counts(wrong: str) -> None:
    hsm = Hsm("hsm-1")
    user = hsm.add_user(UserType.CU, "kmsuser", PASSWORD)
    for count in range(1, 6):
        with refused(ReturnCode.AUTHENTICATION_FAILED):
            hsm.login(UserType.CU, "kmsuser", wrong)
        assert user.login_failures == count
        assert user.locked == (count == 5)


def test_p4_fifth_wrong_password_locks(hsm: Hsm) -> None:
    fail_login(hsm, times=4)
    assert not kmsuser(hsm).locked
    fail_login(hsm)
    assert kmsuser(hsm).locked
    with refused(ReturnCode.USER_LOCKED_OUT):
        hsm.login(UserType.CU, "kmsuser", PASSWORD)


def test_p4_a_locked_user_counts_no_more(hsm: Hsm) -> None:
    fail_login(hsm, times=5)
    with refused(ReturnCode.USER_LOCKED_OUT):
        hsm.login(UserType.CU, "kmsuser", "wrongPswd")
    assert kmsuser(hsm).login_failures == 5


def test_p4_a_user_is_locked_on_that_hsm_alone(cluster, hsm: Hsm) -> None:
    fail_login(hsm, times=5)
    other = cluster.hsms["hsm-2"]
    assert kmsuser(other).login_failures == 0
    assert other.login(UserType.CU, "kmsuser", PASSWORD).open


def test_p4_a_good_login_clears_the_count(hsm: Hsm) -> None:
    fail_login(hsm, times=4)
    hsm.login(UserType.CU, "kmsuser", PASSWORD)
    assert kmsuser(hsm).login_failures == 0
    fail_login(hsm, times=4)
    assert not kmsuser(hsm).locked


def test_p4_change_password_by_an_officer_unlocks_and_clears(hsm: Hsm, officer: Session) -> None:
    fail_login(hsm, times=5)
    officer.change_password(UserType.CU, "kmsuser", "tempPassword")
    assert (kmsuser(hsm).login_failures, kmsuser(hsm).locked) == (0, False)
    assert hsm.login(UserType.CU, "kmsuser", "tempPassword").open


def test_p4_an_officer_can_be_locked_too(hsm: Hsm) -> None:
    fail_login(hsm, times=5, user_type=UserType.CO)
    with refused(ReturnCode.USER_LOCKED_OUT):
        hsm.login(UserType.CO, "admin", ADMIN_PASSWORD)


def test_p4_a_refused_password_unlocks_nobody(hsm: Hsm, officer: Session) -> None:
    fail_login(hsm, times=5)
    with refused(ReturnCode.INVALID_PASSWORD):
        officer.change_password(UserType.CU, "kmsuser", "short")
    assert kmsuser(hsm).locked


@given(st.lists(st.sampled_from(["good", "wrong", "change"]), max_size=30))
def test_p4_in_any_order(events: list[str]) -> None:
    hsm = Hsm("hsm-1")
    user = hsm.add_user(UserType.CU, "kmsuser", PASSWORD)
    failures = 0
    for event in events:
        if event == "change":
            user.set_password(PASSWORD)
            failures = 0
            continue
        try:
            hsm.login(UserType.CU, "kmsuser", PASSWORD if event == "good" else "wrongPswd")
            outcome: ReturnCode | None = None
        except HsmError as error:
            outcome = error.code
        if failures == 5:
            assert outcome is ReturnCode.USER_LOCKED_OUT
        elif event == "good":
            assert outcome is None
            failures = 0
        else:
            assert outcome is ReturnCode.AUTHENTICATION_FAILED
            failures += 1
        assert user.login_failures == failures


def test_a_login_of_an_unknown_user(hsm: Hsm) -> None:
    with refused(ReturnCode.USER_NOT_FOUND):
        hsm.login(UserType.CU, "nobody", PASSWORD)
    with refused(ReturnCode.USER_NOT_FOUND):
        hsm.login(UserType.CO, "kmsuser", PASSWORD)


@given(st.text(max_size=40))
def test_p6_a_password_has_7_to_32_characters(password: str) -> None:
    hsm = Hsm("hsm-1")
    if 7 <= len(password) <= 32:
        hsm.add_user(UserType.CU, "user", password)
        assert hsm.login(UserType.CU, "user", password).open
    else:
        with refused(ReturnCode.INVALID_PASSWORD):
            hsm.add_user(UserType.CU, "user", password)
        assert ("CU", "user") not in names(hsm)


@pytest.mark.parametrize("length", [6, 33])
def test_p6_the_lengths_next_to_the_bounds_are_refused(officer: Session, length: int) -> None:
    with refused(ReturnCode.INVALID_PASSWORD):
        officer.create_user(UserType.CU, "user", "x" * length)


@pytest.mark.parametrize("length", [7, 32])
def test_p6_the_bounds_are_accepted(officer: Session, length: int) -> None:
    officer.create_user(UserType.CU, "user", "x" * length)
    assert officer.hsm.login(UserType.CU, "user", "x" * length).open


def test_p6_a_password_is_case_sensitive(hsm: Hsm) -> None:
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        hsm.login(UserType.CU, "kmsuser", PASSWORD.swapcase())


def test_p6_a_second_factor_cannot_be_left_out(hsm: Hsm, officer: Session) -> None:
    user = officer.create_user(UserType.CU, "careful", PASSWORD, two_factor=True)
    with refused(ReturnCode.SECOND_FACTOR_REQUIRED):
        hsm.login(UserType.CU, "careful", PASSWORD)
    assert user.login_failures == 0
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        hsm.login(UserType.CU, "careful", "wrongPswd")
    assert user.login_failures == 1


def test_a_new_password_replaces_the_old_one(hsm: Hsm, officer: Session) -> None:
    officer.change_password(UserType.CU, "kmsuser", "tempPassword")
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        hsm.login(UserType.CU, "kmsuser", PASSWORD)


@given(st.text(NAME_CHARACTERS, min_size=1, max_size=31))
def test_user_names(name: str) -> None:
    hsm = Hsm("hsm-1")
    hsm.add_user(UserType.CU, name, PASSWORD)
    assert hsm.user(UserType.CU, name).name == name


@pytest.mark.parametrize("name", ["", "x" * 32, "two words", "käse", "name\n", "a-b", "a.b"])
def test_names_that_no_user_can_have(hsm: Hsm, name: str) -> None:
    before = names(hsm)
    with refused(ReturnCode.INVALID_USER_NAME):
        hsm.add_user(UserType.CU, name, PASSWORD)
    assert names(hsm) == before


def test_the_same_name_twice(officer: Session) -> None:
    with refused(ReturnCode.USER_EXISTS):
        officer.create_user(UserType.CU, "kmsuser", "otherPswd")
    assert officer.hsm.login(UserType.CU, "kmsuser", PASSWORD).open


def test_users_of_two_types_may_share_a_name(hsm: Hsm, officer: Session) -> None:
    officer.create_user(UserType.CO, "kmsuser", "officerPswd")
    assert hsm.login(UserType.CO, "kmsuser", "officerPswd").user.type is UserType.CO
    assert hsm.login(UserType.CU, "kmsuser", PASSWORD).user.type is UserType.CU


def test_user_ids_are_given_once(officer: Session) -> None:
    first = officer.create_user(UserType.CU, "first", PASSWORD)
    officer.delete_user(UserType.CU, "first")
    second = officer.create_user(UserType.CU, "second", PASSWORD)
    assert second.id > first.id
    ids = [user.id for user in officer.hsm.users]
    assert len(set(ids)) == len(ids)


def test_a_copy_of_a_user_stays_apart(hsm: Hsm, officer: Session) -> None:
    before = kmsuser(hsm).copy()
    officer.change_password(UserType.CU, "kmsuser", "tempPassword")
    fail_login(hsm)
    assert before.login_failures == 0
    assert before.has_password(PASSWORD)
    assert not before.has_password("tempPassword")


@given(st.text(NAME_CHARACTERS, min_size=11, max_size=31))
def test_p7_no_password_in_the_repr_of_a_user(rest: str) -> None:
    password = f"#{rest}"  # which is in no name of an attribute
    hsm = Hsm("hsm-1")
    user = hsm.add_user(UserType.CU, "kmsuser", password)
    session = hsm.login(UserType.CU, "kmsuser", password)
    with pytest.raises(HsmError) as caught:
        hsm.login(UserType.CU, "kmsuser", password + "x")
    shown = [user, session, hsm, hsm.users, vars(hsm), caught.value, caught.value.args]
    assert all(password not in form(item) for item in shown for form in (repr, str))


# What is kept of passwords ------------------------------------------------------------------------

FIRST, SECOND = NOON, NOON + timedelta(days=1)


@pytest.fixture
def clocked(snapshot: Snapshot, watch: Watch) -> HsmCluster:
    """A cluster with two HSMs and a clock."""
    cluster = HsmCluster("cluster-1", now=watch)
    cluster.add_hsm("hsm-1", snapshot)
    cluster.add_hsm("hsm-2")
    return cluster


def test_when_and_by_whom_a_password_was_set(clocked: HsmCluster, watch: Watch) -> None:
    hsm = clocked.hsms["hsm-1"]
    officer = hsm.login(UserType.CO, "admin", ADMIN_PASSWORD)
    alice = officer.create_user(UserType.CU, "alice", PASSWORD)
    assert (alice.password_since, alice.password_set_by) == (FIRST, "CO admin")
    watch.time = SECOND
    session = hsm.login(UserType.CU, "alice", PASSWORD)
    session.change_password(UserType.CU, "alice", "anotherPswd")
    session.logout()
    assert (alice.password_since, alice.password_set_by) == (SECOND, "CU alice")
    with refused(ReturnCode.INVALID_PASSWORD):
        officer.change_password(UserType.CU, "alice", "short")
    assert alice.password_set_by == "CU alice"
    officer.change_password(UserType.CU, "alice", PASSWORD)
    assert alice.password_set_by == "CO admin"


def test_backups_new_hsms_and_transfers_carry_that_along(clocked: HsmCluster) -> None:
    first, second = clocked.hsms.values()
    officer = first.login(UserType.CO, "admin", ADMIN_PASSWORD)
    alice = officer.create_user(UserType.CU, "alice", PASSWORD)
    third = clocked.add_hsm("hsm-3")
    second.login(UserType.CO, "admin", ADMIN_PASSWORD).insert_user(officer.extract_user(alice.id))
    restored = HsmCluster("cluster-2").add_hsm("hsm-4", clocked.snapshot("hsm-1"))
    for hsm in (second, third, restored):
        copy = hsm.user(UserType.CU, "alice")
        assert (copy.password_since, copy.password_set_by) == (FIRST, "CO admin")


def test_p4_when_the_last_wrong_password_came(clocked: HsmCluster, watch: Watch) -> None:
    hsm = clocked.hsms["hsm-1"]
    assert kmsuser(hsm).last_failure is None
    fail_login(hsm)
    watch.time = SECOND
    fail_login(hsm)
    assert kmsuser(hsm).last_failure == SECOND
    hsm.login(UserType.CU, "kmsuser", PASSWORD)
    assert kmsuser(hsm).last_failure is None
    fail_login(hsm)
    officer = hsm.login(UserType.CO, "admin", ADMIN_PASSWORD)
    with refused(ReturnCode.USER_LOGGED_IN):
        officer.change_password(UserType.CU, "kmsuser", "anotherPswd")
    assert kmsuser(hsm).last_failure == SECOND


def test_an_hsm_without_a_clock_does_not_know_when(officer: Session, hsm: Hsm) -> None:
    alice = officer.create_user(UserType.CU, "alice", PASSWORD)
    assert (alice.password_since, alice.password_set_by) == (None, "CO admin")
    fail_login(hsm)
    assert kmsuser(hsm).last_failure is None


# What there is against a login --------------------------------------------------------------------


def against(hsm: Hsm, password: str = PASSWORD, **how: Any) -> list[ReturnCode]:
    return list(hsm.refusals(UserType.CU, "kmsuser", password, **how))


def test_p4_what_there_is_against_a_login_is_asked_without_counting(hsm: Hsm) -> None:
    told: list[HsmEvent] = []
    hsm._observer = told.append
    for _ in range(10):
        assert against(hsm) == []
        assert against(hsm, "wrongPswd") == [ReturnCode.AUTHENTICATION_FAILED]
        assert hsm.refusal(UserType.CU, "kmsuser", PASSWORD) is None
        assert hsm.refusal(UserType.CU, "nobody", PASSWORD) is ReturnCode.USER_NOT_FOUND
    assert kmsuser(hsm).login_failures == 0
    assert told == []
    hsm.login(UserType.CU, "kmsuser", PASSWORD)


def test_all_that_there_is_in_the_order_in_which_it_is_refused(hsm: Hsm, user: Session) -> None:
    kmsuser(hsm).two_factor = True
    fail_login(hsm, times=5)
    assert against(hsm, "wrongPswd", exclusive=True) == [
        ReturnCode.USER_LOGGED_IN,
        ReturnCode.USER_LOCKED_OUT,
        ReturnCode.AUTHENTICATION_FAILED,
        ReturnCode.SECOND_FACTOR_REQUIRED,
    ]
    with refused(ReturnCode.USER_LOGGED_IN):
        hsm.login(UserType.CU, "kmsuser", "wrongPswd", exclusive=True)
    user.logout()
    with refused(ReturnCode.USER_LOCKED_OUT):
        hsm.login(UserType.CU, "kmsuser", "wrongPswd", exclusive=True)
    kmsuser(hsm).clear_failures()
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        hsm.login(UserType.CU, "kmsuser", "wrongPswd", exclusive=True)
    with refused(ReturnCode.SECOND_FACTOR_REQUIRED):
        hsm.login(UserType.CU, "kmsuser", PASSWORD, exclusive=True)


def test_sessions_that_will_have_ended_do_not_count(hsm: Hsm) -> None:
    mine = hsm.login(UserType.CU, "kmsuser", PASSWORD, exclusive=True)
    assert against(hsm) == [ReturnCode.USER_LOGGED_IN]
    assert against(hsm, exclusive=True) == [ReturnCode.USER_LOGGED_IN]
    for exclusive in (False, True):
        assert against(hsm, exclusive=exclusive, without=[mine]) == []


# A user by itself -------------------------------------------------------------------------------


def test_a_user_that_nobody_has_touched() -> None:
    for user in (
        User(7, UserType.CU, "alice"),
        new_user(7, UserType.CU, "alice", PASSWORD),
    ):
        assert (user.id, user.type, user.name, user.title) == (7, UserType.CU, "alice", "CU alice")
        assert (user.login_failures, user.last_failure, user.locked) == (0, None, False)
        assert (user.password_since, user.password_set_by, user.two_factor) == (None, "", False)
        assert user.quorum_key == ""
    assert repr(User(7, UserType.CO, "alice")) == (
        "User(id=7, type=<UserType.CO: 'CO'>, name='alice', login_failures=0, two_factor=False, "
        "last_failure=None, password_since=None, password_set_by='')"
    )
    assert not User(7, UserType.CU, "alice").has_password("")


def test_a_password_says_by_whom_and_when_it_was_set() -> None:
    user = new_user(7, UserType.CU, "alice", PASSWORD, "CO admin", FIRST)
    assert (user.password_since, user.password_set_by) == (FIRST, "CO admin")
    user.set_password("otherPswd")
    assert (user.password_since, user.password_set_by) == (None, "")
    user.set_password(PASSWORD, by="CO bob", at=SECOND)
    assert (user.password_since, user.password_set_by) == (SECOND, "CO bob")


def test_two_users_with_one_password_show_no_likeness() -> None:
    first, second = (new_user(7, UserType.CU, "alice", PASSWORD) for _ in range(2))
    assert first != second
    assert first.has_password(PASSWORD)
    assert second.has_password(PASSWORD)


# All users of an HSM ------------------------------------------------------------------------------


def table(users: int = 9) -> UserTable:
    return UserTable(Condition(Capacity(keys=1, users=users)))


def test_users_are_found_by_type_name_and_number() -> None:
    users = table()
    alice = users.add(UserType.CU, "Alice", PASSWORD, "CO admin", FIRST)
    officer = users.add(UserType.CO, "alice", PASSWORD, "", None)
    assert (list(users), len(users), users.next_id) == ([alice, officer], 2, 3)
    assert (alice.id, alice.name, alice.password_set_by, alice.password_since) == (
        1,
        "Alice",
        "CO admin",
        FIRST,
    )
    for name in ("alice", "ALICE"):
        assert users.find(UserType.CU, name) is users.get(UserType.CU, name) is alice
        assert users.find(UserType.AU, name) is None
        with refused(ReturnCode.USER_NOT_FOUND):
            users.get(UserType.AU, name)
    assert (users.by_id(1), users.by_id(2)) == (alice, officer)
    for number in (0, 3):
        with refused(ReturnCode.USER_NOT_FOUND):
            users.by_id(number)
    with refused(ReturnCode.USER_EXISTS):
        users.add(UserType.CU, "aLICE", PASSWORD, "", None)
    with refused(ReturnCode.INVALID_PASSWORD):
        users.add(UserType.CU, "bob", "short", "", None)
    assert users.next_id == 3
    users.remove(alice)
    assert list(users) == [officer]


def test_h5_a_user_of_another_hsm_keeps_its_number_where_it_is_free() -> None:
    users = table(users=4)
    here = users.add(UserType.CU, "here", PASSWORD, "", None)
    users.put(User(1, UserType.CU, "second"))  # whose number is taken
    users.put(User(7, UserType.CU, "third"))
    users.put(User(4, UserType.CU, "fourth"))
    assert {user.name: user.id for user in users} == {
        "here": 1,
        "second": 2,
        "third": 7,
        "fourth": 4,
    }
    assert users.next_id == 8
    with refused(ReturnCode.USERS_FULL):
        users.put(User(9, UserType.CU, "fifth"))
    again = User(9, UserType.CU, "HERE", quorum_key="key")
    users.put(again)
    (first, *_) = users
    assert (first.id, first.quorum_key, again.id) == (1, "key", 9)
    assert first is not here
    assert users.next_id == 8


def test_h4_the_first_officer_comes_first() -> None:
    users = table()
    for user_type, name in ((UserType.AU, "app_user"), (UserType.PRECO, "Admin")):
        users.add(user_type, name, PASSWORD, "", None)
    officer = users.get(UserType.PRECO, "admin")
    users.promote(officer)
    assert [(user.type, user.name) for user in users] == [
        (UserType.CO, "Admin"),
        (UserType.AU, "app_user"),
    ]
    assert users.find(UserType.PRECO, "admin") is None
    assert users.get(UserType.CO, "ADMIN") is officer
    again = table()
    again.load(users, 17)
    assert again.get(UserType.CO, "admin") == officer
    assert again.get(UserType.CO, "admin") is not officer
    assert again.next_id == 17


def test_the_types_of_users() -> None:
    assert [one.value for one in UserType] == ["PRECO", "CO", "CU", "AU"]
    assert MANAGED_USER_TYPES == (UserType.CO, UserType.CU)

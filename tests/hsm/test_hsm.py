"""One HSM: who may do what, logins and sessions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    Hsm,
    HsmCluster,
    KeyObject,
    KeyTemplate,
    ReturnCode,
    Session,
    UserType,
)

from .conftest import ADMIN_PASSWORD, PASSWORD
from .world import fail_login, kmsuser, names, refused


@pytest.fixture
def key(cluster: HsmCluster) -> KeyObject:
    """A key of kmsuser, who is logged in nowhere."""
    with ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD) as session:
        return session.key(session.generate_key("label", AES_256_TOKEN_KEY))


# The precrypto officer --------------------------------------------------------------------------


def test_a_new_hsm_has_a_precrypto_officer_and_an_appliance_user() -> None:
    assert names(Hsm("hsm-1")) == [("PRECO", "admin"), ("AU", "app_user")]


def test_h4_the_precrypto_officer_becomes_a_crypto_officer_with_a_password() -> None:
    promotions: list[str] = []
    hsm = Hsm("hsm-1", lambda: promotions.append("promoted"))
    session = hsm.login(UserType.PRECO, "admin", "password")
    session.change_password(UserType.PRECO, "admin", ADMIN_PASSWORD)
    assert names(hsm) == [("CO", "admin"), ("AU", "app_user")]
    assert promotions == ["promoted"]
    assert hsm.login(UserType.CO, "admin", ADMIN_PASSWORD).open
    with refused(ReturnCode.USER_NOT_FOUND):
        hsm.login(UserType.PRECO, "admin", "password")
    session.create_user(UserType.CU, "user", PASSWORD)  # the same session, in the new role
    assert ("CU", "user") in names(hsm)


def test_h4_a_refused_password_promotes_nobody() -> None:
    hsm = Hsm("hsm-1")
    session = hsm.login(UserType.PRECO, "admin", "password")
    with refused(ReturnCode.INVALID_PASSWORD):
        session.change_password(UserType.PRECO, "admin", "short")
    assert names(hsm)[0] == ("PRECO", "admin")


def test_the_precrypto_officer_can_do_nothing_else() -> None:
    session = Hsm("hsm-1").login(UserType.PRECO, "admin", "password")
    with refused(ReturnCode.NOT_PERMITTED):
        session.create_user(UserType.CU, "user", PASSWORD)
    with refused(ReturnCode.NOT_PERMITTED):
        session.delete_user(UserType.AU, "app_user")
    with refused(ReturnCode.NOT_PERMITTED):
        session.change_password(UserType.AU, "app_user", PASSWORD)
    with refused(ReturnCode.NOT_PERMITTED):
        session.find_keys()


def test_without_an_officer_there_is_no_officer_session() -> None:
    with refused(ReturnCode.USER_NOT_FOUND):
        Hsm("hsm-1").officer_session()


def test_an_officer_session_counts_for_no_login(hsm: Hsm) -> None:
    session = hsm.officer_session()
    assert session.user.type is UserType.CO
    assert list(hsm.sessions_of(session.user)) == []


# Crypto officers and crypto users ---------------------------------------------------------------


def test_an_officer_manages_users(hsm: Hsm, officer: Session) -> None:
    officer.create_user(UserType.CO, "officer2", PASSWORD)
    officer.create_user(UserType.CU, "user2", PASSWORD)
    officer.change_password(UserType.CO, "officer2", "tempPassword")
    officer.change_password(UserType.CO, "admin", "tempPassword")
    officer.delete_user(UserType.CU, "user2")
    assert ("CU", "user2") not in names(hsm)
    assert hsm.login(UserType.CO, "officer2", "tempPassword").open
    assert hsm.login(UserType.CO, "admin", "tempPassword").open


@pytest.mark.parametrize("user_type", [UserType.PRECO, UserType.AU])
def test_an_officer_makes_and_deletes_officers_and_users_alone(
    officer: Session, user_type: UserType
) -> None:
    with refused(ReturnCode.INVALID_USER_TYPE):
        officer.create_user(user_type, "user", PASSWORD)
    with refused(ReturnCode.INVALID_USER_TYPE):
        officer.delete_user(user_type, "app_user")


def test_an_officer_uses_no_keys(officer: Session, key: KeyObject) -> None:
    with refused(ReturnCode.NOT_PERMITTED):
        officer.find_keys()
    with refused(ReturnCode.NOT_PERMITTED):
        officer.key(key.handle)
    with refused(ReturnCode.NOT_PERMITTED):
        officer.delete_key(key.handle)
    with refused(ReturnCode.NOT_PERMITTED):
        officer.store_key(key)


def test_a_user_manages_no_users(user: Session) -> None:
    with refused(ReturnCode.NOT_PERMITTED):
        user.create_user(UserType.CU, "user2", PASSWORD)
    with refused(ReturnCode.NOT_PERMITTED):
        user.delete_user(UserType.CU, "kmsuser")
    with refused(ReturnCode.NOT_PERMITTED):
        user.change_password(UserType.CO, "admin", "tempPassword")
    assert user.hsm.login(UserType.CO, "admin", ADMIN_PASSWORD).open


def test_a_user_changes_its_own_password(hsm: Hsm, user: Session) -> None:
    user.change_password(UserType.CU, "kmsuser", "tempPassword")
    assert hsm.login(UserType.CU, "kmsuser", "tempPassword").open


def test_a_user_who_is_not_there(officer: Session) -> None:
    with refused(ReturnCode.USER_NOT_FOUND):
        officer.change_password(UserType.CU, "nobody", PASSWORD)
    with refused(ReturnCode.USER_NOT_FOUND):
        officer.delete_user(UserType.CU, "nobody")


def test_a_user_who_is_logged_in_is_not_deleted(officer: Session, user: Session) -> None:
    with refused(ReturnCode.USER_LOGGED_IN):
        officer.delete_user(UserType.CU, "kmsuser")
    user.logout()
    officer.delete_user(UserType.CU, "kmsuser")
    assert ("CU", "kmsuser") not in names(officer.hsm)


def test_a_user_who_owns_keys_is_not_deleted(officer: Session, key: KeyObject) -> None:
    with refused(ReturnCode.USER_OWNS_KEYS):
        officer.delete_user(UserType.CU, "kmsuser")
    officer.hsm.destroy_key(key.handle)
    officer.delete_user(UserType.CU, "kmsuser")
    assert ("CU", "kmsuser") not in names(officer.hsm)


def test_keys_belong_to_their_owner(hsm: Hsm, officer: Session, key: KeyObject) -> None:
    officer.create_user(UserType.CU, "user2", PASSWORD)
    other = hsm.login(UserType.CU, "user2", PASSWORD)
    assert other.find_keys() == []
    with refused(ReturnCode.KEY_NOT_FOUND):
        other.key(key.handle)
    with refused(ReturnCode.KEY_NOT_OWNED):
        other.delete_key(key.handle)
    with refused(ReturnCode.KEY_NOT_OWNED):
        other.store_key(key)
    assert key.handle in hsm.keys


def test_f3_a_key_that_is_deleted_is_gone(hsm: Hsm, user: Session, key: KeyObject) -> None:
    assert user.find_keys("label") == [key.handle]
    user.delete_key(key.handle)
    assert user.find_keys() == []
    with refused(ReturnCode.KEY_NOT_FOUND):
        user.key(key.handle)
    with refused(ReturnCode.KEY_NOT_FOUND):
        user.delete_key(key.handle)
    assert not hsm.destroy_key(key.handle)


# Exclusive logins: how KMS logs in as kmsuser ---------------------------------------------------


def log_in_exclusively(hsm: Hsm) -> Session:
    return hsm.login(UserType.CU, "kmsuser", PASSWORD, exclusive=True)


def test_p2_while_kms_is_logged_in_nobody_else_is(hsm: Hsm) -> None:
    kms = log_in_exclusively(hsm)
    with refused(ReturnCode.USER_LOGGED_IN):
        hsm.login(UserType.CU, "kmsuser", PASSWORD)
    with refused(ReturnCode.USER_LOGGED_IN):
        log_in_exclusively(hsm)
    kms.logout()
    assert hsm.login(UserType.CU, "kmsuser", PASSWORD).open


def test_p2_while_kms_is_logged_in_nobody_else_changes_the_password(
    hsm: Hsm, officer: Session
) -> None:
    kms = log_in_exclusively(hsm)
    with refused(ReturnCode.USER_LOGGED_IN):
        officer.change_password(UserType.CU, "kmsuser", "tempPassword")
    kms.logout()
    assert hsm.login(UserType.CU, "kmsuser", PASSWORD).open


def test_p1_kms_changes_the_password_itself(hsm: Hsm) -> None:
    kms = log_in_exclusively(hsm)
    kms.change_password(UserType.CU, "kmsuser", "onlyKmsKnows")
    kms.logout()
    assert hsm.login(UserType.CU, "kmsuser", "onlyKmsKnows").open


def test_p2_wrong_passwords_count_while_kms_is_logged_in(hsm: Hsm) -> None:
    log_in_exclusively(hsm)
    fail_login(hsm, times=5)
    assert kmsuser(hsm).locked
    with refused(ReturnCode.USER_LOCKED_OUT):
        hsm.login(UserType.CU, "kmsuser", PASSWORD)


def test_p2_kms_keeps_nobody_else_out(hsm: Hsm, officer: Session) -> None:
    officer.create_user(UserType.CU, "user2", PASSWORD)
    log_in_exclusively(hsm)
    hsm.login(UserType.CU, "user2", PASSWORD).logout()
    officer.change_password(UserType.CU, "user2", "tempPassword")
    assert hsm.login(UserType.CU, "user2", "tempPassword").open


def test_c5_9_kms_does_not_log_in_beside_a_tool(hsm: Hsm, user: Session) -> None:
    with refused(ReturnCode.USER_LOGGED_IN):
        log_in_exclusively(hsm)
    assert kmsuser(hsm).login_failures == 0
    user.logout()
    assert log_in_exclusively(hsm).open


def test_tools_log_in_beside_each_other(hsm: Hsm, user: Session) -> None:
    second = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    assert list(hsm.sessions_of(kmsuser(hsm))) == [user, second]


# Sessions ---------------------------------------------------------------------------------------

COMMANDS: dict[str, Callable[[Session], object]] = {
    "create_user": lambda s: s.create_user(UserType.CU, "user2", PASSWORD),
    "delete_user": lambda s: s.delete_user(UserType.CU, "kmsuser"),
    "change_password": lambda s: s.change_password(UserType.CU, "kmsuser", PASSWORD),
    "store_key": lambda s: s.store_key(KeyObject(1, "l", "kmsuser", AES_256_TOKEN_KEY, b"")),
    "find_keys": lambda s: s.find_keys(),
    "key": lambda s: s.key(1),
    "delete_key": lambda s: s.delete_key(1),
    "random": lambda s: s.random(1),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("who", ["officer", "user"])
def test_a_closed_session_can_do_nothing(
    request: pytest.FixtureRequest, who: str, command: str
) -> None:
    session: Session = request.getfixturevalue(who)
    session.logout()
    before = names(session.hsm)
    with refused(ReturnCode.NOT_LOGGED_IN):
        COMMANDS[command](session)
    assert names(session.hsm) == before


def test_logging_out_twice_does_nothing(hsm: Hsm, user: Session) -> None:
    other = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    user.logout()
    user.logout()
    assert (user.open, other.open) == (False, True)
    assert list(hsm.sessions_of(kmsuser(hsm))) == [other]


def test_an_hsm_that_is_taken_out_ends_its_sessions(
    cluster: HsmCluster, user: Session, officer: Session
) -> None:
    cluster.remove_hsm("hsm-1")
    assert (user.open, officer.open) == (False, False)


def test_k7_random_bytes(user: Session, officer: Session) -> None:
    assert len(user.random(32)) == 32
    assert user.random(32) != user.random(32)
    assert len(officer.random(16)) == 16


def test_p7_no_password_in_what_an_hsm_shows(hsm: Hsm, user: Session) -> None:
    shown = f"{hsm!r} {hsm} {user!r} {user} {hsm.users!r}"
    assert "kmsuser" in shown
    assert PASSWORD not in shown
    assert ADMIN_PASSWORD not in shown


def test_hsms_and_sessions_say_what_they_are(hsm: Hsm, user: Session, key: KeyObject) -> None:
    assert repr(hsm) == "<Hsm hsm-1: 3 users, 1 keys>"
    assert repr(user) == "<Session of CU kmsuser on hsm-1: open>"
    user.logout()
    assert repr(user) == "<Session of CU kmsuser on hsm-1: closed>"


# What is left out, and what comes of it ---------------------------------------------------------


def test_a_login_shares_its_user_unless_it_says_otherwise(hsm: Hsm) -> None:
    session = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    assert session.exclusive is False
    assert hsm.officer_session().exclusive is False
    assert (session.voucher, session.approvals, session.for_all) == (None, [], False)
    assert hsm.refusal(UserType.CU, "kmsuser", PASSWORD) is None
    assert hsm.refusal(UserType.CU, "kmsuser", PASSWORD, exclusive=True) is (
        ReturnCode.USER_LOGGED_IN
    )


def test_sessions_have_ids_of_their_own(hsm: Hsm) -> None:
    first, second = (hsm.login(UserType.CU, "kmsuser", PASSWORD) for _ in range(2))
    assert first.id.startswith("session-")
    assert first.id != second.id
    assert hsm.sessions == [first, second]


def test_a_user_is_made_by_nobody_and_without_a_second_factor(hsm: Hsm) -> None:
    user = hsm.add_user(UserType.CU, "alice", PASSWORD)
    assert (user.two_factor, user.password_set_by) == (False, "")
    other = hsm.add_user(UserType.CU, "bob", PASSWORD, two_factor=True, by="CO admin")
    assert (other.two_factor, other.password_set_by) == (True, "CO admin")
    assert (user.id, other.id, hsm.next_user_id) == (4, 5, 6)
    assert hsm.user_by_id(4) is user


def test_p6_a_session_makes_users_with_or_without_a_second_factor(
    hsm: Hsm, officer: Session
) -> None:
    assert not officer.create_user(UserType.CU, "alice", PASSWORD).two_factor
    assert officer.create_user(UserType.CO, "bob", PASSWORD, two_factor=True).two_factor


def test_p6_who_needs_no_second_factor_any_more(hsm: Hsm, officer: Session) -> None:
    for user_type in (UserType.CO, UserType.CU):
        officer.create_user(user_type, "alice", PASSWORD, two_factor=True)
        officer.change_password(user_type, "alice", "otherPswd")
    assert not hsm.user(UserType.CO, "alice").two_factor
    assert hsm.user(UserType.CU, "alice").two_factor
    with refused(ReturnCode.INVALID_PASSWORD):
        officer.deregister_second_factor(UserType.CU, "alice", "short")
    assert hsm.user(UserType.CU, "alice").two_factor
    officer.deregister_second_factor(UserType.CU, "alice", "thirdPswd")
    assert hsm.login(UserType.CU, "alice", "thirdPswd").open


def test_a_key_is_owned_by_a_crypto_user_and_not_by_an_officer_of_that_name(
    officer: Session, key: KeyObject
) -> None:
    officer.create_user(UserType.CO, "kmsuser", PASSWORD)
    officer.create_user(UserType.CU, "alice", PASSWORD)
    officer.delete_user(UserType.CO, "kmsuser")
    officer.delete_user(UserType.CU, "alice")
    assert names(officer.hsm) == [("CO", "admin"), ("AU", "app_user"), ("CU", "kmsuser")]


def test_whose_keys_an_officer_and_the_appliance_user_see(
    hsm: Hsm, officer: Session, key: KeyObject
) -> None:
    hsm.user(UserType.AU, "app_user").set_password(PASSWORD)
    appliance = hsm.login(UserType.AU, "app_user", PASSWORD)
    officer.create_user(UserType.CO, "kmsuser", PASSWORD)
    officer.create_user(UserType.CU, "alice", PASSWORD)
    for session in (officer, appliance):
        assert session.keys_of(0) == [key]
        seen = {user.title: session.keys_of(user.id) for user in hsm.users}
        assert seen.pop("CU kmsuser") == [key]
        assert seen == {
            title: [] for title in ("CO admin", "AU app_user", "CO kmsuser", "CU alice")
        }
        with refused(ReturnCode.USER_NOT_FOUND):
            session.keys_of(99)


def test_a_session_s_own_keys_come_first(hsm: Hsm, user: Session, key: KeyObject) -> None:
    fleeting = dataclasses.replace(key, label="mine", template=KeyTemplate(token=False))
    user.store_key(fleeting)
    assert user.key(key.handle) is user.own_key(key.handle) is fleeting
    assert user.find_keys("mine") == [key.handle]
    user.delete_key(key.handle)
    assert user.key(key.handle) is user.own_key(key.handle) is key
    user.store_key(fleeting)
    user.store_key(key)  # a token key again
    assert user.key(key.handle) is key
    user.store_key(fleeting)
    user.logout()
    assert user.holds(key.handle)
    other = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    assert other.find_keys("mine") == []
    with refused(ReturnCode.KEY_NOT_FOUND):
        other.own_key(1)


def test_what_is_loaded_stays_apart_from_where_it_comes_from(hsm: Hsm, key: KeyObject) -> None:
    other = Hsm("hsm-9")
    keys = dict(hsm.keys)
    other.load(tuple(hsm.users), keys, 17)
    keys.clear()
    assert other.keys == {key.handle: key}
    assert names(other) == names(hsm)
    assert other.next_user_id == 17
    kmsuser(other).count_failure(None)
    assert kmsuser(hsm).login_failures == 0

"""What goes from one HSM to another, session keys and shared keys."""

from __future__ import annotations

import dataclasses

import pytest

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    Hsm,
    HsmCluster,
    KeyTemplate,
    LoginRefused,
    ReturnCode,
    Session,
    UserType,
)
from tests.hsm.conftest import ADMIN_PASSWORD, PASSWORD
from tests.hsm.world import fail_login, kmsuser, names, refused

SESSION_KEY = KeyTemplate(token=False)


@pytest.fixture
def officers(cluster: HsmCluster) -> list[Session]:
    return [hsm.login(UserType.CO, "admin", ADMIN_PASSWORD) for hsm in cluster.hsms.values()]


# Users ------------------------------------------------------------------------------------------


def test_h5_a_user_goes_to_another_hsm_with_its_password(officers: list[Session]) -> None:
    source, destination = officers
    source.create_user(UserType.CU, "user2", "user2Pswd")
    destination.insert_user(source.extract_user(4))
    copy = destination.hsm.user_by_id(4)
    assert (copy.name, copy.has_password("user2Pswd")) == ("user2", True)
    source.change_password(UserType.CU, "user2", "otherPswd1")
    assert copy.has_password("user2Pswd")
    assert destination.create_user(UserType.CU, "user3", PASSWORD).id == 5


def test_h5_a_user_who_is_there_keeps_the_id(officers: list[Session]) -> None:
    source, destination = officers
    source.create_user(UserType.CU, "first", PASSWORD)
    destination.create_user(UserType.CU, "other", PASSWORD)
    destination.insert_user(source.extract_user(4))
    assert destination.hsm.user(UserType.CU, "first").id == 5
    source.change_password(UserType.CU, "first", "tempPassword")
    destination.insert_user(source.extract_user(4))
    assert destination.hsm.user(UserType.CU, "first").id == 5
    assert destination.hsm.user(UserType.CU, "first").has_password("tempPassword")


def test_users_who_do_not_go(officers: list[Session], hsm: Hsm) -> None:
    source, destination = officers
    with refused(ReturnCode.USER_NOT_FOUND):
        source.extract_user(9)
    with refused(ReturnCode.INVALID_USER_TYPE):
        source.extract_user(2)
    user = source.extract_user(3)
    session = destination.hsm.login(UserType.CU, "kmsuser", PASSWORD)
    with refused(ReturnCode.USER_LOGGED_IN):
        destination.insert_user(user)
    with refused(ReturnCode.NOT_PERMITTED):
        session.extract_user(3)
    with refused(ReturnCode.NOT_PERMITTED):
        session.insert_user(user)


def test_names_are_not_case_sensitive(officers: list[Session]) -> None:
    officer = officers[0]
    with refused(ReturnCode.USER_EXISTS):
        officer.create_user(UserType.CU, "KMSUSER", PASSWORD)
    assert officer.hsm.login(UserType.CU, "KmsUser", PASSWORD).user.name == "kmsuser"


# Keys -------------------------------------------------------------------------------------------


def test_h5_a_key_goes_to_another_hsm(
    cluster: HsmCluster, session: ClusterSession, officers: list[Session]
) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    first, second = cluster.hsms.values()
    second.destroy_key(handle)
    officers[1].insert_key(officers[0].extract_key(handle))
    assert second.keys[handle] is first.keys[handle]
    with refused(ReturnCode.KEY_NOT_FOUND):
        officers[0].extract_key(1)
    for own in session.sessions():
        own.insert_key(own.extract_key(handle))


def test_keys_that_do_not_go(session: ClusterSession, officers: list[Session]) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    key = officers[0].extract_key(handle)
    officers[1].create_user(UserType.CU, "user2", PASSWORD)
    other = officers[1].hsm.login(UserType.CU, "user2", PASSWORD)
    with refused(ReturnCode.KEY_NOT_OWNED):
        other.extract_key(handle)
    with refused(ReturnCode.KEY_NOT_OWNED):
        other.insert_key(key)
    with refused(ReturnCode.USER_NOT_FOUND):
        officers[0].insert_key(dataclasses.replace(key, owner="nobody"))


def test_a_session_key_ends_with_the_session(cluster: HsmCluster, session: ClusterSession) -> None:
    handle = session.generate_key("label", SESSION_KEY)
    other = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    sealed = session.encrypt(handle, b"plaintext", b"aad")
    assert session.decrypt(handle, sealed, b"aad") == b"plaintext"
    assert (session.find_keys(), other.find_keys()) == ([handle], [])
    assert not cluster.snapshot().keys
    with refused(ReturnCode.KEY_NOT_FOUND):
        other.key(handle)
    (first, second) = session.sessions()
    session.logout()
    assert not first.holds(handle)
    assert not second.holds(handle)


def test_a_shared_key_is_used_but_not_owned(
    cluster: HsmCluster, session: ClusterSession, officers: list[Session]
) -> None:
    for officer in officers:
        officer.create_user(UserType.CU, "user2", PASSWORD)
    handle = session.generate_key(
        "label", AES_256_TOKEN_KEY, key_id="id", shared_with=frozenset({"user2"})
    )
    other = ClusterSession(cluster, UserType.CU, "user2", PASSWORD)
    sealed = other.encrypt(handle, b"plaintext", b"aad")
    assert session.decrypt(handle, sealed, b"aad") == b"plaintext"
    assert other.find_keys() == [handle]
    with refused(ReturnCode.KEY_NOT_OWNED):
        other.delete_key(handle)
    for officer in officers:
        assert [key.handle for key in officer.keys_of(4)] == [handle]
        assert officer.keys_of(1) == []
        officer.hsm.destroy_key(handle)
    with refused(ReturnCode.NOT_PERMITTED):
        other.sessions()[0].keys_of(3)


# Logins -----------------------------------------------------------------------------------------


def test_p4_every_hsm_is_asked_if_need_be(cluster: HsmCluster) -> None:
    first, second = cluster.hsms.values()
    fail_login(first, times=5)
    with pytest.raises(LoginRefused) as caught:
        ClusterSession(cluster, UserType.CU, "kmsuser", "wrongPswd", ask_all=True)
    assert caught.value.code is ReturnCode.USER_LOCKED_OUT
    assert caught.value.answers == {
        "hsm-1": ReturnCode.USER_LOCKED_OUT,
        "hsm-2": ReturnCode.AUTHENTICATION_FAILED,
    }
    assert kmsuser(second).login_failures == 1
    with pytest.raises(LoginRefused) as caught:
        ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD, ask_all=True)
    assert caught.value.answers == {"hsm-1": ReturnCode.USER_LOCKED_OUT, "hsm-2": None}
    assert not list(second.sessions_of(kmsuser(second)))
    assert ("CU", "kmsuser") in names(second)


def test_a_logged_in_user_keeps_the_password(hsm: Hsm, officer: Session, user: Session) -> None:
    with refused(ReturnCode.USER_LOGGED_IN):
        officer.change_password(UserType.CU, "kmsuser", "tempPassword")
    second = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    with refused(ReturnCode.USER_LOGGED_IN):
        user.change_password(UserType.CU, "kmsuser", "tempPassword")
    second.logout()
    user.change_password(UserType.CU, "kmsuser", "tempPassword")
    assert kmsuser(hsm).has_password("tempPassword")

"""A user's sessions on all HSMs of a cluster."""

from __future__ import annotations

import pytest

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    HsmCluster,
    KeyObject,
    KeyTemplate,
    Opcode,
    ReturnCode,
    UserType,
)
from moto_cks.hsm.certificates import sign_csr

from .conftest import ADMIN_PASSWORD, PASSWORD
from .world import fail_login, kmsuser, names, refused


def log_in(cluster: HsmCluster, password: str = PASSWORD, **options: object) -> ClusterSession:
    return ClusterSession(cluster, UserType.CU, "kmsuser", password, **options)  # type: ignore[arg-type]


def officer(cluster: HsmCluster, *hsm_ids: str) -> ClusterSession:
    hsms = [cluster.hsms[hsm_id] for hsm_id in hsm_ids] or None
    return ClusterSession(cluster, UserType.CO, "admin", ADMIN_PASSWORD, hsms=hsms)


def logged_in_on(cluster: HsmCluster) -> list[str]:
    """The HSMs on which kmsuser has a session."""
    return [hsm.id for hsm in cluster.hsms.values() if any(hsm.sessions_of(kmsuser(hsm)))]


# Logging in -------------------------------------------------------------------------------------


def test_p1_a_login_reaches_every_hsm(cluster: HsmCluster) -> None:
    session = log_in(cluster)
    assert logged_in_on(cluster) == ["hsm-1", "hsm-2"]
    session.logout()
    assert logged_in_on(cluster) == []


def test_a_with_statement_logs_out(cluster: HsmCluster) -> None:
    with log_in(cluster):
        assert logged_in_on(cluster) == ["hsm-1", "hsm-2"]
    assert logged_in_on(cluster) == []


def test_a_login_to_some_hsms(cluster: HsmCluster) -> None:
    log_in(cluster, hsms=[cluster.hsms["hsm-2"]])
    assert logged_in_on(cluster) == ["hsm-2"]


def test_no_hsm_to_log_in_to(cluster: HsmCluster) -> None:
    with refused(ReturnCode.NO_HSM):
        log_in(HsmCluster("empty"))
    with refused(ReturnCode.NO_HSM):
        log_in(cluster, hsms=[])


def test_h4_the_precrypto_officer_waits_for_the_customers_certificate() -> None:
    cluster = HsmCluster("cluster-1")
    cluster.add_hsm("hsm-1")
    with refused(ReturnCode.NOT_INITIALIZED):
        ClusterSession(cluster, UserType.PRECO, "admin", "password")
    assert cluster.certificates is not None
    cluster.initialize(*sign_csr(cluster.certificates.csr))
    ClusterSession(cluster, UserType.PRECO, "admin", "password").logout()


def test_a_refused_login_leaves_no_session(cluster: HsmCluster) -> None:
    officer(cluster, "hsm-2").change_password(UserType.CU, "kmsuser", "tempPassword")
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        log_in(cluster)
    assert logged_in_on(cluster) == []
    assert kmsuser(cluster.hsms["hsm-2"]).login_failures == 1


def test_c5_9_a_tool_on_one_hsm_keeps_kms_out_of_all(cluster: HsmCluster) -> None:
    tool = log_in(cluster, hsms=[cluster.hsms["hsm-2"]])
    with refused(ReturnCode.USER_LOGGED_IN):
        log_in(cluster, exclusive=True)
    assert logged_in_on(cluster) == ["hsm-2"]
    tool.logout()
    log_in(cluster, exclusive=True)
    assert logged_in_on(cluster) == ["hsm-1", "hsm-2"]


def test_c5_10_a_user_missing_on_one_hsm(cluster: HsmCluster) -> None:
    officer(cluster, "hsm-2").delete_user(UserType.CU, "kmsuser")
    with refused(ReturnCode.USER_NOT_FOUND):
        log_in(cluster)
    assert not any(cluster.hsms["hsm-1"].sessions_of(kmsuser(cluster.hsms["hsm-1"])))


def test_p4_a_login_to_the_cluster_counts_on_the_first_hsm_that_refuses(
    cluster: HsmCluster,
) -> None:
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        log_in(cluster, "wrongPswd")
    assert [kmsuser(hsm).login_failures for hsm in cluster.hsms.values()] == [1, 0]


# Changes that reach some HSMs -------------------------------------------------------------------


def test_h5_a_change_on_every_hsm(cluster: HsmCluster) -> None:
    session = officer(cluster)
    session.create_user(UserType.CU, "user2", PASSWORD)
    session.change_password(UserType.CU, "kmsuser", "tempPassword")
    for hsm in cluster.hsms.values():
        assert ("CU", "user2") in names(hsm)
        assert kmsuser(hsm).has_password("tempPassword")
    session.delete_user(UserType.CU, "user2")
    assert not any(("CU", "user2") in names(hsm) for hsm in cluster.hsms.values())


def test_h5_a_change_on_one_hsm_leaves_the_others_as_they_were(cluster: HsmCluster) -> None:
    session = officer(cluster, "hsm-2")
    session.create_user(UserType.CU, "user2", PASSWORD)
    session.change_password(UserType.CU, "kmsuser", "tempPassword")
    first, second = cluster.hsms.values()
    assert (("CU", "user2") in names(first), ("CU", "user2") in names(second)) == (False, True)
    assert kmsuser(first).has_password(PASSWORD)
    assert kmsuser(second).has_password("tempPassword")


def test_h5_an_hsm_can_lack_a_key(cluster: HsmCluster, session: ClusterSession) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    sealed = session.encrypt(handle, b"plaintext", b"aad")
    cluster.hsms["hsm-1"].destroy_key(handle)
    assert session.decrypt(handle, sealed, b"aad") == b"plaintext"  # hsm-2 has it
    session.delete_key(handle)
    with refused(ReturnCode.KEY_NOT_FOUND):
        session.decrypt(handle, sealed, b"aad")
    with refused(ReturnCode.KEY_NOT_FOUND):
        session.delete_key(handle)


# Keys -------------------------------------------------------------------------------------------


def test_k6_a_key_is_made_in_every_hsm_under_one_handle(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    handle = session.generate_key("arn:of:the:key", AES_256_TOKEN_KEY)
    for hsm in cluster.hsms.values():
        key = hsm.keys[handle]
        assert (key.label, key.owner, key.template) == (
            "arn:of:the:key",
            "kmsuser",
            AES_256_TOKEN_KEY,
        )
    assert session.find_keys("arn:of:the:key") == [handle]
    assert session.find_keys("another label") == []


def test_every_hsm_can_decrypt_what_another_encrypted(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    sealed = [hsm.keys[handle].encrypt(b"plaintext", b"") for hsm in cluster.hsms.values()]
    for hsm in cluster.hsms.values():
        assert [hsm.keys[handle].decrypt(item, b"") for item in sealed] == [b"plaintext"] * 2


def test_an_officer_makes_no_keys(cluster: HsmCluster) -> None:
    with refused(ReturnCode.NOT_PERMITTED):
        officer(cluster).generate_key("label", AES_256_TOKEN_KEY)
    assert [hsm.keys for hsm in cluster.hsms.values()] == [{}, {}]


def test_k7_random_bytes_of_an_hsm(session: ClusterSession) -> None:
    assert len(session.random(24)) == 24


# HSMs that come and go --------------------------------------------------------------------------


def test_h5_a_session_follows_to_hsms_that_join(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    cluster.add_hsm("hsm-3")
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    assert handle in cluster.hsms["hsm-3"].keys
    assert logged_in_on(cluster) == ["hsm-1", "hsm-2", "hsm-3"]


def test_a_session_on_chosen_hsms_stays_there(cluster: HsmCluster) -> None:
    session = log_in(cluster, hsms=[cluster.hsms["hsm-1"]])
    cluster.add_hsm("hsm-3")
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    assert [handle in hsm.keys for hsm in cluster.hsms.values()] == [True, False, False]


def test_f4_a_session_outlives_its_hsms(cluster: HsmCluster, session: ClusterSession) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    sealed = session.encrypt(handle, b"plaintext", b"")
    backup = cluster.snapshot()
    for hsm_id in list(cluster.hsms):
        cluster.remove_hsm(hsm_id)
    with refused(ReturnCode.NO_HSM):
        session.decrypt(handle, sealed, b"")
    cluster.add_hsm("hsm-3", backup)
    assert session.decrypt(handle, sealed, b"") == b"plaintext"


def test_p1_a_password_that_the_session_has_set_works_on_hsms_that_join(
    cluster: HsmCluster,
) -> None:
    session = log_in(cluster, exclusive=True)
    session.change_password(UserType.CU, "kmsuser", "onlyKmsKnows")
    cluster.add_hsm("hsm-3")
    assert len(session.sessions()) == 3


def test_p4_an_hsm_that_refuses_is_left_out_and_asked_once(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    older = cluster.snapshot()
    session.change_password(UserType.CU, "kmsuser", "onlyKmsKnows")
    third = cluster.add_hsm("hsm-3", older)
    cluster.add_hsm("hsm-4")
    for _ in range(10):
        assert [held.hsm.id for held in session.sessions()] == ["hsm-1", "hsm-2", "hsm-4"]
    assert kmsuser(third).login_failures == 1


@pytest.mark.parametrize("change", ["add", "remove"])
def test_after_logout_a_session_stays_closed(
    cluster: HsmCluster, session: ClusterSession, change: str
) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    session.logout()
    with refused(ReturnCode.NOT_LOGGED_IN):
        session.key(handle)
    if change == "add":
        cluster.add_hsm("hsm-3")
    else:
        cluster.remove_hsm("hsm-2")
    with refused(ReturnCode.NOT_LOGGED_IN):
        session.key(handle)
    assert session.sessions() == []
    assert logged_in_on(cluster) == []


def test_p7_a_session_shows_no_password(cluster: HsmCluster, session: ClusterSession) -> None:
    assert repr(session) == "<ClusterSession of CU kmsuser on ['hsm-1', 'hsm-2']>"
    assert PASSWORD not in repr(session) + str(session) + repr(session.sessions())
    fail_login(cluster.hsms["hsm-1"])
    assert PASSWORD not in repr(vars(cluster)) + repr(session.cluster)


# What is left out -------------------------------------------------------------------------------


def test_without_a_word_a_login_shares_its_user(cluster: HsmCluster) -> None:
    for session in (log_in(cluster), log_in(cluster)):
        assert not session.exclusive
        assert [each.exclusive for each in session.sessions()] == [False, False]
    assert session.lost is None


def test_p6_a_user_has_a_second_factor_only_where_one_is_asked_for(cluster: HsmCluster) -> None:
    session = officer(cluster)
    session.create_user(UserType.CU, "without", PASSWORD)
    session.create_user(UserType.CU, "with", PASSWORD, two_factor=True)
    for hsm in cluster.hsms.values():
        assert not hsm.user(UserType.CU, "without").two_factor
        assert hsm.user(UserType.CU, "with").two_factor


def test_p1_the_password_of_somebody_else_is_not_remembered(cluster: HsmCluster) -> None:
    session = officer(cluster)
    session.create_user(UserType.CO, "kmsuser", PASSWORD)
    session.create_user(UserType.CU, "admin", PASSWORD)
    for user_type, name in ((UserType.CU, "admin"), (UserType.CO, "kmsuser")):
        session.change_password(user_type, name, "tempPassword")
    cluster.add_hsm("hsm-3")
    assert len(session.sessions()) == 3


# Keys with everything that there is to say ------------------------------------------------------


def test_k6_a_key_has_what_it_is_given(cluster: HsmCluster, session: ClusterSession) -> None:
    taken = cluster.take_handle()
    value = bytes(range(32))
    given = {"key_id": "id", "shared_with": frozenset({"alice"}), "value": value}
    handle = session.generate_key("label", AES_256_TOKEN_KEY, handle=taken, **given)  # type: ignore[arg-type]
    plain = session.generate_key("label", AES_256_TOKEN_KEY)
    assert (handle, plain) == (taken, taken + 1)
    for hsm in cluster.hsms.values():
        key = hsm.keys[handle]
        assert (key.handle, key.key_id, key.shared_with) == (taken, "id", frozenset({"alice"}))
        assert key == KeyObject(
            taken, "label", "kmsuser", AES_256_TOKEN_KEY, value, "id", frozenset({"alice"})
        )
        assert (hsm.keys[plain].key_id, hsm.keys[plain].shared_with) == ("", frozenset())


def test_keys_of_a_label_are_discarded_where_nothing_forbids_it(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    for _ in range(2):
        session.generate_key("label", AES_256_TOKEN_KEY)
    kept = session.generate_key("another", AES_256_TOKEN_KEY)
    staying = session.generate_key("staying", KeyTemplate(destroyable=False))
    session.discard_keys("label")
    session.discard_keys("staying")
    assert [list(hsm.keys) for hsm in cluster.hsms.values()] == [[kept, staying]] * 2
    cluster.hsms["hsm-1"].destroy_key(kept)
    session.discard_keys("another")
    assert [list(hsm.keys) for hsm in cluster.hsms.values()] == [[staying]] * 2
    cluster.condition.limited_writes = True
    session.discard_keys("staying")  # which is refused


def test_a_key_of_one_hsm_is_taken_out_of_none(session: ClusterSession) -> None:
    handle = session.generate_key("label", KeyTemplate(token=False))
    first, second = session.sessions()
    first.delete_key(handle)
    assert session.key(handle).handle == handle
    session.delete_key(handle)
    assert not second.holds(handle)


def test_only_the_hsm_that_a_client_speaks_to_hears_of_its_logout(cluster: HsmCluster) -> None:
    log_in(cluster).logout()
    assert [[entry.opcode for entry in book.entries] for book in cluster.books.values()] == [
        [Opcode.LOGIN, Opcode.LOGOUT],
        [Opcode.LOGIN],
    ]


def test_a_key_goes_nowhere_where_there_is_one_hsm(cluster: HsmCluster) -> None:
    cluster.remove_hsm("hsm-2")
    session = log_in(cluster)
    for template in (AES_256_TOKEN_KEY, KeyTemplate(token=False)):
        session.generate_key("label", template)
    assert len(session.random(8)) == 8
    assert len(session.find_keys("label")) == 2
    written = [entry.opcode for entry in cluster.books["hsm-1"].entries]
    assert written == [Opcode.LOGIN, Opcode.GENERATE_KEY, Opcode.GENERATE_KEY]

"""Clusters of HSMs: activation, replication, key handles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    Hsm,
    HsmCluster,
    Opcode,
    Reading,
    ReturnCode,
    Session,
    Snapshot,
    UserType,
)
from moto_cks.hsm.certificates import sign_csr

from .conftest import ADMIN_PASSWORD, PASSWORD, factory_settings
from .world import kmsuser, names, refused


def log_in(cluster: HsmCluster, password: str = PASSWORD) -> ClusterSession:
    return ClusterSession(cluster, UserType.CU, "kmsuser", password)


def initialized(*hsm_ids: str, activations: list[str]) -> HsmCluster:
    """A cluster that notes its activation in a list."""
    cluster = HsmCluster("cluster-1", lambda: activations.append("activated"))
    for hsm_id in hsm_ids:
        cluster.add_hsm(hsm_id)
    assert cluster.certificates is not None
    cluster.initialize(*sign_csr(cluster.certificates.csr))
    return cluster


# From the first HSM to activation ---------------------------------------------------------------


def test_h3_the_first_hsm_makes_the_identity_and_no_other_one() -> None:
    cluster = HsmCluster("cluster-1")
    assert cluster.certificates is None
    cluster.add_hsm("hsm-1")
    certificates = cluster.certificates
    assert certificates is not None
    cluster.add_hsm("hsm-2")
    assert cluster.certificates is certificates


def test_h3_an_identity_that_nobody_claimed_goes_with_its_hsm() -> None:
    cluster = HsmCluster("cluster-1")
    cluster.add_hsm("hsm-1")
    first = cluster.certificates
    cluster.remove_hsm("hsm-1")
    assert cluster.certificates is None
    cluster.add_hsm("hsm-2")
    assert first is not None
    assert cluster.certificates is not None
    assert cluster.certificates.csr != first.csr


def test_h3_an_identity_that_was_claimed_stays(cluster: HsmCluster) -> None:
    before = cluster.certificates
    for hsm_id in list(cluster.hsms):
        cluster.remove_hsm(hsm_id)
    assert cluster.certificates is before


def test_h3_without_an_hsm_there_is_nothing_to_claim() -> None:
    with refused(ReturnCode.NO_HSM):
        HsmCluster("cluster-1").initialize("signed certificate", "trust anchor")


def test_h4_activation_needs_an_hsm_and_initialization() -> None:
    cluster = HsmCluster("cluster-1")
    with refused(ReturnCode.NO_HSM):
        cluster.activate(ADMIN_PASSWORD)
    cluster.add_hsm("hsm-1")
    with refused(ReturnCode.NOT_INITIALIZED):
        cluster.activate(ADMIN_PASSWORD)
    assert not cluster.activated


def test_h4_activation_sets_the_first_password_once() -> None:
    activations: list[str] = []
    cluster = initialized("hsm-1", activations=activations)
    cluster.activate(ADMIN_PASSWORD)
    assert cluster.activated
    assert activations == ["activated"]
    hsm = cluster.hsms["hsm-1"]
    assert names(hsm)[0] == ("CO", "admin")
    assert not any(hsm.sessions_of(hsm.user(UserType.CO, "admin")))
    with refused(ReturnCode.USER_NOT_FOUND):
        cluster.activate("otherPswd")
    assert hsm.login(UserType.CO, "admin", ADMIN_PASSWORD).open
    assert activations == ["activated"]


def test_h4_a_refused_password_activates_nothing() -> None:
    activations: list[str] = []
    cluster = initialized("hsm-1", activations=activations)
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.activate("short")
    assert not cluster.activated
    cluster.activate(ADMIN_PASSWORD)
    assert activations == ["activated"]


def test_h4_a_cluster_is_active_when_its_last_hsm_is() -> None:
    activations: list[str] = []
    cluster = initialized("hsm-1", "hsm-2", activations=activations)
    for hsm in cluster.hsms.values():
        assert (cluster.activated, activations) == (False, [])
        session = hsm.login(UserType.PRECO, "admin", "password")
        session.change_password(UserType.PRECO, "admin", ADMIN_PASSWORD)
    assert (cluster.activated, activations) == (True, ["activated"])


# Replication ------------------------------------------------------------------------------------


def test_h5_a_new_hsm_comes_up_with_users_and_keys(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    sealed = session.encrypt(handle, b"plaintext", b"")
    third = cluster.add_hsm("hsm-3")
    assert names(third) == names(cluster.hsms["hsm-1"])
    assert third.keys[handle].decrypt(sealed, b"") == b"plaintext"
    assert third.login(UserType.CU, "kmsuser", PASSWORD).open


def test_h5_hsms_stay_apart_after_that(cluster: HsmCluster) -> None:
    third = cluster.add_hsm("hsm-3")
    third.officer_session().create_user(UserType.CU, "user2", PASSWORD)
    third.officer_session().change_password(UserType.CU, "kmsuser", "tempPassword")
    for hsm_id in ("hsm-1", "hsm-2"):
        assert ("CU", "user2") not in names(cluster.hsms[hsm_id])
        assert kmsuser(cluster.hsms[hsm_id]).has_password(PASSWORD)


def test_p2_who_is_logged_in_logs_in_to_a_new_hsm(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    third = cluster.add_hsm("hsm-3")
    assert [held.hsm for held in session.sessions()][-1] is third
    assert len(list(third.sessions_of(kmsuser(third)))) == 1


def test_h5_other_sessions_are_not_on_a_new_hsm(cluster: HsmCluster, hsm: Hsm) -> None:
    hsm.login(UserType.CU, "kmsuser", PASSWORD)
    third = cluster.add_hsm("hsm-3")
    assert not any(third.sessions_of(kmsuser(third)))


def test_hsms_join_and_leave(cluster: HsmCluster) -> None:
    cluster.add_hsm("hsm-3")
    cluster.remove_hsm("hsm-1")
    assert list(cluster.hsms) == ["hsm-2", "hsm-3"]


# Key handles ------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["generate", "delete", "restore", "replace"]), max_size=20))
def test_h7_key_handles_are_never_given_twice(events: list[str]) -> None:
    cluster = HsmCluster("cluster-1")
    cluster.add_hsm("hsm-0", factory_settings())
    oldest = cluster.snapshot()
    session = log_in(cluster)
    handles: list[int] = []
    for number, event in enumerate(events, start=1):
        if event == "generate":
            handles.append(session.generate_key("label", AES_256_TOKEN_KEY))
        elif event == "delete" and session.find_keys():
            session.delete_key(session.find_keys()[-1])
        elif event == "restore":  # the content of a backup that is older than every key
            for hsm_id in list(cluster.hsms):
                cluster.remove_hsm(hsm_id)
            cluster.add_hsm(f"hsm-{number}", oldest)
        elif event == "replace":
            cluster.add_hsm(f"hsm-{number}")
            cluster.remove_hsm(next(iter(cluster.hsms)))
    assert len(set(handles)) == len(handles)


def test_h7_a_cluster_from_a_backup_goes_on_counting(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    handles = [session.generate_key(label, AES_256_TOKEN_KEY) for label in ("a", "b")]
    session.delete_key(handles[1])
    second = HsmCluster("cluster-2")
    second.add_hsm("hsm-9", cluster.snapshot())
    assert log_in(second).generate_key("c", AES_256_TOKEN_KEY) > max(handles)


def test_r3_a_handle_never_means_two_keys_in_related_clusters(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    second = HsmCluster("cluster-2")
    second.add_hsm("hsm-9", cluster.snapshot())  # from before the first key
    handle = session.generate_key("a", AES_256_TOKEN_KEY)
    other = log_in(second).generate_key("b", AES_256_TOKEN_KEY)
    assert other != handle
    assert session.generate_key("c", AES_256_TOKEN_KEY) not in (handle, other)
    with refused(ReturnCode.KEY_NOT_FOUND):
        log_in(second).encrypt(handle, b"plaintext", b"")


def test_p7_a_cluster_shows_neither_passwords_nor_keys(
    cluster: HsmCluster, session: ClusterSession, snapshot: Snapshot
) -> None:
    session.generate_key("label", AES_256_TOKEN_KEY)
    assert repr(cluster) == "<HsmCluster cluster-1: ['hsm-1', 'hsm-2']>"
    shown = f"{cluster} {cluster.hsms} {cluster.certificates} {snapshot} {cluster.snapshot()}"
    for secret in (PASSWORD, ADMIN_PASSWORD, "_digest", "_salt", "_value", "PRIVATE KEY"):
        assert secret not in shown


# HSMs that come and go --------------------------------------------------------------------------


def test_h3_an_identity_that_nobody_claimed_stays_while_there_is_an_hsm() -> None:
    cluster = HsmCluster("cluster-1")
    for hsm_id in ("hsm-1", "hsm-2"):
        cluster.add_hsm(hsm_id)
    made = cluster.certificates
    assert made is not None
    cluster.remove_hsm("hsm-1")
    assert cluster.certificates is made


def test_what_an_hsm_writes_down_until_its_cluster_is_claimed() -> None:
    cluster = initialized("hsm-1", "hsm-2", activations=[])
    first, second = (
        [(entry.opcode, entry.user, entry.session) for entry in cluster.books[hsm_id].entries]
        for hsm_id in ("hsm-1", "hsm-2")
    )
    made = [
        Opcode.INIT_TOKEN,
        Opcode.GEN_PSWD_ENC_KEY,
        Opcode.CREATE_APPLIANCE_USER,
        Opcode.INIT_DONE,
        Opcode.GEN_KEY_ENC_KEY,
    ]
    assert [opcode for opcode, _, _ in first] == [*made, Opcode.CERT_AUTH_STORE_CERT]
    assert [user for _, user, _ in first] == [None, None, (UserType.AU, "app_user")] + 3 * [None]
    assert {session for _, _, session in first} == {0x1004001}
    assert second == [(Opcode.CERT_AUTH_STORE_CERT, None, 0x1004001)]


def test_h4_activation_leaves_nobody_logged_in() -> None:
    cluster = initialized("hsm-1", "hsm-2", activations=[])
    cluster.activate(ADMIN_PASSWORD)
    assert [hsm.sessions for hsm in cluster.hsms.values()] == [[], []]
    again = initialized("hsm-1", activations=[])
    with refused(ReturnCode.INVALID_PASSWORD):
        again.activate("short")
    assert again.hsms["hsm-1"].sessions == []


def test_h7_a_cluster_of_a_backup_from_before_activation_is_not_active() -> None:
    cluster = initialized("hsm-1", activations=[])
    second = HsmCluster("cluster-2")
    second.add_hsm("hsm-9", cluster.snapshot())
    assert (cluster.activated, second.activated) == (False, False)


def test_k6_the_first_handles() -> None:
    cluster = HsmCluster("cluster-1")
    assert [cluster.take_handle() for _ in range(2)] == [262152, 262153]


@pytest.mark.parametrize("failed", [False, True])
def test_f4_who_worked_on_an_hsm_that_is_lost_hears_of_it_once(
    cluster: HsmCluster, session: ClusterSession, failed: bool
) -> None:
    elsewhere = ClusterSession(
        cluster, UserType.CU, "kmsuser", PASSWORD, hsms=[cluster.hsms["hsm-2"]]
    )
    cluster.subscribe(elsewhere)
    watched: list[Reading] = []
    book = cluster.books["hsm-1"]
    book.read = watched.append  # type: ignore[method-assign]
    assert (session.lost, session.interrupted()) == (None, False)
    cluster.lose_hsm("hsm-1", failed=failed)
    assert any(reading.unhealthy for reading in watched) is failed
    assert list(cluster.hsms) == ["hsm-2"]
    assert (session.lost, elsewhere.lost) == ("hsm-1", None)
    assert [session.interrupted() for _ in range(2)] == [True, False]
    assert not elsewhere.interrupted()
    with pytest.raises(KeyError):
        cluster.lose_hsm("hsm-1", failed=failed)


def test_an_hsm_on_which_a_session_has_ended_is_no_loss(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    session.sessions()[0].logout()
    cluster.lose_hsm("hsm-1", failed=False)
    assert not session.interrupted()


# Programs that end ------------------------------------------------------------------------------


@pytest.fixture
def held(cluster: HsmCluster) -> dict[str, ClusterSession | Session]:
    """Logins of all kinds."""
    first, second = cluster.hsms.values()
    first.add_user(UserType.CU, "alice", PASSWORD)
    return {
        "KMS": ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD, exclusive=True),
        "a tool": ClusterSession(cluster, UserType.CO, "admin", ADMIN_PASSWORD),
        "a tool on one HSM": second.login(UserType.CO, "admin", ADMIN_PASSWORD),
        "KMS on one HSM": first.login(UserType.CU, "alice", PASSWORD, exclusive=True),
    }


def going_on(held: dict[str, ClusterSession | Session]) -> set[str]:
    return {
        name
        for name, one in held.items()
        if (one.open if isinstance(one, Session) else one.sessions())
    }


def test_only_kms_stays_where_programs_end(
    cluster: HsmCluster, held: dict[str, ClusterSession | Session]
) -> None:
    cluster.dismiss(())
    assert going_on(held) == {"KMS"}


def test_the_programs_that_stay(
    cluster: HsmCluster, held: dict[str, ClusterSession | Session]
) -> None:
    tool = held["a tool"]
    assert isinstance(tool, ClusterSession)
    cluster.dismiss([tool])
    assert going_on(held) == {"KMS", "a tool"}


def test_p2_kms_s_own_logins_end_and_no_others(
    cluster: HsmCluster, held: dict[str, ClusterSession | Session]
) -> None:
    cluster.dismiss_exclusive()
    assert going_on(held) == {"a tool", "a tool on one HSM"}
    cluster.add_hsm("hsm-3")
    assert going_on(held) == {"a tool", "a tool on one HSM"}


def test_y22_kms_connects_anew_when_everybody_is_let_in_again(
    cluster: HsmCluster, held: dict[str, ClusterSession | Session]
) -> None:
    for hsm in cluster.hsms.values():
        hsm.enforce_mtls(True)
    assert going_on(held) == set()
    for hsm in cluster.hsms.values():
        hsm.enforce_mtls(False)
    assert going_on(held) == {"KMS"}
    kms = held["KMS"]
    assert isinstance(kms, ClusterSession)
    assert [session.hsm.id for session in kms.sessions()] == ["hsm-1", "hsm-2"]

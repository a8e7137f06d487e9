"""What a snapshot of a cluster holds, and what becomes of it."""

from __future__ import annotations

import pytest

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    HsmCluster,
    Opcode,
    ReturnCode,
    Snapshot,
    UserType,
)
from moto_cks.hsm.logbook import FIRST_SESSION
from moto_cks.hsm.policies import Policies

from .conftest import ADMIN_PASSWORD, PASSWORD
from .world import kmsuser, names, refused


def restore(backup: Snapshot) -> HsmCluster:
    cluster = HsmCluster("cluster-2")
    cluster.take_identity(backup)
    cluster.add_hsm("hsm-9", backup)
    return cluster


def log_in(cluster: HsmCluster, password: str = PASSWORD) -> ClusterSession:
    return ClusterSession(cluster, UserType.CU, "kmsuser", password)


def test_h7_a_cluster_from_a_backup_has_users_keys_and_handles(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    sealed = session.encrypt(handle, b"plaintext", b"aad")
    second = restore(cluster.snapshot())
    assert names(second.hsms["hsm-9"]) == names(cluster.hsms["hsm-1"])
    assert log_in(second).find_keys("label") == [handle]
    assert log_in(second).decrypt(handle, sealed, b"aad") == b"plaintext"


def test_h7_it_has_the_same_certificates_and_is_active(cluster: HsmCluster) -> None:
    second = HsmCluster("cluster-2")
    second.take_identity(cluster.snapshot())
    assert second.activated
    assert second.certificates == cluster.certificates
    assert second.certificates is not None
    assert second.certificates.claimed


def test_h7_the_two_clusters_go_separate_ways(cluster: HsmCluster, session: ClusterSession) -> None:
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    second = restore(cluster.snapshot())
    log_in(second).delete_key(handle)
    second.hsms["hsm-9"].officer_session().create_user(UserType.CU, "user2", PASSWORD)
    assert session.key(handle).handle == handle
    assert ("CU", "user2") not in names(cluster.hsms["hsm-1"])


def test_p5_a_backup_holds_the_password_of_its_moment(cluster: HsmCluster) -> None:
    before = cluster.snapshot()
    with log_in(cluster) as session:
        session.change_password(UserType.CU, "kmsuser", "rotatedPswd")
    after = cluster.snapshot()
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        log_in(restore(before), "rotatedPswd")
    assert log_in(restore(before)).sessions()
    assert log_in(restore(after), "rotatedPswd").sessions()


def test_o4_a_backup_keeps_keys_that_are_deleted_later(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    before = cluster.snapshot()
    handle = session.generate_key("label", AES_256_TOKEN_KEY)
    sealed = session.encrypt(handle, b"plaintext", b"")
    between = cluster.snapshot()
    session.delete_key(handle)
    after = cluster.snapshot()
    assert log_in(restore(between)).decrypt(handle, sealed, b"") == b"plaintext"
    for other in (before, after):
        with refused(ReturnCode.KEY_NOT_FOUND):
            log_in(restore(other)).decrypt(handle, sealed, b"")


def test_a_backup_holds_no_sessions(cluster: HsmCluster, session: ClusterSession) -> None:
    hsm = restore(cluster.snapshot()).hsms["hsm-9"]
    assert not any(hsm.sessions_of(user) for user in hsm.users for _ in hsm.sessions_of(user))
    assert hsm.login(UserType.CU, "kmsuser", PASSWORD, exclusive=True).open


def test_a_backup_can_be_restored_more_than_once(cluster: HsmCluster) -> None:
    backup = cluster.snapshot()
    first = restore(backup)
    officer = first.hsms["hsm-9"].login(UserType.CO, "admin", ADMIN_PASSWORD)
    officer.change_password(UserType.CU, "kmsuser", "tempPassword")
    log_in(first, "tempPassword").generate_key("label", AES_256_TOKEN_KEY)
    second = restore(backup)
    assert log_in(second).find_keys() == []


def test_h5_a_backup_is_one_hsm_of_the_cluster(cluster: HsmCluster) -> None:
    cluster.hsms["hsm-2"].officer_session().create_user(UserType.CU, "user2", PASSWORD)
    oldest = restore(cluster.snapshot()).hsms["hsm-9"]
    chosen = restore(cluster.snapshot("hsm-2")).hsms["hsm-9"]
    assert ("CU", "user2") not in names(oldest)
    assert ("CU", "user2") in names(chosen)


def test_user_ids_go_on_after_a_restore(cluster: HsmCluster) -> None:
    hsm = restore(cluster.snapshot()).hsms["hsm-9"]
    ids = {user.id for user in hsm.users}
    assert hsm.add_user(UserType.CU, "user2", PASSWORD).id not in ids


@pytest.mark.parametrize("emptied", [False, True])
def test_without_an_hsm_there_is_no_backup(cluster: HsmCluster, emptied: bool) -> None:
    without = cluster if emptied else HsmCluster("cluster-2")
    for hsm_id in list(without.hsms):
        without.remove_hsm(hsm_id)
    with refused(ReturnCode.NO_HSM):
        without.snapshot()


def test_p7_a_backup_shows_neither_users_nor_keys(
    cluster: HsmCluster, session: ClusterSession
) -> None:
    session.generate_key("label", AES_256_TOKEN_KEY)
    backup = cluster.snapshot()
    assert kmsuser(cluster.hsms["hsm-1"]).has_password(PASSWORD)
    for hidden in ("kmsuser", "label", PASSWORD, "b'", "PRIVATE KEY"):
        assert hidden not in repr(backup)


def test_p7_a_backup_says_whose_it_is_and_no_more(cluster: HsmCluster) -> None:
    backup = cluster.snapshot()
    assert repr(backup) == (
        "Snapshot(certificates=Certificates(), next_user_id=4, "
        "policies=Policies(quorums={}, mtls_enforced=False))"
    )


def test_without_policies_none_is_set(cluster: HsmCluster) -> None:
    now = cluster.snapshot()
    older = Snapshot(now.users, now.keys, now.certificates, now.handles, now.next_user_id)
    assert older.policies == Policies()
    assert (older.policies.quorums, older.policies.trust_anchors) == ({}, {})


def test_a_backup_is_written_down_by_the_hsm_that_it_is_of(cluster: HsmCluster) -> None:
    def written(hsm_id: str) -> list[tuple[Opcode, int]]:
        return [(entry.opcode, entry.session) for entry in cluster.books[hsm_id].entries]

    for hsm_id, other, backed_up in (("hsm-1", "hsm-2", None), ("hsm-2", "hsm-1", "hsm-2")):
        before = written(other)
        backup = cluster.back_up(backed_up)
        assert [user.title for user in backup.users] == ["CO admin", "AU app_user", "CU kmsuser"]
        session = FIRST_SESSION + 1
        assert written(hsm_id) == [(Opcode.BACKUP_BEGIN, session), (Opcode.BACKUP_END, session)]
        assert written(other) == before
    with refused(ReturnCode.NO_HSM):
        HsmCluster("cluster-2").back_up()

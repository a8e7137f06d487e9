"""What an HSM writes down: its audit log, and how full it is."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    HsmCluster,
    HsmError,
    KeyTemplate,
    LogEntry,
    Opcode,
    Reading,
    ReturnCode,
    Snapshot,
    UserType,
)
from tests.moments import NOON

from .conftest import ADMIN_PASSWORD, PASSWORD, factory_settings
from .world import fail_login

MINUTE = int(NOON.timestamp()) // 60


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def advance(self, minutes: int) -> None:
        self.time += timedelta(minutes=minutes)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def cluster(watch: Watch, snapshot: Snapshot) -> HsmCluster:
    """An active cluster with two HSMs and a clock."""
    cluster = HsmCluster("cluster-1", now=watch)
    cluster.add_hsm("hsm-1", snapshot)
    cluster.add_hsm("hsm-2")
    return cluster


def entries(cluster: HsmCluster, hsm_id: str = "hsm-1") -> tuple[LogEntry, ...]:
    return cluster.books[hsm_id].entries


def opcodes(cluster: HsmCluster, hsm_id: str = "hsm-1") -> list[Opcode]:
    return [entry.opcode for entry in entries(cluster, hsm_id)]


def reading(cluster: HsmCluster, hsm_id: str = "hsm-1") -> Reading:
    return list(cluster.books[hsm_id].readings.values())[-1]


def test_entries_are_numbered_on_when_the_oldest_are_dropped(cluster: HsmCluster) -> None:
    book = cluster.books["hsm-1"]
    fail_login(cluster.hsms["hsm-1"], times=3)
    book.drop(2)
    fail_login(cluster.hsms["hsm-1"])
    assert [entry.number for entry in book.entries] == [2, 3]


def test_each_session_has_a_handle_of_its_own(cluster: HsmCluster) -> None:
    hsm = cluster.hsms["hsm-1"]
    for _ in range(2):
        hsm.login(UserType.CU, "kmsuser", PASSWORD).logout()
    first, second = entries(cluster)[:2], entries(cluster)[2:]
    assert len({entry.session for entry in first}) == len({entry.session for entry in second}) == 1
    assert first[0].session != second[0].session


def test_a_second_logout_is_not_written(cluster: HsmCluster) -> None:
    session = cluster.hsms["hsm-1"].login(UserType.CU, "kmsuser", PASSWORD)
    session.logout()
    session.logout()
    session.hang_up()
    assert opcodes(cluster) == [Opcode.LOGIN, Opcode.LOGOUT]


def test_a_command_that_is_refused_is_written_with_the_reason(cluster: HsmCluster) -> None:
    session = cluster.hsms["hsm-1"].login(UserType.CU, "kmsuser", PASSWORD)
    with pytest.raises(HsmError):
        session.create_user(UserType.CU, "alice", "userPswd1")
    assert [(entry.opcode, entry.code, entry.user) for entry in entries(cluster)] == [
        (Opcode.LOGIN, None, (UserType.CU, "kmsuser")),
        (Opcode.CREATE_USER, ReturnCode.NOT_PERMITTED, (UserType.CU, "alice")),
    ]


def test_programs_that_end_leave_connections_that_end(cluster: HsmCluster) -> None:
    ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    cluster.dismiss(())
    assert opcodes(cluster) == [Opcode.LOGIN, Opcode.LOGOUT]
    cluster.hsms["hsm-1"].login(UserType.CO, "admin", ADMIN_PASSWORD)
    cluster.dismiss(())
    assert opcodes(cluster)[2:] == [Opcode.LOGIN, Opcode.APP_FINALIZE]


def test_nothing_is_written_of_sessions_on_an_hsm_that_is_taken_out(cluster: HsmCluster) -> None:
    session = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    cluster.remove_hsm("hsm-1")
    session.logout()
    assert opcodes(cluster) == [Opcode.LOGIN]


def test_w2_the_readings_follow_what_is_in_the_hsm(cluster: HsmCluster, watch: Watch) -> None:
    assert reading(cluster) == Reading(users=2)
    session = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    handle = session.generate_key("a", AES_256_TOKEN_KEY)
    session.generate_key("b", KeyTemplate(token=False))
    assert reading(cluster) == Reading(sessions=1, session_keys=1, token_keys=1, users=2)
    session.delete_key(handle)
    assert reading(cluster, "hsm-2") == Reading(sessions=1, session_keys=1, users=2)
    session.logout()
    officer = cluster.hsms["hsm-1"].login(UserType.CO, "admin", ADMIN_PASSWORD)
    officer.create_user(UserType.CU, "alice", "userPswd1")
    assert reading(cluster) == Reading(sessions=1, users=3)
    assert reading(cluster, "hsm-2") == Reading(users=2)
    assert list(cluster.books["hsm-1"].readings) == [MINUTE]


def test_w2_a_reading_is_kept_for_each_minute_in_which_something_changes(
    cluster: HsmCluster, watch: Watch
) -> None:
    book = cluster.books["hsm-1"]
    session = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    watch.advance(minutes=5)
    session.logout()
    watch.advance(minutes=5)
    cluster.remove_hsm("hsm-1")
    assert {minute - MINUTE: one.sessions for minute, one in book.readings.items()} == {0: 1, 5: 0}
    assert book.ended == MINUTE + 10


COMMANDS = st.lists(
    st.sampled_from(["login", "wrong", "create", "delete", "key", "backup", "collect"]), max_size=20
)


@given(COMMANDS)
def test_no_log_has_gaps(commands: list[str]) -> None:
    cluster = HsmCluster("cluster-1")
    hsm = cluster.add_hsm("hsm-1", factory_settings())
    seen: list[int] = []
    for command in [*commands, "collect"]:
        with contextlib.suppress(HsmError):
            if command == "login":
                hsm.login(UserType.CU, "kmsuser", PASSWORD).logout()
            elif command == "wrong":
                hsm.login(UserType.CU, "kmsuser", "wrongPswd")
            elif command == "create":
                hsm.officer_session().create_user(UserType.CU, "alice", "userPswd1")
            elif command == "delete":
                hsm.officer_session().delete_user(UserType.CU, "alice")
            elif command == "key":
                ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD).generate_key(
                    "a", AES_256_TOKEN_KEY
                )
            elif command == "backup":
                cluster.back_up()
            else:
                seen += [entry.number for entry in hsm.book.entries]
                hsm.book.drop(len(hsm.book.entries))
    assert seen == list(range(len(seen)))

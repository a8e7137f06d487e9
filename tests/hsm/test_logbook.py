"""What an HSM writes down: its audit log, and how full it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    HsmCluster,
    HsmError,
    KeyTemplate,
    Logbook,
    LogEntry,
    Opcode,
    Reading,
    ReturnCode,
    Session,
    Snapshot,
    UserType,
)
from moto_cks.hsm.keys import generate_key
from moto_cks.hsm.logging_hsm import LoggingHsm
from tests.moments import NOON

from .conftest import ADMIN_PASSWORD, PASSWORD, factory_settings
from .world import Watch, fail_login

MINUTE = int(NOON.timestamp()) // 60


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


def test_an_entry_names_whom_and_which_key_it_is_about(cluster: HsmCluster) -> None:
    hsm = cluster.hsms["hsm-1"]
    with pytest.raises(HsmError):
        hsm.login(UserType.CO, "nobody", "userPswd1")
    officer = hsm.login(UserType.CO, "admin", ADMIN_PASSWORD)
    alice, bob = (UserType.CU, "alice"), (UserType.CO, "bob")
    officer.create_user(*alice, "userPswd1")
    officer.create_user(*bob, "userPswd1")
    officer.change_password(*alice, "otherPswd1")
    officer.delete_user(*bob)
    officer.hang_up()
    session = hsm.login(*alice, "otherPswd1")
    key = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD).generate_key(
        "a", AES_256_TOKEN_KEY
    )
    with pytest.raises(HsmError):
        session.delete_key(key)
    assert hsm.destroy_key(key)
    assert not hsm.destroy_key(key)
    admin, kmsuser = (UserType.CO, "admin"), (UserType.CU, "kmsuser")
    assert [(each.opcode, each.code, each.user, each.key) for each in entries(cluster)] == [
        (Opcode.LOGIN, ReturnCode.USER_NOT_FOUND, (UserType.CO, "nobody"), None),
        (Opcode.LOGIN, None, admin, None),
        (Opcode.CREATE_USER, None, alice, None),
        (Opcode.CREATE_CO, None, bob, None),
        (Opcode.CHANGE_PSWD, None, alice, None),
        (Opcode.DELETE_USER, None, bob, None),
        (Opcode.APP_FINALIZE, None, admin, None),
        (Opcode.LOGIN, None, alice, None),
        (Opcode.LOGIN, None, kmsuser, None),
        (Opcode.GENERATE_KEY, None, None, key),
        (Opcode.EXTRACT_MASKED_OBJECT_USER, None, None, key),  # for the other HSM
        (Opcode.TOMBSTONE_OBJECT, ReturnCode.KEY_NOT_OWNED, None, key),
        (Opcode.TOMBSTONE_OBJECT, None, None, key),
    ]
    assert opcodes(cluster, "hsm-2") == [Opcode.LOGIN, Opcode.INSERT_MASKED_OBJECT_USER]
    assert repr(cluster.books["hsm-1"]) == "<Logbook: 13 entries>"


def test_the_commands_have_the_numbers_of_the_guide() -> None:
    """ "AWS CloudHSM audit log reference"."""
    numbers = {code.name: code.value for code in Opcode if isinstance(code.value, int)}
    assert numbers == {
        "INIT_TOKEN": 0x1,
        "CREATE_USER": 0x3,
        "CREATE_CO": 0x4,
        "CHANGE_PSWD": 0x9,
        "LOGIN": 0xD,
        "LOGOUT": 0xE,
        "DESTROY_OBJECT": 0x11,
        "SHARE_OBJECT": 0x12,
        "GENERATE_KEY": 0x17,
        "GEN_PSWD_ENC_KEY": 0x1D,
        "INIT_DONE": 0x95,
        "DELETE_USER": 0xA1,
        "EXTRACT_MASKED_OBJECT_USER": 0xF0,
        "INSERT_MASKED_OBJECT_USER": 0xF1,
        "CREATE_APPLIANCE_USER": 0xFC,
    }


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


def test_w2_each_change_of_an_hsm_is_read_at_once(cluster: HsmCluster) -> None:
    first, second = cluster.hsms["hsm-1"], cluster.hsms["hsm-2"]
    officers = [each.login(UserType.CO, "admin", ADMIN_PASSWORD) for each in (first, second)]
    assert reading(cluster) == Reading(sessions=1, users=2)
    alice = officers[0].create_user(UserType.CU, "alice", "userPswd1")
    assert reading(cluster, "hsm-2") == Reading(sessions=1, users=2)
    officers[1].insert_user(officers[0].extract_user(alice.id))
    assert reading(cluster, "hsm-2") == Reading(sessions=1, users=3)
    officers[1].delete_user(UserType.CU, "alice")
    assert reading(cluster, "hsm-2") == Reading(sessions=1, users=2)
    officers[1].hang_up()
    assert reading(cluster, "hsm-2") == Reading(users=2)
    key = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD).generate_key(
        "a", AES_256_TOKEN_KEY
    )
    assert reading(cluster, "hsm-2") == Reading(sessions=1, token_keys=1, users=2)
    second.destroy_key(key)
    assert reading(cluster, "hsm-2") == Reading(sessions=1, users=2)
    second.add_user(UserType.CU, "bob", "userPswd1")
    assert reading(cluster, "hsm-2") == Reading(sessions=1, users=3)
    second.fail()
    assert reading(cluster, "hsm-2") == Reading(sessions=1, users=3, unhealthy=True)
    assert reading(cluster) == Reading(sessions=2, token_keys=1, users=3)


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


def test_commands_with_keys_have_opcodes_of_their_own(cluster: HsmCluster) -> None:
    cluster.remove_hsm("hsm-2")
    session = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    (own,) = session.sessions()
    token = session.generate_key("a", AES_256_TOKEN_KEY)
    fleeting = session.generate_key("a", KeyTemplate(token=False))
    for handle in (token, fleeting):
        own.store_key(replace(own.key(handle), shared_with=frozenset({"alice"})))
        own.store_key(replace(own.key(handle), label="b"))
        own.delete_key(handle)
    with pytest.raises(HsmError):
        own.extract_key(token)
    for handle in (token, fleeting):
        with pytest.raises(HsmError):
            own.delete_key(handle)
    missing = ReturnCode.KEY_NOT_FOUND
    assert [(each.opcode, each.code, each.key) for each in entries(cluster)[1:]] == [
        (Opcode.GENERATE_KEY, None, token),
        (Opcode.GENERATE_KEY, None, fleeting),
        (Opcode.SHARE_OBJECT, None, token),
        (Opcode.MODIFY_OBJECT, None, token),
        (Opcode.TOMBSTONE_OBJECT, None, token),
        (Opcode.SHARE_OBJECT, None, fleeting),
        (Opcode.MODIFY_OBJECT, None, fleeting),
        (Opcode.DESTROY_OBJECT, None, fleeting),
        (Opcode.EXTRACT_MASKED_OBJECT_USER, missing, token),
        (Opcode.TOMBSTONE_OBJECT, missing, token),
        (Opcode.TOMBSTONE_OBJECT, missing, fleeting),
    ]
    assert {each.session for each in entries(cluster)} == {own.handle}  # type: ignore[attr-defined]


def test_an_entry_is_of_its_time_and_of_its_session(cluster: HsmCluster, watch: Watch) -> None:
    watch.advance(minutes=3)
    fail_login(cluster.hsms["hsm-1"])
    cluster.hsms["hsm-1"].officer_session().create_user(UserType.CU, "alice", "userPswd1")
    session = cluster.hsms["hsm-1"].login(UserType.CU, "alice", "userPswd1")
    session.change_password(UserType.CU, "alice", "otherPswd")
    three = NOON + timedelta(minutes=3)
    first = 0x1004001
    kmsuser, admin, alice = (
        (UserType.CU, "kmsuser"),
        (UserType.CO, "admin"),
        (UserType.CU, "alice"),
    )
    failed = ReturnCode.AUTHENTICATION_FAILED
    assert entries(cluster) == (
        LogEntry(three, 0, Opcode.LOGIN, first + 1, failed, kmsuser),
        LogEntry(three, 1, Opcode.LOGIN, first + 2, None, admin),
        LogEntry(three, 2, Opcode.CREATE_USER, first + 2, None, alice),
        LogEntry(three, 3, Opcode.LOGIN, first + 3, None, alice),
        LogEntry(three, 4, Opcode.CHANGE_PSWD, first + 3, None, alice),
    )


def test_a_logbook_of_its_own() -> None:
    """What an HSM does of itself; without a clock there is no time and no reading."""
    told: list[int] = []
    book = Logbook(written=lambda: told.append(len(book.entries)))
    assert book.write(Opcode.INIT_TOKEN) == LogEntry(None, 0, Opcode.INIT_TOKEN, 0x1004001)
    (entry,) = book.entries
    assert (entry.code, entry.user, entry.key) == (None, None, None)
    book.write(Opcode.LOGIN, 7, code=ReturnCode.BUSY, user=(UserType.AU, "a"), key=8)
    assert book.entries[1] == LogEntry(
        None, 1, Opcode.LOGIN, 7, ReturnCode.BUSY, (UserType.AU, "a"), 8
    )
    assert told == [1, 2]
    book.read(Reading(1))
    book.end()
    assert (book.readings, book.ended) == ({}, None)
    assert [book.next_session(), book.next_session()] == [0x1004002, 0x1004003]
    Logbook().write(Opcode.INIT_DONE)


def test_w2_nothing_is_read_of_an_hsm_that_is_out_of_service(watch: Watch) -> None:
    book = Logbook(watch)
    for seconds in (0, 59, 60, 119):
        watch.time = NOON + timedelta(seconds=seconds)
        book.read(Reading(seconds))
    assert book.readings == {MINUTE: Reading(59), MINUTE + 1: Reading(119)}
    book.end()
    watch.advance(minutes=1)
    book.read(Reading(7))
    assert list(book.readings) == [MINUTE, MINUTE + 1]
    assert book.ended == MINUTE + 1


def test_w2_a_reading_of_an_empty_hsm() -> None:
    assert Reading() == Reading(0, 0, 0, 0, False)
    book = Logbook(lambda: NOON)
    LoggingHsm("hsm-1", now=lambda: NOON, book=book)
    assert book.readings == {MINUTE: Reading(users=1)}
    assert LoggingHsm("hsm-2").book.entries == ()


BUSY: dict[str, Callable[[Session, int], object]] = {
    "store a key": lambda session, key: session.store_key(session._session_keys[key]),
    "find keys": lambda session, key: session.find_keys(),
    "get a key": lambda session, key: session.key(key),
    "delete a key": lambda session, key: session.delete_key(key),
    "extract a key": lambda session, key: session.extract_key(key),
    "random numbers": lambda session, key: session.random(1),
}


@pytest.mark.parametrize("command", BUSY.values(), ids=BUSY)
def test_a_busy_hsm_refuses_work_with_keys_and_nothing_else(
    snapshot: Snapshot, command: Callable[[Session, int], object]
) -> None:
    busy = False
    hsm = HsmCluster("cluster-1", busy=lambda: busy).add_hsm("hsm-1", snapshot)
    session = hsm.login(UserType.CU, "kmsuser", PASSWORD)
    session.store_key(generate_key(1, "label", "kmsuser", KeyTemplate(token=False)))
    busy = True
    with pytest.raises(HsmError) as caught:
        command(session, 1)
    assert caught.value.code is ReturnCode.BUSY
    session.change_password(UserType.CU, "kmsuser", "otherPswd")
    officer = hsm.login(UserType.CO, "admin", ADMIN_PASSWORD)
    officer.create_user(UserType.CU, "alice", PASSWORD)
    busy = False
    command(session, 1)

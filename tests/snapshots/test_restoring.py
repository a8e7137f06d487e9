"""Going back to a snapshot within one process."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto import mock_aws
from moto.moto_api import state_manager

from moto_cks import Cks, HsmError, KeyStore, ReturnCode, cks, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client


def state_of(store: KeyStore) -> Any:
    kms = client("kms", store.region, store.account_id)
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return entry["ConnectionState"], entry.get("ConnectionErrorCode")


def state_of_key(key_id: str) -> Any:
    return client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]


def test_what_was_done_since_is_undone(world: Cks, store: KeyStore) -> None:
    kms = client("kms")
    key_id = store.create_key()
    card = kms.encrypt(KeyId=key_id, Plaintext=b"4111 1111")["CiphertextBlob"]
    before = world.snapshot()
    kms.schedule_key_deletion(KeyId=key_id)
    later = store.create_key()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    world.restore(before)
    assert state_of(store) == ("CONNECTED", None)
    assert kms.decrypt(CiphertextBlob=card)["Plaintext"] == b"4111 1111"
    with pytest.raises(ClientError, match="NotFoundException"):
        kms.describe_key(KeyId=later)


def test_it_can_be_restored_again_and_again(world: Cks, store: KeyStore) -> None:
    before = world.snapshot()
    for _ in range(3):
        assert client("kms").list_keys()["Keys"] == []
        store.create_key()
        world.restore(before)


def test_a_restored_key_store_reconnects(world: Cks, store: KeyStore) -> None:
    world.restore(world.snapshot())
    kms = client("kms")
    for _ in range(2):
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("CONNECTED", None)


def test_a_failed_key_store_is_still_failed_and_can_be_repaired(
    world: Cks, store: KeyStore
) -> None:
    world.failures["user-locked-out"].happen(store)
    locked = world.snapshot()
    for _ in range(2):
        world.restore(locked)
        assert state_of(store) == ("FAILED", "USER_LOCKED_OUT")
        assert "USER_LOCKED_OUT" in str(world.explain(store))
        world.failures["user-locked-out"].repair(store)
        assert state_of(store) == ("CONNECTED", None)


def test_wrong_passwords_are_counted_on(world: Cks) -> None:
    cluster = world.create_cluster()
    for _ in range(4):
        with pytest.raises(HsmError):
            cluster.login("CU", "kmsuser", "wrongPswd")
    nearly = world.snapshot()
    for _ in range(2):
        world.restore(nearly)
        with pytest.raises(HsmError):
            cluster.login("CU", "kmsuser", "wrongPswd")
        with pytest.raises(HsmError) as locked:
            cluster.login("CU", "kmsuser", "kmsPswd1")
        assert locked.value.code is ReturnCode.USER_LOCKED_OUT


def test_the_clock_stands_where_it_stood(world: Cks) -> None:
    with freeze_time("2026-03-01T12:00:00Z") as real:
        world.clock.advance(days=3)
        then = world.snapshot()
        assert then.time == world.clock.now()
        world.clock.advance(days=300)
        real.tick(timedelta(hours=5))
        world.restore(then)
        assert world.clock.now() == then.time
        real.tick(timedelta(hours=1))
        assert world.clock.now() == then.time + timedelta(hours=1)


def test_what_falls_due_after_it_falls_due_each_time(world: Cks, store: KeyStore) -> None:
    key_id = store.create_key()
    client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    world.clock.advance(days=6)
    pending = world.snapshot()
    for _ in range(2):
        world.restore(pending)
        assert state_of_key(key_id) == "PendingDeletion"
        assert len(store.cluster.hsms[0].keys) == 1
        world.clock.advance(days=1)
        with pytest.raises(ClientError, match="NotFoundException"):
            state_of_key(key_id)
        assert store.cluster.hsms[0].keys == ()
        (record,) = world.trail.events(event_name="DeleteKey")
        assert "SUCCESS" in record["additionalEventData"]["backingKeysDeletionStatus"]


def test_all_accounts_and_regions(world: Cks) -> None:
    stores = [
        world.create_key_store(),
        world.create_key_store(region=OTHER_REGION),
        world.create_key_store(account_id=OTHER_ACCOUNT),
    ]
    before = world.snapshot()
    world.reset()
    world.restore(before)
    assert [state_of(store) for store in stores] == [("CONNECTED", None)] * 3
    assert len({store.create_key() for store in stores}) == 3


def test_handles_of_before_go_on_and_handles_of_after_do_not(world: Cks, store: KeyStore) -> None:
    hsm = store.cluster.hsms[0]
    before = world.snapshot()
    other = world.create_key_store("Other", region=OTHER_REGION)
    store.create_key()
    world.restore(before)
    assert store.cluster.admin_password == "adminPswd1"
    assert "kmsuser" in {user.name for user in hsm.users}
    store.cluster.create_user("CU", "example", "userPswd1")
    assert "example" in {user.name for user in hsm.users}
    for use in (other.create_key, lambda: other.name, lambda: other.cluster):
        with pytest.raises(RuntimeError, match="is of a world that is over"):
            use()


def test_handles_of_one_restored_world_are_not_of_the_next(world: Cks, store: KeyStore) -> None:
    before = world.snapshot()
    world.restore(before)
    made = world.create_cluster(region=OTHER_REGION)
    world.restore(before)
    with pytest.raises(RuntimeError, match="a snapshot was restored"):
        made.hsms  # noqa: B018


def test_a_snapshot_leaves_the_world_and_its_handles_as_they_are(
    world: Cks, store: KeyStore
) -> None:
    session = store.cluster.login("CO", "admin", "adminPswd1")
    with world.cloudhsm_mgmt_util(store.cluster) as tool:
        world.snapshot()
        assert "admin" in tool.run("listUsers")
    assert session.sessions()
    session.logout()
    assert store.create_key()


def test_tools_and_logins_end(world: Cks) -> None:
    cluster = world.create_cluster()
    session = cluster.login("CU", "kmsuser", "kmsPswd1")
    tool = world.key_mgmt_util(cluster)
    tool.run("loginHSM -u CU -s kmsuser -p kmsPswd1")
    world.restore(world.snapshot())
    for use in (session.sessions, lambda: tool.run("listUsers")):
        with pytest.raises(RuntimeError, match="is of a world that is over"):
            use()
    session.logout()
    tool.close()
    store = world.create_key_store(cluster=cluster)  # nobody is logged in as kmsuser
    assert state_of(store) == ("CONNECTED", None)


@pytest.mark.parametrize("variant", ["in-tool", "in-python"])
def test_the_logins_of_a_failure_stay(world: Cks, store: KeyStore, variant: str) -> None:
    failure = world.failures["user-logged-in"]
    failure.happen(store, variant=variant)
    world.restore(world.snapshot())
    kms = client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("FAILED", "USER_LOGGED_IN")
    failure.repair(store)
    assert state_of(store) == ("CONNECTED", None)


def test_faults_are_counted_from_where_they_were(world: Cks) -> None:
    store = world.create_key_store(connect=False)
    world.faults.connection_error("INTERNAL_ERROR", times=1, key_store=store)
    lasting = world.faults.fail("kms:ListKeys", "KMSInternalException", times=None)
    before = world.snapshot()
    later = world.faults.fail("kms:ListAliases", "KMSInternalException", times=None)
    kms = client("kms")
    for _ in range(2):
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        assert state_of(store) == ("FAILED", "INTERNAL_ERROR")
        world.restore(before)
    later.end()  # it is not in this world
    assert kms.list_aliases()["Aliases"] is not None
    with pytest.raises(ClientError, match="KMSInternalException"):
        kms.list_keys()
    lasting.end()
    assert kms.list_keys()["Keys"] == []


def test_history_and_timeline_go_on_from_there(world: Cks, store: KeyStore) -> None:
    before = world.snapshot()
    kept = [(entry.time, entry.number, entry.what) for entry in world.timeline]
    records = world.trail.events()
    store.create_key()
    world.restore(before)
    assert [(entry.time, entry.number, entry.what) for entry in world.timeline] == kept
    assert world.trail.events() == records
    store.create_key()
    assert world.timeline.entries()[-1].what == "CreateKey"
    assert world.timeline.entries()[-1].number > kept[-1][1]


def test_state_transitions_are_in_it(world: Cks, store: KeyStore) -> None:
    slow = {"progression": "time", "seconds": 900}
    state_manager.set_transition("cks::connection", slow)
    kms = client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    connecting = world.snapshot()
    state_manager.unset_transition("cks::connection")
    world.restore(connecting)
    assert state_manager.get_transition("cks::connection") == slow
    assert state_of(store) == ("DISCONNECTING", None)
    world.clock.advance(minutes=15)
    assert state_of(store) == ("DISCONNECTED", None)
    world.reset()
    assert state_manager.get_transition("cks::connection") == {"progression": "immediate"}


def test_ids_go_on_as_they_would_have(world: Cks) -> None:
    before = world.snapshot()
    first = client("kms").create_key()["KeyMetadata"]["KeyId"]
    world.restore(before)
    assert client("kms").create_key()["KeyMetadata"]["KeyId"] == first


def test_it_can_be_restored_in_a_later_mock() -> None:
    with mock_cks() as first:
        store = first.create_key_store()
        before = first.snapshot()
    with mock_cks() as later:
        assert client("kms").describe_custom_key_stores()["CustomKeyStores"] == []
        later.restore(before)
        assert store.create_key()
        assert state_of(store) == ("CONNECTED", None)


def test_moto_keeps_what_was_restored_after_the_mock_of_this_package() -> None:
    with mock_aws():
        with mock_cks() as inner:
            inner.create_key_store()
            inner.restore(inner.snapshot())
            client("kms").create_key(Description="ordinary")
        (key,) = client("kms").list_keys()["Keys"]
        assert client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Enabled"]
        assert len(client("ec2").describe_vpcs()["Vpcs"]) == 2


def test_threads_that_call_meanwhile(world: Cks, store: KeyStore) -> None:
    over = threading.Event()
    failures: list[BaseException] = []
    client("s3").create_bucket(Bucket="example")

    def work(number: int) -> None:
        try:
            round_ = 0
            while not over.is_set():
                round_ += 1
                client("kms").create_key()
                client("s3").put_object(Bucket="example", Key=f"{number}/{round_}", Body=b"x")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    taken = [world.snapshot() for _ in range(10)]
    over.set()
    for thread in threads:
        thread.join()
    assert not failures
    counts = []
    for snapshot in taken:
        world.restore(snapshot)
        pages = client("kms").get_paginator("list_keys").paginate()
        counts.append(sum(len(page["Keys"]) for page in pages))
    assert counts == sorted(counts)


def test_what_is_no_snapshot_is_refused(world: Cks) -> None:
    wrong: Any = b"nothing"
    with pytest.raises(TypeError, match="A snapshot of this process is restored here"):
        world.restore(wrong)


def test_outside_of_a_mock() -> None:
    with mock_cks() as inside:
        before = inside.snapshot()
    for use in (cks.snapshot, lambda: cks.restore(before), lambda: cks.load("any")):
        with pytest.raises(RuntimeError, match="mock_cks is not on in this process"):
            use()

"""A KeyboardInterrupt, or what a handler of signals raises, at every point of what changes much.

Whatever was interrupted, what the documentation tells to do next leads on, and nothing is left that
nobody would find: no login of kmsuser, no network interface, no backup that nothing purges.

There are some 13,000 points, which take three minutes. By default one in STEP of them is tried,
with each test beginning at another; with CKS_ALL_POINTS=1 in the environment all are.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import moto_cks
from moto_cks import Cks, KeyStore, cks
from moto_cks.world.lock import TAKEN
from moto_cks.xks_proxy.lock import LOCK
from tests.aws import client, error_of

ROOT = str(Path(moto_cks.__file__).parent)

STEP = 1 if os.environ.get("CKS_ALL_POINTS") else 19
"""From one point to the next that is tried."""

pytestmark = pytest.mark.filterwarnings(
    # A generator that is interrupted while it is closed has nobody to tell.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


class Interruption(KeyboardInterrupt):
    """What is raised."""


class Interrupter:
    """Raises when functions of the package are called or return for the n-th time."""

    def __init__(self, number: int) -> None:
        self.count = 0
        self.where = "nowhere"
        self._number = number

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event in ("call", "return") and frame.f_code.co_filename.startswith(ROOT):
            self.count += 1
            if self.count == self._number:
                self.where = f"{event} of {frame.f_code.co_name}, {frame.f_code.co_filename}"
                raise Interruption


def interrupted(number: int, action: Callable[[], Any]) -> Interrupter:
    """Do something that is interrupted at a point."""
    interrupter = Interrupter(number)
    sys.setprofile(interrupter)
    try:
        action()
    except Interruption:
        pass
    finally:
        sys.setprofile(None)
    others_go_on(interrupter)
    return interrupter


def others_go_on(interrupter: Interrupter) -> None:
    """No lock is left locked: other threads would wait for ever."""

    def take_them() -> None:
        for lock in (*TAKEN, LOCK):
            with lock:
                pass

    other = threading.Thread(target=take_them, daemon=True)
    other.start()
    other.join(30)
    assert not other.is_alive(), f"a lock is left locked: {interrupter.where}"


def from_now(action: Callable[[], Any]) -> Callable[[], Callable[[], Any]]:
    """Prepares for something by going back to the world as it is now."""
    before = cks.snapshot()

    def prepare() -> Callable[[], Any]:
        cks.restore(before)
        return action

    return prepare


def at_every_point(prepare: Callable[[], Callable[[], Any]], follow: Callable[[], None]) -> int:
    """Interrupt something at one point after the other, and follow up on it.

    Args:
        prepare: makes the world before it; gives what is done.
        follow: does what the documentation tells to do next, and looks whether all is well.

    Returns:
        How many points there are.
    """
    number = 1 + zlib.crc32(prepare.__qualname__.encode()) % STEP
    while True:
        action = prepare()
        interrupter = interrupted(number, action)
        try:
            follow()
        except BaseException:
            print(f"interrupted at point {number}: {interrupter.where}")
            raise
        if interrupter.count < number:
            return interrupter.count
        number += STEP


class Account:
    """A key store with a key, and what can be seen of it."""

    def __init__(self, store: KeyStore) -> None:
        self.kms, self.cloudhsm, self.ec2 = map(client, ("kms", "cloudhsmv2", "ec2"))
        self.store = store
        self.key_id = store.create_key()
        self.cluster_id = store.cluster.id
        self.network = self.seen_network()

    def state(self) -> str:
        (entry,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store.id)[
            "CustomKeyStores"
        ]
        assert "ConnectionErrorCode" not in entry
        return str(entry["ConnectionState"])

    def connect(self) -> None:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store.id)

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store.id)

    def use(self) -> None:
        sealed = self.kms.encrypt(KeyId=self.key_id, Plaintext=b"x")["CiphertextBlob"]
        assert self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"

    def seen_network(self) -> tuple[int, int]:
        interfaces = self.ec2.describe_network_interfaces()["NetworkInterfaces"]
        return len(interfaces), len(self.ec2.describe_security_groups()["SecurityGroups"])

    def check_disconnected(self) -> None:
        """Nobody is logged in as kmsuser: somebody can be, and change its password."""
        if self.state() != "DISCONNECTED":
            self.disconnect()
        interfaces, groups = self.network
        subnets = len(self.store.cluster.subnet_ids)
        assert self.seen_network() == (interfaces - subnets, groups - 1)
        self.store.cluster.change_password("CU", "kmsuser", "tempPassword")
        with self.store.cluster.login("CU", "kmsuser", "tempPassword"):
            pass
        self.kms.update_custom_key_store(
            CustomKeyStoreId=self.store.id, KeyStorePassword="tempPassword"
        )

    def check_all(self) -> None:
        """It can be used, and disconnected with nothing left."""
        if self.state() == "DISCONNECTED":
            self.connect()
        assert self.state() == "CONNECTED"
        self.use()
        assert self.seen_network() == self.network
        self.check_disconnected()

    def backups(self) -> dict[str, str]:
        pages = self.cloudhsm.get_paginator("describe_backups").paginate(
            Filters={"clusterIds": [self.cluster_id]}
        )
        found = (each for page in pages for each in page["Backups"])
        return {each["BackupId"]: each["BackupState"] for each in found}

    def hsms(self) -> dict[str, str]:
        found = self.cloudhsm.describe_clusters(Filters={"clusterIds": [self.cluster_id]})
        return {each["HsmId"]: each["State"] for each in found["Clusters"][0]["Hsms"]}


@pytest.fixture
def account(store: KeyStore) -> Account:
    return Account(store)


@pytest.fixture
def again(account: Account) -> Callable[[], None]:
    """Goes back to the world as it was."""
    before = cks.snapshot()
    return lambda: cks.restore(before)


# Connecting ------------------------------------------------------------------------------------


def test_connecting(account: Account) -> None:
    account.disconnect()

    assert at_every_point(lambda: account.connect, account.check_all) > 1000


def test_disconnecting(account: Account) -> None:
    def follow() -> None:
        account.check_disconnected()
        account.connect()
        account.use()

    assert at_every_point(lambda: account.disconnect, follow) > 300


def test_connecting_again_only_after_a_disconnect(account: Account) -> None:
    # Straight to what a connection ends with, as somebody does who begins anew.
    def prepare() -> Callable[[], None]:
        account.disconnect()
        return account.connect

    def follow() -> None:
        account.check_disconnected()
        account.connect()
        account.use()

    assert at_every_point(prepare, follow) > 1000


def test_connecting_while_time_passes(account: Account, transition: Callable[..., None]) -> None:
    account.disconnect()

    def prepare() -> Callable[[], Any]:
        transition("cks::connection", progression="time", seconds=600)
        account.connect()
        return lambda: cks.clock.advance(minutes=10)

    def follow() -> None:
        if account.state() == "CONNECTING":
            cks.clock.advance(minutes=10)
        assert account.state() == "CONNECTED"
        transition("cks::connection", progression="immediate")
        account.check_all()

    assert at_every_point(prepare, follow) > 1000


# Deleting --------------------------------------------------------------------------------------


def test_deleting_a_key_store(account: Account) -> None:
    other = cks.create_cluster(kmsuser_password="otherPswd1")
    made = account.kms.create_custom_key_store(
        CustomKeyStoreName="Other",
        CloudHsmClusterId=other.id,
        TrustAnchorCertificate=other.trust_anchor,
        KeyStorePassword="otherPswd1",
    )["CustomKeyStoreId"]
    prepare = from_now(lambda: account.kms.delete_custom_key_store(CustomKeyStoreId=made))

    def follow() -> None:
        found = account.kms.describe_custom_key_stores()["CustomKeyStores"]
        if made in [each["CustomKeyStoreId"] for each in found]:
            account.kms.delete_custom_key_store(CustomKeyStoreId=made)
        code, _ = error_of(account.kms.delete_custom_key_store, CustomKeyStoreId=made)
        assert code == "CustomKeyStoreNotFoundException"
        account.use()

    assert at_every_point(prepare, follow) > 30


def test_deleting_an_hsm(account: Account, again: Callable[[], None]) -> None:
    victim = next(iter(account.hsms()))

    def prepare() -> Callable[[], Any]:
        again()
        return lambda: account.cloudhsm.delete_hsm(ClusterId=account.cluster_id, HsmId=victim)

    def follow() -> None:
        account.use()
        if victim in account.hsms():
            account.cloudhsm.delete_hsm(ClusterId=account.cluster_id, HsmId=victim)
        assert set(account.hsms().values()) == {"ACTIVE"}
        assert len(account.hsms()) == 1
        interfaces, groups = account.network
        assert account.seen_network() == (interfaces - 1, groups)
        account.use()

    assert at_every_point(prepare, follow) > 200


def test_deleting_a_cluster(account: Account) -> None:
    account.disconnect()
    for hsm_id in account.hsms():
        account.cloudhsm.delete_hsm(ClusterId=account.cluster_id, HsmId=hsm_id)
    prepare = from_now(lambda: account.cloudhsm.delete_cluster(ClusterId=account.cluster_id))

    def follow() -> None:
        found = account.cloudhsm.describe_clusters()["Clusters"]
        if [each["State"] for each in found] != ["DELETED"]:
            account.cloudhsm.delete_cluster(ClusterId=account.cluster_id)
        (cluster,) = account.cloudhsm.describe_clusters()["Clusters"]
        assert cluster["State"] == "DELETED"
        cks.clock.advance(days=400)  # its backups are nobody's to purge
        assert set(account.backups().values()) == {"READY"}
        groups = account.ec2.describe_security_groups()["SecurityGroups"]
        assert cluster["SecurityGroup"] not in [each["GroupId"] for each in groups]

    assert at_every_point(prepare, follow) > 50


def test_deleting_a_backup(account: Account, again: Callable[[], None]) -> None:
    backup_id = next(iter(account.backups()))

    def prepare() -> Callable[[], Any]:
        again()
        return lambda: account.cloudhsm.delete_backup(BackupId=backup_id)

    def follow() -> None:
        if account.backups()[backup_id] == "READY":
            account.cloudhsm.delete_backup(BackupId=backup_id)
        assert account.backups()[backup_id] == "PENDING_DELETION"
        cks.clock.advance(days=7)
        assert backup_id not in account.backups()

    assert at_every_point(prepare, follow) > 50


def test_a_key_whose_waiting_period_ends(account: Account) -> None:
    account.kms.create_alias(AliasName="alias/cards", TargetKeyId=account.key_id)
    account.kms.create_grant(
        KeyId=account.key_id,
        GranteePrincipal="arn:aws:iam::123456789012:user/alice",
        Operations=["Encrypt"],
    )
    account.kms.schedule_key_deletion(KeyId=account.key_id, PendingWindowInDays=7)
    prepare = from_now(lambda: cks.clock.advance(days=7))

    def follow() -> None:
        cks.clock.advance(minutes=1)
        now = cks.clock.now()
        if account.kms.list_keys()["Keys"]:  # time was not moved at all
            cks.clock.advance(days=7)
        assert account.kms.list_keys()["Keys"] == []
        assert [a for a in account.kms.list_aliases()["Aliases"] if "cards" in a["AliasName"]] == []
        assert not any(hsm.keys for hsm in account.store.cluster.hsms)
        assert cks.clock.now() >= now

    assert at_every_point(prepare, follow) > 100


# Backing up ------------------------------------------------------------------------------------


def test_backing_up_daily(account: Account, again: Callable[[], None]) -> None:
    def prepare() -> Callable[[], Any]:
        again()
        return lambda: cks.clock.advance(days=1)

    def follow() -> None:
        before = len(account.backups())
        cks.clock.advance(days=1)
        cks.clock.advance(days=1)
        # One a day, whatever was interrupted; at most one more for the interrupted day.
        assert before + 2 <= len(account.backups()) <= before + 3
        cks.clock.advance(days=100)  # longer than they are kept: nothing is forgotten by that
        assert 88 <= len([s for s in account.backups().values() if s == "READY"]) <= 93

    assert at_every_point(prepare, follow) > 100


def test_backing_up_with_a_new_hsm(account: Account, again: Callable[[], None]) -> None:
    zone = account.cloudhsm.describe_clusters()["Clusters"][0]["Hsms"][0]["AvailabilityZone"]

    def prepare() -> Callable[[], Any]:
        again()
        return lambda: account.cloudhsm.create_hsm(
            ClusterId=account.cluster_id, AvailabilityZone=zone
        )

    def follow() -> None:
        if len(account.hsms()) == 2:
            account.cloudhsm.create_hsm(ClusterId=account.cluster_id, AvailabilityZone=zone)
        assert list(account.hsms().values()) == ["ACTIVE"] * 3
        assert set(account.backups().values()) == {"READY"}
        account.use()
        handles = [{key.handle for key in hsm.keys} for hsm in account.store.cluster.hsms]
        assert handles[0] == handles[1] == handles[2] != set()
        account.disconnect()
        account.connect()
        account.use()

    assert at_every_point(prepare, follow) > 500


# Migrating -------------------------------------------------------------------------------------


class Migrating:
    """A key store on a cluster of hsm1.medium, whose HSMs are given another type."""

    def __init__(self, change_takes: Callable[..., None]) -> None:
        self.account = Account(cks.create_key_store(hsm_type="hsm1.medium"))
        self.change_takes = change_takes
        self.former = set(self.account.backups())
        self.before = cks.snapshot()

    def modify(self, hsm_type: str) -> None:
        cluster_id = self.account.cluster_id
        self.account.cloudhsm.modify_cluster(ClusterId=cluster_id, HsmType=hsm_type)

    def shown(self) -> tuple[str, str]:
        """The state of the cluster, and its type."""
        (cluster,) = self.account.cloudhsm.describe_clusters()["Clusters"]
        return cluster["State"], cluster["HsmType"]

    def check(self, hsm_type: str) -> None:
        """Its HSMs are of a type, and it can be used and changed."""
        assert self.shown() == ("ACTIVE", hsm_type)
        (cluster,) = self.account.cloudhsm.describe_clusters()["Clusters"]
        assert {hsm["HsmType"] for hsm in cluster["Hsms"]} == {hsm_type}
        assert set(self.account.hsms().values()) == {"ACTIVE"}
        assert set(self.account.backups().values()) == {"READY"}
        self.account.use()
        self.account.store.create_key()
        self.account.check_all()

    def check_backups(self) -> None:
        """Before each HSM was replaced there has been one."""
        made = self.account.backups().keys() - self.former
        assert len(made) >= len(self.account.hsms())


@pytest.fixture
def migrating(world: Cks, transition: Callable[..., None]) -> Migrating:
    def change_takes(seconds: int | None) -> None:
        if seconds is None:
            transition("cloudhsmv2::cluster", progression="immediate")
        else:
            transition("cloudhsmv2::cluster", progression="time", seconds=seconds)

    return Migrating(change_takes)


@pytest.mark.parametrize("seconds", [None, 3600])
def test_y18_changing_the_hsm_type(migrating: Migrating, seconds: int | None) -> None:
    def prepare() -> Callable[[], Any]:
        cks.restore(migrating.before)
        migrating.change_takes(seconds)
        return lambda: migrating.modify("hsm2m.medium")

    def follow() -> None:
        if migrating.shown() == ("ACTIVE", "hsm1.medium"):
            migrating.account.store.create_key()  # what has not begun limits nothing
            migrating.modify("hsm2m.medium")
        assert migrating.shown()[1] == "hsm2m.medium"
        if seconds:
            assert migrating.shown()[0] == "MODIFY_IN_PROGRESS"
            cks.clock.advance(hours=1)
        migrating.check("hsm2m.medium")
        migrating.check_backups()

    assert at_every_point(prepare, follow) > 100


def test_y18_hsms_are_replaced_while_time_passes(migrating: Migrating) -> None:
    migrating.change_takes(3600)
    migrating.modify("hsm2m.medium")
    prepare = from_now(lambda: cks.clock.advance(hours=1))

    def follow() -> None:
        if migrating.shown()[0] == "MODIFY_IN_PROGRESS":
            cks.clock.advance(hours=1)
        migrating.check("hsm2m.medium")
        migrating.check_backups()

    assert at_every_point(prepare, follow) > 100


@pytest.mark.parametrize("minutes", [40, 60], ids=["before the end", "after it"])
def test_y20_rolling_back(migrating: Migrating, minutes: int) -> None:
    migrating.change_takes(3600)
    migrating.modify("hsm2m.medium")
    cks.clock.advance(minutes=minutes)
    begun = migrating.shown()
    prepare = from_now(lambda: migrating.modify("hsm1.medium"))

    def follow() -> None:
        if migrating.shown() == begun:
            migrating.modify("hsm1.medium")
        assert migrating.shown() == ("ROLLBACK_IN_PROGRESS", "hsm1.medium")
        cks.clock.advance(hours=1)
        migrating.check("hsm1.medium")

    assert at_every_point(prepare, follow) > 50


# Signals ---------------------------------------------------------------------------------------


class AlarmError(Exception):
    """What a handler of signals raises, as those of timeouts do."""


def test_a_signal_that_comes_at_any_time(account: Account) -> None:
    if sys.gettrace() is not None:
        pytest.skip("a tracer, as that of coverage, has locks, which an exception leaves taken")

    def ring(*_: object) -> None:
        raise AlarmError

    former = signal.signal(signal.SIGALRM, ring)
    came, turns = 0, 50
    try:
        account.disconnect()
        start = time.perf_counter()
        account.connect()
        takes = time.perf_counter() - start
        account.disconnect()
        for turn in range(turns):
            try:
                signal.setitimer(signal.ITIMER_REAL, takes * (turn + 1) / turns)
                account.connect()
                signal.setitimer(signal.ITIMER_REAL, 0)
            except AlarmError:
                came += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            account.check_all()
    finally:
        signal.signal(signal.SIGALRM, former)
    assert came > turns / 10

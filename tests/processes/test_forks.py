"""Processes that begin in the middle of things: fork, spawn and forkserver."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from moto.core.base_backend import backend_lock
from moto.core.models import MockAWS

from moto_cks import XksProxy, cks, mock_cks
from moto_cks.handle.remote.control_api import ControlApi
from moto_cks.server import ThreadedCksServer
from moto_cks.world.lock import WORLD
from moto_cks.xks_proxy.wire import Request
from tests.aws import client
from tests.kms.keystores.external import Owner, creation
from tests.processes.pools import pool_of

FORKS = 40
SECONDS = 30
"""Until a child has hung."""

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def in_child(work: Callable[[], None]) -> int:
    """Fork, and do something in the child; gives its exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL


@contextmanager
def busy(*tasks: Callable[[], object]) -> Iterator[None]:
    """A context in which each task is done over and over by a thread of its own."""
    done = threading.Event()

    def work(task: Callable[[], object]) -> None:
        while not done.is_set():
            task()

    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


@contextmanager
def held(lock: threading.Lock | threading.RLock) -> Iterator[None]:  # type: ignore[valid-type]
    """A context in which another thread holds a lock, for a moment."""
    taken = threading.Event()

    def hold() -> None:
        with lock:  # type: ignore[attr-defined]
            taken.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    yield
    thread.join()


@mock_cks
def test_a_fork_while_other_threads_call() -> None:
    store = cks.create_key_store()
    kms, cloudhsm = client("kms"), client("cloudhsmv2")
    key_id = store.create_key()
    sealed = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]

    def use() -> None:
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"

    with busy(
        lambda: kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"x"),
        cloudhsm.describe_clusters,
        kms.describe_custom_key_stores,
    ):
        assert all(in_child(use) == 0 for _ in range(FORKS))
    use()  # in the parent everything goes on


@pytest.mark.parametrize(
    "lock", [WORLD, backend_lock, MockAWS._mock_init_lock], ids=["world", "backends", "mocks"]
)
def test_a_fork_while_another_thread_holds_a_lock(lock: threading.Lock) -> None:
    def begin_another_world() -> None:
        with mock_cks():
            cks.create_key_store()

    with held(lock):
        assert in_child(begin_another_world) == 0
    begin_another_world()


@mock_cks
def test_x44_a_child_has_connections_of_its_own_to_a_proxy() -> None:
    proxy = XksProxy("foreign.example.com")
    address, port = proxy.serve()
    try:
        ca = proxy.certificate.authority.certificate
        cks.route_xks(proxy.endpoint, to=f"{address}:{port}", ca=ca)
        kms = client("kms")
        store_id = kms.create_custom_key_store(**creation(proxy))["CustomKeyStoreId"]
        kms.connect_custom_key_store(CustomKeyStoreId=store_id)
        key_id = kms.create_key(
            Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store_id, XksKeyId="external-key-1"
        )["KeyMetadata"]["KeyId"]

        def use() -> None:
            for _ in range(3):
                sealed = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
                assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"

        use()
        assert in_child(use) == 0
        use()  # on the connections that were kept
        assert {entry.outcome for entry in proxy.log} == {"success"}
    finally:
        proxy.close()


@mock_cks
def test_x66_a_fork_while_a_proxy_answers_others() -> None:
    """As it does to clients over TCP, who need no lock of the world."""
    owner = Owner(cks.create_external_key_store())
    path = f"{owner.proxy.path}/keys/external-key-1/metadata"
    request = Request("POST", path, (), b"{}")

    def use() -> None:
        assert owner.works()
        assert owner.reconnect() == ("CONNECTED", None)

    with busy(lambda: owner.proxy.answer(request), lambda: owner.proxy.answer(request)):
        assert all(in_child(use) == 0 for _ in range(FORKS))
    with busy(lambda: cks.xks_proxies[owner.proxy.host].answer(request), owner.works):
        assert all(in_child(use) == 0 for _ in range(FORKS))
    use()


class Foreign:
    """A key store whose proxy is outside of the world, and takes its time for health checks."""

    def __init__(self, proxy: XksProxy) -> None:
        address, port = proxy.serve()
        self.proxy, self.kms = proxy, client("kms")
        ca = proxy.certificate.authority.certificate
        cks.route_xks(proxy.endpoint, to=f"{address}:{port}", ca=ca)
        self.id = self.kms.create_custom_key_store(**creation(proxy))["CustomKeyStoreId"]
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.id)
        made = self.kms.create_key(
            Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=self.id, XksKeyId="external-key-1"
        )
        self.key_id = made["KeyMetadata"]["KeyId"]
        proxy.latency(0.1, api="GetHealthStatus")

    def check(self) -> None:
        """The key store gets connected, its key can be used, and time passes."""
        (entry,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.id)["CustomKeyStores"]
        assert entry["ConnectionState"] == "CONNECTED"
        assert self.kms.encrypt(KeyId=self.key_id, Plaintext=b"x")["CiphertextBlob"]
        before = cks.clock.now()
        cks.clock.advance(minutes=10)
        assert (cks.clock.now() - before).total_seconds() >= 600

    def connect_again(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.id)
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.id)

    @contextmanager
    def waited_for(self, action: Callable[[], object]) -> Iterator[None]:
        """A context in which another thread waits for the answer to a health check."""
        seen = len(self.proxy.requests)
        thread = threading.Thread(target=action)
        thread.start()
        while len(self.proxy.requests) == seen:
            time.sleep(0.001)
        yield
        thread.join()


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    proxy = XksProxy("foreign.example.com")
    with mock_cks():
        try:
            yield Foreign(proxy)
        finally:
            proxy.close()


WAITING: dict[str, Callable[[Foreign], object]] = {
    "connecting": Foreign.connect_again,
    "five minutes pass": lambda _: cks.clock.advance(minutes=5),
}


@pytest.mark.parametrize("action", WAITING.values(), ids=WAITING)
def test_x66_a_fork_while_another_thread_waits_for_a_foreign_health_check(
    foreign: Foreign, action: Callable[[Foreign], object]
) -> None:
    with foreign.waited_for(lambda: action(foreign)):
        assert in_child(foreign.check) == 0
    foreign.check()  # in the parent everything goes on


@pytest.mark.parametrize("action", WAITING.values(), ids=WAITING)
def test_x66_a_snapshot_while_another_thread_waits_for_a_foreign_health_check(
    foreign: Foreign, action: Callable[[Foreign], object]
) -> None:
    with foreign.waited_for(lambda: action(foreign)):
        snapshot = cks.snapshot()
    foreign.check()
    cks.restore(snapshot)
    foreign.check()


@mock_cks
def test_a_fork_by_who_holds_the_lock() -> None:
    store = cks.create_key_store()
    with WORLD:
        assert in_child(lambda: cks.explain(store) and None) == 0
        assert in_child(lambda: threading.Thread(target=client("kms").list_keys).start()) == 0
    assert not _held_elsewhere()


def _held_elsewhere() -> bool:
    free: list[bool] = []

    def look() -> None:
        free.append(WORLD.acquire(timeout=5))
        if free[0]:
            WORLD.release()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return not free[0]


def test_a_fork_of_a_process_with_a_server(tmp_path: Path) -> None:
    path = tmp_path / "world.state"
    server = ThreadedCksServer(port=0, state=str(path))
    server.start()
    try:
        control = ControlApi(f"http://127.0.0.1:{server.get_host_and_port()[1]}")
        control.post("key-stores")
        start = time.monotonic()
        assert in_child(server.stop) == 0  # as a with statement does that ends there
        assert time.monotonic() - start < 3
        assert len(control.get("key-stores")["key_stores"]) == 1
    finally:
        server.stop()
    with ThreadedCksServer(port=0, state=str(path)) as again:
        control = ControlApi(f"http://127.0.0.1:{again.get_host_and_port()[1]}")
        assert len(control.get("key-stores")["key_stores"]) == 1


def seal(path: str) -> bytes:
    with mock_cks():
        cks.load(path)
        kms = client("kms")
        (key,) = kms.list_keys()["Keys"]
        sealed: bytes = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret")["CiphertextBlob"]
        return sealed


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_work_in_one_saved_world(method: str, tmp_path: Path) -> None:
    path = str(tmp_path / "world.cks")
    with mock_cks():
        cks.create_key_store().create_key()
        cks.save(path)
    with pool_of(method, 2) as pool:
        blobs = pool.map_async(seal, [path] * 4).get(timeout=120)
    with mock_cks():
        cks.load(path)
        kms = client("kms")
        assert {kms.decrypt(CiphertextBlob=blob)["Plaintext"] for blob in blobs} == {b"secret"}

"""Over TCP: threads, many clients, and an end without remains."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from moto_cks.xks_proxy.proxy import XksProxy
from tests.xks_proxy.asking import (
    ENCRYPT,
    HEALTH,
    KEY,
    TcpClient,
    outcome,
    reachable,
    signed,
)


@pytest.fixture
def here() -> XksProxy:
    return XksProxy()


def test_x44_a_connection_is_kept(here: XksProxy) -> None:
    with reachable(here, "tcp"):
        client = TcpClient(here)
        for _ in range(20):
            assert client.ask(signed(here, "/health", HEALTH))[0] == 200
        client.close()


def test_x49_3_a_credential_is_rotated_under_load(here: XksProxy) -> None:
    """Two are valid, clients change over, the old one is removed: nobody is refused."""
    with reachable(here, "tcp"), ThreadPoolExecutor(8) as pool:
        old = here.credential
        new_is_there, old_goes = threading.Event(), threading.Barrier(9)

        def work() -> set[int]:
            client, seen = TcpClient(here), set()
            while not new_is_there.is_set():
                seen.add(client.ask(signed(here, "/health", HEALTH, credential=old))[0])
            old_goes.wait(20)
            for _ in range(10):
                request = signed(here, f"/keys/{KEY}/encrypt", ENCRYPT)
                seen.add(client.ask(request)[0])
            client.close()
            return seen

        working = [pool.submit(work) for _ in range(8)]
        here.credentials.add()
        new_is_there.set()
        old_goes.wait(20)
        here.credentials.remove(old.access_key_id)
        assert [each.result(20) - {200} for each in working] == [set()] * 8


def test_x58_a_latency_of_more_than_a_thread_can_wait(here: XksProxy) -> None:
    """It is no cut: who asks waits, until the proxy stops."""
    with reachable(here, "tcp"), here.latency(1e12):
        client = TcpClient(here)
        client.write(
            b"POST /example/kms/xks/v1/health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
        )
        client._tls.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.read()
        client.close()


def test_x44_many_connect_at_once_and_none_has_to_try_again(here: XksProxy) -> None:
    with reachable(here, "tcp"):
        assert here.address is not None
        # A client that finds no room tries again after a second.
        waiting = [socket.create_connection(here.address, timeout=0.9) for _ in range(100)]
        for each in waiting:
            each.close()


def test_x44_as_many_clients_as_come(here: XksProxy) -> None:
    with reachable(here, "tcp"):
        clients = [TcpClient(here) for _ in range(40)]
        request = signed(here, "/health", HEALTH)
        assert {client.ask(request)[0] for client in clients} == {200}
        for client in clients:
            client.close()


def test_x71_nothing_is_left_when_it_closes(here: XksProxy) -> None:
    before = threading.active_count()
    address = here.serve()
    client = TcpClient(here)
    assert client.ask(signed(here, "/health", HEALTH))[0] == 200
    here.close()
    assert here.address is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
    assert threading.active_count() == before
    client.close()
    here.close()


def test_x71_no_process_waits_for_a_proxy_that_nobody_closes() -> None:
    program = "from moto_cks.xks_proxy.proxy import XksProxy; XksProxy().serve()"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_x58_it_is_served_once_and_only_while_it_runs(here: XksProxy) -> None:
    here.serve()
    with pytest.raises(RuntimeError, match="It listens already"):
        here.serve()
    here.close()
    with here.stop(), pytest.raises(RuntimeError, match="It is stopped"):
        here.serve()
    assert here.address is None


@pytest.mark.parametrize(
    ("address", "port"),
    [("xks.example.com", 0), ("", 0), ("127.0.0.1:80", 0), ("127.0.0.1", -1), ("127.0.0.1", 65536)],
)
def test_x67_no_name_is_looked_up_to_listen(address: str, port: int) -> None:
    proxy = XksProxy()
    with pytest.raises(ValueError, match=r"address|port"):
        proxy.serve(port, address=address)
    assert proxy.address is None
    assert proxy.serve(address="localhost")[0] == "127.0.0.1"
    proxy.close()


def test_x58_a_port_that_somebody_has(here: XksProxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(OSError, match=r"in use|bind"):
            here.serve(taken.getsockname()[1])
        assert here.address is None
    with reachable(here, "tcp"):
        assert outcome(here, "tcp", signed(here, "/health", HEALTH)) == "200"


def test_x58_clients_that_say_nothing_or_leave_do_no_harm(here: XksProxy) -> None:
    with reachable(here, "tcp"):
        assert here.address is not None
        silent = [socket.create_connection(here.address) for _ in range(40)]
        for each in silent[:20]:
            each.sendall(b"\x16\x03\x01\x02\x00\x01")
        for each in silent[:10]:
            each.close()
        assert outcome(here, "tcp", signed(here, "/health", HEALTH)) == "200"
        for each in silent[10:]:
            each.close()


def test_x58_clients_that_say_a_byte_now_and_then_keep_nobody_waiting(here: XksProxy) -> None:
    with reachable(here, "tcp"), ExitStack() as stack:
        assert here.address is not None
        slow = [stack.enter_context(socket.create_connection(here.address)) for _ in range(70)]
        for each in slow:
            each.sendall(b"\x16\x03\x01\x02\x00")  # of a record of 512 bytes
        ended = threading.Event()

        def trickle() -> None:
            while not ended.wait(0.02):
                for each in slow:
                    each.sendall(b"\0")

        trickling = threading.Thread(target=trickle)
        trickling.start()
        stack.callback(trickling.join)
        stack.callback(ended.set)
        waits = []
        for _ in range(5):
            start = time.monotonic()
            assert outcome(here, "tcp", signed(here, "/health", HEALTH)) == "200"
            waits.append(time.monotonic() - start)
        assert min(waits) < 1  # others may keep the machine busy, who is held up is so at any time


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("tls", [True, False])
def test_x49_2_a_signature_of_curl_is_right(here: XksProxy, tls: bool, tmp_path: Path) -> None:
    version = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True)
    if tuple(map(int, version.stdout.split()[1].split(".")[:2])) < (7, 75):
        pytest.skip("this curl does not sign")
    ca = tmp_path / "ca.pem"
    ca.write_text(here.certificate.authority.certificate)
    if not tls:
        here.plain_http()
    credential = here.credential
    with reachable(here, "tcp"):
        assert here.address is not None
        port = here.address[1]
        scheme = "https" if tls else "http"
        done = subprocess.run(
            [
                *("curl", "-sS", "--max-time", "20", "--cacert", str(ca), "--noproxy", "*"),
                *("--resolve", f"{here.host}:{port}:127.0.0.1"),
                *("--aws-sigv4", "aws:amz:us-east-1:kms-xks-proxy", "--config", "-"),
                *("-H", "Content-Type: application/json", "-H", "Expect: 100-continue"),
                *("--data", json.dumps(ENCRYPT)),
                f"{scheme}://{here.host}:{port}{here.path}/keys/{KEY}/encrypt",
            ],
            # Not among the arguments, which everybody on the machine sees.
            input=f'user = "{credential.access_key_id}:{credential.secret_access_key}"',
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    assert "ciphertext" in json.loads(done.stdout)
    assert here.log[-1].outcome == "success"


def at_once(*deeds: Callable[[], object]) -> list[BaseException | None]:
    """What comes of things that are done at the same time."""
    barrier = threading.Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> None:
        barrier.wait(20)
        deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [done.exception(20) for done in [pool.submit(do, deed) for deed in deeds]]


def test_x71_of_two_who_have_it_listen_one_does(here: XksProxy) -> None:
    for _ in range(5):
        first, second = sorted(at_once(here.serve, here.serve), key=repr)
        assert first is None
        assert isinstance(second, RuntimeError)
        assert outcome(here, "tcp", signed(here, "/health", HEALTH)) == "200"
        here.close()


def test_x58_two_who_start_it(here: XksProxy) -> None:
    here.serve()
    for _ in range(5):
        here.stop()
        assert at_once(here.start, here.start, here.start) == [None] * 3
        assert outcome(here, "tcp", signed(here, "/health", HEALTH)) == "200"
    here.close()


def test_x58_who_starts_it_while_somebody_stops_it(here: XksProxy) -> None:
    here.serve()
    for _ in range(20):
        assert at_once(here.stop, here.start, here.stop, here.start) == [None] * 4
    here.start()
    assert outcome(here, "tcp", signed(here, "/health", HEALTH)) == "200"
    here.close()

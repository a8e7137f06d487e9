"""The trap for connections: it is set in every test, and it catches."""

from __future__ import annotations

import socket
import sys
import threading

import pytest

from tests.trap import TrappedError, is_local


def test_x67_another_machine_is_not_reached() -> None:
    with socket.socket() as other, pytest.raises(TrappedError, match=r"192\.0\.2\.1"):
        other.connect(("192.0.2.1", 443))  # of documentation, nobody's
    with socket.socket() as other, pytest.raises(TrappedError, match=r"192\.0\.2\.1"):
        other.connect_ex(("192.0.2.1", 443))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
        pytest.raises(TrappedError, match=r"192\.0\.2\.1"),
    ):
        other.sendto(b"", ("192.0.2.1", 53))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
        pytest.raises(TrappedError, match=r"192\.0\.2\.1"),
    ):
        other.sendto(b"", 0, ("192.0.2.1", 53))


@pytest.mark.parametrize("name", ["kms.us-east-1.amazonaws.com", "xks.example.com"])
def test_x67_no_name_is_resolved(name: str) -> None:
    with pytest.raises(TrappedError, match=name):
        socket.getaddrinfo(name, 443)
    with pytest.raises(TrappedError, match=name):
        socket.gethostbyname(name)
    with pytest.raises(TrappedError, match=name):
        socket.gethostbyname_ex(name)


def test_x67_this_machine_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", True),
        (None, True),
        ("192.0.2.1", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("localhost.example.com", False),
    ],
)
def test_x67_what_is_local(host: str | None, local: bool) -> None:
    assert is_local(host) is local


def test_threads_start_one_beside_the_other_while_they_are_measured() -> None:
    """A hook of Python's audit would make some of them fail, which no thread would tell of."""
    started = []

    def start() -> None:
        for _ in range(200):
            thread = threading.Thread(target=started.append, args=(1,))
            thread.start()
            thread.join()

    interval, tracing = sys.getswitchinterval(), threading.gettrace()
    sys.setswitchinterval(1e-6)
    threading.settrace(tracing or (lambda *_: None))
    try:
        starters = [threading.Thread(target=start) for _ in range(8)]
        for starter in starters:
            starter.start()
        for starter in starters:
            starter.join()
    finally:
        sys.setswitchinterval(interval)
        threading.settrace(tracing)  # type: ignore[arg-type] # as Python documents it
    assert len(started) == 8 * 200

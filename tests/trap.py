"""Nothing but this machine is ever contacted by a test, and no name is ever resolved."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

LOCAL_NAMES = (None, "", "localhost", b"localhost")


class TrappedError(AssertionError):
    """Somebody has tried to reach another machine."""


def is_address(host: object) -> bool:
    """Whether it is an address, which nobody has to resolve."""
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return True


def is_local(host: object) -> bool:
    """Whether a host needs neither the network nor a name server."""
    if host in LOCAL_NAMES:
        return True
    try:
        text = host.decode() if isinstance(host, bytes) else str(host)
        address = ipaddress.ip_address(text)
    except ValueError:
        return False  # a name
    return address.is_loopback or address.is_unspecified


def _of_address(_: Any, *arguments: Any) -> object:
    address = arguments[-1]  # sendto may have flags before it
    return address[0] if isinstance(address, tuple) else None  # others are files


def _of_host(host: object, *_: Any, **__: Any) -> object:
    return host


def _of_name(host: object, *_: Any, **__: Any) -> object:
    return None if is_address(host) else host


WATCHED: tuple[tuple[Any, str, Callable[..., object]], ...] = (
    (socket.socket, "connect", _of_address),
    (socket.socket, "connect_ex", _of_address),
    (socket.socket, "sendto", _of_address),
    (socket, "getaddrinfo", _of_name),
    (socket, "gethostbyname", _of_host),
    (socket, "gethostbyname_ex", _of_host),
    (socket, "gethostbyaddr", _of_host),
)
"""What uses the network: of what, its name, and what finds the host among its arguments."""


@contextmanager
def unwatched() -> Iterator[None]:
    """For what looks like another machine and is none: an address of this one, to be learnt."""
    _threads.unwatched = True
    try:
        yield
    finally:
        _threads.unwatched = False


_threads = threading.local()


def refuse_the_network() -> None:
    """Have whatever uses the network look at where it leads, for good.

    Not by an audit hook, which Python 3.11 calls while it sets a trace function, too: should
    another thread do so before the hook is back, it fails, and with coverage every thread does.
    """
    for owner, name, host_of in WATCHED:
        setattr(owner, name, _refusing(name, getattr(owner, name), host_of))


def _refusing(
    name: str, function: Callable[..., Any], host_of: Callable[..., object]
) -> Callable[..., Any]:
    @wraps(function)
    def refusing(*arguments: Any, **named: Any) -> Any:
        if not getattr(_threads, "unwatched", False):
            host = host_of(*arguments, **named)
            if not is_local(host):
                raise TrappedError(f"A test has tried to reach {host!r} ({name}).")
        return function(*arguments, **named)

    return refusing

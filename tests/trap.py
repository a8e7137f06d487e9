"""Nothing but this machine is ever contacted by a test, and no name is ever resolved."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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


def _of_address(_: Any, address: Any) -> object:
    return address[0] if isinstance(address, tuple) else None  # others are files


WATCHED: Mapping[str, Callable[..., object]] = {
    "socket.connect": _of_address,
    "socket.sendto": _of_address,
    "socket.getaddrinfo": lambda host, *_: None if is_address(host) else host,
    "socket.gethostbyname": lambda host: host,
    "socket.gethostbyaddr": lambda host: host,
}
"""The events of Python's audit by which the network is used, and what gives the host of each."""


@contextmanager
def unwatched() -> Iterator[None]:
    """For what looks like another machine and is none: an address of this one, to be learnt."""
    _threads.unwatched = True
    try:
        yield
    finally:
        _threads.unwatched = False


_threads = threading.local()


def refuse_the_network(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook; it cannot be taken out again.

    Raises:
        TrappedError: another machine was to be reached, or a name to be resolved.
    """
    host_of = WATCHED.get(event)
    if host_of is None or getattr(_threads, "unwatched", False):
        return
    host = host_of(*args)
    if not is_local(host):
        raise TrappedError(f"A test has tried to reach {host!r} ({event}).")

"""Which proxies can be reached over TCP. What listens is no part of a proxy, which is but data."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from moto_cks.xks_proxy.lock import LOCK
from moto_cks.xks_proxy.values import is_whole


class Listener(Protocol):
    """Something that listens for a proxy."""

    def open(self) -> None:
        """Listen.

        Raises:
            OSError: the address is not free.
        """
        ...

    def close(self) -> None:
        """Listen no longer."""
        ...


PORTS = range(2**16)
"""The ports of TCP; 0 is any that is free."""


LOOPBACK = {"localhost": "127.0.0.1"}
"""The only name of an address that is known without looking it up."""


def ip_address_of(address: str, port: int) -> str:
    """The IP address on which somebody is to listen; no name is looked up but ``localhost``.

    Raises:
        ValueError: there is no such place.
    """
    if not is_whole(port) or port not in PORTS:
        raise ValueError(f"A port is a number from {PORTS[0]} to {PORTS[-1]}, not {port!r}.")
    try:
        known = LOOPBACK.get(address, address) if isinstance(address, str) else ""
        ip_address(known)
    except ValueError:
        raise ValueError(f"An IP address is as '127.0.0.1', not {address!r}.") from None
    return known


_listeners: WeakKeyDictionary[Any, Listener] = WeakKeyDictionary()


def open_for(proxy: Any, listener: Listener) -> None:
    """Have something listen for a proxy.

    Raises:
        OSError: the address is not free.
    """
    with LOCK:  # before it listens: what nobody knows, nobody could close
        _listeners[proxy] = listener
    try:
        listener.open()
    except BaseException:
        close(proxy)
        raise


def close(proxy: Any) -> None:
    """Have nothing listen for a proxy any more."""
    with LOCK:
        listener = _listeners.get(proxy)
    if listener is not None:
        listener.close()
        with LOCK:  # not before: who was interrupted there can do it again
            if _listeners.get(proxy) is listener:
                del _listeners[proxy]


def has(proxy: Any) -> bool:
    """Whether something listens for a proxy."""
    return proxy in _listeners

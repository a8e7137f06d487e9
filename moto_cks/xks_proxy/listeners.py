"""Which proxies can be reached over TCP. What listens is no part of a proxy, which is but data."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakKeyDictionary

from moto_cks.xks_proxy.lock import LOCK


class Listener(Protocol):
    """Something that listens for a proxy."""

    def close(self) -> None:
        """Listen no longer."""
        ...


_listeners: WeakKeyDictionary[Any, Listener] = WeakKeyDictionary()


def put(proxy: Any, listener: Listener) -> None:
    """Keep what listens for a proxy."""
    with LOCK:
        _listeners[proxy] = listener


def close(proxy: Any) -> None:
    """Have nothing listen for a proxy any more."""
    with LOCK:
        listener = _listeners.pop(proxy, None)
    if listener is not None:
        listener.close()


def has(proxy: Any) -> bool:
    """Whether something listens for a proxy."""
    return proxy in _listeners

"""The whole world as it is now, to be compared with what it is later."""

from __future__ import annotations

import contextlib
import functools
import types
import weakref
from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from moto_cks import cks
from moto_cks.world.aside import in_use
from moto_cks.world.backends import common_state
from tests.aws import client

T = TypeVar("T")

NOT_COMPARED: Mapping[str, str] = {
    "AccessKey.last_used": "who calls uses it, also where the call is refused",
    "CksCloudTrailBackend.callers": "who has called is kept for the record",
    "CloudHsmKeyStore._cluster_seen": "found quicker the next time",
    "CloudHsmKeyStore._cluster_seen_at": "the same",
    "CloudHsmKeyStore._ends_seen": "the same",
    "CloudHsmKeyStore._ends_seen_at": "the same",
    "EventHistory._events": "a call that was refused is recorded, too",
    "KmsKey._seen_available": "found quicker the next time",
    "Meter._counts": "CloudWatch counts requests that were throttled, and exchanges that failed",
    "Meter._tallies": "CloudWatch has the latency of exchanges that failed, too",
}
"""Attributes that may be others, as ``Class.attribute``, and why."""

World = dict[str, str]
"""What is in it: by the path to a value, what it says."""


def whole_world() -> World:
    """Everything that moto's backends hold, of all services, accounts and Regions."""
    ahead: list[tuple[str, Any]] = []
    for service in in_use():
        name = service.backend.__name__
        ahead.append((name, common_state(service)))
        for account, regions in dict.items(service):
            ahead += ((f"{name}[{account}, {at}]", each) for at, each in dict.items(regions))
    return whole(ahead)


def whole(parts: Iterable[tuple[str, Any]]) -> World:
    """Everything that some objects hold, each of which has a name."""
    found: World = {}
    seen: dict[int, str] = {}
    ahead = list(parts)
    ahead.reverse()
    while ahead:
        path, value = ahead.pop()
        inner = _parts_of(type(value))
        if inner is None:
            found[path] = repr(value)
        elif id(value) in seen:
            found[path] = f"is {seen[id(value)]}"
        else:
            seen[id(value)] = path
            found[path] = type(value).__qualname__
            ahead += reversed([(path + name, part) for name, part in inner(value)])
    return found


def differences(before: World, after: World) -> list[str]:
    """What is not as it was, as sentences for people."""
    paths = [path for path in (*before, *after) if before.get(path) != after.get(path)]
    return [f"{path}: {before.get(path)} -> {after.get(path)}" for path in dict.fromkeys(paths)]


def refused_without_a_trace(
    send: Callable[[T], bool], requests: Iterable[T], but: Iterable[str] = ()
) -> list[T]:
    """Send requests, and look whether those that are refused leave the world as it was.

    Those that are not are left out, and the others sent again, until all of them are refused.

    Args:
        send: sends one; gives whether it was refused.
        requests: all of them.
        but: what may be different: parts of the paths to it.

    Returns:
        Those that are refused.
    """
    for service, operation in (("kms", "list_keys"), ("cloudhsmv2", "describe_clusters")):
        with contextlib.suppress(ClientError):
            getattr(client(service), operation)()  # moto makes a service when it is first called
    with cks.faults.throttle():
        pass
    sent, snapshot = list(requests), cks.snapshot()
    while True:
        cks.restore(snapshot)
        before = whole_world()
        refused = [each for each in sent if send(each)]
        if len(refused) == len(sent):
            changed = differences(before, whole_world())
            assert [each for each in changed if not any(part in each for part in but)] == []
            return refused
        sent = refused


# Parts of an object, in its order, each with what is added to the path ---------------------------

Parts = Callable[[Any], Iterable[tuple[str, Any]]]


def _entries(value: Any) -> Iterable[tuple[str, Any]]:
    return [(f"[{key!r}]", part) for key, part in list(value.items())]


def _members(value: Any) -> Iterable[tuple[str, Any]]:
    return [(f"{{{number}}}", part) for number, part in enumerate(sorted(value, key=repr))]


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return [(f"[{number}]", part) for number, part in enumerate(list(value))]


_CONTAINERS: Mapping[type, Parts] = {
    types.MethodType: lambda method: [(f".{method.__name__}", method.__self__)],
    weakref.ref: lambda reference: [("()", reference())],
    Mapping: _entries,
    frozenset: _members,
    set: _members,
    list: _items,
    tuple: _items,
    deque: _items,
}


@functools.cache
def _parts_of(kind: type) -> Parts | None:
    """What gives the parts of the objects of a class; ``None`` where nobody looks into them."""
    contents = [parts for each, parts in _CONTAINERS.items() if issubclass(kind, each)][:1]
    if kind.__module__.partition(".")[0] in ("moto", "moto_cks") and not issubclass(kind, Enum):
        contents.append(functools.partial(_attributes, _slots(kind), _left_out(kind)))
    if not contents:
        return None
    return lambda value: [each for parts in contents for each in parts(value)]


def _slots(kind: type) -> list[str]:
    return [name for each in kind.__mro__ for name in getattr(each, "__slots__", ())]


def _left_out(kind: type) -> frozenset[str]:
    named = [name.rpartition(".") for name in NOT_COMPARED]
    classes = [each.__qualname__ for each in kind.__mro__]
    return frozenset(attribute for owner, _, attribute in named if owner in classes)


def _attributes(
    slots: Sequence[str], left_out: Container[str], value: Any
) -> Iterable[tuple[str, Any]]:
    held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    held |= getattr(value, "__dict__", {})
    return [(f".{name}", part) for name, part in held.items() if name not in left_out]

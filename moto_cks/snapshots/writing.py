"""Writes a world down; :mod:`moto_cks.snapshots.reading` reads it."""

from __future__ import annotations

import io
import itertools
import pickle
import re
import threading
import types
import uuid
import weakref
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, TypeAlias

from botocore.model import ServiceModel as BotocoreModel
from moto.core.base_backend import BaseBackend

from moto_cks.kms.specs import Spec
from moto_cks.snapshots import admitted
from moto_cks.snapshots.errors import SnapshotError, UnsavableError
from moto_cks.snapshots.methods import FUNCTIONS, is_kept
from moto_cks.snapshots.names import class_named, holds_data, name_of, variable_of
from moto_cks.snapshots.reading import (
    ADDRESSES,
    DICTS,
    FACTORIES,
    LAMBDAS,
    LOCKS,
    MOTO_FACTORIES,
    ZONES,
)
from moto_cks.world.lifecycle import Table

PROTOCOL = 5
"""Of pickle."""

Reduced: TypeAlias = "tuple[Any, ...]"
"""What makes an object, as pickle's ``__reduce__`` has it."""


def _by(name: str, *arguments: Any) -> Reduced:
    """An object that a method of ``Reading`` makes."""
    return getattr(admitted, name), arguments


# Of Python, and of packages that moto uses --------------------------------------------------------


def _factory(mapping: defaultdict[Any, Any]) -> str:
    """The name of what a defaultdict makes."""
    factory = mapping.default_factory
    home = f"{getattr(factory, '__module__', '')}:{getattr(factory, '__qualname__', '')}"
    names = [name for name, known in FACTORIES.items() if factory is known]
    if home in LAMBDAS:
        names.append(LAMBDAS[home])
    if home in MOTO_FACTORIES:
        names.append(home)
    if not names:
        raise UnsavableError(f"defaultdict of {_told(factory)}")
    return names[0]


def _default(mapping: defaultdict[Any, Any]) -> Reduced:
    return (*_by("default", _factory(mapping)), None, None, iter(mapping.items()))


def _count(counter: Any) -> Reduced:
    first = re.fullmatch(r"count\((\d+)\)", repr(counter))
    if first is None:
        raise UnsavableError("itertools.count with steps")
    return _by("numbers", int(first[1]))


def _weak(reference: Any) -> Reduced:
    target = reference()
    if target is None:
        raise UnsavableError("dead weak reference")
    return _by("weak", target)


def _address(name: str, address: Any) -> Reduced:
    return _by("address", name, str(address))


def _mapping(name: str, mapping: Any) -> Reduced:
    return _by("mapping", name, dict(mapping.items()))


def _named(method: str, name: str, thing: Any) -> Reduced:
    return _by(method, name)


PYTHON: Mapping[type, Callable[[Any], Reduced]] = {
    timedelta: lambda step: _by("step", step.days, step.seconds, step.microseconds),
    timezone: lambda zone: _by("zone", zone.utcoffset(None)),
    Decimal: lambda number: _by("decimal", str(number)),
    uuid.UUID: lambda one: _by("uid", one.int),
    defaultdict: _default,
    deque: lambda queue: _by("queue", list(queue), queue.maxlen),
    itertools.count: _count,
    re.Pattern: lambda pattern: _by("pattern", pattern.pattern, pattern.flags),
    threading.Event: lambda event: _by("event", event.is_set()),
    weakref.ref: _weak,
    weakref.WeakValueDictionary: lambda weak: _by("weak_values", dict(weak)),
    **{kind: partial(_address, name) for name, kind in ADDRESSES.items()},
    **{kind: partial(_mapping, name) for name, kind in DICTS.items()},
    **{type(make()): partial(_named, "lock", name) for name, make in LOCKS.items()},
    **{type(make()): partial(_named, "zone_named", name) for name, make in ZONES.items()},
}
"""How an object of a type is written that pickle does not write by itself."""


def _told(thing: Any) -> str:
    """A class or a function, for people."""
    return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', repr(thing))}"


# Of moto and this package -------------------------------------------------------------------------


def _method(method: types.MethodType) -> Reduced:
    owner, function = method.__self__, method.__func__
    if isinstance(function, types.FunctionType):
        owners, _, name = function.__qualname__.rpartition(".")
        if is_kept(f"{function.__module__}:{owners}", name):
            return _by("method", owner, name)
    raise UnsavableError(f"method {_told(function)}")


def _function(function: types.FunctionType) -> Reduced:
    for name, known in FUNCTIONS.items():
        if function is known:
            return _by("function", name)
    raise UnsavableError(f"function {_told(function)}")


class _ByClass:
    """A dict whose keys are classes."""

    def __init__(self, entries: dict[str, Any]) -> None:
        self._entries = entries

    def __reduce__(self) -> Reduced:
        return _by("by_class", self._entries)


def _by_class(value: Any) -> Any:
    """An attribute of a backend as it is written: RDS finds its resources by their classes."""
    if type(value) is dict and value and all(isinstance(key, type) for key in value):
        return _ByClass({name_of(key): entry for key, entry in value.items()})
    return value


class _Maker:
    """What makes the instances of a class; it is in the text once."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __call__(self) -> None:
        """Nothing; pickle wants to see that it could be called."""

    def __reduce__(self) -> Reduced:
        return _by("make", name_of(self._kind))


def _stands_in(kind: type, original: type) -> bool:
    """Whether a class of a backend has the name of one that it is in the place of.

    :mod:`moto_cks.snapshots.worlds` puts it there again.
    """
    return issubclass(kind, original) and issubclass(kind, BaseBackend)


class Writer(pickle.Pickler):
    """Writes what :class:`moto_cks.snapshots.reading.Reading` can read.

    Args:
        file: where to.

    Attributes:
        parts: the objects of ``cryptography`` that it came upon.
    """

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, PROTOCOL)
        self.parts: list[Any] = []
        self._indices: dict[int, int] = {}
        self._makers: dict[type, _Maker] = {}

    def reducer_override(self, thing: Any) -> Any:
        """How an object is written that is not one of the simplest types.

        Raises:
            UnsavableError: it cannot be.
        """
        kind = type(thing)
        if kind in (_Maker, _ByClass, admitted.Admitted):
            return thing.__reduce__()
        if kind in PYTHON:
            return PYTHON[kind](thing)
        if isinstance(thing, type):
            raise UnsavableError(f"class {_told(thing)}")
        home = kind.__module__.partition(".")[0]
        if isinstance(thing, BotocoreModel):
            return _by("service_model", thing.service_name)
        if home in ("moto", "moto_cks"):
            return self._of_moto(thing, kind)
        if home == "cryptography":
            return self._part(thing)
        if home == "joserfc":
            return _by("web_key", thing.as_dict(private=True))
        return _other(thing, kind)

    def _of_moto(self, thing: Any, kind: Any) -> Reduced:
        if isinstance(thing, Enum):
            return _by("member", self._checked(kind), thing.value)
        if isinstance(thing, Spec):
            return _by("key_spec", thing.name)
        if isinstance(thing, Table):
            return _by("constant", variable_of(thing))
        if kind not in self._makers:
            self._checked(kind)
            if not holds_data(kind):
                raise UnsavableError(_told(kind))
            self._makers[kind] = _Maker(kind)
        maker = self._makers[kind]
        if isinstance(thing, defaultdict):
            default = _factory(thing), dict(dict.items(thing)), vars(thing)
            return maker, (), default, None, None, admitted.fill_default
        if isinstance(thing, dict) and kind.__setitem__ is not dict.__setitem__:
            content = dict(dict.items(thing)), vars(thing)
            return maker, (), content, None, None, admitted.fill
        made, arguments, *rest = thing.__reduce_ex__(PROTOCOL)
        if getattr(made, "__name__", "") != "__newobj__":
            raise UnsavableError(_told(kind))
        if isinstance(thing, BaseBackend) and rest:
            rest[0] = {name: _by_class(value) for name, value in rest[0].items()}
        state, entries, items = (*rest, None, None, None)[:3]
        # The constructor of a named tuple takes its fields one by one, that of a tuple takes all.
        given = (tuple(thing),) if isinstance(thing, tuple) else arguments[1:]
        return maker, given, state, entries, items, admitted.give

    def _checked(self, kind: type) -> str:
        """The name of a class, which has to be found again by it."""
        name = name_of(kind)
        try:
            found = class_named(name)
        except SnapshotError:
            raise UnsavableError(_told(kind)) from None
        if found is not kind and not _stands_in(kind, found):
            raise UnsavableError(_told(kind))
        return name

    def _part(self, thing: Any) -> Reduced:
        if id(thing) not in self._indices:
            self._indices[id(thing)] = len(self.parts)
            self.parts.append(thing)
        return _by("part", self._indices[id(thing)])


def _other(thing: Any, kind: type) -> Any:
    """How an object is written that is neither of a known type nor of moto."""
    if isinstance(thing, datetime):  # also freezegun's: what it froze is as any other
        return _by("moment", *datetime.__reduce_ex__(thing, PROTOCOL)[1])
    if isinstance(thing, date):
        return _by("day", *date.__reduce__(thing)[1])
    if kind is types.MethodType:
        return _method(thing)
    if kind in (types.FunctionType, staticmethod):
        return _function(getattr(thing, "__func__", thing))
    if kind in weakref.ProxyTypes:
        return _by("weakly", thing.__repr__.__self__)
    if kind in (set, frozenset):
        return NotImplemented
    raise UnsavableError(_told(kind))

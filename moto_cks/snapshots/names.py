"""What saved worlds may name of moto and of this package, and how it is found again.

A name is ``module:qualified.name``. It stands for a class that is defined under that name in that
module, and for nothing that a module has imported from elsewhere.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from threading import Thread
from types import ModuleType
from typing import Any

from moto.backends import list_of_moto_modules
from moto.core.base_backend import AccountSpecificBackend, BackendDict

from moto_cks.snapshots.errors import SnapshotError, UnsavableError
from moto_cks.world.backends import WorldState
from moto_cks.world.lifecycle import Table

_OF_THIS = frozenset(
    {
        *("account", "cloudhsmv2", "cloudtrail", "consumers", "failures", "faults", "handle"),
        *("hsm", "kms", "world", "xks_proxy"),
    }
)
"""Packages of this one with parts of worlds."""

_SHARED = (type, Enum, Thread, Table, BackendDict, AccountSpecificBackend, WorldState)
"""What all worlds of a process share, or what runs."""

_BARRED = frozenset({"__call__", "__reduce__", "__reduce_ex__"})
"""Who defines one of these does more than to hold data."""


@functools.cache
def _services() -> frozenset[str]:
    """The packages of moto: its services, and what they have in common."""
    return frozenset(list_of_moto_modules()) - {"moto_proxy", "moto_server"}


def name_of(kind: type) -> str:
    """The name of a class.

    One that has a module of moto's, so that moto's dashboard shows it as moto's, says by
    ``HOME`` where it is.
    """
    home = vars(kind).get("HOME", kind.__module__)
    return f"{home}:{kind.__qualname__}"


def module_named(name: str) -> ModuleType:
    """A module of a service of moto, or of this package.

    Raises:
        SnapshotError: it is none of those.
    """
    if not _is_known(name):
        raise SnapshotError(f"A saved world has nothing to do with {name!r}.")
    try:
        return sys.modules.get(name) or import_module(name)
    except ImportError:
        raise SnapshotError(f"There is no module {name!r} here.") from None


def _is_known(module: str) -> bool:
    root, part, *_ = *module.split("."), "", ""
    known = {"moto": _services(), "moto_cks": _OF_THIS}.get(root, frozenset())
    return part in known and all(step.isidentifier() for step in module.split("."))


@functools.lru_cache(maxsize=4096)
def class_named(name: str) -> type:
    """A class that is defined in a module of moto or of this package.

    Raises:
        SnapshotError: the name is that of something else.
    """
    module, _, path = name.partition(":")
    found: Any = module_named(module)
    for step in path.split("."):
        found = vars(found).get(step) if isinstance(found, (type, ModuleType)) else None
    if not isinstance(found, type) or name_of(found) != name:
        raise SnapshotError(f"{name!r} is no class of moto or moto_cks.")
    return found


@functools.lru_cache(maxsize=4096)
def holds_data(kind: type) -> bool:
    """Whether instances of a class can be made of what a file says, without more ado."""
    if issubclass(kind, _SHARED) or kind.__module__.partition(".")[0] not in ("moto", "moto_cks"):
        return False
    return not any(
        name in _BARRED
        for base in kind.__mro__
        if base.__module__.partition(".")[0] in ("moto", "moto_cks")
        for name in vars(base)
    )


_variables: dict[int, str] = {}
"""By the IDs of what lasts as long as the process."""


def variable_of(thing: Any) -> str:
    """The module and the variable that has a table or backends, as ``moto.s3.models:s3_backends``.

    Raises:
        UnsavableError: there is none.
    """
    if id(thing) not in _variables:
        name = next(_variables_with(thing), None)
        if name is None:
            raise UnsavableError(f"nameless {type(thing).__name__}")
        _variables[id(thing)] = name
    return _variables[id(thing)]


def _variables_with(thing: Any) -> Iterator[str]:
    # First where the class of a service's backends is: others have them, too.
    classes = getattr(getattr(thing, "backend", None), "__mro__", ())
    for name in (*(kind.__module__ for kind in classes), *sorted(sys.modules)):
        if _is_known(name):
            for variable, value in list(vars(sys.modules[name]).items()):
                if (value.backends if isinstance(value, WorldState) else value) is thing:
                    yield f"{name}:{variable}"

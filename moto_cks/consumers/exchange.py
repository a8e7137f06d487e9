"""Puts the checks of the table in front of moto's backends, when a service comes into use.

moto keeps a list of the services in use, to reset them. A service gets onto it before the first of
its backends is made. So it is the list that tells it, and no service is loaded for its checks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend, backend_lock

from moto_cks.consumers.asking import LostError, require
from moto_cks.consumers.table import ENGAGED, SERVICES
from moto_cks.consumers.uses import Service, Use
from moto_cks.world.backends import WorldState, instances_of, set_class

_BY_MODULE = {service.module: service for service in SERVICES}
_answering: ContextVar[frozenset[str]] = ContextVar("answering", default=frozenset())


class InUse(list[BackendDict[Any]]):
    """moto's list of the services in use, which gives those of the table their checks.

    Args:
        own: backends of this package's classes.
    """

    def __init__(self, own: Iterable[BackendDict[Any]]) -> None:
        super().__init__()
        self._own = (*own, *WorldState.all_backends)

    def clear(self) -> None:
        """Note that no service is in use any more, and that this package's have nothing left.

        What was made while moto was interrupted, or while it reset them, is not on the list.
        """
        super().clear()
        for backends in self._own:
            backends.clear()

    def append(self, backends: BackendDict[Any]) -> None:
        """Note that a service is in use."""
        super().append(backends)
        _exchange(backends)


@dataclass(frozen=True)
class _Exchanged:
    """What was exchanged of a service.

    Attributes:
        backends: its backends.
        original: the class that they were of.
        checked: the class that they are of.
    """

    backends: BackendDict[Any]
    original: type[BaseBackend]
    checked: type[BaseBackend]


_exchanged: list[_Exchanged] = []
_engaged: dict[str, Any] = {}


def install(own: Iterable[BackendDict[Any]]) -> None:
    """Give the services that are in use their checks, and those that will be.

    Args:
        own: the backends that are of this package's classes.
    """
    with backend_lock:
        in_use = InUse(own)
        for backends in BackendDict._instances:  # type: ignore[misc]
            in_use.append(backends)
        BackendDict._instances = in_use  # type: ignore[misc]


def uninstall() -> None:
    """Leave moto's services as they were."""
    with backend_lock:
        BackendDict._instances = list(BackendDict._instances)  # type: ignore[misc]
        for one in _exchanged:
            set_class(one.backends, one.original)
            for backend in instances_of(one.backends):
                if isinstance(backend, one.checked):
                    backend.__class__ = one.original
        _exchanged.clear()
        for module in _engaged.values():
            module.disengage()
        _engaged.clear()


def _exchange(backends: BackendDict[Any]) -> None:
    used = backends.backend.__module__
    if used in ENGAGED and used not in _engaged:
        _engaged[used] = import_module(ENGAGED[used])
        _engaged[used].engage()
    service = _BY_MODULE.get(used)
    if service is None or any(one.backends is backends for one in _exchanged):
        return
    original = backends.backend
    checked = checked_class(service, original)  # type: ignore[arg-type] # classes are hashable
    set_class(backends, checked)
    for backend in instances_of(backends):
        backend.__class__ = checked
    _exchanged.append(_Exchanged(backends, original, checked))


@cache
def checked_class(service: Service, original: type[BaseBackend]) -> type[Any]:
    """A subclass of a moto backend that asks KMS before the operations that need a key."""
    like_original = {"__module__": original.__module__, "__doc__": original.__doc__}
    extended = type(original.__name__, (*_mixins(service), original), dict(like_original))
    checks = {}
    for name in dict.fromkeys(use.method for use in service.uses):
        uses = tuple(use for use in service.uses if use.method == name)
        checks[name] = _checked(service, uses, getattr(extended, name))
    return type(original.__name__, (extended,), like_original | checks)


def _mixins(service: Service) -> list[type[Any]]:
    found = []
    for name in service.mixins:
        module, _, mixin = name.partition(":")
        found.append(getattr(import_module(module), mixin))
    return found


def _checked(
    service: Service, uses: tuple[Use, ...], method: Callable[..., Any]
) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        answering = _answering.get()
        if service.name in answering:  # part of an operation that has asked
            return method(self, *args, **kwargs)
        arguments = signature.bind(self, *args, **kwargs).arguments
        try:
            for use in uses:
                require(service, self, use, arguments)
        except LostError:
            return None
        token = _answering.set(answering | {service.name})
        try:
            return method(self, *args, **kwargs)
        finally:
            _answering.reset(token)

    return checked

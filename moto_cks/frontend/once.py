"""What is found out of a request once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Once(Generic[Value]):
    """A method whose answer becomes an attribute of the object.

    As :class:`functools.cached_property`, without the lock that this takes before Python 3.12: a
    request is answered by one thread. An exception is raised again each time.

    Args:
        find: the method.
    """

    def __init__(self, find: Callable[[Any], Value]) -> None:
        self._find = find
        self._name = find.__name__
        self.__doc__ = find.__doc__

    def __get__(self, owner: Any, kind: type[Any]) -> Value:
        value = self._find(owner)
        owner.__dict__[self._name] = value
        return value

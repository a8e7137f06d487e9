"""What is given to a proxy, checked where it is given, and not where it is used."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from numbers import Real
from typing import Any, TypeVar, cast

T = TypeVar("T")

MAX_SECONDS = 1e12
"""The longest time that can be waited: the sum of some of them is still a number."""


def checked_text(value: object, what: str) -> str:
    """A string that can be written.

    Args:
        value: what is given.
        what: what it is to be, as a sentence begins.

    Raises:
        ValueError: it is none, or has half a character (a lone surrogate).
    """
    if not isinstance(value, str):
        raise ValueError(f"{what} is a string, not {value!r}.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} has no halves of characters, as {value!r} has.") from None
    return value


def checked_flag(value: object, what: str) -> bool:
    """``True`` or ``False``, and nothing that is taken for one of them.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{what} is True or False, not {value!r}.")
    return value


def checked_number(value: object, what: str) -> float:
    """A number, also an endless one; ``True`` and ``False`` are none.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError(f"{what} are a number, not {value!r}.")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def checked_seconds(value: object) -> float:
    """A number of seconds that can be waited.

    Raises:
        ValueError: it is none, is negative, or longer than anybody waits.
    """
    seconds = checked_number(value, "Seconds")
    if not 0 <= seconds <= MAX_SECONDS:
        raise ValueError(f"Seconds are a number from 0 on, at most {MAX_SECONDS:.0f}, not {value}.")
    return seconds


def is_whole(value: object) -> bool:
    """Whether it is a whole number; ``True`` and ``12.0`` are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def one_of(value: object, known: Collection[str], what: str) -> str:
    """One of some words.

    Raises:
        ValueError: it is another, or no word.
    """
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{value!r} is no {what}; there are {', '.join(known)}.")
    return value


def checked_kind(kind: type[T], what: str) -> Callable[[object], T]:
    """What checks that something is of a class.

    Args:
        kind: the class.
        what: what it is to be, as a sentence begins.
    """

    def check(value: object) -> T:
        if not isinstance(value, kind):
            raise ValueError(f"{what}, not {value!r}.")
        return value

    return check


# Attributes ---------------------------------------------------------------------------------------


def checked(check: Callable[[Any], T]) -> T:
    """An attribute that can be set, to what a check lets pass.

    Args:
        check: gives what is kept of a value, or raises a ValueError.
    """
    return cast(T, _Checked(check))


def fixed(what: str) -> Any:
    """An attribute that an object is made with, and keeps.

    Args:
        what: what cannot be set, as a sentence begins.
    """
    return _Fixed(what)


class _Named:
    """An attribute that its object holds itself: without ``__get__`` it is read there."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __delete__(self, instance: object) -> None:
        raise AttributeError(f"{self._name!r} cannot be deleted.")


class _Checked(_Named):
    def __init__(self, check: Callable[[Any], Any]) -> None:
        self._check = check

    def __set__(self, instance: object, value: object) -> None:
        instance.__dict__[self._name] = self._check(value)


class _Fixed(_Named):
    def __init__(self, what: str) -> None:
        self._what = what

    def __set__(self, instance: object, value: object) -> None:
        if self._name in instance.__dict__:
            raise AttributeError(f"{self._what} cannot be set.")
        instance.__dict__[self._name] = value

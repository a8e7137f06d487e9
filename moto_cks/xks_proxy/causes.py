"""Something that is in the way of a proxy, until it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, TypeVar

from moto_cks.xks_proxy.lock import LOCK

T = TypeVar("T")


class Cause:
    """Why a proxy does not do what it should; a context manager, which takes it back in the end.

    Args:
        undo: what takes it back: a method, and not a closure, so that it can be in a snapshot. It
            may be called again, where it was interrupted.
        given: what that is called with.
    """

    def __init__(self, undo: Callable[..., None], *given: Any) -> None:
        self._undo: Callable[..., None] | None = undo
        self._given = given

    def __repr__(self) -> str:
        return f"<Cause {'taken back' if self._undo is None else 'in effect'}>"

    def undo(self) -> None:
        """Take it back; a second time, that does nothing. What cannot be taken back stays."""
        with LOCK:
            if self._undo is not None:
                self._undo(*self._given)
                self._undo = None

    def __enter__(self) -> Cause:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.undo()


class AllInEffect(Generic[T]):
    """Values that causes add; all of those that are in effect count."""

    def __init__(self) -> None:
        self._set: list[list[T]] = []

    @property
    def values(self) -> list[T]:
        """The values now, the oldest first."""
        return [value for (value,) in self._set]

    def add(self, value: T) -> Cause:
        """Add a value, until that is taken back."""
        entry = [value]
        cause = Cause(self._take_out, entry)
        with LOCK:
            self._set = [*self._set, entry]
        return cause

    def _take_out(self, entry: list[T]) -> None:
        self._set = [each for each in self._set if each is not entry]

    def clear(self) -> None:
        """Take all back."""
        with LOCK:
            self._set = []


class InEffect(AllInEffect[T]):
    """A value that causes set; the latest of those that are in effect counts.

    Args:
        default: the value without any.
    """

    def __init__(self, default: T) -> None:
        super().__init__()
        self._default = default

    @property
    def value(self) -> T:
        """The value now."""
        return self._set[-1][0] if self._set else self._default

    def set(self, value: T) -> Cause:
        """Set another value, until that is taken back."""
        return self.add(value)

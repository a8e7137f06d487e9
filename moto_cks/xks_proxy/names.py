"""Names that are given as several, or as one."""

from __future__ import annotations

from collections.abc import Iterable


def each_of(names: Iterable[str]) -> tuple[str, ...]:
    """The names; a string is one, and not its letters."""
    return (names,) if isinstance(names, str) else tuple(names)

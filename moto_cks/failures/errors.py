"""What is raised where a failure cannot be brought about or repaired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class UnmetNeedError(ValueError):
    """Something is missing, and nothing was done.

    Attributes:
        missing: what.
    """

    def __init__(self, message: str, missing: Sequence[str]) -> None:
        super().__init__(message)
        self.missing = tuple(missing)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.missing)


class NotRepairedError(RuntimeError):
    """The steps of a repair are done, and the proof says that something is wrong."""


def unmet(what: str, *missing: str) -> UnmetNeedError:
    """The error of something that needs what is not there.

    Args:
        what: what needs it.
        missing: what is missing.
    """
    return UnmetNeedError(f"{what} needs {', and '.join(missing)}.", missing)

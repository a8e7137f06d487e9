"""What is wrong with a saved world."""

from __future__ import annotations

from typing import Any


class SnapshotError(ValueError):
    """A saved world cannot be read, or does not fit what is installed here."""


class UnsavableError(TypeError):
    """Something that cannot be put into a snapshot.

    Attributes:
        kind: the name of its type.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(f"An object of the type {kind} cannot be saved.")
        self.kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind,)

"""Enumerations of strings that read as their values, wherever they are written."""

from __future__ import annotations

from enum import Enum


class StrEnum(str, Enum):
    """The ``enum.StrEnum`` that Python has from 3.11 on.

    The members of a plain ``class State(str, Enum)`` are ``State.ACTIVE`` in a message: with
    ``str()`` and ``%s`` in every Python, in an f-string from 3.11 on. These are ``ACTIVE``.
    """

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

"""Warnings that point at the line of the user that they are about."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType
from typing import Any

THROUGH = frozenset(
    {
        "boto3",
        "botocore",
        "contextlib",
        "freezegun",
        "moto",
        "moto_cks",
        "requests",
        "responses",
        "s3transfer",
        "werkzeug",
    }
)
"""The modules and packages that a call passes between the user's line and what warns of it."""


@dataclass(frozen=True)
class Place:
    """A line of a program.

    Attributes:
        file: the path of its file.
        line: its number.
        names: the names of its module, by which Python knows what has been warned of.
    """

    file: str
    line: int
    names: dict[str, Any]

    def warn(self, message: str, category: type[Warning]) -> None:
        """Warn of it, as the user's filters have it."""
        registry = self.names.setdefault("__warningregistry__", {})
        module = self.names.get("__name__")
        warnings.warn_explicit(message, category, self.file, self.line, module, registry)


def users_place() -> Place:
    """Where the user's program is now; in a server that is where its own program is."""
    frame: FrameType = sys._getframe()
    while _is_passed_through(frame.f_globals.get("__name__", "")) and frame.f_back is not None:
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_globals)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn of what the user's program is doing now."""
    users_place().warn(message, category)


@lru_cache(maxsize=1024)
def _is_passed_through(module: str) -> bool:
    return module.partition(".")[0] in THROUGH

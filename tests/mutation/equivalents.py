"""Mutants that do what the original does, each with the reason why no test can tell them apart.

Those that change nothing of what runs, as in an annotation, are not made in the first place
(:mod:`tests.mutation.mutants`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Equivalent:
    """A mutant, or a kind of them.

    Attributes:
        why: the reason.
        path: the module; empty for any.
        before: the lines that are taken away, without indentation; a regular expression.
        after: the lines in their place, likewise.
    """

    why: str
    before: str
    after: str
    path: str = ""

    def is_it(self, path: str, before: str, after: str) -> bool:
        """Whether a mutant is this one."""
        return (
            self.path in ("", path)
            and re.fullmatch(self.before, before, re.DOTALL) is not None
            and re.fullmatch(self.after, after, re.DOTALL) is not None
        )


EQUIVALENTS = (
    Equivalent(
        "Nothing assigns to its attributes; frozen is for readers and type checkers.",
        r"@dataclass\(.*frozen=True.*\)",
        r"@dataclass\(.*(frozen=False|\*\*\{\}).*\)",
    ),
    Equivalent(
        "It saves memory, and is not seen.",
        r"@dataclass\(.*slots=True.*\)",
        r"@dataclass\(.*(slots=False|\*\*\{\}).*\)",
    ),
    Equivalent(
        "Type variables are for type checkers.",
        r"\w+ = (TypeVar|ParamSpec|NewType)\(.*\)",
        r"\w+ = (TypeVar|ParamSpec|NewType)\(.*\)",
    ),
    Equivalent(
        "The name of a type is for type checkers.",
        r"\w+ = Callable\[.*\]",
        r"\w+ = Callable\[.*\]",
    ),
    Equivalent(
        "It tells type checkers and readers what subclasses have; nobody makes one without.",
        r"@(abstractmethod|runtime_checkable)",
        r"",
    ),
    Equivalent(
        "It saves time, and is not seen.",
        r"@(lru_cache|cache)(\(.*\))?",
        r"(@lru_cache\(.*\))?",
    ),
)


def why_equivalent(path: str, before: str, after: str) -> str:
    """The reason why a mutant is equivalent; empty if it is not known to be."""
    return next((row.why for row in EQUIVALENTS if row.is_it(path, before, after)), "")

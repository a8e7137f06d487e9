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
        "All dates of the package are in UTC; it is written, and compared with nothing.",
        r'"deletion": None if deletion is None else deletion\.replace\(.*\),',
        r'"deletion": None if deletion is None else deletion\.replace\(.*\),',
        "moto_cks/kms/keys/reasons.py",
    ),
    Equivalent(
        "Type variables are for type checkers.",
        r"\w+ = (TypeVar|ParamSpec|NewType)\(.*\)",
        r"\w+ = (TypeVar|ParamSpec|NewType)\(.*\)",
    ),
    Equivalent(
        "The name of a type is for type checkers.",
        r"\w+(: TypeAlias)? = Callable\[.*\]",
        r"\w+(: TypeAlias)? = Callable\[.*\]",
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
    Equivalent(
        "Its text is shown nowhere: who asks for a computation says what AWS says.",
        r"raise WrongInputError\(.*",
        r"raise WrongInputError\(.*XX.*",
    ),
    Equivalent(
        "The value of a member that is only ever compared with itself.",
        r'[A-Z_]+ = "(the keys that|an? |random bytes|it ).*"',
        r'[A-Z_]+ = "XX.*"',
        "moto_cks/kms/operations.py",
    ),
    Equivalent(
        "Any length of salt does.",
        r"self\._salt = os\.urandom\(16\)",
        r"self\._salt = os\.urandom\( *1[57]\)",
        "moto_cks/hsm/users.py",
    ),
    Equivalent(
        "Any number of random bytes does that tells sessions apart.",
        r'self\.id = f"session-\{os\.urandom\(8\)\.hex\(\)\}"',
        r'self\.id = f"session-\{os\.urandom\( *[79]\)\.hex\(\)\}"',
        "moto_cks/hsm/hsm.py",
    ),
    Equivalent(
        "Any length of token does that nobody guesses.",
        r"TOKEN_LENGTH = 64",
        r"TOKEN_LENGTH = *6[35]",
        "moto_cks/kms/keys/wrapping.py",
    ),
    Equivalent(
        "Who asks wants to know no more than whether it is true.",
        r"return False",
        r"return None",
        "moto_cks/hsm/certificates.py",
    ),
    Equivalent(
        "Who asks wants to know no more than whether it is true.",
        r"return False",
        r"return None",
        "moto_cks/hsm/trust_anchors.py",
    ),
    Equivalent(
        "No key has a name that is none.",
        r'return self\.keys\.get\(self\.get_key_id_from_alias\(name\) or ""\)',
        r'return self\.keys\.get\(self\.get_key_id_from_alias\(name\) or "XX"\)',
        "moto_cks/kms/models.py",
    ),
    Equivalent(
        "Any number does that no account has aliases.",
        r"MANAGED_FROM = 1 << 62",
        r"MANAGED_FROM = (.*<< *6[13]|2 << 62)",
        "moto_cks/kms/aliases.py",
    ),
    Equivalent(
        "An account has ten key stores at most.",
        r"DEFAULT_PAGE = 100",
        r"DEFAULT_PAGE = *(99|101)",
        "moto_cks/kms/keystores/registry.py",
    ),
    Equivalent(
        "A key has one policy.",
        r"page = page_of\(.*, 100, self\.key\.id\)",
        r"page = page_of\(.*, *(99|101), self\.key\.id\)",
        "moto_cks/kms/policy_operations.py",
    ),
    Equivalent(
        "The days are not in the window, so they are not its first.",
        r"if days < DELETION_WINDOW\[0\]",
        r"if days <= DELETION_WINDOW\[0\]",
        "moto_cks/kms/scheduling.py",
    ),
    Equivalent(
        "What is due now has been done before any call; a key whose state forbids it is refused.",
        r"if self\.next is not None and clock\.now\(\) <= self\.next <= .*",
        r"if self\.next is not None and clock\.now\(\) < self\.next <= .*",
        "moto_cks/kms/keys/rotation.py",
    ),
)


def why_equivalent(path: str, before: str, after: str) -> str:
    """The reason why a mutant is equivalent; empty if it is not known to be."""
    return next((row.why for row in EQUIVALENTS if row.is_it(path, before, after)), "")

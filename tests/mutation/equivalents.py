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
        "Who asks wants to know no more than whether it is true.",
        r"return False",
        r"return None",
    ),
    Equivalent(
        "That both are equally long is said for readers.",
        r".*zip\(.*strict=True\).*",
        r".*zip\(.*(strict=False|\*\*\{\})\).*",
    ),
    Equivalent(
        "Type variables are for type checkers.",
        r"\w+ = (TypeVar|ParamSpec|NewType)\(.*\)",
        r"\w+ = (TypeVar|ParamSpec|NewType)\(.*\)",
    ),
    Equivalent(
        "The name of a type is for type checkers.",
        r"\w+(: TypeAlias)? = (Callable|tuple|Mapping)\[.*\]",
        r"\w+(: TypeAlias)? = (Callable|tuple|Mapping)\[.*\]",
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
        "Any length of a password does that nobody is told.",
        r"self\.add_user\(UserType\.AU, APPLIANCE_USER, os\.urandom\(16\)\.hex\(\)\)",
        r"self\.add_user\(UserType\.AU, APPLIANCE_USER, os\.urandom\( *15\)\.hex\(\)\)",
        "moto_cks/hsm/hsm.py",
    ),
    Equivalent(
        "Who compares it wants to know no more than whether it is another number.",
        r"changes: ClassVar\[int\] = 0",
        r"changes: ClassVar\[int\] = *-?1",
        "moto_cks/world/lifecycle.py",
    ),
    Equivalent(
        "No password has a digest of that length.",
        r'_(salt|digest): bytes = field\(default=b"", repr=False\)',
        r'_(salt|digest): bytes = field\(default=b"XX", repr=False\)',
        "moto_cks/hsm/users.py",
    ),
    Equivalent(
        "Each call has a host, which takes its place.",
        r'"clientProvidedHostHeader": "",',
        r'"clientProvidedHostHeader": "XX",',
        "moto_cks/cloudtrail/records.py",
    ),
    Equivalent(
        "A text that is no certificate is none.",
        r'certificate: str = "",',
        r'certificate: str = "XX",',
        "moto_cks/hsm/client.py",
    ),
    Equivalent(
        "Who asks wants to know no more than whether it is one.",
        r"return self\.claimed and _pem\(_parse\(trust_anchor, .*",
        r'return self\.claimed and _pem\(_parse\(trust_anchor, "XX.*',
        "moto_cks/hsm/certificates.py",
    ),
    Equivalent(
        "Any number of keys does that most worlds need no more than.",
        r"MAX_KEPT = 32",
        r"MAX_KEPT = *3[13]",
        "moto_cks/hsm/key_pool.py",
    ),
    Equivalent(
        "Any name and number do for a certificate that nobody sees.",
        r'name = _name\(CN="clock"\)|builder = x509\.CertificateBuilder\(name, .*, 1, .*\)',
        r'name = _name\(CN="XXclock"\)|builder = x509\.CertificateBuilder\(name, .*, *2, .*\)',
        "moto_cks/hsm/certificates.py",
    ),
    Equivalent(
        "Any length of token does that nobody guesses.",
        r"TOKEN_LENGTH = 64",
        r"TOKEN_LENGTH = *6[35]",
        "moto_cks/kms/keys/wrapping.py",
    ),
    Equivalent(
        "Any length of token does that nobody guesses.",
        r"_TOKEN_LENGTH = 64",
        r"_TOKEN_LENGTH = *6[35]",
        "moto_cks/kms/keys/grant.py",
    ),
    Equivalent(
        "Any number of random bits does that has no more digits.",
        r'self\.id = f"\{mock_random\.getrandbits\(256\):064x\}"',
        r'self\.id = f"\{mock_random\.getrandbits\( *255\):064x\}"',
        "moto_cks/kms/keys/grant.py",
    ),
    Equivalent(
        "All rotations are of this century.",
        r"def rotated\(self, rotation_type: RotationType, since: float = 0\) -> int:",
        r"def rotated\(self, rotation_type: RotationType, since: float = *-?1\) -> int:",
        "moto_cks/kms/keys/materials.py",
    ),
    Equivalent(
        "It is set before it is read.",
        r"self\._on_demand = 0 .*",
        r"self\._on_demand = *-?1 .*",
        "moto_cks/kms/keys/rotation.py",
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
        "A key ID is no alias.",
        r"raise names\.not_found\(key\.id, .*, aliases=False\)",
        r"raise names\.not_found\(key\.id, .*, aliases=True\)",
        "moto_cks/kms/lifetimes.py",
    ),
    Equivalent(
        "What comes of a date that does not hold any more looks at the key first.",
        r"appointment\.cancel\(\)",
        r"pass",
        "moto_cks/kms/lifetimes.py",
    ),
    Equivalent(
        "The operation names one key.",
        r"subject\.update = partial\(_scheduled, subject, in_stores\[0\]\)",
        r"subject\.update = partial\(_scheduled, subject, in_stores\[ *-1\]\)",
        "moto_cks/kms/subjects.py",
    ),
    Equivalent(
        "What is always possible passes the check, too.",
        r"if \(name, state\) not in states\.ALWAYS_POSSIBLE:",
        r"if \( *(state|name),\) not in states\.ALWAYS_POSSIBLE:",
        "moto_cks/kms/request.py",
    ),
    Equivalent(
        "There is one.",
        r"key = told\[0\].*",
        r"key = told\[ *-1\].*",
        "moto_cks/kms/request.py",
    ),
    Equivalent(
        "Behind it there is no alias that exists.",
        r"if number < MANAGED_FROM:",
        r"if number <= MANAGED_FROM:",
        "moto_cks/kms/aliases.py",
    ),
    Equivalent(
        "A marker that is not that of its number is refused in any case.",
        r"number = (-1|int\(base64\.b64decode\(marker, validate=True\).*)",
        r"number = ([+-] *[012]|int\(base64\.b64decode\(marker, (validate=False|\*\*\{\})\).*)",
        "moto_cks/kms/pages.py",
    ),
    Equivalent(
        "Of two members one is given where one is not.",
        r"sizes = \[.* is not None\]",
        r"sizes = \[.* is None\]",
        "moto_cks/kms/request.py",
    ),
    Equivalent(
        "Where a key may be missing, the operation names no other.",
        r"continue",
        r"break",
        "moto_cks/kms/request.py",
    ),
    Equivalent(
        "Nobody minds how much it grows.",
        r"self\.number \+= 1",
        r"self\.number \+= *2",
        "moto_cks/kms/keystores/connection.py",
    ),
    Equivalent(
        "The operation names one key.",
        r".*self\.requested\[0\].*",
        r".*self\.requested\[ *-1\].*",
        "moto_cks/kms/cryptographic.py",
    ),
    Equivalent(
        "The operation names one key.",
        r"return keys\[:1\], .*",
        r"return keys\[: 2\], .*",
        "moto_cks/kms/subjects.py",
    ),
    Equivalent(
        "There is one.",
        r"return found\[0\]",
        r"return found\[ *-1\]",
        "moto_cks/kms/situations.py",
    ),
    Equivalent(
        "What ends with this minute may be told so again.",
        r"if not goes_on and \(last\.end is None or last\.end > minute\):",
        r"if not goes_on and \(last\.end is None or last\.end >= minute\):",
        "moto_cks/kms/published.py",
    ),
    Equivalent(
        "Any number of minutes does with which it is worth while to look for what is old.",
        r"_TIDY_FROM = _MINUTES_KEPT \+ 1440",
        r"_TIDY_FROM = _MINUTES_KEPT (\+ *14(39|41)|- *1440)",
        "moto_cks/kms/metering.py",
    ),
    Equivalent(
        "Any number of minutes does with which it is worth while to look for what is old.",
        r"if len\(\w+\) >= _TIDY_FROM:",
        r"if len\(\w+\) > _TIDY_FROM:",
        "moto_cks/kms/metering.py",
    ),
    Equivalent(
        "Who looks for what is old more often finds no more.",
        r"if len\(\w+\) >= _TIDY_FROM:",
        r"if (len\(\w+\) <|not len\(\w+\) >=) _TIDY_FROM:",
        "moto_cks/kms/metering.py",
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

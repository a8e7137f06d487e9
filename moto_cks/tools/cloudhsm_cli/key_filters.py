"""Which keys a command is about: ``key-reference=0x…`` and ``attr.NAME=VALUE``.

The AWS KMS Developer Guide writes ``attr.key-reference=0x…``, the help of the command
``key-reference=0x…``; both are taken.

See "Filter keys using CloudHSM CLI" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from moto_cks.hsm import KeyObject
from moto_cks.tools.cloudhsm_cli.key_attributes import ATTRIBUTES

REFERENCE = "key-reference"
ATTRIBUTE = "attr."

HEXADECIMAL = frozenset({"id", "check-value"})
"""The attributes whose values are hexadecimal numbers, in digits of either case."""


@dataclass(frozen=True)
class KeyFilter:
    """A condition on a key.

    Attributes:
        name: an attribute, or ``key-reference``.
        value: what it has to be, as the tool shows it.
    """

    name: str
    value: str

    def matches(self, key: KeyObject) -> bool:
        """Whether a key meets the condition."""
        if self.name == REFERENCE:
            return key.handle == int(self.value, 16)
        found = ATTRIBUTES[self.name](key)
        value = self.value.lower() if self.name in HEXADECIMAL else self.value
        return value == (found if isinstance(found, str) else json.dumps(found))


def parse_filter(word: str) -> KeyFilter:
    """Understand a filter.

    Raises:
        ValueError: it is none; the message says why.
    """
    name, equals, value = word.partition("=")
    if not equals:
        raise ValueError("no `=` found in filter")
    if name in (REFERENCE, ATTRIBUTE + REFERENCE):
        return _reference(value)
    if not name.startswith(ATTRIBUTE) or name.removeprefix(ATTRIBUTE) not in ATTRIBUTES:
        raise ValueError(f"unknown key attribute `{name}`")
    return KeyFilter(name.removeprefix(ATTRIBUTE), value)


def _reference(value: str) -> KeyFilter:
    try:
        if not value.startswith("0x"):
            raise ValueError
        int(value, 16)
    except ValueError:
        raise ValueError("a key reference is a hexadecimal number, such as 0xabc") from None
    return KeyFilter(REFERENCE, value)


def matching(keys: Iterable[KeyObject], filters: Iterable[KeyFilter]) -> list[KeyObject]:
    """The keys that meet every condition."""
    conditions = list(filters)
    return [key for key in keys if all(condition.matches(key) for condition in conditions)]

"""Placeholders in commands and messages: ``<store>``, ``<cluster>``, ``<key ARN>`` and others."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"<([a-zA-Z][a-zA-Z -]*)>")


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with the values of its placeholders; those without a value stay."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def placeholders(text: str) -> frozenset[str]:
    """The placeholders of a text."""
    return frozenset(_PLACEHOLDER.findall(text))

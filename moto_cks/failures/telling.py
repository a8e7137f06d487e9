"""What sentences are made of: the facts that they tell, and how times and numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from moto_cks.kms.findings import Facts


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell from.

    Attributes:
        facts: the facts of the finding, and of what is around it.
        error: what it ends in.
        since: when it came about.
        now: the time.
    """

    facts: Facts
    error: str
    since: datetime | None
    now: datetime

    def ago(self, moment: datetime | None) -> str:
        """How long ago a moment is, with a blank before it; nothing where nobody knows."""
        return "" if moment is None else f" {ago(self.now - moment)}"

    @property
    def on_hsms(self) -> str:
        """On how many of the HSMs."""
        return f"on {len(self.facts['hsms'])} of {count(self.facts['of'], 'HSM')}"


Sentences: TypeAlias = Sequence[str]
Say: TypeAlias = Callable[[Told], Sentences]

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def ago(passed: timedelta) -> str:
    """A time that has passed, in its largest unit."""
    seconds = int(passed.total_seconds())
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{count(seconds // length, unit)} ago"
    return "just now"


def count(number: int, thing: str) -> str:
    """A number of things."""
    return f"{number} {thing}" + "s" * (number != 1)


def at(moment: datetime) -> str:
    """A moment."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"

"""The journal: what is noted of what happens, in which order, and where that is kept.

Calls are not in it, as CloudTrail keeps those; they are numbered by the same count.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime

from moto.core.base_backend import BaseBackend

from moto_cks.enums import StrEnum
from moto_cks.world import clock
from moto_cks.world.backends import WorldState

_numbers = itertools.count()


def next_number() -> int:
    """The number of the next thing that happens: its place in the order, also at the same moment.

    No number comes twice in a process, whatever world it has.
    """
    return next(_numbers)


def number_on(number: int) -> None:
    """Give no number from now on that is not higher than one that was given elsewhere."""
    global _numbers  # noqa: PLW0603 - there is one count in a process
    _numbers = itertools.count(max(number + 1, next(_numbers)))


class Kind(StrEnum):
    """The kinds of what happens."""

    CALL = "call"
    """A call of KMS, CloudHSM or CloudTrail, or what one of them did on its own."""
    STATE = "state"
    """A key store, cluster, HSM or backup is in another state."""
    LOGIN = "login"
    """A user of an HSM logs in or out, fails to, or is given another password."""
    PROXY = "proxy"
    """KMS has asked the proxy of an external key store."""
    FAULT = "fault"
    """A fault is injected, takes effect or ends."""
    FAILURE = "failure"
    """A documented failure is brought about, or over."""
    CLOCK = "clock"
    """A test lets time pass."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that has happened.

    Attributes:
        time: when, an aware datetime in UTC on the simulated clock.
        number: the order of what happens at the same time.
        kind: what kind of thing it is.
        subject: to what it happened: the ID or ARN of a resource, or ``""``.
        what: what happened, for people.
    """

    time: datetime
    number: int
    kind: Kind
    subject: str
    what: str


class Journal(BaseBackend):
    """What has been noted.

    Attributes:
        entries: oldest first.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.entries: list[Entry] = []


_journal = WorldState(Journal)


def noted() -> list[Entry]:
    """What has been noted, oldest first; not the calls, which CloudTrail has."""
    return _journal().entries


def note(kind: Kind, subject: str, what: str) -> datetime:
    """Note something that happens now; gives the moment, an aware datetime."""
    now = clock.now()
    noted().append(Entry(now, next_number(), kind, subject, what))
    return now

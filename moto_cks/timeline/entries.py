"""What is noted of what happens, and where that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.models import DEFAULT_ACCOUNT_ID

from moto_cks.backends import backend_of
from moto_cks.order import next_number


class Kind(str, Enum):
    """The kinds of what happens."""

    CALL = "call"
    """A call of KMS, CloudHSM or CloudTrail, or what one of them did on its own."""
    STATE = "state"
    """A key store, cluster, HSM or backup is in another state."""
    LOGIN = "login"
    """A user of an HSM logs in or out, fails to, or is given another password."""
    FAULT = "fault"
    """A fault is injected, takes effect or ends."""
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


class TimelineBackend(BaseBackend):
    """What has been noted. A backend, so that moto's reset forgets it.

    Attributes:
        noted: the entries, but for the calls.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.noted: list[Entry] = []


timeline_backends = BackendDict(
    TimelineBackend, "cks", use_boto3_regions=False, additional_regions=["aws"]
)


def noted() -> list[Entry]:
    """What has been noted, oldest first; not the calls, which CloudTrail has."""
    return backend_of(timeline_backends, DEFAULT_ACCOUNT_ID, "aws").noted


def note(time: datetime, kind: Kind, subject: str, what: str) -> None:
    """Note something that happens at a time, which is now."""
    noted().append(Entry(time, next_number(), kind, subject, what))

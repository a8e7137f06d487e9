"""What ``cks.explain`` answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any

from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.key_store import CustomKeyStore


@dataclass(frozen=True, slots=True)
class Step:
    """A documented step that mends something.

    Attributes:
        number: its place among the steps, from 1.
        name: what it is called: ``set-password``.
        text: what to do, in a sentence.
        commands: what a person types, one line a tool, filled in as far as that is known; where
            there are none, there is only to wait.
        python: the same in Python.
    """

    number: int
    name: str
    text: str
    commands: tuple[str, ...]
    python: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "commands": list(self.commands)}

    @classmethod
    def from_dict(cls, shown: Mapping[str, Any]) -> Step:
        """What ``to_dict`` has made."""
        return cls(**{**shown, "commands": tuple(shown["commands"])})


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that stands in the way.

    Attributes:
        failure: the documented failure, one of ``cks.failures``; ``None`` where it is none.
        cause: what it is; the name of the failure where there is one.
        error: the code of the exception, or the ConnectionErrorCode, that it ends in.
        when: when it is come upon: ``now``, ``next-use`` and ``next-connect``; ``creation`` of a
            key or key store, the ``next-call`` of an operation, the ``login`` of a user of the
            HSMs; ``unknown`` where nobody knows whether something is in the way.
        decides: whether it is what decides now. The others are behind it.
        since: when it came about, an aware datetime in UTC; ``None`` where nobody knows.
        what: what it is, in sentences.
        facts: what these are made of, as JSON has it.
        beyond_aws: whether AWS would not tell all of that.
        page: the section of AWS's page, as a URL.
        steps: the documented steps that mend it; none where there is no way.
    """

    failure: str | None
    cause: str
    error: str
    when: str
    decides: bool
    since: datetime | None
    what: str
    facts: Mapping[str, Any]
    beyond_aws: bool
    page: str
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "failure": self.failure,
            "cause": self.cause,
            "error": self.error,
            "when": self.when,
            "decides": self.decides,
            "since": None if self.since is None else write_time(self.since),
            "what": self.what,
            "facts": dict(self.facts),
            "beyond_aws": self.beyond_aws,
            "page": self.page,
            "steps": [step.to_dict() for step in self.steps],
        }

    @classmethod
    def from_dict(cls, shown: Mapping[str, Any]) -> Reason:
        """What ``to_dict`` has made."""
        since = shown["since"]
        return cls(
            **{
                **shown,
                "since": None if since is None else read_time(since),
                "steps": tuple(map(Step.from_dict, shown["steps"])),
            }
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a key store, a KMS key or a cluster cannot be used; true where it is known that it can.

    Printed, it is the text for people.

    Attributes:
        subject: the ID of the key store, the key or the cluster.
        kind: ``key-store``, ``key`` or ``cluster``.
        usable: whether it can be used now; ``None`` where nobody knows, since an external key store
            proxy outside of the simulated world is not asked.
        state: what the AWS APIs show of its state.
        reasons: what stands in the way, in the order in which KMS comes upon it.
        text: all of it, for people.
    """

    subject: str
    kind: str
    usable: bool | None
    state: Mapping[str, Any]
    reasons: tuple[Reason, ...]
    text: str = field(repr=False)

    def __bool__(self) -> bool:
        return self.usable is True

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "subject": self.subject,
            "kind": self.kind,
            "usable": self.usable,
            "state": dict(self.state),
            "reasons": [reason.to_dict() for reason in self.reasons],
            "text": self.text,
        }

    @classmethod
    def from_dict(cls, shown: Mapping[str, Any]) -> Explanation:
        """What ``to_dict`` has made."""
        return cls(**{**shown, "reasons": tuple(map(Reason.from_dict, shown["reasons"]))})


def name_of(subject: CustomKeyStore | Cluster | str) -> str:
    """What ``cks.explain`` is asked about, by name.

    Raises:
        TypeError: it is something else.
        RuntimeError: the handle is of a world that is over.
    """
    if isinstance(subject, str):
        return subject
    if isinstance(subject, (CustomKeyStore, Cluster)):
        subject.require_world()
        return subject.id
    raise TypeError(f"A key store, a cluster or the name of something, not {subject!r}")


_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def write_time(moment: datetime) -> str:
    """A moment in UTC as JSON has it."""
    return moment.strftime(_FORM).replace(".000000Z", "Z")


def read_time(text: str) -> datetime:
    """What ``write_time`` has made."""
    whole = text if "." in text else text.replace("Z", ".000000Z")
    return datetime.strptime(whole, _FORM).replace(tzinfo=timezone.utc)

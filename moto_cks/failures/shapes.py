"""What the table of the documented failures is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from moto_cks.enums import StrEnum
from moto_cks.failures.expectations import Seen
from moto_cks.failures.instructions import Command, Instruction
from moto_cks.failures.scene import Scene
from moto_cks.kms.keystores.connection import ConnectionErrorCode

GUIDE = "https://docs.aws.amazon.com/kms/latest/developerguide"
CLOUDHSM_GUIDE = "https://docs.aws.amazon.com/cloudhsm/latest/userguide"


TROUBLESHOOTING = "fix-keystore"


def page(anchor: str = "", document: str = TROUBLESHOOTING, guide: str = GUIDE) -> str:
    """The URL of a section of a page of a guide."""
    return f"{guide}/{document}.html" + (f"#{anchor}" if anchor else "")


class Since(StrEnum):
    """From when on a failure is seen."""

    AT_ONCE = "at once"
    NEXT_CONNECT = "next connect"
    NEXT_USE = "next use"
    AFTER_WAITING_PERIOD = "after the waiting period"


class Need(StrEnum):
    """What has to be there before a failure can be brought about."""

    CONNECTED = "connected"
    KEY = "key"
    NO_KEY = "no key"
    HSM = "hsm"
    TWO_HSMS = "two hsms"
    BACKUP = "backup"
    FIRST_BACKUP = "first backup"
    SECOND_CLUSTER = "second cluster"
    THIRD_SUBNET = "third subnet"
    OLDER_HSM_TYPE = "older hsm type"
    MTLS = "mutual tls"
    CLOCK = "clock"


class Part(StrEnum):
    """What a failure touches. Two that touch different things can happen at the same time."""

    NETWORK = "network"
    SUBNETS = "subnets"
    HSMS = "hsms"
    CLUSTER = "cluster"
    USERS = "users"
    PASSWORD = "password"
    MATERIAL = "material"
    KEY = "key"
    CLOCK = "clock"
    FAULT = "fault"


Act: TypeAlias = Callable[[Scene], None]
"""Does something through boto3 and the handles."""

Proof: TypeAlias = Callable[[Scene], "str | None"]
"""Looks whether a failure is repaired, and says what is not as it should be."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a repair; it says one thing, in the words of AWS's page.

    Attributes:
        name: what it is called.
        text: what to do, in a sentence.
        python: the same in Python.
        act: does it through boto3 and the handles; what is so already stays as it is.
        commands: what a person types, at the HSMs with cloudhsm-cli.
        with_older_tools: what a person types there who has the tools of Client SDK 3.
    """

    name: str
    text: str
    python: str
    act: Act
    commands: tuple[Command, ...] = ()
    with_older_tools: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which a failure is brought about.

    Attributes:
        name: what it is called.
        cause: what is done, in a sentence.
        bring_about: does it through boto3 and the handles.
        needs: what it needs, where that is not what the failure needs.
        seen: what is seen, where that differs.
        repair: the steps, where they differ.
        proof: the proof, where that differs.
    """

    name: str
    cause: str
    bring_about: Act
    needs: frozenset[Need] | None = None
    seen: Seen | None = None
    repair: tuple[Step, ...] | None = None
    proof: Proof | None = None


@dataclass(frozen=True)
class Case:
    """A failure as one of its variants brings it about.

    Attributes:
        failure: the name of the failure.
        variant: the name of the variant.
        cause: what is done, in a sentence.
        bring_about: does it.
        needs: what has to be there before.
        seen: what is seen.
        repair: the steps of the documented repair.
        proof: what proves that it is repaired.
    """

    failure: str
    variant: str
    cause: str
    bring_about: Act
    needs: frozenset[Need]
    seen: Seen
    repair: tuple[Step, ...]
    proof: Proof

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """The steps as they are shown, with placeholders."""
        return tuple(
            Instruction(
                number, step.name, step.text, step.commands, step.with_older_tools, step.python
            )
            for number, step in enumerate(self.repair, start=1)
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.variant,
            "cause": self.cause,
            "needs": sorted(need.value for need in self.needs),
            "seen": self.seen.to_dict(),
            "steps": [instruction.to_dict() for instruction in self.instructions],
        }


@dataclass(frozen=True)
class Failure:
    """A documented failure.

    Attributes:
        name: what it is called.
        title: what has happened, in a few words.
        anchor: the section of AWS's page.
        rows: the behaviours of this package that it rests on; see "Every behaviour and its tests".
        variants: how it is brought about; the first is meant where none is named.
        since: from when on it is seen.
        seen: what is seen.
        repair: the steps of the documented repair, or where there is none, what one would try.
        proof: what proves that it is repaired.
        needs: what has to be there before it can be brought about.
        touches: what it changes.
        decided_by: the error code of the row of ``CONNECTION_ERRORS``, or the name of the check in
            :mod:`moto_cks.kms.keystores.cloudhsm.checks`, by which KMS comes upon it.
        recoverable: whether it can be repaired.
        document: the page of the guide.
        guide: the guide, by default the AWS KMS Developer Guide.
    """

    name: str
    title: str
    anchor: str
    rows: tuple[str, ...]
    variants: tuple[Variant, ...]
    since: Since
    seen: Seen
    repair: tuple[Step, ...]
    proof: Proof
    needs: frozenset[Need]
    touches: frozenset[Part] = field(default_factory=frozenset)
    decided_by: ConnectionErrorCode | str | None = None
    recoverable: bool = True
    document: str = TROUBLESHOOTING
    guide: str = GUIDE

    @property
    def page(self) -> str:
        """The section of AWS's page, as a URL."""
        return page(self.anchor, self.document, self.guide)

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """The failure as each of its variants brings it about, by the variant's name."""
        return {variant.name: self._case(variant) for variant in self.variants}

    def case(self, variant: str | None = None) -> Case:
        """The failure as one of its variants brings it about.

        Args:
            variant: its name; by default the first.

        Raises:
            ValueError: there is no such variant.
        """
        if variant is None:
            return self.cases[self.variants[0].name]
        if variant not in self.cases:
            possible = ", ".join(self.cases)
            raise ValueError(f"{self.name} has no variant {variant!r}, but {possible}.")
        return self.cases[variant]

    def _case(self, variant: Variant) -> Case:
        return Case(
            self.name,
            variant.name,
            variant.cause,
            variant.bring_about,
            self.needs if variant.needs is None else variant.needs,
            self.seen if variant.seen is None else variant.seen,
            self.repair if variant.repair is None else variant.repair,
            self.proof if variant.proof is None else variant.proof,
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        decided_by = self.decided_by
        return {
            "name": self.name,
            "title": self.title,
            "anchor": self.anchor,
            "page": self.page,
            "rows": list(self.rows),
            "since": self.since.value,
            "touches": sorted(part.value for part in self.touches),
            "decided_by": (
                decided_by.value if isinstance(decided_by, ConnectionErrorCode) else decided_by
            ),
            "recoverable": self.recoverable,
            "variants": [case.to_dict() for case in self.cases.values()],
        }

    def rests_on(self, rows: Iterable[str]) -> bool:
        """Whether it rests on one of these behaviours.

        Args:
            rows: rows, as ``C5.8``; the beginnings of some, ``C5`` or ``C``, are all of those.
        """
        return any(_within(row, wanted) for row in self.rows for wanted in rows)


def _within(row: str, wanted: str) -> bool:
    return row == wanted or row.startswith(f"{wanted}.") or row[:1] == wanted

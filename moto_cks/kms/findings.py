"""What the checks find that stands in the way, with its facts.

A check that decides answers with a finding, or ``None`` where it has found nothing. An operation
that is refused makes an exception or a ConnectionErrorCode of the first finding; who asks why
something cannot be used reads the facts of all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from moto_cks.enums import StrEnum

Facts: TypeAlias = Mapping[str, Any]
"""Plain data: strings, numbers, truth values, moments, and lists of them. Never a secret."""

NO_FACTS: Facts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that stands in the way.

    Attributes:
        cause: what it is. Where the documentation has a name for the failure, it is that one:
            ``invalid-credentials``.
        facts: what there is to know of it.
        since: when it came about, an aware datetime in UTC; ``None`` where nobody knows.
        otherwise: the cause as which the same thing is come upon in another situation.
    """

    cause: str
    facts: Facts = field(default_factory=lambda: NO_FACTS)
    since: datetime | None = None
    otherwise: str | None = None


class When(StrEnum):
    """When something that stands in the way is come upon."""

    NOW = "now"
    """Whenever a key is used."""
    NEXT_USE = "next-use"
    """When the key is used next; until then nothing shows it."""
    NEXT_CALL = "next-call"
    """When one particular operation is called."""
    CREATION = "creation"
    """When a key is created, or a key store; the keys that there are can be used."""
    NEXT_CONNECT = "next-connect"
    """When the key store connects next."""
    LOGIN = "login"
    """When a user of the HSMs logs in who is not KMS."""
    NEVER = "never"
    """It is in nobody's way, but somebody should see to it."""
    UNKNOWN = "unknown"
    """Nobody knows whether there is something: who could tell is not asked."""


BLOCKING = frozenset({When.NOW, When.NEXT_USE})
"""When what is in the way keeps keys from being used."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding, and what AWS makes of it.

    Attributes:
        finding: what was found.
        error: the code of the exception, or the ConnectionErrorCode, that it ends in.
        when: when it is come upon.
    """

    finding: Finding
    error: str
    when: When

    @property
    def blocks(self) -> bool:
        """Whether it keeps keys from being used as things are now."""
        return self.when in BLOCKING


class Kind(StrEnum):
    """What can be asked about."""

    KEY_STORE = "key-store"
    KEY = "key"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Situation:
    """How a key store, a key or a cluster is, and why it cannot be used.

    Attributes:
        kind: which of them it is.
        id: its ID.
        state: what the AWS APIs show of its state, by the names that they have for it.
        surroundings: what the commands that mend something need to know.
        reasons: why it cannot be used, in the order in which KMS comes upon it.
    """

    kind: Kind
    id: str
    state: Facts
    surroundings: Facts
    reasons: tuple[Reason, ...]

"""The model of an external key store proxy and its key manager, and of what is wrong with them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.proof.schedule import Schedule

HEALTH, METADATA, ENCRYPT, DECRYPT = "GetHealthStatus", "GetKeyMetadata", "Encrypt", "Decrypt"
USAGES = {ENCRYPT: "ENCRYPT", DECRYPT: "DECRYPT"}

EVERYWHERE = {
    "slow": "late",
    "slow key manager": "DependencyTimeoutException",
    "clock off": "AuthenticationFailedException",
}
"""What is wrong with whatever is asked, by its cause."""

BROKEN_LINES = {"stopped": "unreachable", "other certificate": "no TLS", "no gateway": "malformed"}
"""What keeps requests from the proxy."""

AT_APIS = {
    ("all UNAVAILABLE", HEALTH): "all UNAVAILABLE",
    **dict.fromkeys(
        (("all UNAVAILABLE", api) for api in (METADATA, ENCRYPT, DECRYPT)), "InternalException"
    ),
    ("rules for health checks", HEALTH): "AccessDeniedException",
    **dict.fromkeys(
        (
            (rules, api)
            for rules in ("rules", "rules for health checks")
            for api in (METADATA, ENCRYPT, DECRYPT)
        ),
        "AccessDeniedException",
    ),
    **{(f"no {api}", api): "UnsupportedOperationException" for api in (METADATA, ENCRYPT, DECRYPT)},
    ("other bytes", DECRYPT): "other bytes",
}
"""What is wrong with an API of a proxy, by the cause."""


class Question(NamedTuple):
    """What KMS asks.

    Attributes:
        api: of the proxy.
        operation: the KMS operation for which.
        key: the external key ID.
        material: which of its material a ciphertext needs.
    """

    api: str
    operation: str
    key: str | None = None
    material: int | None = None


@dataclass
class ExternalKey:
    """An external key.

    Attributes:
        materials: which material it has, the newest last; by that it encrypts.
    """

    materials: list[int]
    enabled: bool = True
    spec: str = "AES_256"
    usage: tuple[str, ...] = ("ENCRYPT", "DECRYPT")


@dataclass
class Proxy:
    """A proxy.

    Attributes:
        clock: what time it is.
        host: its name.
        path: where it answers.
        expires: when its certificate does, or ``None``: not in this history.
        credentials: the IDs of the access keys that are valid.
        keys: the external keys, by their IDs.
        causes: the names of the causes that are in effect.
        heard: what it was asked since somebody has looked.
        forgotten: whether AWS does not say what it was asked.
        connected: whether a key store was connected to it since somebody has looked.
    """

    clock: Schedule
    host: str
    path: str
    credentials: set[str]
    keys: dict[str, ExternalKey] = field(default_factory=dict)
    expires: float | None = None
    causes: set[str] = field(default_factory=set)
    heard: list[tuple[str, str, str | None]] = field(default_factory=list)
    forgotten: bool = False
    connected: bool = False

    _materials = itertools.count(1)

    def new_material(self) -> int:
        return next(self._materials)

    def create_key(self, name: str, spec: str = "AES_256") -> None:
        self.keys[name] = ExternalKey([self.new_material()], spec=spec)

    def line(self) -> Iterator[str]:
        """What keeps requests from it."""
        yield from (trouble for cause, trouble in BROKEN_LINES.items() if cause in self.causes)
        if self.expires is not None and self.clock.now > self.expires:
            yield "no TLS"

    def identity(self, path: str, credential: str) -> Iterator[str]:
        """What keeps it from knowing who asks."""
        if path != self.path:
            yield "InvalidUriPathException"
        if credential not in self.credentials or "clock off" in self.causes:
            yield "AuthenticationFailedException"

    def troubles(self, question: Question) -> Iterator[str]:
        """What is wrong for a question, whoever asks it."""
        yield from (trouble for cause, trouble in EVERYWHERE.items() if cause in self.causes)
        yield from (
            trouble
            for (cause, api), trouble in AT_APIS.items()
            if api == question.api and cause in self.causes
        )
        if "rules for Decrypt" in self.causes and question.operation == DECRYPT:
            yield "AccessDeniedException"
        if question.key is not None:
            yield from self._troubles_of_key(question, self.keys.get(question.key))

    def _troubles_of_key(self, question: Question, key: ExternalKey | None) -> Iterator[str]:
        if key is None:
            yield "KeyNotFoundException"
        elif question.api == METADATA:
            if key.spec != "AES_256":
                yield "key spec"
            if not key.enabled:
                yield "key status"
            if not {"ENCRYPT", "DECRYPT"} <= set(key.usage):
                yield "key usage"
        else:
            if not key.enabled:
                yield "InvalidStateException"
            if USAGES[question.api] not in key.usage:
                yield "InvalidKeyUsageException"
            if question.material is not None and question.material not in key.materials:
                yield "InvalidCiphertextException"

"""``cks.failures`` on a world in another process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto_cks.failures.expectations import Refusal
from moto_cks.failures.instructions import Instruction
from moto_cks.failures.shapes import Failure
from moto_cks.failures.table import FAILURES
from moto_cks.handle.protocols.failures import DocumentedFailure, Failures, Happening, id_of
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.handle.remote.wire import Wire, given


class RemoteFailure(DocumentedFailure):
    """A documented failure; see its base."""

    def __init__(self, definition: Failure, wire: Wire) -> None:
        super().__init__(definition)
        self._wire = wire

    def happen(
        self, store: KeyStore | str, *, variant: str | None = None, key: str | None = None
    ) -> Happening:
        body = given(key_store_id=id_of(store), variant=variant, key=key)
        return _happening(self, self._wire.post("failures", self.name, "happen", body=body))

    def repair(self, store: KeyStore | str, *, variant: str | None = None) -> None:
        body = given(key_store_id=id_of(store), variant=variant)
        self._wire.post("failures", self.name, "repair", body=body)

    def carry_out(self, store: KeyStore | str, number: int) -> bool:
        body = {"key_store_id": id_of(store)}
        answer = self._wire.post("failures", self.name, "steps", str(number), body=body)
        return bool(answer["over"])

    def instructions(
        self, store: KeyStore | str, *, variant: str | None = None
    ) -> tuple[Instruction, ...]:
        query = given(key_store_id=id_of(store), variant=variant)
        answer = self._wire.get("failures", self.name, "steps", query=query)
        return tuple(map(Instruction.from_dict, answer["steps"]))

    def happens_to(self, store: KeyStore | str) -> bool:
        key_store_id = id_of(store)
        return any(
            (shown["failure"], shown["key_store_id"]) == (self.name, key_store_id)
            for shown in self._wire.get("failures", "happening")["happening"]
        )


def _happening(failure: RemoteFailure, answer: Mapping[str, Any]) -> Happening:
    return Happening(
        failure,
        answer["variant"],
        answer["key_store_id"],
        tuple(answer["key_ids"]),
        datetime.fromisoformat(answer["since"]),
        {name: Refusal(**refusal) for name, refusal in answer["refusals"].items()},
    )


class RemoteFailures(Failures):
    """The documented failures; see :class:`moto_cks.handle.protocols.failures.Failures`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._failures = {name: RemoteFailure(one, wire) for name, one in FAILURES.items()}

    @property
    def _by_name(self) -> Mapping[str, DocumentedFailure]:
        return self._failures

    def happening(self) -> list[Happening]:
        return [
            _happening(self._failures[shown["failure"]], shown)
            for shown in self._wire.get("failures", "happening")["happening"]
        ]

"""A documented failure on the world in this process, and what it is brought about with."""

from __future__ import annotations

import functools
from typing import Any

from moto_cks.failures import acting
from moto_cks.failures.hands import Hands
from moto_cks.failures.instructions import Instruction, Tool
from moto_cks.failures.records import Record, find_record
from moto_cks.failures.shapes import Failure
from moto_cks.handle.builder import Clients
from moto_cks.handle.presence import require_mock
from moto_cks.handle.protocols.cks import Cks
from moto_cks.handle.protocols.failures import DocumentedFailure, Happening, id_of
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.world.lock import WORLD


class ActingClients(Clients):
    """The clients of who brings failures about: what is refused is seen, and nothing retried."""

    def _client(self, service: str, **settings: Any) -> Any:
        return super()._client(service, retries={"total_max_attempts": 1}, **settings)

    @functools.cached_property
    def ec2(self) -> Any:
        """EC2."""
        return self._client("ec2")

    @functools.cached_property
    def cloudtrail(self) -> Any:
        """CloudTrail."""
        return self._client("cloudtrail")


def hands_of(cks: Cks) -> Hands:
    """What failures are brought about with, by a handle on this process."""
    return Hands(
        clients=ActingClients,
        cluster=cks.cluster,
        create_cluster=cks.create_cluster,
        advance=cks.clock.advance,
        tools={
            Tool.CLOUDHSM_MGMT_UTIL: cks.cloudhsm_mgmt_util,
            Tool.KEY_MGMT_UTIL: cks.key_mgmt_util,
        },
    )


class LocalFailure(DocumentedFailure):
    """A documented failure; see its base."""

    def __init__(self, definition: Failure, hands: Hands) -> None:
        super().__init__(definition)
        self._hands = hands

    def happen(
        self, store: KeyStore | str, *, variant: str | None = None, key: str | None = None
    ) -> Happening:
        require_mock()
        record = acting.happen(self._definition, self._hands, id_of(store), variant, key)
        return happening_of(self, record)

    def repair(self, store: KeyStore | str, *, variant: str | None = None) -> None:
        require_mock()
        acting.repair(self._definition, self._hands, id_of(store), variant)

    def carry_out(self, store: KeyStore | str, number: int) -> bool:
        require_mock()
        return acting.carry_out(self._definition, self._hands, id_of(store), number)

    def instructions(
        self, store: KeyStore | str, *, variant: str | None = None
    ) -> tuple[Instruction, ...]:
        require_mock()
        return acting.instructions(self._definition, self._hands, id_of(store), variant)

    def happens_to(self, store: KeyStore | str) -> bool:
        with WORLD:
            return find_record(self.name, id_of(store)) is not None


def happening_of(failure: DocumentedFailure, record: Record) -> Happening:
    """What happens, as tests see it."""
    assert record.since is not None
    return Happening(
        failure,
        record.variant,
        record.store_id,
        record.key_ids,
        record.since,
        dict(record.refusals),
    )

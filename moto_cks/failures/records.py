"""What is happening now, and what the causes have changed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from moto.core.base_backend import BaseBackend

from moto_cks.enums import StrEnum
from moto_cks.failures.expectations import Refusal
from moto_cks.failures.transitions import Hold, release
from moto_cks.faults.pending import AnyFault, end
from moto_cks.hsm import ClusterSession
from moto_cks.tools.session import ToolSession
from moto_cks.tools.turns import RunningTool
from moto_cks.world.backends import WorldState


@dataclass(frozen=True, slots=True)
class AclEntry:
    """A rule of a network ACL."""

    acl_id: str
    number: int


class Direction(StrEnum):
    """The direction of the rules of a security group."""

    INGRESS = "ingress"
    EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class Revoked:
    """Rules that were revoked from a security group."""

    group_id: str
    direction: Direction
    rules: list[dict[str, Any]]


@dataclass(slots=True, eq=False)
class Changes:
    """What a cause has changed that has to be put back.

    Attributes:
        revoked: the rules that were revoked.
        interfaces: the IDs of the network interfaces that were made.
        acl_entries: the rules that were made.
        transitions: the state transitions that were set.
        faults: the faults that were injected.
        sessions: the logins as kmsuser that are open.
        tools: the tools in which somebody is logged in.
        owners: the crypto users that were made, who own keys.
    """

    revoked: list[Revoked] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    acl_entries: list[AclEntry] = field(default_factory=list)
    transitions: list[Hold] = field(default_factory=list)
    faults: list[Any] = field(default_factory=list)
    sessions: list[ClusterSession] = field(default_factory=list)
    tools: list[RunningTool] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)

    def clients(self) -> list[ClusterSession]:
        """The logins that are open, by whatever way."""
        tools = (tool for tool in self.tools if isinstance(tool, ToolSession))
        return [*self.sessions, *(client for tool in tools for client in tool.clients())]

    def __getstate__(self) -> dict[str, Any]:
        # Of a tool that runs, a snapshot has the login: that is what the failure is.
        state = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**state, "sessions": self.clients(), "tools": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for each in fields(self):
            setattr(self, each.name, state[each.name])


@dataclass(slots=True, eq=False)
class Record:
    """A failure that happens to a key store.

    Attributes:
        failure: its name.
        variant: the name of the variant.
        store_id: the custom key store ID.
        account_id: the account.
        region: the Region.
        cluster_id: the cluster that it began with.
        subnets: that cluster's subnets by Availability Zone.
        mode: its mode.
        key_ids: the keys of the key store that it is about.
        arns: their ARNs.
        handles: the handles of their material.
        enabled: those that were Enabled.
        connection_number: which connection of the key store it was.
        sealed: a ciphertext of each key, made before.
        values: the values of placeholders that the world does not tell.
        refusals: what calls of the cause were refused with, by operation.
        since: when it was brought about, an aware datetime in UTC; ``None`` while it is.
        changes: what the cause has changed.
    """

    failure: str
    variant: str
    store_id: str
    account_id: str
    region: str
    cluster_id: str
    subnets: dict[str, str]
    mode: str
    key_ids: tuple[str, ...]
    arns: dict[str, str]
    handles: dict[str, int]
    enabled: frozenset[str]
    connection_number: int
    sealed: dict[str, bytes] = field(default_factory=dict, repr=False)
    values: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    since: datetime | None = None
    changes: Changes = field(default_factory=Changes)

    def end_faults(self) -> None:
        """End the faults that are not used up."""
        for fault in self.changes.faults:
            end(fault)
        self.changes.faults.clear()

    def log_out(self) -> None:
        """End the logins that are open."""
        for session in self.changes.sessions:
            session.logout()
        for tool in self.changes.tools:
            tool.close()
        self.changes.sessions.clear()
        self.changes.tools.clear()

    def speed_up(self) -> None:
        """Let states take what they took before."""
        for held in self.changes.transitions:
            release(held)
        self.changes.transitions.clear()

    def keep(self, fault: AnyFault) -> None:
        """Note a fault that was injected."""
        self.changes.faults.append(fault)


class FailuresBackend(BaseBackend):
    """What is happening, in the order in which it was brought about.

    A backend, so that moto's reset forgets it.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.records: list[Record] = []


_backend = WorldState(FailuresBackend)


def records() -> list[Record]:
    """What is happening, in the order in which it was brought about."""
    return _backend().records


def records_of(store_id: str) -> list[Record]:
    """What is happening to a key store."""
    return [record for record in records() if record.store_id == store_id]


def find_record(failure: str, store_id: str) -> Record | None:
    """A failure that is happening to a key store."""
    return next((record for record in records_of(store_id) if record.failure == failure), None)

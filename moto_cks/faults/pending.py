"""The faults that are to come, and how each is counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from moto.core.base_backend import BaseBackend

from moto_cks.world import clock
from moto_cks.world.backends import WorldState
from moto_cks.world.journal import Kind, note


def _left(times: int | None) -> str:
    return "until it is ended" if times is None else f"times left: {times}"


@dataclass(eq=False)
class _Injected:
    """What all faults have.

    Attributes:
        id: a name of its own: in a world that was restored, the same fault is another object.
    """

    id: str = field(default_factory=lambda: f"fault-{uuid.uuid4().hex}", init=False, repr=False)


@dataclass(eq=False)
class ConnectionFault(_Injected):
    """Connection attempts that fail.

    Attributes:
        times: how many are left; ``None`` for all until the end.
        code: the ConnectionErrorCode in which they end.
        key_store: the custom key store ID, or ``None`` for any.
    """

    times: int | None
    code: str
    key_store: str | None

    @property
    def subject(self) -> str:
        """What the timeline names."""
        return self.key_store or ""

    def __str__(self) -> str:
        return f"connection attempts end in {self.code}, {_left(self.times)}"


@dataclass(eq=False)
class _AtHsms(_Injected):
    """What the HSMs behind a key store do not do.

    Attributes:
        times: how many operations are left; ``None`` for all until the end.
        resource_id: what backs the key store: the cluster.
    """

    times: int | None
    resource_id: str

    @property
    def subject(self) -> str:
        """What the timeline names."""
        return self.resource_id


class SessionFault(_AtHsms):
    """Operations that find no free session in the HSMs of a key store."""

    def __str__(self) -> str:
        return f"no PKCS #11 session is free, {_left(self.times)}"


class BusyFault(_AtHsms):
    """Commands for which the HSMs of a cluster are too busy."""

    def __str__(self) -> str:
        return f"the HSMs are busy, {_left(self.times)}"


@dataclass(eq=False)
class CallFault(_Injected):
    """Calls that end with an exception.

    Attributes:
        times: how many are left; ``None`` for all until the end.
        status: the HTTP status.
        account_id: of which account, or ``None`` for any.
        region: in which Region, or ``None`` for any.
    """

    times: int | None
    service: str
    operation: str
    code: str
    message: str
    status: int
    account_id: str | None
    region: str | None

    @property
    def subject(self) -> str:
        """What the timeline names."""
        return self.region or ""

    def __str__(self) -> str:
        return f"{self.service}:{self.operation} ends in {self.code}, {_left(self.times)}"


@dataclass(eq=False)
class Outage(_Injected):
    """Something that backs a key store, and that KMS cannot reach."""

    resource_id: str

    @property
    def subject(self) -> str:
        """What the timeline names."""
        return self.resource_id

    def __str__(self) -> str:
        return "KMS cannot reach the cluster"


@dataclass(eq=False)
class Throttle(_Injected):
    """A token bucket for every key store; it holds what a second brings, but one at least.

    Attributes:
        rate: tokens a second of the simulated clock.
        buckets: by custom key store ID, the tokens that there were at a moment.
    """

    rate: float
    buckets: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    subject: str = field(default="", init=False)

    def __str__(self) -> str:
        return f"{self.rate:g} requests a second of a key store"

    def take(self, key_store_ids: Iterable[str]) -> bool:
        """Take a token for each key store, or none where one of them has none."""
        now = clock.now()
        tokens = {key_store_id: self._tokens(key_store_id, now) for key_store_id in key_store_ids}
        enough = all(count >= 1 for count in tokens.values())
        for key_store_id, count in tokens.items():
            self.buckets[key_store_id] = (count - 1 if enough else count, now)
        return enough

    def exhausted(self, key_store_id: str) -> bool:
        """Whether a key store has no token now; takes none."""
        return self._tokens(key_store_id, clock.now()) < 1

    def _tokens(self, key_store_id: str, now: datetime) -> float:
        size = max(self.rate, 1)
        tokens, then = self.buckets.get(key_store_id, (size, now))
        # Time can run backwards when another tool has moved it.
        return min(size, tokens + max((now - then).total_seconds(), 0) * self.rate)


_ONLY = ("",)


@dataclass(eq=False)
class RequestQuotas(_Injected):
    """Token buckets for accounts in Regions; each holds what a second brings, but one at least.

    Attributes:
        buckets: by what a quota is of, a bucket of its own.
    """

    buckets: dict[tuple[str, ...], Throttle] = field(default_factory=dict)
    subject: str = field(default="", init=False)

    def __str__(self) -> str:
        return "the request quotas of accounts in Regions"

    def take(self, name: tuple[str, ...], rate: float) -> bool:
        """Take a token of a quota, if it has one.

        Args:
            name: what it is of.
            rate: tokens a second of the simulated clock.
        """
        return self.buckets.setdefault(name, Throttle(rate)).take(_ONLY)


AnyFault = TypeVar(
    "AnyFault",
    ConnectionFault,
    SessionFault,
    BusyFault,
    CallFault,
    Outage,
    Throttle,
    RequestQuotas,
)


class FaultsBackend(BaseBackend):
    """The faults that are to come, those that were injected first before the others.

    A backend, so that moto's reset forgets them.

    Attributes:
        armed: whether there may be faults; while there are none, this is all that is looked at.
    """

    armed: ClassVar[bool] = False

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.connections: list[ConnectionFault] = []
        self.sessions: list[SessionFault] = []
        self.busy: list[BusyFault] = []
        self.calls: list[CallFault] = []
        self.outages: list[Outage] = []
        self.throttles: list[Throttle] = []
        self.quotas: list[RequestQuotas] = []

    def like(self, kind: type[AnyFault]) -> list[AnyFault]:
        """The faults of a kind."""
        kinds: dict[type, list[Any]] = {
            ConnectionFault: self.connections,
            SessionFault: self.sessions,
            BusyFault: self.busy,
            CallFault: self.calls,
            Outage: self.outages,
            Throttle: self.throttles,
            RequestQuotas: self.quotas,
        }
        return kinds[kind]

    @property
    def empty(self) -> bool:
        """Whether there are no faults."""
        return not (
            self.connections
            or self.sessions
            or self.busy
            or self.calls
            or self.outages
            or self.throttles
            or self.quotas
        )


backend = WorldState(FaultsBackend)


def faults_to_come() -> FaultsBackend | None:
    """The faults, where there are any."""
    if not FaultsBackend.armed:
        return None
    kept = backend()
    FaultsBackend.armed = not kept.empty  # moto's reset may have emptied it
    return kept if FaultsBackend.armed else None


Counted = TypeVar("Counted", ConnectionFault, SessionFault, BusyFault, CallFault)


def peek(faults: list[Counted], concerns: Callable[[Counted], bool]) -> Counted | None:
    """The first fault that concerns somebody, not counted."""
    return next(filter(concerns, faults), None)


def take(faults: list[Counted], concerns: Callable[[Counted], bool]) -> Counted | None:
    """The first fault that concerns somebody, counted."""
    fault = peek(faults, concerns)
    if fault is not None:
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                faults.remove(fault)
        note(Kind.FAULT, fault.subject, f"strikes: {fault}")
    return fault


def begin(fault: AnyFault) -> None:
    """Let a fault be there from now on."""
    FaultsBackend.armed = True
    backend().like(type(fault)).append(fault)
    note(Kind.FAULT, fault.subject, f"injected: {fault}")


def now(fault: AnyFault) -> AnyFault | None:
    """A fault as it is in this world, if it is not over."""
    return find(type(fault), fault.id)


def find(kind: type[AnyFault], fault_id: str) -> AnyFault | None:
    """A fault of this world by its name, if it is not over."""
    return next((one for one in backend().like(kind) if one.id == fault_id), None)


def arm() -> None:
    """Look for faults: there are some in a world that has just been restored, or may be."""
    FaultsBackend.armed = True


def end(fault: AnyFault) -> None:
    """Let a fault be there no more; a reset of moto may have forgotten it already."""
    found = now(fault)
    if found is not None:
        backend().like(type(found)).remove(found)
        note(Kind.FAULT, found.subject, f"over: {found}")

"""The instances of the external key manager, and how well they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import overload

from moto_cks.xks_proxy.causes import Cause, InEffect
from moto_cks.xks_proxy.lock import LOCK
from moto_cks.xks_proxy.names import listed
from moto_cks.xks_proxy.protocol import MAX_INSTANCES
from moto_cks.xks_proxy.values import checked, checked_seconds, checked_text, fixed, one_of

ACTIVE, DEGRADED, UNAVAILABLE = "ACTIVE", "DEGRADED", "UNAVAILABLE"
HEALTH = (ACTIVE, DEGRADED, UNAVAILABLE)
"""How an instance can be, the best first."""

SERVING = (ACTIVE, DEGRADED)
"""And in which health it serves."""

MODEL = "moto_cks simulated key manager"


class Instance:
    """An instance of the external key manager.

    Attributes:
        id: its ID, in answers to GetHealthStatus.
        model: what it is.
    """

    id: str = fixed("The ID of an instance")
    model: str = checked(partial(checked_text, what="The model of an instance"))

    def __init__(self, instance_id: str) -> None:
        self.id = instance_id
        self.model = MODEL
        self._cut_off = InEffect(False)
        self._delay = InEffect(0.0)
        self._health = ACTIVE

    def __repr__(self) -> str:
        return f"<Instance {self.id!r} {self.health}>"

    @property
    def health(self) -> str:
        """Its health: ACTIVE, DEGRADED, which serves all the same, or UNAVAILABLE.

        Raises:
            ValueError: set to something else.
        """
        return self._health

    @health.setter
    def health(self, health: str) -> None:
        self._health = one_of(health, HEALTH, "health")

    @property
    def is_reachable(self) -> bool:
        """Whether the proxy reaches it."""
        return not self._cut_off.value

    @property
    def delay(self) -> float:
        """The seconds that it takes for anything."""
        return self._delay.value

    @property
    def seen_health(self) -> str:
        """Its health as the proxy sees it: who cannot be reached is UNAVAILABLE."""
        return self._health if self.is_reachable else UNAVAILABLE

    def unreachable(self) -> Cause:
        """Cut it off from the proxy: InternalException, where there is no other."""
        return self._cut_off.set(True)

    def reachable(self) -> None:
        """Have the proxy reach it again."""
        self._cut_off.clear()

    def slow(self, seconds: float) -> Cause:
        """Have it take so long for anything.

        What takes longer than the proxy waits is a DependencyTimeoutException.

        Raises:
            ValueError: the seconds are no number from 0 on.
        """
        return self._delay.set(checked_seconds(seconds))


class Instances(Sequence[Instance]):
    """The instances of a key manager, one to ten.

    Raises:
        ValueError: there would be none or too many, or two with one ID.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        self._instances: list[Instance] = []
        for each in listed(ids):
            self.add(each)
        if not self._instances:
            raise ValueError(f"There are 1 to {MAX_INSTANCES} instances, not 0.")

    def __repr__(self) -> str:
        return repr(self._instances)

    @overload
    def __getitem__(self, index: int) -> Instance: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Instance]: ...
    def __getitem__(self, index: int | slice) -> Instance | Sequence[Instance]:
        return self._instances[index]

    def __len__(self) -> int:
        return len(self._instances)

    def __iter__(self) -> Iterator[Instance]:
        return iter(list(self._instances))

    def add(self, instance_id: str) -> Instance:
        """Add an instance.

        Raises:
            ValueError: there are ten, there is one with the ID, or that is none.
        """
        if not checked_text(instance_id, "The ID of an instance"):
            raise ValueError(f"An instance has an ID as 'ekm-1', not {instance_id!r}.")
        with LOCK:
            if len(self._instances) == MAX_INSTANCES:
                raise ValueError(f"There are at most {MAX_INSTANCES} instances.")
            if any(each.id == instance_id for each in self._instances):
                raise ValueError(f"There is an instance {instance_id!r} already.")
            self._instances.append(Instance(instance_id))
            return self._instances[-1]

    def best(self) -> Instance | None:
        """The one that serves: of those that can, the first of the healthiest."""
        seen = [each.seen_health for each in self._instances]
        return next(
            (self._instances[seen.index(health)] for health in SERVING if health in seen), None
        )

"""moto's state transitions, as far as failures set them, and how they are put back.

What was set before is kept here, and put back when no failure needs a transition any more, and at
the end of the mock, whose world may go on without it. moto's reset puts back all that was changed
(:mod:`moto_cks.world.transitions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.moto_api import state_manager

from moto_cks.world.backends import WorldState
from moto_cks.world.lifecycle import MODELS

IMMEDIATE = {"progression": "immediate"}
"""moto's default for the models of this package."""


@dataclass(frozen=True, eq=False, slots=True)
class Hold:
    """A transition that a failure needs.

    Attributes:
        model: of which model.
        seconds: how long a state that does not last takes, by the simulated clock.
    """

    model: str
    seconds: float

    def put_in_force(self) -> None:
        """Set it."""
        _set(self.model, {"progression": "time", "seconds": self.seconds})


def _set(model: str, how: dict[str, Any]) -> None:
    if how == IMMEDIATE:
        state_manager.unset_transition(model)
    else:
        state_manager.set_transition(model, how)


class TransitionsBackend(BaseBackend):
    """Which transitions are changed.

    A backend, so that moto's reset forgets it.

    Attributes:
        own: what was set before, by model.
        holds: what failures need, the latest last.
        at_once: whether somebody is at work for whom states change at once.
        spared: the models whose states take their time even then.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.own: dict[str, dict[str, Any]] = {}
        self.holds: list[Hold] = []
        self.at_once = False
        self.spared: frozenset[str] = frozenset()

    def remember(self, model: str) -> None:
        """Keep what is set, unless that is done."""
        self.own.setdefault(model, state_manager.get_transition(model))

    def settle(self, model: str) -> None:
        """Set what has to be in force for a model now."""
        held = [hold for hold in self.holds if hold.model == model]
        if self.at_once and not (held and model in self.spared):
            _set(model, IMMEDIATE)
        elif held:
            held[-1].put_in_force()
        elif model in self.own:
            _set(model, self.own.pop(model))

    def put_back(self) -> None:
        """Set what was set before all this."""
        for model, how in self.own.items():
            _set(model, how)
        self.own.clear()
        self.holds.clear()


_backend = WorldState(TransitionsBackend)


def hold(model: str, seconds: float) -> Hold:
    """Let the states of a model that do not last take some time, from now on."""
    kept = _backend()
    kept.remember(model)
    made = Hold(model, seconds)
    kept.holds.append(made)
    made.put_in_force()
    return made


def release(held: Hold) -> None:
    """Need a transition no more; a reset of moto may have forgotten it already."""
    kept = _backend()
    if held in kept.holds:
        kept.holds.remove(held)
        kept.settle(held.model)


@contextmanager
def immediately(but: Iterable[Hold]) -> Iterator[None]:
    """A context in which states change at once, but for what :func:`hold` says in it.

    Args:
        but: what was held before and has to go on.
    """
    kept = _backend()
    kept.at_once, kept.spared = True, frozenset(held.model for held in but)
    for model in MODELS:
        kept.remember(model)
        kept.settle(model)
    try:
        yield
    finally:
        kept.at_once, kept.spared = False, frozenset()
        for model in MODELS:
            kept.settle(model)


def put_back() -> None:
    """Put all transitions back: the mock is over."""
    _backend().put_back()

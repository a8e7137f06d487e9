"""The state transitions of this package's models last no longer than the world they were set in.

moto keeps state transitions for the process, whatever mock is on: see "State transitions" in moto's
documentation. A test that sets one of these and forgets it would leave every later cluster and key
store in progress. So what is set or unset in a mock is put back with the reset that ends its world;
what was set before it stays in force, inside and after. Those of other models are moto's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.moto_api import state_manager
from moto.moto_api._internal.state_manager import StateManager

from moto_cks.world.backends import WorldState
from moto_cks.world.lifecycle import MODELS


@dataclass
class _Change:
    """A transition that was changed in a world.

    Attributes:
        before: what was set before, or ``None`` where nothing was.
        after: what is in force since.
    """

    before: dict[str, Any] | None
    after: dict[str, Any]


class TransitionsBackend(BaseBackend):
    """The transitions that were changed in this world.

    A backend, so that moto's reset puts them back.

    Attributes:
        changes: by model.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.changes: dict[str, _Change] = {}

    def reset(self) -> None:
        """Put back what was changed here, unless somebody has changed it after this world."""
        for model, change in self.changes.items():
            if state_manager.get_transition(model) != change.after:
                continue
            if change.before is None:
                StateManager.unset_transition(state_manager, model)
            else:
                StateManager.set_transition(state_manager, model, change.before)
        super().reset()

    def begin_anew(self) -> None:
        """Put in force here what was changed in the world that this is a copy of."""
        changes, self.changes = self.changes, {}
        for model, change in changes.items():
            state_manager.set_transition(model, change.after)


transitions_of_world = WorldState(TransitionsBackend)
"""The transitions that were changed in this world."""


class KeepingStateManager(StateManager):
    """moto's state manager while a mock is on: it remembers what it has to put back."""

    def set_transition(self, model_name: str, transition: dict[str, Any]) -> None:
        """Set a transition, of this package's models until the end of the world."""
        before = self._transitions.get(model_name)
        super().set_transition(model_name, transition)
        self._remember(model_name, before)

    def unset_transition(self, model_name: str) -> None:
        """Unset a transition, of this package's models until the end of the world."""
        before = self._transitions.get(model_name)
        super().unset_transition(model_name)
        self._remember(model_name, before)

    def _remember(self, model: str, before: dict[str, Any] | None) -> None:
        if model in MODELS:
            change = transitions_of_world().changes.setdefault(model, _Change(before, {}))
            change.after = self.get_transition(model)


def begin_keeping() -> None:
    """Remember what is set from now on."""
    state_manager.__class__ = KeepingStateManager


def end_keeping() -> None:
    """Leave the state manager to moto; what is to be put back, the next reset still knows."""
    state_manager.__class__ = StateManager

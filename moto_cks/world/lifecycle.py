"""Resources that take their time: states that end by moto's state transitions.

See "State transitions" in moto's documentation. The models of this package are
``cks::connection``, ``cloudhsmv2::cluster``, ``cloudhsmv2::hsm`` and ``cloudhsmv2::backup``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from moto.moto_api import state_manager
from moto.moto_api._internal.managed_state_model import ManagedState

from moto_cks.world import clock
from moto_cks.world.journal import Kind, note

Ending = Callable[[], str]
"""Does what a state that is over leads to, and returns the next state."""

MODELS = ("cks::connection", "cloudhsmv2::cluster", "cloudhsmv2::hsm", "cloudhsmv2::backup")

for _model in MODELS:
    state_manager.register_default_transition(_model, {"progression": "immediate"})


class LifeCycle(ManagedState):
    """The state of one resource.

    Args:
        model_name: one of :data:`MODELS`; moto's ``set_transition`` says how its states end:
            immediately, after some seconds of simulated time, or after having been described
            so many times.
        endings: for each state that ends by itself, what it leads to.
        subject: the ID of the resource, by which the timeline names it.
    """

    def __init__(
        self, model_name: str, state: str, endings: Mapping[str, Ending], subject: str
    ) -> None:
        super().__init__(model_name, [(state, state)])
        self._endings = endings
        self._subject = subject
        self._since = clock.now()
        self._settling = False
        self._status: str = state
        self._plan()

    def enter(self, state: str) -> None:
        """Begin a state; where transitions are immediate, it is over on return."""
        self._change(state)
        self._since = clock.now()
        self._plan()
        self.settle()

    def settle(self) -> None:
        """End what is over by now."""
        if self._settling:
            return  # an ending looks at the state that it is about to end
        self._settling = True
        try:
            while self._status in self._endings and self._over():
                self._change(self._endings[self._status]())
                self._plan()
        finally:
            self._settling = False

    @property
    def status(self) -> str:
        """The state now."""
        if self._status in self._endings:
            self.settle()
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        self.enter(value)

    def _change(self, state: str) -> None:
        note(Kind.STATE, self._subject, f"{_text(self._status)} -> {_text(state)}")
        self._status = state
        self._tick = 0

    def _plan(self) -> None:
        # What a state leads to depends on the world at its end, not at the next look at it.
        transition = state_manager.get_transition(self.model_name)
        if self._status in self._endings and transition["progression"] == "time":
            clock.at(self._since + timedelta(seconds=transition["seconds"]), self.settle)

    def _over(self) -> bool:
        transition = state_manager.get_transition(self.model_name)
        if transition["progression"] == "immediate":
            return True
        if transition["progression"] == "manual":
            return bool(self._tick >= transition["times"])
        due = self._since + timedelta(seconds=transition["seconds"])
        if clock.now() < due:
            return False
        self._since = due  # what follows began when this ended, not when somebody looked
        return True


def _text(state: str) -> str:
    return str(getattr(state, "value", state))

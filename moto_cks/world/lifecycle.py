"""Resources that take their time: life cycles as tables, and what interprets them.

A life cycle is a :class:`Table`: what may be done to the resource in each of its states, how each
state that does not last ends by itself, and which state follows. Whoever owns a resource says what
is done, and what an ending had to do and how it came out; which state that makes is for the table
to say, and a step that is not in it is an error of this package.

When a state is over, moto's state transitions say: see "State transitions" in moto's documentation.
The models of this package are :data:`MODELS`. ``docs/draw_states.py`` draws the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Generic, TypeAlias, TypeVar

from moto.moto_api import state_manager
from moto.moto_api._internal.managed_state_model import ManagedState

from moto_cks.world import clock
from moto_cks.world.identity import Doer, doer
from moto_cks.world.journal import Kind, note

State = TypeVar("State", bound=str)

Steps: TypeAlias = Mapping[State, Mapping[str, State]]
"""For each state, what happens, and the state that follows."""

Ending: TypeAlias = Callable[[], str]
"""Does what the end of a state brings with it, and returns how it came out."""

MODELS = (
    "cks::connection",
    "cloudhsmv2::cluster",
    "cloudhsmv2::hsm",
    "cloudhsmv2::backup",
    "kms::key",
    "kms::rotation",
)

for _model in MODELS:
    state_manager.register_default_transition(_model, {"progression": "immediate"})


class NoSuchStepError(AssertionError):
    """A step that is not in the table of a life cycle: an error of this package, not of a user."""


@dataclass(frozen=True)
class Table(Generic[State]):
    """The life cycle of a kind of resource.

    Attributes:
        model: one of :data:`MODELS`; moto's ``set_transition`` says how its states end:
            immediately, after some seconds of simulated time, or after having been described
            so many times.
        first: the state in which a resource begins.
        allowed: what may be done to it, mostly by API operations; there is a row for each state
            that it can be in. What leaves it in its state stands there with that state.
        endings: the states that end by themselves, and how each may come out.
        lasting: the states among those that take a time of their own, whatever ``set_transition``
            says.
    """

    model: str
    first: State
    allowed: Steps[State]
    endings: Steps[State]
    lasting: Mapping[State, timedelta] = field(default_factory=dict)


class LifeCycle(ManagedState, Generic[State]):
    """The state of one resource.

    Args:
        table: the life cycle.
        endings: for each state that ends by itself, what that brings with it.
        subject: the ID of the resource, by which the timeline names it.

    Attributes:
        changes: how many changes of states there have been, of all resources. What follows from
            states that last need not be found out anew while it is the same.
        own_changes: how many there have been of this one.

    Raises:
        NoSuchStepError: these are not the states that end by themselves.
    """

    changes: ClassVar[int] = 0

    def __init__(self, table: Table[State], endings: Mapping[State, Ending], subject: str) -> None:
        if endings.keys() != table.endings.keys():
            raise NoSuchStepError(
                f"What ends by itself is {_text(*table.endings)} in the table of a {table.model}, "
                f"and not {_text(*endings)}."
            )
        super().__init__(table.model, [(table.first, table.first)])
        self._table = table
        self._endings = endings
        self._subject = subject
        self.own_changes = 0
        self._since = clock.now()
        self._settler: Doer | None = None
        self._stopped = False
        self._status: State = table.first
        self._plan()

    def allows(self, cause: str) -> bool:
        """Whether the table allows something to be done in the state of now.

        Raises:
            NoSuchStepError: it allows that in no state.
        """
        if not any(cause in row for row in self._table.allowed.values()):
            raise NoSuchStepError(f"No state of a {self.model_name} allows {cause!r}.")
        return cause in self._table.allowed[self.status]

    def step(self, cause: str) -> State:
        """Do something that the table allows in the state that was seen last.

        Who asks whether it is allowed sees the state, and it is still that one, whatever the time
        is by now. Where transitions are immediate, the state that this begins is over on return.
        What leaves the state as it is changes nothing: the time that it takes goes on.

        Returns:
            The state that follows, which may be over by now.

        Raises:
            NoSuchStepError: the table does not allow it in this state.
        """
        following = self._following(self._table.allowed, cause)
        if following != self._status:
            self._change(following, clock.now())
            self._plan()
            self.settle()
        return following

    def settle(self) -> None:
        """End what is over by now.

        An ending that is interrupted, by a KeyboardInterrupt or what a handler of signals raises,
        leaves the state as it is, and is begun again by who looks next.

        Raises:
            NoSuchStepError: an ending came out as the table does not know it.
        """
        if self._stopped or (self._settler is not None and self._settler == doer()):
            return  # an ending looks at the state that it is about to end
        self._settler = doer()
        try:
            while self._status in self._endings and (end := self._end()) is not None:
                seen = self.own_changes
                outcome = self._endings[self._status]()
                if self.own_changes == seen:  # else others have had the world meanwhile
                    self._change(self._following(self._table.endings, outcome), end)
                    self._plan()
        finally:
            self._settler = None

    def stop(self) -> None:
        """End no state any more: the resource is taken back, as if there had never been one."""
        self._stopped = True
        LifeCycle.changes += 1

    @property
    def status(self) -> State:
        """The state now."""
        if self._status in self._endings:
            self.settle()
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        # moto's class takes any status. Here every step has a cause.
        raise NoSuchStepError(
            f"{self._subject} becomes {_text(value)} by a step of its table only."
        )

    @property
    def lasts(self) -> bool:
        """Whether the state of now stays until something is done."""
        return self.status not in self._endings

    @property
    def since(self) -> datetime:
        """When the state of now began."""
        self.settle()
        return self._since

    @property
    def due(self) -> datetime | None:
        """When the state of now is over; ``None`` where no time says that."""
        if self._status not in self._endings:
            return None
        takes = self._table.lasting.get(self._status)
        if takes is None:
            transition = state_manager.get_transition(self.model_name)
            if transition["progression"] != "time":
                return None
            takes = timedelta(seconds=transition["seconds"])
        return self._since + takes

    def _following(self, steps: Steps[State], cause: str) -> State:
        try:
            return steps[self._status][cause]
        except KeyError:
            raise NoSuchStepError(
                f"{self._subject} is {_text(self._status)}, and the table of a {self.model_name} "
                f"has no {cause!r} there."
            ) from None

    def _change(self, state: State, since: datetime) -> None:
        note(Kind.STATE, self._subject, f"{_text(self._status)} -> {_text(state)}")
        # Nothing is called from here on: no interruption comes in between.
        LifeCycle.changes += 1
        self.own_changes += 1
        self._since = since
        self._status = state
        self._tick = 0

    def _plan(self) -> None:
        # What a state leads to depends on the world at its end, not at the next look at it.
        due = self.due
        if due is not None:
            clock.at(due, self.settle)

    def _end(self) -> datetime | None:
        """When the state of now has ended, if it has."""
        due = self.due
        if due is not None:
            # What follows began when this ended, not when somebody looked.
            return due if due <= clock.now() else None
        transition = state_manager.get_transition(self.model_name)
        if transition["progression"] == "manual" and self._tick < transition["times"]:
            return None
        return clock.now()


def _text(*states: str) -> str:
    return ", ".join(str(getattr(state, "value", state)) for state in states) or "nothing"

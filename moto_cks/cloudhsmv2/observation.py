"""What the timeline says of logins to the HSMs, and of changes of their users."""

from __future__ import annotations

from moto_cks.hsm import Action, HsmEvent
from moto_cks.world.identity import identity
from moto_cks.world.journal import Kind, note


class Observation:
    """Observes the HSMs of the world in which it begins; what is left of them says no more."""

    def __init__(self) -> None:
        self._world = identity()

    def notice(self, event: HsmEvent) -> None:
        """Note what has happened to a user of an HSM."""
        if identity() is not self._world:
            return
        what = f"{event.user_name}({event.user_type.value}) {event.action.value}"
        if event.action is Action.REFUSED and event.code is not None:
            what += f": {event.code.name}, LoginFailureCnt {event.failures}"
        note(Kind.LOGIN, event.hsm_id, what)

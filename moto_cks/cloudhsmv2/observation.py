"""What the timeline says of logins to the HSMs, and of changes of their users."""

from __future__ import annotations

from moto_cks.cloudhsmv2.connections import Connections
from moto_cks.hsm import Action, HsmEvent
from moto_cks.world import clock
from moto_cks.world.identity import identity
from moto_cks.world.journal import Kind, note


class Observation:
    """Observes the HSMs of the world in which it begins; what is left of them says no more.

    Args:
        connections: where it is kept who has connected.
    """

    def __init__(self, connections: Connections) -> None:
        self._world = identity()
        self._connections = connections

    def notice(self, event: HsmEvent) -> None:
        """Note what has happened to a user of an HSM."""
        if identity() is not self._world:
            return
        if event.action is Action.LOGGED_IN:
            self._connections.latest = clock.now()
        what = f"{event.user_name}({event.user_type.value}) {event.action.value}"
        if event.action is Action.REFUSED and event.code is not None:
            what += f": {event.code.name}, LoginFailureCnt {event.failures}"
        if event.action is Action.LOGGED_IN and event.slow:
            what += ", slowly: its password was set before 20 December 2025"
        note(Kind.LOGIN, event.hsm_id, what)

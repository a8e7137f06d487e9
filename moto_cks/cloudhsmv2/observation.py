"""What the timeline says of logins to the HSMs, and of changes of their users."""

from __future__ import annotations

from moto_cks.hsm import Action, HsmEvent
from moto_cks.world.journal import Kind, note


def observe(event: HsmEvent) -> None:
    """Note what has happened to a user of an HSM."""
    what = f"{event.user_name}({event.user_type.value}) {event.action.value}"
    if event.action is Action.REFUSED and event.code is not None:
        what += f": {event.code.name}, LoginFailureCnt {event.failures}"
    note(Kind.LOGIN, event.hsm_id, what)

"""Which world this is: moto's reset makes another one, and so does who restores a snapshot.

A snapshot is a fork: what was made before it is in the world that goes on and in every one that is
restored from it; what was made after it is in one of them only. So each world knows the moments
that lie behind it, and a handle knows at which moment it was made.
"""

from __future__ import annotations

import os
import uuid

from moto.core.base_backend import BaseBackend

from moto_cks.world.backends import WorldState


class IdentityBackend(BaseBackend):
    """Names that no other world has or had.

    Attributes:
        run: the name of the world as it runs, with what is open in it; a world that is restored
            has another one.
        moments: a name for each time that begins with the world, a snapshot or its restoring,
            oldest first.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.run = _new_name("run")
        self.moments: tuple[str, ...] = (_new_name("world"),)

    def fork(self) -> tuple[str, ...]:
        """Begin another moment; returns those that lie behind it."""
        behind = self.moments
        self.moments = (*behind, _new_name("world"))
        return behind

    def begin_anew(self, behind: tuple[str, ...]) -> None:
        """Be the world that is restored from a snapshot.

        Args:
            behind: the moments that lie behind that.
        """
        self.run = _new_name("run")
        self.moments = (*behind, _new_name("world"))


def _new_name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex}"


identity = WorldState(IdentityBackend)
"""Which world this is."""


Doer = tuple[int, str]
"""A process, and a world as it runs there."""


def doer() -> Doer:
    """Who does what is being done now.

    What is begun and waits for somebody outside of the world is done in this process and in this
    world only: a child of a fork and a snapshot have the traces of it, and nobody who ends it.
    """
    return os.getpid(), identity().run


def world_id() -> str:
    """The name of the moment: what is made now is in no world without it."""
    return identity().moments[-1]

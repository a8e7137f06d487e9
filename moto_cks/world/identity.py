"""Which world this is: moto's reset makes another one."""

from __future__ import annotations

import uuid

from moto.core.base_backend import BaseBackend

from moto_cks.world.backends import WorldState


class IdentityBackend(BaseBackend):
    """A name that no other world has or had.

    Attributes:
        id: the name.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.id = f"world-{uuid.uuid4().hex}"


_world = WorldState(IdentityBackend)


def world_id() -> str:
    """The name of the world since the last reset."""
    return _world().id

"""The keys of the simulated hardware in this world: no two clusters have the same one."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.core.base_backend import BaseBackend

from moto_cks.hsm.key_pool import WorldKeys
from moto_cks.world.backends import WorldState


class KeysBackend(BaseBackend):
    """Which keys are in use, in all accounts and Regions.

    A backend, so that moto's reset forgets it.

    Attributes:
        keys: gives each key once.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.keys = WorldKeys()


_world = WorldState(KeysBackend)


def take_key() -> rsa.RSAPrivateKey:
    """A key that nothing else in this world has; its private half must not be shown to anybody."""
    return _world().keys.take()

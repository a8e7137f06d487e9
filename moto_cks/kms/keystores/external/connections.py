"""The connections to proxies that KMS keeps open, which are of no saved world."""

from __future__ import annotations

from moto.core.base_backend import BaseBackend

from moto_cks.kms.keystores.external.client import Kept
from moto_cks.world.backends import WorldState


class Connections(BaseBackend):
    """Connections, by the key store that they are of.

    A backend, so that moto's reset closes them.
    """

    in_snapshots = False

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._kept: dict[str, Kept] = {}

    def of(self, key_store_id: str) -> Kept:
        """Those of a key store."""
        return self._kept.setdefault(key_store_id, Kept())

    def end(self, key_store_id: str) -> None:
        """Close those of a key store."""
        kept = self._kept.pop(key_store_id, None)
        if kept is not None:
            kept.end()

    def hang_up(self) -> None:
        """Close all."""
        for key_store_id in list(self._kept):
            self.end(key_store_id)

    def reset(self) -> None:
        """Close all, and forget them."""
        self.hang_up()
        super().reset()


connections = WorldState(Connections)
"""Those of this world."""

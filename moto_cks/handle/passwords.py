"""The passwords of crypto officers that handles have set, for who holds a handle."""

from __future__ import annotations

from moto.core.base_backend import BaseBackend

from moto_cks.world.backends import WorldState


class PasswordsBackend(BaseBackend):
    """The passwords of this world. A backend, and no model: moto's dashboard shows those.

    Attributes:
        officers: by cluster, the passwords by the officers' names.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.officers: dict[str, dict[str, str]] = {}


passwords = WorldState(PasswordsBackend)
"""What handles have set."""


def officer_passwords(cluster_id: str) -> dict[str, str]:
    """The passwords of the officers of a cluster."""
    return passwords().officers.setdefault(cluster_id, {})

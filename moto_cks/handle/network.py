"""The domains of VPC endpoint services, in this process."""

from __future__ import annotations

from moto_cks.handle.presence import require_mock
from moto_cks.handle.protocols.network import Network
from moto_cks.world.lock import WORLD


class LocalNetwork(Network):
    """See :class:`moto_cks.handle.protocols.network.Network`."""

    def unverify_private_dns(self, service_id: str) -> None:
        _set_verified(service_id, False)

    def verify_private_dns(self, service_id: str) -> None:
        _set_verified(service_id, True)


def _set_verified(service_id: str, verified: bool) -> None:
    require_mock()
    from moto_cks.account.private_dns import set_verified  # noqa: PLC0415 - moto's EC2 is large

    with WORLD:
        set_verified(service_id, verified)

"""``cks.network`` on a world in another process."""

from __future__ import annotations

from moto_cks.handle.protocols.network import Network
from moto_cks.handle.remote.wire import Wire


class RemoteNetwork(Network):
    """See :class:`moto_cks.handle.protocols.network.Network`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def unverify_private_dns(self, service_id: str) -> None:
        self._set_verified(service_id, False)

    def verify_private_dns(self, service_id: str) -> None:
        self._set_verified(service_id, True)

    def _set_verified(self, service_id: str, verified: bool) -> None:
        path = "endpoint-services", service_id, "private-dns"
        self._wire.put(*path, body={"verified": verified})

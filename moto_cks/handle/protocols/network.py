"""What moto's EC2 cannot do of the network, and KMS looks at."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Network(ABC):
    """``cks.network``: the domains of VPC endpoint services.

    moto takes the private DNS name of each for verified, and has no
    StartVpcEndpointServicePrivateDnsVerification.
    """

    @abstractmethod
    def unverify_private_dns(self, service_id: str) -> None:
        """Take the private DNS name of a VPC endpoint service for not verified.

        Its ``PrivateDnsNameConfiguration.State`` is ``pendingVerification`` then, and KMS does not
        reach an external key store proxy through it.

        Args:
            service_id: as ``vpce-svc-1234abcd``, of any account and Region.

        Raises:
            KeyError: there is no such service.
            ValueError: it has no private DNS name.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def verify_private_dns(self, service_id: str) -> None:
        """Take it for verified again; otherwise as :meth:`unverify_private_dns`."""

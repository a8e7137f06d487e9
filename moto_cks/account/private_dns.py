"""Whether the private DNS names of VPC endpoint services are verified, which moto's all are.

AWS PrivateLink Guide: "Manage DNS names for VPC endpoint services". Loaded with the first service
whose name is not.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration

from moto_cks.account.ec2 import all_backends

PENDING = "pendingVerification"
"""PrivateDnsNameConfiguration.State of a domain whose ownership nobody has proved."""


class UnverifiedService(VPCServiceConfiguration):
    """A VPC endpoint service whose private DNS name is not verified."""

    @property
    def private_dns_name_configuration(self) -> dict[str, str]:
        """PrivateDnsNameConfiguration; nothing where it has no private DNS name."""
        configuration = super().private_dns_name_configuration
        return {**configuration, "State": PENDING} if configuration else configuration


def set_verified(service_id: str, verified: bool) -> None:
    """Say whether the private DNS name of a service is verified.

    Args:
        service_id: the service, of any account and Region.
        verified: whether it is.

    Raises:
        KeyError: there is no such service.
        ValueError: it has no private DNS name.
    """
    service = _service(service_id)
    if not service.private_dns_name:
        raise ValueError(f"The VPC endpoint service {service_id} has no private DNS name.")
    kind: Any = VPCServiceConfiguration if verified else UnverifiedService
    service.__class__ = kind


def _service(service_id: str) -> VPCServiceConfiguration:
    for account in dict.values(all_backends()):
        for ec2 in dict.values(account):
            if service_id in ec2.configurations:
                found: VPCServiceConfiguration = ec2.configurations[service_id]
                return found
    raise KeyError(f"There is no VPC endpoint service {service_id}")

"""VPC endpoint services in moto's EC2, as AWS KMS looks at them.

AWS PrivateLink Guide: "Share your services through AWS PrivateLink".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto_cks.account.ec2 import all_backends


@dataclass(frozen=True)
class EndpointService:
    """A VPC endpoint service.

    Attributes:
        owner: the account that it is of.
        network_load_balancers: how many network load balancers are behind it.
        others: how many load balancers of other types.
        zones: the Availability Zones of their subnets.
        acceptance_required: whether somebody has to accept each connection.
        private_dns_name: its private DNS name; empty where it has none.
        verified: whether that is verified.
        principals: the ARNs and service principals that may connect to it; ``*`` for all.
    """

    owner: str
    network_load_balancers: int
    others: int
    zones: frozenset[str]
    acceptance_required: bool
    private_dns_name: str
    verified: bool
    principals: frozenset[str]


def endpoint_service(region: str, name: str) -> EndpointService | None:
    """A VPC endpoint service of any account, by its service name; ``None`` where there is none.

    Args:
        region: its Region.
        name: as ``com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd``.
    """
    for account_id, account in dict.items(all_backends()):
        ec2: Any = dict.get(account, region)
        for found in () if ec2 is None else ec2.configurations.values():
            if found.service_name == name:
                return _seen(account_id, found)
    return None


def _seen(owner: str, service: Any) -> EndpointService:
    return EndpointService(
        owner,
        len(service.network_load_balancer_arns),
        len(service.gateway_load_balancer_arns),
        frozenset(service.availability_zones),
        _true(service.acceptance_required),
        service.private_dns_name or "",
        service.private_dns_name_configuration.get("State") == "verified",
        frozenset(service.principals),
    )


def _true(value: Any) -> bool:
    """moto keeps the parameter as the request has spelled it."""
    return str(value).lower() == "true"

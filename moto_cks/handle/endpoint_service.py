"""Builds a VPC endpoint service for an external key store, through the mocked AWS APIs.

AWS KMS Developer Guide: "Configuring VPC endpoint service connectivity".
"""

from __future__ import annotations

import ipaddress
from contextlib import ExitStack

from moto_cks.handle.builder import Clients
from moto_cks.handle.protocols.cks import CIDR, SUBNET_PREFIX

ZONES = 2
"""A network load balancer needs subnets in so many Availability Zones."""


def build_endpoint_service(clients: Clients, host: str, undo: ExitStack) -> str:
    """Build a VPC, subnets, a network load balancer, and a service that lets KMS in.

    Args:
        clients: of the account and Region.
        host: the private DNS name.
        undo: takes back what was built.

    Returns:
        The name of the service.
    """
    network, ec2, elbv2 = clients.ec2, clients.whole_ec2, clients.elbv2
    vpc_id = network.create_vpc(CidrBlock=CIDR)["Vpc"]["VpcId"]
    undo.callback(network.delete_vpc, VpcId=vpc_id)
    zones = network.describe_availability_zones()["AvailabilityZones"]
    names = sorted(zone["ZoneName"] for zone in zones)[:ZONES]
    blocks = ipaddress.ip_network(CIDR).subnets(new_prefix=SUBNET_PREFIX)
    subnets: list[str] = []
    for name, block in zip(names, blocks, strict=False):
        subnet = network.create_subnet(VpcId=vpc_id, CidrBlock=str(block), AvailabilityZone=name)
        subnets.append(subnet["Subnet"]["SubnetId"])
        undo.callback(network.delete_subnet, SubnetId=subnets[-1])
    (balancer,) = elbv2.create_load_balancer(
        Name=f"xks-{vpc_id.removeprefix('vpc-')[:17]}",
        Type="network",
        Scheme="internal",
        Subnets=subnets,
    )["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    undo.callback(elbv2.delete_load_balancer, LoadBalancerArn=arn)
    service = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[arn], AcceptanceRequired=False, PrivateDnsName=host
    )["ServiceConfiguration"]
    service_id = service["ServiceId"]
    undo.callback(ec2.delete_vpc_endpoint_service_configurations, ServiceIds=[service_id])
    ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=service_id, AddAllowedPrincipals=[f"cks.kms.{clients.region}.amazonaws.com"]
    )
    return str(service["ServiceName"])

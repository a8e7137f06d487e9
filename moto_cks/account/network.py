"""What CloudHSM and KMS do in the user's network: the only module that asks and changes moto's EC2.

Pages: "Configure the security group" and "Create a cluster" in the AWS CloudHSM User Guide,
"Connecting and disconnecting" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

import functools
import ipaddress
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from moto_cks.account.addresses import (
    AddressError,
    NoFreeAddressError,
    free_addresses,
    usable_addresses,
)
from moto_cks.account.ec2 import all_backends, ec2_backend
from moto_cks.world.backends import existing

if TYPE_CHECKING:
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
    from moto.ec2.models.subnets import Subnet as Ec2Subnet

HSM_PORTS = range(2223, 2226)
"""The TCP ports of an HSM."""

LAST_RULE = 32767
"""The rule at the end of every network ACL, which denies what no other rule allows."""

ALL_OR_TCP = frozenset({"-1", "all", "6", "tcp"})
"""The protocols of those rules of a network ACL that match TCP."""


@dataclass(frozen=True)
class Subnet:
    """A subnet as EC2 knows it.

    Attributes:
        free_addresses: how many EC2 says are available.
    """

    id: str
    vpc_id: str
    availability_zone: str
    cidr: str
    free_addresses: int


@dataclass(frozen=True)
class NetworkInterface:
    """An elastic network interface."""

    id: str
    address: str


INBOUND, OUTBOUND = "inbound", "outbound"
"""The directions of rules, as EC2's console names them."""


@dataclass(frozen=True)
class ClosedPorts:
    """That a security group does not let its members reach the HSM ports.

    Attributes:
        group: its ID.
        directions: where a rule is missing: inbound, outbound or both.
        exists: whether there is such a group.
    """

    group: str
    directions: tuple[str, ...]
    exists: bool = True


@dataclass(frozen=True)
class Denial:
    """That a network ACL does not let the HSM ports through.

    Attributes:
        acl: its ID.
        direction: inbound or outbound.
        rule: the number of the rule that denies it; ``None`` where no rule allows it.
    """

    acl: str
    direction: str
    rule: int | None


Ends: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Between which addresses traffic flows: the ID of each subnet, and the addresses in it."""


class Network:
    """The EC2 network of one account and Region."""

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id = account_id
        self.region = region

    @property
    def _ec2(self) -> EC2Backend:
        # Looked up each time, for a reset of moto replaces the backend.
        found = existing(all_backends(), self.account_id, self.region)
        return ec2_backend(self.account_id, self.region) if found is None else found

    # Subnets ---------------------------------------------------------------------------------

    def subnet(self, subnet_id: str, without: Collection[str] = ()) -> Subnet | None:
        """A subnet, or ``None`` where EC2 knows no such subnet.

        Args:
            subnet_id: its ID.
            without: IDs of ENIs whose addresses will have been given back.
        """
        subnet = self._find_subnet(subnet_id)
        if subnet is None:
            return None
        enis = self._ec2.enis.values() if without else ()
        given_back = sum(eni.subnet.id == subnet_id and eni.id in without for eni in enis)
        return Subnet(
            id=subnet.id,
            vpc_id=subnet.vpc_id,
            availability_zone=subnet.availability_zone,
            cidr=subnet.cidr_block,
            free_addresses=subnet.available_ip_address_count + given_back,
        )

    def _find_subnet(self, subnet_id: str) -> Ec2Subnet | None:
        for subnets in self._ec2.subnets.values():
            if subnet_id in subnets:
                return subnets[subnet_id]
        return None

    def create_interface(
        self,
        subnet_id: str,
        security_group_ids: Iterable[str],
        description: str,
        address: str | None = None,
    ) -> NetworkInterface:
        """Create an ENI with a free address of a subnet, or with the one that is asked for.

        Raises:
            NoFreeAddressError: the subnet is full.
            AddressError: the address is not one of the subnet's free addresses.
        """
        subnet = self._find_subnet(subnet_id)
        if subnet is None or subnet.available_ip_address_count < 1:
            raise NoFreeAddressError(subnet_id)
        taken = self._addresses_in(subnet_id)
        hosts = usable_addresses(subnet.cidr_block)
        if address is None:
            address = next(free_addresses(hosts, taken))
        elif address in taken or int(ipaddress.IPv4Address(address)) not in hosts:
            raise AddressError(address)
        eni = self._ec2.create_network_interface(
            subnet, address, group_ids=self._existing(security_group_ids), description=description
        )
        eni.requester_managed = True
        eni.status = "in-use"
        return NetworkInterface(eni.id, address)

    def _addresses_in(self, subnet_id: str, without: Collection[str] = ()) -> set[str]:
        return {
            item["PrivateIpAddress"]
            for eni in self._ec2.enis.values()
            if eni.subnet.id == subnet_id and eni.id not in without
            for item in eni.private_ip_addresses
        }

    def delete_interface(self, interface_id: str) -> None:
        """Delete an ENI; one that somebody else has deleted is gone already."""
        self._ec2.enis.pop(interface_id, None)

    # Security groups -------------------------------------------------------------------------

    def create_cluster_security_group(self, cluster_id: str, vpc_id: str) -> str:
        """Create ``cloudhsm-cluster-<id>-sg``: HSM ports open within the group.

        Returns:
            Its ID.
        """
        ec2_backend(self.account_id, self.region)  # which tells from now on who depends on what
        group = self._create_security_group(
            f"cloudhsm-{cluster_id}-sg", f"CloudHSM {cluster_id} security group", vpc_id
        )
        first, last = str(HSM_PORTS[0]), str(HSM_PORTS[-1])
        member = [{"GroupId": group.id}]
        for authorize in (
            self._ec2.authorize_security_group_ingress,
            self._ec2.authorize_security_group_egress,
        ):
            authorize(group.id, "tcp", first, last, [], source_groups=member, vpc_id=vpc_id)
        return str(group.id)

    def create_key_store_security_group(
        self, key_store_id: str, vpc_id: str, cluster_group_id: str
    ) -> str:
        """Create ``kms-<custom key store ID>``: open for the cluster's group, and nothing else.

        Returns:
            Its ID.
        """
        name = f"kms-{key_store_id}"
        leftover = self._ec2.get_security_group_from_name(name, vpc_id)
        if leftover is not None:
            self.delete_security_group(leftover.id)
        group = self._create_security_group(name, f"KMS managed security group {name}", vpc_id)
        self._ec2.authorize_security_group_ingress(
            group.id,
            "-1",
            "-1",
            "-1",
            [],
            source_groups=[{"GroupId": cluster_group_id}],
            vpc_id=vpc_id,
        )
        return str(group.id)

    def remove_of_key_store(self, key_store_id: str) -> None:
        """Remove the security group of a key store with the ENIs in it, where there are any."""
        name = f"kms-{key_store_id}"
        for groups in self._ec2.groups.values():
            for group in [each for each in groups.values() if each.name == name]:
                for eni in tuple(self._ec2.enis.values()):
                    if any(member.id == group.id for member in eni.group_set):
                        self.delete_interface(eni.id)
                groups.pop(group.id, None)

    def _create_security_group(self, name: str, description: str, vpc_id: str) -> SecurityGroup:
        group = self._ec2.create_security_group(name, description, vpc_id)
        group.egress_rules.clear()  # neither service leaves the default rule in its groups
        return group

    def delete_security_group(self, group_id: str) -> None:
        """Delete a security group; one that somebody else has deleted is gone already."""
        for groups in self._ec2.groups.values():
            groups.pop(group_id, None)

    def closed_hsm_ports(self, group_id: str, vpc_id: str) -> ClosedPorts | None:
        """How a cluster's security group keeps its members from the HSM ports, if it does."""
        group = self._ec2.groups.get(vpc_id, {}).get(group_id)
        if group is None:
            return ClosedPorts(group_id, (INBOUND, OUTBOUND), exists=False)
        inbound = _open_hsm_ports(group.ingress_rules, group_id)
        outbound = _open_hsm_ports(group.egress_rules, group_id)
        if inbound and outbound:
            return None
        return ClosedPorts(group_id, (INBOUND,) * (not inbound) + (OUTBOUND,) * (not outbound))

    def _existing(self, group_ids: Iterable[str]) -> list[str]:
        # moto would create a missing group under that very ID.
        known = {group_id for groups in self._ec2.groups.values() for group_id in groups}
        return [group_id for group_id in group_ids if group_id in known]

    # Network ACLs ----------------------------------------------------------------------------

    def ends(
        self,
        subnet_ids: Iterable[str],
        hsm_addresses: Iterable[str],
        without: Collection[str] = (),
    ) -> Ends:
        """Between which addresses the traffic of a key store would flow, if it connected now.

        Args:
            subnet_ids: the subnets of a cluster; those that are gone have none.
            hsm_addresses: the IPv4 addresses of its HSMs.
            without: IDs of ENIs whose addresses will have been given back.

        Returns:
            For each subnet the HSMs in it, and the address that the next interface would get.
        """
        subnets = [self._find_subnet(subnet_id) for subnet_id in subnet_ids]
        addresses = set(hsm_addresses)
        return tuple(
            (
                subnet.id,
                _ends_in(subnet.cidr_block, self._addresses_in(subnet.id, without), addresses),
            )
            for subnet in subnets
            if subnet is not None
        )

    def denied_hsm_ports(self, vpc_id: str, ends: Ends) -> tuple[Denial, ...]:
        """Where the network ACLs do not let the HSM ports through from subnet to subnet.

        Inbound and outbound rules of each subnet are held against the addresses in the others: a
        network ACL keeps no connections. What stays in a subnet passes none. See "Network ACL
        rules" in the Amazon VPC User Guide.

        Args:
            vpc_id: the VPC of the subnets.
            ends: between which addresses.
        """
        return _denials(
            tuple(
                [
                    (
                        acl.id,
                        tuple([association.subnet_id for association in acl.associations]),
                        tuple(map(_SAID, acl.network_acl_entries)),
                    )
                    for acl in self._ec2.network_acls.values()
                    if acl.vpc_id == vpc_id
                ]
            ),
            ends,
        )


def _ends_in(cidr: str, taken: set[str], hsm_addresses: set[str]) -> tuple[str, ...]:
    block = ipaddress.IPv4Network(cidr)
    hsms = [address for address in hsm_addresses if ipaddress.IPv4Address(address) in block]
    return (*hsms, *itertools.islice(free_addresses(usable_addresses(cidr), taken), 1))


_SAID = attrgetter(
    "egress",
    "rule_number",
    "protocol",
    "rule_action",
    "cidr_block",
    "port_range_from",
    "port_range_to",
)

AclRule: TypeAlias = tuple[Any, Any, Any, str, str | None, Any, Any]
"""What a rule of a network ACL says, in the order of :data:`_SAID`. moto keeps it as the request
said it, so numbers can be strings, and so can the truth."""

Acl: TypeAlias = tuple[str, tuple[str | None, ...], tuple[AclRule, ...]]
"""The ID of a network ACL, its subnets and its rules."""


@lru_cache(maxsize=256)
def _denials(acls: tuple[Acl, ...], ends: Ends) -> tuple[Denial, ...]:
    # Asked for every use of a key, of rules that hardly ever change.
    acl_of = {subnet_id: acl for acl in acls for subnet_id in acl[1]}
    denials = (
        denial
        for subnet_id, _ in ends
        if subnet_id in acl_of
        for other, addresses in ends
        if other != subnet_id
        for address in addresses
        for denial in _denials_of(acl_of[subnet_id], ipaddress.IPv4Address(address))
    )
    return tuple(dict.fromkeys(denials))


def _denials_of(acl: Acl, address: ipaddress.IPv4Address) -> Iterator[Denial]:
    acl_id, _, rules = acl
    for direction in (INBOUND, OUTBOUND):
        for port in HSM_PORTS:
            number, action = _verdict(rules, direction == OUTBOUND, address, port)
            if action != "allow":
                yield Denial(acl_id, direction, None if number == LAST_RULE else number)


def _verdict(
    rules: tuple[AclRule, ...], egress: bool, address: ipaddress.IPv4Address, port: int
) -> tuple[int, str]:
    """What the first rule by number says that matches; without any, the traffic is denied."""
    matching = [
        (int(number), action)
        for outbound, number, protocol, action, cidr, first, last in rules
        if (str(outbound).lower() == "true") == egress
        and _covers_port(str(protocol), first, last, port)
        and cidr is not None
        and address in _block(cidr)
    ]
    return min(matching, default=(LAST_RULE, "deny"))


def _covers_port(protocol: str, first: Any, last: Any, port: int) -> bool:
    if protocol in ("6", "tcp") and (first is not None or last is not None):
        return int(first) <= port <= int(last)
    return protocol in ALL_OR_TCP


@functools.lru_cache(maxsize=256)
def _block(cidr: str) -> ipaddress.IPv4Network:
    # The rules of all subnets are much the same, and each is asked for each port.
    return ipaddress.IPv4Network(cidr, strict=False)


def _open_hsm_ports(rules: Iterable[SecurityGroupRule], group_id: str) -> bool:
    """Whether the rules of a security group open the HSM ports to its own members."""
    opened: set[int] = set()
    for rule in rules:
        if rule.source_group.get("GroupId") == group_id:
            ports = _hsm_ports(rule.ip_protocol, rule.from_port, rule.to_port)
            if len(ports) == len(HSM_PORTS):
                return True  # as the one rule that CloudHSM makes
            opened |= ports
    return len(opened) == len(HSM_PORTS)


@lru_cache(maxsize=256)
def _hsm_ports(
    protocol: str | None, first: int | str | None, last: int | str | None
) -> frozenset[int]:
    """The HSM ports among those that a rule is for."""
    # Asked for every use of a key, of rules that hardly ever change.
    if protocol == "tcp":
        return frozenset(port for port in HSM_PORTS if int(first or 0) <= port <= int(last or 0))
    return frozenset(HSM_PORTS) if str(protocol) == "-1" else frozenset()

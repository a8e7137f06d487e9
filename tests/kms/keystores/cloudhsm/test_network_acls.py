"""Network ACLs that keep KMS from the HSMs (C5.6): no fault need be injected."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import client, error_of
from tests.faults import UNREACHABLE
from tests.kms.user import CONNECTED, User


class Acl:
    """A network ACL of a subnet of a cluster, in the place of the default one."""

    def __init__(self, user: User, subnet_id: str) -> None:
        self.ec2 = client("ec2")
        filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        (old,) = self.ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        self.default = old["NetworkAclId"]
        vpc_id = user.store.cluster.vpc_id
        self.id = self.ec2.create_network_acl(VpcId=vpc_id)["NetworkAcl"]["NetworkAclId"]
        (association,) = (a for a in old["Associations"] if a["SubnetId"] == subnet_id)
        self.association = self._associate(association["NetworkAclAssociationId"], self.id)

    def _associate(self, association_id: str, acl_id: str) -> str:
        answer = self.ec2.replace_network_acl_association(
            AssociationId=association_id, NetworkAclId=acl_id
        )
        return str(answer["NewAssociationId"])

    def give_back(self) -> None:
        self._associate(self.association, self.default)

    def rule(
        self,
        number: int,
        action: str,
        *,
        egress: bool,
        ports: tuple[int, int] | None = None,
        protocol: str = "-1",
        cidr: str = "0.0.0.0/0",
    ) -> None:
        limits = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
        self.ec2.create_network_acl_entry(
            NetworkAclId=self.id,
            RuleNumber=number,
            RuleAction=action,
            Egress=egress,
            Protocol=protocol,
            CidrBlock=cidr,
            **limits,
        )

    def open(self, number: int = 100) -> None:
        for egress in (False, True):
            self.rule(number, "allow", egress=egress)

    def remove(self, number: int, *, egress: bool) -> None:
        self.ec2.delete_network_acl_entry(NetworkAclId=self.id, RuleNumber=number, Egress=egress)


@pytest.fixture(params=[0, 2], ids=["with an HSM", "without an HSM"])
def acl(request: Any, user: User) -> Acl:
    return Acl(user, user.store.cluster.subnet_ids[request.param])


@pytest.mark.parametrize("egress", [False, True], ids=["inbound", "outbound"])
def test_c5_6_a_network_acl_denies_the_hsm_ports(user: User, acl: Acl, egress: bool) -> None:
    acl.open()
    acl.rule(50, "deny", egress=egress, protocol="6", ports=(2223, 2225))
    assert error_of(user.decrypt) == UNREACHABLE  # an ACL keeps no connections
    assert user.state() == CONNECTED
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    acl.remove(50, egress=egress)
    assert user.state() == ("FAILED", "NETWORK_ERRORS")
    assert user.reconnect() == CONNECTED
    assert user.decrypts()


@pytest.mark.parametrize("port", [2223, 2224, 2225])
def test_c5_6_one_port_is_enough(user: User, acl: Acl, port: int) -> None:
    acl.open()
    acl.rule(99, "deny", egress=False, protocol="6", ports=(port, port))
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")


def test_c5_6_a_network_acl_without_rules_denies_everything(user: User, acl: Acl) -> None:
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    acl.give_back()
    assert user.reconnect() == CONNECTED


def test_c5_6_the_first_matching_rule_by_number_decides(user: User, acl: Acl) -> None:
    acl.rule(200, "deny", egress=False)
    acl.rule(30, "allow", egress=False, protocol="6", ports=(2000, 3000))
    acl.rule(20, "deny", egress=False, protocol="17")  # UDP
    acl.rule(10, "deny", egress=False, protocol="6", ports=(443, 443))
    acl.rule(5, "deny", egress=False, cidr="192.0.2.0/24")
    acl.rule(100, "allow", egress=True)
    assert user.reconnect() == CONNECTED
    acl.rule(15, "deny", egress=False, protocol="6", ports=(2225, 9000))
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")


def test_c5_6_the_rules_for_other_subnets_of_the_cluster_count(user: User, acl: Acl) -> None:
    subnets = client("ec2").describe_subnets(SubnetIds=list(user.store.cluster.subnet_ids))
    own, *_ = client("ec2").describe_network_acls(NetworkAclIds=[acl.id])["NetworkAcls"][0][
        "Associations"
    ]
    cidrs = {subnet["SubnetId"]: subnet["CidrBlock"] for subnet in subnets["Subnets"]}
    acl.open()
    acl.rule(10, "deny", egress=True, cidr=cidrs.pop(own["SubnetId"]))
    assert user.reconnect() == CONNECTED  # no ACL within a subnet
    acl.rule(11, "deny", egress=True, cidr=next(iter(cidrs.values())))
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")


def test_c5_6_acls_of_other_subnets_do_not_matter(user: User, world: Any) -> None:
    second = User(world.create_key_store("Second"))
    Acl(second, second.store.cluster.subnet_ids[0])
    assert user.reconnect() == CONNECTED
    assert second.reconnect() == ("FAILED", "NETWORK_ERRORS")

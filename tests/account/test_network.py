"""What CloudHSM and KMS do in the user's network and account, as EC2 and IAM show it."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import KeyStore, cks, mock_cks
from moto_cks.account.network import ClosedPorts, Denial, Network
from tests.aws import client

ROLE = "AWSServiceRoleForKeyManagementServiceCustomKeyStores"
KMS_ENI = "KMS managed ENI for cluster "


def interfaces(description: str) -> list[dict[str, Any]]:
    """The ENIs whose description begins with this."""
    answer = client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    return [eni for eni in answer if eni["Description"].startswith(description)]


def groups(name: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-name", "Values": [name]}]
    return list(client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"])


def group_ids(eni: dict[str, Any]) -> set[str]:
    return {group["GroupId"] for group in eni["Groups"]}


def free_addresses(subnet_ids: list[str]) -> list[int]:
    subnets = client("ec2").describe_subnets(SubnetIds=subnet_ids)["Subnets"]
    free = {subnet["SubnetId"]: subnet["AvailableIpAddressCount"] for subnet in subnets}
    return [free[subnet_id] for subnet_id in subnet_ids]


def key_store_roles() -> list[str]:
    roles = client("iam").list_roles()["Roles"]
    return [role["Arn"] for role in roles if role["RoleName"] == ROLE]


def connect(store: KeyStore) -> None:
    client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)


def disconnect(store: KeyStore) -> None:
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)


# What the handle makes --------------------------------------------------------------------------


def shown(name: str, **filters: str) -> list[dict[str, Any]]:
    """What EC2 shows of a kind of things, without their IDs."""
    answer = getattr(client("ec2"), f"describe_{name}")(
        Filters=[{"Name": key, "Values": [value]} for key, value in filters.items()]
    )
    (things,) = (value for value in answer.values() if isinstance(value, list))
    return [{key: value for key, value in thing.items() if key not in IDS} for thing in things]


IDS = {"VpcId", "SubnetId", "SubnetArn", "GroupId", "NetworkAclId", "RouteTableId", "Associations"}
IDS |= {"CidrBlockAssociationSet", "DhcpOptionsId", "SecurityGroupArn"}


def test_a_network_is_as_ec2_s_api_makes_it(world: Any) -> None:
    ec2 = client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for number, zone in enumerate("abc"):
        ec2.create_subnet(
            VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
    cluster = world.create_cluster(hsms=1)
    assert cluster.vpc_id != vpc_id
    client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=cluster.hsms[0].id)
    client("cloudhsmv2").delete_cluster(ClusterId=cluster.id)
    for name in ("vpcs", "subnets", "security_groups", "route_tables", "network_acls"):
        by_api, by_handle = (shown(name, **{"vpc-id": vpc}) for vpc in (vpc_id, cluster.vpc_id))
        assert by_api == by_handle != []


# What CloudHSM makes ----------------------------------------------------------------------------


def test_h8_a_cluster_makes_its_security_group(world: Any) -> None:
    cluster = world.create_cluster()
    (group,) = groups(f"cloudhsm-{cluster.id}-sg")
    assert group["VpcId"] == cluster.vpc_id
    described = client("cloudhsmv2").describe_clusters()["Clusters"][0]
    assert described["SecurityGroup"] == group["GroupId"]
    for rules in (group["IpPermissions"], group["IpPermissionsEgress"]):
        (rule,) = rules
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 2223, 2225)
        assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [group["GroupId"]]
        assert rule["IpRanges"] == []


def test_h8_an_hsm_takes_an_address_and_an_eni_in_the_subnet_of_its_zone(world: Any) -> None:
    cluster = world.create_cluster(hsms=3)
    (group,) = groups(f"cloudhsm-{cluster.id}-sg")
    described = client("cloudhsmv2").describe_clusters()["Clusters"][0]
    assert len(described["Hsms"]) == 3
    for hsm in described["Hsms"]:
        (eni,) = interfaces(f"CloudHsm ENI {hsm['HsmId']}")
        assert (eni["NetworkInterfaceId"], eni["PrivateIpAddress"]) == (hsm["EniId"], hsm["EniIp"])
        assert (
            eni["SubnetId"]
            == hsm["SubnetId"]
            == described["SubnetMapping"][hsm["AvailabilityZone"]]
        )
        assert eni["AvailabilityZone"] == hsm["AvailabilityZone"]
        assert group_ids(eni) == {group["GroupId"]}
        assert eni["RequesterManaged"] is True
    assert free_addresses(cluster.subnet_ids) == [250, 250, 250]


def test_h8_an_hsm_that_is_deleted_gives_its_address_back(world: Any) -> None:
    cluster = world.create_cluster()
    assert free_addresses(cluster.subnet_ids) == [250, 250, 251]
    hsm = cluster.hsms[0]
    client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    assert interfaces(f"CloudHsm ENI {hsm.id}") == []
    assert free_addresses(cluster.subnet_ids) == [251, 250, 251]


def test_h9_a_cluster_that_is_deleted_takes_its_security_group_along(world: Any) -> None:
    cluster = world.create_cluster()
    for hsm in cluster.hsms:
        client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    client("cloudhsmv2").delete_cluster(ClusterId=cluster.id)
    assert groups(f"cloudhsm-{cluster.id}-sg") == []
    assert interfaces("CloudHsm") == []


# What KMS makes ---------------------------------------------------------------------------------


def test_n1_connecting_makes_a_security_group(store: KeyStore) -> None:
    (group,) = groups(f"kms-{store.id}")
    (cluster_group,) = groups(f"cloudhsm-{store.cluster.id}-sg")
    assert group["VpcId"] == store.cluster.vpc_id
    (rule,) = group["IpPermissions"]
    assert rule["IpProtocol"] == "-1"
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [cluster_group["GroupId"]]
    assert rule["IpRanges"] == []
    assert group["IpPermissionsEgress"] == []


def test_n1_connecting_makes_an_eni_in_each_subnet(store: KeyStore) -> None:
    enis = interfaces(KMS_ENI)
    assert {eni["Description"] for eni in enis} == {KMS_ENI + store.cluster.id}
    assert sorted(eni["SubnetId"] for eni in enis) == sorted(store.cluster.subnet_ids)
    (group,) = groups(f"kms-{store.id}")
    (cluster_group,) = groups(f"cloudhsm-{store.cluster.id}-sg")
    for eni in enis:
        assert group_ids(eni) == {group["GroupId"], cluster_group["GroupId"]}
        assert eni["RequesterManaged"] is True


def test_n1_each_eni_takes_an_address(store: KeyStore) -> None:
    subnets = store.cluster.subnet_ids
    assert free_addresses(subnets) == [249, 249, 250]  # HSMs in the first two
    disconnect(store)
    assert free_addresses(subnets) == [250, 250, 251]
    connect(store)
    assert free_addresses(subnets) == [249, 249, 250]


def test_n1_disconnecting_removes_them(store: KeyStore) -> None:
    disconnect(store)
    assert interfaces(KMS_ENI) == []
    assert groups(f"kms-{store.id}") == []
    assert len(interfaces("CloudHsm ENI")) == 2
    assert len(groups(f"cloudhsm-{store.cluster.id}-sg")) == 1


def test_n1_a_key_store_that_was_never_connected_has_none(world: Any) -> None:
    store = world.create_key_store(connect=False)
    assert (interfaces(KMS_ENI), groups(f"kms-{store.id}")) == ([], [])


def test_n1_a_failed_attempt_leaves_none(world: Any) -> None:
    store = world.create_key_store(connect=False)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")
    connect(store)
    assert (interfaces(KMS_ENI), groups(f"kms-{store.id}")) == ([], [])
    disconnect(store)
    assert (interfaces(KMS_ENI), groups(f"kms-{store.id}")) == ([], [])


def test_n1_what_somebody_has_deleted_does_not_matter(store: KeyStore) -> None:
    for eni in interfaces(KMS_ENI)[:1]:
        client("ec2").delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])
    disconnect(store)
    assert (interfaces(KMS_ENI), groups(f"kms-{store.id}")) == ([], [])
    connect(store)
    assert len(interfaces(KMS_ENI)) == 3


def test_n2_the_first_key_store_makes_the_service_linked_role(world: Any) -> None:
    with pytest.raises(ClientError):
        client("iam").get_role(RoleName=ROLE)
    store = world.create_key_store(connect=False)
    role = client("iam").get_role(RoleName=ROLE)["Role"]
    assert role["Path"] == "/aws-service-role/cks.kms.amazonaws.com/"
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cks.kms.amazonaws.com"}
    assert json.dumps(role, default=str).count(store.id) == 0

    world.create_key_store("second", connect=False)
    assert key_store_roles() == [role["Arn"]]
    assert client("iam").get_role(RoleName=ROLE)["Role"]["RoleId"] == role["RoleId"]


def test_n2_a_refused_key_store_makes_no_role(world: Any) -> None:
    cluster = world.create_cluster(hsms=1)
    with pytest.raises(ClientError):
        world.create_key_store(cluster=cluster)
    assert key_store_roles() == []


# Addresses --------------------------------------------------------------------------------------


def make_subnet(cidr: str) -> str:
    ec2 = client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock=cidr, AvailabilityZone="us-east-1a")
    return str(subnet["Subnet"]["SubnetId"])


def test_h8_addresses_are_free_and_usable_ones(world: Any) -> None:
    subnet_id = make_subnet("10.0.0.16/28")
    taken = client("ec2").create_network_interface(
        SubnetId=subnet_id, PrivateIpAddress="10.0.0.21"
    )["NetworkInterface"]["PrivateIpAddress"]
    network = Network("123456789012", "us-east-1")
    given_out = [network.create_interface(subnet_id, [], "x").address for _ in range(10)]
    usable = [str(host) for host in ipaddress.ip_network("10.0.0.16/28")][4:-1]
    assert sorted([*given_out, taken]) == sorted(usable)
    assert free_addresses([subnet_id]) == [0]
    with pytest.raises(Exception, match=subnet_id) as caught:
        network.create_interface(subnet_id, [], "x")
    assert type(caught.value).__name__ == "NoFreeAddressError"


def test_h8_an_address_that_is_asked_for_is_in_the_subnet_and_free(world: Any) -> None:
    subnet_id = make_subnet("10.0.0.16/28")
    network = Network("123456789012", "us-east-1")
    for number in (0, 15, 16, 19, 20, 25, 30, 31, 32):
        address = f"10.0.0.{number}"
        if 20 <= number <= 30:
            assert network.create_interface(subnet_id, [], "x", address).address == address
        with pytest.raises(ValueError, match=address):  # now it is taken
            network.create_interface(subnet_id, [], "x", address)


def test_subnets_as_ec2_knows_them(world: Any) -> None:
    network = Network("123456789012", "us-east-1")
    subnet_id = make_subnet("10.0.7.0/24")
    subnet = network.subnet(subnet_id)
    assert subnet is not None
    assert (subnet.id, subnet.cidr, subnet.availability_zone, subnet.free_addresses) == (
        subnet_id,
        "10.0.7.0/24",
        "us-east-1a",
        251,
    )
    client("ec2").delete_subnet(SubnetId=subnet_id)
    assert network.subnet(subnet_id) is None
    assert Network("123456789012", "eu-west-1").subnet(subnet_id) is None


# The ports --------------------------------------------------------------------------------------

CHANGES: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "no rule": ([], False),
    "the ports one by one": ([{"FromPort": p, "ToPort": p} for p in (2223, 2224, 2225)], True),
    "the ports": ([{"FromPort": 2223, "ToPort": 2225}], True),
    "one port too few at the upper end": ([{"FromPort": 2223, "ToPort": 2224}], False),
    "one port too few at the lower end": ([{"FromPort": 2224, "ToPort": 2225}], False),
    "not the port in the middle": ([{"FromPort": p, "ToPort": p} for p in (2223, 2225)], False),
    "one more at each end": ([{"FromPort": 2222, "ToPort": 2226}], True),
    "a wider range": ([{"FromPort": 0, "ToPort": 65535}], True),
    "everything": ([{"IpProtocol": "-1"}], True),
    "udp": ([{"IpProtocol": "udp", "FromPort": 2223, "ToPort": 2225}], False),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_f9_the_ports_must_be_open_within_the_group(
    world: Any, direction: str, change: str
) -> None:
    ec2 = client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    network = Network("123456789012", "us-east-1")
    group_id = network.create_cluster_security_group("cluster-abcdefghijk", vpc_id)
    assert network.closed_hsm_ports(group_id, vpc_id) is None
    pairs = {"UserIdGroupPairs": [{"GroupId": group_id}]}
    (original,) = groups("cloudhsm-cluster-abcdefghijk-sg")
    permissions = "IpPermissions" if direction == "ingress" else "IpPermissionsEgress"
    revoke = getattr(ec2, f"revoke_security_group_{direction}")
    revoke(GroupId=group_id, IpPermissions=original[permissions])
    rules, is_open = CHANGES[change]
    for rule in rules:
        authorize = getattr(ec2, f"authorize_security_group_{direction}")
        authorize(GroupId=group_id, IpPermissions=[{"IpProtocol": "tcp", **rule, **pairs}])
    side = "inbound" if direction == "ingress" else "outbound"
    closed = None if is_open else ClosedPorts(group_id, (side,))
    assert network.closed_hsm_ports(group_id, vpc_id) == closed


def test_f9_rules_for_other_groups_do_not_count(world: Any) -> None:
    cluster = world.create_cluster()
    (group,) = groups(f"cloudhsm-{cluster.id}-sg")
    network = Network("123456789012", "us-east-1")
    client("ec2").revoke_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
    )
    client("ec2").authorize_security_group_ingress(
        GroupId=group["GroupId"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 2223,
                "ToPort": 2225,
                "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
            }
        ],
    )
    group_id = group["GroupId"]
    assert network.closed_hsm_ports(group_id, cluster.vpc_id) == ClosedPorts(group_id, ("inbound",))
    unknown = ClosedPorts("sg-unknown", ("inbound", "outbound"), exists=False)
    assert network.closed_hsm_ports("sg-unknown", cluster.vpc_id) == unknown


# What will have been given back -------------------------------------------------------------------


def test_addresses_that_will_have_been_given_back(store: KeyStore) -> None:
    network = Network("123456789012", "us-east-1")
    mine = [eni["NetworkInterfaceId"] for eni in interfaces(KMS_ENI)]
    for subnet_id, free in zip(
        store.cluster.subnet_ids, free_addresses(store.cluster.subnet_ids), strict=True
    ):
        now, then = network.subnet(subnet_id), network.subnet(subnet_id, mine)
        assert now is not None
        assert then is not None
        assert (now.free_addresses, then.free_addresses) == (free, free + 1)
        ((_, ends),) = network.ends([subnet_id], [])
        ((_, later),) = network.ends([subnet_id], [], mine)
        assert ends != later
        addresses = {eni["PrivateIpAddress"] for eni in interfaces(KMS_ENI)}
        assert set(later) <= addresses


def test_c5_6_which_rule_of_a_network_acl_denies_the_ports(store: KeyStore) -> None:
    ec2, network = client("ec2"), Network("123456789012", "us-east-1")
    cluster = store.cluster
    ends = network.ends(cluster.subnet_ids, [hsm.eni_ip for hsm in cluster.hsms])
    assert network.denied_hsm_ports(cluster.vpc_id, ends) == ()
    (acl,) = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [cluster.vpc_id]}])[
        "NetworkAcls"
    ]
    rule = {"NetworkAclId": acl["NetworkAclId"], "Egress": True}
    ec2.create_network_acl_entry(
        **rule,
        RuleNumber=7,
        Protocol="6",
        RuleAction="deny",
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 2225, "To": 3000},
    )
    denied = Denial(acl["NetworkAclId"], "outbound", 7)
    assert network.denied_hsm_ports(cluster.vpc_id, ends) == (denied,)
    ec2.delete_network_acl_entry(**rule, RuleNumber=7)
    ec2.delete_network_acl_entry(**rule, RuleNumber=100)  # what is not allowed is denied
    nothing = Denial(acl["NetworkAclId"], "outbound", None)
    assert network.denied_hsm_ports(cluster.vpc_id, ends) == (nothing,)


def test_what_moto_makes_anew_while_it_resets_is_reset_the_next_time() -> None:
    with mock_cks():
        client("ec2").describe_vpcs()
        client("memorydb").describe_clusters()  # looks at subnets when it is made, or made anew
    with mock_cks():
        cks.create_cluster()
    with mock_cks():
        assert len(client("ec2").describe_vpcs()["Vpcs"]) == 1

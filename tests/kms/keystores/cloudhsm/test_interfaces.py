"""What connecting makes in EC2 (N1)."""

from __future__ import annotations

from typing import Any

from tests.kms import cluster_group, restore, state_of


def kms_groups(ec2: Any) -> list[dict[str, Any]]:
    found = ec2.describe_security_groups()["SecurityGroups"]
    return [group for group in found if group["GroupName"].startswith("kms-")]


def kms_interfaces(ec2: Any) -> list[dict[str, Any]]:
    found = ec2.describe_network_interfaces()["NetworkInterfaces"]
    return [interface for interface in found if interface["Description"].startswith("KMS ")]


def test_n1_connecting_makes_a_security_group_and_interfaces(
    store: Any, kms: Any, ec2: Any
) -> None:
    cluster = store.cluster
    for _ in range(2):
        (group,) = kms_groups(ec2)
        assert group["GroupName"] == f"kms-{store.id}"
        assert group["VpcId"] == cluster.vpc_id
        assert group["IpPermissionsEgress"] == []
        (inbound,) = group["IpPermissions"]
        (source,) = inbound["UserIdGroupPairs"]
        assert source["GroupId"] == cluster_group(ec2, cluster)["GroupId"]
        assert inbound["IpRanges"] == []

        interfaces = kms_interfaces(ec2)
        assert sorted(eni["SubnetId"] for eni in interfaces) == sorted(cluster.subnet_ids)
        for eni in interfaces:
            assert eni["Description"] == f"KMS managed ENI for cluster {cluster.id}"
            assert group["GroupId"] in [member["GroupId"] for member in eni["Groups"]]

        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        assert (kms_groups(ec2), kms_interfaces(ec2)) == ([], [])
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)


def test_n1_a_failed_attempt_leaves_nothing_in_ec2(world: Any, kms: Any, ec2: Any) -> None:
    store = world.create_key_store(connect=False)
    store.cluster.change_password("CU", "kmsuser", "anotherPswd")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == ("FAILED", "INVALID_CREDENTIALS")
    assert (kms_groups(ec2), kms_interfaces(ec2)) == ([], [])
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert (kms_groups(ec2), kms_interfaces(ec2)) == ([], [])


def test_n1_the_interfaces_follow_the_cluster(store: Any, world: Any, kms: Any, ec2: Any) -> None:
    successor = restore(world, store.cluster, subnet_ids=store.cluster.subnet_ids[1:])
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    successor.change_password("CU", "kmsuser", "tempPassword")
    kms.update_custom_key_store(
        CustomKeyStoreId=store.id, CloudHsmClusterId=successor.id, KeyStorePassword="tempPassword"
    )
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    interfaces = kms_interfaces(ec2)
    assert sorted(eni["SubnetId"] for eni in interfaces) == sorted(successor.subnet_ids)
    assert all(successor.id in eni["Description"] for eni in interfaces)


def test_n1_each_key_store_has_its_own(world: Any, kms: Any, ec2: Any) -> None:
    first, second = world.create_key_store("first"), world.create_key_store("second")
    kms.disconnect_custom_key_store(CustomKeyStoreId=first.id)
    assert [group["GroupName"] for group in kms_groups(ec2)] == [f"kms-{second.id}"]
    assert {eni["VpcId"] for eni in kms_interfaces(ec2)} == {second.cluster.vpc_id}


def test_n1_interfaces_take_addresses_of_the_subnets(store: Any, kms: Any, ec2: Any) -> None:
    def free() -> list[int]:
        subnets = ec2.describe_subnets(SubnetIds=store.cluster.subnet_ids)["Subnets"]
        return [subnet["AvailableIpAddressCount"] for subnet in subnets]

    connected = free()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert free() == [count + 1 for count in connected]

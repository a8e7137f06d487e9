"""What EC2 deletes here, and would not on AWS."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore, cks, mock_cks
from moto_cks.account.dependencies import DependencyWarning
from tests.aws import client
from tests.kms import disconnect
from tests.strictness import in_silence

KMS_ENI = "KMS managed ENI for cluster "


def interfaces_of_kms() -> list[str]:
    found = client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    return [e["NetworkInterfaceId"] for e in found if e["Description"].startswith(KMS_ENI)]


@pytest.mark.parametrize("which", [0, 2], ids=["with an HSM", "with KMS alone"])
def test_h8_n1_a_subnet_in_use(store: KeyStore, ec2: Any, which: int) -> None:
    lost = store.cluster.subnet_ids[which]
    with pytest.warns(DependencyWarning, match=f"'{lost}' has dependencies") as caught:
        ec2.delete_subnet(SubnetId=lost)
    assert {w.filename for w in caught if w.category is DependencyWarning} == {__file__}
    assert ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": [lost]}])["Subnets"] == []


def test_n1_a_subnet_that_nobody_uses_any_more(store: KeyStore, ec2: Any) -> None:
    disconnect(store)
    ec2.create_network_interface(SubnetId=store.cluster.subnet_ids[2])
    with in_silence():
        ec2.delete_subnet(SubnetId=store.cluster.subnet_ids[2])


def test_n1_a_network_interface_of_kms(store: KeyStore, ec2: Any) -> None:
    eni, *_ = interfaces_of_kms()
    with pytest.warns(DependencyWarning, match=f"'{eni}' is currently in use"):
        ec2.delete_network_interface(NetworkInterfaceId=eni)
    assert eni not in interfaces_of_kms()
    own = ec2.create_network_interface(SubnetId=store.cluster.subnet_ids[0])["NetworkInterface"]
    with in_silence():
        ec2.delete_network_interface(NetworkInterfaceId=own["NetworkInterfaceId"])
        with pytest.raises(ec2.exceptions.ClientError, match="does not exist"):
            ec2.delete_network_interface(NetworkInterfaceId=own["NetworkInterfaceId"])


def test_h8_n1_security_groups(store: KeyStore, ec2: Any) -> None:
    for name in (f"cloudhsm-{store.cluster.id}-sg", f"kms-{store.id}"):
        (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])[
            "SecurityGroups"
        ]
        with pytest.warns(DependencyWarning, match=f"resource {group['GroupId']} has a dependent"):
            ec2.delete_security_group(GroupId=group["GroupId"])
    other = ec2.create_security_group(
        GroupName="other", Description="other", VpcId=store.cluster.vpc_id
    )["GroupId"]
    with in_silence():
        ec2.delete_security_group(GroupId=other)
        with pytest.raises(ec2.exceptions.ClientError, match="does not exist"):
            ec2.delete_security_group(GroupId=other)


def test_what_cloudhsm_and_kms_delete_themselves(world: Any, store: KeyStore, kms: Any) -> None:
    with in_silence():
        disconnect(store)
        kms.delete_custom_key_store(CustomKeyStoreId=store.id)
        cloudhsm = client("cloudhsmv2")
        for hsm in store.cluster.hsms:
            cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=hsm.id)
        cloudhsm.delete_cluster(ClusterId=store.cluster.id)


@mock_cks
def test_also_where_moto_has_made_its_ec2_before() -> None:
    images = client("ec2").describe_images()["Images"]
    store = cks.create_key_store()
    with pytest.warns(DependencyWarning):
        client("ec2").delete_subnet(SubnetId=store.cluster.subnet_ids[2])
    assert client("ec2").describe_images()["Images"] == images

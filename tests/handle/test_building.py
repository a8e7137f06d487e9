"""What ``cks`` builds: ``create_cluster`` and ``create_key_store``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509

from moto_cks import Cluster, KeyStore, ReturnCode, cks, mock_cks
from tests.aws import REGION, client
from tests.handle import ACCOUNT, described, key_store, users_of
from tests.hsm.world import refused

pytestmark = pytest.mark.usefixtures("world")


def test_a_cluster_is_active_and_ready(cluster: Cluster) -> None:
    shown = described(cluster)
    assert shown["State"] == "ACTIVE"
    assert [hsm["State"] for hsm in shown["Hsms"]] == ["ACTIVE", "ACTIVE"]
    assert len({hsm["AvailabilityZone"] for hsm in shown["Hsms"]}) == 2
    assert users_of(cluster) == [["kmsuser"], ["kmsuser"]]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_so_many_hsms(number: int) -> None:
    hsms = described(cks.create_cluster(hsms=number))["Hsms"]
    assert len({hsm["AvailabilityZone"] for hsm in hsms}) == len(hsms) == number


def test_more_hsms_than_zones_share_them() -> None:
    zones = [hsm.availability_zone for hsm in cks.create_cluster(hsms=4).hsms]
    assert (len(zones), len(set(zones))) == (4, 3)


def test_in_another_region_and_account() -> None:
    cluster = cks.create_cluster(region="eu-west-1", account_id="111122223333")
    assert (cluster.region, cluster.account_id) == ("eu-west-1", "111122223333")
    assert described(cluster)["State"] == "ACTIVE"
    assert all(hsm.availability_zone.startswith("eu-west-1") for hsm in cluster.hsms)
    for where in [("eu-west-1", ACCOUNT), (REGION, "111122223333")]:
        assert client("cloudhsmv2", *where).describe_clusters()["Clusters"] == []


def test_with_a_password_of_kmsuser() -> None:
    cluster = cks.create_cluster(kmsuser_password="chosenPswd")
    cluster.login("CU", "kmsuser", "chosenPswd").logout()
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        cluster.login("CU", "kmsuser", "kmsPswd1")


def test_with_a_password_that_no_user_can_have() -> None:
    with refused(ReturnCode.INVALID_PASSWORD):
        cks.create_cluster(kmsuser_password="short")


def test_in_a_vpc() -> None:
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    cluster = cks.create_cluster(vpc_id=vpc["VpcId"])
    assert cluster.vpc_id == described(cluster)["VpcId"] == vpc["VpcId"]


def test_in_subnets() -> None:
    ec2 = client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet_ids = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for cidr, zone in [("10.9.1.0/24", "us-east-1b"), ("10.9.2.0/24", "us-east-1d")]
    ]
    cluster = cks.create_cluster(subnet_ids=subnet_ids)
    assert cluster.vpc_id == vpc_id
    assert sorted(cluster.subnet_ids) == sorted(subnet_ids)
    assert [hsm.availability_zone for hsm in cluster.hsms] == ["us-east-1b", "us-east-1d"]


def test_in_zones() -> None:
    cluster = cks.create_cluster(zones=["us-east-1c", "us-east-1e"])
    assert sorted(described(cluster)["SubnetMapping"]) == ["us-east-1c", "us-east-1e"]


def test_in_small_subnets() -> None:
    cluster = cks.create_cluster(cidr="172.16.0.0/20", subnet_prefix=28)
    subnets = client("ec2").describe_subnets(SubnetIds=cluster.subnet_ids)["Subnets"]
    assert {subnet["CidrBlock"][-3:] for subnet in subnets} == {"/28"}
    assert all(hsm.eni_ip.startswith("172.16.0.") for hsm in cluster.hsms)


@pytest.mark.parametrize(
    "network", [{"subnet_ids": ["subnet-12345678"]}, {"vpc_id": "vpc-12345678"}]
)
def test_where_there_is_nothing(network: Any) -> None:
    with pytest.raises(ClientError):
        cks.create_cluster(**network)


# What EC2's API says to the same, by operation.
IMPOSSIBLE: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "no such VPC": (
        {"vpc_id": "vpc-12345678"},
        "CreateSubnet",
        {"VpcId": "vpc-12345678", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-east-1a"},
    ),
    "too many addresses": ({"cidr": "10.0.0.0/8"}, "CreateVpc", {"CidrBlock": "10.0.0.0/8"}),
    "no such zone": (
        {"zones": ["us-east-1z"]},
        "CreateSubnet",
        {"CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-east-1z"},
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_a_network_that_cannot_be_is_refused_in_the_words_of_ec2(case: str) -> None:
    network, operation, parameters = IMPOSSIBLE[case]
    with pytest.raises(ClientError) as ours:
        cks.create_cluster(**network)
    ec2 = client("ec2")
    if operation == "CreateSubnet":
        vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        parameters = {"VpcId": vpc_id, **parameters}
    with pytest.raises(ClientError) as ec2_s:
        getattr(ec2, {"CreateVpc": "create_vpc", "CreateSubnet": "create_subnet"}[operation])(
            **parameters
        )
    assert ours.value.response["Error"] == ec2_s.value.response["Error"]
    assert ours.value.operation_name == operation
    status = [error.value.response["ResponseMetadata"]["HTTPStatusCode"] for error in (ours, ec2_s)]
    assert status[0] == status[1]


def test_with_a_parameter_that_there_is_not() -> None:
    with pytest.raises(TypeError, match="vpc"):
        cks.create_cluster(vpc="vpc-12345678")


def test_two_clusters_have_different_identities(cluster: Cluster) -> None:
    other = cks.create_cluster()
    assert other.id != cluster.id
    assert other.trust_anchor != cluster.trust_anchor
    assert other.vpc_id != cluster.vpc_id


def test_h3_no_two_clusters_of_a_world_share_a_key() -> None:
    clusters = [
        cks.create_cluster(hsms=1),
        cks.create_cluster(hsms=1, region="eu-west-1"),
        cks.create_cluster(hsms=1, account_id="111122223333"),
    ]
    keys = {
        x509.load_pem_x509_certificate(pem.encode()).public_key().public_numbers()  # type: ignore[union-attr]
        for cluster in clusters
        for pem in (
            described(cluster)["Certificates"]["ClusterCertificate"],
            cluster.trust_anchor or "",
        )
    }
    assert len(keys) == 6


def test_h3_a_second_customer_ca_vouches_for_nothing_of_the_first() -> None:
    hsm = client("cloudhsmv2")
    subnet_ids = cks.create_cluster(hsms=1).subnet_ids
    cluster_id = hsm.create_cluster(HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=subnet_ids)[
        "Cluster"
    ]["ClusterId"]
    hsm.create_hsm(ClusterId=cluster_id, AvailabilityZone="us-east-1a")
    cluster = cks.cluster(cluster_id)
    (first, _), (_, second_anchor) = cluster.sign_csr(), cluster.sign_csr()
    with pytest.raises(ClientError, match="did not sign"):
        hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=first, TrustAnchor=second_anchor)


ALONE = """
from moto_cks import mock_cks

with mock_cks() as cks:
    cks.create_key_store().create_key()
"""


@pytest.mark.parametrize(
    "settings", [{"AWS_PROFILE": "nobody"}, {"AWS_CONFIG_FILE": "settings"}], ids=str
)
def test_what_the_user_has_configured_does_not_matter(
    settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "settings").write_text("[default]\nretry_mode = never\nuse_fips_endpoint = true\n")
    subprocess.run(
        [sys.executable, "-c", ALONE], cwd=tmp_path, env={**os.environ, **settings}, check=True
    )


def test_a_key_store_is_connected(store: KeyStore) -> None:
    shown = key_store(store)
    assert (store.id, store.name) == (shown["CustomKeyStoreId"], shown["CustomKeyStoreName"])
    assert shown["ConnectionState"] == "CONNECTED"
    assert shown["CloudHsmClusterId"] == store.cluster.id
    assert shown["TrustAnchorCertificate"] == store.cluster.trust_anchor
    assert store.region == REGION
    assert repr(store) == f"<KeyStore {store.id} 'ExampleKeyStore'>"


def test_a_key_store_on_a_cluster(cluster: Cluster) -> None:
    store = cks.create_key_store("Named", cluster=cluster, connect=False)
    assert store.cluster is cluster
    shown = key_store(store)
    assert (shown["CustomKeyStoreName"], shown["ConnectionState"]) == ("Named", "DISCONNECTED")


def test_a_key_store_with_a_cluster_of_its_own() -> None:
    store = cks.create_key_store(
        kmsuser_password="chosenPswd", hsms=3, region="eu-west-1", account_id="111122223333"
    )
    assert (store.region, store.cluster.account_id) == ("eu-west-1", "111122223333")
    assert len(store.cluster.hsms) == 3
    assert key_store(store)["ConnectionState"] == "CONNECTED"


def test_a_key_store_with_a_wrong_password(cluster: Cluster) -> None:
    store = cks.create_key_store(cluster=cluster, kmsuser_password="wrongPswd")
    assert key_store(store)["ConnectionErrorCode"] == "INVALID_CREDENTIALS"


def test_a_given_cluster_takes_no_parameters_of_a_new_one(cluster: Cluster) -> None:
    with pytest.raises(TypeError, match="hsms"):
        cks.create_key_store(cluster=cluster, hsms=3)
    assert client("kms").describe_custom_key_stores()["CustomKeyStores"] == []


def test_a_key_store_that_aws_refuses() -> None:
    with pytest.raises(ClientError, match="CloudHsmClusterInvalidConfigurationException"):
        cks.create_key_store(hsms=1)


def test_create_key(store: KeyStore) -> None:
    tags = [{"TagKey": "k", "TagValue": "v"}]
    key_id = store.create_key(Description="mine", Tags=tags)
    metadata = client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["Description"], metadata["Origin"]) == ("mine", "AWS_CLOUDHSM")
    assert metadata["CustomKeyStoreId"] == store.id
    assert client("kms").list_resource_tags(KeyId=key_id)["Tags"] == tags


def test_create_key_where_aws_refuses(store: KeyStore) -> None:
    with pytest.raises(ClientError, match="UnsupportedOperationException"):
        store.create_key(KeySpec="RSA_2048")
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with pytest.raises(ClientError, match="CustomKeyStoreInvalidStateException"):
        store.create_key()


@pytest.fixture
def outside(world: None) -> Iterator[None]:
    """For a while the mock is off."""
    running = mock_cks()
    running.stop()
    yield
    running.start()


@pytest.mark.parametrize(
    "call",
    [
        cks.create_cluster,
        cks.create_key_store,
        lambda: cks.cluster("cluster-abcdefghijk"),
    ],
    ids=["create_cluster", "create_key_store", "cluster"],
)
def test_outside_of_the_mock(outside: None, call: Callable[[], object]) -> None:
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        call()

"""The handle: ``cks``, its clusters, HSMs and key stores."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509

from moto_cks import Cluster, HsmError, KeyStore, ReturnCode, UserType, cks, mock_cks
from tests.aws import REGION, client

ACCOUNT = "123456789012"


@contextlib.contextmanager
def refused(code: ReturnCode) -> Iterator[None]:
    with pytest.raises(HsmError) as caught:
        yield
    assert caught.value.code is code


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with mock_cks():
        yield


@pytest.fixture
def cluster() -> Cluster:
    return cks.create_cluster()


@pytest.fixture
def store() -> KeyStore:
    return cks.create_key_store()


def described(cluster: Cluster) -> Any:
    hsm = client("cloudhsmv2", cluster.region, cluster.account_id)
    (found,) = hsm.describe_clusters(Filters={"clusterIds": [cluster.id]})["Clusters"]
    return found


def key_store(store: KeyStore) -> Any:
    kms = client("kms", store.region, store.cluster.account_id)
    (found,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return found


def users_of(cluster: Cluster) -> list[list[str]]:
    """The names of the crypto users, HSM by HSM."""
    return [[user.name for user in hsm.users if user.type == "CU"] for hsm in cluster.hsms]


# create_cluster ---------------------------------------------------------------------------------


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
    cluster_id = hsm.create_cluster(HsmType="hsm1.medium", SubnetIds=subnet_ids)["Cluster"][
        "ClusterId"
    ]
    hsm.create_hsm(ClusterId=cluster_id, AvailabilityZone="us-east-1a")
    cluster = cks.cluster(cluster_id)
    (first, _), (_, second_anchor) = cluster.sign_csr(), cluster.sign_csr()
    with pytest.raises(ClientError, match="did not sign"):
        hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=first, TrustAnchor=second_anchor)


# Cluster and HSM handles ------------------------------------------------------------------------


def test_what_a_cluster_handle_tells(cluster: Cluster) -> None:
    shown = described(cluster)
    assert (cluster.id, cluster.region, cluster.account_id) == (shown["ClusterId"], REGION, ACCOUNT)
    assert cluster.vpc_id == shown["VpcId"]
    assert cluster.subnet_ids == list(shown["SubnetMapping"].values())
    assert cluster.admin_password == "adminPswd1"
    cluster.login("CO", "admin", cluster.admin_password).logout()
    anchor = x509.load_pem_x509_certificate((cluster.trust_anchor or "").encode())
    certificate = x509.load_pem_x509_certificate(
        shown["Certificates"]["ClusterCertificate"].encode()
    )
    certificate.verify_directly_issued_by(anchor)  # or it raises
    assert repr(cluster) == f"<Cluster {cluster.id} in us-east-1>"


def test_what_an_hsm_handle_tells(store: KeyStore) -> None:
    key_id = store.create_key()
    arn = client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    shown = {hsm["HsmId"]: hsm for hsm in described(store.cluster)["Hsms"]}
    assert [hsm.id for hsm in store.cluster.hsms] == list(shown)
    for hsm in store.cluster.hsms:
        assert hsm.eni_ip == shown[hsm.id]["EniIp"]
        assert hsm.availability_zone == shown[hsm.id]["AvailabilityZone"]
        assert [(user.type.value, user.name) for user in hsm.users] == [
            ("CO", "admin"),
            ("AU", "app_user"),
            ("CU", "kmsuser"),
        ]
        (key,) = hsm.keys
        assert (key.label, key.owner) == (arn, "kmsuser")
        assert repr(hsm) == f"<HSM {hsm.id} at {hsm.eni_ip}>"


def test_users_that_are_shown_are_copies(cluster: Cluster) -> None:
    shown = cluster.hsms[0].users[-1]
    shown.login_failures = 5
    assert not cluster.hsms[0].users[-1].locked
    cluster.login("CU", "kmsuser", "kmsPswd1").logout()


def test_h5_the_handle_follows_the_cluster(cluster: Cluster) -> None:
    (first, second) = cluster.hsms
    client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=first.id)
    assert [hsm.id for hsm in cluster.hsms] == [second.id]


def test_a_cluster_by_its_id(cluster: Cluster) -> None:
    again = cks.cluster(cluster.id)
    assert (again.id, again.region, again.trust_anchor) == (
        cluster.id,
        cluster.region,
        cluster.trust_anchor,
    )
    assert again.admin_password == cluster.admin_password


def test_a_cluster_that_there_is_not(cluster: Cluster) -> None:
    with pytest.raises(KeyError, match="cluster-unknown"):
        cks.cluster("cluster-unknown")
    for hsm in cluster.hsms:
        client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    client("cloudhsmv2").delete_cluster(ClusterId=cluster.id)
    with pytest.raises(KeyError, match=cluster.id):
        cks.cluster(cluster.id)


# Claiming a cluster that boto3 has made ---------------------------------------------------------


def test_h3_h4_a_cluster_made_by_boto3_alone() -> None:
    ec2, hsm = client("ec2"), client("cloudhsmv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc_id, CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a"
    )["Subnet"]
    cluster_id = hsm.create_cluster(HsmType="hsm1.medium", SubnetIds=[subnet["SubnetId"]])[
        "Cluster"
    ]["ClusterId"]
    cluster = cks.cluster(cluster_id)
    assert (cluster.hsms, cluster.trust_anchor, cluster.admin_password) == ([], None, None)
    with refused(ReturnCode.NO_HSM):
        cluster.sign_csr()
    with refused(ReturnCode.NO_HSM):
        cluster.activate("adminPswd1")

    hsm.create_hsm(ClusterId=cluster_id, AvailabilityZone="us-east-1a")
    with refused(ReturnCode.NOT_INITIALIZED):
        cluster.activate("adminPswd1")
    with refused(ReturnCode.NOT_INITIALIZED):
        cluster.login("PRECO", "admin", "password")
    with refused(ReturnCode.USER_NOT_FOUND):
        cluster.create_user("CU", "kmsuser", "kmsPswd1")

    signed_certificate, trust_anchor = cluster.sign_csr()
    hsm.initialize_cluster(
        ClusterId=cluster_id, SignedCert=signed_certificate, TrustAnchor=trust_anchor
    )
    assert described(cluster)["State"] == "INITIALIZED"
    assert cluster.trust_anchor == trust_anchor
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.activate("short")
    cluster.activate("firstPswd")
    assert described(cluster)["State"] == "ACTIVE"
    assert cluster.admin_password == "firstPswd"
    with refused(ReturnCode.USER_NOT_FOUND):
        cluster.activate("secondPswd")
    assert cluster.admin_password == "firstPswd"
    cluster.login("CO", "admin", "firstPswd").logout()


# The user's own settings ------------------------------------------------------------------------

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


# Users ------------------------------------------------------------------------------------------


def test_create_user(cluster: Cluster) -> None:
    cluster.create_user("CU", "user2", "userPswd1")
    cluster.create_user(UserType.CO, "officer2", "userPswd2")
    assert users_of(cluster) == [["kmsuser", "user2"]] * 2
    cluster.login("CU", "user2", "userPswd1").logout()
    cluster.login(UserType.CO, "officer2", "userPswd2").logout()


def test_h5_create_user_on_some_hsms(cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.create_user("CU", "user2", "userPswd1", hsms=[first])
    cluster.create_user("CU", "user3", "userPswd1", hsms=[second.id])
    assert users_of(cluster) == [["kmsuser", "user2"], ["kmsuser", "user3"]]


def test_p6_create_user_with_a_second_factor(cluster: Cluster) -> None:
    cluster.create_user("CU", "careful", "userPswd1", two_factor=True)
    with refused(ReturnCode.SECOND_FACTOR_REQUIRED):
        cluster.login("CU", "careful", "userPswd1")


def test_create_user_that_cannot_be(cluster: Cluster) -> None:
    with refused(ReturnCode.USER_EXISTS):
        cluster.create_user("CU", "kmsuser", "userPswd1")
    with refused(ReturnCode.INVALID_USER_NAME):
        cluster.create_user("CU", "two words", "userPswd1")
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.create_user("CU", "user2", "short")
    with refused(ReturnCode.INVALID_USER_TYPE):
        cluster.create_user("AU", "user2", "userPswd1")
    with pytest.raises(ValueError, match="XX"):
        cluster.create_user("XX", "user2", "userPswd1")
    assert users_of(cluster) == [["kmsuser"]] * 2


def test_change_password(cluster: Cluster) -> None:
    cluster.change_password("CU", "kmsuser", "tempPassword")
    cluster.login("CU", "kmsuser", "tempPassword").logout()
    with refused(ReturnCode.USER_NOT_FOUND):
        cluster.change_password("CU", "nobody", "tempPassword")
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.change_password("CU", "kmsuser", "short")


def test_change_password_of_the_officer(cluster: Cluster) -> None:
    cluster.change_password("CO", "admin", "otherPswd")
    assert cluster.admin_password == "otherPswd"
    cluster.login("CO", "admin", "otherPswd").logout()
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.change_password("CO", "admin", "short")
    assert cluster.admin_password == "otherPswd"


def test_h5_change_password_on_some_hsms(cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.change_password("CU", "kmsuser", "tempPassword", hsms=[first])
    cluster.login("CU", "kmsuser", "tempPassword", hsms=[first]).logout()
    cluster.login("CU", "kmsuser", "kmsPswd1", hsms=[second]).logout()
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        cluster.login("CU", "kmsuser", "tempPassword")


def test_p2_change_password_while_kms_is_connected(store: KeyStore) -> None:
    with refused(ReturnCode.USER_LOGGED_IN):
        store.cluster.change_password("CU", "kmsuser", "tempPassword")
    with refused(ReturnCode.USER_LOGGED_IN):
        store.cluster.delete_user("CU", "kmsuser")
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")


def test_p4_wrong_passwords_lock_and_change_password_unlocks(cluster: Cluster) -> None:
    first = cluster.hsms[0]
    for count in range(1, 6):
        with refused(ReturnCode.AUTHENTICATION_FAILED):
            cluster.login("CU", "kmsuser", "wrongPswd")
        assert first.users[-1].login_failures == count
    with refused(ReturnCode.USER_LOCKED_OUT):
        cluster.login("CU", "kmsuser", "kmsPswd1")
    assert [hsm.users[-1].locked for hsm in cluster.hsms] == [True, False]
    cluster.change_password("CU", "kmsuser", "kmsPswd1", hsms=[first])
    assert (first.users[-1].locked, first.users[-1].login_failures) == (False, 0)
    cluster.login("CU", "kmsuser", "kmsPswd1").logout()


def test_delete_user(cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.delete_user("CU", "kmsuser", hsms=[first])
    assert users_of(cluster) == [[], ["kmsuser"]]
    with refused(ReturnCode.USER_NOT_FOUND):
        cluster.delete_user("CU", "kmsuser")
    cluster.delete_user("CU", "kmsuser", hsms=[second])
    assert users_of(cluster) == [[], []]


def test_delete_user_who_owns_keys(store: KeyStore) -> None:
    store.create_key()
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with refused(ReturnCode.USER_OWNS_KEYS):
        store.cluster.delete_user("CU", "kmsuser")


def test_c5_9_login_stays_until_logout(cluster: Cluster) -> None:
    store = cks.create_key_store(cluster=cluster, connect=False)
    session = cluster.login("CU", "kmsuser", "kmsPswd1")
    kms = client("kms")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert key_store(store)["ConnectionErrorCode"] == "USER_LOGGED_IN"
    session.logout()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert key_store(store)["ConnectionState"] == "CONNECTED"


def test_login_to_one_hsm(cluster: Cluster) -> None:
    first, second = cluster.hsms
    with cluster.login("CU", "kmsuser", "kmsPswd1", hsms=[first]):
        cluster.delete_user("CU", "kmsuser", hsms=[second])
        with refused(ReturnCode.USER_LOGGED_IN):
            cluster.delete_user("CU", "kmsuser", hsms=[first])


ON_SOME_HSMS: dict[str, Callable[[Cluster, Any], object]] = {
    "create_user": lambda c, h: c.create_user("CU", "user2", "userPswd1", hsms=h),
    "change_password": lambda c, h: c.change_password("CU", "kmsuser", "userPswd1", hsms=h),
    "delete_user": lambda c, h: c.delete_user("CU", "kmsuser", hsms=h),
    "login": lambda c, h: c.login("CU", "kmsuser", "kmsPswd1", hsms=h),
    "delete_key": lambda c, h: c.delete_key(1, hsms=h),
}


@pytest.mark.parametrize("method", ON_SOME_HSMS)
def test_an_hsm_that_is_not_in_the_cluster(cluster: Cluster, method: str) -> None:
    with pytest.raises(ValueError, match="hsm-unknown"):
        ON_SOME_HSMS[method](cluster, [cluster.hsms[0], "hsm-unknown"])
    assert users_of(cluster) == [["kmsuser"]] * 2
    with refused(ReturnCode.NO_HSM):
        ON_SOME_HSMS[method](cluster, [])


@pytest.mark.parametrize("method", ON_SOME_HSMS)
def test_a_cluster_without_hsms(cluster: Cluster, method: str) -> None:
    for hsm in cluster.hsms:
        client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    with refused(ReturnCode.NO_HSM):
        ON_SOME_HSMS[method](cluster, None)


# Keys -------------------------------------------------------------------------------------------


def test_f3_delete_key_whoever_owns_it(store: KeyStore) -> None:
    key_id = store.create_key()
    (key,) = store.cluster.hsms[0].keys
    store.cluster.delete_key(key.handle)
    assert [hsm.keys for hsm in store.cluster.hsms] == [(), ()]
    with pytest.raises(ClientError, match="KMSInvalidStateException"):
        client("kms").encrypt(KeyId=key_id, Plaintext=b"x")
    with refused(ReturnCode.KEY_NOT_FOUND):
        store.cluster.delete_key(key.handle)


def test_h5_delete_key_from_some_hsms(store: KeyStore) -> None:
    key_id = store.create_key()
    first, second = store.cluster.hsms
    (key,) = first.keys
    store.cluster.delete_key(key.handle, hsms=[first])
    assert (first.keys, second.keys) == ((), (key,))
    client("kms").encrypt(KeyId=key_id, Plaintext=b"x")
    with refused(ReturnCode.KEY_NOT_FOUND):
        store.cluster.delete_key(key.handle, hsms=[first])
    store.cluster.delete_key(key.handle)  # from the one that has it
    assert second.keys == ()


# Key stores -------------------------------------------------------------------------------------


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


# Outside of the mock ----------------------------------------------------------------------------


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

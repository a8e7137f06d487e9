"""The handle of a cluster and of its HSMs."""

from __future__ import annotations

import pytest
from cryptography import x509

from moto_cks import Cluster, KeyStore, ReturnCode, cks
from tests.aws import REGION, client
from tests.handle import ACCOUNT, described
from tests.hsm.world import refused

pytestmark = pytest.mark.usefixtures("world")


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
    cluster_id = hsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=[subnet["SubnetId"]]
    )["Cluster"]["ClusterId"]
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

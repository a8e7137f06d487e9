"""CloudHSM clusters: their life cycle, certificates, security group and HSM type."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from cryptography import x509

from tests.aws import client

from .world import CustomerCA, World


def test_h1_cluster_as_created(world: World) -> None:
    cluster = world.hsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=world.subnet_ids,
        TagList=[{"Key": "stage", "Value": "test"}],
    )["Cluster"]
    assert re.fullmatch("cluster-[2-7a-zA-Z]{11,16}", cluster["ClusterId"])
    assert cluster["State"] == "CREATE_IN_PROGRESS"
    assert cluster["SubnetMapping"] == dict(zip(world.zones, world.subnet_ids, strict=True))
    assert cluster["VpcId"] == world.vpc_id
    assert cluster["BackupRetentionPolicy"] == {"Type": "DAYS", "Value": "90"}
    assert cluster["Mode"] == "FIPS"
    assert cluster["NetworkType"] == "IPV4"
    assert cluster["TagList"] == [{"Key": "stage", "Value": "test"}]
    assert cluster["Hsms"] == []
    assert cluster["Certificates"] == {}
    absent = {"StateMessage", "SourceBackupId", "PreCoPassword", "HsmTypeRollbackExpiration"}
    assert not absent & cluster.keys()


def test_h8_the_first_cluster_makes_the_service_linked_role(world: World) -> None:
    iam: Any = client("iam")
    world.create_cluster()
    world.create_cluster()
    role = iam.get_role(RoleName="AWSServiceRoleForCloudHSM")["Role"]
    assert role["Path"] == "/aws-service-role/cloudhsm.amazonaws.com/"


def test_h2_life_cycle_of_a_new_cluster(world: World) -> None:
    cluster_id = world.create_cluster()
    assert world.state(cluster_id) == "UNINITIALIZED"
    world.create_hsm(cluster_id)
    assert world.state(cluster_id) == "UNINITIALIZED"
    world.initialize(cluster_id)
    assert world.state(cluster_id) == "INITIALIZED"
    world.activate(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"
    world.remove_hsms(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"
    answer = world.hsm.delete_cluster(ClusterId=cluster_id)["Cluster"]
    assert answer["State"] == "DELETE_IN_PROGRESS"
    assert answer["StateMessage"] == "The cluster is being deleted."
    assert world.state(cluster_id) == "DELETED"


def test_h2_manual_transitions_advance_by_descriptions(world: World, transition: Any) -> None:
    transition("cloudhsmv2::cluster", progression="manual", times=4)
    cluster_id = world.create_cluster()
    assert world.state(cluster_id) == "CREATE_IN_PROGRESS"
    with world.invalid("is in state CREATE_IN_PROGRESS"):
        world.create_hsm(cluster_id)
    world.hsm.describe_clusters(Filters={"clusterIds": ["cluster-aaaaaaaaaaa"]})
    assert world.state(cluster_id) == "UNINITIALIZED"


def test_h2_initializing_takes_its_time(world: World, transition: Any) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    signed, anchor = CustomerCA().sign(world.csr(cluster_id))
    transition("cloudhsmv2::cluster", progression="time", seconds=60)
    world.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=signed, TrustAnchor=anchor)
    cluster = world.describe(cluster_id)
    assert cluster["State"] == "INITIALIZE_IN_PROGRESS"
    assert cluster["StateMessage"].startswith("Cluster is initializing.")
    assert cluster["Certificates"] == {}
    with world.invalid("is in state INITIALIZE_IN_PROGRESS"):
        world.remove_hsms(cluster_id)
    world.cks.clock.advance(seconds=60)
    assert world.state(cluster_id) == "INITIALIZED"


def test_h3_first_hsm_makes_the_certificates(world: World) -> None:
    cluster_id = world.create_cluster()
    assert world.describe(cluster_id)["Certificates"] == {}
    world.create_hsm(cluster_id)
    certificates = world.describe(cluster_id)["Certificates"]
    csr = x509.load_pem_x509_csr(certificates["ClusterCsr"].encode())
    hsm, aws, manufacturer = (
        x509.load_pem_x509_certificate(certificates[name].encode())
        for name in ("HsmCertificate", "AwsHardwareCertificate", "ManufacturerHardwareCertificate")
    )
    assert csr.is_signature_valid
    assert hsm.public_key() == csr.public_key()
    hsm.verify_directly_issued_by(aws)
    hsm.verify_directly_issued_by(manufacturer)


def test_h3_another_first_hsm_makes_another_csr(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    csr = world.csr(cluster_id)
    world.remove_hsms(cluster_id)
    assert world.describe(cluster_id)["Certificates"] == {}
    world.create_hsm(cluster_id)
    assert world.csr(cluster_id) != csr


def test_h3_initialized_cluster_has_only_the_cluster_certificate(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    signed, anchor = CustomerCA().sign(world.csr(cluster_id))
    answer = world.hsm.initialize_cluster(
        ClusterId=cluster_id, SignedCert=signed, TrustAnchor=anchor
    )
    assert answer["State"] == "INITIALIZE_IN_PROGRESS"
    assert answer["StateMessage"] == (
        "Cluster is initializing. State will change to INITIALIZED upon completion."
    )
    assert world.describe(cluster_id)["Certificates"] == {"ClusterCertificate": signed}


def test_h3_initialize_needs_an_hsm(world: World) -> None:
    cluster_id = world.create_cluster()
    with world.invalid("no active HSM"):
        world.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert="x", TrustAnchor="x")


def test_h3_initialize_a_second_time(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    signed, anchor = CustomerCA().sign(world.csr(cluster_id))
    arguments = {"ClusterId": cluster_id, "SignedCert": signed, "TrustAnchor": anchor}
    world.hsm.initialize_cluster(**arguments)
    with world.invalid("is in state INITIALIZED"):
        world.hsm.initialize_cluster(**arguments)


@pytest.fixture
def uninitialized(world: World) -> str:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    return cluster_id


def refuses_certificates(world: World, cluster_id: str, signed: str, anchor: str) -> None:
    with world.invalid():
        world.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=signed, TrustAnchor=anchor)
    assert world.state(cluster_id) == "UNINITIALIZED"


def test_h3_initialize_refuses_certificate_of_another_csr(world: World, uninitialized: str) -> None:
    other = world.create_cluster()
    world.create_hsm(other)
    refuses_certificates(world, uninitialized, *CustomerCA().sign(world.csr(other)))


def test_h3_initialize_refuses_unrelated_trust_anchor(world: World, uninitialized: str) -> None:
    signed, _ = CustomerCA().sign(world.csr(uninitialized))
    refuses_certificates(world, uninitialized, signed, CustomerCA().anchor)


def test_h3_initialize_refuses_trust_anchor_that_is_not_rsa(
    world: World, uninitialized: str
) -> None:
    ca = CustomerCA(elliptic=True)
    refuses_certificates(world, uninitialized, *ca.sign(world.csr(uninitialized)))


def test_h3_initialize_refuses_intermediate_certificate(world: World, uninitialized: str) -> None:
    ca = CustomerCA(signed_by=CustomerCA())
    refuses_certificates(world, uninitialized, *ca.sign(world.csr(uninitialized)))


def test_h3_initialize_refuses_what_is_no_certificate(world: World, uninitialized: str) -> None:
    signed, anchor = CustomerCA().sign(world.csr(uninitialized))
    refuses_certificates(world, uninitialized, "nonsense", anchor)
    refuses_certificates(world, uninitialized, signed, "nonsense")
    refuses_certificates(world, uninitialized, world.csr(uninitialized), anchor)


def test_h4_activation_makes_the_cluster_active_and_a_backup(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    world.initialize(cluster_id)
    assert world.backups(cluster_id) == []
    world.activate(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"
    (backup,) = world.backups(cluster_id)
    assert backup["BackupState"] == "READY"


def test_h8_security_group_shows_in_ec2(world: World) -> None:
    cluster = world.describe(world.create_cluster())
    (group,) = world.ec2.describe_security_groups(GroupIds=[cluster["SecurityGroup"]])[
        "SecurityGroups"
    ]
    assert group["GroupName"] == f"cloudhsm-{cluster['ClusterId']}-sg"
    assert group["VpcId"] == world.vpc_id
    for rules in (group["IpPermissions"], group["IpPermissionsEgress"]):
        (rule,) = rules
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 2223, 2225)
        assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [group["GroupId"]]


def test_h8_security_group_goes_with_the_cluster(world: World) -> None:
    cluster = world.describe(world.create_cluster())
    world.hsm.delete_cluster(ClusterId=cluster["ClusterId"])
    world.state(cluster["ClusterId"])
    groups = world.ec2.describe_security_groups()["SecurityGroups"]
    assert cluster["SecurityGroup"] not in [group["GroupId"] for group in groups]


def test_h9_cluster_with_hsms_cannot_be_deleted(world: World, transition: Any) -> None:
    cluster_id = world.active_cluster()
    with world.invalid("contains HSMs"):
        world.hsm.delete_cluster(ClusterId=cluster_id)
    transition("cloudhsmv2::hsm", progression="time", seconds=120)
    world.remove_hsms(cluster_id)
    with world.invalid("contains HSMs"):
        world.hsm.delete_cluster(ClusterId=cluster_id)
    world.cks.clock.advance(seconds=120)
    world.hsm.delete_cluster(ClusterId=cluster_id)


def test_h9_deleted_cluster_is_gone_and_its_backups_stay(world: World) -> None:
    cluster_id = world.active_cluster()
    world.remove_hsms(cluster_id)
    backups = world.backups(cluster_id)
    world.hsm.delete_cluster(ClusterId=cluster_id)
    assert world.backups(cluster_id) == backups
    for call in (
        lambda: world.hsm.delete_cluster(ClusterId=cluster_id),
        lambda: world.create_hsm(cluster_id),
        lambda: world.hsm.list_tags(ResourceId=cluster_id),
        lambda: world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium"),
    ):
        with world.not_found(cluster_id):
            call()
    with pytest.raises(KeyError):
        world.cks.cluster(cluster_id)


def test_h9_deleted_cluster_is_shown_for_an_hour(noon: Any, world: World) -> None:
    cluster_id = world.create_cluster()
    world.hsm.delete_cluster(ClusterId=cluster_id)
    world.cks.clock.advance(minutes=59, seconds=59)
    assert world.state(cluster_id) == "DELETED"
    world.cks.clock.advance(seconds=1)
    assert world.hsm.describe_clusters()["Clusters"] == []


def test_h9_cluster_being_deleted_refuses_changes(world: World, transition: Any) -> None:
    cluster_id = world.create_cluster()
    transition("cloudhsmv2::cluster", progression="time", seconds=60)
    world.hsm.delete_cluster(ClusterId=cluster_id)
    with world.invalid("is in state DELETE_IN_PROGRESS"):
        world.create_hsm(cluster_id)
    with world.invalid("is in state DELETE_IN_PROGRESS"):
        world.hsm.delete_cluster(ClusterId=cluster_id)


def test_h6_retention_is_modified_at_once(world: World) -> None:
    cluster_id = world.create_cluster(BackupRetentionPolicy={"Type": "DAYS", "Value": "7"})
    assert world.describe(cluster_id)["BackupRetentionPolicy"]["Value"] == "7"
    answer = world.hsm.modify_cluster(
        ClusterId=cluster_id, BackupRetentionPolicy={"Type": "DAYS", "Value": "379"}
    )["Cluster"]
    assert answer["State"] == "UNINITIALIZED"
    assert answer["BackupRetentionPolicy"] == {"Type": "DAYS", "Value": "379"}


def test_h2_modify_needs_something_to_modify(world: World) -> None:
    cluster_id = world.create_cluster()
    with world.invalid("must be specified"):
        world.hsm.modify_cluster(ClusterId=cluster_id)


def test_h2_hsm_type_is_modified_and_rolled_back(world: World, transition: Any) -> None:
    cluster_id = world.older_cluster()
    transition("cloudhsmv2::cluster", progression="time", seconds=60)
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")["Cluster"]
    assert answer["State"] == "MODIFY_IN_PROGRESS"
    assert answer["HsmType"] == "hsm2m.medium"  # as on AWS's page
    world.cks.clock.advance(seconds=60)
    cluster = world.describe(cluster_id)
    assert (cluster["State"], cluster["HsmType"]) == ("ACTIVE", "hsm2m.medium")
    assert cluster["Hsms"][0]["HsmType"] == "hsm2m.medium"
    assert "HsmTypeRollbackExpiration" in cluster
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm1.medium")["Cluster"]
    assert answer["State"] == "ROLLBACK_IN_PROGRESS"
    world.cks.clock.advance(seconds=60)
    cluster = world.describe(cluster_id)
    assert (cluster["State"], cluster["HsmType"]) == ("ACTIVE", "hsm1.medium")
    assert "HsmTypeRollbackExpiration" not in cluster


def test_h2_a_modification_that_is_over_at_once_is_answered_as_it_began(world: World) -> None:
    cluster_id = world.older_cluster()
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")["Cluster"]
    assert (answer["State"], answer["HsmType"]) == ("MODIFY_IN_PROGRESS", "hsm2m.medium")
    assert answer["HsmTypeRollbackExpiration"] > answer["CreateTimestamp"]
    assert world.describe(cluster_id)["State"] == "ACTIVE"
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm1.medium")["Cluster"]
    assert (answer["State"], answer["HsmType"]) == ("ROLLBACK_IN_PROGRESS", "hsm1.medium")
    assert "HsmTypeRollbackExpiration" not in answer
    assert world.describe(cluster_id)["State"] == "ACTIVE"
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm1.medium")["Cluster"]
    assert (answer["State"], answer["HsmType"]) == ("ACTIVE", "hsm1.medium")


def test_h2_hsm_type_can_be_rolled_back_until_the_day_is_over(noon: Any, world: World) -> None:
    cluster_id = world.older_cluster()
    answer = world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")["Cluster"]
    until = world.cks.clock.now() + datetime.timedelta(hours=24)
    assert answer["HsmTypeRollbackExpiration"] == until
    other = world.older_cluster()
    world.hsm.modify_cluster(ClusterId=other, HsmType="hsm2m.medium")
    world.cks.clock.advance_to(until - datetime.timedelta(seconds=1))
    world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm1.medium")
    assert world.describe(cluster_id)["HsmType"] == "hsm1.medium"
    world.cks.clock.advance_to(until)
    with world.invalid(f"Cluster '{other}' cannot be changed to HsmType hsm1.medium"):
        world.hsm.modify_cluster(ClusterId=other, HsmType="hsm1.medium")


def test_h2_hsm_type_cannot_be_rolled_back_after_a_day(world: World) -> None:
    cluster_id = world.older_cluster()
    world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm2m.medium")
    world.cks.clock.advance(hours=24)
    with world.invalid("cannot be changed to HsmType hsm1.medium"):
        world.hsm.modify_cluster(ClusterId=cluster_id, HsmType="hsm1.medium")


def test_h2_refused_modification_changes_no_part(world: World) -> None:
    cluster_id = world.create_cluster(HsmType="hsm1.medium")
    retention = {"Type": "DAYS", "Value": "10"}
    for hsm_type, message in (
        ("hsm9.large", "Provided HsmType is not supported."),
        ("hsm2m.medium", "is in state UNINITIALIZED"),
    ):
        with world.invalid(message):
            world.hsm.modify_cluster(
                ClusterId=cluster_id, HsmType=hsm_type, BackupRetentionPolicy=retention
            )


def test_h7_cluster_from_a_backup(world: World) -> None:
    original = world.active_cluster()
    world.cks.cluster(original).create_user("CU", "alice", "alicePswd")
    world.remove_hsms(original)
    backup = world.backups(original)[0]
    cluster = world.hsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=world.subnet_ids[:1],
        SourceBackupId=backup["BackupId"],
    )["Cluster"]
    assert cluster["SourceBackupId"] == backup["BackupId"]
    assert cluster["Certificates"] == world.describe(original)["Certificates"]
    cluster_id = cluster["ClusterId"]
    # Terraform's provider and AWS's CloudFormation sample wait for ACTIVE before the first HSM.
    assert world.state(cluster_id) == "ACTIVE"
    assert world.describe(cluster_id)["Hsms"] == []
    with world.invalid("is in state ACTIVE"):
        world.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert="x", TrustAnchor="x")
    world.create_hsm(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"
    (hsm,) = world.cks.cluster(cluster_id).hsms
    assert [user.name for user in hsm.users] == ["admin", "app_user", "alice"]
    assert world.backups(cluster_id) == []


def test_h7_cluster_from_a_backup_by_arn_survives_the_backup(world: World) -> None:
    original = world.active_cluster()
    backup = world.backups(original)[0]
    cluster_id = world.create_cluster(SourceBackupId=backup["BackupArn"])
    world.hsm.delete_backup(BackupId=backup["BackupId"])
    world.create_hsm(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"


def test_h7_source_backup_must_be_ready(world: World) -> None:
    backup = world.backups(world.active_cluster())[0]
    world.hsm.delete_backup(BackupId=backup["BackupId"])
    with world.invalid("PENDING_DELETION"):
        world.create_cluster(SourceBackupId=backup["BackupId"])
    world.cks.clock.advance(days=7)
    with world.not_found(backup["BackupId"]):
        world.create_cluster(SourceBackupId=backup["BackupId"])


def test_h7_source_backup_must_be_of_the_account_and_region(
    world: World, other_account: World
) -> None:
    backup = world.backups(world.active_cluster())[0]
    with other_account.not_found(backup["BackupArn"]):
        other_account.create_cluster(SourceBackupId=backup["BackupArn"])
    wrong_region = backup["BackupArn"].replace("us-east-1", "us-west-2")
    with world.not_found(wrong_region):
        world.create_cluster(SourceBackupId=wrong_region)

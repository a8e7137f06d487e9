"""What KMS says while it is connected and cannot communicate with the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.aws import error_of
from tests.kms import NO_COMMUNICATION, cluster_group, state_of
from tests.kms.user import CONNECTED, User

LOCKED_OUT = (
    "KMS cannot communicate with your AWS CloudHSM cluster because the kmsuser is locked out. If "
    "you see this error repeatedly, disconnect the AWS CloudHSM key store and reset the kmsuser "
    "account password. Update the kmsuser password for the custom key store and try the request "
    "again."
)


@dataclass
class Rules:
    """The rules of a security group in one direction."""

    ec2: Any
    group: str
    direction: str

    def change(self, how: str, rules: list[dict[str, Any]]) -> None:
        call = getattr(self.ec2, f"{how}_security_group_{self.direction}")
        call(GroupId=self.group, IpPermissions=rules)


def errors(user: User) -> set[tuple[str, str]]:
    return {error_of(operation) for operation in user.operations}


def exchange_hsms(user: User, cloudhsm: Any) -> None:
    """Add an HSM, and delete those that were there before."""
    cluster = user.store.cluster
    former = cluster.hsms
    for hsm in former:
        cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=hsm.availability_zone)
    for hsm in former:
        cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)


def lock_out(world: Any, user: User) -> None:
    with world.cloudhsm_mgmt_util(user.store.cluster.id) as tool:
        for _ in range(5):
            tool.run("loginHSM CU kmsuser wrongPassword")


def test_y1_f9_the_message(world: Any, user: User) -> None:
    with world.faults.unreachable(user.store):
        assert errors(user) == {("KMSInvalidStateException", NO_COMMUNICATION)}
    assert user.decrypts()


def test_y2_a_lock_is_no_matter_while_kms_is_logged_in(world: Any, user: User) -> None:
    lock_out(world, user)
    assert user.decrypts()


def test_y2_a_lock_is_met_when_kms_has_to_log_in_anew(
    world: Any, user: User, cloudhsm: Any
) -> None:
    lock_out(world, user)
    exchange_hsms(user, cloudhsm)
    assert state_of(user.store) == CONNECTED
    assert errors(user) == {("KMSInvalidStateException", LOCKED_OUT)}
    random = error_of(user.random)
    assert random == ("DependencyTimeoutException", LOCKED_OUT)
    create = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": user.store.id}
    assert error_of(user.kms.create_key, **create) == ("DependencyTimeoutException", LOCKED_OUT)
    (reason, *_) = world.explain(user.store).reasons
    assert (reason.cause, reason.error) == ("user-locked-out", "KMSInvalidStateException")
    assert user.reconnect() == ("FAILED", "USER_LOCKED_OUT")
    user.kms.disconnect_custom_key_store(CustomKeyStoreId=user.store.id)
    user.store.cluster.change_password("CU", "kmsuser", "tempPassword")
    user.kms.update_custom_key_store(
        CustomKeyStoreId=user.store.id, KeyStorePassword="tempPassword"
    )
    assert user.connect() == CONNECTED
    assert user.decrypts()


def test_y2_not_where_the_hsms_are_gone_or_have_another_password(
    world: Any, user: User, cloudhsm: Any
) -> None:
    lock_out(world, user)
    for hsm in user.store.cluster.hsms:
        cloudhsm.delete_hsm(ClusterId=user.store.cluster.id, HsmId=hsm.id)
    assert errors(user) == {("KMSInvalidStateException", NO_COMMUNICATION)}


def test_y2_not_where_the_network_is_in_the_way(world: Any, user: User, cloudhsm: Any) -> None:
    lock_out(world, user)
    exchange_hsms(user, cloudhsm)
    with world.faults.unreachable(user.store):
        assert errors(user) == {("KMSInvalidStateException", NO_COMMUNICATION)}


@pytest.fixture(params=["ingress", "egress"])
def rules(request: Any, user: User, ec2: Any) -> Rules:
    """The rules of one direction of the cluster's security group, which are revoked."""
    group = cluster_group(ec2, user.store.cluster)
    found = Rules(ec2, group["GroupId"], request.param)
    kept = group["IpPermissions" if request.param == "ingress" else "IpPermissionsEgress"]
    found.change("revoke", kept)
    return found


def test_y22_rules_for_ipv6_let_nobody_in(user: User, rules: Rules) -> None:
    ports = {"IpProtocol": "tcp", "FromPort": 2223, "ToPort": 2225}
    rules.change("authorize", [{**ports, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}])
    assert errors(user) == {("KMSInvalidStateException", NO_COMMUNICATION)}
    disconnected = user.kms.disconnect_custom_key_store(CustomKeyStoreId=user.store.id)
    assert disconnected
    code, message = error_of(user.kms.connect_custom_key_store, CustomKeyStoreId=user.store.id)
    assert code == "CloudHsmClusterInvalidConfigurationException"
    assert "TCP traffic over IPv4 on ports 2223-2225" in message
    rules.change("authorize", [{**ports, "UserIdGroupPairs": [{"GroupId": rules.group}]}])
    assert user.connect() == CONNECTED
    assert user.decrypts()


def test_y22_an_acl_that_lets_ipv6_through_alone(user: User, ec2: Any) -> None:
    vpc = {"Name": "vpc-id", "Values": [user.store.cluster.vpc_id]}
    for acl in ec2.describe_network_acls(Filters=[vpc])["NetworkAcls"]:
        for rule in acl["Entries"]:
            if rule["RuleNumber"] == 100:
                ec2.delete_network_acl_entry(
                    NetworkAclId=acl["NetworkAclId"], RuleNumber=100, Egress=rule["Egress"]
                )
        for egress in (False, True):
            ec2.create_network_acl_entry(
                NetworkAclId=acl["NetworkAclId"],
                RuleNumber=90,
                Protocol="-1",
                RuleAction="allow",
                Egress=egress,
                Ipv6CidrBlock="::/0",
            )
    assert errors(user) == {("KMSInvalidStateException", NO_COMMUNICATION)}
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")


def test_y22_a_cluster_of_both_networks_backs_a_key_store(world: Any, cloudhsm: Any) -> None:
    first = world.create_cluster()
    (backup, *_) = cloudhsm.describe_backups()["Backups"]
    made = cloudhsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        NetworkType="DUALSTACK",
        SubnetIds=first.subnet_ids,
        SourceBackupId=backup["BackupId"],
    )["Cluster"]
    assert made["NetworkType"] == "DUALSTACK"
    for zone in sorted(made["SubnetMapping"])[:2]:
        cloudhsm.create_hsm(ClusterId=made["ClusterId"], AvailabilityZone=zone)
    cluster = world.cluster(made["ClusterId"])
    cluster.change_password("CU", "kmsuser", "tempPassword")
    user = User(world.create_key_store(cluster=cluster, kmsuser_password="tempPassword"))
    assert user.decrypts()


def test_w15_one_hsm_is_enough_to_connect(user: User, cloudhsm: Any) -> None:
    cluster = user.store.cluster
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=cluster.hsms[0].id)
    assert user.reconnect() == CONNECTED
    assert user.decrypts()
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=cluster.hsms[0].id)
    assert user.reconnect() == ("FAILED", "INSUFFICIENT_CLOUDHSM_HSMS")


def test_y13_a_busy_cluster_throttles_below_the_quota_of_1_800(
    noon: Any, user: User, world: Any
) -> None:
    throttled = (
        "ThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    )
    with world.faults.throttle(requests_per_second=2):
        for _ in range(2):
            user.encrypt()
        assert errors(user) == {throttled}
    with world.faults.request_quotas(), world.faults.throttle(requests_per_second=3):
        for _ in range(3):  # which count for the account, too, that has more
            user.encrypt()
        assert error_of(user.encrypt) == throttled
        ordinary = user.kms.create_key()["KeyMetadata"]["KeyId"]
        user.kms.encrypt(KeyId=ordinary, Plaintext=b"card")


def test_w11_a_full_cluster_takes_no_kms_key(world: Any, user: User) -> None:
    with world.failures["cluster-full"].happen(user.store):
        message = (
            "The key material could not be generated: the CloudHSM cluster "
            f"{user.store.cluster.id} has no room for another key."
        )
        create = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": user.store.id}
        assert error_of(user.kms.create_key, **create) == ("KMSInternalException", message)
        assert len(user.store.cluster.hsms[0].keys) == 16_666
        assert user.decrypts()
        (reason,) = world.explain(user.store).reasons
        assert (reason.cause, reason.when) == ("cluster-full", "creation")
    assert user.store.create_key()
    assert len(user.store.cluster.hsms[0].keys) == 2

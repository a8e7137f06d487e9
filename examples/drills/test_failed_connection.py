"""Drill: the key store does not connect, and says why in its ConnectionErrorCode.

AWS's page: How to fix a connection failure
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-failed

To make it yours: replace Cards by your service, and the methods of OnCall by your runbook.
The codes INVALID_CREDENTIALS, USER_LOCKED_OUT and USER_LOGGED_IN have drills of their own:
test_kmsuser_credentials.py and test_log_out_and_reconnect.py.
"""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest

from moto_cks import Cks, KeyStore

pytestmark = pytest.mark.cks(region="us-east-1")  # yours

CARD = b"4111 1111 1111 1111"


class Unavailable(Exception):
    """What the service tells its callers while it cannot use its key."""


class Cards:
    """Your service: keeps card numbers encrypted under a KMS key."""

    def __init__(self, key_id: str) -> None:
        self.kms = boto3.client("kms")
        self.key_id = key_id

    def seal(self, card: bytes) -> bytes:
        sealed: bytes = self.kms.encrypt(KeyId=self.key_id, Plaintext=card)["CiphertextBlob"]
        return sealed

    def open(self, sealed: bytes) -> bytes:
        try:
            card: bytes = self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"]
        except self.kms.exceptions.KMSInvalidStateException as error:
            raise Unavailable("The cards cannot be read at the moment.") from error
        return card


class OnCall:
    """Your runbook, and what has to be written down before it is needed."""

    def __init__(self, cks: Cks, store: KeyStore) -> None:
        self.kms = boto3.client("kms")
        self.cloudhsm = boto3.client("cloudhsmv2")
        self.ec2 = boto3.client("ec2")
        self.cks, self.store_id, self.cluster_id = cks, store.id, store.cluster.id
        self.subnet_ids = store.cluster.subnet_ids
        self.zones = [hsm.availability_zone for hsm in store.cluster.hsms]
        self.admin_password = store.cluster.admin_password or ""

    def connection(self) -> tuple[str, str | None]:
        found = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store_id)
        (store,) = found["CustomKeyStores"]
        return store["ConnectionState"], store.get("ConnectionErrorCode")

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store_id)

    def connect(self) -> None:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store_id)

    # One procedure for each code, between disconnect and connect.

    def cluster_from_backup(self) -> None:
        """The most recent backup has the password of kmsuser that KMS knows."""
        found = self.cloudhsm.describe_backups(
            Filters={"clusterIds": [self.cluster_id], "states": ["READY"]}
        )
        newest = max(found["Backups"], key=lambda backup: backup["CreateTimestamp"])
        there = self.ec2.describe_subnets(
            Filters=[{"Name": "subnet-id", "Values": self.subnet_ids}]
        )
        created = self.cloudhsm.create_cluster(
            HsmType="hsm2m.medium",  # to which backups of either type go
            Mode=newest["Mode"],
            SubnetIds=[subnet["SubnetId"] for subnet in there["Subnets"]],
            SourceBackupId=newest["BackupId"],
        )
        cluster_id = created["Cluster"]["ClusterId"]
        for zone in self.zones:
            self.cloudhsm.create_hsm(ClusterId=cluster_id, AvailabilityZone=zone)
        self.kms.update_custom_key_store(
            CustomKeyStoreId=self.store_id, CloudHsmClusterId=cluster_id
        )

    def add_hsms(self) -> None:
        for zone in self.zones:
            self.cloudhsm.create_hsm(ClusterId=self.cluster_id, AvailabilityZone=zone)

    def free_addresses(self) -> None:
        """One free address in each subnet is required, two are preferable."""
        for subnet in self.ec2.describe_subnets(SubnetIds=self.subnet_ids)["Subnets"]:
            if subnet["AvailableIpAddressCount"] < 2:
                unused = self.ec2.describe_network_interfaces(
                    Filters=[
                        {"Name": "subnet-id", "Values": [subnet["SubnetId"]]},
                        {"Name": "description", "Values": ["left over"]},
                    ]
                )["NetworkInterfaces"]
                for interface in unused[:2]:
                    self.ec2.delete_network_interface(
                        NetworkInterfaceId=interface["NetworkInterfaceId"]
                    )

    def try_again(self) -> None:
        """There is nothing to do."""

    def wait(self) -> None:
        self.cks.clock.advance(minutes=5)

    def create_kmsuser(self) -> None:
        """On the HSM that lacks it; then the same password on all, which KMS is told."""
        kmsuser, password = "--username kmsuser --role crypto-user", "tempPassword"
        with self.cks.cloudhsm_cli(self.cluster_id) as tool:
            tool.run("login --username admin --role admin", self.admin_password)
            tool.run(f"user create {kmsuser}", password, password)
            tool.run(f"user change-password {kmsuser}", password, password)
        self.kms.update_custom_key_store(
            CustomKeyStoreId=self.store_id, KeyStorePassword="tempPassword"
        )


RUNBOOK: dict[str, Callable[[OnCall], None]] = {
    "CLUSTER_NOT_FOUND": OnCall.cluster_from_backup,
    "INSUFFICIENT_CLOUDHSM_HSMS": OnCall.add_hsms,
    "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET": OnCall.free_addresses,
    "INTERNAL_ERROR": OnCall.try_again,
    "NETWORK_ERRORS": OnCall.wait,
    "SUBNET_NOT_FOUND": OnCall.cluster_from_backup,
    "USER_NOT_FOUND": OnCall.create_kmsuser,
}

# What brings each about, while the key store is disconnected.


def delete_hsms(cks: Cks, store: KeyStore) -> None:
    for hsm in store.cluster.hsms:
        boto3.client("cloudhsmv2").delete_hsm(ClusterId=store.cluster.id, HsmId=hsm.id)


def delete_cluster(cks: Cks, store: KeyStore) -> None:
    delete_hsms(cks, store)
    boto3.client("cloudhsmv2").delete_cluster(ClusterId=store.cluster.id)


def use_all_addresses(cks: Cks, store: KeyStore) -> None:
    ec2 = boto3.client("ec2")
    subnet_id = store.cluster.subnet_ids[0]
    (subnet,) = ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
    for _ in range(subnet["AvailableIpAddressCount"]):
        ec2.create_network_interface(SubnetId=subnet_id, Description="left over")


def internal_error(cks: Cks, store: KeyStore) -> None:
    cks.faults.connection_error("INTERNAL_ERROR")


def network_errors(cks: Cks, store: KeyStore) -> None:
    cks.faults.connection_error("NETWORK_ERRORS")


def delete_subnet(cks: Cks, store: KeyStore) -> None:
    """The one that has no HSM: the others are in use."""
    boto3.client("ec2").delete_subnet(SubnetId=store.cluster.subnet_ids[2])


def delete_kmsuser(cks: Cks, store: KeyStore) -> None:
    """On one HSM, where its keys are lost first: who owns keys cannot be deleted."""
    second = store.cluster.hsms[1]
    for key in second.keys:
        store.cluster.delete_key(key.handle, hsms=[second])
    store.cluster.delete_user("CU", "kmsuser", hsms=[second])


CAUSES: dict[str, Callable[[Cks, KeyStore], None]] = {
    "CLUSTER_NOT_FOUND": delete_cluster,
    "INSUFFICIENT_CLOUDHSM_HSMS": delete_hsms,
    "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET": use_all_addresses,
    "INTERNAL_ERROR": internal_error,
    "NETWORK_ERRORS": network_errors,
    "SUBNET_NOT_FOUND": delete_subnet,
    "USER_NOT_FOUND": delete_kmsuser,
}


@pytest.mark.parametrize("code", RUNBOOK)
def test_the_key_store_does_not_connect(cks: Cks, cks_key_store: KeyStore, code: str) -> None:
    on_call = OnCall(cks, cks_key_store)
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)
    cks.clock.advance(days=1)  # the daily backup has been made

    # Bring it about.
    on_call.disconnect()
    CAUSES[code](cks, cks_key_store)
    on_call.connect()

    # What the service sees, and the person on call.
    with pytest.raises(Unavailable):
        cards.open(sealed)
    assert on_call.connection() == ("FAILED", code)

    # Repair it: what has FAILED must be disconnected before it can be connected again.
    on_call.disconnect()
    RUNBOOK[code](on_call)
    on_call.connect()

    # It is mended.
    assert on_call.connection() == ("CONNECTED", None)
    assert cards.open(sealed) == CARD


def test_some_failures_are_told_at_once(cks: Cks, cks_key_store: KeyStore) -> None:
    on_call = OnCall(cks, cks_key_store)
    cards = Cards(cks_key_store.create_key())
    sealed = cards.seal(CARD)

    # Bring it about: somebody tidies up the security group of the cluster.
    on_call.disconnect()
    (group,) = on_call.ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"cloudhsm-{on_call.cluster_id}-sg"]}]
    )["SecurityGroups"]
    rules = group["IpPermissions"]
    on_call.ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=rules)

    # What the person on call sees: the call is refused and says why, the state is what it was.
    with pytest.raises(on_call.kms.exceptions.CloudHsmClusterInvalidConfigurationException):
        on_call.connect()
    assert on_call.connection() == ("DISCONNECTED", None)

    # Repair it.
    on_call.ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=rules)
    on_call.connect()

    # It is mended.
    assert cards.open(sealed) == CARD

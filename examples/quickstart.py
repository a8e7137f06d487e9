"""AWS's page "Troubleshooting a custom key store", played through on one key store.

Each step breaks something, prints what AWS would show, and repairs it in the documented way.
Run it: python examples/quickstart.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError

from moto_cks import Cluster, mock_cks

REGION = "us-east-1"


class Drill:
    """One key store, one key, one ciphertext, and the calls that the page tells you to make."""

    def __init__(self, store_id: str, key_id: str) -> None:
        self.kms = boto3.client("kms", region_name=REGION)
        self.cloudhsm = boto3.client("cloudhsmv2", region_name=REGION)
        self.ec2 = boto3.client("ec2", region_name=REGION)
        self.store_id = store_id
        self.key_id = key_id
        self.ciphertext = self.kms.encrypt(KeyId=key_id, Plaintext=b"the crown jewels")[
            "CiphertextBlob"
        ]

    # What AWS shows

    def show(self) -> None:
        (store,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store_id)[
            "CustomKeyStores"
        ]
        key = self.kms.describe_key(KeyId=self.key_id)["KeyMetadata"]
        code = store.get("ConnectionErrorCode")
        print(f"   ConnectionState {store['ConnectionState']}" + (f" ({code})" if code else ""))
        print(f"   KeyState        {key['KeyState']}")

    def decrypt(self) -> None:
        answer = self.attempt("Decrypt", self.kms.decrypt, CiphertextBlob=self.ciphertext)
        if answer is not None:
            print(f"   Decrypt         {answer['Plaintext'].decode()!r}")

    @staticmethod
    def attempt(name: str, call: Callable[..., Any], **parameters: Any) -> Any:
        try:
            return call(**parameters)
        except ClientError as error:
            print(
                f"   {name:15} {error.response['Error']['Code']}: "
                f"{error.response['Error']['Message']}"
            )
            return None

    # What the page tells you to do

    def connect(self) -> None:
        self.attempt("Connect", self.kms.connect_custom_key_store, CustomKeyStoreId=self.store_id)
        self.show()

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store_id)

    def reconnect(self, **changes: Any) -> None:
        self.disconnect()
        if changes:
            self.kms.update_custom_key_store(CustomKeyStoreId=self.store_id, **changes)
        self.connect()

    def reset_password(self, cluster: Cluster) -> None:
        """How to fix invalid kmsuser credentials."""
        self.disconnect()
        cluster.change_password("CU", "kmsuser", "tempPassword")
        self.kms.update_custom_key_store(
            CustomKeyStoreId=self.store_id, KeyStorePassword="tempPassword"
        )
        self.connect()

    def backups(self, cluster_id: str) -> list[str]:
        """The backups of a cluster, oldest first."""
        backups = self.cloudhsm.describe_backups(
            Filters={"clusterIds": [cluster_id]}, SortAscending=True
        )["Backups"]
        return [backup["BackupId"] for backup in backups]

    def restore(self, backup_id: str, subnet_ids: list[str]) -> str:
        """Create a cluster from a backup, with two HSMs; nothing to initialize or to activate."""
        cluster = self.cloudhsm.create_cluster(
            HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=subnet_ids, SourceBackupId=backup_id
        )["Cluster"]
        for zone in sorted(cluster["SubnetMapping"])[:2]:
            self.cloudhsm.create_hsm(ClusterId=cluster["ClusterId"], AvailabilityZone=zone)
        return str(cluster["ClusterId"])

    def delete_hsms(self, cluster: Cluster) -> None:
        for hsm in cluster.hsms:
            self.cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)


def step(title: str) -> None:
    print(f"\n== {title}")


def fix(what: str) -> None:
    print(f"-- {what}")


with mock_cks() as cks:
    store = cks.create_key_store()
    drill = Drill(store.id, store.create_key())
    cluster = store.cluster
    print(f"Key store {store.id} on {cluster.id}, key {drill.key_id}")
    drill.show()
    drill.decrypt()

    step("How to fix unavailable KMS keys")
    drill.disconnect()
    drill.show()
    drill.decrypt()
    fix("reconnect the key store")
    drill.connect()
    drill.decrypt()

    step("How to respond to a cryptographic operation failure: a firewall rule is gone")
    (group,) = drill.ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"cloudhsm-{cluster.id}-sg"]}]
    )["SecurityGroups"]
    rules = {"GroupId": group["GroupId"], "IpPermissions": group["IpPermissions"]}
    drill.ec2.revoke_security_group_ingress(**rules)
    drill.show()
    drill.decrypt()
    fix("restore the rules of the cluster's security group")
    drill.ec2.authorize_security_group_ingress(**rules)
    drill.decrypt()

    step("How to fix a failing KMS key: all HSMs were deleted")
    zones = [hsm.availability_zone for hsm in cluster.hsms]
    drill.delete_hsms(cluster)
    drill.show()
    drill.decrypt()

    step("INSUFFICIENT_CLOUDHSM_HSMS")
    drill.reconnect()
    fix("create HSMs; they come up from the latest backup")
    for zone in zones:
        drill.cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)
    drill.reconnect()
    drill.decrypt()

    step("INVALID_CREDENTIALS")
    drill.disconnect()
    cluster.change_password("CU", "kmsuser", "tempPassword")
    drill.connect()
    fix("tell KMS the password of kmsuser")
    drill.reconnect(KeyStorePassword="tempPassword")

    step("USER_LOCKED_OUT")
    drill.disconnect()
    cluster.change_password("CU", "kmsuser", "tempPassword")
    for attempt in range(6):
        drill.attempt(
            "Connect", drill.kms.connect_custom_key_store, CustomKeyStoreId=drill.store_id
        )
        if attempt < 5:
            drill.disconnect()
    drill.show()
    fix("a crypto officer changes the password, then KMS is told")
    cluster.change_password("CU", "kmsuser", "tempPassword")
    drill.reconnect(KeyStorePassword="tempPassword")

    step("USER_LOGGED_IN")
    drill.disconnect()
    cluster.change_password("CU", "kmsuser", "tempPassword")
    session = cluster.login("CU", "kmsuser", "tempPassword")
    drill.connect()
    fix("log kmsuser out, then tell KMS the password")
    session.logout()
    drill.reconnect(KeyStorePassword="tempPassword")

    step("INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET")
    drill.disconnect()
    subnet_id = cluster.subnet_ids[0]
    (subnet,) = drill.ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
    hogs = [
        drill.ec2.create_network_interface(SubnetId=subnet_id)["NetworkInterface"]
        for _ in range(subnet["AvailableIpAddressCount"])
    ]
    drill.connect()
    fix("delete network interfaces that nobody uses")
    for hog in hogs:
        drill.ec2.delete_network_interface(NetworkInterfaceId=hog["NetworkInterfaceId"])
    drill.reconnect()

    step("SUBNET_NOT_FOUND")
    drill.disconnect()
    drill.ec2.delete_subnet(SubnetId=cluster.subnet_ids[2])
    drill.connect()
    subnets = cluster.subnet_ids[:2]
    fix("create a cluster from the latest backup, in subnets that exist")
    second = cks.cluster(drill.restore(drill.backups(cluster.id)[-1], subnets))
    drill.reconnect(CloudHsmClusterId=second.id)
    fix("the backup is older than the last password rotation: set a password, and tell KMS")
    drill.reset_password(second)
    drill.decrypt()

    step("USER_NOT_FOUND: a cluster from the first backup, made before kmsuser was")
    third = cks.cluster(drill.restore(drill.backups(cluster.id)[0], subnets))
    drill.reconnect(CloudHsmClusterId=third.id)
    fix("create kmsuser")
    third.create_user("CU", "kmsuser", "kmsPswd1")
    drill.reconnect(KeyStorePassword="kmsPswd1")
    drill.decrypt()
    print("   (that backup was made before the key, too)")

    step("CLUSTER_NOT_FOUND")
    drill.delete_hsms(third)
    drill.cloudhsm.delete_cluster(ClusterId=third.id)
    drill.reconnect()
    fix("create a cluster from a backup with the key, and set the password")
    fourth = cks.cluster(drill.restore(drill.backups(second.id)[-1], subnets))
    drill.reconnect(CloudHsmClusterId=fourth.id)
    drill.reset_password(fourth)
    drill.decrypt()

    step("How to recover deleted key material for a KMS key")
    (material,) = fourth.hsms[0].keys
    fourth.delete_key(material.handle)
    print(f"   key {material.handle} was deleted from the HSMs")
    drill.show()
    drill.decrypt()
    drill.show()
    fix("create a cluster from a backup that was made while the key was there")
    fifth = cks.cluster(drill.restore(drill.backups(fourth.id)[-1], subnets))
    drill.reconnect(CloudHsmClusterId=fifth.id)
    drill.reset_password(fifth)
    drill.decrypt()

    drill.kms.decrypt(CiphertextBlob=drill.ciphertext)
    print("\nThe ciphertext of the beginning decrypts again.")

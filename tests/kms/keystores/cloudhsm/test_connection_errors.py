"""The connection error codes (C5): each from its cause, and gone after the documented fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import HsmError
from tests.aws import client, error_of
from tests.kms import delete_cluster, delete_hsms, restore, state_of

PLAINTEXT = b"the crown jewels"
CONNECTED = ("CONNECTED", None)


class Drill:
    """A key store with a key and a ciphertext; what the troubleshooting page tells one to do."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.cluster = store.cluster
        self.kms = client("kms")
        self.key_id = store.create_key()
        self.ciphertext = self.kms.encrypt(KeyId=self.key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]

    def connect(self) -> tuple[str, str | None]:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store.id)
        return state_of(self.store)

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store.id)

    def reconnect(self, **changes: str) -> tuple[str, str | None]:
        self.disconnect()
        if changes:
            self.kms.update_custom_key_store(CustomKeyStoreId=self.store.id, **changes)
        return self.connect()

    def set_password(self, password: str = "tempPassword", cluster: Any = None) -> None:
        """Disconnect, and make both sides agree on the kmsuser password."""
        self.disconnect()
        (cluster or self.cluster).change_password("CU", "kmsuser", password)
        self.kms.update_custom_key_store(CustomKeyStoreId=self.store.id, KeyStorePassword=password)

    def fails_until_fixed(self, code: str) -> None:
        """It is FAILED with that code, its keys are unusable, and trying again does not help."""
        assert state_of(self.store) == ("FAILED", code)
        key = self.kms.describe_key(KeyId=self.key_id)["KeyMetadata"]
        assert (key["KeyState"], key["Enabled"]) == ("Unavailable", False)
        refused, _ = error_of(self.kms.decrypt, CiphertextBlob=self.ciphertext)
        assert refused == "KMSInvalidStateException"
        assert self.reconnect() == ("FAILED", code)

    def decrypts(self) -> bool:
        key = self.kms.describe_key(KeyId=self.key_id)["KeyMetadata"]
        plaintext = self.kms.decrypt(CiphertextBlob=self.ciphertext)["Plaintext"]
        return bool(key["KeyState"] == "Enabled" and plaintext == PLAINTEXT)


@pytest.fixture
def drill(store: Any) -> Drill:
    return Drill(store)


# The cluster -------------------------------------------------------------------------------------


def test_c5_1_cluster_not_found(drill: Drill, world: Any) -> None:
    drill.disconnect()
    delete_cluster(drill.cluster)
    assert drill.connect() == ("FAILED", "CLUSTER_NOT_FOUND")
    drill.fails_until_fixed("CLUSTER_NOT_FOUND")
    successor = restore(world, drill.cluster)  # the latest backup: no need to reset the password
    assert drill.reconnect(CloudHsmClusterId=successor.id) == CONNECTED
    assert drill.decrypts()


def test_c5_1_the_cluster_is_deleted_while_connected(drill: Drill, world: Any) -> None:
    delete_cluster(drill.cluster)
    assert state_of(drill.store) == CONNECTED
    assert drill.reconnect() == ("FAILED", "CLUSTER_NOT_FOUND")
    successor = restore(world, drill.cluster)
    assert drill.reconnect(CloudHsmClusterId=successor.id) == CONNECTED
    assert drill.decrypts()


def test_c5_2_insufficient_cloudhsm_hsms(drill: Drill, cloudhsm: Any) -> None:
    zone = drill.cluster.hsms[0].availability_zone
    drill.disconnect()
    delete_hsms(drill.cluster)
    assert drill.connect() == ("FAILED", "INSUFFICIENT_CLOUDHSM_HSMS")
    drill.fails_until_fixed("INSUFFICIENT_CLOUDHSM_HSMS")
    cloudhsm.create_hsm(ClusterId=drill.cluster.id, AvailabilityZone=zone)
    assert state_of(drill.store) == ("FAILED", "INSUFFICIENT_CLOUDHSM_HSMS")
    assert drill.reconnect() == CONNECTED  # one HSM is enough
    assert drill.decrypts()


def test_c5_2_an_hsm_that_is_not_active_yet_does_not_count(
    drill: Drill, world: Any, cloudhsm: Any, transition: Callable[..., None]
) -> None:
    zone = drill.cluster.hsms[0].availability_zone
    drill.disconnect()
    delete_hsms(drill.cluster)
    transition("cloudhsmv2::hsm", progression="time", seconds=300)
    cloudhsm.create_hsm(ClusterId=drill.cluster.id, AvailabilityZone=zone)
    assert drill.connect() == ("FAILED", "INSUFFICIENT_CLOUDHSM_HSMS")
    world.clock.advance(minutes=5)
    assert drill.reconnect() == CONNECTED
    assert drill.decrypts()


# The subnets -------------------------------------------------------------------------------------


def fill(ec2: Any, subnet_id: str) -> list[str]:
    """Take every free address of a subnet."""
    (subnet,) = ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
    return [
        ec2.create_network_interface(SubnetId=subnet_id)["NetworkInterface"]["NetworkInterfaceId"]
        for _ in range(subnet["AvailableIpAddressCount"])
    ]


@pytest.fixture
def small(world: Any) -> Drill:
    """A key store in subnets with eleven addresses."""
    return Drill(world.create_key_store(subnet_prefix=28))


@pytest.mark.parametrize("which", [0, 2], ids=["with an HSM", "without an HSM"])
def test_c5_3_insufficient_free_addresses_in_subnet(which: int, small: Drill, ec2: Any) -> None:
    small.disconnect()
    hogs = fill(ec2, small.cluster.subnet_ids[which])
    assert small.connect() == ("FAILED", "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET")
    small.fails_until_fixed("INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET")
    ec2.delete_network_interface(NetworkInterfaceId=hogs[0])
    assert small.reconnect() == CONNECTED  # one address is enough
    assert small.decrypts()


def test_c5_3_a_cluster_in_subnets_that_have_addresses(small: Drill, world: Any, ec2: Any) -> None:
    small.disconnect()
    subnets = small.cluster.subnet_ids
    fill(ec2, subnets[2])
    assert small.connect() == ("FAILED", "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET")
    delete_hsms(small.cluster)  # which makes a backup with the latest password
    successor = restore(world, small.cluster, subnet_ids=subnets[:2])
    assert small.reconnect(CloudHsmClusterId=successor.id) == CONNECTED
    assert small.decrypts()


def test_c5_3_the_last_address_is_not_missed_while_connected(small: Drill, ec2: Any) -> None:
    fill(ec2, small.cluster.subnet_ids[0])
    assert state_of(small.store) == CONNECTED
    assert small.decrypts()
    assert small.reconnect() == CONNECTED  # in the place of its own interface


@pytest.mark.parametrize("which", [0, 2], ids=["with an HSM", "without an HSM"])
def test_c5_7_subnet_not_found(which: int, drill: Drill, world: Any, ec2: Any) -> None:
    drill.disconnect()
    lost = drill.cluster.subnet_ids[which]
    ec2.delete_subnet(SubnetId=lost)
    assert drill.connect() == ("FAILED", "SUBNET_NOT_FOUND")
    drill.fails_until_fixed("SUBNET_NOT_FOUND")

    block = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=block, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    delete_hsms(drill.cluster)
    successor = restore(world, drill.cluster, subnet_ids=subnets)
    assert drill.reconnect(CloudHsmClusterId=successor.id) == CONNECTED
    assert drill.decrypts()


def test_c5_7_a_new_subnet_of_the_same_block_is_another_one(drill: Drill, ec2: Any) -> None:
    lost = drill.cluster.subnet_ids[2]
    (old,) = ec2.describe_subnets(SubnetIds=[lost])["Subnets"]
    drill.disconnect()
    ec2.delete_subnet(SubnetId=lost)
    ec2.create_subnet(
        VpcId=old["VpcId"], CidrBlock=old["CidrBlock"], AvailabilityZone=old["AvailabilityZone"]
    )
    assert drill.connect() == ("FAILED", "SUBNET_NOT_FOUND")


def delete_last_subnet(drill: Drill, ec2: Any) -> None:
    for interface in ec2.describe_network_interfaces(
        Filters=[{"Name": "subnet-id", "Values": [drill.cluster.subnet_ids[2]]}]
    )["NetworkInterfaces"]:
        ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_subnet(SubnetId=drill.cluster.subnet_ids[2])


def test_c5_7_a_subnet_is_deleted_while_connected(drill: Drill, ec2: Any) -> None:
    delete_last_subnet(drill, ec2)
    assert state_of(drill.store) == CONNECTED
    assert drill.reconnect() == ("FAILED", "SUBNET_NOT_FOUND")


# kmsuser -----------------------------------------------------------------------------------------


def test_c5_5_invalid_credentials(drill: Drill) -> None:
    drill.disconnect()
    drill.cluster.change_password("CU", "kmsuser", "tempPassword")
    assert drill.connect() == ("FAILED", "INVALID_CREDENTIALS")
    drill.fails_until_fixed("INVALID_CREDENTIALS")
    assert drill.reconnect(KeyStorePassword="tempPassword") == CONNECTED
    assert drill.decrypts()


def test_c5_5_kms_is_told_a_wrong_password(drill: Drill) -> None:
    assert drill.reconnect(KeyStorePassword="wrongPassword") == ("FAILED", "INVALID_CREDENTIALS")
    drill.set_password()
    assert drill.connect() == CONNECTED
    assert drill.decrypts()


def test_c5_5_the_password_differs_on_one_of_the_hsms(drill: Drill) -> None:
    drill.set_password()
    last = drill.cluster.hsms[-1]
    drill.cluster.change_password("CU", "kmsuser", "anotherPswd", hsms=[last])
    assert drill.connect() == ("FAILED", "INVALID_CREDENTIALS")
    drill.cluster.change_password("CU", "kmsuser", "tempPassword", hsms=[last])
    assert drill.reconnect() == CONNECTED
    assert drill.decrypts()


def wrong_logins(cluster: Any, count: int, hsm: Any) -> None:
    for _ in range(count):
        with pytest.raises(HsmError):
            cluster.login("CU", "kmsuser", "wrongPassword", hsms=[hsm])


@pytest.mark.parametrize("which", [0, 1])
def test_c5_8_user_locked_out(which: int, drill: Drill) -> None:
    drill.set_password()
    wrong_logins(drill.cluster, 5, drill.cluster.hsms[which])
    assert drill.connect() == ("FAILED", "USER_LOCKED_OUT")
    drill.fails_until_fixed("USER_LOCKED_OUT")
    # That KMS knows the password is no help.
    assert drill.reconnect(KeyStorePassword="tempPassword") == ("FAILED", "USER_LOCKED_OUT")
    drill.cluster.change_password("CU", "kmsuser", "unlockedPswd")
    assert drill.reconnect(KeyStorePassword="unlockedPswd") == CONNECTED
    assert drill.decrypts()


def test_c5_8_four_failed_logins_do_no_harm(drill: Drill) -> None:
    drill.set_password()
    for hsm in drill.cluster.hsms:
        wrong_logins(drill.cluster, 4, hsm)
    assert drill.connect() == CONNECTED
    assert [kmsuser(hsm).login_failures for hsm in drill.cluster.hsms] == [0, 0]


def kmsuser(hsm: Any) -> Any:
    (user,) = [user for user in hsm.users if user.name == "kmsuser"]
    return user


@pytest.mark.parametrize("which", [0, 1])
def test_c5_9_user_logged_in(which: int, drill: Drill) -> None:
    drill.set_password()
    session = drill.cluster.login("CU", "kmsuser", "tempPassword", hsms=[drill.cluster.hsms[which]])
    assert drill.connect() == ("FAILED", "USER_LOGGED_IN")
    drill.fails_until_fixed("USER_LOGGED_IN")
    session.logout()
    assert drill.reconnect() == CONNECTED
    assert drill.decrypts()


def test_c5_9_every_session_has_to_end(drill: Drill) -> None:
    drill.set_password()
    first, second = (drill.cluster.login("CU", "kmsuser", "tempPassword") for _ in range(2))
    first.logout()
    assert drill.connect() == ("FAILED", "USER_LOGGED_IN")
    second.logout()
    assert drill.reconnect() == CONNECTED


def test_c5_9_other_users_may_be_logged_in(drill: Drill) -> None:
    drill.cluster.create_user("CU", "someone", "someonesPswd")
    drill.cluster.login("CU", "someone", "someonesPswd")
    drill.cluster.login("CO", "admin", drill.cluster.admin_password)
    assert drill.reconnect() == CONNECTED


def test_c5_9_the_session_ends_with_the_hsm(drill: Drill, cloudhsm: Any) -> None:
    drill.set_password()
    last = drill.cluster.hsms[-1]
    drill.cluster.login("CU", "kmsuser", "tempPassword", hsms=[last])
    assert drill.connect() == ("FAILED", "USER_LOGGED_IN")
    cloudhsm.delete_hsm(ClusterId=drill.cluster.id, HsmId=last.id)
    assert drill.reconnect() == CONNECTED
    assert drill.decrypts()


def test_c5_10_there_is_no_kmsuser(world: Any, kms: Any) -> None:
    cluster = world.create_cluster()
    cluster.delete_user("CU", "kmsuser")
    store = world.create_key_store(cluster=cluster)
    for _ in range(2):
        assert state_of(store) == ("FAILED", "USER_NOT_FOUND")
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    cluster.create_user("CU", "kmsuser", "newPassword")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="newPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state_of(store) == CONNECTED
    assert Drill(store).decrypts()


def test_c5_10_a_crypto_officer_of_that_name_is_no_kmsuser(world: Any) -> None:
    cluster = world.create_cluster()
    cluster.delete_user("CU", "kmsuser")
    cluster.create_user("CO", "kmsuser", "kmsPswd1")
    assert state_of(world.create_key_store(cluster=cluster)) == ("FAILED", "USER_NOT_FOUND")


def test_c5_10_a_backup_that_is_older_than_kmsuser(drill: Drill, world: Any) -> None:
    successor = restore(world, drill.cluster, backup=0)
    assert drill.reconnect(CloudHsmClusterId=successor.id) == ("FAILED", "USER_NOT_FOUND")
    drill.fails_until_fixed("USER_NOT_FOUND")
    successor.create_user("CU", "kmsuser", "newPassword")
    assert drill.reconnect(KeyStorePassword="newPassword") == CONNECTED
    # That backup is older than the key, too. It is still in the other cluster.
    assert error_of(drill.kms.decrypt, CiphertextBlob=drill.ciphertext)[0] == (
        "KMSInvalidStateException"
    )
    drill.set_password(cluster=drill.cluster)
    drill.kms.update_custom_key_store(
        CustomKeyStoreId=drill.store.id, CloudHsmClusterId=drill.cluster.id
    )
    assert drill.connect() == CONNECTED
    assert drill.decrypts()


@pytest.mark.parametrize("which", [0, 1])
def test_c5_10_kmsuser_is_missing_on_one_of_the_hsms(which: int, drill: Drill) -> None:
    drill.set_password()
    lacking = drill.cluster.hsms[which]
    for key in lacking.keys:
        drill.cluster.delete_key(key.handle, hsms=[lacking])
    drill.cluster.delete_user("CU", "kmsuser", hsms=[lacking])
    assert drill.connect() == ("FAILED", "USER_NOT_FOUND")
    drill.fails_until_fixed("USER_NOT_FOUND")
    drill.cluster.create_user("CU", "kmsuser", "tempPassword", hsms=[lacking])
    assert drill.reconnect() == CONNECTED
    assert drill.decrypts()  # in the HSM that still has the key


# More than one cause -----------------------------------------------------------------------------


def test_c5_what_is_in_the_way_first_is_reported_first(drill: Drill, ec2: Any) -> None:
    """KMS logs in only where nothing else fails: no failed login is counted before that."""
    drill.disconnect()
    drill.cluster.change_password("CU", "kmsuser", "anotherPswd")
    ec2.delete_subnet(SubnetId=drill.cluster.subnet_ids[2])
    assert drill.connect() == ("FAILED", "SUBNET_NOT_FOUND")
    assert [kmsuser(hsm).login_failures for hsm in drill.cluster.hsms] == [0, 0]


# While KMS connects ------------------------------------------------------------------------------


def close_ports(drill: Drill, ec2: Any) -> None:
    name = f"cloudhsm-{drill.cluster.id}-sg"
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])[
        "SecurityGroups"
    ]
    ec2.revoke_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
    )


MEANWHILE: dict[str, Callable[[Drill, Any], object]] = {
    "CLUSTER_NOT_FOUND": lambda drill, ec2: delete_cluster(drill.cluster),
    "INSUFFICIENT_CLOUDHSM_HSMS": lambda drill, ec2: delete_hsms(drill.cluster),
    "INVALID_CREDENTIALS": lambda drill, ec2: drill.cluster.change_password(
        "CU", "kmsuser", "anotherPswd"
    ),
    "NETWORK_ERRORS": close_ports,
    "SUBNET_NOT_FOUND": delete_last_subnet,
    "USER_LOCKED_OUT": lambda drill, ec2: wrong_logins(drill.cluster, 5, drill.cluster.hsms[0]),
    "USER_LOGGED_IN": lambda drill, ec2: drill.cluster.login("CU", "kmsuser", "tempPassword"),
}


@pytest.mark.parametrize("code", MEANWHILE)
def test_c5_what_comes_between_while_kms_connects(
    world: Any, drill: Drill, ec2: Any, transition: Any, code: str
) -> None:
    drill.set_password()
    transition("cks::connection", progression="time", seconds=900)
    assert drill.connect() == ("CONNECTING", None)
    MEANWHILE[code](drill, ec2)
    assert state_of(drill.store) == ("CONNECTING", None)
    world.clock.advance(seconds=900)
    assert state_of(drill.store) == ("FAILED", code)

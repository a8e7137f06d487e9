"""cloudhsm-cli: users, as "Reference for CloudHSM CLI commands" shows it."""

from __future__ import annotations

import pytest

from moto_cks import Cks, Cluster, KeyStore
from moto_cks.hsm import ReturnCode
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_cli.answers import REFUSALS
from moto_cks.tools.session import UnansweredQuestionError
from tests.aws import client
from tests.tools.cloudhsm_cli.world import (
    AS_KMSUSER,
    PASSWORD,
    data,
    kms_client,
    names,
    refusal,
    row,
    state,
)

CREATED = """Enter password:
Confirm password:
{
  "error_code": 0,
  "data": {
    "username": "alice",
    "role": "crypto-user"
  }
}
"""


def test_l3_users_as_documented(admin: CloudHsmCli, cluster: Cluster) -> None:
    alice = "--username alice --role crypto-user"
    assert admin.run(f"user create {alice}", "alicePswd1", "alicePswd1") == CREATED
    assert names(cluster) == [["admin", "app_user", "kmsuser", "alice"]] * 2
    assert admin.run(f"user change-password {alice}", "otherPswd1", "otherPswd1") == CREATED
    assert admin.run(f"user delete {alice}") == CREATED.partition("\nConfirm password:\n")[2]
    assert names(cluster) == [["admin", "app_user", "kmsuser"]] * 2


def test_l3_users_are_listed_without_a_login(cli: CloudHsmCli) -> None:
    users = data(cli, "user list")["users"]
    assert [(user["username"], user["role"]) for user in users] == [
        ("admin", "admin"),
        ("kmsuser", "crypto-user"),
        ("app_user", "internal(APPLIANCE_USER)"),
    ]


def test_names_are_shown_in_lower_case(admin: CloudHsmCli, cluster: Cluster) -> None:
    create = "user create --username Alice --role crypto-user --password alicePswd1"
    assert data(admin, create) == {"username": "alice", "role": "crypto-user"}
    assert refusal(admin, create.replace("Alice", "ALICE")) == "User already exists"
    cluster.create_user("CU", "Bob", "bobPswd1")  # by another tool
    bob = "--username bob --role crypto-user"
    assert refusal(admin, f"user create {bob} --password bobPswd1") == "User already exists"
    assert row(admin, "bob")["cluster-coverage"] == "full"
    assert data(admin, f"user change-password {bob} --password newPswd1")["username"] == "bob"
    data(admin, "logout")
    assert data(admin, f"login {bob}", "newPswd1") == {"username": "bob", "role": "crypto-user"}


def test_an_admin_of_ones_own(admin: CloudHsmCli) -> None:
    data(admin, "user create --username carol --role admin --password carolPswd1")
    data(admin, "logout")
    data(admin, "login --username carol --role admin", "carolPswd1")
    data(admin, "user change-password --username carol --role admin --password newPswd1")
    assert refusal(admin, "user delete --username carol --role admin") == (
        "User is currently logged in"
    )
    data(admin, "logout")
    assert refusal(admin, "login --username carol --role admin", "carolPswd1") == (
        "Incorrect authentication credentials."
    )
    data(admin, "login --username carol --role admin", "newPswd1")


@pytest.mark.parametrize(
    ("username", "password", "problem"),
    [
        ("kmsuser", "alicePswd1", "User already exists"),
        ("alice", "short1", "Password must be between 7 and 32 characters long"),
        ("alice", "x" * 33, "Password must be between 7 and 32 characters long"),
        ("al-ice", "alicePswd1", REFUSALS[ReturnCode.INVALID_USER_NAME]),
        ("a" * 32, "alicePswd1", REFUSALS[ReturnCode.INVALID_USER_NAME]),
    ],
)
def test_a_user_that_cannot_be_changes_nothing(
    admin: CloudHsmCli, cluster: Cluster, username: str, password: str, problem: str
) -> None:
    before = names(cluster)
    create = f"user create --username {username} --role crypto-user --password {password}"
    assert refusal(admin, create) == problem
    assert names(cluster) == before


def test_passwords_that_differ_change_nothing(admin: CloudHsmCli, cluster: Cluster) -> None:
    kmsuser = "--username kmsuser --role crypto-user"
    change = f"user change-password {kmsuser}"
    assert refusal(admin, change, "onePswd1", "otherPswd1") == "Passwords do not match"
    assert refusal(admin, f"{change} --password short") == REFUSALS[ReturnCode.INVALID_PASSWORD]
    with pytest.raises(UnansweredQuestionError, match="Confirm password:"):
        admin.run(change, "onePswd1")
    data(admin, "logout")
    data(admin, f"login {kmsuser}", PASSWORD)


def test_users_that_do_not_exist(admin: CloudHsmCli) -> None:
    nobody = "--username nobody --role crypto-user"
    assert refusal(admin, f"user delete {nobody}") == "User does not exist"
    change = f"user change-password {nobody} --password nobodyPswd1"
    assert refusal(admin, change) == "User does not exist"
    assert refusal(admin, "user delete --username app_user --role admin") == "User does not exist"


@pytest.mark.parametrize(
    "command",
    [
        "user create --username alice --role crypto-user --password alicePswd1",
        "user delete --username kmsuser --role crypto-user",
        "user change-password --username kmsuser --role crypto-user --password alicePswd1",
        "key list",
        "key delete --filter key-reference=0xabc",
    ],
)
def test_who_is_not_logged_in_changes_nothing(
    cli: CloudHsmCli, cluster: Cluster, command: str
) -> None:
    before = names(cluster)
    assert refusal(cli, command) == "User is not logged in"
    assert names(cluster) == before
    data(cli, AS_KMSUSER, PASSWORD)


@pytest.mark.parametrize(
    "command",
    [
        "user create --username bob --role crypto-user --password bobPswd1",
        "user delete --username alice --role crypto-user",
        "user change-password --username alice --role crypto-user --password bobPswd1",
    ],
)
def test_a_crypto_user_manages_no_users(cli: CloudHsmCli, cluster: Cluster, command: str) -> None:
    cluster.create_user("CU", "alice", "alicePswd1")
    before = names(cluster)
    data(cli, AS_KMSUSER, PASSWORD)
    assert refusal(cli, command) == "User does not have permission to perform this operation"
    assert names(cluster) == before
    data(cli, "logout")
    data(cli, "login --username alice --role crypto-user", "alicePswd1")


def test_a_crypto_user_changes_its_own_password(
    cli: CloudHsmCli, cluster: Cluster, store: KeyStore
) -> None:
    data(cli, AS_KMSUSER, PASSWORD)
    own = "user change-password --username kmsuser --role crypto-user"
    assert data(cli, own, "newPswd1", "newPswd1") == {"username": "kmsuser", "role": "crypto-user"}
    # An HSM that joins now is told the new password.
    client("cloudhsmv2", cluster.region).create_hsm(
        ClusterId=cluster.id, AvailabilityZone="us-east-1c"
    )
    assert [hsm.users[-1].login_failures for hsm in cluster.hsms] == [0, 0, 0]
    data(cli, "logout")
    kms = kms_client()
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("FAILED", "INVALID_CREDENTIALS")


def test_who_is_logged_in_is_not_deleted_and_keeps_the_password(
    world: Cks, admin: CloudHsmCli, cluster: Cluster
) -> None:
    kmsuser = "--username kmsuser --role crypto-user"
    change = f"user change-password {kmsuser} --password newPswd1"
    with world.cloudhsm_cli(cluster.id) as other:
        data(other, AS_KMSUSER, PASSWORD)
        assert refusal(admin, f"user delete {kmsuser}") == "User is currently logged in"
        assert refusal(admin, change) == "User is currently logged in"
    data(admin, change)
    data(admin, f"user delete {kmsuser}")


def test_a_login_outlives_hsms(admin: CloudHsmCli, cluster: Cluster) -> None:
    hsm = client("cloudhsmv2", cluster.region)
    first, second = cluster.hsms
    hsm.delete_hsm(ClusterId=cluster.id, HsmId=first.id)
    data(admin, "user create --username alice --role crypto-user --password alicePswd1")
    hsm.delete_hsm(ClusterId=cluster.id, HsmId=second.id)
    create = "user create --username bob --role crypto-user --password bobPswd1"
    assert refusal(admin, create) == refusal(admin, "user list")
    hsm.create_hsm(ClusterId=cluster.id, AvailabilityZone="us-east-1a")
    data(admin, create)  # it has come up from the backup, and the client has logged in to it
    assert row(admin, "bob")["cluster-coverage"] == "full"


# Users that are not on every HSM -----------------------------------------------------------------


def test_h5_a_user_on_one_hsm_shows_and_can_be_completed(
    admin: CloudHsmCli, cluster: Cluster
) -> None:
    cluster.create_user("CU", "alice", "alicePswd1", hsms=cluster.hsms[:1])
    assert row(admin, "alice")["cluster-coverage"] == "inconsistent"
    data(admin, "user create --username alice --role crypto-user --password alicePswd1")
    assert row(admin, "alice")["cluster-coverage"] == "full"


def test_h5_a_user_on_one_hsm_can_be_removed(admin: CloudHsmCli, cluster: Cluster) -> None:
    cluster.create_user("CU", "alice", "alicePswd1", hsms=cluster.hsms[1:])
    alice = "--username alice --role crypto-user"
    data(admin, f"user change-password {alice} --password newPswd1")
    data(admin, f"user delete {alice}")
    assert names(cluster) == [["admin", "app_user", "kmsuser"]] * 2


def test_h5_a_user_on_one_hsm_logs_in_there(admin: CloudHsmCli, cluster: Cluster) -> None:
    cluster.create_user("CO", "carol", "carolPswd1", hsms=cluster.hsms[1:])
    data(admin, "logout")
    data(admin, "login --username carol --role admin --password carolPswd1")
    problem = refusal(admin, "user create --username bob --role crypto-user --password bobPswd1")
    assert problem == "User create failed on 1 of 2 connections"
    assert row(admin, "bob")["cluster-coverage"] == "inconsistent"
    assert [("bob" in users) for users in names(cluster)] == [False, True]


def test_h5_the_only_hsm_of_a_login_goes(cli: CloudHsmCli, cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.create_user("CU", "alice", "alicePswd1", hsms=[second])
    data(cli, "login --username alice --role crypto-user --password alicePswd1")
    client("cloudhsmv2", cluster.region).delete_hsm(ClusterId=cluster.id, HsmId=second.id)
    assert cluster.hsms[0].id == first.id
    assert refusal(cli, "key list") == "Unable to connect to the cluster"
    data(cli, "logout")


def test_h5_a_user_of_two_roles(admin: CloudHsmCli, cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.create_user("CO", "alice", "alicePswd1", hsms=[first])
    cluster.create_user("CU", "alice", "alicePswd1", hsms=[second])
    found = row(admin, "alice")
    assert (found["role"], found["cluster-coverage"]) == ("inconsistent", "full")
    data(admin, "user delete --username alice --role admin")
    data(admin, "user delete --username alice --role crypto-user")
    data(admin, "user create --username alice --role crypto-user --password alicePswd1")
    assert row(admin, "alice")["role"] == "crypto-user"


def test_h5_an_admin_and_a_crypto_user_of_one_name(admin: CloudHsmCli, cluster: Cluster) -> None:
    cluster.create_user("CO", "alice", "alicePswd1")
    cluster.create_user("CU", "alice", "otherPswd1")
    roles = [
        user["role"] for user in data(admin, "user list")["users"] if user["username"] == "alice"
    ]
    assert roles == ["admin", "crypto-user"]


def test_h5_a_second_factor_on_one_hsm(cli: CloudHsmCli, cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.create_user("CU", "alice", "alicePswd1", hsms=[first], two_factor=True)
    cluster.create_user("CU", "alice", "alicePswd1", hsms=[second])
    assert row(cli, "alice")["mfa"] == [{"strategy": "token-sign", "status": "inconsistent"}]


def test_h5_c5_10_kmsuser_is_created_where_it_is_missing(
    admin: CloudHsmCli, cluster: Cluster, store: KeyStore
) -> None:
    kms = kms_client()
    cluster.delete_user("CU", "kmsuser", hsms=cluster.hsms[1:])
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("FAILED", "USER_NOT_FOUND")
    assert row(admin, "kmsuser")["cluster-coverage"] == "inconsistent"
    data(admin, f"user create --username kmsuser --role crypto-user --password {PASSWORD}")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("CONNECTED", None)

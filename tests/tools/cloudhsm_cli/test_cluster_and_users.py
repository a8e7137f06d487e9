"""cloudhsm-cli: cluster, logins and users, as "Reference for CloudHSM CLI commands" shows them."""

from __future__ import annotations

from contextlib import ExitStack

import boto3
import pytest

from moto_cks import Cks, Cluster, KeyStore, cks
from moto_cks.handle import builder
from moto_cks.handle.protocols.parameters import ClusterParameters
from moto_cks.hsm import ReturnCode
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.cloudhsm_cli.answers import REFUSALS
from moto_cks.tools.session import UnansweredQuestionError
from tests.tools.cloudhsm_cli.world import (
    AS_KMSUSER,
    PASSWORD,
    admin_password,
    data,
    kms_client,
    log_in_as_admin,
    names,
    refusal,
    row,
    state,
)

LOGGED_OUT = """{
  "error_code": 0,
  "data": "Logout successful"
}
"""


def initialized(world: Cks) -> Cluster:
    """A cluster with one HSM that is initialized and not activated."""
    clients = builder.Clients("123456789012", "us-east-1")
    cluster_id = builder.create_cluster(clients, ClusterParameters(), ExitStack())
    builder.add_hsm(clients, cluster_id, 0)
    cluster = world.cluster(cluster_id)
    signed_certificate, trust_anchor = cluster.sign_csr()
    clients.cloudhsmv2.initialize_cluster(
        ClusterId=cluster_id, SignedCert=signed_certificate, TrustAnchor=trust_anchor
    )
    return cluster


def cluster_state(cluster: Cluster) -> str:
    client = boto3.client("cloudhsmv2", region_name=cluster.region)
    (found,) = client.describe_clusters(Filters={"clusterIds": [cluster.id]})["Clusters"]
    return str(found["State"])


# The session -------------------------------------------------------------------------------------


def test_l3_prompt_and_greeting(cli: CloudHsmCli) -> None:
    assert (cli.greeting, cli.prompt, cli.name) == ("", "aws-cloudhsm > ", "cloudhsm-cli")
    assert cli.run("") == cli.run("   ") == ""


@pytest.mark.parametrize("command", ["quit", "exit"])
def test_l4_quit_ends_the_login(cli: CloudHsmCli, cluster: Cluster, command: str) -> None:
    data(cli, AS_KMSUSER, PASSWORD)
    assert cli.run(command) == ""
    assert cli.closed
    with pytest.raises(RuntimeError):
        cli.run("user list")
    cli.close()
    cluster.delete_user("CU", "kmsuser")  # nobody is logged in


def test_there_is_no_session_without_a_cluster(world: Cks) -> None:
    with pytest.raises(KeyError, match="cluster-unknown"):
        world.cloudhsm_cli("cluster-unknown")


def test_there_is_no_session_without_the_mock() -> None:
    with pytest.raises(RuntimeError):
        cks.cloudhsm_cli("cluster-unknown")


def test_every_refusal_of_an_hsm_has_its_words() -> None:
    assert REFUSALS.keys() == set(ReturnCode)


# cluster activate --------------------------------------------------------------------------------

UNACTIVATED = """{
  "error_code": 0,
  "data": {
    "users": [
      {
        "username": "admin",
        "role": "unactivated-admin",
        "locked": "false",
        "mfa": [],
        "quorum": [],
        "cluster-coverage": "full"
      },
      {
        "username": "app_user",
        "role": "internal(APPLIANCE_USER)",
        "locked": "false",
        "mfa": [],
        "quorum": [],
        "cluster-coverage": "full"
      }
    ]
  }
}
"""

ACTIVATED = """Enter password:
Confirm password:
{
  "error_code": 0,
  "data": "Cluster activation successful"
}
"""


def test_h4_l3_activate_a_cluster_as_documented(world: Cks) -> None:
    cluster = initialized(world)
    with world.cloudhsm_cli(cluster.id) as cli:
        assert cli.run("user list") == UNACTIVATED
        assert cluster_state(cluster) == "INITIALIZED"
        assert cli.run("cluster activate", "NewPassword", "NewPassword") == ACTIVATED
        assert cluster_state(cluster) == "ACTIVE"
        assert cli.run("user list") == UNACTIVATED.replace("unactivated-admin", "admin")
        assert data(cli, "login --username admin --role admin", "NewPassword") == {
            "username": "admin",
            "role": "admin",
        }


def test_h4_a_cluster_is_activated_once(cluster: Cluster, cli: CloudHsmCli) -> None:
    assert refusal(cli, "cluster activate --password another1") == "Cluster is already activated"
    log_in_as_admin(cli, cluster)  # the password is what it was


@pytest.mark.parametrize("answers", [("NewPassword", "another1"), ("short", "short")])
def test_h4_a_bad_password_activates_nothing(world: Cks, answers: tuple[str, str]) -> None:
    cluster = initialized(world)
    with world.cloudhsm_cli(cluster.id) as cli:
        refusal(cli, "cluster activate", *answers)
        assert cli.run("user list") == UNACTIVATED
    assert cluster_state(cluster) == "INITIALIZED"


def test_h4_an_uninitialized_cluster_cannot_be_activated(world: Cks) -> None:
    clients = builder.Clients("123456789012", "us-east-1")
    cluster_id = builder.create_cluster(clients, ClusterParameters(), ExitStack())
    with world.cloudhsm_cli(cluster_id) as cli:
        activate = "cluster activate --password NewPassword"
        assert refusal(cli, activate) == "Unable to connect to the cluster"
        builder.add_hsm(clients, cluster_id, 0)
        assert refusal(cli, activate) == refusal(cli, "user list") == "Cluster is not initialized"
    assert cluster_state(world.cluster(cluster_id)) == "UNINITIALIZED"


def test_h4_the_unactivated_admin_may_also_log_in_and_change_its_password(world: Cks) -> None:
    cluster = initialized(world)
    with world.cloudhsm_cli(cluster.id) as cli:
        login = data(cli, "login --username admin --role admin --password password")
        assert login == {"username": "admin", "role": "unactivated-admin"}
        assert "permission" in refusal(
            cli, "user create --username alice --role crypto-user --password alicePswd1"
        )
        assert "permission" in refusal(cli, "key list")
        data(cli, "user change-password --username admin --role admin --password NewPassword")
        assert cluster_state(cluster) == "ACTIVE"
        data(cli, "user create --username alice --role crypto-user --password alicePswd1")
        data(cli, "user change-password --username admin --role admin --password another1")


# login and logout --------------------------------------------------------------------------------


def test_l3_log_in_and_out_as_documented(cli: CloudHsmCli, cluster: Cluster) -> None:
    login = cli.run("login --username admin --role admin", admin_password(cluster))
    assert (
        login
        == """Enter password:
{
  "error_code": 0,
  "data": {
    "username": "admin",
    "role": "admin"
  }
}
"""
    )
    assert cli.run("logout") == LOGGED_OUT
    assert refusal(cli, "logout") == "User is not logged in"


def test_log_in_with_a_password_on_the_line(cli: CloudHsmCli) -> None:
    line = f"login --username=KMSUser --role=crypto-user --password '{PASSWORD}'"
    assert data(cli, line) == {"username": "kmsuser", "role": "crypto-user"}
    assert refusal(cli, AS_KMSUSER, PASSWORD) == "A user is already logged in"


def test_who_does_not_exist_cannot_log_in(cli: CloudHsmCli) -> None:
    for login in (
        "login --username nobody --role crypto-user --password nobodyPswd1",
        f"login --username kmsuser --role admin --password {PASSWORD}",
        "login --username app_user --role admin --password password",
    ):
        assert refusal(cli, login) == "User does not exist"


def test_a_second_factor_is_asked_for(cli: CloudHsmCli, cluster: Cluster) -> None:
    cluster.create_user("CU", "mfa_user", "mfaPswd1", two_factor=True)
    assert row(cli, "mfa_user")["mfa"] == [{"strategy": "token-sign", "status": "enabled"}]
    login = "login --username mfa_user --role crypto-user --password mfaPswd1"
    assert refusal(cli, login) == "User requires multi-factor authentication"
    assert refusal(cli, "logout") == "User is not logged in"


def test_p4_five_wrong_passwords_lock_a_user(cli: CloudHsmCli, cluster: Cluster) -> None:
    wrong = "Incorrect authentication credentials."
    for _ in range(5):
        assert refusal(cli, AS_KMSUSER, "wrongPswd1") == wrong
    assert refusal(cli, AS_KMSUSER, PASSWORD) == "User is locked out"
    # The login begins at the first HSM, and goes no further.
    assert row(cli, "kmsuser")["locked"] == "inconsistent"
    assert [hsm.users[-1].locked for hsm in cluster.hsms] == [True, False]
    log_in_as_admin(cli, cluster)
    data(cli, "user change-password --username kmsuser --role crypto-user --password newPswd1")
    data(cli, "logout")
    assert row(cli, "kmsuser")["locked"] == "false"
    data(cli, AS_KMSUSER, "newPswd1")


def test_p4_a_user_of_one_hsm_locks_out_with_true(world: Cks) -> None:
    cluster = world.create_cluster(hsms=1)
    with world.cloudhsm_cli(cluster.id) as cli:
        for _ in range(4):
            refusal(cli, AS_KMSUSER, "wrongPswd1")
        data(cli, AS_KMSUSER, PASSWORD)
        data(cli, "logout")  # a good login clears the count
        for _ in range(5):
            assert row(cli, "kmsuser")["locked"] == "false"
            refusal(cli, AS_KMSUSER, "wrongPswd1")
        assert row(cli, "kmsuser")["locked"] == "true"


def test_p4_c5_8_a_locked_kmsuser_keeps_kms_out(
    cli: CloudHsmCli, cluster: Cluster, store: KeyStore
) -> None:
    kms = kms_client()
    for _ in range(5):
        refusal(cli, AS_KMSUSER, "wrongPswd1")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("FAILED", "USER_LOCKED_OUT")
    log_in_as_admin(cli, cluster)
    data(cli, f"user change-password --username kmsuser --role crypto-user --password {PASSWORD}")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("CONNECTED", None)


@pytest.mark.parametrize("end", ["logout", "quit", "close"])
def test_l4_c5_9_an_open_session_keeps_kms_out(cli: CloudHsmCli, store: KeyStore, end: str) -> None:
    kms = kms_client()
    data(cli, AS_KMSUSER, PASSWORD)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("FAILED", "USER_LOGGED_IN")
    if end == "close":
        cli.close()
    else:
        cli.run(end)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("CONNECTED", None)


def test_p2_nobody_uses_kmsuser_while_kms_is_connected(
    cli: CloudHsmCli, cluster: Cluster, store: KeyStore
) -> None:
    kms = kms_client()
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert refusal(cli, AS_KMSUSER, PASSWORD) == "Incorrect authentication credentials."
    log_in_as_admin(cli, cluster)
    change = f"user change-password --username kmsuser --role crypto-user --password {PASSWORD}"
    assert refusal(cli, change) == "User is currently logged in"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    data(cli, change)


def test_two_worlds_two_sessions(world: Cks) -> None:
    first = world.create_cluster(hsms=1, kmsuser_password="firstPswd1")
    second = world.create_cluster(hsms=1, account_id="210987654321", region="eu-west-1")
    with world.cloudhsm_cli(first.id) as one, world.cloudhsm_cli(second.id) as other:
        data(one, AS_KMSUSER, "firstPswd1")
        assert refusal(other, AS_KMSUSER, "firstPswd1") == "Incorrect authentication credentials."
        data(other, AS_KMSUSER, PASSWORD)
        assert data(one, f"user list --cluster-id {first.id}")["users"]
        problem = refusal(one, f"user list --cluster-id {second.id}")
        assert problem == f"Cluster {second.id} is not configured"


# Users -------------------------------------------------------------------------------------------

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


@pytest.fixture
def admin(cli: CloudHsmCli, cluster: Cluster) -> CloudHsmCli:
    log_in_as_admin(cli, cluster)
    return cli


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
    boto3.client("cloudhsmv2", region_name=cluster.region).create_hsm(
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
    hsm = boto3.client("cloudhsmv2", region_name=cluster.region)
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
    boto3.client("cloudhsmv2", region_name=cluster.region).delete_hsm(
        ClusterId=cluster.id, HsmId=second.id
    )
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

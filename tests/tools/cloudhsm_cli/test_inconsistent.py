"""cloudhsm-cli: users that differ between HSMs, and their repair by the property that differs.

See "AWS CloudHSM Client SDK 5 user or policy contains inconsistent values" in the User Guide.
"""

from __future__ import annotations

import contextlib

import pytest

from moto_cks import Cks, Cluster, HsmError, KeyStore
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from tests.kms import restore
from tests.tools.cloudhsm_cli.world import (
    PASSWORD,
    admin_password,
    answer,
    data,
    hsm_type,
    kms_client,
    log_in_as_admin,
    of_today,
    refusal,
    row,
    state,
)

CREATE = "user create --username {} --role {} --password alicePswd1"
DELETE = "user delete --username {} --role {}"
INCONSISTENT = "inconsistent"


def connects(store: KeyStore, password: str = PASSWORD) -> str | None:
    """Tell KMS the password, and have it connect; what it comes upon."""
    kms = kms_client()
    if state(kms, store)[0] == "FAILED":
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword=password)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    return state(kms, store)[1]


def test_w6_the_role(admin: CloudHsmCli, cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.create_user("CU", "alice", "alicePswd1", hsms=[first])
    cluster.create_user("CO", "alice", "alicePswd1", hsms=[second])
    shown = row(admin, "alice")
    assert (shown["role"], shown["cluster-coverage"]) == (INCONSISTENT, "full")
    data(admin, DELETE.format("alice", "admin"))
    assert row(admin, "alice")["cluster-coverage"] == INCONSISTENT
    data(admin, DELETE.format("alice", "crypto-user"))
    data(admin, CREATE.format("alice", "crypto-user"))
    shown = row(admin, "alice")
    assert (shown["role"], shown["cluster-coverage"]) == ("crypto-user", "full")


@pytest.mark.parametrize("to_exist", [True, False])
def test_w6_c5_10_the_coverage(
    admin: CloudHsmCli, cluster: Cluster, store: KeyStore, to_exist: bool
) -> None:
    cluster.delete_user("CU", "kmsuser", hsms=cluster.hsms[1:])
    assert row(admin, "kmsuser")["cluster-coverage"] == INCONSISTENT
    assert connects(store) == "USER_NOT_FOUND"
    if not to_exist:
        for role in ("admin", "crypto-user"):
            answer(admin, DELETE.format("kmsuser", role))
        assert "kmsuser" not in str(data(admin, "user list"))
    create = f"user create --username kmsuser --role crypto-user --password {PASSWORD}"
    data(admin, create)
    assert row(admin, "kmsuser")["cluster-coverage"] == "full"
    assert connects(store) is None


@pytest.mark.parametrize("hsms", [1, 2])
def test_w6_c5_8_locked(admin: CloudHsmCli, cluster: Cluster, store: KeyStore, hsms: int) -> None:
    for _ in range(5):
        for hsm in cluster.hsms[:hsms]:
            with contextlib.suppress(HsmError):
                cluster.login("CU", "kmsuser", "wrongPswd1", hsms=[hsm])
    assert row(admin, "kmsuser")["locked"] == {1: INCONSISTENT, 2: "true"}[hsms]
    assert connects(store) == "USER_LOCKED_OUT"
    change = "user change-password --username kmsuser --role crypto-user --password tempPassword"
    data(admin, change)
    assert row(admin, "kmsuser")["locked"] == "false"
    assert connects(store, "tempPassword") is None


@pytest.mark.parametrize("option", ["--deregister", "--disable"])  # the guide's two pages
@pytest.mark.parametrize("hsms", [1, 2])
def test_w6_the_second_factor(
    admin: CloudHsmCli, cluster: Cluster, store: KeyStore, hsms: int, option: str
) -> None:
    targets = cluster.hsms[:hsms]
    cluster.delete_user("CU", "kmsuser", hsms=targets)
    cluster.create_user("CU", "kmsuser", PASSWORD, hsms=targets, two_factor=True)
    status = {1: INCONSISTENT, 2: "enabled"}[hsms]
    assert row(admin, "kmsuser")["mfa"] == [{"strategy": "token-sign", "status": status}]
    assert connects(store) == "INVALID_CREDENTIALS"
    who = "--username kmsuser --role crypto-user"
    disable = f"user change-mfa token-sign {who} {option}"
    assert refusal(admin, disable, "tempPassword", "another") == "Passwords do not match"
    named = {"username": "kmsuser", "role": "crypto-user"}
    assert data(admin, disable, "tempPassword", "tempPassword") == named
    assert row(admin, "kmsuser")["mfa"] == []
    data(admin, f"user change-password {who} --password tempPassw2")
    assert connects(store, "tempPassw2") is None


def test_w6_a_password_and_no_second_factor(admin: CloudHsmCli, cluster: Cluster) -> None:
    cluster.create_user("CU", "alice", "alicePswd1", two_factor=True)
    change = "user change-password --username alice --role crypto-user --password newPswd1"
    data(admin, change)
    assert row(admin, "alice")["mfa"] == [{"strategy": "token-sign", "status": "enabled"}]
    data(admin, f"{change} --deregister-mfa")
    assert row(admin, "alice")["mfa"] == []


def test_w6_who_may_disable_a_second_factor(cli: CloudHsmCli, cluster: Cluster) -> None:
    cluster.create_user("CU", "alice", "alicePswd1")
    cluster.create_user("CU", "bob", "bobPasswd1", two_factor=True)
    command = "user change-mfa token-sign --username {} --role crypto-user --deregister"
    assert refusal(cli, command.format("bob"), "newPswd1", "newPswd1") == "User is not logged in"
    data(cli, "login --username alice --role crypto-user", "alicePswd1")
    assert "permission" in refusal(cli, command.format("bob"), "newPswd1", "newPswd1")
    data(cli, f"{command.format('alice')} --change-password newPswd1")  # has none: no harm
    data(cli, "logout")
    data(cli, "login --username alice --role crypto-user", "newPswd1")
    assert refusal(cli, command.format("nobody"), "newPswd1", "newPswd1") == "User does not exist"
    assert [user.two_factor for hsm in cluster.hsms for user in hsm.users].count(True) == 2


def test_w6_a_change_that_reaches_some_hsms_is_told(
    admin: CloudHsmCli, cluster: Cluster, world: Cks
) -> None:
    cluster.create_user("CU", "alice", "alicePswd1")
    session = cluster.login("CU", "alice", "alicePswd1", hsms=cluster.hsms[1:])
    message = "User delete failed on 1 of 2 connections"
    assert refusal(admin, DELETE.format("alice", "crypto-user")) == message
    assert row(admin, "alice")["cluster-coverage"] == INCONSISTENT
    session.logout()
    data(admin, DELETE.format("alice", "crypto-user"))


# user replicate ---------------------------------------------------------------------------------


@pytest.fixture
def clone(world: Cks, cluster: Cluster) -> Cluster:
    return restore(world, cluster, hsm_type=hsm_type(cluster))  # type: ignore[no-any-return]


def replicate(cluster: Cluster, clone: Cluster, name: str = "alice") -> str:
    return (
        f"user replicate --username {name} --role crypto-user "
        f"--source-cluster-id {cluster.id} --destination-cluster-id {clone.id}"
    )


def log_in_to(cli: CloudHsmCli, clone: Cluster, cluster: Cluster) -> None:
    login = f"login --username admin --role admin --cluster-id {clone.id}"
    data(cli, login, admin_password(cluster))


def test_w5_a_user_goes_to_a_clone(admin: CloudHsmCli, cluster: Cluster, clone: Cluster) -> None:
    cluster.create_user("CU", "alice", "alicePswd1")
    command = replicate(cluster, clone)
    assert refusal(admin, command) == "User is not logged in"  # to the clone
    log_in_to(admin, clone, cluster)
    assert data(admin, command) == {
        "user": {
            "username": "alice",
            "role": "crypto-user",
            "locked": "false",
            "mfa": [],
            "quorum": [],
            "cluster-coverage": "full",
        },
        "message": "Successfully replicated user",
    }
    clone.login("CU", "alice", "alicePswd1").logout()  # with the password
    assert data(admin, command)["message"] == "Successfully replicated user"  # a second time
    assert refusal(admin, replicate(cluster, clone, "nobody")) == "User does not exist"
    data(admin, f"logout --cluster-id {clone.id}")
    assert refusal(admin, command) == "User is not logged in"
    assert data(admin, "user list")["users"]


def test_w5_a_user_that_differs_in_the_source(
    admin: CloudHsmCli, cluster: Cluster, clone: Cluster
) -> None:
    cluster.create_user("CU", "alice", "alicePswd1", hsms=cluster.hsms[:1])
    log_in_to(admin, clone, cluster)
    message = "Specified user is inconsistent across the cluster"
    assert refusal(admin, replicate(cluster, clone)) == message
    data(admin, CREATE.format("alice", "crypto-user"))
    data(admin, replicate(cluster, clone))


def test_w5_a_user_that_differs_in_the_destination(
    admin: CloudHsmCli, cluster: Cluster, clone: Cluster
) -> None:
    cluster.create_user("CU", "alice", "alicePswd1")
    clone.create_user("CO", "alice", "anotherPswd", hsms=clone.hsms[:1])
    log_in_to(admin, clone, cluster)
    message = "User replicate failed on 1 of 2 connections"
    assert refusal(admin, replicate(cluster, clone)) == message
    data(admin, f"{DELETE.format('alice', 'admin')} --cluster-id {clone.id}")
    assert data(admin, replicate(cluster, clone))["user"]["cluster-coverage"] == "full"


def test_w5_who_may_replicate_and_whom(
    admin: CloudHsmCli, cluster: Cluster, clone: Cluster
) -> None:
    cluster.create_user("CU", "alice", "alicePswd1")
    login = f"login --username kmsuser --role crypto-user --cluster-id {clone.id}"
    data(admin, login, PASSWORD)
    assert "permission" in refusal(admin, replicate(cluster, clone))
    data(admin, f"logout --cluster-id {clone.id}")
    log_in_to(admin, clone, cluster)
    data(admin, replicate(cluster, clone))
    with clone.login("CU", "alice", "alicePswd1", hsms=clone.hsms[:1]):
        message = "User replicate failed on 1 of 2 connections"
        assert refusal(admin, replicate(cluster, clone)) == message


@pytest.mark.older_cluster
@pytest.mark.filterwarnings("ignore::moto_cks.cloudhsmv2.settings.RetiredHsmTypeWarning")
def test_w5_not_to_older_hsms(admin: CloudHsmCli, cluster: Cluster, clone: Cluster) -> None:
    cluster.create_user("CU", "alice", "alicePswd1")
    log_in_to(admin, clone, cluster)
    assert hsm_type(clone) == "hsm1.medium"
    of_today(cluster)
    log_in_again(admin, cluster)
    message = "User replicate failed on 2 of 2 connections"
    assert refusal(admin, replicate(cluster, clone)) == message


def log_in_again(cli: CloudHsmCli, cluster: Cluster) -> None:
    answer(cli, "logout")
    log_in_as_admin(cli, cluster)


def test_w5_not_to_a_cluster_of_another_history(
    world: Cks, admin: CloudHsmCli, cluster: Cluster
) -> None:
    other = world.create_cluster(hsms=1)
    assert refusal(admin, replicate(cluster, other)) == f"Cluster {other.id} is not configured"


# Passwords --------------------------------------------------------------------------------------


def test_y8_seven_characters_are_enough(
    admin: CloudHsmCli, cluster: Cluster, store: KeyStore
) -> None:
    change = "user change-password --username kmsuser --role crypto-user --password {}"
    data(admin, change.format("kmsPswd"))
    assert connects(store, "kmsPswd") is None
    data(admin, CREATE.format("alice", "crypto-user").replace("alicePswd1", "kmsPswd"))
    for password in ("six666", "x" * 33):
        message = "Password must be between 7 and 32 characters long"
        command = CREATE.format("bob", "crypto-user").replace("alicePswd1", password)
        assert refusal(admin, command) == message


def test_y8_a_colon_is_not_possible(admin: CloudHsmCli, cluster: Cluster) -> None:
    message = "Password must not contain ':'"
    for command in (
        "user change-password --username kmsuser --role crypto-user",
        "user create --username alice --role crypto-user",
        "user change-mfa token-sign --username kmsuser --role crypto-user --deregister",
    ):
        assert refusal(admin, command, "pass:word", "pass:word") == message
    assert "alice" not in str(data(admin, "user list"))
    cluster.login("CU", "kmsuser", PASSWORD).logout()  # as it was

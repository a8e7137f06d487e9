"""cloudhsm-cli: login and logout, as "Reference for CloudHSM CLI commands" shows it."""

from __future__ import annotations

import pytest

from moto_cks import Cks, Cluster, KeyStore
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from tests.tools.cloudhsm_cli.world import (
    AS_KMSUSER,
    PASSWORD,
    admin_password,
    data,
    kms_client,
    log_in_as_admin,
    refusal,
    row,
    state,
)

LOGGED_OUT = """{
  "error_code": 0,
  "data": "Logout successful"
}
"""


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

"""The kmsuser password: P1 to P6."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moto_cks import HsmError, ReturnCode
from tests.aws import client, error_of
from tests.kms import delete_hsms, described, restore, state_of

PASSWORD = "kmsPswd1"
CONNECTED = ("CONNECTED", None)
WRONG_PASSWORD = ("FAILED", "INVALID_CREDENTIALS")
LOCKED_OUT = ("FAILED", "USER_LOCKED_OUT")


def refusal(call: Any, *arguments: Any, **options: Any) -> ReturnCode:
    """Why an HSM refuses a command."""
    with pytest.raises(HsmError) as refused:
        call(*arguments, **options)
    return refused.value.code


def logs_in(cluster: Any, password: str, hsm: Any) -> bool:
    """Whether that is the password of kmsuser on an HSM."""
    try:
        cluster.login("CU", "kmsuser", password, hsms=[hsm]).logout()
    except HsmError:
        return False
    return True


def failures(cluster: Any) -> list[int]:
    """LoginFailureCnt of kmsuser on each HSM."""
    return [
        user.login_failures for hsm in cluster.hsms for user in hsm.users if user.name == "kmsuser"
    ]


def connect(store: Any) -> tuple[str, str | None]:
    client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)
    return state_of(store)


def reconnect(store: Any, **changes: str) -> tuple[str, str | None]:
    """Disconnect unless it is, change, connect."""
    kms = client("kms")
    if state_of(store)[0] != "DISCONNECTED":
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    if changes:
        kms.update_custom_key_store(CustomKeyStoreId=store.id, **changes)
    return connect(store)


@pytest.fixture
def unconnected(world: Any) -> Any:
    """A custom key store that has never been connected."""
    return world.create_key_store(connect=False)


# P1 ----------------------------------------------------------------------------------------------


def test_p1_connecting_sets_another_password_on_every_hsm(world: Any, kms: Any) -> None:
    store = world.create_key_store(hsms=3, connect=False)
    assert all(logs_in(store.cluster, PASSWORD, hsm) for hsm in store.cluster.hsms)
    assert connect(store) == CONNECTED
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert not any(logs_in(store.cluster, PASSWORD, hsm) for hsm in store.cluster.hsms)


def test_p1_every_connection_sets_another_one(store: Any, kms: Any) -> None:
    for password in ("firstPswd", "secondPswd"):
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        store.cluster.change_password("CU", "kmsuser", password)
        assert reconnect(store, KeyStorePassword=password) == CONNECTED
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        assert not logs_in(store.cluster, password, store.cluster.hsms[0])
        assert connect(store) == CONNECTED  # KMS knows it


def test_p1_creating_and_disconnecting_do_not(unconnected: Any, kms: Any) -> None:
    (first, _) = unconnected.cluster.hsms
    assert logs_in(unconnected.cluster, PASSWORD, first)
    assert reconnect(unconnected) == CONNECTED
    kms.disconnect_custom_key_store(CustomKeyStoreId=unconnected.id)
    unconnected.cluster.change_password("CU", "kmsuser", "tempPassword")
    kms.update_custom_key_store(CustomKeyStoreId=unconnected.id, KeyStorePassword="tempPassword")
    assert logs_in(unconnected.cluster, "tempPassword", first)


def test_p1_an_attempt_that_fails_changes_no_password(unconnected: Any) -> None:
    cluster = unconnected.cluster
    first, last = cluster.hsms
    cluster.delete_user("CU", "kmsuser", hsms=[last])
    assert connect(unconnected) == ("FAILED", "USER_NOT_FOUND")
    assert logs_in(cluster, PASSWORD, first)
    cluster.create_user("CU", "kmsuser", PASSWORD, hsms=[last])
    assert reconnect(unconnected) == CONNECTED


def test_p1_connecting_while_connected_sets_no_password(
    store: Any, kms: Any, world: Any, cloudhsm: Any
) -> None:
    successor_source = store.cluster
    (first, _) = store.cluster.hsms
    cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=first.id)  # makes a backup
    assert connect(store) == CONNECTED
    successor = restore(world, successor_source)
    # The password in the backup is still the one that KMS has.
    assert reconnect(store, CloudHsmClusterId=successor.id) == CONNECTED


# P2 ----------------------------------------------------------------------------------------------


def test_p2_nobody_else_changes_the_password_or_deletes_kmsuser(store: Any, kms: Any) -> None:
    cluster = store.cluster
    for hsm in (None, *([hsm] for hsm in cluster.hsms)):
        change = refusal(cluster.change_password, "CU", "kmsuser", "tempPassword", hsms=hsm)
        delete = refusal(cluster.delete_user, "CU", "kmsuser", hsms=hsm)
        assert (change, delete) == (ReturnCode.USER_LOGGED_IN, ReturnCode.USER_LOGGED_IN)
    assert reconnect(store) == CONNECTED
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    cluster.change_password("CU", "kmsuser", "tempPassword")
    assert logs_in(cluster, "tempPassword", cluster.hsms[0])


def test_p2_nobody_else_logs_in(store: Any) -> None:
    cluster = store.cluster
    assert refusal(cluster.login, "CU", "kmsuser", PASSWORD) is ReturnCode.AUTHENTICATION_FAILED
    key_id = store.create_key()  # and KMS does not mind
    assert client("kms").encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]


def test_p2_wrong_passwords_count_while_connected_and_lock_kms_out_afterwards(
    store: Any, kms: Any
) -> None:
    key_id = store.create_key()
    for _ in range(5):
        refusal(store.cluster.login, "CU", "kmsuser", "wrongPassword")
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    assert reconnect(store) == LOCKED_OUT


def test_p2_holds_for_an_hsm_that_joins_later(store: Any, cloudhsm: Any) -> None:
    cluster = store.cluster
    zone = cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)
    joined = cluster.hsms[-1]
    change = refusal(cluster.change_password, "CU", "kmsuser", "tempPassword", hsms=[joined])
    assert change is ReturnCode.USER_LOGGED_IN


def test_p2_other_users_are_free(store: Any) -> None:
    cluster = store.cluster
    cluster.create_user("CU", "someone", "someonesPswd")
    cluster.change_password("CU", "someone", "anotherPswd")
    cluster.login("CU", "someone", "anotherPswd").logout()
    cluster.delete_user("CU", "someone")
    cluster.change_password("CO", "admin", "adminPswd2")
    cluster.login("CO", "admin", "adminPswd2").logout()


# P3 ----------------------------------------------------------------------------------------------


def test_p3_telling_kms_changes_nothing_in_the_cluster(unconnected: Any, kms: Any) -> None:
    kms.update_custom_key_store(CustomKeyStoreId=unconnected.id, KeyStorePassword="tempPassword")
    for hsm in unconnected.cluster.hsms:
        assert logs_in(unconnected.cluster, PASSWORD, hsm)
        assert not logs_in(unconnected.cluster, "tempPassword", hsm)
    assert reconnect(unconnected) == WRONG_PASSWORD
    assert reconnect(unconnected, KeyStorePassword=PASSWORD) == CONNECTED


def test_p3_the_last_password_told_counts(unconnected: Any) -> None:
    kms = client("kms")
    for password in ("wrongPassword", "tempPassword", PASSWORD):
        kms.update_custom_key_store(CustomKeyStoreId=unconnected.id, KeyStorePassword=password)
    assert connect(unconnected) == CONNECTED


# P4 ----------------------------------------------------------------------------------------------


def test_p4_each_attempt_of_kms_counts_and_the_fifth_locks(unconnected: Any, kms: Any) -> None:
    cluster = unconnected.cluster
    cluster.change_password("CU", "kmsuser", "tempPassword")
    for attempt in range(1, 6):
        assert reconnect(unconnected) == WRONG_PASSWORD
        assert max(failures(cluster)) == attempt
    (locked,) = [hsm for hsm in cluster.hsms if any(user.locked for user in hsm.users)]
    assert not logs_in(cluster, "tempPassword", locked)  # locked for everybody
    for _ in range(2):
        assert reconnect(unconnected) == LOCKED_OUT
        assert max(failures(cluster)) == 5
    cluster.change_password("CU", "kmsuser", "tempPassword")
    assert failures(cluster) == [0, 0]
    assert reconnect(unconnected, KeyStorePassword="tempPassword") == CONNECTED


def test_p4_logins_of_kms_and_of_tools_count_together(unconnected: Any) -> None:
    cluster = unconnected.cluster
    for _ in range(4):
        refusal(cluster.login, "CU", "kmsuser", "wrongPassword", hsms=[cluster.hsms[0]])
    assert reconnect(unconnected, KeyStorePassword="wrongPassword") == WRONG_PASSWORD
    assert reconnect(unconnected, KeyStorePassword=PASSWORD) == LOCKED_OUT


def test_p4_a_good_login_clears_the_count(unconnected: Any) -> None:
    cluster = unconnected.cluster
    for _ in range(3):
        for _ in range(4):
            refusal(cluster.login, "CU", "kmsuser", "wrongPassword")
        cluster.login("CU", "kmsuser", PASSWORD).logout()
        assert failures(cluster) == [0, 0]
    assert connect(unconnected) == CONNECTED


def test_p4_attempts_that_do_not_get_to_a_login_do_not_count(unconnected: Any, ec2: Any) -> None:
    ec2.delete_subnet(SubnetId=unconnected.cluster.subnet_ids[2])
    for _ in range(6):
        assert reconnect(unconnected, KeyStorePassword="wrongPassword") == (
            "FAILED",
            "SUBNET_NOT_FOUND",
        )
    assert failures(unconnected.cluster) == [0, 0]


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(logins=st.lists(st.tuples(st.booleans(), st.sampled_from([0, 1])), max_size=20))
def test_p4_the_count_of_any_logins(unconnected: Any, logins: list[tuple[bool, int]]) -> None:
    cluster = unconnected.cluster
    cluster.change_password("CU", "kmsuser", PASSWORD)
    expected = [0, 0]
    for right, number in logins:
        locked = expected[number] >= 5
        password = PASSWORD if right else "wrongPassword"
        assert logs_in(cluster, password, cluster.hsms[number]) is (right and not locked)
        if not locked:
            expected[number] = 0 if right else expected[number] + 1
        assert failures(cluster) == expected


# P5 ----------------------------------------------------------------------------------------------


def back_up(cluster: Any) -> None:
    """Have a backup made: CloudHSM does it when an HSM is removed."""
    cloudhsm = client("cloudhsmv2")
    hsm = cloudhsm.create_hsm(
        ClusterId=cluster.id, AvailabilityZone=cluster.hsms[0].availability_zone
    )["Hsm"]
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm["HsmId"])


@pytest.fixture
def encrypted(store: Any, kms: Any) -> bytes:
    """A ciphertext of a key in the key store."""
    return bytes(kms.encrypt(KeyId=store.create_key(), Plaintext=b"secret")["CiphertextBlob"])


def test_p5_a_cluster_from_the_latest_backup_needs_no_reset(
    world: Any, kms: Any, store: Any, encrypted: bytes
) -> None:
    back_up(store.cluster)
    successor = restore(world, store.cluster)
    assert reconnect(store, CloudHsmClusterId=successor.id) == CONNECTED
    assert kms.decrypt(CiphertextBlob=encrypted)["Plaintext"] == b"secret"


def test_p5_a_backup_that_is_older_than_the_last_rotation_needs_one(
    world: Any, kms: Any, store: Any, encrypted: bytes
) -> None:
    back_up(store.cluster)
    assert reconnect(store) == CONNECTED  # rotates
    successor = restore(world, store.cluster)
    assert reconnect(store, CloudHsmClusterId=successor.id) == WRONG_PASSWORD
    successor.change_password("CU", "kmsuser", "tempPassword")
    assert reconnect(store, KeyStorePassword="tempPassword") == CONNECTED
    assert kms.decrypt(CiphertextBlob=encrypted)["Plaintext"] == b"secret"


def test_p5_a_backup_from_before_the_first_connection_has_the_first_password(
    world: Any, store: Any
) -> None:
    successor = restore(world, store.cluster)  # made when the second HSM was added
    assert reconnect(store, CloudHsmClusterId=successor.id) == WRONG_PASSWORD
    assert reconnect(store, KeyStorePassword=PASSWORD) == CONNECTED


def test_p5_a_backup_holds_a_lock_too(world: Any, unconnected: Any) -> None:
    cluster = unconnected.cluster
    for hsm in cluster.hsms:
        for _ in range(5):
            refusal(cluster.login, "CU", "kmsuser", "wrongPassword", hsms=[hsm])
    delete_hsms(cluster)
    successor = restore(world, cluster)
    assert reconnect(unconnected, CloudHsmClusterId=successor.id) == LOCKED_OUT


def test_p5_what_happens_in_one_cluster_does_not_touch_the_other(
    world: Any, kms: Any, store: Any
) -> None:
    back_up(store.cluster)
    successor = restore(world, store.cluster)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    successor.change_password("CU", "kmsuser", "tempPassword")
    assert connect(store) == CONNECTED


# P6 ----------------------------------------------------------------------------------------------

ALPHANUMERIC = "abcxyzABCXYZ0123456789"
ACCEPTED = st.text(ALPHANUMERIC, min_size=7, max_size=32)
REFUSED = st.one_of(
    st.text(ALPHANUMERIC, max_size=6),
    st.text(ALPHANUMERIC, min_size=33, max_size=60),
    st.tuples(ACCEPTED, st.sampled_from("!-_. \n\0äé٣Ⅷ"), ACCEPTED).map(
        lambda parts: (parts[0][:3] + parts[1] + parts[2])[:32]
    ),
    st.tuples(st.text(ALPHANUMERIC, min_size=7, max_size=31), st.sampled_from("\n !")).map("".join),
)
FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FEW
@given(password=ACCEPTED)
def test_p6_any_7_to_32_alphanumeric_characters(unconnected: Any, password: str) -> None:
    unconnected.cluster.change_password("CU", "kmsuser", PASSWORD)
    kms = client("kms")
    kms.update_custom_key_store(CustomKeyStoreId=unconnected.id, KeyStorePassword=password)
    assert connect(unconnected) == (CONNECTED if password == PASSWORD else WRONG_PASSWORD)
    kms.disconnect_custom_key_store(CustomKeyStoreId=unconnected.id)


@FEW
@given(password=REFUSED)
def test_p6_any_other_password_is_refused(unconnected: Any, password: str) -> None:
    kms = client("kms", parameter_validation=False)
    before = described(unconnected)
    for call, parameters in (
        (kms.update_custom_key_store, {"CustomKeyStoreId": unconnected.id}),
        (
            kms.create_custom_key_store,
            {
                "CustomKeyStoreName": "another",
                "CloudHsmClusterId": unconnected.cluster.id,
                "TrustAnchorCertificate": unconnected.cluster.trust_anchor,
            },
        ),
    ):
        code, message = error_of(call, **parameters, KeyStorePassword=password)
        assert code == "ValidationException"
        assert message.startswith("1 validation error detected: Value at 'keyStorePassword' failed")
        # The rule itself contains a few words; what is special about the password is not there.
        assert len(password) < 7 or password not in message
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == [before]


def test_p6_after_a_refusal_kms_still_has_the_password(unconnected: Any) -> None:
    for password in ("short1", "special!", "x" * 33):
        with pytest.raises(ClientError):
            client("kms", parameter_validation=False).update_custom_key_store(
                CustomKeyStoreId=unconnected.id, KeyStorePassword=password
            )
    assert connect(unconnected) == CONNECTED


def test_p6_case_matters(unconnected: Any) -> None:
    assert reconnect(unconnected, KeyStorePassword=PASSWORD.swapcase()) == WRONG_PASSWORD
    assert reconnect(unconnected, KeyStorePassword=PASSWORD) == CONNECTED


@pytest.mark.parametrize("length", [7, 32])
def test_p6_the_shortest_and_the_longest(length: int, world: Any) -> None:
    store = world.create_key_store(kmsuser_password="x" * length)
    assert state_of(store) == CONNECTED


def test_p6_kmsuser_with_two_factors(world: Any, kms: Any) -> None:
    cluster = world.create_cluster()
    cluster.delete_user("CU", "kmsuser")
    cluster.create_user("CU", "kmsuser", PASSWORD, two_factor=True)
    store = world.create_key_store(cluster=cluster, kmsuser_password=PASSWORD)
    for _ in range(6):
        assert state_of(store)[0] == "FAILED"
        reconnect(store)
    # It cannot be undone: the user has to be deleted and created again.
    cluster.change_password("CU", "kmsuser", "tempPassword")
    assert reconnect(store, KeyStorePassword="tempPassword")[0] == "FAILED"
    cluster.delete_user("CU", "kmsuser")
    cluster.create_user("CU", "kmsuser", PASSWORD)
    assert reconnect(store, KeyStorePassword=PASSWORD) == CONNECTED


def test_p6_two_factors_on_one_hsm_are_enough_to_fail(world: Any) -> None:
    cluster = world.create_cluster()
    last = cluster.hsms[-1]
    cluster.delete_user("CU", "kmsuser", hsms=[last])
    cluster.create_user("CU", "kmsuser", PASSWORD, hsms=[last], two_factor=True)
    assert state_of(world.create_key_store(cluster=cluster))[0] == "FAILED"
    assert logs_in(cluster, PASSWORD, cluster.hsms[0])  # KMS has left no session there

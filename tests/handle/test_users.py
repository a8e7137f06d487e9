"""Users, logins and keys, through the handle of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Cluster, KeyStore, ReturnCode, UserType, cks
from tests.aws import client
from tests.handle import key_store, users_of
from tests.hsm.world import refused

pytestmark = pytest.mark.usefixtures("world")


def test_create_user(cluster: Cluster) -> None:
    cluster.create_user("CU", "user2", "userPswd1")
    cluster.create_user(UserType.CO, "officer2", "userPswd2")
    assert users_of(cluster) == [["kmsuser", "user2"]] * 2
    cluster.login("CU", "user2", "userPswd1").logout()
    cluster.login(UserType.CO, "officer2", "userPswd2").logout()


def test_h5_create_user_on_some_hsms(cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.create_user("CU", "user2", "userPswd1", hsms=[first])
    cluster.create_user("CU", "user3", "userPswd1", hsms=[second.id])
    assert users_of(cluster) == [["kmsuser", "user2"], ["kmsuser", "user3"]]


def test_p6_create_user_with_a_second_factor(cluster: Cluster) -> None:
    cluster.create_user("CU", "careful", "userPswd1", two_factor=True)
    with refused(ReturnCode.SECOND_FACTOR_REQUIRED):
        cluster.login("CU", "careful", "userPswd1")


def test_create_user_that_cannot_be(cluster: Cluster) -> None:
    with refused(ReturnCode.USER_EXISTS):
        cluster.create_user("CU", "kmsuser", "userPswd1")
    with refused(ReturnCode.INVALID_USER_NAME):
        cluster.create_user("CU", "two words", "userPswd1")
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.create_user("CU", "user2", "short")
    with refused(ReturnCode.INVALID_USER_TYPE):
        cluster.create_user("AU", "user2", "userPswd1")
    with pytest.raises(ValueError, match="XX"):
        cluster.create_user("XX", "user2", "userPswd1")
    assert users_of(cluster) == [["kmsuser"]] * 2


def test_change_password(cluster: Cluster) -> None:
    cluster.change_password("CU", "kmsuser", "tempPassword")
    cluster.login("CU", "kmsuser", "tempPassword").logout()
    with refused(ReturnCode.USER_NOT_FOUND):
        cluster.change_password("CU", "nobody", "tempPassword")
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.change_password("CU", "kmsuser", "short")


def test_change_password_of_the_officer(cluster: Cluster) -> None:
    cluster.change_password("CO", "admin", "otherPswd")
    assert cluster.admin_password == "otherPswd"
    cluster.login("CO", "admin", "otherPswd").logout()
    with refused(ReturnCode.INVALID_PASSWORD):
        cluster.change_password("CO", "admin", "short")
    assert cluster.admin_password == "otherPswd"


def test_h5_change_password_on_some_hsms(cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.change_password("CU", "kmsuser", "tempPassword", hsms=[first])
    cluster.login("CU", "kmsuser", "tempPassword", hsms=[first]).logout()
    cluster.login("CU", "kmsuser", "kmsPswd1", hsms=[second]).logout()
    with refused(ReturnCode.AUTHENTICATION_FAILED):
        cluster.login("CU", "kmsuser", "tempPassword")


def test_p2_change_password_while_kms_is_connected(store: KeyStore) -> None:
    with refused(ReturnCode.USER_LOGGED_IN):
        store.cluster.change_password("CU", "kmsuser", "tempPassword")
    with refused(ReturnCode.USER_LOGGED_IN):
        store.cluster.delete_user("CU", "kmsuser")
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")


def test_p4_wrong_passwords_lock_and_change_password_unlocks(cluster: Cluster) -> None:
    first = cluster.hsms[0]
    for count in range(1, 6):
        with refused(ReturnCode.AUTHENTICATION_FAILED):
            cluster.login("CU", "kmsuser", "wrongPswd")
        assert first.users[-1].login_failures == count
    with refused(ReturnCode.USER_LOCKED_OUT):
        cluster.login("CU", "kmsuser", "kmsPswd1")
    assert [hsm.users[-1].locked for hsm in cluster.hsms] == [True, False]
    cluster.change_password("CU", "kmsuser", "kmsPswd1", hsms=[first])
    assert (first.users[-1].locked, first.users[-1].login_failures) == (False, 0)
    cluster.login("CU", "kmsuser", "kmsPswd1").logout()


def test_delete_user(cluster: Cluster) -> None:
    first, second = cluster.hsms
    cluster.delete_user("CU", "kmsuser", hsms=[first])
    assert users_of(cluster) == [[], ["kmsuser"]]
    with refused(ReturnCode.USER_NOT_FOUND):
        cluster.delete_user("CU", "kmsuser")
    cluster.delete_user("CU", "kmsuser", hsms=[second])
    assert users_of(cluster) == [[], []]


def test_delete_user_who_owns_keys(store: KeyStore) -> None:
    store.create_key()
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)
    with refused(ReturnCode.USER_OWNS_KEYS):
        store.cluster.delete_user("CU", "kmsuser")


def test_c5_9_login_stays_until_logout(cluster: Cluster) -> None:
    store = cks.create_key_store(cluster=cluster, connect=False)
    session = cluster.login("CU", "kmsuser", "kmsPswd1")
    kms = client("kms")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert key_store(store)["ConnectionErrorCode"] == "USER_LOGGED_IN"
    session.logout()
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert key_store(store)["ConnectionState"] == "CONNECTED"


def test_login_to_one_hsm(cluster: Cluster) -> None:
    first, second = cluster.hsms
    with cluster.login("CU", "kmsuser", "kmsPswd1", hsms=[first]):
        cluster.delete_user("CU", "kmsuser", hsms=[second])
        with refused(ReturnCode.USER_LOGGED_IN):
            cluster.delete_user("CU", "kmsuser", hsms=[first])


ON_SOME_HSMS: dict[str, Callable[[Cluster, Any], object]] = {
    "create_user": lambda c, h: c.create_user("CU", "user2", "userPswd1", hsms=h),
    "change_password": lambda c, h: c.change_password("CU", "kmsuser", "userPswd1", hsms=h),
    "delete_user": lambda c, h: c.delete_user("CU", "kmsuser", hsms=h),
    "login": lambda c, h: c.login("CU", "kmsuser", "kmsPswd1", hsms=h),
    "delete_key": lambda c, h: c.delete_key(1, hsms=h),
}


@pytest.mark.parametrize("method", ON_SOME_HSMS)
def test_an_hsm_that_is_not_in_the_cluster(cluster: Cluster, method: str) -> None:
    with pytest.raises(ValueError, match="hsm-unknown"):
        ON_SOME_HSMS[method](cluster, [cluster.hsms[0], "hsm-unknown"])
    assert users_of(cluster) == [["kmsuser"]] * 2
    with refused(ReturnCode.NO_HSM):
        ON_SOME_HSMS[method](cluster, [])


@pytest.mark.parametrize("method", ON_SOME_HSMS)
def test_a_cluster_without_hsms(cluster: Cluster, method: str) -> None:
    for hsm in cluster.hsms:
        client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    with refused(ReturnCode.NO_HSM):
        ON_SOME_HSMS[method](cluster, None)


# Keys -------------------------------------------------------------------------------------------


def test_f3_delete_key_whoever_owns_it(store: KeyStore) -> None:
    key_id = store.create_key()
    (key,) = store.cluster.hsms[0].keys
    store.cluster.delete_key(key.handle)
    assert [hsm.keys for hsm in store.cluster.hsms] == [(), ()]
    with pytest.raises(ClientError, match="KMSInvalidStateException"):
        client("kms").encrypt(KeyId=key_id, Plaintext=b"x")
    with refused(ReturnCode.KEY_NOT_FOUND):
        store.cluster.delete_key(key.handle)


def test_h5_delete_key_from_some_hsms(store: KeyStore) -> None:
    key_id = store.create_key()
    first, second = store.cluster.hsms
    (key,) = first.keys
    store.cluster.delete_key(key.handle, hsms=[first])
    assert (first.keys, second.keys) == ((), (key,))
    client("kms").encrypt(KeyId=key_id, Plaintext=b"x")
    with refused(ReturnCode.KEY_NOT_FOUND):
        store.cluster.delete_key(key.handle, hsms=[first])
    store.cluster.delete_key(key.handle)  # from the one that has it
    assert second.keys == ()

"""What a migration of the cluster means for the key store on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws import error_of
from tests.kms import connect, disconnect, state_of
from tests.kms.user import CONNECTED, User

Transition = Callable[..., None]

LIMITED = (
    "The key material could not be generated: the HSM type of the CloudHSM cluster {} is being "
    "changed, and meanwhile it takes no new keys."
)


@contextlib.contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    """The call inside is refused with an error."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert message in error["Message"]


@pytest.fixture
def user(world: Any) -> User:
    """Somebody with a key in a key store on an hsm1.medium cluster."""
    return User(world.create_key_store(hsm_type="hsm1.medium"))


def modify(user: User, cloudhsm: Any, hsm_type: str = "hsm2m.medium") -> None:
    cloudhsm.modify_cluster(ClusterId=user.store.cluster.id, HsmType=hsm_type)


@pytest.fixture
def migrating(user: User, cloudhsm: Any, transition: Transition) -> User:
    """The same while the migration is under way, which takes an hour."""
    transition("cloudhsmv2::cluster", progression="time", seconds=3600)
    modify(user, cloudhsm)
    return user


def test_y19_a_connected_key_store_goes_on(world: Any, migrating: User) -> None:
    for _ in range(4):
        assert state_of(migrating.store) == CONNECTED
        for operation in migrating.operations:
            operation()
        assert migrating.random()
        world.clock.advance(minutes=20)
    assert migrating.decrypts()


def test_y19_no_key_can_be_created(world: Any, kms: Any, migrating: User) -> None:
    create = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": migrating.store.id}
    keys = kms.list_keys()["Keys"]
    error = (
        "KMSInternalException",
        LIMITED.format(migrating.store.cluster.id),
    )
    assert error_of(kms.create_key, **create) == error
    assert kms.list_keys()["Keys"] == keys
    assert len(migrating.store.cluster.hsms[0].keys) == 1
    world.clock.advance(hours=1)
    kms.create_key(**create)


def test_y19_o2_the_material_of_a_deleted_key_stays_behind(
    world: Any, kms: Any, user: User, cloudhsm: Any, transition: Transition
) -> None:
    kms.schedule_key_deletion(KeyId=user.key_id, PendingWindowInDays=7)
    world.clock.advance(days=6)
    user.random()
    transition("cloudhsmv2::cluster", progression="time", seconds=2 * 86_400)
    modify(user, cloudhsm)
    world.clock.advance(days=1)
    (record,) = world.trail.events(event_name="DeleteKey")
    assert "FAILURE" in record["additionalEventData"]["backingKeysDeletionStatus"]
    assert len(user.store.cluster.hsms[0].keys) == 1


def test_y19_who_disconnects_does_not_get_back_until_it_is_over(
    world: Any, kms: Any, migrating: User
) -> None:
    store = migrating.store
    disconnect(store)
    for _ in range(3):
        with refused(
            "CloudHsmClusterNotActiveException",
            f"The CloudHSM cluster {store.cluster.id} is not active: its state is "
            "MODIFY_IN_PROGRESS.",
        ):
            connect(store)
        assert state_of(store) == ("DISCONNECTED", None)
        world.clock.advance(minutes=19)
    world.clock.advance(minutes=3)
    connect(store)
    assert state_of(store) == CONNECTED
    assert migrating.decrypts()


def test_y19_kmsuser_cannot_be_given_a_password(world: Any, migrating: User) -> None:
    disconnect(migrating.store)
    with world.cloudhsm_cli(migrating.store.cluster.id) as tool:
        tool.run("login --username admin --role admin", "adminPswd1")
        answer = tool.run(
            "user change-password --username kmsuser --role crypto-user",
            "tempPassword",
            "tempPassword",
        )
    assert '"error_code": 1' in answer
    assert "limited-write mode" in answer


def test_y19_no_key_store_on_it_is_created_or_moved_to_it(
    world: Any, kms: Any, cloudhsm: Any, transition: Transition
) -> None:
    cluster = world.create_cluster(hsm_type="hsm1.medium")
    transition("cloudhsmv2::cluster", progression="time", seconds=3600)
    cloudhsm.modify_cluster(ClusterId=cluster.id, HsmType="hsm2m.medium")
    with refused("CloudHsmClusterNotActiveException", "MODIFY_IN_PROGRESS"):
        kms.create_custom_key_store(
            CustomKeyStoreName="payments",
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=cluster.trust_anchor,
            KeyStorePassword="kmsPswd1",
        )


def test_y20_rolled_back_before_the_end_nothing_is_lost(
    world: Any, migrating: User, cloudhsm: Any
) -> None:
    world.clock.advance(minutes=40)
    modify(migrating, cloudhsm, "hsm1.medium")
    world.clock.advance(hours=1)
    assert migrating.decrypts()
    assert migrating.reconnect() == CONNECTED
    assert migrating.decrypts()


def test_y20_f3_a_key_made_between_has_no_material_after_a_rollback(
    world: Any, kms: Any, user: User, cloudhsm: Any
) -> None:
    modify(user, cloudhsm)
    between = User(user.store)
    modify(user, cloudhsm, "hsm1.medium")
    assert state_of(user.store) == CONNECTED
    assert user.decrypts()  # KMS has logged in anew: its password has not changed
    with refused("KMSInvalidStateException", " is unavailable."):
        between.decrypt()
    (reason, *_) = world.explain(between.key_id).reasons
    assert reason.cause == "key-material-deleted"
    newest = cloudhsm.describe_backups(Filters={"clusterIds": [user.store.cluster.id]})["Backups"][
        0
    ]
    assert (newest["HsmType"], newest["BackupId"]) == ("hsm2m.medium", reason.facts["backup"])


def test_y20_p5_the_password_is_from_before_the_last_connect(
    world: Any, user: User, cloudhsm: Any
) -> None:
    modify(user, cloudhsm)
    assert user.reconnect() == CONNECTED  # which sets another password
    modify(user, cloudhsm, "hsm1.medium")
    assert state_of(user.store) == CONNECTED
    with refused("KMSInvalidStateException", "KMS cannot communicate with your CloudHSM cluster."):
        user.decrypt()
    assert user.reconnect() == ("FAILED", "INVALID_CREDENTIALS")
    disconnect(user.store)
    user.store.cluster.change_password("CU", "kmsuser", "tempPassword")
    user.kms.update_custom_key_store(
        CustomKeyStoreId=user.store.id, KeyStorePassword="tempPassword"
    )
    connect(user.store)
    assert user.decrypts()


def test_y20_by_steps_the_hsms_that_are_not_rolled_back_yet_still_let_kms_in(
    world: Any, user: User, cloudhsm: Any, transition: Transition
) -> None:
    modify(user, cloudhsm)
    user.reconnect()
    transition("cloudhsmv2::cluster", progression="time", seconds=3600)
    modify(user, cloudhsm, "hsm1.medium")
    world.clock.advance(minutes=40)
    assert user.decrypts()
    world.clock.advance(minutes=30)
    with refused("KMSInvalidStateException", "KMS cannot communicate"):
        user.decrypt()


def test_y17_r1_a_key_store_of_hsm1_medium_is_recovered_on_hsm2m_medium(
    world: Any, user: User, cloudhsm: Any
) -> None:
    with world.failures["cluster-not-found"].happen(user.store):
        assert user.state() == ("FAILED", "CLUSTER_NOT_FOUND")
    assert user.decrypts()
    (cluster,) = (
        cluster
        for cluster in cloudhsm.describe_clusters()["Clusters"]
        if cluster["State"] == "ACTIVE"
    )
    assert (cluster["HsmType"], cluster["Mode"]) == ("hsm2m.medium", "FIPS")


@pytest.mark.parametrize("mode", ["FIPS", "NON_FIPS"])
def test_w9_a_cluster_of_either_mode_backs_a_key_store(
    world: Any, kms: Any, cloudhsm: Any, mode: str
) -> None:
    subnets = world.create_cluster().subnet_ids
    made = cloudhsm.create_cluster(HsmType="hsm2m.medium", Mode=mode, SubnetIds=subnets)
    cluster = world.cluster(made["Cluster"]["ClusterId"])
    zones = sorted(made["Cluster"]["SubnetMapping"])
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zones[0])
    certificate, anchor = cluster.sign_csr()
    cloudhsm.initialize_cluster(ClusterId=cluster.id, SignedCert=certificate, TrustAnchor=anchor)
    cluster.activate("adminPswd1")
    cluster.create_user("CU", "kmsuser", "kmsPswd1")
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone=zones[1])
    user = User(world.create_key_store(cluster=cluster))
    assert user.decrypts()
    with world.failures["cluster-deleted"].happen(user.store):
        (reason,) = world.explain(user.store.id).reasons
        creation = next(step for step in reason.steps if step.name == "cluster-from-backup")
        assert f"--mode {mode} " in creation.commands[0]  # a backup has its mode for good
    restored = cloudhsm.describe_clusters(
        Filters={"clusterIds": [world.key_store(user.store.id).cluster.id]}
    )["Clusters"]
    assert [one["Mode"] for one in restored] == [mode]

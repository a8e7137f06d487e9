"""HSMs that AWS replaces.

AWS CloudHSM User Guide: "AWS CloudHSM cluster management best practices"; what people have met:
hashicorp/terraform-provider-aws 12435, aws-samples/aws-cloudhsm-cloudformation-template 15.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import Cks, KeyStore, mock_cks
from moto_cks.hsm import HsmError, ReturnCode
from tests.aws import client, error_of, failure
from tests.cloudhsmv2.world import World, customer_ca
from tests.kms.user import User, others

MUTE = "KMS cannot communicate with your CloudHSM cluster"


@pytest.fixture
def user(cks: Cks) -> User:
    """Somebody with a key in a key store of two HSMs."""
    return User(cks.create_key_store())


def hsms(cluster_id: str) -> list[dict[str, Any]]:
    (cluster,) = client("cloudhsmv2").describe_clusters(Filters={"clusterIds": [cluster_id]})[
        "Clusters"
    ]
    return list(cluster["Hsms"])


def backups(cluster_id: str) -> list[Any]:
    found = client("cloudhsmv2").describe_backups(Filters={"clusterIds": [cluster_id]})
    return list(found["Backups"])


def replace(store: KeyStore, place: int = 0, **how: bool) -> Any:
    cluster = store.cluster
    return cluster.replace_hsm(cluster.hsms[place], **how)


def test_q7_the_new_one_has_another_id_and_the_same_zone_and_interface(user: User) -> None:
    cluster = user.store.cluster
    first, second = hsms(cluster.id)
    new = cluster.replace_hsm(first["HsmId"])
    kept, made = hsms(cluster.id)
    assert kept == second
    assert made == {**first, "HsmId": new.id}
    assert new.id != first["HsmId"]
    assert (new.eni_ip, new.availability_zone) == (first["EniIp"], first["AvailabilityZone"])
    interfaces = client("ec2").describe_network_interfaces(NetworkInterfaceIds=[first["EniId"]])
    assert len(interfaces["NetworkInterfaces"]) == 1
    assert [hsm.id for hsm in cluster.hsms] == [second["HsmId"], new.id]


def test_q7_infrastructure_code_finds_it_by_its_interface_only(user: User) -> None:
    cluster, hsm = user.store.cluster, client("cloudhsmv2")
    old = hsms(cluster.id)[0]
    new = cluster.replace_hsm(old["HsmId"])
    parameters = {"ClusterId": cluster.id, "HsmId": old["HsmId"]}
    assert error_of(hsm.delete_hsm, **parameters)[0] == "CloudHsmResourceNotFoundException"
    answer = hsm.delete_hsm(ClusterId=cluster.id, EniId=old["EniId"])
    assert answer["HsmId"] == new.id


def test_q7_it_has_the_users_and_the_keys(cks: Cks) -> None:
    for count in (1, 2):
        cluster = cks.create_cluster(hsms=count)
        with cks.key_mgmt_util(cluster.id) as tool:
            tool.run("loginHSM -u CU -s kmsuser -p kmsPswd1")
            tool.run("genSymKey -t 31 -s 32 -l lasting")
        old = cluster.hsms[0]
        users, keys = [(each.type, each.name) for each in old.users], old.keys
        new = cluster.replace_hsm(old)
        assert [(each.type, each.name) for each in new.users] == users
        assert new.keys == keys
        assert (old.users, old.keys) == ((), ())
        cluster.login("CU", "kmsuser", "kmsPswd1").logout()


def test_q7_for_maintenance_there_is_a_backup_before(user: User) -> None:
    before = len(backups(user.store.cluster.id))
    replace(user.store)
    assert len(backups(user.store.cluster.id)) == before + 1
    replace(user.store, failed=True)
    assert len(backups(user.store.cluster.id)) == before + 1


def test_q7_one_that_has_failed_takes_with_it_what_was_nowhere_else(cks: Cks) -> None:
    cluster = cks.create_cluster(hsms=1)
    cluster.create_user("CU", "late", "latePswd1")
    cluster.replace_hsm(cluster.hsms[0])
    cluster.login("CU", "late", "latePswd1").logout()  # in the backup of the maintenance
    cluster.create_user("CU", "later", "latePswd1")
    cluster.replace_hsm(cluster.hsms[0], failed=True)
    cluster.login("CU", "late", "latePswd1").logout()
    with pytest.raises(HsmError) as refused:
        cluster.login("CU", "later", "latePswd1")
    assert refused.value.code is ReturnCode.USER_NOT_FOUND


def test_q7_the_others_have_what_one_that_has_failed_had(user: User) -> None:
    for place in (0, 1, 0):
        replace(user.store, place, failed=True)
        assert failure(user.decrypt)[1].startswith(MUTE)
        assert user.decrypts()


def test_q7_without_a_backup_for_the_password_kms_is_kept_out(cks: Cks) -> None:
    store = cks.create_key_store()
    user = User(store)
    hsm = client("cloudhsmv2")
    second = store.cluster.hsms[1].id
    hsm.delete_hsm(ClusterId=store.cluster.id, HsmId=second)
    user.reconnect()  # which gives kmsuser another password than that in the newest backup
    replace(store, failed=True)
    for _ in range(2):
        assert failure(user.decrypt)[1].startswith(MUTE)
    assert cks.explain(store).reasons[0].failure in ("hsm-replaced", "invalid-credentials")
    assert user.reconnect() == ("FAILED", "INVALID_CREDENTIALS")


# Before the cluster is active --------------------------------------------------------------------


def test_q7_before_initialization_the_csr_is_another_one(cks: Cks, world: World) -> None:
    cluster_id = world.create_cluster()
    hsm_id = world.create_hsm(cluster_id)
    csr = world.csr(cluster_id)
    signed, anchor = customer_ca().sign(csr)
    new = cks.cluster(cluster_id).replace_hsm(hsm_id)
    assert world.csr(cluster_id) != csr
    with world.invalid():
        world.hsm.initialize_cluster(ClusterId=cluster_id, SignedCert=signed, TrustAnchor=anchor)
    world.initialize(cluster_id)
    world.activate(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"
    assert [hsm["HsmId"] for hsm in world.describe(cluster_id)["Hsms"]] == [new.id]


@pytest.mark.parametrize("failed", [False, True])
def test_q7_an_initialized_cluster_keeps_its_certificates(
    cks: Cks, world: World, failed: bool
) -> None:
    cluster_id = world.create_cluster()
    hsm_id = world.create_hsm(cluster_id)
    world.initialize(cluster_id)
    certificates = world.describe(cluster_id)["Certificates"]
    cks.cluster(cluster_id).replace_hsm(hsm_id, failed=failed)
    assert world.describe(cluster_id)["Certificates"] == certificates
    world.activate(cluster_id)
    assert world.state(cluster_id) == "ACTIVE"
    assert world.backups(cluster_id)


# What is in flight -------------------------------------------------------------------------------


def test_w12_what_is_in_flight_fails_once(user: User) -> None:
    for operation in user.operations:
        replace(user.store)
        code, message, status = failure(operation)
        assert (code, status) == ("KMSInvalidStateException", 400)
        assert message.startswith(MUTE)
        operation()
        assert user.state() == ("CONNECTED", None)


def test_w12_new_keys_and_random_bytes_want_a_retry_too(user: User) -> None:
    for operation in (user.random, lambda: user.kms.create_key(**new_key(user.store))):
        replace(user.store)
        code, _, status = failure(operation)
        assert (code, status) == ("DependencyTimeoutException", 503)
        operation()


def new_key(store: KeyStore) -> dict[str, str]:
    return {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store.id}


def test_w12_a_request_that_is_refused_before_is_none_in_flight(user: User) -> None:
    replace(user.store)
    assert failure(user.kms.encrypt, KeyId="unknown", Plaintext=b"x")[0] == "NotFoundException"
    assert failure(user.encrypt)[1].startswith(MUTE)
    user.encrypt()


def test_w12_two_that_are_replaced_before_anybody_looks_cost_one_request(user: User) -> None:
    replace(user.store)
    replace(user.store)
    assert failure(user.encrypt)[1].startswith(MUTE)
    user.encrypt()


def test_w12_whoever_is_not_connected_loses_nothing(user: User) -> None:
    user.disconnect()
    replace(user.store)
    assert user.connect() == ("CONNECTED", None)
    assert user.decrypts()


def test_w12_a_disconnect_forgets_what_was_in_flight(user: User) -> None:
    replace(user.store)
    assert user.reconnect() == ("CONNECTED", None)
    assert user.decrypts()


def test_w12_other_key_stores_lose_nothing(cks: Cks, user: User) -> None:
    everybody = others(cks)
    replace(user.store)
    assert all(other.decrypts() for other in everybody)


def test_o2_the_one_attempt_to_delete_key_material_can_be_lost(cks: Cks, user: User) -> None:
    user.kms.schedule_key_deletion(KeyId=user.key_id, PendingWindowInDays=7)
    replace(user.store)
    cks.clock.advance(days=7)
    (event,) = cks.trail.events(event_name="DeleteKey")
    assert "FAILURE" in event["additionalEventData"]["backingKeysDeletionStatus"]


def test_w12_the_others_go_on_while_the_new_one_comes_up(
    cks: Cks, user: User, transition: Callable[..., None]
) -> None:
    cluster = user.store.cluster
    transition("cloudhsmv2::hsm", progression="time", seconds=600)
    new = replace(user.store)
    assert [hsm["State"] for hsm in hsms(cluster.id)] == ["ACTIVE", "CREATE_IN_PROGRESS"]
    assert failure(user.encrypt)[1].startswith(MUTE)
    user.encrypt()
    code, _ = error_of(user.kms.create_key, **new_key(user.store))
    assert code == "CloudHsmClusterInvalidConfigurationException"
    cks.clock.advance(minutes=10)
    user.kms.create_key(**new_key(user.store))
    assert len(new.keys) == 2


def test_q7_the_last_of_the_others_leaves_what_it_had(
    cks: Cks, transition: Callable[..., None]
) -> None:
    cluster = cks.create_cluster()
    transition("cloudhsmv2::hsm", progression="time", seconds=600)
    new = cluster.replace_hsm(cluster.hsms[0])
    (other,) = cluster.hsms
    cluster.create_user("CU", "late", "latePswd1")
    client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=other.id)
    cks.clock.advance(minutes=10)
    assert "late" in {each.name for each in new.users}


def test_w12_what_is_in_flight_is_in_a_snapshot(cks: Cks, user: User) -> None:
    replace(user.store)
    snapshot = cks.snapshot()
    assert failure(user.encrypt)[1].startswith(MUTE)
    user.encrypt()
    cks.restore(snapshot)
    assert failure(user.encrypt)[1].startswith(MUTE)
    user.encrypt()


def test_w12_explain_says_what_is_going_to_fail(cks: Cks, user: User) -> None:
    old = user.store.cluster.hsms[0].id
    replace(user.store)
    (reason,) = cks.explain(user.store).reasons
    assert (reason.failure, reason.error) == ("hsm-replaced", "KMSInvalidStateException")
    assert reason.facts == {"cluster": user.store.cluster.id, "hsm": old}
    assert [step.name for step in reason.steps] == ["retry"]
    with pytest.raises(user.kms.exceptions.KMSInvalidStateException):
        user.encrypt()
    assert cks.explain(user.store).usable


# What is told of it ------------------------------------------------------------------------------


def test_q7_no_api_call_is_recorded_and_the_timeline_tells(cks: Cks, user: User) -> None:
    old = user.store.cluster.hsms[0].id
    before = len(cks.trail.events())
    new = replace(user.store)
    assert len(cks.trail.events()) == before
    (told,) = [entry.what for entry in cks.timeline if entry.subject == old][-1:]
    assert told == f"AWS replaces it by {new.id}"


def test_q7_the_new_one_has_a_log_stream_of_its_own(cks: Cks, user: User) -> None:
    cluster = user.store.cluster
    old = cluster.hsms[0]
    new = replace(user.store)
    logs = client("logs")
    group = f"/aws/cloudhsm/{cluster.id}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert {stream["logStreamName"] for stream in streams} == {old.id, new.id, cluster.hsms[0].id}
    events = logs.get_log_events(logGroupName=group, logStreamName=new.id, startFromHead=True)
    first = events["events"][0]["message"]
    assert "Sequence No : 0x0" in first
    assert "CN_LOGIN" in first


# What cannot be replaced -------------------------------------------------------------------------


def test_q7_only_what_is_in_service_can_be_replaced(
    cks: Cks, world: World, user: User, transition: Callable[..., None]
) -> None:
    cluster, other = user.store.cluster, cks.create_cluster()
    gone = cluster.hsms[0].id
    cluster.replace_hsm(gone)
    for wrong in (gone, "hsm-aaaaaaaaaaa", other.hsms[0].id, other.hsms[0]):
        before = hsms(cluster.id), hsms(other.id)
        with pytest.raises(ValueError, match="No active HSM"):
            cluster.replace_hsm(wrong)
        assert (hsms(cluster.id), hsms(other.id)) == before
    transition("cloudhsmv2::hsm", progression="time", seconds=600)
    new = replace(user.store)
    with pytest.raises(ValueError, match="No active HSM"):
        cluster.replace_hsm(new)


def test_q7_not_while_the_state_of_the_cluster_changes(
    cks: Cks, world: World, transition: Callable[..., None]
) -> None:
    cluster_id = world.create_cluster()
    hsm_id = world.create_hsm(cluster_id)
    transition("cloudhsmv2::cluster", progression="time", seconds=600)
    world.initialize(cluster_id)
    with pytest.raises(ValueError, match="is INITIALIZE_IN_PROGRESS"):
        cks.cluster(cluster_id).replace_hsm(hsm_id)
    cks.clock.advance(minutes=10)
    cks.cluster(cluster_id).replace_hsm(hsm_id)


def test_q7_not_in_a_world_that_is_over(cks: Cks, user: User) -> None:
    cluster = user.store.cluster
    hsm_id = cluster.hsms[0].id
    mock_cks().reset()
    with pytest.raises(RuntimeError):
        cluster.replace_hsm(hsm_id)

"""HSMs that are too busy, and what fails while a backup is made (row W12).

AWS CloudHSM User Guide: "HSM throttling", "Known issues for AWS CloudHSM hsm2m.medium instances";
AWS KMS Developer Guide: "Throttling AWS KMS requests".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import Cks
from moto_cks.hsm import HsmError, ReturnCode
from moto_cks.hsm.keys import AES_256_TOKEN_KEY
from tests.aws import client, error_of, failure
from tests.kms.user import User, others

TOO_FAST = (
    "ThrottlingException",
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    400,
)


def new_key(user: User) -> Callable[[], Any]:
    return lambda: user.kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=user.store.id)


def test_w12_kms_is_throttled_as_often_as_the_hsms_are(world: Cks, user: User) -> None:
    for operation in (*user.operations, user.random, new_key(user)):
        world.faults.hsms_busy(user.store, times=2)
        for _ in range(2):
            assert failure(operation) == TOO_FAST
        operation()
    assert user.state() == ("CONNECTED", None)


def test_w12_until_it_is_ended(world: Cks, user: User) -> None:
    fault = world.faults.hsms_busy(user.store.cluster, times=None)
    assert [failure(user.encrypt) for _ in range(3)] == [TOO_FAST] * 3
    fault.end()
    user.encrypt()


def test_w12_w1_the_metric_of_throttling_counts_it(world: Cks, user: User) -> None:
    world.faults.hsms_busy(user.store, times=2)
    error_of(user.encrypt)
    error_of(user.random)
    (metric,) = client("cloudwatch").list_metrics(MetricName="CloudHSMKeyStoreThrottle")["Metrics"]
    assert {each["Name"]: each["Value"] for each in metric["Dimensions"]} == {
        "CustomKeyStoreId": user.store.id,
        "KmsOperation": "Encrypt",
        "KeySpec": "SYMMETRIC_DEFAULT",
    }


def test_w12_connecting_is_not_affected(world: Cks, user: User) -> None:
    with world.faults.hsms_busy(user.store, times=None):
        assert user.reconnect() == ("CONNECTED", None)
    assert user.decrypts()


def test_w12_other_clusters_are_not_affected(world: Cks, user: User) -> None:
    everybody = others(world)
    world.faults.hsms_busy(user.store, times=None)
    assert all(other.decrypts() for other in everybody)


def test_w12_key_mgmt_util_prints_187(world: Cks) -> None:
    cluster = world.create_cluster()
    with world.key_mgmt_util(cluster.id) as tool:
        tool.run("loginHSM -u CU -s kmsuser -p kmsPswd1")
        world.faults.hsms_busy(cluster)
        printed = tool.run("genSymKey -t 31 -s 32 -l busy")
        assert "0xbb" in printed
        assert "HSM is already busy generating the keys(or random bytes)" in printed
        assert cluster.hsms[0].keys == ()
        assert "0x00" in tool.run("genSymKey -t 31 -s 32 -l busy")


def test_w12_cloudhsm_cli_answers_187(world: Cks) -> None:
    cluster = world.create_cluster()
    with world.cloudhsm_cli(cluster.id) as tool:
        tool.run("login --username kmsuser --role crypto-user", "kmsPswd1")
        world.faults.hsms_busy(cluster)
        answer = json.loads(tool.run("key list"))
        assert answer["error_code"] == 1
        assert "Response Code: 187" in answer["data"]
        assert json.loads(tool.run("key list"))["error_code"] == 0


def test_w12_a_login_of_python_meets_it_too(world: Cks) -> None:
    cluster = world.create_cluster()
    world.faults.hsms_busy(cluster)
    with cluster.login("CU", "kmsuser", "kmsPswd1") as session:
        with pytest.raises(HsmError) as refused:
            session.generate_key("a", AES_256_TOKEN_KEY)
        assert refused.value.code is ReturnCode.BUSY
        session.generate_key("a", AES_256_TOKEN_KEY)


def test_w12_explain_tells_it(world: Cks, user: User) -> None:
    world.faults.hsms_busy(user.store, times=2)
    (reason,) = world.explain(user.store).reasons
    assert (reason.cause, reason.error) == ("hsms-busy", "ThrottlingException")
    assert reason.facts == {"cluster": user.store.cluster.id, "times": 2}
    assert "for 2 more commands" in reason.what
    assert reason.page.endswith("/troubleshoot-hsm-throttling.html")
    fault = world.faults.hsms_busy(user.store, times=None)
    alone = world.create_cluster()
    world.faults.hsms_busy(alone)
    for cluster in (user.store.cluster, alone):
        assert "hsms-busy" in [reason.cause for reason in world.explain(cluster).reasons]
    fault.end()
    assert [error_of(user.encrypt)[0] for _ in range(2)] == ["ThrottlingException"] * 2
    assert world.explain(user.store).usable


def test_w12_bad_input(world: Cks) -> None:
    with pytest.raises(ValueError, match="times"):
        world.faults.hsms_busy(world.create_cluster(), times=0)
    with pytest.raises(KeyError):
        world.faults.hsms_busy("cluster-aaaaaaaaaaa")


# While a backup is made --------------------------------------------------------------------------


@pytest.fixture
def slow(transition: Callable[..., None], user: User) -> User:
    """Somebody whose backups take ten minutes."""
    transition("cloudhsmv2::backup", progression="time", seconds=600)
    return user


def test_w12_random_numbers_fail_once_while_an_hsm2m_is_backed_up(world: Cks, slow: User) -> None:
    for operation in (slow.random, new_key(slow)):
        world.clock.advance(days=1)  # the daily backup
        code, message, status = failure(operation)
        assert (code, status) == ("KMSInternalException", 500)
        assert message == (
            "KMS could not complete the request because the CloudHSM cluster is being backed up. "
            "Retry your request."
        )
        operation()


def test_w12_what_needs_no_random_numbers_goes_on(world: Cks, slow: User) -> None:
    world.clock.advance(days=1)
    assert slow.decrypts()
    assert slow.encrypt()


def test_w12_when_the_backup_is_ready_nothing_fails(world: Cks, slow: User) -> None:
    world.clock.advance(days=1)
    world.clock.advance(minutes=10)
    slow.random()


def test_w12_without_hsms_nothing_is_disturbed(world: Cks, slow: User) -> None:
    world.clock.advance(days=1)
    cloudhsm, cluster = client("cloudhsmv2"), slow.store.cluster
    for hsm in cluster.hsms:
        cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    assert error_of(slow.random)[0] == "DependencyTimeoutException"
    world.clock.advance(minutes=10)
    cloudhsm.create_hsm(ClusterId=cluster.id, AvailabilityZone="us-east-1a")
    slow.random()


def test_w12_the_older_hsms_go_on(transition: Callable[..., None], world: Cks) -> None:
    older = User(world.create_key_store(hsm_type="hsm1.medium"))
    transition("cloudhsmv2::backup", progression="time", seconds=600)
    world.clock.advance(days=1)
    older.random()
    new_key(older)()

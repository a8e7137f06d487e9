"""The metrics of KMS and CloudHSM in CloudWatch (rows W1 and W2).

AWS KMS Developer Guide: "Monitor KMS keys with Amazon CloudWatch"; AWS CloudHSM User Guide:
"Getting CloudWatch metrics for AWS CloudHSM".
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import Cks, KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms.user import User
from tests.moments import NOON
from tests.monitoring.metrics import CLOUDHSM, HOUR, KMS, listed, named, points, query, total

SUCCESSES, THROTTLED = "SuccessfulRequest", "CloudHSMKeyStoreThrottle"

AT_A_MINUTE = NOON + timedelta(seconds=30)


@pytest.fixture
def quiet(noon: Any, world: Cks) -> Cks:
    """A world whose time only the simulated clock moves."""
    world.clock.advance_to(AT_A_MINUTE)
    return world


def arn(key_id: str) -> str:
    return str(client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["Arn"])


def of_key(user: User, operation: str) -> dict[str, str]:
    return {"KeyArn": arn(user.key_id), "Operation": operation}


def of_store(store: KeyStore, operation: str) -> dict[str, str]:
    return {
        "CustomKeyStoreId": store.id,
        "KmsOperation": operation,
        "KeySpec": "SYMMETRIC_DEFAULT",
    }


# KMS ---------------------------------------------------------------------------------------------


def test_w1_successful_requests_are_counted_for_each_key_and_operation(
    quiet: Cks, user: User
) -> None:
    user.decrypt()
    user.decrypt()
    other = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("kms").encrypt(KeyId=other, Plaintext=b"x")
    now = quiet.clock.now()
    assert total(KMS, SUCCESSES, of_key(user, "Encrypt"), now) == 1
    assert total(KMS, SUCCESSES, of_key(user, "Decrypt"), now) == 2
    assert total(KMS, SUCCESSES, {"KeyArn": arn(other), "Operation": "Encrypt"}, now) == 1
    assert len(listed(KMS, SUCCESSES)) == 3


def test_w1_a_data_point_is_a_minute(quiet: Cks, user: User) -> None:
    for _ in range(2):
        user.decrypt()
        user.decrypt()
        quiet.clock.advance(minutes=2)
    (first, second) = points(KMS, SUCCESSES, of_key(user, "Decrypt"), quiet.clock.now())
    assert [first["Timestamp"], second["Timestamp"]] == [NOON, NOON + timedelta(minutes=2)]
    for point in (first, second):
        assert (point["Sum"], point["SampleCount"], point["Maximum"]) == (2, 2, 1)
        assert (point["Average"], point["Unit"]) == (1, "Count")


def test_w1_re_encrypt_has_both_keys(quiet: Cks, user: User) -> None:
    other = client("kms").create_key()["KeyMetadata"]["KeyId"]
    user.re_encrypt(other)
    both = {
        "SourceKeyArn": arn(user.key_id),
        "DestinationKeyArn": arn(other),
        "Operation": "ReEncrypt",
    }
    assert total(KMS, SUCCESSES, both, quiet.clock.now()) == 1
    assert both in listed(KMS, SUCCESSES)


def test_w1_only_cryptographic_operations_that_succeed_count(quiet: Cks, user: User) -> None:
    kms = user.kms
    kms.describe_key(KeyId=user.key_id)
    user.random()
    with contextlib.suppress(ClientError):
        kms.encrypt(KeyId=user.key_id, Plaintext=b"x", DryRun=True)
    user.disconnect()
    with pytest.raises(ClientError):
        user.encrypt()
    assert total(KMS, SUCCESSES, of_key(user, "Encrypt"), quiet.clock.now()) == 1
    assert len(listed(KMS)) == 1


def test_w1_what_a_service_asks_for_counts(quiet: Cks, user: User) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="cards")
    s3.put_object(
        Bucket="cards",
        Key="card",
        Body=b"x",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=arn(user.key_id),
    )
    dimensions = of_key(user, "GenerateDataKey")
    assert total(KMS, SUCCESSES, dimensions, quiet.clock.now()) == 1


def test_w1_n3_throttling_by_the_quota_of_the_key_store_is_counted(quiet: Cks, user: User) -> None:
    with quiet.faults.throttle(1 / 60):
        user.encrypt()
        for call in (user.encrypt, user.encrypt, user.decrypt, user.random):
            assert error_of(call)[0] == "ThrottlingException"
    now = quiet.clock.now()
    assert total(KMS, THROTTLED, of_store(user.store, "Encrypt"), now) == 2
    assert total(KMS, THROTTLED, of_store(user.store, "Decrypt"), now) == 1
    assert len(listed(KMS, THROTTLED)) == 2  # random bytes are no operation on a key
    assert total(KMS, SUCCESSES, of_key(user, "Encrypt"), now) == 2


def test_w1_n3_of_two_keys_that_in_a_key_store_is_counted(quiet: Cks, user: User) -> None:
    ordinary = user.kms.create_key()["KeyMetadata"]["KeyId"]
    with quiet.faults.throttle(1 / 60):
        user.encrypt()
        assert error_of(user.re_encrypt, key_id=ordinary)[0] == "ThrottlingException"
        user.kms.encrypt(KeyId=ordinary, Plaintext=b"x")
    assert total(KMS, THROTTLED, of_store(user.store, "ReEncrypt"), quiet.clock.now()) == 1
    assert len(listed(KMS, THROTTLED)) == 1


def test_w1_another_failure_is_no_throttling(quiet: Cks, user: User) -> None:
    with quiet.faults.fail("Encrypt", "KMSInternalException"), contextlib.suppress(ClientError):
        user.encrypt()
    assert listed(KMS, THROTTLED) == []


def test_w1_accounts_and_regions_are_apart(quiet: Cks, user: User) -> None:
    there = User(quiet.create_key_store(region=OTHER_REGION))
    theirs = User(quiet.create_key_store(account_id=OTHER_ACCOUNT))
    for more, one in (
        ({}, user),
        ({"region": OTHER_REGION}, there),
        ({"account_id": OTHER_ACCOUNT}, theirs),
    ):
        (found,) = listed(KMS, SUCCESSES, **more)
        assert found["KeyArn"].endswith(one.key_id)


def test_w1_counts_are_kept_for_two_weeks(quiet: Cks, user: User) -> None:
    quiet.clock.advance(days=13)
    assert len(listed(KMS)) == 1
    assert total(KMS, SUCCESSES, of_key(user, "Encrypt"), quiet.clock.now(), hours=330) == 1
    quiet.clock.advance(days=2)
    assert listed(KMS) == []
    assert points(KMS, SUCCESSES, of_key(user, "Encrypt"), quiet.clock.now(), hours=400) == []


# CloudHSM ----------------------------------------------------------------------------------------


def value(cks: Cks, name: str, **dimensions: str) -> float:
    """The value of a metric now."""
    return float(points(CLOUDHSM, name, dimensions, cks.clock.now())[-1]["Average"])


def test_w2_metrics_are_by_region_by_cluster_and_by_hsm(quiet: Cks) -> None:
    cluster = quiet.create_cluster()
    first, second = (hsm.id for hsm in cluster.hsms)
    assert listed(CLOUDHSM, "HsmUnhealthy") == [
        {"Region": "us-east-1"},
        {"ClusterId": cluster.id},
        {"ClusterId": cluster.id, "HsmId": first},
        {"ClusterId": cluster.id, "HsmId": second},
    ]


def test_w2_the_older_hsms_have_more_metrics(quiet: Cks) -> None:
    cloudhsm = client("cloudhsmv2")
    cluster = quiet.create_cluster(hsms=1, hsm_type="hsm1.medium")
    cloudhsm.modify_cluster(ClusterId=cluster.id, HsmType="hsm2m.medium")
    names = {metric["MetricName"] for metric in client("cloudwatch").list_metrics()["Metrics"]}
    assert names == {
        "HsmUnhealthy",
        "HsmKeysSessionOccupied",
        "HsmKeysTokenOccupied",
        "HsmSessionCount",
        "HsmUsersAvailable",
    }
    assert value(quiet, "HsmUsersAvailable", ClusterId=cluster.id) == 1024 - 2
    cloudhsm.modify_cluster(ClusterId=cluster.id, HsmType="hsm1.medium")
    more = {metric["MetricName"] for metric in client("cloudwatch").list_metrics()["Metrics"]}
    assert more - names == {"HsmSslCtxsOccupied", "HsmUsersMax"}
    assert value(quiet, "HsmUsersMax", ClusterId=cluster.id) == 250
    assert value(quiet, "HsmUsersAvailable", ClusterId=cluster.id) == 250 - 2


def test_w2_keys_sessions_and_users_show(quiet: Cks) -> None:
    store = quiet.create_key_store()
    cluster = store.cluster
    store.create_key()
    session = cluster.login("CO", "admin", cluster.admin_password or "")
    cluster.create_user("CU", "alice", "userPswd1", hsms=cluster.hsms[:1])
    first, second = ({"ClusterId": cluster.id, "HsmId": hsm.id} for hsm in cluster.hsms)
    assert value(quiet, "HsmKeysTokenOccupied", **first) == 1
    assert value(quiet, "HsmSessionCount", **first) == 4  # two a client: KMS and the officer
    available = value(quiet, "HsmUsersAvailable", **second)
    assert value(quiet, "HsmUsersAvailable", **first) == available - 1  # an alarm can see that
    session.logout()
    quiet.clock.advance(minutes=1)
    assert value(quiet, "HsmSessionCount", **first) == 2


def test_w2_values_last_until_they_change(quiet: Cks) -> None:
    store = quiet.create_key_store()
    dimensions = {"ClusterId": store.cluster.id}
    quiet.clock.advance(minutes=59)
    store.create_key()
    quiet.clock.advance(hours=2)
    one, two, three = points(
        CLOUDHSM, "HsmKeysTokenOccupied", dimensions, quiet.clock.now(), hours=2, period=HOUR
    )
    assert [each["Timestamp"] for each in (one, two, three)] == [
        NOON + timedelta(hours=hours) for hours in range(3)
    ]
    assert (one["SampleCount"], one["Minimum"], one["Maximum"]) == (120, 0, 1)
    assert one["Sum"] == 2  # each of two HSMs had it for a minute
    assert (two["Average"], two["SampleCount"]) == (1, 120)
    assert three["Timestamp"].astimezone(timezone.utc) <= quiet.clock.now()


def test_w2_an_hsm_that_is_gone_has_no_more_data(quiet: Cks) -> None:
    cluster = quiet.create_cluster()
    gone = cluster.hsms[0].id
    dimensions = {"ClusterId": cluster.id, "HsmId": gone}
    quiet.clock.advance(minutes=5)
    client("cloudhsmv2").delete_hsm(ClusterId=cluster.id, HsmId=gone)
    quiet.clock.advance(minutes=5)
    shown = points(CLOUDHSM, "HsmSessionCount", dimensions, quiet.clock.now())
    assert shown[-1]["Timestamp"] == NOON + timedelta(minutes=5)
    quiet.clock.advance(days=15)
    assert dimensions not in listed(CLOUDHSM)
    assert {"ClusterId": cluster.id} in listed(CLOUDHSM)


def test_w2_q7_an_hsm_that_fails_is_unhealthy_until_it_is_replaced(quiet: Cks) -> None:
    cluster = quiet.create_cluster()
    quiet.clock.advance(minutes=5)
    old = cluster.hsms[0]
    new = cluster.replace_hsm(old, failed=True)
    quiet.clock.advance(minutes=1)
    assert value(quiet, "HsmUnhealthy", ClusterId=cluster.id, HsmId=old.id) == 1
    assert value(quiet, "HsmUnhealthy", ClusterId=cluster.id, HsmId=new.id) == 0
    cluster.replace_hsm(new)  # for maintenance
    assert value(quiet, "HsmUnhealthy", ClusterId=cluster.id, HsmId=new.id) == 0


# How they are asked for --------------------------------------------------------------------------


def test_get_metric_data_answers_several_queries_each_for_itself(quiet: Cks, user: User) -> None:
    user.decrypt()
    cluster = {"ClusterId": user.store.cluster.id}
    hsm = {**cluster, "HsmId": user.store.cluster.hsms[0].id}
    client("cloudwatch").put_metric_data(
        Namespace="Cards", MetricData=[{"MetricName": "Read", "Value": 7, "Timestamp": NOON}]
    )
    now = quiet.clock.now()
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            query("uses", KMS, SUCCESSES, of_key(user, "Decrypt"), "Sum"),
            query("cluster", CLOUDHSM, "HsmKeysTokenOccupied", cluster, "SampleCount"),
            query("hsm", CLOUDHSM, "HsmKeysTokenOccupied", hsm, "SampleCount", Label="one HSM"),
            query("region", CLOUDHSM, "HsmKeysTokenOccupied", {}, "Sum"),
            query("own", "Cards", "Read", {}, "Sum"),
            query("hidden", KMS, SUCCESSES, of_key(user, "Encrypt"), "Sum", ReturnData=False),
            {"Id": "shown", "Expression": "hidden"},
        ],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
    )
    found = {each["Id"]: (each["Label"], each["Values"]) for each in answer["MetricDataResults"]}
    assert found == {
        "uses": (f"{SUCCESSES} Sum", [1]),
        "cluster": ("HsmKeysTokenOccupied SampleCount", [2]),
        "hsm": ("one HSM", [1]),
        "region": ("HsmKeysTokenOccupied Sum", []),  # which has a dimension
        "own": ("Read Sum", [7]),
        "shown": ("shown", [1]),
    }


def test_a_metric_is_found_by_all_its_dimensions_only(quiet: Cks, user: User) -> None:
    now = quiet.clock.now()
    assert points(KMS, SUCCESSES, {"KeyArn": arn(user.key_id)}, now) == []
    assert points(KMS, SUCCESSES, {}, now) == []
    assert points(KMS, "Unknown", of_key(user, "Encrypt"), now) == []
    assert points("Cards", SUCCESSES, of_key(user, "Encrypt"), now) == []


def test_list_metrics_filters(quiet: Cks, user: User) -> None:
    cloudwatch = client("cloudwatch")
    by_key = cloudwatch.list_metrics(Dimensions=[{"Name": "KeyArn"}])["Metrics"]
    assert {metric["MetricName"] for metric in by_key} == {SUCCESSES}
    by_operation = named({"Operation": "Decrypt"})
    assert cloudwatch.list_metrics(Namespace=KMS, Dimensions=by_operation)["Metrics"] == []


def test_bad_times_are_refused_as_moto_refuses_them(quiet: Cks, user: User) -> None:
    cloudwatch = client("cloudwatch")
    times = {"StartTime": NOON, "EndTime": NOON}
    code, _ = error_of(
        cloudwatch.get_metric_statistics,
        Namespace=KMS,
        MetricName=SUCCESSES,
        Period=60,
        Statistics=["Sum"],
        **times,
    )
    assert "InvalidParameterValue" in code
    queries = [query("uses", KMS, SUCCESSES, {}, "Sum")]
    code, _ = error_of(cloudwatch.get_metric_data, MetricDataQueries=queries, **times)
    assert code == "ValidationError"


def test_what_was_counted_is_in_a_snapshot(quiet: Cks, user: User) -> None:
    snapshot = quiet.snapshot()
    user.encrypt()
    quiet.restore(snapshot)
    now = quiet.clock.now()
    assert total(KMS, SUCCESSES, of_key(user, "Encrypt"), now) == 1
    assert value(quiet, "HsmKeysTokenOccupied", ClusterId=user.store.cluster.id) == 1


def test_w1_an_alarm_has_what_it_takes_to_look(quiet: Cks, user: User) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="throttled",
        Namespace=KMS,
        MetricName=THROTTLED,
        Dimensions=named(of_store(user.store, "Decrypt")),
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    with quiet.faults.throttle(1 / 60):
        user.encrypt()
        error_of(user.decrypt)
    (alarm,) = cloudwatch.describe_alarms_for_metric(Namespace=KMS, MetricName=THROTTLED)[
        "MetricAlarms"
    ]
    now = quiet.clock.now()
    answer = cloudwatch.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        Statistics=[alarm["Statistic"]],
        Period=alarm["Period"],
        StartTime=now - timedelta(minutes=1),
        EndTime=now + timedelta(minutes=1),
    )
    (point,) = answer["Datapoints"]
    assert point["Sum"] >= alarm["Threshold"]


def test_no_world_no_metrics() -> None:
    end = datetime.now(timezone.utc)
    from moto import mock_aws  # noqa: PLC0415 - moto alone

    with mock_aws():
        client("kms").create_key()
        assert listed(KMS) == []
        assert points(KMS, SUCCESSES, {}, end) == []

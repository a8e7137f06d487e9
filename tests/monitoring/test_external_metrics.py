"""The metrics of external key stores in CloudWatch (rows X64 and X65).

AWS KMS Developer Guide: "Monitor KMS keys with Amazon CloudWatch", "Monitor external key stores",
"Create CloudWatch alarms for external key stores".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moto_cks import Cks, XksProxy
from moto_cks.kms.keystores.external import client as kms_as_client
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms.keystores.external import Owner, creation, credential
from tests.kms.keystores.external.scripted import PATIENCE
from tests.moments import NOON
from tests.monitoring.metrics import KMS, listed, points, total

ERRORS, LATENCY = "XksProxyErrors", "XksProxyLatency"
STATES, DAYS = "XksExternalKeyManagerStates", "XksProxyCertificateDaysToExpire"
AGE, THROTTLED = "XksProxyCredentialAge", "ExternalKeyStoreThrottle"
HOST = "xks.example.com"
SUCCESS = {"ErrorType": "N/A", "ExceptionName": "None"}
RETRYABLE, NOT_RETRYABLE = "Retryable errors", "Non-retryable errors"


@pytest.fixture
def quiet(noon: Any, world: Cks) -> Cks:
    """A world whose time only the simulated clock moves."""
    return world


@pytest.fixture
def somebody(quiet: Cks) -> Owner:
    """Somebody with a key in an external key store; they have encrypted once."""
    return Owner(quiet.create_external_key_store())


def exchange(owner: Owner, kms_operation: str, api: str | None = None) -> dict[str, str]:
    """The dimensions that tell what was asked."""
    return {
        "CustomKeyStoreId": owner.store.id,
        "KmsOperation": kms_operation,
        "XksOperation": api or kms_operation,
        "KeySpec": "SYMMETRIC_DEFAULT",
    }


def failure(error_type: str, name: str) -> dict[str, str]:
    return {"ErrorType": error_type, "ExceptionName": name}


def of_store(owner: Owner, **more: str) -> dict[str, str]:
    return {"CustomKeyStoreId": owner.store.id, **more}


def shown(world: Cks, name: str, dimensions: dict[str, str], hours: float = 1) -> list[float]:
    """The values of the last hours, oldest first; in no period there are two different ones."""
    found = points(KMS, name, dimensions, world.clock.now(), hours=hours)
    assert all(point["Minimum"] == point["Maximum"] for point in found)
    return [point["Minimum"] for point in found]


def last(world: Cks, name: str, dimensions: dict[str, str]) -> float | None:
    """What was shown last, in these five minutes; ``None`` where nothing was."""
    values = shown(world, name, dimensions, hours=4 / 60)
    return values[-1] if values else None


# Each exchange -----------------------------------------------------------------------------------


def test_x64_1_each_exchange_is_counted_successes_too(quiet: Cks, somebody: Owner) -> None:
    somebody.decrypt()
    somebody.kms.generate_data_key(KeyId=somebody.key_id, KeySpec="AES_256")
    somebody.kms.re_encrypt(CiphertextBlob=somebody.ciphertext, DestinationKeyId=somebody.key_id)
    somebody.update(XksProxyAuthenticationCredential=credential(somebody.proxy))
    quiet.clock.advance(minutes=6)
    asked = [
        exchange(somebody, "ConnectCustomKeyStore", "GetHealthStatus"),
        exchange(somebody, "UpdateCustomKeyStore", "GetHealthStatus"),
        exchange(somebody, "KmsHealthCheck", "GetHealthStatus"),
        exchange(somebody, "CreateKey", "GetKeyMetadata"),
        exchange(somebody, "Encrypt"),
        exchange(somebody, "Decrypt"),
        exchange(somebody, "GenerateDataKey", "Encrypt"),
        exchange(somebody, "ReEncrypt", "Decrypt"),
        exchange(somebody, "ReEncrypt", "Encrypt"),
    ]
    for dimensions in asked:
        counted = total(KMS, ERRORS, {**dimensions, **SUCCESS}, quiet.clock.now())
        assert counted == 1, dimensions
        assert total(KMS, ERRORS, dimensions, quiet.clock.now()) == 0  # that is no metric
    assert len(listed(KMS, ERRORS)) == len(listed(KMS, LATENCY)) == len(asked)


def test_x64_1_failures_by_their_names(quiet: Cks, somebody: Owner) -> None:
    proxy, now = somebody.proxy, quiet.clock.now
    with proxy.quota(1), proxy.latency(0.3, api="Decrypt"):
        somebody.encrypt()
        for _ in range(2):
            somebody.why_not()
        quiet.clock.advance(seconds=2)
        somebody.why_not(somebody.decrypt)
    proxy.key("external-key-1").disable()
    somebody.why_not()
    counted = {
        ("Encrypt", RETRYABLE, "ThrottlingException"): 2,
        ("Decrypt", RETRYABLE, "XksProxyUnreachableException"): 1,
        ("Encrypt", NOT_RETRYABLE, "InvalidStateException"): 1,
    }
    for (operation, error_type, name), number in counted.items():
        dimensions = {**exchange(somebody, operation), **failure(error_type, name)}
        (point,) = points(KMS, ERRORS, dimensions, now())
        assert (point["Sum"], point["SampleCount"], point["Unit"]) == (number, number, "Count")
    named = {dimensions["ExceptionName"] for dimensions in listed(KMS, ERRORS)}
    assert named == {"None", *(name for _, _, name in counted)}


def test_x64_1_of_no_key_store_nothing_is_counted(quiet: Cks) -> None:
    proxy = quiet.xks_proxy()
    proxy.credentials.rotate()
    parameters = creation(proxy)
    proxy.credentials.rotate()
    error_of(client("kms").create_custom_key_store, **parameters)
    client("kms").create_custom_key_store(**creation(proxy))
    assert [entry.api for entry in proxy.log] == ["GetHealthStatus"] * 2
    assert listed(KMS) == []


def test_x37_x64_1_a_dry_run_asks_nothing(quiet: Cks, somebody: Owner) -> None:
    error_of(somebody.encrypt, DryRun=True)
    assert total(KMS, ERRORS, {**exchange(somebody, "Encrypt"), **SUCCESS}, quiet.clock.now()) == 1


def test_x64_2_latency_in_milliseconds(quiet: Cks, somebody: Owner) -> None:
    for seconds in (0.1, 0.2):
        with somebody.proxy.latency(seconds):
            somebody.decrypt()
    (point,) = points(KMS, LATENCY, exchange(somebody, "Decrypt"), quiet.clock.now())
    assert (point["Minimum"], point["Maximum"]) == (pytest.approx(100), pytest.approx(200))
    assert (point["SampleCount"], point["Average"]) == (2, pytest.approx(150))
    assert point["Unit"] == "Milliseconds"


def test_x43_2_x64_2_what_takes_too_long_counts_the_limit(quiet: Cks, somebody: Owner) -> None:
    with somebody.proxy.latency(3):
        somebody.why_not()
    somebody.proxy.certificate.renew()  # connections end
    with somebody.proxy.latency(3, api="handshake"):
        somebody.why_not(somebody.decrypt)
    found = points(KMS, LATENCY, exchange(somebody, "Encrypt"), quiet.clock.now())
    assert found[0]["Maximum"] == 250
    found = points(KMS, LATENCY, exchange(somebody, "Decrypt"), quiet.clock.now())
    assert found[0]["Maximum"] == 500  # a handshake is tried once more


# What is published while it is connected ---------------------------------------------------------


def test_x64_3_external_key_manager_instances_by_their_health(quiet: Cks) -> None:
    proxy = quiet.xks_proxy(instances=("a", "b", "c"))
    owner = Owner(quiet.create_external_key_store(proxy=proxy))

    def seen() -> list[float | None]:
        states = ("Active", "Degraded", "Unavailable")
        each = [of_store(owner, XksExternalKeyManagerState=state) for state in states]
        return [last(quiet, STATES, dimensions) for dimensions in each]

    assert seen() == [3, 0, 0]
    proxy.instances[0].health, proxy.instances[1].health = "DEGRADED", "UNAVAILABLE"
    assert seen() == [3, 0, 0]  # nobody has looked
    quiet.clock.advance(minutes=5)
    assert seen() == [1, 1, 1]
    for instance in proxy.instances:
        instance.health = "UNAVAILABLE"
    quiet.clock.advance(minutes=5)
    assert seen() == [0, 0, 3]
    assert owner.state() == ("CONNECTED", None)
    proxy.stop()
    quiet.clock.advance(minutes=5)
    assert seen() == [None] * 3  # who does not answer says nothing of them
    proxy.start()
    quiet.clock.advance(minutes=5)
    assert seen() == [0, 0, 3]


def test_x64_3_x45_every_five_minutes_however_far_the_clock_goes(
    quiet: Cks, somebody: Owner
) -> None:
    quiet.clock.advance(hours=2)
    active = of_store(somebody, XksExternalKeyManagerState="Active")
    found = points(KMS, STATES, active, quiet.clock.now(), hours=3)
    assert [point["Timestamp"] - NOON for point in found] == [
        timedelta(minutes=minutes) for minutes in range(0, 121, 5)
    ]
    assert {point["SampleCount"] for point in found} == {1}


def test_x64_3_x64_4_what_kms_sees_once_more_is_shown_at_the_same_times(
    quiet: Cks, somebody: Owner
) -> None:
    shown = {
        STATES: of_store(somebody, XksExternalKeyManagerState="Active"),
        DAYS: of_store(somebody, CertificateName=HOST),
    }
    quiet.clock.advance(minutes=2)
    somebody.proxy.stop().undo()
    assert somebody.works()  # over another connection, with the same certificate
    quiet.clock.advance(minutes=10)
    for name, dimensions in shown.items():
        found = points(KMS, name, dimensions, quiet.clock.now(), hours=1)
        minutes = [point["Timestamp"] - NOON for point in found]
        assert minutes == [timedelta(minutes=after) for after in (0, 5, 10)]


def test_x64_4_days_until_the_certificate_expires(quiet: Cks, somebody: Owner) -> None:
    named = of_store(somebody, CertificateName=HOST)
    assert last(quiet, DAYS, named) == 90
    quiet.clock.advance(hours=1)
    assert last(quiet, DAYS, named) == 89
    somebody.proxy.certificate.renew(days=30)
    assert last(quiet, DAYS, named) == 89  # KMS has not seen it
    somebody.encrypt()
    assert last(quiet, DAYS, named) == 30
    somebody.proxy.certificate.renew(days=20, cn="other.example.com", san=[HOST])
    somebody.encrypt()
    assert last(quiet, DAYS, of_store(somebody, CertificateName="other.example.com")) == 20
    quiet.clock.advance(minutes=6)
    assert last(quiet, DAYS, named) is None


@pytest.mark.parametrize("cn", ["*.example.com", None])
def test_x64_4_nothing_of_a_wildcard_or_of_no_name(quiet: Cks, cn: str | None) -> None:
    host = HOST if cn else f"{'x' * 60}.example.com"  # too long for a CN
    proxy = quiet.xks_proxy(host)
    if cn:
        proxy.certificate.renew(cn=cn)
    owner = Owner(quiet.create_external_key_store(proxy=proxy))
    assert owner.works()
    assert listed(KMS, DAYS) == []
    assert listed(KMS, AGE) == [of_store(owner)]


def test_x64_4_a_certificate_that_kms_does_not_take_is_not_shown(
    quiet: Cks, somebody: Owner
) -> None:
    somebody.proxy.certificate.renew(issuer="unknown", days=3)
    somebody.why_not()
    assert last(quiet, DAYS, of_store(somebody, CertificateName=HOST)) == 90


def test_x64_5_days_since_kms_was_given_the_credential(quiet: Cks, somebody: Owner) -> None:
    assert last(quiet, AGE, of_store(somebody)) == 0
    quiet.clock.advance(days=3)
    assert last(quiet, AGE, of_store(somebody)) == 3
    somebody.update(NewCustomKeyStoreName="renamed")
    assert last(quiet, AGE, of_store(somebody)) == 3
    somebody.proxy.credentials.add()
    somebody.update(XksProxyAuthenticationCredential=credential(somebody.proxy))
    assert last(quiet, AGE, of_store(somebody)) == 0
    somebody.disconnect()
    quiet.clock.advance(days=2)
    assert last(quiet, AGE, of_store(somebody)) is None
    somebody.connect()
    assert last(quiet, AGE, of_store(somebody)) == 2  # when it was given, not when it connected


def test_x14_nothing_is_published_while_it_is_not_connected(quiet: Cks, somebody: Owner) -> None:
    named = {
        STATES: of_store(somebody, XksExternalKeyManagerState="Active"),
        DAYS: of_store(somebody, CertificateName=HOST),
        AGE: of_store(somebody),
    }

    def published() -> set[int]:
        now = quiet.clock.now()
        return {len(points(KMS, name, named[name], now, hours=0.5)) for name in named}

    quiet.clock.advance(minutes=20)
    assert published() == {5}
    somebody.disconnect()
    quiet.clock.advance(minutes=60)
    assert published() == {0}
    somebody.proxy.credentials.rotate()
    assert somebody.connect() == ("FAILED", "INVALID_CREDENTIALS")
    quiet.clock.advance(minutes=60)
    assert published() == {0}
    somebody.disconnect()
    somebody.update(XksProxyAuthenticationCredential=credential(somebody.proxy))
    assert published() == {0}
    assert somebody.connect() == ("CONNECTED", None)
    assert published() == {1}


def test_x64_3_not_after_the_certificate_has_expired(quiet: Cks, somebody: Owner) -> None:
    """KMS cannot ask then, even where the clock jumps over that moment."""
    somebody.proxy.certificate.renew(days=1)
    somebody.encrypt()
    quiet.clock.advance(hours=30)
    active = of_store(somebody, XksExternalKeyManagerState="Active")
    found = points(KMS, STATES, active, quiet.clock.now(), hours=31)
    assert found[-1]["Timestamp"] == NOON + timedelta(hours=24, minutes=-5)
    assert last(quiet, DAYS, of_store(somebody, CertificateName=HOST)) == 0


def test_x64_of_a_proxy_outside_of_the_world(world: Cks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kms_as_client, "SECONDS", PATIENCE)  # the machine may be busy
    proxy = XksProxy(HOST)
    try:
        address, port = proxy.serve()
        ca = proxy.certificate.authority.certificate
        world.route_xks(proxy.endpoint, to=f"{address}:{port}", ca=ca)
        kms = client("kms")
        store_id = kms.create_custom_key_store(**creation(proxy))["CustomKeyStoreId"]
        kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    finally:
        proxy.close()
    named = {"CustomKeyStoreId": store_id, "CertificateName": HOST}
    assert last(world, DAYS, named) in (89, 90)  # of real time, some seconds pass
    (dimensions,) = listed(KMS, LATENCY)
    (point,) = points(KMS, LATENCY, dimensions, world.clock.now())
    assert point["Maximum"] > 0


# Alarms ------------------------------------------------------------------------------------------


def evaluate(world: Cks, name: str) -> str:
    """What CloudWatch does with an alarm each period: moto does not."""
    cloudwatch = client("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    end = world.clock.now() + timedelta(seconds=1)
    found = cloudwatch.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        Statistics=[alarm["Statistic"]],
        Period=alarm["Period"],
        StartTime=end - timedelta(seconds=alarm["Period"]),
        EndTime=end,
    )["Datapoints"]
    below = {point[alarm["Statistic"]] < alarm["Threshold"] for point in found}
    state = "INSUFFICIENT_DATA" if not below else "ALARM" if below == {True} else "OK"
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="its threshold")
    return str(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


def test_x64_4_x13_the_last_thirty_days_of_a_certificate(quiet: Cks, somebody: Owner) -> None:
    """The alarm is that of AWS's page, with the values that it recommends."""
    certificate, named = somebody.proxy.certificate, of_store(somebody, CertificateName=HOST)
    certificate.renew(days=30)
    assert somebody.works()
    client("cloudwatch").put_metric_alarm(
        AlarmName="certificate",
        Namespace=KMS,
        MetricName=DAYS,
        Dimensions=[{"Name": name, "Value": value} for name, value in named.items()],
        Statistic="Minimum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="LessThanThreshold",
    )
    days, states, working = [], [], []
    for _ in range(30):
        days.append(last(quiet, DAYS, named))
        states.append(evaluate(quiet, "certificate"))
        working.append(somebody.works())
        quiet.clock.advance(days=1)
    assert days == list(range(30, 0, -1))
    assert states == ["OK"] * 21 + ["ALARM"] * 9
    assert all(working)
    assert somebody.works()  # to the last second
    quiet.clock.advance(minutes=5)
    for call in (somebody.encrypt, somebody.decrypt):
        assert "cannot establish a TLS connection" in somebody.why_not(call)
    assert somebody.state() == ("CONNECTED", None)
    assert last(quiet, DAYS, named) == 0
    assert evaluate(quiet, "certificate") == "ALARM"

    certificate.renew()
    assert somebody.works()
    assert last(quiet, DAYS, named) == 90
    quiet.clock.advance(minutes=5)
    assert evaluate(quiet, "certificate") == "OK"
    assert somebody.state() == ("CONNECTED", None)


# Throttling by KMS -------------------------------------------------------------------------------


def test_x65_x64_6_throttling_by_the_quota_of_the_key_store(quiet: Cks, somebody: Owner) -> None:
    asked = somebody.asked()
    with quiet.faults.throttle(1 / 60):
        somebody.encrypt()
        for call in (somebody.encrypt, somebody.decrypt, somebody.encrypt):
            assert error_of(call)[0] == "ThrottlingException"
    assert somebody.asked() == [*asked, "Encrypt"]  # the proxy hears of none of them
    for operation, number in (("Encrypt", 2), ("Decrypt", 1)):
        dimensions = of_store(somebody, KmsOperation=operation, KeySpec="SYMMETRIC_DEFAULT")
        assert total(KMS, THROTTLED, dimensions, quiet.clock.now()) == number
    assert len(listed(KMS, THROTTLED)) == 2
    assert total(KMS, ERRORS, {**exchange(somebody, "Encrypt"), **SUCCESS}, quiet.clock.now()) == 2


def test_x64_6_what_the_proxy_throttles_does_not_count(quiet: Cks, somebody: Owner) -> None:
    with somebody.proxy.quota(1):
        somebody.encrypt()
        somebody.why_not()
    assert listed(KMS, THROTTLED) == []


# Where and how long ------------------------------------------------------------------------------


def test_x64_accounts_and_regions_are_apart(quiet: Cks) -> None:
    for number, where in enumerate(({}, {"region": OTHER_REGION}, {"account_id": OTHER_ACCOUNT})):
        proxy = quiet.xks_proxy(f"xks{number}.example.com")
        Owner(quiet.create_external_key_store(proxy=proxy, **where))
    for more in ({}, {"region": OTHER_REGION}, {"account_id": OTHER_ACCOUNT}):
        assert len(listed(KMS, AGE, **more)) == len(listed(KMS, DAYS, **more)) == 1


def test_x64_data_outlive_the_key_store_by_two_weeks(quiet: Cks, somebody: Owner) -> None:
    quiet.clock.advance(minutes=1)
    somebody.disconnect()
    dimensions = of_store(somebody)
    quiet.clock.advance(days=13)
    assert listed(KMS, AGE) == [dimensions]
    somebody.connect()
    quiet.clock.advance(minutes=1)
    somebody.disconnect()
    somebody.kms.schedule_key_deletion(KeyId=somebody.key_id, PendingWindowInDays=7)
    quiet.clock.advance(days=7)
    somebody.kms.delete_custom_key_store(CustomKeyStoreId=somebody.store.id)
    assert len(points(KMS, AGE, dimensions, quiet.clock.now(), hours=24 * 14)) == 1
    assert len(listed(KMS, LATENCY)) == 1  # the ConnectCustomKeyStore
    quiet.clock.advance(days=8)
    assert listed(KMS) == []


def test_x64_a_snapshot_has_them(quiet: Cks, somebody: Owner) -> None:
    quiet.clock.advance(minutes=10)
    snapshot = quiet.snapshot()
    somebody.disconnect()
    quiet.clock.advance(minutes=30)
    quiet.restore(snapshot)
    quiet.clock.advance(minutes=10)
    assert len(shown(quiet, AGE, of_store(somebody))) == 5
    assert total(KMS, ERRORS, {**exchange(somebody, "Encrypt"), **SUCCESS}, quiet.clock.now()) == 1

"""Faults that are injected: ``cks.faults``; and the network ACLs that need no injection (C5.6)."""

from __future__ import annotations

import datetime
import functools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto import mock_aws
from moto.moto_api import state_manager

from moto_cks import KeyStore, mock_cks
from moto_cks import cks as handle

REGION, OTHER_REGION = "us-east-1", "eu-west-1"
OTHER_ACCOUNT = "111122223333"
NOON = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.timezone.utc)

CONNECTED = ("CONNECTED", None)
UNREACHABLE = ("KMSInvalidStateException", "KMS cannot communicate with your CloudHSM cluster")
THROTTLED = (
    "ThrottlingException",
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
)
THREADS = 8


@functools.cache
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@functools.cache
def client(
    service: str, region: str = REGION, account_id: str | None = None, attempts: int = 1
) -> Any:
    """A boto3 client; by default one that does not retry."""
    made = session().client(
        service, region, config=Config(retries={"mode": "standard", "total_max_attempts": attempts})
    )
    if account_id is not None:
        made.meta.events.register(
            "before-call",
            lambda params, **_: params["headers"].update({"x-moto-account-id": account_id}),
        )
    return made


def failure(call: Callable[..., Any], **parameters: Any) -> tuple[str, str, int]:
    """The code, the message and the HTTP status of the error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return (
        error["Code"],
        error["Message"],
        caught.value.response["ResponseMetadata"]["HTTPStatusCode"],
    )


def error_of(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    return failure(call, **parameters)[:2]


class User:
    """Somebody with a key in a key store."""

    def __init__(self, store: KeyStore) -> None:
        self.store = store
        self.kms = client("kms", store.region, store.cluster.account_id)
        self.key_id = store.create_key()
        self.ciphertext = self.encrypt()["CiphertextBlob"]

    def encrypt(self) -> Any:
        return self.kms.encrypt(KeyId=self.key_id, Plaintext=b"the crown jewels")

    def decrypt(self) -> Any:
        return self.kms.decrypt(CiphertextBlob=self.ciphertext)

    def random(self) -> Any:
        return self.kms.generate_random(NumberOfBytes=8, CustomKeyStoreId=self.store.id)

    def re_encrypt(self, key_id: str | None = None) -> Any:
        return self.kms.re_encrypt(
            CiphertextBlob=self.ciphertext, DestinationKeyId=key_id or self.key_id
        )

    @property
    def operations(self) -> list[Callable[[], Any]]:
        """Every cryptographic operation that a key store can do."""
        return [
            self.encrypt,
            self.decrypt,
            self.re_encrypt,
            functools.partial(self.kms.generate_data_key, KeyId=self.key_id, KeySpec="AES_256"),
            functools.partial(
                self.kms.generate_data_key_without_plaintext, KeyId=self.key_id, KeySpec="AES_256"
            ),
        ]

    def decrypts(self) -> bool:
        return bool(self.decrypt()["Plaintext"] == b"the crown jewels")

    def connect(self) -> tuple[str, str | None]:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.store.id)
        return self.state()

    def disconnect(self) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.store.id)

    def reconnect(self) -> tuple[str, str | None]:
        self.disconnect()
        return self.connect()

    def state(self) -> tuple[str, str | None]:
        (store,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.store.id)[
            "CustomKeyStores"
        ]
        return store["ConnectionState"], store.get("ConnectionErrorCode")


@pytest.fixture
def world() -> Iterator[Any]:
    with mock_cks() as cks:
        yield cks


@pytest.fixture
def faults(world: Any) -> Any:
    return world.faults


@pytest.fixture
def user(world: Any) -> User:
    return User(world.create_key_store())


@pytest.fixture
def noon() -> Iterator[Any]:
    """Real time stands still; only the simulated clock moves."""
    with freeze_time(NOON) as frozen:
        yield frozen


def others(world: Any) -> list[User]:
    """A second key store in the same place, one of another account, one in another Region."""
    return [
        User(world.create_key_store("Second")),
        User(world.create_key_store(account_id=OTHER_ACCOUNT)),
        User(world.create_key_store(region=OTHER_REGION)),
    ]


def in_threads(call: Callable[[], Any], times: int) -> list[str]:
    """Call something in many threads; the error codes, "" where there was none."""

    def outcome(_: int) -> str:
        try:
            call()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(outcome, range(times)))


# Connection errors -------------------------------------------------------------------------------


def check_connection_error(user: User, faults: Any, code: str) -> None:
    user.disconnect()
    faults.connection_error(code)
    assert user.connect() == ("FAILED", code)
    assert error_of(user.decrypt)[0] == "KMSInvalidStateException"
    assert error_of(user.kms.connect_custom_key_store, CustomKeyStoreId=user.store.id)[0] == (
        "CustomKeyStoreInvalidStateException"
    )
    assert user.state() == ("FAILED", code)
    assert user.reconnect() == CONNECTED
    assert user.decrypts()


def test_c5_4_internal_error(user: User, faults: Any) -> None:
    check_connection_error(user, faults, "INTERNAL_ERROR")


def test_c5_6_network_errors(user: User, faults: Any) -> None:
    check_connection_error(user, faults, "NETWORK_ERRORS")


def test_c5_4_a_connection_that_stands_is_not_concerned(user: User, faults: Any) -> None:
    faults.connection_error("INTERNAL_ERROR")
    assert user.connect() == CONNECTED  # it is connected already: no attempt
    assert user.decrypts()
    assert user.reconnect() == ("FAILED", "INTERNAL_ERROR")


def test_c5_4_as_many_attempts_as_asked_for_in_the_order_of_injection(
    user: User, faults: Any
) -> None:
    faults.connection_error("INTERNAL_ERROR", times=2)
    faults.connection_error("NETWORK_ERRORS")
    assert [user.reconnect() for _ in range(4)] == [
        ("FAILED", "INTERNAL_ERROR"),
        ("FAILED", "INTERNAL_ERROR"),
        ("FAILED", "NETWORK_ERRORS"),
        CONNECTED,
    ]


def test_c5_4_it_is_the_attempt_that_fails(user: User, faults: Any) -> None:
    user.disconnect()
    faults.connection_error("INTERNAL_ERROR")
    state_manager.set_transition("cks::connection", {"progression": "manual", "times": 1})
    try:
        user.kms.connect_custom_key_store(CustomKeyStoreId=user.store.id)
        assert user.state() == ("FAILED", "INTERNAL_ERROR")
    finally:
        state_manager.unset_transition("cks::connection")


def test_c5_4_one_key_store_of_several(user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    faults.connection_error("INTERNAL_ERROR", key_store=user.store.id)
    assert [other.reconnect() for other in bystanders] == [CONNECTED] * 3
    assert user.reconnect() == ("FAILED", "INTERNAL_ERROR")
    assert user.reconnect() == CONNECTED


def test_c5_4_any_key_store(user: User, world: Any, faults: Any) -> None:
    users = [user, *others(world)]
    faults.connection_error("INTERNAL_ERROR", times=4)
    assert {each.reconnect() for each in users} == {("FAILED", "INTERNAL_ERROR")}
    assert {each.reconnect() for each in users} == {CONNECTED}


@pytest.mark.parametrize(
    "code", ["USER_LOCKED_OUT", "CLUSTER_NOT_FOUND", "SUBNET_NOT_FOUND", "internal_error", ""]
)
def test_c5_4_codes_with_a_cause_are_not_injected(user: User, faults: Any, code: str) -> None:
    with pytest.raises(ValueError, match="INTERNAL_ERROR or NETWORK_ERRORS"):
        faults.connection_error(code)
    assert user.reconnect() == CONNECTED


# A cluster out of reach --------------------------------------------------------------------------


def test_c5_6_an_unreachable_cluster(user: User, faults: Any) -> None:
    with faults.unreachable(user.store.cluster.id):
        assert user.state() == CONNECTED
        for operation in user.operations:
            assert failure(operation) == (*UNREACHABLE, 400)
        assert failure(user.random)[::2] == ("DependencyTimeoutException", 503)
        assert failure(
            user.kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=user.store.id
        ) == ("DependencyTimeoutException", UNREACHABLE[1], 503)
        assert user.kms.describe_key(KeyId=user.key_id)["KeyMetadata"]["KeyState"] == "Enabled"
    assert user.decrypts()  # the key store has been connected all the time
    assert user.random()["Plaintext"]


def test_c5_6_an_unreachable_cluster_cannot_be_connected_to(user: User, faults: Any) -> None:
    with faults.unreachable(user.store.cluster.id):
        assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
        assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    assert user.state() == ("FAILED", "NETWORK_ERRORS")
    assert user.reconnect() == CONNECTED
    assert user.decrypts()


def test_key_material_in_an_unreachable_cluster_is_orphaned(
    user: User, world: Any, faults: Any
) -> None:
    cluster = user.store.cluster
    handles = [key.handle for key in cluster.hsms[0].keys]
    user.kms.schedule_key_deletion(KeyId=user.key_id, PendingWindowInDays=7)
    with faults.unreachable(cluster.id):
        world.clock.advance(days=8)
    assert error_of(user.kms.describe_key, KeyId=user.key_id)[0] == "NotFoundException"
    assert [key.handle for key in cluster.hsms[0].keys] == handles


def test_contexts_of_one_cluster_nest(user: User, faults: Any) -> None:
    with faults.unreachable(user.store.cluster.id):
        with faults.unreachable(user.store.cluster.id):
            assert error_of(user.decrypt) == UNREACHABLE
        assert error_of(user.decrypt) == UNREACHABLE
    assert user.decrypts()


def test_a_context_ends_with_an_exception_too(user: User, faults: Any) -> None:
    with pytest.raises(ZeroDivisionError), faults.unreachable(user.store.cluster.id):
        1 / 0  # noqa: B018
    assert user.decrypts()


def test_other_clusters_are_in_reach(user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    with faults.unreachable(user.store.cluster.id):
        assert all(other.decrypts() for other in bystanders)
        assert [other.reconnect() for other in bystanders] == [CONNECTED] * 3
        with faults.unreachable(bystanders[0].store.cluster.id):
            assert error_of(user.decrypt) == error_of(bystanders[0].decrypt) == UNREACHABLE
        assert bystanders[0].decrypts()


# PKCS #11 sessions -------------------------------------------------------------------------------


def test_f6_no_pkcs11_session_is_free(user: User, faults: Any) -> None:
    for operation in [*user.operations, user.random]:
        faults.pkcs11_sessions_exhausted(user.store.cluster.id)
        code, message, status = failure(operation)
        assert (code, status) == ("KMSInternalException", 500)
        assert "PKCS #11 sessions" in message
        operation()
    assert user.state() == CONNECTED


def test_f6_as_many_operations_as_asked_for(user: User, faults: Any) -> None:
    faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=2)
    faults.pkcs11_sessions_exhausted(user.store.cluster.id)
    for _ in range(3):
        assert error_of(user.re_encrypt)[0] == "KMSInternalException"
    assert user.re_encrypt()


def test_f6_what_is_not_cryptographic_needs_no_session(user: User, faults: Any) -> None:
    faults.pkcs11_sessions_exhausted(user.store.cluster.id)
    assert user.kms.describe_key(KeyId=user.key_id)
    user.kms.disable_key(KeyId=user.key_id)
    assert error_of(user.encrypt)[0] == "DisabledException"  # never came as far as an HSM
    user.kms.enable_key(KeyId=user.key_id)
    assert error_of(user.encrypt)[0] == "KMSInternalException"
    assert user.encrypt()


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_f6_botocore_s_retries_ride_it_out(
    user: User, faults: Any, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    config = Config(retries={"mode": mode, "total_max_attempts": 3})
    kms = session().client("kms", REGION, config=config)
    faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=2)
    answer = kms.decrypt(CiphertextBlob=user.ciphertext)
    assert answer["Plaintext"] == b"the crown jewels"
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2


def test_f6_other_clusters_have_sessions(user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    faults.pkcs11_sessions_exhausted(user.store.cluster.id)
    assert all(other.decrypts() for other in bystanders)
    assert error_of(user.decrypt)[0] == "KMSInternalException"


def test_f6_it_is_counted_exactly_with_threads(user: User, faults: Any) -> None:
    faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=37)
    outcomes = in_threads(user.encrypt, 100)
    assert (outcomes.count("KMSInternalException"), outcomes.count("")) == (37, 63)


# The request quota -------------------------------------------------------------------------------


def test_n3_requests_past_the_quota_are_throttled(noon: Any, user: User, faults: Any) -> None:
    with faults.throttle(5):
        for operation in user.operations:
            operation()
        for operation in [*user.operations, user.random]:
            assert failure(operation) == (*THROTTLED, 400)
    assert user.decrypts()


def test_n3_it_is_off_by_default_and_1800_a_second(noon: Any, user: User, faults: Any) -> None:
    for _ in range(1801):
        user.random()
    with faults.throttle():
        outcomes = in_threads(user.random, 1850)
    assert (outcomes.count(""), outcomes.count("ThrottlingException")) == (1800, 50)


def test_n3_the_quota_comes_back_with_simulated_time(
    noon: Any, user: User, world: Any, faults: Any
) -> None:
    with faults.throttle(4):
        assert in_threads(user.encrypt, 6).count("") == 4
        world.clock.advance(seconds=0.5)
        assert in_threads(user.encrypt, 6).count("") == 2
        world.clock.advance(hours=1)
        assert in_threads(user.encrypt, 6).count("") == 4
        noon.tick(0.25)
        assert in_threads(user.encrypt, 6).count("") == 1
        noon.move_to(NOON - datetime.timedelta(days=1))  # no harm done
        assert error_of(user.encrypt) == THROTTLED


def test_n3_less_than_one_a_second(noon: Any, user: User, world: Any, faults: Any) -> None:
    with faults.throttle(0.1):
        assert user.encrypt()
        world.clock.advance(seconds=9)
        assert error_of(user.encrypt) == THROTTLED
        world.clock.advance(seconds=1)
        assert user.encrypt()


def test_n3_each_key_store_has_its_own(noon: Any, user: User, world: Any, faults: Any) -> None:
    bystanders = others(world)
    with faults.throttle(1):
        for each in (user, *bystanders):
            assert each.decrypts()
            assert error_of(each.decrypt) == THROTTLED


def test_n3_reencrypt_counts_for_both_key_stores_or_for_none(
    noon: Any, user: User, world: Any, faults: Any
) -> None:
    second = User(world.create_key_store("Second"))
    with faults.throttle(2):
        assert user.re_encrypt(second.key_id)
        assert second.encrypt()
        assert error_of(user.re_encrypt, key_id=second.key_id) == THROTTLED
        assert user.re_encrypt()  # within one key store it is one request
        assert error_of(user.encrypt) == THROTTLED


def test_n3_only_what_a_key_store_does_is_counted(noon: Any, user: User, faults: Any) -> None:
    ordinary = user.kms.create_key()["KeyMetadata"]["KeyId"]
    with faults.throttle(1):
        for _ in range(3):
            user.kms.encrypt(KeyId=ordinary, Plaintext=b"text")
            user.kms.generate_random(NumberOfBytes=8)
            user.kms.describe_key(KeyId=user.key_id)
            user.state()
            assert error_of(user.kms.encrypt, KeyId="unknown", Plaintext=b"text")[0] == (
                "NotFoundException"
            )
        assert user.encrypt()


def test_n3_of_nested_quotas_the_innermost_counts(noon: Any, user: User, faults: Any) -> None:
    with faults.throttle(1):
        assert user.encrypt()
        with faults.throttle(2):
            assert in_threads(user.encrypt, 3).count("") == 2
        assert error_of(user.encrypt) == THROTTLED
    assert user.encrypt()


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_n3_a_quota_is_a_number_above_0(faults: Any, rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        faults.throttle(rate)


# Any documented exception ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("DependencyTimeoutException", 503),
        ("DisabledException", 400),
        ("KMSInternalException", 500),
        ("KeyUnavailableException", 500),
        ("AccessDeniedException", 400),
        ("ThrottlingException", 400),
        ("ValidationException", 400),
    ],
)
def test_a_call_fails_with_an_exception_of_its_operation(
    user: User, faults: Any, code: str, status: int
) -> None:
    faults.fail("Encrypt", code)
    assert user.decrypts()
    failed, message, http_status = failure(user.encrypt)
    assert (failed, http_status) == (code, status)
    assert message
    assert "<" not in message
    assert user.encrypt()


def test_the_message_is_aws_s_or_one_s_own(user: User, faults: Any) -> None:
    faults.fail("Encrypt", "ThrottlingException")
    faults.fail("kms:Encrypt", "DisabledException")
    faults.fail("Encrypt", "DisabledException", message="")
    faults.fail("Encrypt", "DisabledException", message="Sorry, <we> are closed.")
    assert error_of(user.encrypt) == THROTTLED
    assert error_of(user.encrypt)[1].startswith("The request was rejected because")
    assert error_of(user.encrypt)[0] == "DisabledException"
    assert error_of(user.encrypt)[1] == "Sorry, <we> are closed."
    assert user.encrypt()


def test_boto3_has_the_exception_s_class(user: User, faults: Any) -> None:
    faults.fail("Encrypt", "DisabledException")
    with pytest.raises(user.kms.exceptions.DisabledException):
        user.encrypt()


@pytest.mark.parametrize("operation", ["CreateHsm", "cloudhsmv2:CreateHsm"])
def test_calls_of_cloudhsm_fail_too(user: User, faults: Any, operation: str) -> None:
    cloudhsm, cluster = client("cloudhsmv2"), user.store.cluster
    create = functools.partial(
        cloudhsm.create_hsm,
        ClusterId=cluster.id,
        AvailabilityZone=cluster.hsms[0].availability_zone,
    )
    faults.fail(operation, "CloudHsmInternalFailureException", message="Try later")
    assert failure(create) == ("CloudHsmInternalFailureException", "Try later", 500)
    assert len(cluster.hsms) == 2
    create()
    assert len(cluster.hsms) == 3


def test_a_call_that_fails_changes_nothing(user: User, faults: Any) -> None:
    faults.fail("CreateKey", "LimitExceededException")
    faults.fail("DisconnectCustomKeyStore", "KMSInternalException")
    keys = user.kms.list_keys()["Keys"]
    assert error_of(
        user.kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=user.store.id
    )[0] == "LimitExceededException"  # fmt: skip
    assert error_of(user.disconnect)[0] == "KMSInternalException"
    assert user.kms.list_keys()["Keys"] == keys
    assert len(user.store.cluster.hsms[0].keys) == 1
    assert user.state() == CONNECTED


def test_as_many_calls_as_asked_for_in_the_order_of_injection(user: User, faults: Any) -> None:
    faults.fail("Encrypt", "KMSInternalException", times=2)
    faults.fail("Decrypt", "DisabledException")
    faults.fail("Encrypt", "DisabledException")
    codes = [error_of(user.encrypt)[0] for _ in range(3)]
    assert codes == ["KMSInternalException", "KMSInternalException", "DisabledException"]
    assert user.encrypt()
    assert error_of(user.decrypt)[0] == "DisabledException"


def test_calls_are_counted_exactly_with_threads(user: User, faults: Any) -> None:
    faults.fail("Encrypt", "KMSInternalException", times=37)
    outcomes = in_threads(user.encrypt, 100)
    assert (outcomes.count("KMSInternalException"), outcomes.count("")) == (37, 63)


def test_calls_of_one_account_in_one_region(world: Any, faults: Any) -> None:
    clients = [
        client("kms", region, account_id)
        for account_id in (None, OTHER_ACCOUNT)
        for region in (REGION, OTHER_REGION)
    ]

    def failing() -> list[bool]:
        found = []
        for kms in clients:
            try:
                kms.list_keys()
            except ClientError:
                found.append(True)
            else:
                found.append(False)
        return found

    faults.fail("ListKeys", "KMSInternalException", account_id=OTHER_ACCOUNT, region=OTHER_REGION)
    assert failing() == [False, False, False, True]
    faults.fail("ListKeys", "KMSInternalException", account_id=OTHER_ACCOUNT, times=2)
    assert failing() == [False, False, True, True]
    faults.fail("ListKeys", "KMSInternalException", region=OTHER_REGION, times=2)
    assert failing() == [False, True, False, True]
    faults.fail("ListKeys", "KMSInternalException", times=4)
    assert failing() == [True] * 4
    assert failing() == [False] * 4


def test_a_failed_call_looks_like_aws_s_on_the_wire(world: Any, faults: Any) -> None:
    faults.fail("ListKeys", "DependencyTimeoutException", message="Too late")
    answer = requests.post(
        f"https://kms.{REGION}.amazonaws.com/",
        headers={
            "X-Amz-Target": "TrentService.ListKeys",
            "Content-Type": "application/x-amz-json-1.1",
        },
        data=json.dumps({}),
    )
    assert answer.status_code == 503
    assert answer.headers["x-amzn-errortype"] == "DependencyTimeoutException"
    assert answer.headers["x-amzn-requestid"]
    assert answer.json()["__type"] == "DependencyTimeoutException"
    assert answer.json()["message"] == "Too late"


@pytest.mark.parametrize(
    ("operation", "code", "what"),
    [
        ("Encrypt", "CloudHsmClusterNotFoundException", "does not document"),
        ("Encrypt", "CloudHsmInternalFailureException", "does not document"),
        ("ListKeys", "DisabledException", "does not document"),
        ("GenerateRandom", "KMSInvalidStateException", "does not document"),
        ("cloudhsmv2:CreateHsm", "KMSInternalException", "does not document"),
        ("CreateHsm", "DependencyTimeoutException", "does not document"),
        ("Encrypt", "", "does not document"),
        ("encrypt", "DisabledException", "no operation"),
        ("", "DisabledException", "no operation"),
        ("kms:CreateHsm", "CloudHsmInternalFailureException", "no operation"),
        ("s3:GetObject", "AccessDeniedException", "no operation"),
        ("TagResource", "AccessDeniedException", "kms:TagResource or cloudhsmv2:TagResource"),
    ],
)
def test_only_documented_exceptions_of_operations(
    faults: Any, operation: str, code: str, what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        faults.fail(operation, code)


def test_an_operation_of_both_services(world: Any, faults: Any) -> None:
    cloudhsm, kms = client("cloudhsmv2"), client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    faults.fail("cloudhsmv2:TagResource", "AccessDeniedException")
    kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "a", "TagValue": "b"}])
    assert error_of(
        cloudhsm.tag_resource, ResourceId="cluster-12345678901", TagList=[{"Key": "a", "Value": ""}]
    )[0] == ("AccessDeniedException")


# Wrong arguments, and when faults end ------------------------------------------------------------


@pytest.mark.parametrize("times", [0, -1, 1.5])
def test_times_is_at_least_1(user: User, faults: Any, times: Any) -> None:
    with pytest.raises(ValueError, match="times"):
        faults.connection_error("INTERNAL_ERROR", times=times)
    with pytest.raises(ValueError, match="times"):
        faults.pkcs11_sessions_exhausted(user.store.cluster.id, times=times)
    with pytest.raises(ValueError, match="times"):
        faults.fail("Encrypt", "DisabledException", times=times)
    assert user.decrypts()
    assert user.reconnect() == CONNECTED


def test_there_must_be_such_a_thing(user: User, faults: Any) -> None:
    with pytest.raises(KeyError, match="cluster-nowhere"):
        faults.unreachable("cluster-nowhere")
    with pytest.raises(KeyError, match="cluster-nowhere"):
        faults.pkcs11_sessions_exhausted("cluster-nowhere")
    with pytest.raises(KeyError, match="cks-nowhere"):
        faults.connection_error("INTERNAL_ERROR", key_store="cks-nowhere")


FAULTS: list[Callable[[], Any]] = [
    lambda: handle.faults.connection_error("INTERNAL_ERROR"),
    lambda: handle.faults.unreachable("cluster-12345678901"),
    lambda: handle.faults.pkcs11_sessions_exhausted("cluster-12345678901"),
    lambda: handle.faults.throttle(1800),
    lambda: handle.faults.fail("Encrypt", "DisabledException"),
]


@pytest.mark.parametrize("inject", FAULTS)
def test_there_are_no_faults_without_the_mock(inject: Callable[[], Any]) -> None:
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        inject()
    with mock_aws(), pytest.raises(RuntimeError, match="mock_cks is not on"):
        inject()


def test_a_context_is_not_entered_without_the_mock() -> None:
    with mock_cks() as cks:
        late = cks.faults.throttle(1)
    with pytest.raises(RuntimeError, match="mock_cks is not on"):
        late.__enter__()


def inject_everything(cks: Any, store: KeyStore, stack: ExitStack) -> None:
    cks.faults.connection_error("INTERNAL_ERROR", times=9)
    cks.faults.pkcs11_sessions_exhausted(store.cluster.id, times=9)
    cks.faults.fail("Decrypt", "DisabledException", times=9)
    stack.enter_context(cks.faults.unreachable(store.cluster.id))
    stack.enter_context(cks.faults.throttle(0.001))


def test_faults_end_with_the_mock() -> None:
    with ExitStack() as stack:
        with mock_cks() as cks:
            inject_everything(cks, cks.create_key_store(), stack)
        with mock_cks() as cks:
            user = User(cks.create_key_store())
            assert user.decrypts()
            stack.close()  # contexts that outlive their mock
            assert user.reconnect() == CONNECTED
            assert user.decrypts()


def test_faults_end_with_moto_s_reset(world: Any) -> None:
    with ExitStack() as stack:
        inject_everything(world, world.create_key_store(), stack)
        assert requests.post("http://motoapi.amazonaws.com/moto-api/reset").ok
        user = User(world.create_key_store())
        assert user.decrypts()
        assert user.reconnect() == CONNECTED
    assert user.decrypts()


def test_a_nested_mock_has_the_same_faults(user: User, faults: Any) -> None:
    faults.fail("Encrypt", "DisabledException", times=2)
    with mock_cks():
        assert error_of(user.encrypt)[0] == "DisabledException"
    assert error_of(user.encrypt)[0] == "DisabledException"
    assert user.encrypt()


# Network ACLs ------------------------------------------------------------------------------------


class Acl:
    """A network ACL of a subnet of a cluster, in the place of the default one."""

    def __init__(self, user: User, subnet_id: str) -> None:
        self.ec2 = client("ec2")
        filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        (old,) = self.ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        self.default = old["NetworkAclId"]
        vpc_id = user.store.cluster.vpc_id
        self.id = self.ec2.create_network_acl(VpcId=vpc_id)["NetworkAcl"]["NetworkAclId"]
        (association,) = (a for a in old["Associations"] if a["SubnetId"] == subnet_id)
        self.association = self._associate(association["NetworkAclAssociationId"], self.id)

    def _associate(self, association_id: str, acl_id: str) -> str:
        answer = self.ec2.replace_network_acl_association(
            AssociationId=association_id, NetworkAclId=acl_id
        )
        return str(answer["NewAssociationId"])

    def give_back(self) -> None:
        self._associate(self.association, self.default)

    def rule(
        self,
        number: int,
        action: str,
        *,
        egress: bool,
        ports: tuple[int, int] | None = None,
        protocol: str = "-1",
        cidr: str = "0.0.0.0/0",
    ) -> None:
        limits = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
        self.ec2.create_network_acl_entry(
            NetworkAclId=self.id,
            RuleNumber=number,
            RuleAction=action,
            Egress=egress,
            Protocol=protocol,
            CidrBlock=cidr,
            **limits,
        )

    def open(self, number: int = 100) -> None:
        for egress in (False, True):
            self.rule(number, "allow", egress=egress)

    def remove(self, number: int, *, egress: bool) -> None:
        self.ec2.delete_network_acl_entry(NetworkAclId=self.id, RuleNumber=number, Egress=egress)


@pytest.fixture(params=[0, 2], ids=["with an HSM", "without an HSM"])
def acl(request: Any, user: User) -> Acl:
    return Acl(user, user.store.cluster.subnet_ids[request.param])


@pytest.mark.parametrize("egress", [False, True], ids=["inbound", "outbound"])
def test_c5_6_a_network_acl_denies_the_hsm_ports(user: User, acl: Acl, egress: bool) -> None:
    acl.open()
    acl.rule(50, "deny", egress=egress, protocol="6", ports=(2223, 2225))
    assert error_of(user.decrypt) == UNREACHABLE  # an ACL keeps no connections
    assert user.state() == CONNECTED
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    acl.remove(50, egress=egress)
    assert user.state() == ("FAILED", "NETWORK_ERRORS")
    assert user.reconnect() == CONNECTED
    assert user.decrypts()


@pytest.mark.parametrize("port", [2223, 2224, 2225])
def test_c5_6_one_port_is_enough(user: User, acl: Acl, port: int) -> None:
    acl.open()
    acl.rule(99, "deny", egress=False, protocol="6", ports=(port, port))
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")


def test_c5_6_a_network_acl_without_rules_denies_everything(user: User, acl: Acl) -> None:
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")
    acl.give_back()
    assert user.reconnect() == CONNECTED


def test_c5_6_the_first_matching_rule_by_number_decides(user: User, acl: Acl) -> None:
    acl.rule(200, "deny", egress=False)
    acl.rule(30, "allow", egress=False, protocol="6", ports=(2000, 3000))
    acl.rule(20, "deny", egress=False, protocol="17")  # UDP
    acl.rule(10, "deny", egress=False, protocol="6", ports=(443, 443))
    acl.rule(5, "deny", egress=False, cidr="192.0.2.0/24")
    acl.rule(100, "allow", egress=True)
    assert user.reconnect() == CONNECTED
    acl.rule(15, "deny", egress=False, protocol="6", ports=(2225, 9000))
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")


def test_c5_6_the_rules_for_other_subnets_of_the_cluster_count(user: User, acl: Acl) -> None:
    subnets = client("ec2").describe_subnets(SubnetIds=list(user.store.cluster.subnet_ids))
    own, *_ = client("ec2").describe_network_acls(NetworkAclIds=[acl.id])["NetworkAcls"][0][
        "Associations"
    ]
    cidrs = {subnet["SubnetId"]: subnet["CidrBlock"] for subnet in subnets["Subnets"]}
    acl.open()
    acl.rule(10, "deny", egress=True, cidr=cidrs.pop(own["SubnetId"]))
    assert user.reconnect() == CONNECTED  # no ACL within a subnet
    acl.rule(11, "deny", egress=True, cidr=next(iter(cidrs.values())))
    assert user.reconnect() == ("FAILED", "NETWORK_ERRORS")


def test_c5_6_acls_of_other_subnets_do_not_matter(user: User, world: Any) -> None:
    second = User(world.create_key_store("Second"))
    Acl(second, second.store.cluster.subnet_ids[0])
    assert user.reconnect() == CONNECTED
    assert second.reconnect() == ("FAILED", "NETWORK_ERRORS")

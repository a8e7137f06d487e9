"""Calls that end in any documented exception: ``cks.faults.fail``."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client, error_of, failure
from tests.kms.user import CONNECTED, User

from . import THROTTLED, in_threads


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

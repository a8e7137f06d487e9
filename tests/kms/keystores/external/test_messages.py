"""What is said of requests that an external key store does not take, whole (X1, X9, X20, X22)."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore
from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.keystores.external import requests
from tests.aws import error_of
from tests.kms.keystores.external import Owner
from tests.kms.keystores.external.test_create import refused as create
from tests.kms.keystores.external.test_keys import refused as create_key

VALIDATION, UNSUPPORTED = "ValidationException", "UnsupportedOperationException"
SERVICE = {"XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd"}
PRIVATE = {"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}
FOREIGN = "XksProxyVpcEndpointServiceName{}: not valid for an XksProxyConnectivity of {}."
ORIGIN = "Origin must be EXTERNAL_KEY_STORE for a KMS key in an external key store."


def missing(member: str, subject: str = "Value null") -> tuple[str, str]:
    return (
        VALIDATION,
        f"1 validation error detected: {subject} at '{member}' failed to satisfy constraint: "
        "Member must not be null",
    )


def only(member: str, value: object) -> tuple[str, str]:
    return UNSUPPORTED, f"{member} must be {value} for a KMS key in an external key store."


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"XksProxyConnectivity": None}, missing("xksProxyConnectivity")),
        ({"XksProxyUriEndpoint": None}, missing("xksProxyUriEndpoint")),
        ({"XksProxyUriPath": None}, missing("xksProxyUriPath")),
        (
            {"XksProxyAuthenticationCredential": None},
            missing("xksProxyAuthenticationCredential", "Value"),
        ),
        (PRIVATE, missing("xksProxyVpcEndpointServiceName")),
        (SERVICE, (VALIDATION, FOREIGN.format("", "PUBLIC_ENDPOINT"))),
    ],
    ids=str,
)
def test_x1_what_is_said_of_a_new_key_store(
    kms: Any, proxy: Any, request_: dict[str, Any], error: tuple[str, str]
) -> None:
    assert create(kms, proxy, **request_) == error


def test_x9_what_is_said_of_a_change(owner: Owner) -> None:
    owner.disconnect()
    elsewhere = {"XksProxyUriEndpoint": "https://elsewhere.example.com"}
    assert owner.cannot_update(**PRIVATE) == missing("xksProxyUriEndpoint")
    assert owner.cannot_update(**PRIVATE, **elsewhere) == missing("xksProxyVpcEndpointServiceName")
    assert owner.cannot_update(**SERVICE) == (VALIDATION, FOREIGN.format("", "PUBLIC_ENDPOINT"))
    owned = {**SERVICE, "XksProxyVpcEndpointServiceOwner": "111122223333"}
    with pytest.raises(ValidationException) as refused:  # an older botocore has no such member
        requests.check_change(owned, "PUBLIC_ENDPOINT")
    both = FOREIGN.format(", XksProxyVpcEndpointServiceOwner", "PUBLIC_ENDPOINT")
    assert refused.value.message == both


@pytest.mark.parametrize(
    ("xks_key_id", "request_", "error"),
    [
        (None, {}, missing("xksKeyId")),
        ("another", {"Origin": "AWS_CLOUDHSM"}, (VALIDATION, ORIGIN)),
        ("another", {"Origin": "AWS_KMS"}, (VALIDATION, ORIGIN)),
        ("another", {"Origin": None}, (VALIDATION, ORIGIN)),
        (None, {"Origin": "AWS_CLOUDHSM"}, (VALIDATION, ORIGIN)),
        (None, {"Origin": "EXTERNAL"}, (UNSUPPORTED, ORIGIN)),
        (None, {"Origin": None}, (UNSUPPORTED, ORIGIN)),
        ("another", {"KeySpec": "RSA_2048"}, only("KeySpec", "SYMMETRIC_DEFAULT")),
        (
            "another",
            {"CustomerMasterKeySpec": "ECC_NIST_P256"},
            only("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"),
        ),
        ("another", {"KeyUsage": "SIGN_VERIFY"}, only("KeyUsage", "ENCRYPT_DECRYPT")),
        ("another", {"MultiRegion": True}, only("MultiRegion", False)),
    ],
    ids=str,
)
def test_x20_what_is_said_of_a_new_key(
    owner: Owner, xks_key_id: str | None, request_: dict[str, Any], error: tuple[str, str]
) -> None:
    assert create_key(owner, xks_key_id, **request_) == error


def test_x22_what_is_said_of_an_external_key_in_use(owner: Owner) -> None:
    assert create_key(owner, "external-key-1") == (
        "XksKeyAlreadyInUseException",
        "The external key external-key-1 is in use by another KMS key in the custom key store "
        f"{owner.store.id}.",
    )


def test_k6_x20_a_key_store_of_the_other_kind(owner: Owner, store: KeyStore) -> None:
    into = {"CustomKeyStoreId": store.id}
    assert create_key(owner, "another", **into) == (
        VALIDATION,
        "XksKeyId is not valid for a key in an AWS CloudHSM key store.",
    )
    assert create_key(owner, None, **into) == (
        VALIDATION,
        "The origin EXTERNAL_KEY_STORE is not valid for a key in an AWS CloudHSM key store.",
    )


def test_x25_what_is_said_of_random_bytes(owner: Owner) -> None:
    wanted = {"CustomKeyStoreId": owner.store.id, "NumberOfBytes": 8}
    assert error_of(owner.kms.generate_random, **wanted) == (
        UNSUPPORTED,
        "GenerateRandom is not supported for an external key store.",
    )

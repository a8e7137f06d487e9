"""KMS's request quotas of an account in a Region, where they are in force (G14, Y13)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.kms.models import kms_backends

from moto_cks import KeyStore
from moto_cks.kms.quotas import quota_of
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import can_make

THROTTLED = (
    "ThrottlingException",
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
)


def outcomes(times: int, call: Any, **request: Any) -> Counter[str]:
    """How often which error came, or none."""
    found: Counter[str] = Counter()
    for _ in range(times):
        try:
            call(**request)
            found["ok"] += 1
        except call.__self__.exceptions.ClientError as error:
            found[error.response["Error"]["Code"]] += 1
    return found


def test_g14_they_are_off_unless_a_test_switches_them_on(noon: Any, kms: Any, world: Any) -> None:
    assert outcomes(9, kms.create_key) == {"ok": 9}
    with world.faults.request_quotas():
        assert outcomes(9, kms.create_key) == {"ok": 5, "ThrottlingException": 4}
        assert error_of(kms.create_key) == THROTTLED
    assert outcomes(9, kms.create_key) == {"ok": 9}


def test_g14_a_throttled_request_changes_nothing_and_is_recorded(
    noon: Any, kms: Any, world: Any
) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    with world.faults.request_quotas():
        for number in range(5):
            kms.update_key_description(KeyId=key_id, Description=str(number))
        assert error_of(kms.update_key_description, KeyId=key_id, Description="x") == THROTTLED
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "4"
    (record,) = world.trail.events(error_code="ThrottlingException")
    assert record["eventName"] == "UpdateKeyDescription"


def test_g14_operations_accounts_and_regions_have_their_own(
    noon: Any, kms: Any, world: Any
) -> None:
    with world.faults.request_quotas():
        assert outcomes(6, kms.create_key)["ThrottlingException"] == 1
        for other in (client("kms", OTHER_REGION), client("kms", account_id=OTHER_ACCOUNT)):
            assert outcomes(6, other.create_key) == {"ok": 5, "ThrottlingException": 1}
        assert outcomes(600, kms.list_keys) == {"ok": 500, "ThrottlingException": 100}
        assert outcomes(1, kms.create_key) == {"ThrottlingException": 1}


def test_g14_the_quota_comes_back_with_simulated_time(noon: Any, kms: Any, world: Any) -> None:
    with world.faults.request_quotas():
        assert outcomes(9, kms.create_key)["ok"] == 5
        world.clock.advance(seconds=0.4)
        assert outcomes(9, kms.create_key)["ok"] == 2
        world.clock.advance(hours=1)
        assert outcomes(9, kms.create_key)["ok"] == 5


def test_g14_what_is_refused_counts_too(noon: Any, kms: Any, world: Any) -> None:
    unchecked = client("kms", parameter_validation=False)
    with world.faults.request_quotas():
        assert outcomes(5, unchecked.create_key, KeySpec=5) == {"SerializationException": 5}
        assert error_of(kms.create_key) == THROTTLED


def test_y13_cryptographic_operations_share_a_quota_by_the_kind_of_key(
    noon: Any, kms: Any, world: Any
) -> None:
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    ecc = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
    sign = {"KeyId": ecc, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    with world.faults.request_quotas():
        assert outcomes(1010, kms.sign, **sign) == {"ok": 1000, "ThrottlingException": 10}
        rsa_sign = {"KeyId": rsa, "Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
        assert outcomes(1, kms.sign, **rsa_sign) == {"ok": 1}
        assert outcomes(1, kms.encrypt, KeyId=symmetric, Plaintext=b"x") == {"ok": 1}
        pair = {"KeyId": symmetric, "KeyPairSpec": "RSA_2048"}
        assert outcomes(2, kms.generate_data_key_pair, **pair)["ThrottlingException"] == 1
        pair["KeyPairSpec"] = "ECC_NIST_P256"
        assert outcomes(2, kms.generate_data_key_pair, **pair) == {"ok": 2}


def test_y13_the_key_store_operations_have_five_each(
    noon: Any, kms: Any, world: Any, store: KeyStore
) -> None:
    with world.faults.request_quotas():
        found = outcomes(6, kms.describe_custom_key_stores)
        assert found == {"ok": 5, "ThrottlingException": 1}
        assert kms.encrypt(KeyId=store.create_key(), Plaintext=b"x")
    with world.faults.request_quotas(), world.faults.throttle(1):
        key_id = store.create_key()
        encrypted = outcomes(3, kms.encrypt, KeyId=key_id, Plaintext=b"x")
        assert encrypted == {"ok": 1, "ThrottlingException": 2}


# The table of the page, "Request quotas for each AWS KMS API operation" ---------------------------

OF_THE_PAGE = {
    0.1: {"RSA_4096"},
    0.25: {"GetParametersForImport"},
    0.5: {"RSA_3072"},
    1: {"RSA_2048"},
    10: {"TagResource"},
    15: {
        "DeleteAlias",
        "EnableKeyRotation",
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
    },
    25: {"SM2"},
    30: {"RetireGrant", "RevokeGrant"},
    50: {"CreateGrant"},
    100: {
        "ECC_NIST_P256",
        "ECC_NIST_P384",
        "ECC_NIST_P521",
        "ECC_SECG_P256K1",
        "ListGrants",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListRetirableGrants",
    },
    500: {"ListAliases", "ListKeys"},
    1_000: {"GetKeyPolicy", "GetKeyRotationStatus"},
    2_000: {"DescribeKey", "GetPublicKey", "ListResourceTags"},
}
"""Operations, and specs of data key pairs, by their requests a second; all others have 5."""

CRYPTOGRAPHIC = {
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GenerateRandom",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
}


@pytest.mark.parametrize("operation", sorted(client("kms").meta.service_model.operation_names))
def test_y13_each_operation_has_the_quota_of_the_page(operation: str) -> None:
    rate = next((rate for rate, those in OF_THE_PAGE.items() if operation in those), 5)
    found = quota_of(operation, "eu-west-3", [], {})
    shared = "cryptographic operations (symmetric)"
    expected = (shared, 10_000) if operation in CRYPTOGRAPHIC else (operation, rate)
    assert found == expected


@pytest.mark.parametrize(
    ("pair", "rate"),
    [(p, rate) for rate, those in OF_THE_PAGE.items() for p in sorted(those) if p.isupper()],
)
@pytest.mark.parametrize("more", ["", "WithoutPlaintext"])
def test_y13_each_data_key_pair_has_the_quota_of_the_page(
    pair: str, rate: float, more: str
) -> None:
    found = quota_of(f"GenerateDataKeyPair{more}", "us-east-1", [], {"KeyPairSpec": pair})
    assert found == (f"data key pairs of {pair}", rate)
    assert quota_of("Encrypt", "eu-west-3", [], {"KeyPairSpec": pair}).rate == 10_000


@pytest.mark.parametrize(
    ("region", "quota"),
    [
        *((region, 100_000) for region in ("us-east-1", "us-west-2", "eu-west-1")),
        *((region, 20_000) for region in ("us-east-2", "ap-southeast-1", "ap-southeast-2")),
        *((region, 20_000) for region in ("ap-northeast-1", "eu-central-1", "eu-west-2")),
        *((region, 10_000) for region in ("eu-west-3", "us-west-1", "ap-south-1")),
    ],
)
def test_y13_symmetric_keys_by_the_region(region: str, quota: int) -> None:
    assert quota_of("Encrypt", region, [], {}).rate == quota
    assert quota_of("GenerateRandom", region, [], {}).rate == quota


@pytest.mark.parametrize(
    ("spec", "usage", "family"),
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "symmetric"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "symmetric"),
        ("RSA_2048", "SIGN_VERIFY", "RSA"),
        ("ECC_NIST_P256", "SIGN_VERIFY", "ECC"),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "ECC"),
    ],
)
def test_y13_the_families_of_keys(
    noon: Any, world: Any, spec: str, usage: str, family: str
) -> None:
    if not can_make(spec):
        pytest.skip("botocore is too old for it")
    kms = client("kms", "eu-west-3")
    key_id = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    key = kms_backends[ACCOUNT]["eu-west-3"].keys[key_id]
    found = quota_of("Sign", "eu-west-3", [None, key], {})  # type: ignore[list-item]
    rate = 10_000 if family == "symmetric" else 1_000
    assert found == (f"cryptographic operations ({family})", rate)

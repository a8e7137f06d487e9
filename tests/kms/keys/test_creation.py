"""Which keys CreateKey makes, and what it says of them (G2, G5, G9, Y26)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from moto_cks.kms.keys.material import families
from moto_cks.kms.specs import SPECS
from tests.aws import client, error_of

RSA = ("ENCRYPT_DECRYPT", "SIGN_VERIFY")
NIST = ("SIGN_VERIFY", "KEY_AGREEMENT")
USAGES = {
    "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT",),
    **dict.fromkeys(("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"), ("GENERATE_VERIFY_MAC",)),
    **dict.fromkeys(("RSA_2048", "RSA_3072", "RSA_4096"), RSA),
    **dict.fromkeys(("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"), NIST),
    "ECC_NIST_EDWARDS25519": ("SIGN_VERIFY",),
    "ECC_SECG_P256K1": ("SIGN_VERIFY",),
    "SM2": ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"),
    **dict.fromkeys(("ML_DSA_44", "ML_DSA_65", "ML_DSA_87"), ("SIGN_VERIFY",)),
    **dict.fromkeys(("ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"), ("ENCAPSULATE_DECAPSULATE",)),
}
"""KeySpec and KeyUsage, as "CreateKey" has them."""

LISTS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}
MANY = ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512"]
MANY += ["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"]


def enums(shape: str) -> set[str]:
    return set(client("kms").meta.service_model.shape_for(shape).enum)


PAIRS = sorted(itertools.product(enums("KeySpec"), enums("KeyUsageType")))
AVAILABLE = {name for name, spec in SPECS.items() if families.available(spec)}


def test_g2_the_table_has_all_key_specs() -> None:
    assert set(SPECS) >= enums("KeySpec") | enums("DataKeyPairSpec")
    assert {name: set(spec.algorithms) for name, spec in SPECS.items()} == {
        name: set(usages) for name, usages in USAGES.items()
    }


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_g2_key_spec_and_key_usage(kms: Any, spec: str, usage: str) -> None:
    request = {"KeySpec": spec, "KeyUsage": usage}
    if usage not in USAGES[spec]:
        message = f"KeyUsage {usage} is not compatible with KeySpec {spec}"
        assert error_of(kms.create_key, **request) == ("ValidationException", message)
    elif spec not in AVAILABLE:
        assert error_of(kms.create_key, **request)[0] == "UnsupportedOperationException"
    else:
        metadata = kms.create_key(**request)["KeyMetadata"]
        assert (metadata["KeySpec"], metadata["KeyUsage"]) == (spec, usage)
        newer = spec.startswith(("ML_", "ECC_NIST_EDWARDS"))
        assert metadata.get("CustomerMasterKeySpec") == (None if newer else spec)
        assert [name for name in LISTS.values() if name in metadata] == [LISTS[usage]]
        assert metadata[LISTS[usage]]
        assert metadata["KeyState"] == "Enabled"
        assert ("CurrentKeyMaterialId" in metadata) == (spec == "SYMMETRIC_DEFAULT")
        assert kms.describe_key(KeyId=metadata["KeyId"])["KeyMetadata"] == metadata
        return
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("spec", sorted(enums("KeySpec")))
def test_g2_key_usage_is_required_but_for_symmetric_encryption_keys(kms: Any, spec: str) -> None:
    if spec == "SYMMETRIC_DEFAULT":
        assert kms.create_key(KeySpec=spec)["KeyMetadata"]["KeyUsage"] == "ENCRYPT_DECRYPT"
        return
    message = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption"
    assert error_of(kms.create_key, KeySpec=spec) == ("ValidationException", f"{message} keys.")
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("usage", sorted(enums("KeyUsageType")))
def test_g2_a_key_usage_without_a_key_spec_is_for_symmetric_keys(kms: Any, usage: str) -> None:
    if usage == "ENCRYPT_DECRYPT":
        assert kms.create_key(KeyUsage=usage)["KeyMetadata"]["KeySpec"] == "SYMMETRIC_DEFAULT"
        return
    message = f"KeyUsage {usage} is not compatible with KeySpec SYMMETRIC_DEFAULT"
    assert error_of(kms.create_key, KeyUsage=usage) == ("ValidationException", message)


def test_g2_the_older_name_of_the_key_spec(kms: Any) -> None:
    older = {"CustomerMasterKeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
    assert kms.create_key(**older)["KeyMetadata"]["KeySpec"] == "ECC_NIST_P256"
    code, message = error_of(kms.create_key, **older, KeySpec="ECC_NIST_P256")
    assert code == "ValidationException"
    assert "CustomerMasterKeySpec is deprecated" in message


def test_g5_the_algorithms_are_in_the_order_of_the_pages(kms: Any) -> None:
    made = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert made["SigningAlgorithms"] == MANY
    made = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    assert made["EncryptionAlgorithms"] == ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]


ORIGINS = [
    ({"Origin": "AWS_KMS"}, None),
    ({"Origin": "EXTERNAL"}, None),
    ({"Origin": "AWS_CLOUDHSM"}, "ValidationException"),
    ({"Origin": "EXTERNAL_KEY_STORE"}, "ValidationException"),
    ({"XksKeyId": "key"}, "ValidationException"),
    ({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-0"}, "CustomKeyStoreNotFoundException"),
    ({"CustomKeyStoreId": "cks-0"}, "UnsupportedOperationException"),
]


@pytest.mark.parametrize(("request_", "error"), ORIGINS, ids=str)
def test_g2_origins(kms: Any, request_: dict[str, str], error: str | None) -> None:
    if error is not None:
        assert error_of(kms.create_key, **request_)[0] == error
        assert kms.list_keys()["Keys"] == []
        return
    metadata = kms.create_key(**request_)["KeyMetadata"]
    external = request_["Origin"] == "EXTERNAL"
    assert metadata["Origin"] == request_["Origin"]
    assert metadata["KeyState"] == ("PendingImport" if external else "Enabled")
    assert metadata["Enabled"] != external
    assert ("CurrentKeyMaterialId" in metadata) != external


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"Origin": "EXTERNAL"},
    ],
    ids=str,
)
def test_g4_g8_a_multi_region_key(kms: Any, kind: dict[str, str]) -> None:
    metadata = kms.create_key(**kind, MultiRegion=True)["KeyMetadata"]
    key_id = metadata["KeyId"]
    assert key_id.startswith("mrk-")
    assert len(bytes.fromhex(key_id.removeprefix("mrk-"))) == 16
    assert metadata["Arn"].endswith(f":key/{key_id}")
    assert metadata["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": metadata["Arn"], "Region": "us-east-1"},
        "ReplicaKeys": [],
    }
    assert kms.describe_key(KeyId=metadata["Arn"])["KeyMetadata"] == metadata
    kms.update_key_description(KeyId=key_id, Description="managed like any other")


def test_g5_there_is_nothing_of_several_regions_otherwise(kms: Any) -> None:
    metadata = kms.create_key(MultiRegion=False)["KeyMetadata"]
    assert metadata["MultiRegion"] is False
    assert "MultiRegionConfiguration" not in metadata


@pytest.mark.parametrize("spec", sorted({"ML_KEM_512", "SM2"} & enums("KeySpec")))
def test_g9_what_cryptography_cannot_do_is_refused_by_name(kms: Any, spec: str) -> None:
    message = f"KeySpec {spec} is not supported in this Region"
    refused = ("UnsupportedOperationException", message)
    assert error_of(kms.create_key, KeySpec=spec, KeyUsage=USAGES[spec][-1]) == refused
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    for method in (kms.generate_data_key_pair, kms.generate_data_key_pair_without_plaintext):
        assert error_of(method, KeyId=key_id, KeyPairSpec=spec) == refused

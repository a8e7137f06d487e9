"""What each kind of key can do: every cryptographic operation with every KeyUsage (G2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks import mock_cks
from tests.aws import OTHER_REGION, client, error_of
from tests.kms.imports import import_material

THIRD_REGION = "ap-south-1"

KINDS = {
    "ENCRYPT_DECRYPT": {},
    "ENCRYPT_DECRYPT RSA": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    "SIGN_VERIFY": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "GENERATE_VERIFY_MAC": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "KEY_AGREEMENT": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
}
PAIR = {"KeyPairSpec": "ECC_NIST_P256"}
SIGNED = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
CODED = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}

OPERATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "Encrypt": ("ENCRYPT_DECRYPT", {"Plaintext": b"text"}),
    "GenerateDataKey": ("ENCRYPT_DECRYPT", {"KeySpec": "AES_256"}),
    "GenerateDataKeyWithoutPlaintext": ("ENCRYPT_DECRYPT", {"NumberOfBytes": 8}),
    "GenerateDataKeyPair": ("ENCRYPT_DECRYPT", PAIR),
    "GenerateDataKeyPairWithoutPlaintext": ("ENCRYPT_DECRYPT", PAIR),
    "Sign": ("SIGN_VERIFY", SIGNED),
    "Verify": ("SIGN_VERIFY", {**SIGNED, "Signature": b"s"}),
    "GenerateMac": ("GENERATE_VERIFY_MAC", CODED),
    "VerifyMac": ("GENERATE_VERIFY_MAC", {**CODED, "Mac": b"mac"}),
    "DeriveSharedSecret": ("KEY_AGREEMENT", {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"k"}),
    "Encapsulate": ("ENCAPSULATE_DECAPSULATE", KEM),
    "Decapsulate": ("ENCAPSULATE_DECAPSULATE", {**KEM, "SharedSecretCiphertextBlob": b"c"}),
}
METHODS = {name: method for method, name in client("kms").meta.method_to_api_mapping.items()}


@pytest.fixture(scope="module")
def arns() -> Iterator[dict[str, str]]:
    with mock_cks():
        kms = client("kms")
        yield {name: kms.create_key(**kind)["KeyMetadata"]["Arn"] for name, kind in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name in METHODS])
def test_g2_an_operation_needs_its_key_usage(
    arns: dict[str, str], operation: str, kind: str
) -> None:
    needed, parameters = OPERATIONS[operation]
    usage, _, rsa = kind.partition(" ")
    call = getattr(client("kms"), METHODS[operation])
    if usage != needed:
        message = f"{arns[kind]} key usage is {usage} which is not valid for {operation}."
        expected = ("InvalidKeyUsageException", message)
        assert error_of(call, KeyId=arns[kind], **parameters) == expected
    elif rsa:
        message = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."
        expected = ("InvalidKeyUsageException", message)
        assert error_of(call, KeyId=arns[kind], **parameters) == expected
    elif operation in ("Verify", "VerifyMac", "DeriveSharedSecret"):
        assert error_of(call, KeyId=arns[kind], **parameters)[0] in (
            "KMSInvalidSignatureException",
            "KMSInvalidMacException",
            "ValidationException",
        )
    else:
        assert call(KeyId=arns[kind], **parameters)["KeyId"] == arns[kind]


@pytest.mark.parametrize("kind", ["SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"])
def test_g2_re_encrypt_to_another_kind_of_key(arns: dict[str, str], kind: str) -> None:
    kms = client("kms")
    blob = kms.encrypt(KeyId=arns["ENCRYPT_DECRYPT"], Plaintext=b"text")["CiphertextBlob"]
    message = f"{arns[kind]} key usage is {kind} which is not valid for ReEncrypt."
    expected = ("InvalidKeyUsageException", message)
    refused = error_of(kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=arns[kind])
    assert refused == expected


@pytest.mark.parametrize(
    ("kind", "method", "parameters", "algorithm", "spec"),
    [
        ("SIGN_VERIFY", "sign", {"Message": b"m"}, "ECDSA_SHA_384", "ECC_NIST_P256"),
        ("SIGN_VERIFY", "sign", {"Message": b"m"}, "RSASSA_PSS_SHA_256", "ECC_NIST_P256"),
        (
            "SIGN_VERIFY",
            "verify",
            {"Message": b"m", "Signature": b"s"},
            "ECDSA_SHA_512",
            "ECC_NIST_P256",
        ),
        ("GENERATE_VERIFY_MAC", "generate_mac", {"Message": b"m"}, "HMAC_SHA_512", "HMAC_256"),
        (
            "GENERATE_VERIFY_MAC",
            "verify_mac",
            {"Message": b"m", "Mac": b"m"},
            "HMAC_SHA_224",
            "HMAC_256",
        ),
        (
            "ENCRYPT_DECRYPT",
            "encrypt",
            {"Plaintext": b"t"},
            "RSAES_OAEP_SHA_256",
            "SYMMETRIC_DEFAULT",
        ),
        ("ENCRYPT_DECRYPT RSA", "encrypt", {"Plaintext": b"t"}, "SM2PKE", "RSA_2048"),
    ],
)
def test_g2_an_algorithm_that_the_key_spec_does_not_have(
    arns: dict[str, str],
    kind: str,
    method: str,
    parameters: dict[str, Any],
    algorithm: str,
    spec: str,
) -> None:
    named = {
        "sign": "SigningAlgorithm",
        "verify": "SigningAlgorithm",
        "encrypt": "EncryptionAlgorithm",
    }.get(method, "MacAlgorithm")
    call = getattr(client("kms"), method)
    refused = error_of(call, KeyId=arns[kind], **parameters, **{named: algorithm})
    message = f"Algorithm {algorithm} is incompatible with key spec {spec}."
    assert refused == ("InvalidKeyUsageException", message)


@pytest.mark.parametrize("kind", ["ENCRYPT_DECRYPT RSA", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"])
@pytest.mark.parametrize(
    "method", ["enable_key_rotation", "disable_key_rotation", "rotate_key_on_demand"]
)
def test_g2_only_symmetric_encryption_keys_rotate(
    arns: dict[str, str], kind: str, method: str
) -> None:
    refused = error_of(getattr(client("kms"), method), KeyId=arns[kind])
    assert refused == ("UnsupportedOperationException", "")


@pytest.mark.parametrize("kind", KINDS)
def test_g2_only_key_pairs_have_public_keys(arns: dict[str, str], kind: str) -> None:
    kms, name = client("kms"), arns[kind]
    if kind in ("ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC"):
        refused = error_of(kms.get_public_key, KeyId=name)
        assert refused == ("UnsupportedOperationException", "")
    else:
        assert kms.get_public_key(KeyId=name)["KeyId"] == name


def test_g2_only_a_primary_key_is_replicated(kms: Any) -> None:
    single = kms.create_key()["KeyMetadata"]["Arn"]
    refused = error_of(kms.replicate_key, KeyId=single, ReplicaRegion="eu-west-1")
    expected = f"{single} is not a multi-region primary key."
    assert refused == ("UnsupportedOperationException", expected)


# What is asked after the state --------------------------------------------------------------------

ORIGIN = "{arn} origin is {origin} which is not valid for this operation."
NO_PRIMARY = "{arn} is not a multi-region primary key."
SYMMETRIC = ("symmetric", "primary", "replica", "imported")
ALL = (*SYMMETRIC, "rsa", "ecc", "hmac", "hmac primary", "hmac replica", "in a key store")
CALENDAR = {
    **dict.fromkeys(("rsa", "ecc", "hmac", "hmac primary", "hmac replica"), ""),
    "replica": NO_PRIMARY,
    "imported": ORIGIN,
    "in a key store": ORIGIN,
}
OF_PRIMARIES = {
    **dict.fromkeys(ALL, NO_PRIMARY),
    **dict.fromkeys(("primary", "hmac primary"), None),
    "in a key store": ORIGIN,
}
UNSUPPORTED: dict[str, tuple[dict[str, Any], dict[str, str | None]]] = {
    "enable_key_rotation": ({}, CALENDAR),
    "disable_key_rotation": ({}, CALENDAR),
    "rotate_key_on_demand": ({}, {**CALENDAR, "imported": None}),
    "list_key_rotations": ({}, {**CALENDAR, "imported": None, "replica": None}),
    "get_public_key": (
        {},
        {
            **dict.fromkeys((*SYMMETRIC, "hmac", "hmac primary", "hmac replica"), ""),
            "in a key store": ORIGIN,
        },
    ),
    "replicate_key": ({"ReplicaRegion": OTHER_REGION}, OF_PRIMARIES),
    "update_primary_region": ({"PrimaryRegion": THIRD_REGION}, OF_PRIMARIES),
    "generate_data_key_pair": (PAIR, {"in a key store": ORIGIN}),
    "generate_data_key_pair_without_plaintext": (PAIR, {"in a key store": ORIGIN}),
}
"""The messages of an UnsupportedOperationException, by operation and kind of key."""


@pytest.fixture(scope="module")
def keys() -> Iterator[dict[str, dict[str, Any]]]:
    """The KeyMetadata of a key of each kind; the replicas are in another Region."""
    with mock_cks() as cks:
        kms = client("kms")
        hmac = KINDS["GENERATE_VERIFY_MAC"]
        made = {
            name: kms.create_key(**kind)["KeyMetadata"]
            for name, kind in {
                "symmetric": {},
                "imported": {"Origin": "EXTERNAL"},
                "rsa": KINDS["ENCRYPT_DECRYPT RSA"],
                "ecc": KINDS["SIGN_VERIFY"],
                "hmac": hmac,
                "primary": {"MultiRegion": True},
                "hmac primary": {**hmac, "MultiRegion": True},
            }.items()
        }
        import_material(kms, made["imported"]["KeyId"])
        for name in ("", "hmac "):
            asked = {"KeyId": made[f"{name}primary"]["KeyId"], "ReplicaRegion": OTHER_REGION}
            made[f"{name}replica"] = kms.replicate_key(**asked)["ReplicaKeyMetadata"]
        key_id = cks.create_key_store().create_key()
        made["in a key store"] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        yield made


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("method", UNSUPPORTED)
def test_g2_g6_g8_what_kinds_of_keys_cannot_do(
    keys: dict[str, dict[str, Any]], method: str, kind: str
) -> None:
    key = keys[kind]
    parameters, messages = UNSUPPORTED[method]
    message = messages.get(kind)
    kms = client("kms", key["Arn"].split(":")[3])
    try:
        getattr(kms, method)(KeyId=key["KeyId"], **parameters)
    except ClientError as error:
        found = error.response["Error"]
        refused = found["Message"] if found["Code"] == "UnsupportedOperationException" else None
    else:
        refused = None
    expected = message and message.format(arn=key["Arn"], origin=key["Origin"])
    assert refused == expected

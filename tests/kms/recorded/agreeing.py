"""DeriveSharedSecret, Encapsulate and Decapsulate (G2, G9, Y26)."""

from __future__ import annotations

from .rows import A, Row
from .shapes import BLOB
from .sources import localstack, reference
from .steps import call, key, public_key_of_somebody

SHARED = localstack("test_derive_shared_secret")
AGREEING = key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
SOMEBODY = public_key_of_somebody()
DERIVE = {"KeyId": "{key}", "KeyAgreementAlgorithm": "ECDH", "PublicKey": "{public_key}"}
ENCAPSULATING = key(KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")


def wrong_usage(usage: str) -> tuple[str, str]:
    return (
        "InvalidKeyUsageException",
        f"{{key_arn}} key usage is {usage} which is not valid for DeriveSharedSecret.",
    )


ROWS = (
    Row(
        "derive",
        SHARED,
        (AGREEING, SOMEBODY),
        "DeriveSharedSecret",
        DERIVE,
        answer={
            "KeyAgreementAlgorithm": "ECDH",
            "KeyId": "{key_arn}",
            "KeyOrigin": "AWS_KMS",
            "SharedSecret": A(bytes, 32),
        },
    ),
    Row(
        "derive-the-same-from-the-other-side",
        SHARED,
        (
            AGREEING,
            key("other", KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT"),
            call("GetPublicKey", keep={"public_key": "PublicKey"}, KeyId="{other}"),
            call("DeriveSharedSecret", keep={"secret": "SharedSecret"}, **DERIVE),
            call("GetPublicKey", keep={"public_key": "PublicKey"}, KeyId="{key}"),
        ),
        "DeriveSharedSecret",
        {**DERIVE, "KeyId": "{other}"},
        answer={
            "KeyAgreementAlgorithm": "ECDH",
            "KeyId": "{other_arn}",
            "KeyOrigin": "AWS_KMS",
            "SharedSecret": "{secret}",
        },
    ),
    Row(
        "derive-with-a-signing-key",
        SHARED,
        (key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"), SOMEBODY),
        "DeriveSharedSecret",
        DERIVE,
        error=wrong_usage("SIGN_VERIFY"),
    ),
    Row(
        "derive-with-a-symmetric-key",
        SHARED,
        (key(), SOMEBODY),
        "DeriveSharedSecret",
        DERIVE,
        error=wrong_usage("ENCRYPT_DECRYPT"),
    ),
    Row(
        "derive-unknown-algorithm",
        SHARED,
        (AGREEING, SOMEBODY),
        "DeriveSharedSecret",
        {**DERIVE, "KeyAgreementAlgorithm": "INVALID"},
        error=(
            "ValidationException",
            "1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to "
            "satisfy constraint: Member must satisfy enum value set: [ECDH]",
        ),
    ),
    Row(
        "derive-with-what-is-no-public-key",
        SHARED,
        (AGREEING,),
        "DeriveSharedSecret",
        {**DERIVE, "PublicKey": b"InvalidPublicKey"},
        error=("ValidationException", ""),
    ),
    Row(
        "encapsulate",
        reference("Encapsulate"),
        (ENCAPSULATING,),
        "Encapsulate",
        {"KeyId": "{key}", "EncapsulationAlgorithm": "ML_KEM"},
        answer={
            "EncapsulationAlgorithm": "ML_KEM",
            "KeyId": "{key_arn}",
            "SharedSecret": A(bytes, 32),
            "SharedSecretCiphertextBlob": A(bytes, 1088),
        },
        spec="ML_KEM_768",
    ),
    Row(
        "decapsulate",
        reference("Decapsulate"),
        (
            ENCAPSULATING,
            call(
                "Encapsulate",
                keep={"blob": "SharedSecretCiphertextBlob", "secret": "SharedSecret"},
                KeyId="{key}",
                EncapsulationAlgorithm="ML_KEM",
            ),
        ),
        "Decapsulate",
        {
            "KeyId": "{key}",
            "SharedSecretCiphertextBlob": "{blob}",
            "EncapsulationAlgorithm": "ML_KEM",
        },
        answer={
            "EncapsulationAlgorithm": "ML_KEM",
            "KeyId": "{key_arn}",
            "SharedSecret": "{secret}",
        },
        spec="ML_KEM_768",
    ),
    Row(
        "public-key-of-a-key-that-agrees",
        SHARED + "; " + reference("GetPublicKey"),
        (AGREEING,),
        "GetPublicKey",
        {"KeyId": "{key}"},
        answer={
            "CustomerMasterKeySpec": "ECC_NIST_P256",
            "KeyAgreementAlgorithms": ["ECDH"],
            "KeyId": "{key_arn}",
            "KeySpec": "ECC_NIST_P256",
            "KeyUsage": "KEY_AGREEMENT",
            "PublicKey": BLOB,
        },
    ),
)

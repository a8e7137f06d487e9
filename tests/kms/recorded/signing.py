"""Sign, Verify, GetPublicKey (G2, G9)."""

from __future__ import annotations

import hashlib

from .rows import Row
from .shapes import BLOB
from .sources import localstack, localstack_test
from .steps import Step, call, key

MESSAGE = b"test message !%$@ 1234567890"
KINDS = (
    ("RSA_2048", "RSASSA_PSS_SHA_256"),
    ("RSA_2048", "RSASSA_PSS_SHA_384"),
    ("RSA_2048", "RSASSA_PSS_SHA_512"),
    ("RSA_4096", "RSASSA_PKCS1_V1_5_SHA_256"),
    ("RSA_4096", "RSASSA_PKCS1_V1_5_SHA_512"),
    ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ("ECC_NIST_P384", "ECDSA_SHA_384"),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
)
TWO = (KINDS[0], KINDS[5])
"""Of these all was recorded that is said of each."""


def signing_key(spec: str) -> Step:
    return key(KeySpec=spec, KeyUsage="SIGN_VERIFY")


def signed(algorithm: str, message: bytes = MESSAGE, kind: str = "RAW") -> Step:
    return call(
        "Sign",
        keep={"signature": "Signature"},
        KeyId="{key}",
        Message=message,
        MessageType=kind,
        SigningAlgorithm=algorithm,
    )


def recorded(spec: str, algorithm: str) -> tuple[Row, ...]:
    """What was recorded of one key spec and algorithm."""
    source = localstack(f"test_sign_verify[{spec}-{algorithm}]")
    asked = {"KeyId": "{key}", "SigningAlgorithm": algorithm}
    digest = hashlib.new(f"sha{algorithm[-3:]}", MESSAGE).digest()
    valid = {"KeyId": "{key_arn}", "SignatureValid": True, "SigningAlgorithm": algorithm}
    name = f"{spec}-{algorithm}"
    rows = (
        Row(
            f"sign-{name}",
            source,
            (signing_key(spec),),
            "Sign",
            {**asked, "Message": MESSAGE, "MessageType": "RAW"},
            answer={"KeyId": "{key_arn}", "Signature": BLOB, "SigningAlgorithm": algorithm},
        ),
        Row(
            f"verify-{name}",
            source,
            (signing_key(spec), signed(algorithm)),
            "Verify",
            {**asked, "Message": MESSAGE, "MessageType": "RAW", "Signature": "{signature}"},
            answer=valid,
        ),
        Row(
            f"sign-wrong-digest-{name}",
            source,
            (signing_key(spec),),
            "Sign",
            {**asked, "Message": MESSAGE, "MessageType": "DIGEST"},
            error=("ValidationException", f"Digest is invalid length for algorithm {algorithm}."),
        ),
    )
    if (spec, algorithm) not in TWO:
        return rows
    return (
        *rows,
        Row(
            f"verify-another-s-signature-{name}",
            source,
            (signing_key(spec), signed(algorithm, b"bad")),
            "Verify",
            {**asked, "Message": MESSAGE, "MessageType": "RAW", "Signature": "{signature}"},
            error=("KMSInvalidSignatureException", ""),
        ),
        Row(
            f"verify-the-message-by-the-signature-of-its-digest-{name}",
            localstack_test("test_sign_verify"),
            (signing_key(spec), signed(algorithm, digest, "DIGEST")),
            "Verify",
            {**asked, "Message": MESSAGE, "MessageType": "RAW", "Signature": "{signature}"},
            answer=valid,
        ),
    )


ROWS = (
    *(row for kind in KINDS for row in recorded(*kind)),
    Row(
        "verify-wrong-digest",
        localstack_test("test_sign_verify"),
        (signing_key("ECC_NIST_P256"), signed("ECDSA_SHA_256")),
        "Verify",
        {
            "KeyId": "{key}",
            "Message": b"bad message 321",
            "MessageType": "DIGEST",
            "Signature": "{signature}",
            "SigningAlgorithm": "ECDSA_SHA_256",
        },
        error=("ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256."),
    ),
    Row(
        "sign-with-an-hmac-key",
        localstack("test_error_messaging_for_invalid_keys"),
        (key(KeySpec="HMAC_224", KeyUsage="GENERATE_VERIFY_MAC"),),
        "Sign",
        {
            "KeyId": "{key}",
            "Message": b"test message 123!@#",
            "MessageType": "RAW",
            "SigningAlgorithm": "RSASSA_PSS_SHA_256",
        },
        error=(
            "InvalidKeyUsageException",
            "{key_arn} key usage is GENERATE_VERIFY_MAC which is not valid for Sign.",
        ),
    ),
    Row(
        "sign-with-an-encrypting-key",
        localstack_test("test_invalid_key_usage"),
        (key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT"),),
        "Sign",
        {
            "KeyId": "{key}",
            "Message": b"hello",
            "MessageType": "RAW",
            "SigningAlgorithm": "RSASSA_PSS_SHA_256",
        },
        error=(
            "InvalidKeyUsageException",
            "{key_arn} key usage is ENCRYPT_DECRYPT which is not valid for Sign.",
        ),
    ),
    Row(
        "verify-with-an-encrypting-key",
        localstack("test_error_messaging_for_invalid_keys"),
        (key(),),
        "Verify",
        {
            "KeyId": "{key}",
            "Message": b"test message",
            "MessageType": "RAW",
            "Signature": b"random text",
            "SigningAlgorithm": "ECDSA_SHA_256",
        },
        error=(
            "InvalidKeyUsageException",
            "{key_arn} key usage is ENCRYPT_DECRYPT which is not valid for Verify.",
        ),
    ),
    Row(
        "public-key",
        localstack_test("test_get_public_key") + "; " + "members by the API Reference",
        (key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT"),),
        "GetPublicKey",
        {"KeyId": "{key}"},
        answer={
            "CustomerMasterKeySpec": "RSA_2048",
            "EncryptionAlgorithms": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
            "KeyId": "{key_arn}",
            "KeySpec": "RSA_2048",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "PublicKey": BLOB,
        },
    ),
)

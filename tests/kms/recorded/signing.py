"""Sign, Verify, GetPublicKey (G2, G9)."""

from __future__ import annotations

import hashlib

from .rows import A, Row, Some
from .shapes import BLOB
from .sources import localstack, localstack_test, measured, reported
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

ED25519 = "ECC_NIST_EDWARDS25519"
EDWARDS = measured("ed25519KeyIsAnEd25519KeyAndSignsWithBothAlgorithms")
LATTICES = measured("mlDsaKeysCreateSignAndVerify")


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
    Row(
        "sign-with-an-algorithm-of-another-curve",
        reported("JackOfMostTrades/aws-kms-pkcs11#18"),
        (signing_key("ECC_NIST_P521"),),
        "Sign",
        {"KeyId": "{key}", "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"},
        error=(
            "InvalidKeyUsageException",
            "Algorithm ECDSA_SHA_256 is incompatible with key spec ECC_NIST_P521.",
        ),
    ),
    # Edwards curves -------------------------------------------------------------------------------
    Row(
        "public-key-ed25519",
        EDWARDS,
        (signing_key(ED25519),),
        "GetPublicKey",
        {"KeyId": "{key}"},
        answer=Some({"PublicKey": A(bytes, 44), "KeySpec": ED25519}),
        spec=ED25519,
    ),
    *(
        row
        for algorithm, kind, message in (
            ("ED25519_SHA_512", "RAW", MESSAGE),
            ("ED25519_PH_SHA_512", "DIGEST", hashlib.sha512(MESSAGE).digest()),
        )
        for row in (
            Row(
                f"sign-{algorithm}",
                EDWARDS,
                (signing_key(ED25519),),
                "Sign",
                {
                    "KeyId": "{key}",
                    "Message": message,
                    "MessageType": kind,
                    "SigningAlgorithm": algorithm,
                },
                answer={
                    "KeyId": "{key_arn}",
                    "Signature": A(bytes, 64),
                    "SigningAlgorithm": algorithm,
                },
                spec=ED25519,
            ),
            Row(
                f"verify-{algorithm}",
                EDWARDS,
                (signing_key(ED25519), signed(algorithm, message, kind)),
                "Verify",
                {
                    "KeyId": "{key}",
                    "Message": message,
                    "MessageType": kind,
                    "Signature": "{signature}",
                    "SigningAlgorithm": algorithm,
                },
                answer={
                    "KeyId": "{key_arn}",
                    "SignatureValid": True,
                    "SigningAlgorithm": algorithm,
                },
                spec=ED25519,
            ),
        )
    ),
    *(
        Row(
            f"sign-{algorithm}-{kind}",
            measured("ed25519RejectsTheCombinationsRealKmsRejects"),
            (signing_key(ED25519),),
            "Sign",
            {
                "KeyId": "{key}",
                "Message": b"message",
                "MessageType": kind,
                "SigningAlgorithm": algorithm,
            },
            error=(code, message),
            spec=ED25519,
        )
        for algorithm, kind, code, message in (
            (
                "ED25519_SHA_512",
                "DIGEST",
                "ValidationException",
                "Message type DIGEST is incompatible with algorithm ED25519_SHA_512.",
            ),
            (
                "ED25519_PH_SHA_512",
                "RAW",
                "ValidationException",
                "Message type RAW is incompatible with algorithm ED25519_PH_SHA_512.",
            ),
            (
                "ECDSA_SHA_512",
                "RAW",
                "InvalidKeyUsageException",
                f"Algorithm ECDSA_SHA_512 is incompatible with key spec {ED25519}.",
            ),
        )
    ),
    *(
        Row(
            f"{operation}-ed25519-wrong-digest",
            measured("ed25519PrehashRejectsADigestOfTheWrongLength"),
            (signing_key(ED25519),),
            operation,
            {
                "KeyId": "{key}",
                "Message": b"not a sha-512 digest",
                "MessageType": "DIGEST",
                "SigningAlgorithm": "ED25519_PH_SHA_512",
                **more,
            },
            error=(
                "ValidationException",
                "Digest is invalid length for algorithm ED25519_PH_SHA_512.",
            ),
            spec=ED25519,
        )
        for operation, more in {"Sign": {}, "Verify": {"Signature": bytes(64)}}.items()
    ),
    # Lattices -------------------------------------------------------------------------------------
    *(
        row
        for spec, public_key, signature in (
            ("ML_DSA_44", 1334, 2420),
            ("ML_DSA_65", 1974, 3309),
            ("ML_DSA_87", 2614, 4627),
        )
        for row in (
            Row(
                f"public-key-{spec}",
                LATTICES,
                (signing_key(spec),),
                "GetPublicKey",
                {"KeyId": "{key}"},
                answer=Some(
                    {
                        "KeySpec": spec,
                        "PublicKey": A(bytes, public_key),
                        "SigningAlgorithms": ["ML_DSA_SHAKE_256"],
                    }
                ),
                spec=spec,
            ),
            Row(
                f"sign-{spec}",
                LATTICES,
                (signing_key(spec),),
                "Sign",
                {"KeyId": "{key}", "Message": MESSAGE, "SigningAlgorithm": "ML_DSA_SHAKE_256"},
                answer={
                    "KeyId": "{key_arn}",
                    "Signature": A(bytes, signature),
                    "SigningAlgorithm": "ML_DSA_SHAKE_256",
                },
                spec=spec,
            ),
        )
    ),
    Row(
        "sign-ML_DSA_44-DIGEST",
        reported("floci-io/floci#3025"),
        (signing_key("ML_DSA_44"),),
        "Sign",
        {
            "KeyId": "{key}",
            "Message": b"message",
            "MessageType": "DIGEST",
            "SigningAlgorithm": "ML_DSA_SHAKE_256",
        },
        error=(
            "ValidationException",
            "Message type DIGEST is incompatible with key spec ML_DSA_44.",
        ),
        spec="ML_DSA_44",
    ),
)

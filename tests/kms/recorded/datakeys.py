"""Random bytes, data keys and data key pairs (G1, G5)."""

from __future__ import annotations

from .rows import A, Like, Row
from .shapes import BLOB, MATERIAL_ID
from .sources import localstack, localstack_test, reference, reported
from .steps import call, key

INVALID_NUMBER = localstack("test_generate_random_invalid_number_of_bytes")
NUMBER = (
    "1 validation error detected: Value '{}' at 'numberOfBytes' failed to satisfy constraint: "
    "Member must have value "
)
DRY_RUN = (
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun option is set.",
)
CONTEXT = {"context-key": "context-value"}


def context_is_missing(operation: str, member: str, **request: str) -> Row:
    """What an operation has encrypted with a context is decrypted without one."""
    made = call(
        operation, keep={"blob": member}, KeyId="{key}", EncryptionContext=CONTEXT, **request
    )
    return Row(
        f"decrypt-without-context-{operation}",
        localstack("test_encryption_context_generate_data_key*"),
        (key(), made),
        "Decrypt",
        {"KeyId": "{key}", "CiphertextBlob": "{blob}"},
        error=("InvalidCiphertextException", ""),
    )


ROWS = (
    *(
        Row(
            f"random-{number}",
            localstack(f"test_generate_random[{number}]"),
            (),
            "GenerateRandom",
            {"NumberOfBytes": number},
            answer={"Plaintext": A(bytes, number)},
        )
        for number in (1, 12, 44, 91, 1024)
    ),
    Row(
        "random-without-a-number",
        INVALID_NUMBER,
        (),
        "GenerateRandom",
        # In 2019: "Please specify either number of bytes or key spec." (nsmithuk/local-kms#6).
        error=("ValidationException", "NumberOfBytes is required."),
    ),
    Row(
        "random-0",
        INVALID_NUMBER,
        (),
        "GenerateRandom",
        {"NumberOfBytes": 0},
        error=("ValidationException", NUMBER.format(0) + "greater than or equal to 1"),
    ),
    Row(
        "random-1025",
        INVALID_NUMBER,
        (),
        "GenerateRandom",
        {"NumberOfBytes": 1025},
        error=("ValidationException", NUMBER.format(1025) + "less than or equal to 1024"),
    ),
    Row(
        "data-key",
        localstack("test_generate_data_key"),
        (key(),),
        "GenerateDataKey",
        {"KeyId": "{key}", "KeySpec": "AES_256"},
        # Recorded in 2023; KeyMaterialId came in 2025, by the API Reference.
        answer={
            "CiphertextBlob": BLOB,
            "KeyId": "{key_arn}",
            "KeyMaterialId": MATERIAL_ID,
            "Plaintext": A(bytes, 32),
        },
    ),
    Row(
        "data-key-aes-128",
        reported("localstack/localstack#10126"),
        (key(MultiRegion=True),),
        "GenerateDataKey",
        {"KeyId": "{key}", "KeySpec": "AES_128"},
        answer={
            "CiphertextBlob": BLOB,
            "KeyId": "{key_arn}",
            "KeyMaterialId": MATERIAL_ID,
            "Plaintext": A(bytes, 16),
        },
    ),
    Row(
        "data-key-without-plaintext",
        localstack("test_generate_data_key_without_plaintext"),
        (key(),),
        "GenerateDataKeyWithoutPlaintext",
        {"KeyId": "{key}", "KeySpec": "AES_256"},
        answer={"CiphertextBlob": BLOB, "KeyId": "{key_arn}", "KeyMaterialId": MATERIAL_ID},
    ),
    Row(
        "data-key-pair",
        localstack("test_generate_data_key_pair"),
        (key(),),
        "GenerateDataKeyPair",
        {"KeyId": "{key}", "KeyPairSpec": "RSA_2048"},
        answer={
            "KeyId": "{key_arn}",
            "KeyMaterialId": MATERIAL_ID,
            "KeyPairSpec": "RSA_2048",
            "PrivateKeyCiphertextBlob": BLOB,
            "PrivateKeyPlaintext": BLOB,
            "PublicKey": BLOB,
        },
    ),
    Row(
        "data-key-pair-without-plaintext",
        localstack("test_generate_data_key_pair_without_plaintext"),
        (key(),),
        "GenerateDataKeyPairWithoutPlaintext",
        {"KeyId": "{key}", "KeyPairSpec": "RSA_2048"},
        answer={
            "KeyId": "{key_arn}",
            "KeyMaterialId": MATERIAL_ID,
            "KeyPairSpec": "RSA_2048",
            "PrivateKeyCiphertextBlob": BLOB,
            "PublicKey": BLOB,
        },
    ),
    Row(
        "decrypt-the-private-key-of-a-pair",
        localstack_test("test_generate_data_key_pair"),
        (
            key(),
            call(
                "GenerateDataKeyPair",
                keep={"blob": "PrivateKeyCiphertextBlob", "plain": "PrivateKeyPlaintext"},
                KeyId="{key}",
                KeyPairSpec="RSA_2048",
            ),
        ),
        "Decrypt",
        {"KeyId": "{key}", "CiphertextBlob": "{blob}"},
        answer={
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "KeyId": "{key_arn}",
            "KeyMaterialId": MATERIAL_ID,
            "Plaintext": "{plain}",
        },
    ),
    Row(
        "data-key-pair-dry-run",
        localstack("test_generate_data_key_pair_dry_run"),
        (key(),),
        "GenerateDataKeyPair",
        {"KeyId": "{key}", "KeyPairSpec": "RSA_2048", "DryRun": True},
        error=DRY_RUN,
    ),
    Row(
        "data-key-pair-without-plaintext-dry-run",
        localstack("test_generate_data_key_pair_without_plaintext_dry_run"),
        (key(),),
        "GenerateDataKeyPairWithoutPlaintext",
        {"KeyId": "{key}", "KeyPairSpec": "RSA_2048", "DryRun": True},
        error=DRY_RUN,
    ),
    context_is_missing("GenerateDataKey", "CiphertextBlob", KeySpec="AES_256"),
    context_is_missing("GenerateDataKeyWithoutPlaintext", "CiphertextBlob", KeySpec="AES_256"),
    context_is_missing("GenerateDataKeyPair", "PrivateKeyCiphertextBlob", KeyPairSpec="RSA_2048"),
    context_is_missing(
        "GenerateDataKeyPairWithoutPlaintext", "PrivateKeyCiphertextBlob", KeyPairSpec="RSA_2048"
    ),
    Row(
        "data-key-neither-length-nor-spec",
        reported("nsmithuk/local-kms#6") + "; " + reference("GenerateDataKey"),
        (key(),),
        "GenerateDataKey",
        {"KeyId": "{key}"},
        error=("ValidationException", "Please specify either number of bytes or key spec."),
    ),
    Row(
        # Reported with the specs of keys, not of data keys, in the set, as it was in 2022:
        # [RSA_2048, ECC_NIST_P384, ... HMAC_512]; the constraint that breaks is the same.
        "data-key-unknown-spec",
        reported("boto/boto3#3428"),
        (key(),),
        "GenerateDataKey",
        {"KeyId": "{key}", "KeySpec": "AES-256"},
        error=(
            "ValidationException",
            Like(
                "1 validation error detected: Value 'AES-256' at 'keySpec' failed to satisfy "
                "constraint: Member must satisfy enum value set: \\[[A-Z0-9_, ]+\\]"
            ),
        ),
    ),
)

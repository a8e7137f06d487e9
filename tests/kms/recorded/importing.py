"""Imported key material (G7), and what DescribeKey says at each step (G5)."""

from __future__ import annotations

from typing import Any

from .rows import Like, Row
from .shapes import BLOB, DATE, MATERIAL_ID, metadata
from .sources import localstack, localstack_test
from .steps import call, imported, key, wrapped

SYMMETRIC = localstack("test_import_key_symmetric")
ROTATED = localstack("test_rotate_key_on_demand_updates_current_key_material_for_external_keys")
PENDING = localstack("test_import_key_material_raises_if_there_is_already_key_material_pending")
IMPORTED = {"Origin": "EXTERNAL", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
EMPTY = {"Origin": "EXTERNAL", "state": "PendingImport"}
IS_PENDING = ("KMSInvalidStateException", "{key_arn} is pending import.")
EXTERNAL = key(Origin="EXTERNAL")
MATERIAL = imported()
FIRST = imported(keep={"first": "KeyMaterialId"})
NEXT = imported(ImportType="NEW_KEY_MATERIAL")
SECOND = imported(keep={"second": "KeyMaterialId"}, ImportType="NEW_KEY_MATERIAL")
ROTATE = call("RotateKeyOnDemand", KeyId="{key}")
WITHOUT = call("DeleteImportedKeyMaterial", KeyId="{key}")
ENCRYPT = {"KeyId": "{key}", "Plaintext": b"test content 123 !#"}


def described(name: str, source: str, steps: tuple[Any, ...], **expected: Any) -> Row:
    """What DescribeKey says then."""
    return Row(
        f"describe-{name}",
        source,
        steps,
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": metadata(**expected)},
    )


def life(spec: str, usage: str, source: str, wrapping: dict[str, str]) -> tuple[Row, Row]:
    """A key after the import, and when the material was deleted."""
    new = key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)
    material = imported(spec, **wrapping)
    kind: dict[str, Any] = {"spec": spec, "usage": usage}
    return (
        described(f"{spec}-after-import", source, (new, material), **kind, **IMPORTED),
        described(f"{spec}-without-material", source, (new, material, WITHOUT), **kind, **EMPTY),
    )


def signing(spec: str, algorithm: str, wrapping: dict[str, str]) -> tuple[Row, ...]:
    """An imported ECC key."""
    source = localstack(f"test_import_key_ecc_keys[{spec}]")
    new = key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")
    request = {"KeyId": "{key}", "Message": b"test sign verify", "SigningAlgorithm": algorithm}
    sign = call("Sign", keep={"signature": "Signature"}, **request)
    return (
        *life(spec, "SIGN_VERIFY", source, wrapping),
        Row(
            f"verify-imported-{spec}",
            source,
            (new, imported(spec, **wrapping), sign),
            "Verify",
            {**request, "Signature": "{signature}"},
            answer={
                "KeyId": "{key_arn}",
                "SignatureValid": True,
                "SigningAlgorithm": algorithm,
            },
        ),
    )


def hashing(size: int) -> tuple[Row, ...]:
    """An imported HMAC key."""
    spec, algorithm = f"HMAC_{size}", f"HMAC_SHA_{size}"
    source = localstack(f"test_import_key_hmac_keys[{spec}]")
    wrapping = {"wrapping_spec": "RSA_4096"} if size == 512 else {}
    new = key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")
    request = {"KeyId": "{key}", "Message": b"test-mac-message", "MacAlgorithm": algorithm}
    mac = call("GenerateMac", keep={"mac": "Mac"}, **request)
    return (
        *life(spec, "GENERATE_VERIFY_MAC", source, wrapping),
        Row(
            f"verify-mac-imported-{spec}",
            source,
            (new, imported(spec, **wrapping), mac),
            "VerifyMac",
            {**request, "Mac": "{mac}"},
            answer={"KeyId": "{key_arn}", "MacAlgorithm": algorithm, "MacValid": True},
        ),
    )


ROWS = (
    Row(
        "encrypt-before-import",
        SYMMETRIC,
        (EXTERNAL,),
        "Encrypt",
        ENCRYPT,
        error=IS_PENDING,
    ),
    Row(
        "encrypt-without-material",
        SYMMETRIC,
        (EXTERNAL, MATERIAL, WITHOUT),
        "Encrypt",
        ENCRYPT,
        error=IS_PENDING,
    ),
    described("before-import", SYMMETRIC, (EXTERNAL,), **EMPTY),
    described("after-import", SYMMETRIC, (EXTERNAL, MATERIAL), **IMPORTED),
    # The key remembers which material it had, and takes no other.
    described(
        "without-material",
        SYMMETRIC,
        (EXTERNAL, FIRST, WITHOUT),
        **EMPTY,
        CurrentKeyMaterialId="{first}",
    ),
    Row(
        "import-that-expires-never-said-when",
        SYMMETRIC,
        (EXTERNAL, wrapped()),
        "ImportKeyMaterial",
        {"KeyId": "{key}", "ImportToken": "{token}", "EncryptedKeyMaterial": "{wrapped}"},
        error=(
            "ValidationException",
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        ),
    ),
    Row(
        "parameters-for-import",
        ROTATED,
        (EXTERNAL,),
        "GetParametersForImport",
        {
            "KeyId": "{key}",
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048",
        },
        answer={
            "ImportToken": BLOB,
            "KeyId": "{key_arn}",
            "ParametersValidTo": DATE,
            "PublicKey": BLOB,
        },
    ),
    Row(
        "parameters-for-import-of-a-signing-key",
        localstack_test("test_get_parameters_for_import"),
        (key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"),),
        "GetParametersForImport",
        {
            "KeyId": "{key}",
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_4096",
        },
        answer={
            "ImportToken": BLOB,
            "KeyId": "{key_arn}",
            "ParametersValidTo": DATE,
            "PublicKey": BLOB,
        },
    ),
    Row(
        "parameters-for-import-of-a-key-of-kms",
        localstack("test_get_parameters_for_import_raises_for_non_external_kms_keys"),
        (key(),),
        "GetParametersForImport",
        {
            "KeyId": "{key}",
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048",
        },
        error=(
            "UnsupportedOperationException",
            "{key_arn} origin is AWS_KMS which is not valid for this operation.",
        ),
    ),
    Row(
        "import",
        ROTATED,
        (EXTERNAL, wrapped()),
        "ImportKeyMaterial",
        {
            "KeyId": "{key}",
            "ImportToken": "{token}",
            "EncryptedKeyMaterial": "{wrapped}",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        },
        answer={"KeyId": "{key_arn}", "KeyMaterialId": MATERIAL_ID},
    ),
    Row(
        "import-second-material",
        ROTATED,
        (EXTERNAL, MATERIAL, wrapped()),
        "ImportKeyMaterial",
        {
            "KeyId": "{key}",
            "ImportToken": "{token}",
            "EncryptedKeyMaterial": "{wrapped}",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            "ImportType": "NEW_KEY_MATERIAL",
        },
        answer={"KeyId": "{key_arn}", "KeyMaterialId": MATERIAL_ID},
    ),
    described(
        "with-second-material-pending",
        ROTATED,
        (EXTERNAL, FIRST, NEXT),
        **IMPORTED,
        CurrentKeyMaterialId="{first}",
    ),
    Row(
        "import-third-material",
        PENDING,
        (EXTERNAL, MATERIAL, SECOND, wrapped()),
        "ImportKeyMaterial",
        {
            "KeyId": "{key}",
            "ImportToken": "{token}",
            "EncryptedKeyMaterial": "{wrapped}",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            "ImportType": "NEW_KEY_MATERIAL",
        },
        # The KMS key is named by its ARN: the same placeholder stands for the KeyId of the answers.
        error=(
            "KMSInvalidStateException",
            Like(
                "New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key "
                "{key_arn}, because another key material \\(id: {second}\\) is pending rotation\\."
            ),
        ),
    ),
    Row(
        "rotate-to-the-second-material",
        ROTATED,
        (EXTERNAL, MATERIAL, NEXT),
        "RotateKeyOnDemand",
        {"KeyId": "{key}"},
        answer={"KeyId": "{key_arn}"},
    ),
    described(
        "rotated-to-the-second-material",
        ROTATED,
        (EXTERNAL, MATERIAL, SECOND, ROTATE),
        **IMPORTED,
        CurrentKeyMaterialId="{second}",
    ),
    Row(
        "encrypt-with-the-second-material",
        ROTATED,
        (EXTERNAL, MATERIAL, NEXT, ROTATE),
        "Encrypt",
        ENCRYPT,
        answer={
            "CiphertextBlob": BLOB,
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "KeyId": "{key_arn}",
        },
    ),
    Row(
        "decrypt-with-the-first-material",
        localstack("test_rotate_key_on_demand_for_external_keys_decrypts_with_previous_material"),
        (
            EXTERNAL,
            FIRST,
            call("Encrypt", keep={"blob": "CiphertextBlob"}, **ENCRYPT),
            NEXT,
            ROTATE,
        ),
        "Decrypt",
        {"CiphertextBlob": "{blob}"},
        answer={
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "KeyId": "{key_arn}",
            "KeyMaterialId": "{first}",
            "Plaintext": ENCRYPT["Plaintext"],
        },
    ),
    Row(
        "rotate-without-second-material",
        localstack("test_rotate_key_on_demand_raises_for_no_pending_key_material"),
        (EXTERNAL, MATERIAL),
        "RotateKeyOnDemand",
        {"KeyId": "{key}"},
        # Before there was second material, in January 2025: UnsupportedOperationException,
        # "<ARN> origin is EXTERNAL which is not valid for this operation."
        error=(
            "KMSInvalidStateException",
            "No available key material pending rotation for the key: {key_arn}.",
        ),
    ),
    Row(
        "rotate-before-import",
        localstack("test_rotate_key_on_demand_on_external_key_with_no_key_material"),
        (EXTERNAL,),
        "RotateKeyOnDemand",
        {"KeyId": "{key}"},
        error=IS_PENDING,
    ),
    *signing("ECC_NIST_P256", "ECDSA_SHA_256", {"algorithm": "RSAES_OAEP_SHA_1"}),
    *signing("ECC_NIST_P384", "ECDSA_SHA_384", {"algorithm": "RSAES_OAEP_SHA_1"}),
    *signing(
        "ECC_NIST_P521",
        "ECDSA_SHA_512",
        {"algorithm": "RSAES_OAEP_SHA_256", "wrapping_spec": "RSA_4096"},
    ),
    *signing("ECC_SECG_P256K1", "ECDSA_SHA_256", {"algorithm": "RSAES_OAEP_SHA_1"}),
    *(row for size in (224, 256, 384, 512) for row in hashing(size)),
    *life(
        "RSA_4096",
        "ENCRYPT_DECRYPT",
        localstack("test_import_key_rsa_aes_wrap_sha256"),
        {"algorithm": "RSA_AES_KEY_WRAP_SHA_256", "wrapping_spec": "RSA_4096"},
    ),
)

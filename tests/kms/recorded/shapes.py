"""What many answers have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .rows import A, Like

MATERIAL_ID = Like("[0-9a-f]{64}")
"""KeyMaterialId: 64 hexadecimal digits."""

DATE = A(datetime)
BLOB = A(bytes)

ALGORITHMS: dict[tuple[str, str], dict[str, list[str]]] = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): {"EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"]},
    ("RSA", "ENCRYPT_DECRYPT"): {
        "EncryptionAlgorithms": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
    },
    ("ECC_NIST_P256", "SIGN_VERIFY"): {"SigningAlgorithms": ["ECDSA_SHA_256"]},
    ("ECC_NIST_P384", "SIGN_VERIFY"): {"SigningAlgorithms": ["ECDSA_SHA_384"]},
    ("ECC_NIST_P521", "SIGN_VERIFY"): {"SigningAlgorithms": ["ECDSA_SHA_512"]},
    ("ECC_SECG_P256K1", "SIGN_VERIFY"): {"SigningAlgorithms": ["ECDSA_SHA_256"]},
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"): {
        "SigningAlgorithms": ["ED25519_SHA_512", "ED25519_PH_SHA_512"]
    },
    ("ML_DSA_44", "SIGN_VERIFY"): {"SigningAlgorithms": ["ML_DSA_SHAKE_256"]},
    **{
        (f"HMAC_{size}", "GENERATE_VERIFY_MAC"): {"MacAlgorithms": [f"HMAC_SHA_{size}"]}
        for size in (224, 256, 384, 512)
    },
}
"""The members that say what a key can do, as recorded."""


def metadata(
    spec: str = "SYMMETRIC_DEFAULT",
    usage: str = "ENCRYPT_DECRYPT",
    *,
    name: str = "key",
    state: str = "Enabled",
    region: str = "{region}",
    **more: Any,
) -> dict[str, Any]:
    """KeyMetadata with every member that AWS was recorded to give for such a key, and no other.

    Args:
        spec: KeySpec.
        usage: KeyUsage.
        name: which name of the scene is the key's ID; "" where the answer is the first to know it.
        state: KeyState.
        region: of the key's ARN.
        more: what else it has; what is None here is not there.
    """
    family = "RSA" if spec.startswith("RSA") else spec
    identifier: Any = f"{{{name}}}" if name else Like("[0-9a-f-]{36}")
    arn = f"arn:aws:kms:{region}:{{account}}:key/"
    common: dict[str, Any] = {
        "AWSAccountId": "{account}",
        "Arn": arn + identifier if name else Like(arn + identifier.pattern),
        "CreationDate": DATE,
        "CustomerMasterKeySpec": spec,
        "Description": "",
        "Enabled": state == "Enabled",
        "KeyId": identifier,
        "KeyManager": "CUSTOMER",
        "KeySpec": spec,
        "KeyState": state,
        "KeyUsage": usage,
        "MultiRegion": False,
        "Origin": "AWS_KMS",
        **ALGORITHMS[family, usage],
    }
    if spec == "SYMMETRIC_DEFAULT" and state != "PendingImport":
        common["CurrentKeyMaterialId"] = MATERIAL_ID
    return {name: value for name, value in {**common, **more}.items() if value is not None}

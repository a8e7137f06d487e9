"""GenerateMac and VerifyMac (G2, G9)."""

from __future__ import annotations

from .rows import A, Row
from .sources import localstack
from .steps import Step, call, key

MESSAGE = b"some important message"
MAC_KEY = {"KeyUsage": "GENERATE_VERIFY_MAC"}
ENUM = (
    "1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed to satisfy constraint: "
    "Member must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]"
)


def hmac_key(size: int) -> Step:
    return key(KeySpec=f"HMAC_{size}", KeyUsage="GENERATE_VERIFY_MAC")


def made(algorithm: str) -> Step:
    return call(
        "GenerateMac", keep={"mac": "Mac"}, KeyId="{key}", Message=MESSAGE, MacAlgorithm=algorithm
    )


def generate(algorithm: str) -> dict[str, object]:
    return {"KeyId": "{key}", "Message": MESSAGE, "MacAlgorithm": algorithm}


ROWS = (
    *(
        row
        for size in (224, 256, 384, 512)
        for row in (
            Row(
                f"generate-mac-{size}",
                localstack(f"test_generate_and_verify_mac[HMAC_{size}-HMAC_SHA_{size}]"),
                (hmac_key(size),),
                "GenerateMac",
                generate(f"HMAC_SHA_{size}"),
                answer={
                    "KeyId": "{key_arn}",
                    "Mac": A(bytes, size // 8),
                    "MacAlgorithm": f"HMAC_SHA_{size}",
                },
            ),
            Row(
                f"verify-mac-{size}",
                localstack(f"test_generate_and_verify_mac[HMAC_{size}-HMAC_SHA_{size}]"),
                (hmac_key(size), made(f"HMAC_SHA_{size}")),
                "VerifyMac",
                {**generate(f"HMAC_SHA_{size}"), "Mac": "{mac}"},
                answer={
                    "KeyId": "{key_arn}",
                    "MacAlgorithm": f"HMAC_SHA_{size}",
                    "MacValid": True,
                },
            ),
        )
    ),
    Row(
        "generate-mac-another-size",
        localstack("test_invalid_generate_mac[HMAC_224-HMAC_SHA_256]"),
        (hmac_key(224),),
        "GenerateMac",
        generate("HMAC_SHA_256"),
        error=(
            "InvalidKeyUsageException",
            "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.",
        ),
    ),
    Row(
        "generate-mac-unknown-algorithm",
        localstack("test_invalid_generate_mac[HMAC_256-INVALID]"),
        (hmac_key(256),),
        "GenerateMac",
        generate("INVALID"),
        error=("ValidationException", ENUM),
    ),
    Row(
        "generate-mac-with-an-encrypting-key",
        localstack("test_error_messaging_for_invalid_keys"),
        (key(),),
        "GenerateMac",
        generate("HMAC_SHA_224"),
        error=(
            "InvalidKeyUsageException",
            "{key_arn} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac.",
        ),
    ),
    Row(
        "verify-mac-another-message",
        localstack("test_invalid_verify_mac[HMAC_256-HMAC_SHA_256-some different…]"),
        (hmac_key(256), made("HMAC_SHA_256")),
        "VerifyMac",
        {
            **generate("HMAC_SHA_256"),
            "Message": b"some different important message",
            "Mac": "{mac}",
        },
        error=("KMSInvalidMacException", ""),
    ),
    Row(
        "verify-mac-another-size",
        localstack("test_invalid_verify_mac[HMAC_256-HMAC_SHA_512-some important message]"),
        (hmac_key(256), made("HMAC_SHA_256")),
        "VerifyMac",
        {**generate("HMAC_SHA_512"), "Mac": "{mac}"},
        error=(
            "InvalidKeyUsageException",
            "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.",
        ),
    ),
    Row(
        "verify-mac-unknown-algorithm",
        localstack("test_invalid_verify_mac[HMAC_256-INVALID-some important message]"),
        (hmac_key(256), made("HMAC_SHA_256")),
        "VerifyMac",
        {**generate("INVALID"), "Mac": "{mac}"},
        error=("ValidationException", ENUM),
    ),
)

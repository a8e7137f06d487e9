"""The table of key specs, against the pages "Key spec reference", "Sign" and "Encrypt" (G2, G9)."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks.kms.specs import ALGORITHMS, SIGNING_ALGORITHMS, SPECS, longest_plaintext

RSA = {
    "ENCRYPT_DECRYPT": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    "SIGN_VERIFY": [
        *(f"RSASSA_PKCS1_V1_5_SHA_{bits}" for bits in (256, 384, 512)),
        *(f"RSASSA_PSS_SHA_{bits}" for bits in (256, 384, 512)),
    ],
}


def curve(bits: int) -> dict[str, list[str]]:
    return {"SIGN_VERIFY": [f"ECDSA_SHA_{bits}"], "KEY_AGREEMENT": ["ECDH"]}


ED25519 = {"SIGN_VERIFY": ["ED25519_SHA_512", "ED25519_PH_SHA_512"]}
SM2 = {
    "ENCRYPT_DECRYPT": ["SM2PKE"],
    "SIGN_VERIFY": ["SM2DSA"],
    "KEY_AGREEMENT": ["ECDH"],
}
ML_DSA = {"SIGN_VERIFY": ["ML_DSA_SHAKE_256"]}
ML_KEM = {"ENCAPSULATE_DECAPSULATE": ["ML_KEM"]}

TABLE: dict[str, tuple[str, int, dict[str, list[str]]]] = {
    "SYMMETRIC_DEFAULT": ("symmetric", 32, {"ENCRYPT_DECRYPT": ["SYMMETRIC_DEFAULT"]}),
    **{f"RSA_{bits}": ("RSA", bits, RSA) for bits in (2048, 3072, 4096)},
    "ECC_NIST_P256": ("ECC", 0, curve(256)),
    "ECC_NIST_P384": ("ECC", 0, curve(384)),
    "ECC_NIST_P521": ("ECC", 0, curve(512)),
    "ECC_SECG_P256K1": ("ECC", 0, {"SIGN_VERIFY": ["ECDSA_SHA_256"]}),
    "ECC_NIST_EDWARDS25519": ("Edwards curve", 0, ED25519),
    "SM2": ("SM2", 0, SM2),
    **{
        f"HMAC_{bits}": ("HMAC", bits // 8, {"GENERATE_VERIFY_MAC": [f"HMAC_SHA_{bits}"]})
        for bits in (224, 256, 384, 512)
    },
    **{f"ML_DSA_{number}": ("ML-DSA", 0, ML_DSA) for number in (44, 65, 87)},
    **{f"ML_KEM_{number}": ("ML-KEM", 0, ML_KEM) for number in (512, 768, 1024)},
}


def test_g2_key_specs_with_their_families_sizes_and_algorithms() -> None:
    found = {
        name: (
            spec.family.value,
            spec.size,
            {usage: [*names] for usage, names in spec.algorithms.items()},
        )
        for name, spec in SPECS.items()
    }
    assert found == TABLE


@pytest.mark.parametrize("name", TABLE)
def test_g2_what_is_said_of_a_key_spec(name: str) -> None:
    spec, family = SPECS[name], TABLE[name][0]
    assert spec.symmetric == (family in ("symmetric", "HMAC"))
    assert spec.encrypts_data_keys == (family == "symmetric")
    newer = family in ("Edwards curve", "ML-DSA", "ML-KEM")
    both = {"CustomerMasterKeySpec": name, "KeySpec": name}
    assert spec.names == ({"KeySpec": name} if newer else both)


def test_g2_the_member_that_lists_the_algorithms_by_the_key_usage() -> None:
    assert ALGORITHMS == {
        "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
        "SIGN_VERIFY": "SigningAlgorithms",
        "GENERATE_VERIFY_MAC": "MacAlgorithms",
        "KEY_AGREEMENT": "KeyAgreementAlgorithms",
        "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
    }


def test_g9_the_messages_that_signing_algorithms_take() -> None:
    either = ["DIGEST", "RAW"]
    found = {
        name: (sorted(takes.message_types), takes.digest_length)
        for name, takes in SIGNING_ALGORITHMS.items()
    }
    assert found == {
        **{name: (either, int(name[-3:]) // 8) for name in RSA["SIGN_VERIFY"]},
        **{f"ECDSA_SHA_{bits}": (either, bits // 8) for bits in (256, 384, 512)},
        "SM2DSA": (either, 32),
        "ED25519_SHA_512": (["RAW"], 0),
        "ED25519_PH_SHA_512": (["DIGEST"], 64),
        "ML_DSA_SHAKE_256": (["EXTERNAL_MU", "RAW"], 64),
    }


@pytest.mark.parametrize(
    ("name", "algorithm", "longest"),
    [
        ("RSA_2048", "RSAES_OAEP_SHA_1", 214),
        ("RSA_2048", "RSAES_OAEP_SHA_256", 190),
        ("RSA_3072", "RSAES_OAEP_SHA_1", 342),
        ("RSA_3072", "RSAES_OAEP_SHA_256", 318),
        ("RSA_4096", "RSAES_OAEP_SHA_1", 470),
        ("RSA_4096", "RSAES_OAEP_SHA_256", 446),
        ("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT", None),
        ("SM2", "SM2PKE", None),
    ],
)
def test_g9_the_longest_plaintext_is_that_of_the_page(
    name: str, algorithm: str, longest: Any
) -> None:
    assert longest_plaintext(SPECS[name], algorithm) == longest

"""Signatures, message authentication codes, shared secrets, public keys: G5, G9 and Y26."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from moto_cks import mock_cks
from tests.aws import client, error_of

from . import can_make

SIGNING = {
    "RSA_2048": [
        f"RSASSA_{kind}_SHA_{bits}" for kind in ("PSS", "PKCS1_V1_5") for bits in (256, 384, 512)
    ],
    "ECC_NIST_P256": ["ECDSA_SHA_256"],
    "ECC_NIST_P384": ["ECDSA_SHA_384"],
    "ECC_NIST_P521": ["ECDSA_SHA_512"],
    "ECC_SECG_P256K1": ["ECDSA_SHA_256"],
    "ECC_NIST_EDWARDS25519": ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
    "ML_DSA_44": ["ML_DSA_SHAKE_256"],
    "ML_DSA_65": ["ML_DSA_SHAKE_256"],
    "ML_DSA_87": ["ML_DSA_SHAKE_256"],
}


def messages(algorithm: str) -> dict[str, int]:
    """The MessageTypes of an algorithm, with how long a message of each can be."""
    if algorithm == "ED25519_SHA_512":
        return {"RAW": 4096}
    if algorithm == "ED25519_PH_SHA_512":
        return {"DIGEST": 64}
    if algorithm.startswith("ML_DSA"):
        return {"RAW": 4096, "EXTERNAL_MU": 64}
    return {"RAW": 4096, "DIGEST": int(algorithm[-3:]) // 8}


CASES = [
    pytest.param(
        spec,
        algorithm,
        message_type,
        marks=[]
        if can_make(spec)
        else pytest.mark.skip(reason="cryptography or botocore is too old for it"),
    )
    for spec, algorithms in SIGNING.items()
    for algorithm in algorithms
    for message_type in ("RAW", "DIGEST", "EXTERNAL_MU")
]

Make = Callable[..., str]


@pytest.fixture(scope="module")
def key_of() -> Iterator[Make]:
    """The ARN of a key of a kind, made once: RSA keys take their time."""
    with mock_cks():
        made: dict[tuple[str, str], str] = {}

        def make(spec: str, usage: str = "SIGN_VERIFY") -> str:
            if (spec, usage) not in made:
                answer = client("kms").create_key(KeySpec=spec, KeyUsage=usage)
                made[spec, usage] = answer["KeyMetadata"]["Arn"]
            return made[spec, usage]

        yield make


# Signatures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spec", "algorithm", "message_type"), CASES)
def test_g9_sign_and_verify(key_of: Make, spec: str, algorithm: str, message_type: str) -> None:
    kms, arn = client("kms"), key_of(spec)
    call: dict[str, Any] = {
        "KeyId": arn,
        "SigningAlgorithm": algorithm,
        "MessageType": message_type,
    }
    lengths = messages(algorithm)
    if message_type not in lengths:
        known = spec == "ECC_NIST_EDWARDS25519" and message_type != "EXTERNAL_MU"
        wrong = f"algorithm {algorithm}" if known else f"key spec {spec}"
        message = f"Message type {message_type} is incompatible with {wrong}."
        expected = ("ValidationException", message)
        assert error_of(kms.sign, **call, Message=bytes(32)) == expected
        assert error_of(kms.verify, **call, Message=bytes(32), Signature=b"s") == expected
        return
    length = lengths[message_type]
    text = b"m" * length
    signed = kms.sign(**call, Message=text)
    del signed["ResponseMetadata"]
    signature = signed.pop("Signature")
    assert signed == {"KeyId": arn, "SigningAlgorithm": algorithm}
    verified = kms.verify(**call, Message=text, Signature=signature)
    del verified["ResponseMetadata"]
    assert verified == {"KeyId": arn, "SignatureValid": True, "SigningAlgorithm": algorithm}
    invalid = ("KMSInvalidSignatureException", "")
    assert error_of(kms.verify, **call, Message=text[1:] + b"n", Signature=signature) == invalid
    for wrong in (b"s", signature[:-1], bytes(len(signature)), bytes(6144)):
        assert error_of(kms.verify, **call, Message=text, Signature=wrong) == invalid
    if message_type != "RAW":
        expected = ("ValidationException", f"Digest is invalid length for algorithm {algorithm}.")
        for other in (length - 1, length + 1, 1, 4096):
            assert error_of(kms.sign, **call, Message=bytes(other)) == expected
            refused = error_of(kms.verify, **call, Message=bytes(other), Signature=signature)
            assert refused == expected


def test_g9_a_message_is_raw_unless_the_request_says_otherwise(key_of: Make) -> None:
    kms = client("kms")
    call = {"KeyId": key_of("ECC_NIST_P256"), "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**call, Message=bytes(32))["Signature"]
    assert kms.verify(**call, Message=bytes(32), Signature=signature, MessageType="RAW")
    wrong = error_of(
        kms.verify, **call, Message=bytes(32), Signature=signature, MessageType="DIGEST"
    )
    assert wrong[0] == "KMSInvalidSignatureException"


def test_g9_a_signature_is_that_of_one_key(kms: Any) -> None:
    kind = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
    one, other = (kms.create_key(**kind)["KeyMetadata"]["KeyId"] for _ in range(2))
    call = {"Message": b"text", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(KeyId=one, **call)["Signature"]
    refused = error_of(kms.verify, KeyId=other, Signature=signature, **call)
    assert refused == ("KMSInvalidSignatureException", "")


# Message authentication codes --------------------------------------------------------------------


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_g9_macs(key_of: Make, bits: int) -> None:
    kms, algorithm = client("kms"), f"HMAC_SHA_{bits}"
    arn = key_of(f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
    call = {"KeyId": arn, "MacAlgorithm": algorithm}
    made = kms.generate_mac(**call, Message=b"text")
    del made["ResponseMetadata"]
    code = made.pop("Mac")
    assert made == {"KeyId": arn, "MacAlgorithm": algorithm}
    assert len(code) == bits // 8
    verified = kms.verify_mac(**call, Message=b"text", Mac=code)
    del verified["ResponseMetadata"]
    assert verified == {"KeyId": arn, "MacValid": True, "MacAlgorithm": algorithm}
    invalid = ("KMSInvalidMacException", "")
    assert error_of(kms.verify_mac, **call, Message=b"other", Mac=code) == invalid
    for wrong in (b"m", code[:-1], code + b"\0", bytes(len(code))):
        assert error_of(kms.verify_mac, **call, Message=b"text", Mac=wrong) == invalid


# Shared secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_g9_two_keys_derive_one_secret(kms: Any, spec: str) -> None:
    kind = {"KeySpec": spec, "KeyUsage": "KEY_AGREEMENT"}
    one, other = (kms.create_key(**kind)["KeyMetadata"]["Arn"] for _ in range(2))
    public = {arn: kms.get_public_key(KeyId=arn)["PublicKey"] for arn in (one, other)}
    call = {"KeyAgreementAlgorithm": "ECDH"}
    answer = kms.derive_shared_secret(KeyId=one, PublicKey=public[other], **call)
    del answer["ResponseMetadata"]
    secret = kms.derive_shared_secret(KeyId=other, PublicKey=public[one], **call)["SharedSecret"]
    assert answer == {
        "KeyId": one,
        "SharedSecret": secret,
        "KeyAgreementAlgorithm": "ECDH",
        "KeyOrigin": "AWS_KMS",
    }
    kind = {"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "SIGN_VERIFY"}
    foreign = kms.get_public_key(KeyId=kms.create_key(**kind)["KeyMetadata"]["KeyId"])["PublicKey"]
    for wrong in (b"no key", foreign, public[one][:-1]):
        refused = error_of(kms.derive_shared_secret, KeyId=one, PublicKey=wrong, **call)
        assert refused == ("ValidationException", "")


@pytest.mark.skipif(
    not can_make("ML_KEM_768"),
    reason="cryptography or botocore is too old for it",
)
@pytest.mark.parametrize(("spec", "length"), [("ML_KEM_768", 1088), ("ML_KEM_1024", 1568)])
def test_y26_encapsulated_secrets(kms: Any, spec: str, length: int) -> None:
    kind = {"KeySpec": spec, "KeyUsage": "ENCAPSULATE_DECAPSULATE"}
    one, other = (kms.create_key(**kind)["KeyMetadata"]["Arn"] for _ in range(2))
    algorithm = {"EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(KeyId=one, **algorithm)
    del made["ResponseMetadata"]
    secret, blob = made.pop("SharedSecret"), made.pop("SharedSecretCiphertextBlob")
    assert made == {"KeyId": one, **algorithm}
    assert (len(secret), len(blob)) == (32, length)
    told = kms.decapsulate(KeyId=one, SharedSecretCiphertextBlob=blob, **algorithm)
    del told["ResponseMetadata"]
    assert told == {"KeyId": one, "SharedSecret": secret, **algorithm}
    changed = bytes([blob[0] ^ 1]) + blob[1:]
    for arn, ciphertext in ((one, changed), (other, blob), (one, bytes(length))):
        answer = kms.decapsulate(KeyId=arn, SharedSecretCiphertextBlob=ciphertext, **algorithm)
        assert answer["SharedSecret"] != secret
    for wrong in (blob[:-1], blob + b"\0", b"c"):
        refused = error_of(
            kms.decapsulate, KeyId=one, SharedSecretCiphertextBlob=wrong, **algorithm
        )
        assert refused == ("InvalidCiphertextException", "")


# Public keys -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "usage", "listed"),
    [
        ("RSA_2048", "SIGN_VERIFY", "SigningAlgorithms"),
        ("RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms"),
        ("ECC_NIST_P256", "SIGN_VERIFY", "SigningAlgorithms"),
        ("ECC_NIST_P256", "KEY_AGREEMENT", "KeyAgreementAlgorithms"),
        ("ECC_NIST_P384", "SIGN_VERIFY", "SigningAlgorithms"),
    ],
)
def test_g5_a_public_key_says_what_it_is_for(
    key_of: Make, spec: str, usage: str, listed: str
) -> None:
    kms, arn = client("kms"), key_of(spec, usage)
    answer = kms.get_public_key(KeyId=arn)
    del answer["ResponseMetadata"]
    assert answer.pop("PublicKey") == kms.get_public_key(KeyId=arn)["PublicKey"]
    metadata = kms.describe_key(KeyId=arn)["KeyMetadata"]
    assert answer == {
        "KeyId": arn,
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        "KeyUsage": usage,
        listed: metadata[listed],
    }


def test_y10_a_disabled_key_tells_its_public_key(kms: Any) -> None:
    kind = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
    key_id = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    public = kms.get_public_key(KeyId=key_id)["PublicKey"]
    kms.disable_key(KeyId=key_id)
    assert kms.get_public_key(KeyId=key_id)["PublicKey"] == public


# Dry runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "usage", "method", "parameters"),
    [
        ("ECC_NIST_P256", "SIGN_VERIFY", "sign", {"SigningAlgorithm": "ECDSA_SHA_256"}),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "generate_mac", {"MacAlgorithm": "HMAC_SHA_256"}),
    ],
)
def test_k8_a_dry_run_signs_nothing(
    key_of: Make, spec: str, usage: str, method: str, parameters: dict[str, str]
) -> None:
    call = getattr(client("kms"), method)
    refused = error_of(call, KeyId=key_of(spec, usage), Message=b"m", DryRun=True, **parameters)
    assert refused[0] == "DryRunOperationException"


def test_g4_g9_which_key_a_ciphertext_is_decrypted_with(kms: Any) -> None:
    """A ciphertext of a symmetric key names its key, and that of an RSA key does not."""
    rsa = {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}
    oaep = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    keys = {
        name: kms.create_key(**kind)["KeyMetadata"]["KeyId"]
        for name, kind in (("symmetric", {}), ("rsa", rsa))
    }
    blobs = {
        name: kms.encrypt(KeyId=keys[name], Plaintext=b"x", **algorithm)["CiphertextBlob"]
        for name, algorithm in (("symmetric", {}), ("rsa", oaep))
    }
    not_its = "The key ID in the request does not identify a CMK that can perform this operation."
    other_spec = (
        "InvalidKeyUsageException",
        "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.",
    )
    invalid, opened = ("InvalidCiphertextException", ""), b"x"
    no_key = (
        "ValidationException",
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member "
        "must not be null",
    )

    def outcome(blob: str, algorithm: dict[str, str], key: str | None) -> Any:
        request = {"CiphertextBlob": blobs[blob], **algorithm}
        if key is not None:
            request["KeyId"] = keys[key]
        try:
            return kms.decrypt(**request)["Plaintext"]
        except kms.exceptions.ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]

    default = {"EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    rows = [(blob, how) for blob in ("symmetric", "rsa") for how in ({}, default, oaep)]
    columns = (None, "symmetric", "rsa")
    by_default = [
        [opened, opened, ("IncorrectKeyException", not_its)],
        [invalid, invalid, invalid],
    ]
    assert [[outcome(blob, how, key) for key in columns] for blob, how in rows] == [
        by_default[0],
        by_default[0],
        [other_spec, other_spec, invalid],
        by_default[1],
        by_default[1],
        [no_key, other_spec, opened],
    ]

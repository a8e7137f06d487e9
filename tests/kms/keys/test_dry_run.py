"""DryRun of keys in a key store and of others (K8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import error_of
from tests.kms import disconnect

GRANTEE = "arn:aws:iam::123456789012:role/grantee"
WOULD_HAVE_SUCCEEDED = (
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun option is set.",
)


DRY: dict[str, Callable[[str, bytes, dict[str, str]], dict[str, Any]]] = {
    "encrypt": lambda key, blob, grant: {"KeyId": key, "Plaintext": b"text"},
    "decrypt": lambda key, blob, grant: {"CiphertextBlob": blob},
    "re_encrypt": lambda key, blob, grant: {"CiphertextBlob": blob, "DestinationKeyId": key},
    "generate_data_key": lambda key, blob, grant: {"KeyId": key, "KeySpec": "AES_256"},
    "generate_data_key_without_plaintext": lambda key, blob, grant: {
        "KeyId": key,
        "KeySpec": "AES_256",
    },
    "create_grant": lambda key, blob, grant: {
        "KeyId": key,
        "GranteePrincipal": GRANTEE,
        "Operations": ["Encrypt"],
    },
    "revoke_grant": lambda key, blob, grant: {"KeyId": key, "GrantId": grant["GrantId"]},
    "retire_grant": lambda key, blob, grant: {"GrantToken": grant["GrantToken"]},
}
"""The operations with DryRun that a symmetric key can do."""


@pytest.mark.parametrize("in_store", [False, True], ids=["ordinary", "in a key store"])
def test_k8_a_dry_run_of_what_would_work(kms: Any, store: KeyStore, in_store: bool) -> None:
    key = store.create_key() if in_store else kms.create_key()["KeyMetadata"]["KeyId"]
    grant = kms.create_grant(KeyId=key, GranteePrincipal=GRANTEE, Operations=["Encrypt"])
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    before = kms.list_grants(KeyId=key)["Grants"]
    for method, parameters_of in DRY.items():
        parameters = parameters_of(key, blob, grant)
        refusal = error_of(getattr(kms, method), **parameters, DryRun=True)
        assert refusal == WOULD_HAVE_SUCCEEDED, method
    assert kms.list_grants(KeyId=key)["Grants"] == before
    for method, parameters_of in DRY.items():
        getattr(kms, method)(**parameters_of(key, blob, grant), DryRun=False)


def test_k8_a_dry_run_of_signing_and_macs(kms: Any) -> None:
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    sign = {
        "KeyId": signing["KeyId"],
        "Message": b"text",
        "SigningAlgorithm": "ECDSA_SHA_256",
    }
    signature = kms.sign(**sign)["Signature"]
    mac_key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    mac = {"KeyId": mac_key["KeyId"], "Message": b"text", "MacAlgorithm": "HMAC_SHA_256"}
    value = kms.generate_mac(**mac)["Mac"]
    assert error_of(kms.sign, **sign, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.verify, **sign, Signature=signature, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.generate_mac, **mac, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.verify_mac, **mac, Mac=value, DryRun=True) == WOULD_HAVE_SUCCEEDED
    assert error_of(kms.verify_mac, **mac, Mac=b"wrong", DryRun=True)[0] == "KMSInvalidMacException"


def test_k8_a_dry_run_of_what_would_fail(kms: Any, store: KeyStore, key_id: str) -> None:
    grant = kms.create_grant(KeyId=key_id, GranteePrincipal=GRANTEE, Operations=["Encrypt"])
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    kms.disable_key(KeyId=key_id)
    for method in list(DRY)[:6]:
        parameters = DRY[method](key_id, blob, grant)
        assert error_of(getattr(kms, method), **parameters, DryRun=True)[0] == "DisabledException"
    kms.enable_key(KeyId=key_id)
    disconnect(store)
    for method in list(DRY)[:5]:
        parameters = DRY[method](key_id, blob, grant)
        code, _ = error_of(getattr(kms, method), **parameters, DryRun=True)
        assert code == "KMSInvalidStateException"


WRONG_USAGE = "InvalidKeyUsageException"

DRY_FAILURES: list[tuple[str, dict[str, Any], str]] = [
    ("revoke_grant", {"GrantId": "0" * 64}, "NotFoundException"),
    ("encrypt", {"Plaintext": b"t", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, WRONG_USAGE),
    ("generate_data_key", {}, "ValidationException"),
    ("generate_data_key_pair", {"KeyPairSpec": "RSA_2048"}, "UnsupportedOperationException"),
    (
        "generate_data_key_pair_without_plaintext",
        {"KeyPairSpec": "RSA_2048"},
        "UnsupportedOperationException",
    ),
    ("sign", {"Message": b"t", "SigningAlgorithm": "ECDSA_SHA_256"}, WRONG_USAGE),
    (
        "verify",
        {"Message": b"t", "SigningAlgorithm": "ECDSA_SHA_256", "Signature": b"s"},
        WRONG_USAGE,
    ),
    ("generate_mac", {"Message": b"t", "MacAlgorithm": "HMAC_SHA_256"}, WRONG_USAGE),
    ("verify_mac", {"Message": b"t", "MacAlgorithm": "HMAC_SHA_256", "Mac": b"m"}, WRONG_USAGE),
    (
        "derive_shared_secret",
        {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"k"},
        WRONG_USAGE,
    ),
]


def test_k8_a_dry_run_has_the_error_of_the_call(kms: Any, key_id: str) -> None:
    for method, parameters, code in DRY_FAILURES:
        call = getattr(kms, method)
        dry = error_of(call, KeyId=key_id, **parameters, DryRun=True)
        assert dry[0] == code
        assert dry == error_of(call, KeyId=key_id, **parameters)


def test_k8_a_dry_run_decrypts_too(kms: Any, key_id: str) -> None:
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
    wrong = {"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}, "DryRun": True}
    assert error_of(kms.decrypt, **wrong)[0] == "InvalidCiphertextException"

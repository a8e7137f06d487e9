"""When a key was used last (W16), and dry runs that look at no ciphertext (W17)."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import OTHER_REGION, client, error_of

WOULD = (
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun option is set.",
)

pytestmark = pytest.mark.skipif(
    not hasattr(client("kms"), "get_key_last_usage"), reason="botocore is too old for it"
)


def last(key_id: str, kms: Any = None) -> dict[str, Any]:
    answer = (kms or client("kms")).get_key_last_usage(KeyId=key_id)
    return dict(answer["KeyLastUsage"])


@pytest.fixture(params=["ordinary", "in a key store"])
def arn(request: pytest.FixtureRequest, kms: Any) -> str:
    if request.param == "ordinary":
        return str(kms.create_key()["KeyMetadata"]["Arn"])
    store: KeyStore = request.getfixturevalue("store")
    return str(kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["Arn"])


def test_w16_a_key_that_was_never_used(kms: Any, arn: str) -> None:
    answer = kms.get_key_last_usage(KeyId=arn)
    del answer["ResponseMetadata"]
    created = kms.describe_key(KeyId=arn)["KeyMetadata"]["CreationDate"]
    assert answer == {
        "KeyId": arn,
        "KeyLastUsage": {},
        "KeyCreationDate": created,
        "TrackingStartDate": created,
    }


def test_w16_the_last_use(world: Any, kms: Any, arn: str) -> None:
    sealed = kms.encrypt(KeyId=arn, Plaintext=b"text")
    world.clock.advance(days=3)
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])
    usage = last(arn)
    assert usage["Operation"] == "Decrypt"
    assert usage["KmsRequestId"] == opened["ResponseMetadata"]["RequestId"]
    (event,) = world.trail.events(event_name="Decrypt")
    assert usage["CloudTrailEventId"] == event["eventID"]
    assert abs((usage["Timestamp"] - world.clock.now()).total_seconds()) < 60
    kms.describe_key(KeyId=arn)
    assert last(arn) == usage


def test_w16_only_a_success_is_a_use(kms: Any, arn: str) -> None:
    blob = kms.encrypt(KeyId=arn, Plaintext=b"text")["CiphertextBlob"]
    usage = last(arn)
    error_of(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "b"})
    error_of(kms.sign, KeyId=arn, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    assert error_of(kms.encrypt, KeyId=arn, Plaintext=b"text", DryRun=True) == WOULD
    kms.disable_key(KeyId=arn)
    error_of(kms.encrypt, KeyId=arn, Plaintext=b"text")
    assert last(arn) == usage


def test_w16_re_encrypt_uses_both_keys(kms: Any, arn: str) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=arn, Plaintext=b"text")["CiphertextBlob"]
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)
    assert last(arn) == last(other)
    assert last(arn)["Operation"] == "ReEncrypt"


def test_w16_each_related_key_for_itself(kms: Any) -> None:
    key_id = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.encrypt(KeyId=key_id, Plaintext=b"text")
    kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION)
    there = client("kms", OTHER_REGION)
    assert last(key_id, there) == {}
    there.generate_data_key(KeyId=key_id, KeySpec="AES_128")
    assert last(key_id, there)["Operation"] == "GenerateDataKey"
    assert last(key_id)["Operation"] == "Encrypt"


# Dry runs ----------------------------------------------------------------------------------------

IGNORED = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}


def test_w17_a_dry_run_without_a_ciphertext(kms: Any, arn: str) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    for ciphertext in ({}, {"CiphertextBlob": b"anything"}):
        assert error_of(kms.decrypt, KeyId=arn, **ciphertext, **IGNORED) == WOULD
        call = {"SourceKeyId": arn, "DestinationKeyId": other}
        assert error_of(kms.re_encrypt, **call, **ciphertext, **IGNORED) == WOULD
    kms.disable_key(KeyId=arn)
    assert error_of(kms.decrypt, KeyId=arn, **IGNORED)[0] == "DisabledException"
    assert last(arn) == {}


def test_w17_it_needs_a_key_then(kms: Any, arn: str) -> None:
    code, message = error_of(kms.decrypt, **IGNORED)
    assert (code, "at 'keyId'" in message) == ("ValidationException", True)
    code, message = error_of(kms.re_encrypt, DestinationKeyId=arn, **IGNORED)
    assert (code, "at 'sourceKeyId'" in message) == ("ValidationException", True)


def test_w17_the_modifier_is_for_dry_runs_only(kms: Any, arn: str) -> None:
    modifiers = {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    code, message = error_of(kms.decrypt, KeyId=arn, **modifiers)
    assert (code, "at 'ciphertextBlob'" in message) == ("ValidationException", True)
    blob = kms.encrypt(KeyId=arn, Plaintext=b"text")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, KeyId=arn, **modifiers)["Plaintext"] == b"text"
    assert error_of(kms.decrypt, CiphertextBlob=b"x", **modifiers, DryRun=True)[0] == (
        "ValidationException"
    )


RECIPIENT = {
    "Recipient": {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"doc"}
}


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("decrypt", {"CiphertextBlob": None}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("generate_data_key_pair", {"KeyPairSpec": "ECC_NIST_P256"}),
        ("generate_random", {"NumberOfBytes": 1}),
    ],
)
def test_g9_attestation_documents_are_not_modelled(
    kms: Any, method: str, parameters: dict[str, Any]
) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    if method == "decrypt":
        made = kms.encrypt(KeyId=key_id, Plaintext=b"text")
        parameters = {"CiphertextBlob": made["CiphertextBlob"]}
    elif method != "generate_random":
        parameters = {**parameters, "KeyId": key_id}
    code, message = error_of(getattr(kms, method), **parameters, **RECIPIENT)
    assert (code, "attestation" in message) == ("ValidationException", True)
    getattr(kms, method)(**parameters)

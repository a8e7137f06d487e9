"""Bad input to the operations on keys (K9)."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import client, error_of

TOO_SHORT = "failed to satisfy constraint: Member must have length greater than or equal to 1"
NULL = "failed to satisfy constraint: Member must not be null"

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("encrypt", {}, f"Value at 'plaintext' {NULL}"),
    ("encrypt", {"Plaintext": b""}, f"Value at 'plaintext' {TOO_SHORT}"),
    ("decrypt", {}, f"Value null at 'ciphertextBlob' {NULL}"),
    ("decrypt", {"CiphertextBlob": b""}, f"Value at 'ciphertextBlob' {TOO_SHORT}"),
    (
        "decrypt",
        {"CiphertextBlob": bytes(6145)},
        "Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length less than "
        "or equal to 6144",
    ),
    ("re_encrypt", {"CiphertextBlob": b"x"}, f"Value null at 'destinationKeyId' {NULL}"),
    (
        "generate_data_key",
        {"NumberOfBytes": 1025},
        "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less "
        "than or equal to 1024",
    ),
    (
        "generate_data_key",
        {"NumberOfBytes": 0},
        "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater "
        "than or equal to 1",
    ),
    (
        "generate_mac",
        {"MacAlgorithm": "HMAC_SHA_256"},
        f"Value at 'message' {NULL}",
    ),
    ("sign", {"SigningAlgorithm": "ECDSA_SHA_256"}, f"Value at 'message' {NULL}"),
    ("revoke_grant", {}, f"Value null at 'grantId' {NULL}"),
    ("tag_resource", {}, f"Value null at 'tags' {NULL}"),
    ("untag_resource", {}, f"Value null at 'tagKeys' {NULL}"),
    ("update_key_description", {}, f"Value null at 'description' {NULL}"),
    (
        "update_key_description",
        {"Description": "x" * 8193},
        f"Value '{'x' * 8193}' at 'description' failed to satisfy constraint: Member must have "
        "length less than or equal to 8192",
    ),
    ("put_key_policy", {"PolicyName": "default"}, f"Value null at 'policy' {NULL}"),
    (
        "tag_resource",
        {"Tags": [{"TagKey": "k" * 129, "TagValue": "v"}]},
        f"Value '{'k' * 129}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must "
        "have length less than or equal to 128",
    ),
    ("replicate_key", {}, f"Value null at 'replicaRegion' {NULL}"),
    ("generate_data_key_pair", {}, f"Value null at 'keyPairSpec' {NULL}"),
]


def test_k9_constraints_of_the_model(kms: Any, store: KeyStore, key_id: str) -> None:
    unchecked = client("kms", parameter_validation=False)
    before = kms.describe_key(KeyId=key_id)["KeyMetadata"], store.cluster.hsms[0].keys
    for method, parameters, complaint in BAD:
        named = {} if method in ("decrypt", "re_encrypt") else {"KeyId": key_id}
        refusal = error_of(getattr(unchecked, method), **named, **parameters)
        assert refusal == (
            "ValidationException",
            f"1 validation error detected: {complaint}",
        ), method
    after = kms.describe_key(KeyId=key_id)["KeyMetadata"], store.cluster.hsms[0].keys
    assert after == before
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == []


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("describe_key", "keyId"),
        ("enable_key", "keyId"),
        ("encrypt", "keyId"),
        ("schedule_key_deletion", "keyId"),
        ("create_alias", "targetKeyId"),
        ("update_alias", "targetKeyId"),
    ],
)
def test_k9_the_key_must_be_named(kms: Any, method: str, name: str) -> None:
    parameters: dict[str, Any] = {
        "encrypt": {"Plaintext": b"text"},
        "create_alias": {"AliasName": "alias/a"},
        "update_alias": {"AliasName": "alias/a"},
    }.get(method, {})
    unchecked = client("kms", parameter_validation=False)
    assert error_of(getattr(unchecked, method), **parameters) == (
        "ValidationException",
        f"1 validation error detected: Value null at '{name}' {NULL}",
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"CustomKeyStoreId": ""}, f"Value '' at 'customKeyStoreId' {TOO_SHORT}"),
        (
            {"CustomKeyStoreId": "x" * 65},
            f"Value '{'x' * 65}' at 'customKeyStoreId' failed to satisfy constraint: Member must "
            "have length less than or equal to 64",
        ),
    ],
    ids=["empty", "long"],
)
def test_k9_create_key(kms: Any, store: KeyStore, parameters: dict[str, Any], message: str) -> None:
    unchecked = client("kms", parameter_validation=False)
    assert error_of(unchecked.create_key, Origin="AWS_CLOUDHSM", **parameters) == (
        "ValidationException",
        f"1 validation error detected: {message}",
    )
    assert kms.list_keys()["Keys"] == []
    assert store.cluster.hsms[0].keys == ()


WRONG_TYPES: list[tuple[dict[str, Any], str]] = [
    ({"KeyId": ["a"]}, "Start of list found where not expected"),
    ({"KeyId": {"a": "b"}}, "Start of structure or map found where not expected."),
    ({"KeyId": 7}, "NUMBER_VALUE can not be converted to a String"),
    ({"DryRun": "yes"}, "STRING_VALUE can not be converted to a Boolean"),
    ({"EncryptionContext": {"a": 1}}, "NUMBER_VALUE can not be converted to a String"),
]


@pytest.mark.parametrize("in_store", [False, True], ids=["ordinary", "in a key store"])
def test_k9_wrong_types(kms: Any, store: KeyStore, in_store: bool) -> None:
    key = store.create_key() if in_store else kms.create_key()["KeyMetadata"]["KeyId"]
    unchecked = client("kms", parameter_validation=False)
    for wrong, message in WRONG_TYPES:
        parameters = {"KeyId": key, "Plaintext": b"text", **wrong}
        assert error_of(unchecked.encrypt, **parameters) == ("SerializationException", message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "00000000-0000-4000-8000-000000000000",
            "Key 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000' "
            "does not exist",
        ),
        (
            "alias/none",
            "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found.",
        ),
    ],
    ids=["key", "alias"],
)
def test_k9_unknown_keys(kms: Any, name: str, message: str) -> None:
    for method, parameters in (
        ("describe_key", {}),
        ("encrypt", {"Plaintext": b"text"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
    ):
        refusal = error_of(getattr(kms, method), KeyId=name, **parameters)
        assert refusal == ("NotFoundException", message)

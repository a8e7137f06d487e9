"""Whatever is in a body, the answer is one of AWS's, and what is refused changes nothing (K9, G5).

Every operation, each of its members in turn, with every kind of JSON value in the place of the
right one; as no SDK would send it.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests

from moto_cks import KeyStore
from tests.aws import REGION, client
from tests.whole import refused_without_a_trace
from tests.wrong_values import blob, bodies, send, valid

COMMON = {
    *("SerializationException", "ValidationException", "AccessDeniedException"),
    "ThrottlingException",
}
MODEL = client("kms").meta.service_model


class Place:
    """A world with keys of the kinds, and what can be seen of it."""

    def __init__(self, store: KeyStore) -> None:
        self.kms = client("kms")
        made = self.kms.create_key
        self.key_id = made()["KeyMetadata"]["KeyId"]
        sign = made(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        mac = made(KeySpec="HMAC_224", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
        agree = made(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
        external = made(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
        self.primary = made(MultiRegion=True)["KeyMetadata"]["KeyId"]
        for key_id in (sign, agree):
            self.kms.get_public_key(KeyId=key_id)  # the material is made when it is needed
        self.kms.generate_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_224", Message=b"text")
        sealed = self.kms.encrypt(KeyId=self.key_id, Plaintext=b"text")["CiphertextBlob"]
        self.kms.create_alias(AliasName="alias/mine", TargetKeyId=self.key_id)
        grant = self.kms.create_grant(
            KeyId=self.key_id,
            GranteePrincipal="arn:aws:iam::123456789012:role/grantee",
            Operations=["Encrypt"],
        )
        keys = ("KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId")
        self.known: dict[str, Any] = {
            **dict.fromkeys(keys, self.key_id),
            "AliasName": "alias/mine",
            "CiphertextBlob": blob(sealed),
            "CloudHsmClusterId": store.cluster.id,
            "CustomKeyStoreId": store.id,
            "CustomKeyStoreType": "AWS_CLOUDHSM",
            "GrantId": grant["GrantId"],
            "KeyStorePassword": "kmsPswd1",
            "SigningAlgorithm": "ECDSA_SHA_256",
            "TrustAnchorCertificate": store.cluster.trust_anchor,
            "Policy": "{}",
        }
        self.keys = {
            **dict.fromkeys(("Sign", "Verify", "GetPublicKey"), sign),
            **dict.fromkeys(("GenerateMac", "VerifyMac"), mac),
            "DeriveSharedSecret": agree,
            **dict.fromkeys(("GetParametersForImport", "ImportKeyMaterial"), external),
            "DeleteImportedKeyMaterial": external,
            "ReplicateKey": self.primary,
        }

    def request(self, operation: str) -> Any:
        known = self.known | {"KeyId": self.keys.get(operation, self.key_id)}
        return valid(MODEL.operation_model(operation).input_shape, known)


def check(operation: str, body: bytes, status: int, text: str) -> bool:
    """Whether it was refused, by an error that the operation documents."""
    if status == 200:
        return False
    answer = json.loads(text)
    documented = {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    assert status == 400, (body, status, text)
    assert answer["__type"] in documented | COMMON, (body, text)
    return True


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_k9_every_member_with_every_wrong_type(noon: Any, store: KeyStore, operation: str) -> None:
    place = Place(store)
    shape = MODEL.operation_model(operation).input_shape
    refused = refused_without_a_trace(
        lambda body: check(operation, body, *send("kms", operation, body)),
        bodies(shape, place.request(operation)),
    )
    assert refused or not shape.members


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b'{"KeyId": "\xff"}',
        b'{"KeyId": "\xed\xa0\x80"}',
        "{}".encode("utf-16"),
        b"\x00",
        b"[]",
        b"1",
        b"null",
        b"NaN",
        b'{"Limit": NaN}',
        b'{"KeyId": "x", "KeyId": }',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("operation", ["DescribeKey", "Encrypt", "ListKeys", "CreateKey"])
def test_k9_what_is_no_json_object_in_utf_8(kms: Any, operation: str, body: bytes) -> None:
    answer = requests.post(
        f"https://kms.{REGION}.amazonaws.com/",
        data=body,
        headers={"X-Amz-Target": f"TrentService.{operation}"},
    )
    assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException")
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize(
    ("operation", "parameters", "length"),
    [
        ("GenerateRandom", {"NumberOfBytes": 1.5}, 1),
        ("GenerateRandom", {"NumberOfBytes": 16.0}, 16),
        ("GenerateDataKey", {"NumberOfBytes": 7.9}, 7),
    ],
)
def test_k9_an_integer_loses_its_decimals(
    kms: Any, operation: str, parameters: dict[str, Any], length: int
) -> None:
    if operation == "GenerateDataKey":
        parameters = {**parameters, "KeyId": kms.create_key()["KeyMetadata"]["KeyId"]}
    answer = requests.post(
        f"https://kms.{REGION}.amazonaws.com/",
        data=json.dumps(parameters),
        headers={"X-Amz-Target": f"TrentService.{operation}"},
    ).json()
    assert len(base64.b64decode(answer["Plaintext"])) == length


def test_k9_a_null_is_an_absent_member_entry_or_item(kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    body = {
        "KeyId": key_id,
        "Plaintext": blob(b"text"),
        "EncryptionContext": {"a": "b", "c": None},
        "GrantTokens": [None],
        "EncryptionAlgorithm": None,
        "DryRun": None,
    }
    answer = requests.post(
        f"https://kms.{REGION}.amazonaws.com/",
        data=json.dumps(body),
        headers={"X-Amz-Target": "TrentService.Encrypt"},
    ).json()
    sealed = base64.b64decode(answer["CiphertextBlob"])
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"})
    assert opened["Plaintext"] == b"text"

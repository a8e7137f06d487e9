"""Whatever is in a body, the answer is one of AWS's, and what is refused changes nothing (K9, G5).

Every operation, each of its members in turn, with every kind of JSON value in the place of the
right one; as no SDK would send it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from moto_cks import KeyStore
from tests.aws import REGION, client

COMMON = {
    *("SerializationException", "ValidationException", "AccessDeniedException"),
    "ThrottlingException",
}
WRONG: list[Any] = [
    *(None, True, 1, 1.5, -1, 0.5, 10**30, "", "x", "\ud800", "eA", "eA=="),
    *([], [None], ["x"], [1.5], [[]], [{}], {}, {"a": None}, {"a": 1.5}, {"": "x"}),
    {"a": {"b": []}},
]
RAW = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "nul", "[1", '"\\ud800"', '"\\u0000"']
"""Values that Python does not write, or that are no JSON."""

MODEL = client("kms").meta.service_model


def blob(value: bytes) -> str:
    return base64.b64encode(value).decode()


def valid(shape: Any, known: dict[str, Any], name: str = "") -> Any:
    """A value as an SDK would send it."""
    if name in known:
        return known[name]
    if shape.type_name == "structure":
        return {member: valid(inner, known, member) for member, inner in shape.members.items()}
    if shape.type_name == "list":
        return [valid(shape.member, known, name.removesuffix("s"))]
    if shape.type_name == "map":
        return {"name": "value"}
    if shape.type_name == "string":
        return shape.metadata.get("enum", ["something"])[0]
    return {"blob": blob(b"bytes"), "boolean": False}.get(
        shape.type_name, shape.metadata.get("min", 1)
    )


def places(shape: Any, value: Any) -> Iterator[tuple[Any, ...]]:
    """Where values are in a request, as paths."""
    for name, member in shape.members.items():
        yield (name,)
        inner = value[name]
        if member.type_name == "structure":
            yield from ((name, *rest) for rest in places(member, inner))
        elif member.type_name == "list" and member.member.type_name == "structure":
            yield from ((name, 0, *rest) for rest in places(member.member, inner[0]))


def put(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    """A copy of a request with another value in one place."""
    copied = json.loads(json.dumps(value))
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    return copied


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

    def send(self, operation: str, body: bytes) -> tuple[int, Any]:
        answer = requests.post(
            f"https://kms.{REGION}.amazonaws.com/",
            data=body,
            headers={"X-Amz-Target": f"TrentService.{operation}"},
        )
        return answer.status_code, answer.text

    def refuses(self, operation: str, body: bytes) -> bool:
        """Whether a request is refused, by an error that the operation documents."""
        status, text = self.send(operation, body)
        if status == 200:
            return False
        documented = {shape.name for shape in MODEL.operation_model(operation).error_shapes}
        assert status == 400, (body, status, text)
        assert json.loads(text)["__type"] in documented | COMMON, (body, text)
        return True

    def seen(self) -> Any:
        """What a request could have changed."""
        tags = self.kms.list_resource_tags(KeyId=self.key_id)["Tags"]
        metadata = self.kms.describe_key(KeyId=self.key_id)["KeyMetadata"]
        return self.kms.list_keys()["Keys"], self.kms.list_aliases()["Aliases"], metadata, tags


def bodies(shape: Any, request: Any) -> Iterator[bytes]:
    """A request with every wrong value in every place."""
    for path in places(shape, request):
        yield from (json.dumps(put(request, path, wrong)).encode() for wrong in WRONG)
        marked = json.dumps(put(request, path, "@@@"))
        yield from (marked.replace('"@@@"', raw).encode() for raw in RAW)


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_k9_every_member_with_every_wrong_type(store: KeyStore, operation: str) -> None:
    place, shape = Place(store), MODEL.operation_model(operation).input_shape
    refused = [
        body for body in bodies(shape, place.request(operation)) if place.refuses(operation, body)
    ]
    assert refused or not shape.members
    before = place.seen()
    for body in refused:  # once more, now that it is known that nothing may change
        assert place.refuses(operation, body), body
    assert place.seen() == before


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

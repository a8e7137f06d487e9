"""What errors say, whole: a part of a message would hide what is wrong with the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.aws import OTHER_REGION, client, error_of
from tests.kms.imports import FOREVER, NEW, OTHER, import_material
from tests.kms.keys.test_grant import GRANTEE, ROOT, SOURCE, knows_services
from tests.wrong_values import send

FORBIDDEN = "ValidationException"
UNSUPPORTED = "UnsupportedOperationException"
POLICY = "MalformedPolicyDocumentException"


class Scene:
    """KMS, and one key of each kind that is needed."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.kms = client("kms")
        self.ids: dict[str, str] = {}

    def key(self, **kind: Any) -> str:
        """The ID of a new key, whose ARN the message may have as {arn}."""
        made = self.kms.create_key(**kind)["KeyMetadata"]
        self.ids = {"id": made["KeyId"], "arn": made["Arn"]}
        return str(made["KeyId"])

    def rsa(self, usage: str = "ENCRYPT_DECRYPT") -> str:
        return self.key(KeySpec="RSA_2048", KeyUsage=usage)

    def external(self, **kind: Any) -> str:
        return self.key(Origin="EXTERNAL", **kind)

    def alias(self) -> str:
        self.kms.create_alias(AliasName="alias/mine", TargetKeyId=self.key())
        return "alias/mine"


UNKNOWN = "00000000-0000-4000-8000-000000000000"

Case = tuple[Callable[[Scene], tuple[Callable[..., Any], dict[str, Any]]], str, str]


def creates(**request: Any) -> Callable[[Scene], Any]:
    return lambda scene: (scene.kms.create_key, request)


def grants(key: Callable[[Scene], str], **request: Any) -> Callable[[Scene], Any]:
    whole = {"GranteePrincipal": GRANTEE, "Operations": ["DescribeKey"], **request}
    return lambda scene: (scene.kms.create_grant, {"KeyId": key(scene), **whole})


def imports(key: Callable[[Scene], str], **request: Any) -> Callable[[Scene], Any]:
    def make(scene: Scene) -> Any:
        whole = {"kms": scene.kms, "key_id": key(scene), **request}
        return import_material, whole

    return make


def with_two_materials(scene: Scene) -> str:
    key_id = scene.external()
    import_material(scene.kms, key_id)
    scene.ids["pending"] = import_material(scene.kms, key_id, material=OTHER, **NEW)[
        "KeyMaterialId"
    ]
    return key_id


def with_material(scene: Scene) -> str:
    key_id = scene.external()
    import_material(scene.kms, key_id)
    return key_id


def wraps(kind: dict[str, str], algorithm: str, spec: str) -> Callable[[Scene], Any]:
    def make(scene: Scene) -> Any:
        request = {"WrappingAlgorithm": algorithm, "WrappingKeySpec": spec}
        return scene.kms.get_parameters_for_import, {"KeyId": scene.external(**kind), **request}

    return make


def with_50_aliases(scene: Scene) -> Any:
    key_id = scene.key()
    for number in range(50):
        scene.kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key_id)
    return scene.kms.create_alias, {"AliasName": "alias/mine", "TargetKeyId": key_id}


def updates_alias(key: Callable[[Scene], str]) -> Callable[[Scene], Any]:
    def make(scene: Scene) -> Any:
        alias = scene.alias()
        return scene.kms.update_alias, {"AliasName": alias, "TargetKeyId": key(scene)}

    return make


def denied(scene: Scene) -> Any:
    everything = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    nobody = {**everything, "Effect": "Deny", "Action": "kms:DescribeKey"}
    text = json.dumps({"Statement": [everything, nobody]})
    return scene.kms.describe_key, {"KeyId": scene.key(Policy=text)}


def sign(scene: Scene) -> str:
    return scene.rsa("SIGN_VERIFY")


WRONG_MATERIAL = (
    "The request was rejected because the key material in the request is, expired, invalid, or is "
    "not the same key material that was previously imported into this KMS key."
)

CASES: dict[str, Case] = {
    "an alias without prefix": (
        lambda scene: (
            scene.kms.create_alias,
            {"AliasName": "mine", "TargetKeyId": scene.key()},
        ),
        FORBIDDEN,
        'Alias must start with the prefix "alias/". Please see '
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    ),
    "an alias of AWS": (
        lambda scene: (
            scene.kms.create_alias,
            {"AliasName": "alias/aws/mine", "TargetKeyId": scene.key()},
        ),
        "NotAuthorizedException",
        "The prefix alias/aws/ is reserved for AWS managed keys.",
    ),
    "a colon in an alias": (
        lambda scene: (
            scene.kms.create_alias,
            {"AliasName": "alias/a:b", "TargetKeyId": scene.key()},
        ),
        FORBIDDEN,
        "alias/a:b contains invalid characters for an alias",
    ),
    "an alias for another usage": (
        updates_alias(sign),
        FORBIDDEN,
        "Alias alias/mine cannot be changed from a CMK with key usage ENCRYPT_DECRYPT to a CMK "
        "with key usage SIGN_VERIFY. The key usage of the current CMK and the new CMK must be the "
        "same.",
    ),
    "an alias for another type": (
        updates_alias(Scene.rsa),
        FORBIDDEN,
        "Alias alias/mine cannot be changed from a CMK with key spec SYMMETRIC_DEFAULT to a CMK "
        "with key spec RSA_2048. The type of the current CMK and the new CMK must be the same.",
    ),
    "too many aliases": (
        with_50_aliases,
        "LimitExceededException",
        "The KMS key {arn} has 50 aliases already.",
    ),
    "an operation that a grant cannot permit": (
        grants(sign, Operations=["Encrypt"]),
        FORBIDDEN,
        "The operation Encrypt is not supported on the KMS key {arn}.",
    ),
    "a grant of an alias": (
        grants(Scene.alias),
        "InvalidArnException",
        "Key Aliases are not supported for this operation.",
    ),
    "a grant of no key": (
        grants(lambda _: UNKNOWN),
        "NotFoundException",
        f"Key 'arn:aws:kms:us-east-1:123456789012:key/{UNKNOWN}' does not exist",
    ),
    "a context for a key without": (
        grants(sign, Constraints={"EncryptionContextSubset": {"a": "b"}}),
        FORBIDDEN,
        "The KMS key {arn} does not support encryption context constraints.",
    ),
    "a large context": (
        grants(Scene.key, Constraints={"EncryptionContextEquals": {"a": "b" * 385}}),
        FORBIDDEN,
        "An encryption context constraint can have 8 pairs, and values of 384 characters.",
    ),
    "many pairs": (
        grants(
            Scene.key,
            Constraints={"EncryptionContextEquals": {str(n): "" for n in range(9)}},
        ),
        FORBIDDEN,
        "An encryption context constraint can have 8 pairs, and values of 384 characters.",
    ),
    "no grant to retire": (
        lambda scene: (scene.kms.retire_grant, {"KeyId": scene.key()}),
        FORBIDDEN,
        "Either GrantToken, or both KeyId and GrantId, must be specified.",
    ),
    "two key specs": (
        creates(KeySpec="SYMMETRIC_DEFAULT", CustomerMasterKeySpec="SYMMETRIC_DEFAULT"),
        FORBIDDEN,
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.",
    ),
    "an external key without its store": (
        creates(XksKeyId="key"),
        FORBIDDEN,
        "XksKeyId is valid only for the origin EXTERNAL_KEY_STORE.",
    ),
    "an origin without its store": (
        creates(Origin="AWS_CLOUDHSM"),
        FORBIDDEN,
        "CustomKeyStoreId is required for the origin AWS_CLOUDHSM.",
    ),
    "other material while one is pending": (
        imports(with_two_materials, material=bytes(32), **NEW),
        "KMSInvalidStateException",
        "New key material (id: {new}) cannot be imported into KMS key {arn}, because another key "
        "material (id: {pending}) is pending rotation.",
    ),
    "a token of nobody": (
        lambda scene: (
            scene.kms.import_key_material,
            {
                "KeyId": scene.external(),
                "ImportToken": b"x",
                "EncryptedKeyMaterial": b"x",
                **FOREVER,
            },
        ),
        "InvalidImportTokenException",
        "The request was rejected because the provided import token is invalid or is associated "
        "with a different KMS key.",
    ),
    "material of another length": (
        imports(Scene.external, material=bytes(31)),
        "IncorrectKeyMaterialException",
        WRONG_MATERIAL,
    ),
    "material that is not the same": (
        imports(with_material, material=OTHER),
        "IncorrectKeyMaterialException",
        WRONG_MATERIAL,
    ),
    "material that is not new": (
        imports(with_material, **NEW),
        "IncorrectKeyMaterialException",
        "The request was rejected because the key material in the request was imported into this "
        "KMS key before.",
    ),
    "nothing to rotate to": (
        lambda scene: (scene.kms.rotate_key_on_demand, {"KeyId": with_material(scene)}),
        "KMSInvalidStateException",
        "No available key material pending rotation for the key: {arn}.",
    ),
    "a description for an HMAC key": (
        imports(
            lambda scene: scene.external(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
            **FOREVER,
            KeyMaterialDescription="mine",
        ),
        UNSUPPORTED,
        "KeyMaterialDescription is valid only for symmetric encryption keys.",
    ),
    "an ID of material for an HMAC key": (
        imports(
            lambda scene: scene.external(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
            **FOREVER,
            KeyMaterialId="0" * 64,
        ),
        UNSUPPORTED,
        "KeyMaterialId is valid only for symmetric encryption keys.",
    ),
    "an ID of material of an HMAC key": (
        lambda scene: (
            scene.kms.delete_imported_key_material,
            {
                "KeyId": scene.external(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
                "KeyMaterialId": "0" * 64,
            },
        ),
        UNSUPPORTED,
        "KeyMaterialId is valid only for symmetric encryption keys.",
    ),
    "a type of import for an RSA key": (
        imports(
            lambda scene: scene.external(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"), **NEW
        ),
        UNSUPPORTED,
        "ImportType is valid only for symmetric encryption keys.",
    ),
    "an ID of new material": (
        imports(Scene.external, KeyMaterialId="0" * 64, **NEW),
        FORBIDDEN,
        "KeyMaterialId is not valid with ImportType NEW_KEY_MATERIAL.",
    ),
    "material that is not there": (
        lambda scene: (
            scene.kms.delete_imported_key_material,
            {"KeyId": scene.external(), "KeyMaterialId": "0" * 64},
        ),
        "NotFoundException",
        f"Key material {'0' * 64} is not associated with {{arn}}",
    ),
    "no way of wrapping": (
        wraps({}, "SM2PKE", "RSA_2048"),
        UNSUPPORTED,
        "WrappingAlgorithm SM2PKE is not supported.",
    ),
    "no key for wrapping": (
        wraps({}, "RSAES_OAEP_SHA_256", "SM2"),
        UNSUPPORTED,
        "WrappingKeySpec SM2 is not supported.",
    ),
    "no way of wrapping this": (
        wraps({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "RSAES_OAEP_SHA_256", "RSA_4096"),
        UNSUPPORTED,
        "WrappingAlgorithm RSAES_OAEP_SHA_256 with WrappingKeySpec RSA_4096 is not supported for "
        "key material of KeySpec RSA_2048.",
    ),
    "a primary key that is it already": (
        lambda scene: (
            scene.kms.update_primary_region,
            {"KeyId": scene.key(MultiRegion=True), "PrimaryRegion": "us-east-1"},
        ),
        UNSUPPORTED,
        "{arn} is the primary key already.",
    ),
    "no Region": (
        lambda scene: (
            scene.kms.replicate_key,
            {"KeyId": scene.key(MultiRegion=True), "ReplicaRegion": "mars-east-1"},
        ),
        FORBIDDEN,
        "ReplicaRegion mars-east-1 is not a Region of KMS.",
    ),
    "a Region of another partition": (
        lambda scene: (
            scene.kms.update_primary_region,
            {"KeyId": scene.key(MultiRegion=True), "PrimaryRegion": "cn-north-1"},
        ),
        FORBIDDEN,
        "PrimaryRegion cn-north-1 is not a Region of KMS.",
    ),
    "an attestation": (
        lambda scene: (
            scene.kms.generate_random,
            {
                "NumberOfBytes": 1,
                "Recipient": {
                    "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
                    "AttestationDocument": b"x",
                },
            },
        ),
        FORBIDDEN,
        "Recipient is not valid: attestation documents cannot be verified here.",
    ),
    "no number of bytes": (
        lambda scene: (scene.kms.generate_random, {}),
        FORBIDDEN,
        "NumberOfBytes is required.",
    ),
    "what a key policy denies": (
        denied,
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:user/moto is not authorized to perform: kms:DescribeKey "
        "on resource: {arn} with an explicit deny in a resource-based policy",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_g1_g5_g6_g7_g8_g10_an_error_says_all_of_this(world: Any, case: str) -> None:
    scene = Scene(world)
    make, code, message = CASES[case]
    call, request = make(scene)
    found = error_of(call, **request)
    new = found[1].partition("(id: ")[2][:64]
    assert found == (code, message.format(**{"arn": "", **scene.ids, "new": new}))


def test_g7_a_token_that_is_over(noon: Any, world: Any, kms: Any) -> None:
    key_id = Scene(world).external()
    given = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    assert given["ParametersValidTo"] == world.clock.now() + timedelta(hours=24)
    world.clock.advance(hours=24)
    refused = error_of(
        kms.import_key_material,
        KeyId=key_id,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=b"x",
        **FOREVER,
    )
    assert refused == (
        "ExpiredImportTokenException",
        "The request was rejected because the specified import token is expired. Use "
        "GetParametersForImport to get a new import token and public key, use the new public key "
        "to encrypt the key material, and then try the request again.",
    )


S3 = "s3.amazonaws.com"
BOTH_GRANTEES = (
    "Specify either GranteePrincipal or GranteeServicePrincipal, but not both.",
    [
        {"GranteePrincipal": GRANTEE, "GranteeServicePrincipal": S3},
        {},
    ],
)
BOTH_RETIREES = (
    "Specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
    [{"GranteePrincipal": GRANTEE, "RetiringPrincipal": ROOT, "RetiringServicePrincipal": S3}],
)
FOR_A_SERVICE = (
    "A grant to a service principal requires a SourceArn constraint and a retiring principal.",
    [
        {"GranteeServicePrincipal": S3},
        {"GranteeServicePrincipal": S3, "RetiringPrincipal": ROOT},
        {"GranteeServicePrincipal": S3, "Constraints": {"SourceArn": SOURCE}},
    ],
)


@pytest.mark.parametrize(("message", "requests"), [BOTH_GRANTEES, BOTH_RETIREES, FOR_A_SERVICE])
def test_w18_principals_of_a_grant(
    kms: Any, key_id: str, message: str, requests: list[dict[str, Any]]
) -> None:
    """Sent without botocore, which would refuse some of it."""
    if not knows_services(kms):
        pytest.skip("this botocore does not know grants to services")
    for request in requests:
        body = json.dumps({"KeyId": key_id, "Operations": ["Encrypt"], **request})
        status, answer = send("kms", "CreateGrant", body.encode())
        assert (status, json.loads(answer)) == (400, {"__type": FORBIDDEN, "message": message})
    assert kms.list_grants(KeyId=key_id)["Grants"] == []


def test_w18_a_grant_to_a_service(kms: Any, key_id: str) -> None:
    if not knows_services(kms):
        pytest.skip("this botocore does not know grants to services")
    body = {
        "KeyId": key_id,
        "Operations": ["Encrypt"],
        "GranteeServicePrincipal": S3,
        "RetiringServicePrincipal": "ec2.amazonaws.com",
        "Constraints": {"SourceArn": SOURCE},
    }
    status, answer = send("kms", "CreateGrant", json.dumps(body).encode())
    assert (status, sorted(json.loads(answer))) == (200, ["GrantId", "GrantToken"])
    status, answer = send("kms", "ListGrants", json.dumps({"KeyId": key_id}).encode())
    (entry,) = json.loads(answer)["Grants"]
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    assert {**entry, "CreationDate": 0, "GrantId": ""} == {
        **body,
        "KeyId": arn,
        "GrantId": "",
        "Name": "",
        "CreationDate": 0,
        "IssuingAccount": ROOT,
    }


def test_g7_dates_of_expiry(noon: Any, world: Any) -> None:
    scene = Scene(world)
    key_id = scene.external()
    year = world.clock.now() + timedelta(days=365, seconds=1)
    for request, message in (
        (
            {**FOREVER, "ValidTo": year},
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        ),
        (
            {"ExpirationModel": "KEY_MATERIAL_EXPIRES"},
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        ),
        ({"ValidTo": year}, "The validTo date must be within 365 days from now"),
    ):
        refused = error_of(import_material, kms=scene.kms, key_id=key_id, **request)
        assert refused == (FORBIDDEN, message)


def test_g8_new_material_comes_into_the_primary_key_first(world: Any) -> None:
    scene = Scene(world)
    key_id = scene.external(MultiRegion=True)
    import_material(scene.kms, key_id)
    scene.kms.replicate_key(KeyId=key_id, ReplicaRegion=OTHER_REGION)
    there = client("kms", OTHER_REGION)
    arn = there.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    import_material(there, key_id)
    refused = error_of(import_material, kms=there, key_id=key_id, material=OTHER, **NEW)
    assert refused == (
        UNSUPPORTED,
        f"{arn} is a multi-region replica key. New key material is imported into the primary key "
        "first.",
    )


@pytest.fixture
def key_id(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["KeyId"])


# Key policies -------------------------------------------------------------------------------------

MINE = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
GRAMMAR = "The key policy does not keep to the grammar of policies: "


def but(**change: Any) -> dict[str, Any]:
    """A policy with one statement that is otherwise in order."""
    changed = {**MINE, **change}
    return {"Statement": {name: value for name, value in changed.items() if value is not ...}}


POLICIES: list[tuple[Any, str]] = [
    (["Statement"], "it is no object"),
    ({"Statement": [MINE], "Colour": "red"}, "unknown element Colour"),
    ({"Statement": [MINE], "Size": 1, "Colour": "red"}, "unknown element Colour"),
    ({"Statement": [MINE], "Version": "2026-01-01"}, "unknown version"),
    ({}, "it has no statements"),
    ({"Statement": []}, "it has no statements"),
    ({"Statement": "all"}, "it has no statements"),
    ({"Statement": ["all"]}, "a statement is no object"),
    (but(Colour="red"), "unknown element Colour"),
    (but(Size=1, Colour="red"), "unknown element Colour"),
    (but(Sid=1), "a Sid is no text"),
    (but(Effect=...), "a statement has no effect"),
    (but(Effect="Perhaps"), "a statement has no effect"),
    (but(Condition=[]), "a condition is no object"),
    (but(NotPrincipal="*"), "a statement needs one of Principal and NotPrincipal"),
    (but(Action=...), "a statement needs one of Action and NotAction"),
    (but(NotAction="kms:*"), "a statement needs one of Action and NotAction"),
    (but(Resource=...), "a statement needs one of Resource and NotResource"),
    (but(Action=1), "Action is no text"),
    (but(Action=["kms:*", 1]), "Action is no text"),
    (but(Action=[]), "Action is empty"),
    (but(Resource=[]), "Resource is empty"),
    (but(Principal=[]), "a principal is no object"),
    (but(Principal={"AWS": 1}), "a principal is no text"),
]


@pytest.mark.parametrize(("policy", "wrong"), POLICIES)
def test_g10_what_is_wrong_with_a_key_policy(
    kms: Any, key_id: str, policy: Any, wrong: str
) -> None:
    before = kms.get_key_policy(KeyId=key_id)["Policy"]
    refused = error_of(kms.put_key_policy, KeyId=key_id, Policy=json.dumps(policy))
    assert refused == (POLICY, GRAMMAR + wrong)
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == before


def test_g10_key_policies_of_other_kinds(kms: Any, key_id: str) -> None:
    text = json.dumps({"Statement": [MINE]})
    for policy, refused in (
        ("{", (POLICY, "The key policy is not a valid JSON document.")),
        (
            json.dumps(but(Principal=...)),
            (POLICY, "Policy contains a statement with no principal."),
        ),
        (json.dumps(but(Principal={})), (POLICY, "Policy contains a statement with no principal.")),
        (
            text + " " * (32 * 1024 + 1 - len(text)),
            ("LimitExceededException", "The key policy is longer than 32768 bytes."),
        ),
    ):
        assert error_of(kms.put_key_policy, KeyId=key_id, Policy=policy) == refused
    longest = text + " " * (32 * 1024 - len(text))
    kms.put_key_policy(KeyId=key_id, Policy=longest)
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == longest


# Keys that are known beforehand -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "error", "message"),
    [
        ({"key_id": 5}, TypeError, "A key ID is a string, not 'int'."),
        (
            {"key_id": "mine"},
            ValueError,
            "'mine' is no key ID: that is a UUID in lower case, or mrk- and 32 hexadecimal digits.",
        ),
        ({"material": "text"}, TypeError, "Key material is bytes, not 'str'."),
        (
            {"material": bytes(31)},
            ValueError,
            "Key material is an AES-256 key of 32 bytes, not of 31.",
        ),
        (
            {"material": bytes(33)},
            ValueError,
            "Key material is an AES-256 key of 32 bytes, not of 33.",
        ),
    ],
)
def test_what_no_key_can_be_known_by(
    world: Any, known: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        world.create_key(**known)
    assert str(caught.value) == message


def test_g1_it_is_the_blob_that_has_a_length_and_not_its_base64(kms: Any, key_id: str) -> None:
    sealed = kms.encrypt(KeyId=key_id, Plaintext=bytes(4096))["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == bytes(4096)
    code, message = error_of(kms.encrypt, KeyId=key_id, Plaintext=bytes(4097))
    assert code == FORBIDDEN
    assert message.endswith(
        "at 'plaintext' failed to satisfy constraint: Member must have length less than or equal "
        "to 4096"
    )

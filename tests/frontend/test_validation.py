"""Request validation: constraint kinds, AWS's texts, and every rule of the modelled operations."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import UnknownServiceError
from hypothesis import given
from hypothesis import strategies as st
from moto.core.exceptions import JsonRESTError
from moto.core.utils import get_service_model

from moto_cks.frontend.validation import (
    RequestValidator,
    SerializationException,
    ValidationException,
    validator_for,
)

MODELS = {name: get_service_model(name) for name in ("kms", "cloudhsmv2")}
STORE_OPERATIONS = (
    "CreateCustomKeyStore",
    "UpdateCustomKeyStore",
    "ConnectCustomKeyStore",
    "DisconnectCustomKeyStore",
    "DescribeCustomKeyStores",
    "DeleteCustomKeyStore",
)
OPERATIONS = [("kms", name) for name in STORE_OPERATIONS]
OPERATIONS += [("cloudhsmv2", name) for name in MODELS["cloudhsmv2"].operation_names]

# A text that satisfies each pattern of the operations under test.
MATCHING = {
    "AccountIdType": "123456789012",
    "CloudHsmClusterIdType": "cluster-abcdefghijk",
    "MarkerType": "marker",
    "XksProxyUriEndpointType": "https://xks.example.com",
    "XksProxyUriPathType": "/kms/xks/v1",
    "XksProxyVpcEndpointServiceNameType": "com.amazonaws.vpce.us-east-1.vpce-svc-1234abcd",
    "XksProxyAuthenticationAccessKeyIdType": "ABCDEFGHIJKLMNOPQRST",
    "XksProxyAuthenticationRawSecretAccessKeyType": "a" * 43,
    "BackupArn": "backup-abcdefghijk",
    "BackupId": "backup-abcdefghijk",
    "BackupRetentionValue": "90",
    "Cert": "PEM",
    "CloudHsmArn": "arn:aws:cloudhsm:us-east-1:123456789012:backup/backup-abcdefghijk",
    "ClusterId": "cluster-abcdefghijk",
    "EniId": "eni-1234abcd",
    "ExternalAz": "us-east-1a",
    "Field": "clusterIds",
    "HsmId": "hsm-abcdefghijk",
    "HsmType": "hsm2m.medium",
    "IpAddress": "10.0.0.1",
    "NextToken": "token",
    "Region": "us-east-1",
    "ResourceId": "cluster-abcdefghijk",
    "SubnetId": "subnet-1234abcd",
    "TagKey": "Grüße 鍵",
    "TagValue": "",
}


ERROR_CODES = {"kms": "ValidationException", "cloudhsmv2": "CloudHsmInvalidRequestException"}


def validator(service: str) -> RequestValidator:
    return validator_for(service, ERROR_CODES[service])


def message(service: str, operation: str, params: Any) -> str:
    """The text of the violations a request is refused with."""
    with pytest.raises(ValidationException) as caught:
        validator(service).check(operation, params)
    body = json.loads(caught.value.get_body())
    assert body == {"__type": ERROR_CODES[service], "message": caught.value.message}
    assert (caught.value.code, isinstance(caught.value, JsonRESTError)) == (400, True)
    return str(caught.value.message)


def one(subject: str, path: str, text: str) -> str:
    return (
        f"1 validation error detected: {subject} at '{path}' failed to satisfy constraint: {text}"
    )


def valid(shape: Any) -> Any:
    """A value that breaks no constraint, with all members of structures."""
    traits = shape.metadata
    if shape.type_name == "structure":
        return {name: valid(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [valid(shape.member)]
    if shape.type_name == "map":
        return {valid(shape.key): valid(shape.value)}
    if shape.type_name == "blob":
        return base64.b64encode(b"x" * traits.get("min", 1)).decode()
    if shape.type_name == "string":
        text = MATCHING[shape.name] if "pattern" in traits else "x" * traits.get("min", 1)
        return traits["enum"][0] if "enum" in traits else text
    return {"boolean": True, "timestamp": 1.5}.get(shape.type_name, traits.get("min"))


def broken(shape: Any) -> Iterator[tuple[str, Any, str]]:
    """Label, value and expected text for each way to break a scalar or a container's size."""
    traits = shape.metadata
    if shape.type_name in ("integer", "long"):
        yield "low", traits["min"] - 1, f"value greater than or equal to {traits['min']}"
        yield "high", traits["max"] + 1, f"value less than or equal to {traits['max']}"
        return
    if traits.get("min"):
        short = sized(shape, traits["min"] - 1)
        yield "short", short, f"length greater than or equal to {traits['min']}"
    if "max" in traits:
        yield (
            "long",
            sized(shape, traits["max"] + 1),
            f"length less than or equal to {traits['max']}",
        )
    if "pattern" in traits and traits["pattern"] != ".*":
        yield "pattern", "\n!€", f"regular expression pattern: {traits['pattern']}"
    if "enum" in traits:
        yield "enum", "NONSENSE", f"enum value set: [{', '.join(traits['enum'])}]"


def sized(shape: Any, size: int) -> Any:
    if shape.type_name == "list":
        return [valid(shape.member)] * size
    if shape.type_name == "map":
        return {f"key{index}": valid(shape.value) for index in range(size)}
    return base64.b64encode(b"x" * size).decode() if shape.type_name == "blob" else "x" * size


def lower(name: str) -> str:
    return name[0].lower() + name[1:]


def variants(shape: Any) -> Iterator[tuple[str, Any, str, str]]:
    """Label, broken value, path within the shape and expected text, for a shape and its parts."""
    yield from ((label, value, "", text) for label, value, text in broken(shape))
    if shape.type_name == "structure":
        good = valid(shape)
        for name, member in shape.members.items():
            path = f".{lower(name)}"
            if name in shape.required_members:
                rest = {key: value for key, value in good.items() if key != name}
                yield f"{name}-missing", rest, path, "not be null"
                yield f"{name}-null", {**good, name: None}, path, "not be null"
            for label, value, inner, text in variants(member):
                yield f"{name}-{label}", {**good, name: value}, path + inner, text
    if shape.type_name == "list":
        for label, value, inner, text in variants(shape.member):
            path = f".2.member{inner}" if inner else ""
            yield f"member-{label}", [valid(shape.member), value], path, text
    if shape.type_name == "map":
        for label, value, _, text in variants(shape.key):
            yield f"key-{label}", {value: valid(shape.value)}, "", text
        for label, value, inner, text in variants(shape.value):
            key = valid(shape.key)
            yield f"value-{label}", {key: value}, f".{key}.member{inner}" if inner else "", text


CASES = [
    pytest.param(service, name, value, path[1:], text, id=f"{name}-{label}")
    for service, name in OPERATIONS
    for label, value, path, text in variants(MODELS[service].operation_model(name).input_shape)
]


@pytest.mark.parametrize(("service", "operation", "params", "path", "text"), CASES)
def test_each_constraint_of_the_models_is_enforced(
    service: str, operation: str, params: Any, path: str, text: str
) -> None:
    answer = message(service, operation, params)
    assert f" at '{path}' failed to satisfy constraint: " in answer
    assert re.search(rf"Member must (have |satisfy )?{re.escape(text)}", answer)


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_a_valid_request_passes(service: str, operation: str) -> None:
    shape = MODELS[service].operation_model(operation).input_shape
    params = valid(shape)
    validator(service).check(operation, params)
    validator(service).check(operation, {**params, "Unknown": {"a": 1}})
    required = {name: params[name] for name in shape.required_members}
    nothing = dict.fromkeys(set(params) - set(required))
    validator(service).check(operation, {**required, **nothing})


@pytest.mark.parametrize("service", MODELS)
@pytest.mark.filterwarnings("error")
def test_every_pattern_and_operation_compiles(service: str) -> None:
    new = RequestValidator(service, ERROR_CODES[service])
    for operation in MODELS[service].operation_names:
        with pytest.raises(SerializationException):
            new.check(operation, [])  # type: ignore[arg-type]


def anything(shape: Any) -> Any:
    """A value of the right JSON type, with something for every member."""
    if shape.type_name == "structure":
        return {name: anything(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [anything(shape.member)]
    if shape.type_name == "map":
        return {anything(shape.key): anything(shape.value)}
    return {"string": "é", "blob": "eA==", "boolean": True}.get(shape.type_name, 1)


@pytest.mark.parametrize("service", MODELS)
@pytest.mark.filterwarnings("error")
def test_every_pattern_is_held_against_a_value(service: str) -> None:
    for operation in MODELS[service].operation_names:
        shape = MODELS[service].operation_model(operation).input_shape
        if shape is not None:
            with contextlib.suppress(ValidationException):
                validator_for(service).check(operation, anything(shape))


def serialization(service: str, operation: str, params: Any) -> dict[str, str]:
    with pytest.raises(SerializationException) as caught:
        validator(service).check(operation, params)
    assert (caught.value.code, isinstance(caught.value, JsonRESTError)) == (400, True)
    body: dict[str, str] = json.loads(caught.value.get_body())
    assert body.pop("__type") == "SerializationException"
    return body


LIST_START = "Start of list found where not expected"
MAP_START = "Start of structure or map found where not expected."
STORE = "DescribeCustomKeyStores"


@pytest.mark.parametrize(
    ("service", "operation", "params", "text"),
    [
        ("kms", STORE, {"Limit": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ("kms", STORE, {"Limit": True}, "TRUE_VALUE can not be converted to an Integer"),
        ("kms", STORE, {"Limit": []}, LIST_START),
        ("kms", STORE, {"Limit": {}}, MAP_START),
        ("kms", STORE, {"Marker": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("kms", STORE, {"Marker": 1.5}, "NUMBER_VALUE can not be converted to a String"),
        ("kms", STORE, {"Marker": False}, "FALSE_VALUE can not be converted to a String"),
        ("kms", STORE, {"Marker": [None]}, LIST_START),
        ("kms", "Encrypt", {"DryRun": 1}, "NUMBER_VALUE can not be converted to a Boolean"),
        ("kms", "Encrypt", {"Plaintext": 7}, "NUMBER_VALUE can not be converted to a Blob"),
        ("kms", "Encrypt", {"Plaintext": "a"}, "STRING_VALUE can not be converted to a Blob"),
        (
            "kms",
            "Decrypt",
            {"CiphertextBlob": "é==="},
            "STRING_VALUE can not be converted to a Blob",
        ),
        ("kms", "Encrypt", {"GrantTokens": "t"}, "Expected list or null"),
        ("kms", "Encrypt", {"GrantTokens": {}}, MAP_START),
        ("kms", "Encrypt", {"GrantTokens": [1]}, "NUMBER_VALUE can not be converted to a String"),
        ("kms", "Encrypt", {"EncryptionContext": "c"}, "Expected map or null"),
        ("kms", "Encrypt", {"EncryptionContext": []}, LIST_START),
        ("kms", "CreateKey", {"Tags": [1] * 60}, "Expected null"),
        ("kms", "CreateKey", {"Tags": [[]]}, LIST_START),
        ("cloudhsmv2", "TagResource", {"TagList": ["a"] * 60}, "Expected null"),
        ("cloudhsmv2", "DescribeClusters", {"Filters": {"!": 5}}, "Expected list or null"),
        ("kms", "Encrypt", [], LIST_START),
        (
            "kms",
            "ImportKeyMaterial",
            {"ValidTo": "now"},
            "STRING_VALUE can not be converted to milliseconds since epoch",
        ),
    ],
)
def test_wrong_json_types_come_before_constraints(
    service: str, operation: str, params: Any, text: str
) -> None:
    assert serialization(service, operation, params) == {"Message": text}


@pytest.mark.parametrize("body", [None, "x", 1])
def test_a_scalar_body_has_no_message(body: Any) -> None:
    assert serialization("kms", STORE, body) == {}


SECOND = {"Key": "b", "Value": "c"}
TAGS = [{"Key": "a" * 129, "Value": "v"}, SECOND, {"Key": "a"}]
PATTERN = "Member must satisfy regular expression pattern: "


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        (
            "kms",
            "ConnectCustomKeyStore",
            {},
            one("Value null", "customKeyStoreId", "Member must not be null"),
        ),
        (
            "kms",
            STORE,
            {"Limit": 1001},
            one("Value '1001'", "limit", "Member must have value less than or equal to 1000"),
        ),
        (
            "kms",
            STORE,
            {"Limit": 0.9},
            one("Value '0'", "limit", "Member must have value greater than or equal to 1"),
        ),
        (
            "kms",
            "Encrypt",
            {"KeyId": "k", "Plaintext": base64.b64encode(bytes(4097)).decode()},
            one("Value", "plaintext", "Member must have length less than or equal to 4096"),
        ),
        (
            "kms",
            "Encrypt",
            {"KeyId": "k"},
            one("Value", "plaintext", "Member must not be null"),
        ),
        (
            "kms",
            "Decrypt",
            {"CiphertextBlob": ""},
            one("Value", "ciphertextBlob", "Member must have length greater than or equal to 1"),
        ),
        (
            "kms",
            "VerifyMac",
            {"KeyId": "k", "Message": "YQ==", "MacAlgorithm": "HMAC_SHA_256"},
            one("Value null", "mac", "Member must not be null"),
        ),
        (
            "kms",
            "Sign",
            {"KeyId": "k", "Message": "YQ==", "MessageType": "A", "SigningAlgorithm": "SM2DSA"},
            one(
                "Value 'A'",
                "messageType",
                "Member must satisfy enum value set: [RAW, DIGEST, EXTERNAL_MU]",
            ),
        ),
        (
            "kms",
            "Encrypt",
            {"KeyId": "k", "Plaintext": "YQ==", "EncryptionAlgorithm": "A"},
            one(
                "Value 'A'",
                "encryptionAlgorithm",
                "Member must satisfy enum value set: "
                "[RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT]",
            ),
        ),
        (
            "kms",
            "CreateCustomKeyStore",
            {"CustomKeyStoreName": "s", "CloudHsmClusterId": "cluster-1"},
            "2 validation errors detected: Value 'cluster-1' at 'cloudHsmClusterId' failed to "
            "satisfy constraint: Member must have length greater than or equal to 19; Value "
            "'cluster-1' at 'cloudHsmClusterId' failed to satisfy constraint: "
            f"{PATTERN}cluster-[2-7a-zA-Z]{{11,16}}",
        ),
        (
            "cloudhsmv2",
            "TagResource",
            {"ResourceId": "cluster-abcdefghijk", "TagList": TAGS},
            f"2 validation errors detected: Value '{'a' * 129}' at 'tagList.1.member.key' failed "
            "to satisfy constraint: Member must have length less than or equal to 128; Value null "
            "at 'tagList.3.member.value' failed to satisfy constraint: Member must not be null",
        ),
        (
            "cloudhsmv2",
            "CreateCluster",
            {"HsmType": "hsm2m.medium", "SubnetIds": ["subnet-1234abcd", "x", None, "y"]},
            one(
                "Value '[subnet-1234abcd, x, y]'",
                "subnetIds",
                f"Member must satisfy constraint: [{PATTERN}subnet-[0-9a-fA-F]{{8,17}}]",
            ),
        ),
        (
            "cloudhsmv2",
            "DescribeClusters",
            {"Filters": {"a b": ["c", "d"], "e": None}},
            one(
                "Value '{a b=[c, d]}'",
                "filters",
                f"Map keys must satisfy constraint: [{PATTERN}[a-zA-Z0-9_-]+]",
            ),
        ),
    ],
)
def test_messages(service: str, operation: str, params: Any, expected: str) -> None:
    assert message(service, operation, params) == expected


def test_structures_in_a_list_are_shown_with_their_members() -> None:
    answer = message(
        "cloudhsmv2", "TagResource", {"ResourceId": "cluster-abcdefghijk", "TagList": [SECOND] * 51}
    )
    assert answer.startswith("1 validation error detected: Value '[Tag(key=b, value=c), Tag(")


def test_at_most_ten_violations_are_listed() -> None:
    answer = message("kms", "TagResource", {"KeyId": "k", "Tags": [{"TagKey": ""}] * 9})
    assert answer.startswith("10 validation errors detected: ")
    assert answer.count(" failed to satisfy constraint: ") == 10


@pytest.mark.parametrize("address", ["10.0.0.1\n", "10.0.0.\u0663"])
def test_patterns_match_as_in_java(address: str) -> None:
    params = {"ClusterId": "cluster-abcdefghijk", "AvailabilityZone": "us-east-1a"}
    answer = message("cloudhsmv2", "CreateHsm", {**params, "IpAddress": address})
    assert answer.endswith(r"pattern: \d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}")


def test_the_dot_of_java_matches_no_line_separator() -> None:
    assert message("cloudhsmv2", "DescribeClusters", {"NextToken": "a\u2028b"}).endswith(": .*")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(Exception, match="NoSuchOperation"):
        validator_for("kms").check("NoSuchOperation", {})
    with pytest.raises(UnknownServiceError):
        validator_for("nonsense")
    assert validator_for("kms") is validator_for("kms")


SECRETS = {
    "KeyStorePassword": ("CreateCustomKeyStore", "UpdateCustomKeyStore"),
    "Plaintext": ("Encrypt",),
    "Message": ("Sign", "Verify", "GenerateMac", "VerifyMac"),
    "XksProxyAuthenticationCredential": ("CreateCustomKeyStore", "UpdateCustomKeyStore"),
}


@pytest.mark.parametrize(
    ("member", "operation"), [(name, user) for name, users in SECRETS.items() for user in users]
)
@given(core=st.text(max_size=40), size=st.sampled_from([0, 1, 6, 33, 64, 5000]))
def test_sensitive_values_are_never_shown(
    member: str, operation: str, core: str, size: int
) -> None:
    # The frame makes the secret recognisable; AWS's own words cannot contain it.
    secret = f"\u00a7{core}\u00a7" * size
    values: list[Any] = [secret, [secret], {secret: secret}]
    values.append(base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode())
    values.append({"AccessKeyId": secret, "RawSecretAccessKey": secret})
    for value in values:
        with pytest.raises((ValidationException, SerializationException)) as caught:
            validator_for("kms").check(operation, {member: value})
        told = "".join(json.loads(caught.value.get_body()).values())
        assert "\u00a7" not in told + caught.value.message
        assert not (isinstance(value, str) and len(value) > 8 and value in told)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
@given(data=st.data())
def test_any_json_is_passed_or_refused_cleanly(service: str, operation: str, data: Any) -> None:
    shape = MODELS[service].operation_model(operation).input_shape
    params = {name: data.draw(JSON_VALUES, label=name) for name in shape.members}
    with contextlib.suppress(ValidationException, SerializationException):
        validator(service).check(operation, params)

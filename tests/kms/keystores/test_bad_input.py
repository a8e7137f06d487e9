"""Bad input to the six operations on key stores (K9): refused by name, and nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from moto_cks import mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client, error_of, session

OPERATIONS = {
    "CreateCustomKeyStore": "create_custom_key_store",
    "ConnectCustomKeyStore": "connect_custom_key_store",
    "DisconnectCustomKeyStore": "disconnect_custom_key_store",
    "DescribeCustomKeyStores": "describe_custom_key_stores",
    "UpdateCustomKeyStore": "update_custom_key_store",
    "DeleteCustomKeyStore": "delete_custom_key_store",
}
CREDENTIAL = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "a" * 43}


class Case(NamedTuple):
    """One request that breaks one constraint."""

    operation: str
    path: tuple[str, ...]
    value: Any
    constraint: str

    @property
    def member(self) -> str:
        """The member as AWS names it."""
        return ".".join(name[0].lower() + name[1:] for name in self.path)

    def __str__(self) -> str:
        return f"{self.operation}-{self.member}-{self.constraint}"


def broken_values(shape: Any) -> Iterator[tuple[Any, str]]:
    """Values that break one constraint of a shape, and what AWS says about it."""
    traits = shape.metadata
    if shape.type_name == "integer":
        yield traits["min"] - 1, f"Member must have value greater than or equal to {traits['min']}"
        yield traits["max"] + 1, f"Member must have value less than or equal to {traits['max']}"
        return
    if "min" in traits:
        text = f"Member must have length greater than or equal to {traits['min']}"
        yield "x" * (traits["min"] - 1), text
    if "max" in traits:
        text = f"Member must have length less than or equal to {traits['max']}"
        yield "x" * (traits["max"] + 1), text
    if "pattern" in traits:
        text = f"Member must satisfy regular expression pattern: {traits['pattern']}"
        yield "\N{EURO SIGN}" * traits.get("min", 1), text
    if "enum" in traits:
        for value in ("FOO", traits["enum"][0].lower(), ""):
            yield value, f"Member must satisfy enum value set: [{', '.join(traits['enum'])}]"


def constraint_cases() -> Iterator[Case]:
    model = client("kms").meta.service_model
    for operation in OPERATIONS:
        shape = model.operation_model(operation).input_shape
        for name, member in shape.members.items():
            if member.type_name == "structure":
                for inner, inner_shape in member.members.items():
                    for value, text in broken_values(inner_shape):
                        yield Case(operation, (name, inner), {**CREDENTIAL, inner: value}, text)
                    absent = {key: CREDENTIAL[key] for key in CREDENTIAL if key != inner}
                    yield Case(operation, (name, inner), absent, "Member must not be null")
            for value, text in broken_values(member) if member.type_name != "structure" else ():
                yield Case(operation, (name,), value, text)
        for name in shape.required_members:
            yield Case(operation, (name,), None, "Member must not be null")


def type_cases() -> Iterator[Case]:
    model = client("kms").meta.service_model
    for operation in OPERATIONS:
        for name, member in model.operation_model(operation).input_shape.members.items():
            if member.type_name == "string":
                yield Case(operation, (name,), 5, "NUMBER_VALUE can not be converted to a String")
                yield Case(operation, (name,), True, "TRUE_VALUE can not be converted to a String")
                yield Case(operation, (name,), ["x"], "Start of list found where not expected")
            elif member.type_name == "integer":
                text = "STRING_VALUE can not be converted to an Integer"
                yield Case(operation, (name,), "5", text)


class Scene(NamedTuple):
    """A key store, and a cluster that could back another one."""

    store: Any
    cluster: Any
    kms: Any

    def valid(self, operation: str) -> dict[str, Any]:
        """Parameters with which the operation works."""
        if operation == "CreateCustomKeyStore":
            return {
                "CustomKeyStoreName": "another",
                "CloudHsmClusterId": self.cluster.id,
                "TrustAnchorCertificate": self.cluster.trust_anchor,
                "KeyStorePassword": "kmsPswd1",
            }
        return {"CustomKeyStoreId": self.store.id}

    def described(self) -> list[dict[str, Any]]:
        return list(self.kms.describe_custom_key_stores()["CustomKeyStores"])

    def error(self, operation: str, **changes: Any) -> tuple[str, str]:
        """The error of an operation with some parameters changed; ``None`` leaves one out."""
        parameters = {**self.valid(operation), **changes}
        parameters = {name: value for name, value in parameters.items() if value is not None}
        before = self.described()
        error = error_of(getattr(self.kms, OPERATIONS[operation]), **parameters)
        assert self.described() == before
        return error


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """For tests that change nothing."""
    with mock_cks() as cks:
        yield Scene(
            cks.create_key_store(connect=False),
            cks.create_cluster(),
            client("kms", parameter_validation=False),
        )


# What the service model says ---------------------------------------------------------------------


@pytest.mark.parametrize("case", list(constraint_cases()), ids=str)
def test_k9_a_broken_constraint(case: Case, scene: Scene) -> None:
    code, message = scene.error(case.operation, **{case.path[0]: case.value})
    assert code == "ValidationException"
    assert re.match(r"(1 validation error|[23] validation errors) detected: Value ", message)
    assert f" at '{case.member}' failed to satisfy constraint: {case.constraint}" in message


@pytest.mark.parametrize("case", list(type_cases()), ids=str)
def test_k9_a_wrong_type(case: Case, scene: Scene) -> None:
    code, message = scene.error(case.operation, **{case.path[0]: case.value})
    assert (code, message) == ("SerializationException", case.constraint)


@pytest.mark.parametrize(
    "missing", ["CloudHsmClusterId", "TrustAnchorCertificate", "KeyStorePassword"]
)
def test_k9_what_a_cloudhsm_key_store_needs(missing: str, scene: Scene) -> None:
    for kind in ({}, {"CustomKeyStoreType": "AWS_CLOUDHSM"}):
        code, message = scene.error("CreateCustomKeyStore", **{missing: None}, **kind)
        assert code == "ValidationException"
        assert missing[0].lower() + missing[1:] in message


def test_k9_several_errors_are_counted(scene: Scene) -> None:
    _, message = scene.error(
        "CreateCustomKeyStore", CustomKeyStoreName=None, KeyStorePassword="short"
    )
    assert message.startswith("2 validation errors detected: ")
    assert "Value at 'keyStorePassword'" in message
    assert "Value null at 'customKeyStoreName'" in message


def test_k9_the_longest_values_are_accepted(scene: Scene) -> None:
    name = "n" * 256
    code, message = scene.error("DescribeCustomKeyStores", CustomKeyStoreId="i" * 64)
    assert code == "CustomKeyStoreNotFoundException"
    code, message = scene.error(
        "DescribeCustomKeyStores", CustomKeyStoreId=None, CustomKeyStoreName=name
    )
    assert code == "CustomKeyStoreNotFoundException"
    assert name in message
    for limit in (1, 1000):
        assert scene.kms.describe_custom_key_stores(Limit=limit)["CustomKeyStores"]


def test_k9_a_refused_secret_is_not_repeated(scene: Scene) -> None:
    secret = "s3cr!t" * 20
    _, message = scene.error("UpdateCustomKeyStore", KeyStorePassword=secret)
    assert "s3cr!t" not in message
    credential = {"AccessKeyId": secret, "RawSecretAccessKey": secret}
    _, message = scene.error("UpdateCustomKeyStore", XksProxyAuthenticationCredential=credential)
    assert "s3cr!t" not in message


# What is not there -------------------------------------------------------------------------------

BY_ID = [name for name in OPERATIONS if name != "CreateCustomKeyStore"]


@pytest.mark.parametrize("operation", BY_ID)
@pytest.mark.parametrize(
    "unknown", ["cks-1234567890abcdef0", "x", "ExampleKeyStore", "arn:aws:kms:::cks/x", "\u00e9"]
)
def test_k9_an_unknown_id(operation: str, unknown: str, scene: Scene) -> None:
    code, message = scene.error(operation, CustomKeyStoreId=unknown)
    assert code == "CustomKeyStoreNotFoundException"
    assert unknown in message


@pytest.mark.parametrize("operation", BY_ID)
def test_k9_an_id_of_another_account_or_region(operation: str, scene: Scene) -> None:
    before = scene.described()
    for other in (client("kms", OTHER_REGION), client("kms", REGION, OTHER_ACCOUNT)):
        code, _ = error_of(getattr(other, OPERATIONS[operation]), CustomKeyStoreId=scene.store.id)
        assert code == "CustomKeyStoreNotFoundException"
    assert scene.described() == before


@pytest.mark.parametrize("operation", BY_ID)
def test_k9_validation_comes_before_the_key_store(operation: str, scene: Scene) -> None:
    code, _ = scene.error(operation, CustomKeyStoreId="x" * 65)
    assert code == "ValidationException"


def test_k9_the_key_store_comes_before_its_changes(scene: Scene) -> None:
    for changes in (
        {"CloudHsmClusterId": scene.cluster.id},
        {"NewCustomKeyStoreName": scene.store.name},
        {"XksProxyUriPath": "/kms/xks/v1"},
    ):
        code, _ = scene.error("UpdateCustomKeyStore", CustomKeyStoreId="cks-unknown", **changes)
        assert code == "CustomKeyStoreNotFoundException"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_k9_every_error_is_http_400(operation: str, scene: Scene) -> None:
    bad = {"CreateCustomKeyStore": {"CustomKeyStoreName": ""}}.get(
        operation, {"CustomKeyStoreId": "cks-unknown"}
    )
    with pytest.raises(ClientError) as refused:
        getattr(scene.kms, OPERATIONS[operation])(**{**scene.valid(operation), **bad})
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    "parameters",
    [
        {"XksProxyUriPath": "/kms/xks/v1"},
        {"XksProxyUriEndpoint": "https://xks.example.com"},
        {"XksProxyConnectivity": "PUBLIC_ENDPOINT"},
        {"XksProxyAuthenticationCredential": CREDENTIAL},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
@pytest.mark.parametrize("operation", ["CreateCustomKeyStore", "UpdateCustomKeyStore"])
def test_k9_parameters_of_external_key_stores(
    operation: str, parameters: dict[str, Any], scene: Scene
) -> None:
    code, message = scene.error(operation, **parameters)
    assert code == "ValidationException"
    assert next(iter(parameters)) in message


def test_k9_errors_are_the_exceptions_of_boto3(scene: Scene) -> None:
    kms = session().client("kms", REGION)
    with pytest.raises(kms.exceptions.CustomKeyStoreNotFoundException):
        kms.connect_custom_key_store(CustomKeyStoreId="cks-unknown")

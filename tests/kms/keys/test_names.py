"""How a key is named, and what is said of a name that means none (G4)."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of

UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab"
HERE = "arn:aws:kms:us-east-1:123456789012:"

NAMES = [
    ("x", "Invalid keyId 'x'"),
    ("134f2428cec14b25a1ae9048164dba47", "Invalid keyId '134f2428cec14b25a1ae9048164dba47'"),
    ("mrk-x", "Invalid keyId 'mrk-x'"),
    (UNKNOWN, f"Key '{HERE}key/{UNKNOWN}' does not exist"),
    (f"mrk-{UNKNOWN.replace('-', '')}", "Key '{}' does not exist"),
    (f"mrk-{UNKNOWN}", "Key '{}' does not exist"),  # so moto names them
    (UNKNOWN.upper(), "Key '{}' does not exist"),
    (f"mrk-{UNKNOWN.replace('-', '').upper()}", "Key '{}' does not exist"),
    (f"mrk-{UNKNOWN}0", f"Invalid keyId 'mrk-{UNKNOWN}0'"),
    ("x:alias/y", "Invalid keyId 'x:alias/y'"),
    (f"{HERE}key/x\ny", "Invalid keyId 'x\ny'"),
    (f"{HERE}key/", f"Invalid arn {HERE}key/"),
    (f"{HERE}key/{UNKNOWN}", f"Key '{HERE}key/{UNKNOWN}' does not exist"),
    (f"{HERE}key/x", "Invalid keyId 'x'"),
    (f"arn:aws:kms:eu-west-1:123456789012:key/{UNKNOWN}", "Invalid arn eu-west-1"),
    (f"{HERE}thing/x", f"Invalid arn {HERE}thing/x"),
    ("arn:aws:s3:::bucket", "Invalid arn arn:aws:s3:::bucket"),
    ("arn:", "Invalid arn arn:"),
]


@pytest.mark.parametrize(("name", "message"), NAMES)
@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("describe_key", {}),
        ("encrypt", {"Plaintext": b"text"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("sign", {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}),
        ("get_public_key", {}),
        ("enable_key", {}),
        ("schedule_key_deletion", {}),
    ],
)
def test_g4_what_means_no_key(
    kms: Any, method: str, parameters: dict[str, Any], name: str, message: str
) -> None:
    expected = message.format(f"{HERE}key/{name}")
    refused = error_of(getattr(kms, method), KeyId=name, **parameters)
    assert refused == ("NotFoundException", expected)


def test_g4_an_alias_that_does_not_exist(kms: Any) -> None:
    for name in ("alias/x", f"{HERE}alias/x"):
        refused = error_of(kms.describe_key, KeyId=name)
        assert refused == ("NotFoundException", f"Alias {HERE}alias/x is not found.")
    elsewhere = f"{HERE}alias/x".replace("us-east-1", "eu-west-1")
    refused = error_of(kms.describe_key, KeyId=elsewhere)
    assert refused == ("NotFoundException", "Invalid arn eu-west-1")


@pytest.fixture(params=["ordinary", "multi-Region", "in a key store"])
def metadata(request: pytest.FixtureRequest, kms: Any) -> dict[str, Any]:
    if request.param == "in a key store":
        store: KeyStore = request.getfixturevalue("store")
        return dict(kms.describe_key(KeyId=store.create_key())["KeyMetadata"])
    return dict(kms.create_key(MultiRegion=request.param != "ordinary")["KeyMetadata"])


def test_g4_four_names_of_a_key(kms: Any, metadata: dict[str, Any]) -> None:
    kms.create_alias(AliasName="alias/mine", TargetKeyId=metadata["KeyId"])
    for name in (metadata["KeyId"], metadata["Arn"], "alias/mine", f"{HERE}alias/mine"):
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == metadata["Arn"]
        blob = kms.encrypt(KeyId=name, Plaintext=b"text")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob, KeyId=name)["KeyId"] == metadata["Arn"]
        kms.re_encrypt(CiphertextBlob=blob, SourceKeyId=name, DestinationKeyId=name)


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("enable_key", {}),
        ("disable_key", {}),
        ("update_key_description", {"Description": ""}),
        ("schedule_key_deletion", {}),
        ("get_key_rotation_status", {}),
        ("list_grants", {}),
        ("list_resource_tags", {}),
    ],
)
def test_g4_management_takes_no_alias(
    kms: Any, metadata: dict[str, Any], method: str, parameters: dict[str, Any]
) -> None:
    kms.create_alias(AliasName="alias/mine", TargetKeyId=metadata["KeyId"])
    for name in ("alias/mine", f"{HERE}alias/mine"):
        refused = error_of(getattr(kms, method), KeyId=name, **parameters)
        assert refused == ("NotFoundException", f"Invalid keyId '{name}'")
    assert kms.describe_key(KeyId="alias/mine")["KeyMetadata"]["KeyState"] == "Enabled"


def test_g4_the_account_and_the_region_of_an_arn_count(metadata: dict[str, Any]) -> None:
    other = client("kms", account_id=OTHER_ACCOUNT)
    arn = metadata["Arn"]
    for name, message in (
        (metadata["KeyId"], f"Key '{arn.replace('123456789012', OTHER_ACCOUNT)}' does not exist"),
        (arn, f"Key '{arn}' does not exist"),
    ):
        assert error_of(other.describe_key, KeyId=name) == ("NotFoundException", message)
    there = client("kms", OTHER_REGION)
    assert error_of(there.describe_key, KeyId=arn) == ("NotFoundException", "Invalid arn us-east-1")
    kms = client("kms")
    wrong = arn.replace("123456789012", OTHER_ACCOUNT)
    refused = error_of(kms.encrypt, KeyId=wrong, Plaintext=b"text")
    assert refused == ("NotFoundException", f"Key '{wrong}' does not exist")

"""Aliases: their names, their dates, and which keys they can have (G5, G10)."""

from __future__ import annotations

from typing import Any

import pytest
from moto import mock_aws
from moto.kms.models import kms_backends

from moto_cks import KeyStore, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of

WRONG_PREFIX = (
    "ValidationException",
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
)
HOME = "arn:aws:kms:us-east-1:123456789012:"
UNKNOWN = "00000000-0000-4000-8000-000000000000"

KINDS: dict[str, dict[str, str]] = {
    "symmetric": {},
    "rsa to encrypt": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    "rsa to sign": {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
    "ecc to sign": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "ecc to agree": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "longer hmac": {"KeySpec": "HMAC_512", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "imported": {"Origin": "EXTERNAL"},
}
SAME = [{"symmetric", "imported"}, {"rsa to sign", "ecc to sign"}, {"hmac", "longer hmac"}]


def new_key(kms: Any, **kind: str) -> str:
    return str(kms.create_key(**kind)["KeyMetadata"]["KeyId"])


def entries(kms: Any, key_id: str) -> list[Any]:
    found: list[Any] = kms.list_aliases(KeyId=key_id)["Aliases"]
    return found


@pytest.mark.parametrize("name", ["mine", "Alias/mine", "alias/", "aliases/x", f"{HOME}alias/x"])
def test_g10_names_without_the_prefix(kms: Any, store: KeyStore, name: str) -> None:
    for key_id in (new_key(kms), store.create_key()):
        for call in (kms.create_alias, kms.update_alias):
            assert error_of(call, AliasName=name, TargetKeyId=key_id) == WRONG_PREFIX
        assert error_of(kms.delete_alias, AliasName=name) == WRONG_PREFIX
        assert entries(kms, key_id) == []


def test_g10_names_of_aws_are_reserved(kms: Any, store: KeyStore) -> None:
    kms.describe_key(KeyId="alias/aws/s3")
    for name in ("alias/aws/s3", "alias/aws/ebs", "alias/aws/mine", "alias/aws/"):
        for key_id in (new_key(kms), store.create_key()):
            for call in (kms.create_alias, kms.update_alias):
                code, message = error_of(call, AliasName=name, TargetKeyId=key_id)
                assert (code, bool(message)) == ("NotAuthorizedException", True)
            assert entries(kms, key_id) == []
        assert error_of(kms.delete_alias, AliasName=name)[0] == "NotAuthorizedException"
    kms.describe_key(KeyId="alias/aws/s3")
    kms.create_alias(AliasName="alias/awsome", TargetKeyId=new_key(kms))


def test_g10_letters_of_names(kms: Any) -> None:
    key_id = new_key(kms)
    assert error_of(kms.create_alias, AliasName="alias/a:b", TargetKeyId=key_id) == (
        "ValidationException",
        "alias/a:b contains invalid characters for an alias",
    )
    code, message = error_of(kms.create_alias, AliasName="alias/a b", TargetKeyId=key_id)
    assert (code, "aliasName" in message) == ("ValidationException", True)
    kms.create_alias(AliasName="alias/" + "a" * 250, TargetKeyId=key_id)
    assert error_of(kms.create_alias, AliasName="alias/" + "a" * 251, TargetKeyId=key_id)[0] == (
        "ValidationException"
    )


def test_g10_what_there_is_and_what_there_is_not(kms: Any) -> None:
    key_id = new_key(kms)
    kms.create_alias(AliasName="alias/a", TargetKeyId=key_id)
    taken = ("AlreadyExistsException", f"An alias with the name {HOME}alias/a already exists")
    assert error_of(kms.create_alias, AliasName="alias/a", TargetKeyId=key_id) == taken
    missing = ("NotFoundException", f"Alias {HOME}alias/b is not found.")
    assert error_of(kms.update_alias, AliasName="alias/b", TargetKeyId=key_id) == missing
    assert error_of(kms.delete_alias, AliasName="alias/b") == missing
    for call, name in ((kms.create_alias, "alias/b"), (kms.update_alias, "alias/a")):
        for target, error in (
            (UNKNOWN, f"Key '{HOME}key/{UNKNOWN}' does not exist"),
            ("nonsense", "Invalid keyId 'nonsense'"),
            (
                f"{HOME.replace('us-east-1', OTHER_REGION)}key/{key_id}",
                f"Invalid arn {OTHER_REGION}",
            ),
            (
                f"{HOME.replace('123456789012', OTHER_ACCOUNT)}key/{key_id}",
                f"Key '{HOME.replace('123456789012', OTHER_ACCOUNT)}key/{key_id}' does not exist",
            ),
        ):
            wrong = error_of(call, AliasName=name, TargetKeyId=target)
            assert wrong == ("NotFoundException", error)
        for target in ("alias/a", f"{HOME}alias/a", "alias/none"):
            wrong = error_of(call, AliasName=name, TargetKeyId=target)
            assert wrong == ("ValidationException", "Aliases must refer to keys. Not aliases")
    assert [entry["AliasName"] for entry in entries(kms, key_id)] == ["alias/a"]


def test_g10_an_alias_goes_to_keys_of_its_kind_only(kms: Any, store: KeyStore) -> None:
    keys = {name: new_key(kms, **kind) for name, kind in KINDS.items()}
    keys["in a key store"] = store.create_key()
    same = [{*SAME[0], "in a key store"}, *SAME[1:]]
    for old, key_id in keys.items():
        kms.create_alias(AliasName="alias/a", TargetKeyId=key_id)
        for new, target in keys.items():
            if old == new or any({old, new} <= group for group in same):
                kms.update_alias(AliasName="alias/a", TargetKeyId=target)
                kms.update_alias(AliasName="alias/a", TargetKeyId=key_id)
            else:
                code, message = error_of(kms.update_alias, AliasName="alias/a", TargetKeyId=target)
                assert (code, "Alias alias/a cannot be" in message) == ("ValidationException", True)
                assert entries(kms, target) == []
        assert [entry["TargetKeyId"] for entry in entries(kms, key_id)] == [key_id]
        kms.delete_alias(AliasName="alias/a")


def test_g5_dates_of_aliases(kms: Any, world: Any) -> None:
    first, second = new_key(kms), new_key(kms)
    kms.create_alias(AliasName="alias/a", TargetKeyId=first)
    (made,) = entries(kms, first)
    assert made["CreationDate"] == made["LastUpdatedDate"]
    world.clock.advance(days=3)
    kms.update_alias(AliasName="alias/a", TargetKeyId=second)
    (updated,) = entries(kms, second)
    assert updated["CreationDate"] == made["CreationDate"]
    assert (updated["LastUpdatedDate"] - made["CreationDate"]).days == 3
    kms.delete_alias(AliasName="alias/a")
    kms.create_alias(AliasName="alias/a", TargetKeyId=second)
    assert (entries(kms, second)[0]["CreationDate"] - made["CreationDate"]).days == 3


def test_g10_fifty_aliases_a_key(kms: Any) -> None:
    key_id, other = new_key(kms), new_key(kms)
    for number in range(50):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key_id)
    kms.create_alias(AliasName="alias/other", TargetKeyId=other)
    for call, name in ((kms.create_alias, "alias/50"), (kms.update_alias, "alias/other")):
        assert error_of(call, AliasName=name, TargetKeyId=key_id)[0] == "LimitExceededException"
    kms.update_alias(AliasName="alias/0", TargetKeyId=key_id)  # it is one of them
    kms.update_alias(AliasName="alias/0", TargetKeyId=other)
    kms.create_alias(AliasName="alias/50", TargetKeyId=key_id)
    assert len(kms.list_aliases(KeyId=key_id)["Aliases"]) == 50


def test_g10_moto_s_interface_makes_aliases_by_the_same_rules(kms: Any) -> None:
    backend = kms_backends["123456789012"]["us-east-1"]
    key_id = new_key(kms)
    with pytest.raises(Exception, match="must start with the prefix"):
        backend.create_alias(key_id, "mine")
    backend.create_alias(key_id, "alias/mine")
    assert [alias.alias_name for alias in backend.list_aliases()] == ["alias/mine"]
    assert [alias.alias_name for alias in backend.list_aliases(key_id)] == ["alias/mine"]
    assert list(backend.list_aliases(UNKNOWN)) == []
    with pytest.raises(Exception, match="already exists"):
        backend.create_alias(key_id, "alias/mine")


def test_g5_moto_s_aliases_are_taken_over() -> None:
    with mock_aws():
        kms = client("kms")
        key_id = new_key(kms)
        kms.create_alias(AliasName="alias/moto", TargetKeyId=key_id)
        with mock_cks():
            (entry,) = entries(kms, key_id)
            assert (entry["AliasName"], entry["TargetKeyId"]) == ("alias/moto", key_id)
            assert entry["CreationDate"] == entry["LastUpdatedDate"]

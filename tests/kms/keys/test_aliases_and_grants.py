"""Aliases and grants of keys in a key store, and ordinary keys in the same world (U6, M2)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from moto import mock_aws
from moto.kms.models import kms_backends

from moto_cks import KeyStore, mock_cks
from tests.aws import OTHER_REGION, client, error_of

GRANTEE = "arn:aws:iam::123456789012:role/grantee"
RETIREE = "arn:aws:iam::123456789012:role/retiree"


def aliases(**parameters: str) -> dict[str, str]:
    """The customer's aliases: the keys by name."""
    pages = client("kms").get_paginator("list_aliases").paginate(**parameters)
    return {
        alias["AliasName"]: alias["TargetKeyId"]
        for page in pages
        for alias in page["Aliases"]
        if not alias["AliasName"].startswith("alias/aws/")
    }


def grant(key_id: str, **parameters: Any) -> dict[str, str]:
    made = client("kms").create_grant(
        KeyId=key_id, GranteePrincipal=GRANTEE, Operations=["Encrypt"], **parameters
    )
    return {"GrantId": made["GrantId"], "GrantToken": made["GrantToken"]}


def grants(key_id: str) -> list[str]:
    return [entry["GrantId"] for entry in client("kms").list_grants(KeyId=key_id)["Grants"]]


# Aliases -----------------------------------------------------------------------------------------


def test_u6_an_alias_names_its_key(kms: Any, store: KeyStore) -> None:
    first, second = store.create_key(), store.create_key()
    kms.create_alias(AliasName="alias/a", TargetKeyId=first)
    alias_arn = "arn:aws:kms:us-east-1:123456789012:alias/a"
    for name in ("alias/a", alias_arn):
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == first
        blob = kms.encrypt(KeyId=name, Plaintext=b"text")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob, KeyId=name)["KeyId"].endswith(first)
        kms.generate_data_key(KeyId=name, KeySpec="AES_256")
    kms.update_alias(AliasName="alias/a", TargetKeyId=second)
    assert kms.describe_key(KeyId=alias_arn)["KeyMetadata"]["KeyId"] == second
    kms.delete_alias(AliasName="alias/a")
    for name in ("alias/a", alias_arn):
        assert error_of(kms.describe_key, KeyId=name) == (
            "NotFoundException",
            f"Alias {alias_arn} is not found.",
        )


def test_u6_an_alias_may_move_between_stores_and_ordinary_keys(kms: Any, store: KeyStore) -> None:
    in_store = store.create_key()
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=in_store)
    kms.update_alias(AliasName="alias/a", TargetKeyId=ordinary)
    assert (aliases(KeyId=in_store), aliases(KeyId=ordinary)) == ({}, {"alias/a": ordinary})
    kms.update_alias(AliasName="alias/a", TargetKeyId=in_store)
    kms.update_alias(AliasName="alias/a", TargetKeyId=in_store)
    assert (aliases(KeyId=in_store), aliases(KeyId=ordinary)) == ({"alias/a": in_store}, {})


def test_u6_an_alias_exists_once(kms: Any, store: KeyStore) -> None:
    first, second = store.create_key(), store.create_key()
    kms.create_alias(AliasName="alias/a", TargetKeyId=first)
    for target in (first, second):
        code, _ = error_of(kms.create_alias, AliasName="alias/a", TargetKeyId=target)
        assert code == "AlreadyExistsException"
    assert aliases() == {"alias/a": first}
    kms.delete_alias(AliasName="alias/a")
    assert error_of(kms.delete_alias, AliasName="alias/a")[0] == "NotFoundException"
    missing = error_of(kms.update_alias, AliasName="alias/a", TargetKeyId=first)
    assert missing[0] == "NotFoundException"
    kms.create_alias(AliasName="alias/a", TargetKeyId=second)
    assert aliases() == {"alias/a": second}


def test_u6_an_alias_is_of_one_region(kms: Any, store: KeyStore) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=store.create_key())
    there = client("kms", OTHER_REGION)
    arn = "arn:aws:kms:us-east-1:123456789012:alias/a"
    assert error_of(there.describe_key, KeyId="alias/a")[0] == "NotFoundException"
    assert error_of(there.encrypt, KeyId=arn, Plaintext=b"t")[0] == "NotFoundException"
    foreign = arn.replace("us-east-1", OTHER_REGION)
    assert error_of(kms.describe_key, KeyId=foreign)[0] == "NotFoundException"
    key_there = there.create_key()["KeyMetadata"]["KeyId"]
    there.create_alias(AliasName="alias/a", TargetKeyId=key_there)
    assert there.describe_key(KeyId="alias/a")["KeyMetadata"]["KeyId"] == key_there


def test_u6_many_keys_and_aliases(kms: Any) -> None:
    made = {}
    for number in range(150):
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key_id)
        made[f"alias/{number}"] = key_id
    assert aliases() == made
    for name in list(made)[::7]:
        kms.delete_alias(AliasName=name)
        del made[name]
    assert aliases() == made
    for name, key_id in made.items():
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key_id


def test_u6_an_unknown_target(kms: Any, store: KeyStore) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    code, _ = error_of(kms.create_alias, AliasName="alias/a", TargetKeyId=unknown)
    assert code == "NotFoundException"
    kms.create_alias(AliasName="alias/a", TargetKeyId=store.create_key())
    assert error_of(kms.update_alias, AliasName="alias/a", TargetKeyId=unknown)[0] == code
    refused = error_of(kms.create_alias, AliasName="alias/b", TargetKeyId="alias/a")
    assert refused[0] == "ValidationException"
    assert list(aliases()) == ["alias/a"]


class AliasMachine(RuleBasedStateMachine):
    """Aliases against a dictionary, with keys that come and go."""

    names = st.sampled_from(["alias/a", "alias/b", "alias/c"])
    numbers = st.integers(0, 2)

    @initialize()
    def begin(self) -> None:
        self.mock = mock_cks()
        self.mock.start()
        self.keys = [client("kms").create_key()["KeyMetadata"]["KeyId"] for _ in range(3)]
        self.model: dict[str, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "mock"):
            self.mock.stop()

    @rule(name=names, number=numbers)
    def create(self, name: str, number: int) -> None:
        call = {"AliasName": name, "TargetKeyId": self.keys[number]}
        if name in self.model:
            assert error_of(client("kms").create_alias, **call)[0] == "AlreadyExistsException"
        else:
            client("kms").create_alias(**call)
            self.model[name] = self.keys[number]

    @rule(name=names, number=numbers)
    def update(self, name: str, number: int) -> None:
        call = {"AliasName": name, "TargetKeyId": self.keys[number]}
        if name in self.model:
            client("kms").update_alias(**call)
            self.model[name] = self.keys[number]
        else:
            assert error_of(client("kms").update_alias, **call)[0] == "NotFoundException"

    @rule(name=names)
    def delete(self, name: str) -> None:
        if self.model.pop(name, None):
            client("kms").delete_alias(AliasName=name)
        else:
            assert error_of(client("kms").delete_alias, AliasName=name)[0] == "NotFoundException"

    @rule(number=numbers)
    def replace_key(self, number: int) -> None:
        gone = self.keys[number]
        kms_backends["123456789012"]["us-east-1"].delete_key(gone)
        self.keys[number] = client("kms").create_key()["KeyMetadata"]["KeyId"]
        self.model = {name: key for name, key in self.model.items() if key != gone}

    @invariant()
    def the_same(self) -> None:
        assert aliases() == self.model
        for name, key_id in self.model.items():
            assert client("kms").describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key_id


TestAliases = AliasMachine.TestCase
TestAliases.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)


# Grants ------------------------------------------------------------------------------------------


def test_u6_grants(kms: Any, store: KeyStore) -> None:
    first, second = store.create_key(), store.create_key()
    mine = grant(first, Name="mine", RetiringPrincipal=RETIREE)
    other, foreign = grant(first), grant(second, RetiringPrincipal=RETIREE)
    assert grants(first) == [mine["GrantId"], other["GrantId"]]
    (entry,) = kms.list_grants(KeyId=first, GrantId=mine["GrantId"])["Grants"]
    assert (entry["Name"], entry["GranteePrincipal"]) == ("mine", GRANTEE)
    retirable = kms.list_retirable_grants(RetiringPrincipal=RETIREE)["Grants"]
    assert {one["GrantId"] for one in retirable} == {mine["GrantId"], foreign["GrantId"]}

    kms.revoke_grant(KeyId=first, GrantId=other["GrantId"])
    assert grants(first) == [mine["GrantId"]]
    revoked_twice = error_of(kms.revoke_grant, KeyId=first, GrantId=other["GrantId"])
    assert revoked_twice[0] == "NotFoundException"
    kms.retire_grant(GrantToken=mine["GrantToken"])
    assert grants(first) == []
    kms.retire_grant(KeyId=second, GrantId=foreign["GrantId"])
    assert grants(second) == []


def test_u6_retirable_grants_are_those_of_one_principal(kms: Any) -> None:
    unchecked = client("kms", parameter_validation=False)
    code, message = error_of(unchecked.list_retirable_grants)
    assert code == "ValidationException"
    assert "RetiringPrincipal" in message or "retiringPrincipal" in message


def test_u6_a_token_retires_its_own_grant_only(kms: Any, store: KeyStore) -> None:
    keys = [store.create_key(), kms.create_key()["KeyMetadata"]["KeyId"]]
    made = [grant(key) for key in keys for _ in range(2)]
    kms.retire_grant(GrantToken=made[1]["GrantToken"])
    assert grants(keys[0]) == [made[0]["GrantId"]]
    assert grants(keys[1]) == [made[2]["GrantId"], made[3]["GrantId"]]


# Keys that go away -------------------------------------------------------------------------------


def test_u6_a_deleted_key_takes_aliases_grants_and_tags_along(kms: Any, store: KeyStore) -> None:
    for key_id in (store.create_key(), kms.create_key()["KeyMetadata"]["KeyId"]):
        kms.create_alias(AliasName="alias/a", TargetKeyId=key_id)
        kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "k", "TagValue": "v"}])
        made = grant(key_id, RetiringPrincipal=RETIREE)
        kms_backends["123456789012"]["us-east-1"].delete_key(key_id)
        assert error_of(kms.describe_key, KeyId="alias/a")[0] == "NotFoundException"
        assert error_of(kms.describe_key, KeyId=key_id)[0] == "NotFoundException"
        assert aliases() == {}
        assert kms.list_retirable_grants(RetiringPrincipal=RETIREE)["Grants"] == []
        kms.retire_grant(GrantToken=made["GrantToken"])  # of a grant that is gone
    assert kms.list_keys()["Keys"] == []


def test_m2_cloudformation(kms: Any) -> None:
    cloudformation = client("cloudformation")
    template = {
        "Resources": {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}},
            "Alias": {
                "Type": "AWS::KMS::Alias",
                "Properties": {"AliasName": "alias/stack", "TargetKeyId": {"Ref": "Key"}},
            },
        }
    }
    cloudformation.create_stack(StackName="stack", TemplateBody=json.dumps(template))
    blob = kms.encrypt(KeyId="alias/stack", Plaintext=b"text")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"
    cloudformation.delete_stack(StackName="stack")
    assert aliases() == {}
    assert error_of(kms.encrypt, KeyId="alias/stack", Plaintext=b"t")[0] == "NotFoundException"
    kms.create_alias(AliasName="alias/stack", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


# Ordinary keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key_spec", "algorithm"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ],
)
def test_m2_ordinary_keys_sign(kms: Any, key_spec: str, algorithm: str) -> None:
    key = kms.create_key(KeySpec=key_spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert key["KeySpec"] == key_spec
    assert algorithm in key["SigningAlgorithms"]
    call = {"KeyId": key["KeyId"], "SigningAlgorithm": algorithm}
    signature = kms.sign(**call, Message=b"text")["Signature"]
    assert kms.verify(**call, Message=b"text", Signature=signature)["SignatureValid"]
    wrong = error_of(kms.verify, **call, Message=b"other", Signature=signature)
    assert wrong == ("KMSInvalidSignatureException", "")
    assert kms.get_public_key(KeyId=key["KeyId"])["PublicKey"]


@pytest.mark.parametrize("size", [224, 256, 384, 512])
def test_m2_ordinary_keys_make_macs(kms: Any, size: int) -> None:
    key = kms.create_key(KeySpec=f"HMAC_{size}", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    call = {"KeyId": key["KeyId"], "MacAlgorithm": f"HMAC_SHA_{size}"}
    mac = kms.generate_mac(**call, Message=b"text")["Mac"]
    assert kms.verify_mac(**call, Message=b"text", Mac=mac)["MacValid"]
    wrong = error_of(kms.verify_mac, **call, Message=b"other", Mac=mac)
    assert wrong[0] == "KMSInvalidMacException"


@pytest.mark.parametrize(
    "kind",
    [{}, {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, {"Origin": "EXTERNAL"}],
    ids=str,
)
def test_m2_a_symmetric_key_has_no_public_key(kms: Any, kind: dict[str, str]) -> None:
    key_id = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    refused = error_of(kms.get_public_key, KeyId=key_id)
    assert refused == ("UnsupportedOperationException", "")


@pytest.mark.parametrize("made_in", ["mock_aws", "mock_cks"])
def test_m2_a_symmetric_key_of_moto_has_none_either(made_in: str) -> None:
    with mock_aws():
        kms = client("kms")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        with mock_cks():
            if made_in == "mock_cks":
                key_id = kms.create_key()["KeyMetadata"]["KeyId"]
            assert error_of(kms.get_public_key, KeyId=key_id)[0] == "UnsupportedOperationException"
        assert kms.get_public_key(KeyId=key_id)["PublicKey"]  # so does moto


@pytest.mark.parametrize(
    "kind",
    [{}, {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}],
    ids=str,
)
@pytest.mark.parametrize("method", ["sign", "verify"])
def test_m2_a_symmetric_key_does_not_sign(kms: Any, kind: dict[str, str], method: str) -> None:
    key_id = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    call: dict[str, Any] = {
        "KeyId": key_id,
        "Message": b"text",
        "SigningAlgorithm": "ECDSA_SHA_256",
    }
    if method == "verify":
        call["Signature"] = b"signature"
    assert error_of(getattr(kms, method), **call)[0] == "InvalidKeyUsageException"


def test_m2_multi_region_keys(kms: Any) -> None:
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.create_alias(AliasName="alias/primary", TargetKeyId=primary["KeyId"])
    grant(primary["KeyId"])
    kms.replicate_key(KeyId=primary["Arn"], ReplicaRegion=OTHER_REGION)
    there = client("kms", OTHER_REGION)
    assert there.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]["MultiRegion"]
    assert error_of(there.describe_key, KeyId="alias/primary")[0] == "NotFoundException"
    assert there.list_grants(KeyId=primary["KeyId"])["Grants"] == []
    there.create_alias(AliasName="alias/replica", TargetKeyId=primary["KeyId"])
    assert aliases() == {"alias/primary": primary["KeyId"]}

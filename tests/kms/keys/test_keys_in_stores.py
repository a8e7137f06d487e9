"""What CreateKey makes in a key store (K6), and GenerateRandom (K7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from moto_cks import KeyStore
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import POLICY, delete_cluster, delete_hsms, disconnect

# K6: what CreateKey makes ------------------------------------------------------------------------


def test_k6_key_material_is_in_every_hsm(cloudhsm: Any, kms: Any, store: KeyStore) -> None:
    zone = store.cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zone)
    arn = kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["Arn"]
    assert len(store.cluster.hsms) == 3
    handles = set()
    for hsm in store.cluster.hsms:
        (key,) = hsm.keys
        assert (key.label, key.owner) == (arn, "kmsuser")
        assert (key.template.key_type, key.template.value_length) == ("AES", 32)
        assert key.template.token
        assert not key.template.extractable
        assert key.template.encrypt
        assert key.template.decrypt
        handles.add(key.handle)
    assert len(handles) == 1


def test_k6_an_hsm_that_is_added_later_has_it_too(
    cloudhsm: Any, store: KeyStore, key_id: str
) -> None:
    zone = store.cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=store.cluster.id, AvailabilityZone=zone)
    first, second, third = (hsm.keys for hsm in store.cluster.hsms)
    assert first == second == third
    assert len(third) == 1


def test_k6_each_key_has_a_handle_of_its_own(kms: Any, store: KeyStore) -> None:
    arns = [kms.describe_key(KeyId=store.create_key())["KeyMetadata"]["Arn"] for _ in range(3)]
    keys = store.cluster.hsms[0].keys
    assert [key.label for key in keys] == arns
    assert len({key.handle for key in keys}) == 3


def test_k6_describe_key(kms: Any, store: KeyStore) -> None:
    created = kms.create_key(
        Origin="AWS_CLOUDHSM",
        CustomKeyStoreId=store.id,
        Description="described",
        Tags=[{"TagKey": "k", "TagValue": "v"}],
        Policy=POLICY,
    )["KeyMetadata"]
    metadata = kms.describe_key(KeyId=created["KeyId"])["KeyMetadata"]
    assert metadata == created
    assert metadata["CustomKeyStoreId"] == store.id
    assert metadata["CloudHsmClusterId"] == store.cluster.id
    assert metadata["Origin"] == "AWS_CLOUDHSM"
    assert metadata["KeyManager"] == "CUSTOMER"
    assert metadata["KeySpec"] == metadata["CustomerMasterKeySpec"] == "SYMMETRIC_DEFAULT"
    assert metadata["KeyUsage"] == "ENCRYPT_DECRYPT"
    assert metadata["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    assert metadata["MultiRegion"] is False
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["Description"] == "described"
    assert "SigningAlgorithms" not in metadata
    assert "DeletionDate" not in metadata
    tags = kms.list_resource_tags(KeyId=created["KeyId"])["Tags"]
    assert tags == [{"TagKey": "k", "TagValue": "v"}]
    policy = kms.get_key_policy(KeyId=created["KeyId"], PolicyName="default")
    assert policy["Policy"] == POLICY
    assert created["KeyId"] in {key["KeyId"] for key in kms.list_keys()["Keys"]}


def test_k6_g2_what_is_not_asked_for_is_empty(kms: Any, store: KeyStore) -> None:
    for kind in ({}, {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store.id}):
        metadata = kms.create_key(**kind)["KeyMetadata"]
        assert metadata["Description"] == ""
        assert kms.list_resource_tags(KeyId=metadata["KeyId"])["Tags"] == []
        policy = json.loads(kms.get_key_policy(KeyId=metadata["KeyId"])["Policy"])
        assert policy["Id"] == "key-default-1"


def test_k6_ordinary_keys_have_none_of_it(kms: Any, store: KeyStore) -> None:
    metadata = kms.create_key()["KeyMetadata"]
    assert not {"CustomKeyStoreId", "CloudHsmClusterId"} & set(metadata)
    assert store.cluster.hsms[0].keys == ()


@pytest.mark.parametrize(
    "elsewhere", [{"region": OTHER_REGION}, {"account_id": OTHER_ACCOUNT}], ids=str
)
def test_k6_a_key_belongs_to_its_region_and_account(
    kms: Any, store: KeyStore, key_id: str, elsewhere: dict[str, str]
) -> None:
    other = client("kms", **elsewhere)
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    for name in (key_id, arn):
        assert error_of(other.describe_key, KeyId=name)[0] == "NotFoundException"
        assert error_of(other.encrypt, KeyId=name, Plaintext=b"t")[0] == "NotFoundException"
    code, _ = error_of(other.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=store.id)
    assert code == "CustomKeyStoreNotFoundException"
    foreign = arn.replace("us-east-1", OTHER_REGION).replace("123456789012", OTHER_ACCOUNT)
    assert error_of(kms.describe_key, KeyId=foreign)[0] == "NotFoundException"


# K7: GenerateRandom ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 32, 1024])
def test_k7_random_bytes_of_a_cluster(kms: Any, store: KeyStore, size: int) -> None:
    answer = kms.generate_random(NumberOfBytes=size, CustomKeyStoreId=store.id)
    assert len(answer["Plaintext"]) == size
    again = kms.generate_random(NumberOfBytes=size, CustomKeyStoreId=store.id)
    assert size == 1 or again["Plaintext"] != answer["Plaintext"]


def test_k7_in_an_unknown_store(kms: Any, store: KeyStore) -> None:
    code, _ = error_of(
        kms.generate_random, NumberOfBytes=8, CustomKeyStoreId="cks-1234567890abcdef0"
    )
    assert code == "CustomKeyStoreNotFoundException"


def test_k7_in_a_store_that_is_not_connected(kms: Any, store: KeyStore) -> None:
    disconnect(store)
    code, _ = error_of(kms.generate_random, NumberOfBytes=8, CustomKeyStoreId=store.id)
    assert code == "CustomKeyStoreInvalidStateException"
    assert len(kms.generate_random(NumberOfBytes=8)["Plaintext"]) == 8


@pytest.mark.parametrize("cause", [delete_hsms, delete_cluster])
def test_k7_from_a_cluster_that_cannot_be_reached(
    kms: Any, store: KeyStore, cause: Callable[..., None]
) -> None:
    cause(store.cluster)
    code, _ = error_of(kms.generate_random, NumberOfBytes=8, CustomKeyStoreId=store.id)
    assert code == "DependencyTimeoutException"


@pytest.mark.parametrize("in_store", [False, True])
@pytest.mark.parametrize(
    ("size", "message"),
    [
        (None, "NumberOfBytes is required."),
        (
            0,
            "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1",
        ),
        (
            1025,
            "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy "
            "constraint: Member must have value less than or equal to 1024",
        ),
    ],
)
def test_k7_how_many_bytes(store: KeyStore, in_store: bool, size: int | None, message: str) -> None:
    parameters: dict[str, Any] = {} if size is None else {"NumberOfBytes": size}
    if in_store:
        parameters["CustomKeyStoreId"] = store.id
    unchecked = client("kms", parameter_validation=False)
    assert error_of(unchecked.generate_random, **parameters) == ("ValidationException", message)

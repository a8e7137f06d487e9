"""``mock_cks`` is ``mock_aws`` and more: nested with it, and what it leaves of moto (M2)."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudhsmv2.models import CloudHSMV2Backend, cloudhsmv2_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.kms.models import KmsBackend, kms_backends

from moto_cks import cks, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, REGION, client

from . import (
    ORIGINALS,
    classes_in_use,
    leave_mark,
    marks,
    plugin_is_on,
    refused,
    settings_of_moto,
    state_of,
)


@mock_cks
def test_m2_the_other_services_work() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"body")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"body"
    assert client("sts").get_caller_identity()["Account"] == DEFAULT_ACCOUNT_ID


@mock_cks
def test_m2_another_service_uses_the_keys_of_a_store() -> None:
    key_id = cks.create_key_store().create_key()
    volume = client("ec2").create_volume(
        AvailabilityZone="us-east-1a", Size=1, Encrypted=True, KmsKeyId=key_id
    )
    assert key_id in volume["KmsKeyId"]


def test_m2_mock_aws_inside() -> None:
    with mock_cks() as handle:
        store = handle.create_key_store()
        with mock_aws():
            assert state_of(store.id) == "CONNECTED"
        assert store.create_key()


def test_m2_mock_aws_outside() -> None:
    with mock_aws():
        bucket = client("s3").create_bucket(Bucket="bucket")
        with mock_cks() as handle:
            store = handle.create_key_store()
            subnet_ids = store.cluster.subnet_ids
            assert client("s3").list_buckets()["Buckets"][0]["Name"] == "bucket"
            assert state_of(store.id) == "CONNECTED"
        assert bucket
        assert client("s3").list_buckets()["Buckets"][0]["Name"] == "bucket"
        assert client("ec2").describe_subnets(SubnetIds=subnet_ids)


def test_m2_mock_cks_inside_mock_cks() -> None:
    with mock_cks() as handle:
        store = handle.create_key_store()
        with mock_cks() as inner:
            assert inner is handle
            assert state_of(store.id) == "CONNECTED"
            inner_key = store.create_key()
        assert client("kms").describe_key(KeyId=inner_key)["KeyMetadata"]["Enabled"]


def test_m2_the_same_function_decorated_twice() -> None:
    before = settings_of_moto()

    @mock_cks
    @mock_cks
    def names() -> list[str]:
        leave_mark("twice")
        return marks()

    assert names() == ["twice"]
    assert names() == ["twice"]
    assert settings_of_moto() == before


@pytest.mark.parametrize("outer", [mock_aws, mock_cks])
def test_m2_interleaved(outer: Any) -> None:
    first, second = outer(), mock_cks()
    first.start()
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    second.start()
    store = cks.create_key_store()
    first.stop()
    assert state_of(store.id) == "CONNECTED"
    assert client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyId"] == key_id
    second.stop()


def test_m2_mock_cks_stops_before_the_mock_aws_inside_it() -> None:
    first, second = mock_cks(), mock_aws()
    first.start()
    key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
    stored = cks.create_key_store().create_key()
    second.start()
    first.stop()
    assert not plugin_is_on()
    assert [key["KeyId"] for key in client("kms").list_keys()["Keys"]] == [key_id]
    with refused("NotFoundException"):
        client("kms").describe_key(KeyId=stored)
    second.stop()


@pytest.mark.parametrize("outer", [contextlib.nullcontext, mock_aws, mock_cks])
def test_m2_an_exception_inside(outer: Any) -> None:
    class Boom(Exception):
        pass

    def explode() -> None:
        with mock_cks() as handle:
            handle.create_cluster()
            raise Boom

    with outer():
        classes, settings = classes_in_use(), settings_of_moto()
        with pytest.raises(Boom):
            explode()
        assert (classes_in_use(), settings_of_moto()) == (classes, settings)


@mock_aws
def test_m2_backends_become_moto_s_again() -> None:
    client("kms").create_key()
    ((_, _, backend),) = kms_backends.iter_backends()
    with mock_cks() as handle:
        assert not classes_in_use() & set(ORIGINALS)
        handle.create_key_store(region=OTHER_REGION, account_id=OTHER_ACCOUNT)
        assert not classes_in_use() & set(ORIGINALS)
    assert classes_in_use() == set(ORIGINALS)
    assert kms_backends[DEFAULT_ACCOUNT_ID][REGION] is backend
    assert type(kms_backends[OTHER_ACCOUNT][OTHER_REGION]) is KmsBackend
    assert type(cloudhsmv2_backends[OTHER_ACCOUNT][OTHER_REGION]) is CloudHSMV2Backend


@mock_aws
def test_m2_nothing_created_before_entering_is_lost() -> None:
    kms = client("kms")
    key_id = kms.create_key(Description="before", Tags=[{"TagKey": "k", "TagValue": "v"}])[
        "KeyMetadata"
    ]["KeyId"]
    kms.create_alias(AliasName="alias/before", TargetKeyId=key_id)
    grant = kms.create_grant(KeyId=key_id, GranteePrincipal="arn:aws:iam::1:root", Operations=[])
    ciphertext = kms.encrypt(KeyId="alias/before", Plaintext=b"plaintext")["CiphertextBlob"]
    kms.disable_key(KeyId=key_id)

    def check() -> None:
        metadata = kms.describe_key(KeyId="alias/before")["KeyMetadata"]
        assert (metadata["KeyId"], metadata["Description"]) == (key_id, "before")
        assert metadata["KeyState"] == "Disabled"
        assert [item["AliasName"] for item in kms.list_aliases(KeyId=key_id)["Aliases"]] == [
            "alias/before"
        ]
        assert kms.list_grants(KeyId=key_id)["Grants"][0]["GrantId"] == grant["GrantId"]
        assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "k", "TagValue": "v"}]

    check()
    with mock_cks():
        check()
        with refused("DisabledException"):  # what moto lets through
            kms.decrypt(CiphertextBlob=ciphertext)
        kms.enable_key(KeyId=key_id)
        assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"plaintext"
        inside = kms.create_key(Description="inside")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/inside", TargetKeyId=inside)
        second = kms.encrypt(KeyId=inside, Plaintext=b"inside")["CiphertextBlob"]
        kms.disable_key(KeyId=key_id)
    check()
    with pytest.raises(ClientError):
        kms.decrypt(CiphertextBlob=second)  # it is bound to more than moto's ciphertexts are
    assert kms.describe_key(KeyId="alias/inside")["KeyMetadata"]["KeyId"] == inside
    assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"plaintext"


@mock_aws
def test_m2_key_stores_and_their_keys_leave_with_the_mock() -> None:
    kms = client("kms")
    before = kms.create_key()["KeyMetadata"]["KeyId"]
    with mock_cks() as handle:
        store = handle.create_key_store()
        key_id = store.create_key()
        kms.create_alias(AliasName="alias/stored", TargetKeyId=key_id)
        ciphertext = kms.encrypt(KeyId=key_id, Plaintext=b"plaintext")["CiphertextBlob"]
        assert {key["KeyId"] for key in kms.list_keys()["Keys"]} == {before, key_id}
    assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == [before]
    assert "alias/stored" not in [item["AliasName"] for item in kms.list_aliases()["Aliases"]]
    with refused("NotFoundException"):
        kms.describe_key(KeyId=key_id)
    with mock_cks():  # the same world goes on
        assert state_of(store.id) == "CONNECTED"
        assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"plaintext"
        assert kms.describe_key(KeyId="alias/stored")["KeyMetadata"]["KeyId"] == key_id


@mock_aws
def test_m2_moto_s_cloudhsm_works_as_before() -> None:
    cloudhsm = client("cloudhsmv2")
    before = cloudhsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=["subnet-12345678"]
    )
    described = cloudhsm.describe_clusters()["Clusters"]
    with mock_cks() as handle:
        cluster = handle.create_cluster()
        ids = [item["ClusterId"] for item in cloudhsm.describe_clusters()["Clusters"]]
        assert ids == [before["Cluster"]["ClusterId"], cluster.id]
    assert cloudhsm.describe_clusters()["Clusters"] == described
    after = cloudhsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=["subnet-12345678"]
    )
    assert len(cloudhsm.describe_clusters()["Clusters"]) == 2
    assert after["Cluster"]["State"] == before["Cluster"]["State"]


@mock_aws
def test_m2_moto_s_kms_works_as_before() -> None:
    kms = client("kms")
    with mock_cks() as handle:
        handle.create_key_store()
    for spec, usage in [("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY")]:
        key_id = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeySpec"] == spec
    with pytest.raises((ClientError, NotImplementedError)):
        kms.describe_custom_key_stores()

"""How the checks come to moto's services, and go again (row G13)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count
from moto.core.base_backend import BackendDict
from moto.core.model_instances import model_data

from moto_cks import mock_cks
from moto_cks.pytest_plugin.worlds import TestWorld
from tests.aws import client, client_as, error_of, failure

MAY_USE_S3 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}

PLAIN = """
import sys
import boto3
from moto_cks import mock_cks

with mock_cks() as cks:
    store = cks.create_key_store(connect=False)
    boto3.client("kms", region_name="us-east-1").list_keys()
services = "secretsmanager ssm sqs sns kinesis dynamodb rds logs cloudformation".split()
print(*[name for name in services if f"moto.{name}.models" in sys.modules])
"""


def test_g13_no_service_is_loaded_for_the_sake_of_its_checks() -> None:
    ran = subprocess.run([sys.executable, "-c", PLAIN], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def put_object(key_id: str) -> None:
    client("s3").put_object(
        Bucket="bucket", Key="key", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_id
    )


def get_object() -> bytes:
    body: bytes = client("s3").get_object(Bucket="bucket", Key="key")["Body"].read()
    return body


def test_g13_outside_of_the_mock_moto_is_as_it_was() -> None:
    with mock_aws():
        client("s3").create_bucket(Bucket="bucket")
        with mock_cks():
            key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
            put_object(key_id)
            secure: Any = {"Type": "SecureString", "KeyId": key_id, "Value": "x"}
            client("ssm").put_parameter(Name="/app/key", **secure)
            client("ssm").get_parameter(Name="/app/key", WithDecryption=True)
            assert get_object() == b"x"
            client("kms").disable_key(KeyId=key_id)
            assert error_of(get_object)[0] == "KMS.DisabledException"
        assert get_object() == b"x"
        put_object("no-key-at-all")
        answer = client("ssm").get_parameter(Name="/app/key", WithDecryption=True)
        assert answer["Parameter"]["Value"] == "x"
        with mock_cks():
            assert error_of(get_object)[0] == "KMS.NotFoundException"
    assert type(BackendDict._instances) is list  # type: ignore[misc]


def test_g13_what_was_there_before_the_mock_is_checked_in_it() -> None:
    with mock_aws():
        client("s3").create_bucket(Bucket="bucket")
        key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
        put_object(key_id)
        secure: Any = {"Type": "SecureString", "KeyId": key_id, "Value": "x"}
        client("ssm").put_parameter(Name="/app/key", **secure)
        with mock_cks():
            assert get_object() == b"x"
            client("kms").disable_key(KeyId=key_id)
            assert error_of(get_object)[0] == "KMS.DisabledException"
            refused = error_of(
                client("ssm").get_parameter_history, Name="/app/key", WithDecryption=True
            )
            assert refused[0] == "InvalidKeyId"


def test_g13_a_reset_forgets_the_data_and_not_the_checks() -> None:
    with mock_cks() as cks:
        for _ in range(2):
            client("s3").create_bucket(Bucket="bucket")
            key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
            put_object(key_id)
            client("kms").disable_key(KeyId=key_id)
            assert error_of(get_object)[0] == "KMS.DisabledException"
            cks.reset()


def test_g13_the_world_of_a_test_within_another_one_is_checked_as_well() -> None:
    with mock_cks():
        client("s3").create_bucket(Bucket="bucket")
        key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
        put_object(key_id)
        with TestWorld(()).entered():
            secure: Any = {"Type": "SecureString", "KeyId": key_id, "Value": "x"}
            refused = error_of(client("ssm").put_parameter, Name="/app/key", **secure)
            assert refused[0] == "InvalidKeyId"
        assert get_object() == b"x"
        client("kms").disable_key(KeyId=key_id)
        assert error_of(get_object)[0] == "KMS.DisabledException"


def test_g13_an_alias_with_another_key_does_not_matter_to_what_is_encrypted() -> None:
    with mock_cks():
        kms = client("kms")
        first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
        kms.create_alias(AliasName="alias/app", TargetKeyId=first)
        client("s3").create_bucket(Bucket="bucket")
        put_object("alias/app")
        kms.update_alias(AliasName="alias/app", TargetKeyId=second)
        kms.disable_key(KeyId=second)
        assert get_object() == b"x"
        kms.disable_key(KeyId=first)
        assert error_of(get_object)[0] == "KMS.DisabledException"


@pytest.mark.parametrize("named", [None, "alias/aws/s3"])
def test_g13_the_keys_that_aws_manages_can_always_be_used(named: str | None) -> None:
    with mock_cks():
        s3 = client("s3")
        s3.create_bucket(Bucket="bucket")
        key = {} if named is None else {"SSEKMSKeyId": named}
        encryption = {"ServerSideEncryption": "aws:kms", **key}
        s3.put_object(Bucket="bucket", Key="key", Body=b"x", **encryption)
        assert get_object() == b"x"


def test_g13_a_key_store_that_is_mended_is_mended_for_the_services() -> None:
    with mock_cks() as cks:
        store = cks.create_key_store()
        key_id = store.create_key()
        client("s3").create_bucket(Bucket="bucket")
        put_object(key_id)
        with cks.failures["user-locked-out"].happen(store):
            assert error_of(get_object)[0] == "KMS.KMSInvalidStateException"
        assert get_object() == b"x"


def test_g13_threads_use_keys_side_by_side() -> None:
    with mock_cks() as cks:
        key_id = cks.create_key_store().create_key()
        client("s3").create_bucket(Bucket="bucket")
        problems: list[Exception] = []

        def work(number: int) -> None:
            name = {"Bucket": "bucket", "Key": str(number)}
            encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id}
            try:
                for _ in range(20):
                    client("s3").put_object(**name, Body=b"x", **encryption)
                    assert client("s3").get_object(**name)["Body"].read() == b"x"
                    client("kms").describe_key(KeyId=key_id)
            except Exception as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []


def test_g13_moto_s_dashboard_knows_no_classes_of_ours() -> None:
    with mock_cks():
        key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
        client("s3").create_bucket(Bucket="bucket")
        put_object(key_id)
        get_object()
        assert model_data["s3"]["FakeKey"].__module__ == "moto.s3.models"
        assert "consumers" not in model_data


def test_g13_iam_is_asked_about_the_caller_and_not_about_the_service() -> None:
    with mock_cks():
        client("iam").create_user(UserName="bob")
        access_key = client("iam").create_access_key(UserName="bob")["AccessKey"]
        client("iam").put_user_policy(
            UserName="bob", PolicyName="s3", PolicyDocument=json.dumps(MAY_USE_S3)
        )
        key_id = client("kms").create_key()["KeyMetadata"]["KeyId"]
        client("s3").create_bucket(Bucket="bucket")

        @set_initial_no_auth_action_count(0)
        def as_bob() -> None:
            client_as(access_key, "s3").put_object(
                Bucket="bucket",
                Key="key",
                Body=b"x",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=key_id,
            )
            assert failure(client_as(access_key, "kms").describe_key, KeyId=key_id)[2] == 403

        as_bob()
        assert get_object() == b"x"

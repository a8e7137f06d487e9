"""What CloudTrail records of the calls that services make for their callers (row G13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from moto_cks import Cks, mock_cks
from moto_cks.cloudtrail.event_bus import MissingTrailWarning
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, client_as, error_of

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def world() -> Iterator[Cks]:
    with mock_cks() as cks:
        yield cks


@pytest.fixture
def key(world: Cks) -> dict[str, Any]:
    metadata: dict[str, Any] = client("kms").create_key()["KeyMetadata"]
    return metadata


def put(key_id: str, s3: Any = None, **parameters: Any) -> None:
    (s3 or client("s3")).put_object(
        **{"Bucket": "bucket", "Key": "object", "Body": b"x"} | parameters,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key_id,
    )


def invoked(world: Cks) -> list[dict[str, Any]]:
    """The records of calls by services, oldest first."""
    return [event for event in world.trail.events() if "invokedBy" in event["userIdentity"]]


def test_g13_a_call_for_a_user_names_the_user_and_the_service(
    world: Cks, key: dict[str, Any]
) -> None:
    client("s3").create_bucket(Bucket="bucket")
    client("iam").create_user(UserName="bob")
    access_key = client("iam").create_access_key(UserName="bob")["AccessKey"]
    credentials = {
        "AccessKeyId": access_key["AccessKeyId"],
        "SecretAccessKey": access_key["SecretAccessKey"],
    }
    put(key["Arn"], client_as(credentials, "s3"))
    (event,) = invoked(world)
    identity = event["userIdentity"]
    assert (identity["type"], identity["userName"]) == ("IAMUser", "bob")
    assert identity["accessKeyId"] == access_key["AccessKeyId"]
    assert identity["invokedBy"] == "s3.amazonaws.com"
    assert event["sourceIPAddress"] == event["userAgent"] == "s3.amazonaws.com"
    assert event["eventSource"] == "kms.amazonaws.com"
    assert event["eventName"] == "GenerateDataKey"
    assert event["requestParameters"] == {
        "keyId": key["Arn"],
        "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::bucket/object"},
        "keySpec": "AES_256",
    }
    assert event["resources"][0]["ARN"] == key["Arn"]
    assert event["readOnly"] is True


def test_g13_a_role_that_is_assumed_is_named(world: Cks, key: dict[str, Any]) -> None:
    client("s3").create_bucket(Bucket="bucket")
    role = client("iam").create_role(RoleName="app", AssumeRolePolicyDocument=POLICY)["Role"]
    session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="night")
    put(key["Arn"], client_as(session["Credentials"], "s3"))
    (event,) = invoked(world)
    assert event["userIdentity"]["type"] == "AssumedRole"
    assert event["userIdentity"]["arn"].endswith("assumed-role/app/night")


def test_g13_reading_is_a_decrypt_with_the_context_of_writing(
    world: Cks, key: dict[str, Any]
) -> None:
    client("s3").create_bucket(Bucket="bucket")
    put(key["Arn"])
    client("s3").get_object(Bucket="bucket", Key="object")
    client("s3").head_object(Bucket="bucket", Key="object")
    made, read = invoked(world)
    assert (made["eventName"], read["eventName"]) == ("GenerateDataKey", "Decrypt")
    context = made["requestParameters"]["encryptionContext"]
    assert read["requestParameters"]["encryptionContext"] == context


def test_g13_what_is_refused_is_recorded_with_its_error(world: Cks, key: dict[str, Any]) -> None:
    client("s3").create_bucket(Bucket="bucket")
    client("kms").disable_key(KeyId=key["KeyId"])
    error_of(put, key_id=key["Arn"])
    (event,) = invoked(world)
    assert event["errorCode"] == "DisabledException"
    assert event["errorMessage"] == f"{key['Arn']} is disabled."


def test_g13_secrets_manager_and_parameter_store_are_recorded_likewise(
    world: Cks, key: dict[str, Any]
) -> None:
    secrets, ssm = client("secretsmanager"), client("ssm")
    arn = secrets.create_secret(Name="secret", SecretString="x", KmsKeyId=key["Arn"])["ARN"]
    secrets.put_secret_value(SecretId="secret", SecretString="y")
    secrets.get_secret_value(SecretId="secret")
    ssm.put_parameter(Name="/app/key", Value="x", Type="SecureString", KeyId=key["Arn"])
    ssm.get_parameter(Name="/app/key", WithDecryption=True)
    ssm.get_parameter(Name="/app/key")
    events = invoked(world)
    assert [(one["userIdentity"]["invokedBy"], one["eventName"]) for one in events] == [
        ("secretsmanager.amazonaws.com", "GenerateDataKey"),
        ("secretsmanager.amazonaws.com", "GenerateDataKey"),
        ("secretsmanager.amazonaws.com", "Decrypt"),
        ("ssm.amazonaws.com", "GenerateDataKey"),
        ("ssm.amazonaws.com", "Decrypt"),
    ]
    contexts = [one["requestParameters"].get("encryptionContext") for one in events]
    assert contexts[2] == {"SecretARN": arn}
    parameter = {"PARAMETER_ARN": "arn:aws:ssm:us-east-1:123456789012:parameter/app/key"}
    assert contexts[3] == contexts[4] == parameter


def test_g13_a_service_that_keeps_data_keys_makes_no_record_of_each_use(
    world: Cks, key: dict[str, Any]
) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key["Arn"]})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.receive_message(QueueUrl=url)
    assert invoked(world) == []


def test_g13_a_rule_that_publishes_to_an_encrypted_topic_does_not_call_itself(
    world: Cks, key: dict[str, Any]
) -> None:
    sns, events = client("sns"), client("events")
    topic = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": key["Arn"]})["TopicArn"]
    events.put_rule(Name="kms", EventPattern=json.dumps({"source": ["aws.kms"]}))
    events.put_targets(Rule="kms", Targets=[{"Id": "1", "Arn": topic}])
    client("s3").create_bucket(Bucket="bucket")
    with pytest.warns(MissingTrailWarning):
        put(key["Arn"])
    assert len(invoked(world)) == 1


def test_g13_cloudtrail_s_own_deliveries_are_not_recorded(world: Cks, key: dict[str, Any]) -> None:
    client("s3").create_bucket(Bucket="audit-logs")
    cloudtrail = client("cloudtrail")
    cloudtrail.create_trail(Name="trail", S3BucketName="audit-logs", KmsKeyId=key["Arn"])
    cloudtrail.start_logging(Name="trail")
    world.clock.advance(days=1)
    assert invoked(world) == []
    names = [
        entry["Key"] for entry in client("s3").list_objects_v2(Bucket="audit-logs")["Contents"]
    ]
    assert len(names) == 1  # a delivery gives no reason for another one


def test_g13_calls_of_a_key_store_name_it(world: Cks) -> None:
    store = world.create_key_store()
    client("s3").create_bucket(Bucket="bucket")
    put(store.create_key())
    (event,) = invoked(world)
    additional = event["additionalEventData"]
    assert additional.keys() == {"backingKeyId", "customKeyStoreId"}
    assert additional["customKeyStoreId"] == store.id


# Accounts and Regions ----------------------------------------------------------------------------


def test_g13_a_bucket_asks_kms_in_its_own_region(world: Cks, key: dict[str, Any]) -> None:
    s3 = client("s3", OTHER_REGION)
    place = {"LocationConstraint": OTHER_REGION}
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration=place)
    assert error_of(put, key_id=key["KeyId"], s3=s3)[0] == "KMS.NotFoundException"
    there = client("kms", OTHER_REGION).create_key()["KeyMetadata"]["KeyId"]
    put(there, s3)
    (event,) = [one for one in world.trail.events(region=OTHER_REGION) if "errorCode" not in one][
        -1:
    ]
    assert event["awsRegion"] == OTHER_REGION


def test_g13_a_key_of_another_account_is_asked_for_there(world: Cks) -> None:
    theirs = client("kms", account_id=OTHER_ACCOUNT).create_key()["KeyMetadata"]
    client("s3").create_bucket(Bucket="bucket")
    put(theirs["Arn"])
    client("kms", account_id=OTHER_ACCOUNT).disable_key(KeyId=theirs["KeyId"])
    code, message = error_of(client("s3").get_object, Bucket="bucket", Key="object")
    assert (code, message) == ("KMS.DisabledException", f"{theirs['Arn']} is disabled.")


@pytest.mark.parametrize("name", ["alias/app", None])
def test_g13_the_key_of_a_topic_is_its_owner_s(world: Cks, name: str | None) -> None:
    kms = client("kms", account_id=OTHER_ACCOUNT)
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=key_id)
    topic = client("sns", account_id=OTHER_ACCOUNT).create_topic(
        Name="topic", Attributes={"KmsMasterKeyId": name or key_id}
    )["TopicArn"]
    client("sns").publish(TopicArn=topic, Message="x")
    kms.disable_key(KeyId=key_id)
    code, _ = error_of(client("sns").publish, TopicArn=topic, Message="x")
    assert code == "KMSDisabled"


def test_g13_the_services_of_two_accounts_do_not_see_each_other_s_keys(
    world: Cks, key: dict[str, Any]
) -> None:
    theirs = client("ssm", account_id=OTHER_ACCOUNT)
    secure = {"Type": "SecureString", "Value": "x", "KeyId": key["KeyId"]}
    code, message = error_of(theirs.put_parameter, Name="/app/key", **secure)
    assert code == "InvalidKeyId"
    assert "NotFoundException" in message

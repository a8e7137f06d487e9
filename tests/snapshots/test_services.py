"""moto's other services in snapshots."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest
from moto.backend_index import backend_url_patterns
from moto.backends import get_backend
from moto.core.base_backend import BackendDict

from moto_cks import Cks, KeyStore
from moto_cks.handle.protocols.snapshots import UnsavedServicesWarning
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, client_as
from tests.snapshots.elsewhere import run_on


@pytest.fixture
def saved(world: Cks, store: KeyStore, tmp_path: Path) -> Path:
    """A world with something in many services."""
    key_id = store.create_key()
    s3 = client("s3")
    s3.create_bucket(Bucket="cards")
    s3.put_object(Bucket="cards", Key="a/b", Body=b"\x00\xff" * 10, Metadata={"of": "me"})
    client("s3", OTHER_REGION, OTHER_ACCOUNT).create_bucket(
        Bucket="others", CreateBucketConfiguration={"LocationConstraint": OTHER_REGION}
    )
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="cards",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="cards", Item={"id": {"S": "1"}, "blob": {"B": b"\x01"}})
    topic = client("sns").create_topic(Name="cards")["TopicArn"]
    queue = client("sqs").create_queue(QueueName="cards")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    client("sns").publish(TopicArn=topic, Message="before")
    client("secretsmanager").create_secret(Name="pin", SecretString="1234", KmsKeyId=key_id)
    client("ssm").put_parameter(Name="/pin", Value="1234", Type="SecureString", KeyId=key_id)
    client("iam").create_user(UserName="mary")
    client("events").put_rule(Name="failed", EventPattern=json.dumps({"source": ["aws.kms"]}))
    client("logs").create_log_group(logGroupName="cards")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnsavedServicesWarning)
        world.save(tmp_path / "many.world")
    return tmp_path / "many.world"


FOUND = """
session = boto3.Session("testing", "testing", region_name="us-east-1")
client = session.client
read = client("s3").get_object(Bucket="cards", Key="a/b")
queue = client("sqs").get_queue_url(QueueName="cards")["QueueUrl"]
topic = client("sns").list_topics()["Topics"][0]["TopicArn"]
client("sns").publish(TopicArn=topic, Message="after")
messages = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
parameter = client("ssm").get_parameter(Name="/pin", WithDecryption=True)
tell({
    "object": [list(read["Body"].read()), read["Metadata"]],
    "item": client("dynamodb").get_item(TableName="cards", Key={"id": {"S": "1"}})["Item"]["id"],
    "messages": [json.loads(message["Body"])["Message"] for message in messages],
    "secret": client("secretsmanager").get_secret_value(SecretId="pin")["SecretString"],
    "parameter": parameter["Parameter"]["Value"],
    "users": [user["UserName"] for user in client("iam").list_users()["Users"]],
    "rules": [rule["Name"] for rule in client("events").list_rules()["Rules"]],
    "groups": [
        one["logGroupName"]
        for one in client("logs").describe_log_groups(logGroupNamePrefix="cards")["logGroups"]
    ],
})
"""

SHOULD: dict[str, Any] = {
    "object": [[0, 255] * 10, {"of": "me"}],
    "item": {"S": "1"},
    "messages": ["before", "after"],
    "secret": "1234",
    "parameter": "1234",
    "users": ["mary"],
    "rules": ["failed"],
    "groups": ["cards"],
}


def test_another_process_finds_what_is_in_them(saved: Path) -> None:
    assert run_on(saved, FOUND) == SHOULD


def test_so_does_this_one(world: Cks, saved: Path) -> None:
    client("s3").delete_object(Bucket="cards", Key="a/b")
    client("s3").create_bucket(Bucket="later")
    client("dynamodb").delete_table(TableName="cards")
    world.load(saved)
    assert client("s3").get_object(Bucket="cards", Key="a/b")["Body"].read() == b"\x00\xff" * 10
    assert client("dynamodb").list_tables()["TableNames"] == ["cards"]
    buckets = client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["cards"]
    s3 = client("s3", OTHER_REGION, OTHER_ACCOUNT)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["others"]


def test_names_of_buckets_that_are_gone_are_free(world: Cks) -> None:
    before = world.snapshot()
    client("s3", account_id=OTHER_ACCOUNT).create_bucket(Bucket="mine")
    world.restore(before)
    client("s3").create_bucket(Bucket="mine")


def test_access_keys_and_roles_go_on(world: Cks) -> None:
    iam = client("iam")
    iam.create_user(UserName="mary")
    key = iam.create_access_key(UserName="mary")["AccessKey"]
    world.restore(world.snapshot())
    assert client_as(key, "sts").get_caller_identity()["Arn"].endswith(":user/mary")


def test_a_lambda_function(world: Cks) -> None:
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("f.py", "def handler(event, context): return 1")
    made = client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.11",
        Role=role,
        Handler="f.handler",
        Code={"ZipFile": code.getvalue()},
    )
    client("lambda").create_alias(FunctionName="f", Name="live", FunctionVersion="$LATEST")
    world.restore(world.snapshot())
    found = client("lambda").get_function(FunctionName="f")
    assert found["Configuration"]["FunctionArn"] == made["FunctionArn"]
    assert client("lambda").get_alias(FunctionName="f", Name="live")["Name"] == "live"


def test_a_user_pool(world: Cks) -> None:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    world.restore(world.snapshot())
    assert cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["Name"] == "people"


def test_the_table_of_machine_images(world: Cks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOTO_EC2_LOAD_DEFAULT_AMIS")
    world.create_cluster()  # with moto's EC2 as this package makes it, whose images come late
    early = world.snapshot()
    images = client("ec2").describe_images()["Images"]
    for snapshot in (world.snapshot(), early):
        world.restore(snapshot)
        assert len(client("ec2").describe_images()["Images"]) == len(images) > 100


def test_peered_vpcs_of_two_regions(world: Cks) -> None:
    here, there = client("ec2"), client("ec2", OTHER_REGION)
    mine = here.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    other = there.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    peering = here.create_vpc_peering_connection(
        VpcId=mine, PeerVpcId=other, PeerRegion=OTHER_REGION
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    world.restore(world.snapshot())
    there.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    (found,) = here.describe_vpc_peering_connections()["VpcPeeringConnections"]
    assert found["Status"]["Code"] == "active"


def test_what_cannot_be_saved_is_named_and_left_out(world: Cks, store: KeyStore) -> None:
    client("sqs").create_queue(QueueName="cards")
    client("s3").create_bucket(Bucket="kept")
    backend: Any = get_backend("sqs")["123456789012"]["us-east-1"]
    backend.running = (one for one in "ab")  # as a service has it that is at work
    with pytest.warns(
        UnsavedServicesWarning, match=r"nothing of sqs \(builtins.generator\)"
    ) as got:
        before = world.snapshot()
    assert got[0].filename == __file__
    assert before.left_out == {"sqs": "builtins.generator"}
    world.restore(before)
    assert "QueueUrls" not in client("sqs").list_queues()
    assert len(client("s3").list_buckets()["Buckets"]) == 1
    assert store.create_key()


def test_what_refers_to_what_cannot_be_saved_is_left_out_too(world: Cks) -> None:
    s3: Any = get_backend("s3")["123456789012"]["aws"]
    backend: Any = get_backend("sqs")["123456789012"]["us-east-1"]
    backend.running = (one for one in "ab")
    s3.friend = backend
    with pytest.warns(UnsavedServicesWarning, match="sqs"):
        before = world.snapshot()
    assert before.left_out.keys() == {"s3", "sqs"}


SERVICES = sorted({name for name, _ in backend_url_patterns})


def test_every_service_of_moto_can_be_saved(world: Cks) -> None:
    for name in SERVICES:
        service = get_backend(cast(Any, name))
        if isinstance(service, BackendDict):  # what has accounts and Regions at all
            accounts: Any = service["123456789012"]
            assert accounts["us-east-1" if "us-east-1" in accounts.regions else "aws"]
    before = world.snapshot()
    assert before.left_out == {}
    world.restore(before)

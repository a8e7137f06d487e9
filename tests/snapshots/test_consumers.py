"""What moto's services have encrypted under KMS keys, in saved worlds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from moto import mock_aws
from moto.s3.models import S3Backend, s3_backends

from moto_cks import Cks, KeyStore, cks, mock_cks
from moto_cks.account.dependencies import DependencyWarning
from moto_cks.handle.protocols.snapshots import UnsavedServicesWarning
from tests.aws import client, error_of
from tests.consumers.scenes import DISABLED, SCENES, Scene
from tests.consumers.test_cloudformation import create, template


@pytest.fixture
def moved(world: Cks, tmp_path: Path) -> Callable[[], None]:
    """Goes to the same world as it is in a file."""

    def move() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnsavedServicesWarning)
            world.save(tmp_path / "services.world")
        world.reset()
        world.load(tmp_path / "services.world")

    return move


def new_key() -> str:
    key_id: str = client("kms").create_key()["KeyMetadata"]["KeyId"]
    return key_id


def make_buckets() -> None:
    """A bucket with an encrypted object."""
    sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": new_key()}
    client("s3").create_bucket(Bucket="cards")
    client("s3").put_object(Bucket="cards", Key="a", Body=b"4111", **sealed)


@pytest.mark.parametrize("make_scene", SCENES)
def test_a_service_sees_its_key(moved: Callable[[], None], make_scene: type[Scene]) -> None:
    arn = client("kms").create_key()["KeyMetadata"]["Arn"]
    scene = make_scene(arn)
    moved()
    client("kms").disable_key(KeyId=arn)
    moved()
    for operations, reading in ((scene.writes, False), (scene.reads, True)):
        for call in operations.values():
            code, begins = scene.error(DISABLED, f"{arn} is disabled.", reading=reading)
            found, message = error_of(call)
            assert (found, message[: len(begins)]) == (code, begins)
    for call in scene.others.values():
        call()


@pytest.mark.parametrize("make_scene", SCENES)
def test_data_is_read(moved: Callable[[], None], make_scene: type[Scene]) -> None:
    scene = make_scene(new_key())
    moved()
    for call in (*scene.reads.values(), *scene.writes.values()):
        call()


def test_reading_is_a_decrypt_of_the_same_data_key(world: Cks, moved: Callable[[], None]) -> None:
    make_buckets()
    moved()
    assert client("s3").get_object(Bucket="cards", Key="a")["Body"].read() == b"4111"
    names = [record["eventName"] for record in world.trail.events()]
    assert names.count("GenerateDataKey") == names.count("Decrypt") == 1


def test_what_was_found_out_about_keys_stays_so(world: Cks, moved: Callable[[], None]) -> None:
    key_id, ec2, rds = new_key(), client("ec2"), client("rds")
    database = {
        "DBInstanceIdentifier": "cards",
        "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres",
    }
    rds.create_db_instance(**database, StorageEncrypted=True, KmsKeyId=key_id)
    client("kms").disable_key(KeyId=key_id)
    volume = ec2.create_volume(
        AvailabilityZone="us-east-1a", Size=1, Encrypted=True, KmsKeyId=key_id
    )["VolumeId"]

    def seen() -> tuple[str, str]:
        (found,) = ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
        (instance,) = rds.describe_db_instances()["DBInstances"]
        return found["State"], instance["DBInstanceStatus"]

    inaccessible = "inaccessible-encryption-credentials"
    assert seen() == ("error", f"{inaccessible}-recoverable")
    client("kms").enable_key(KeyId=key_id)
    moved()
    assert seen() == ("error", f"{inaccessible}-recoverable")
    world.clock.advance(days=7)
    assert seen() == ("error", inaccessible)


def test_a_stack_takes_its_key_along(world: Cks, moved: Callable[[], None]) -> None:
    key_id = create(template(KeyPolicy={}, PendingWindowInDays=7))["KeyId"]
    moved()
    client("cloudformation").delete_stack(StackName="stack")
    found = client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    assert found["KeyState"] == "PendingDeletion"
    moved()
    world.clock.advance(days=7)
    assert error_of(client("kms").describe_key, KeyId=key_id)[0] == "NotFoundException"


def test_events_that_wait_for_their_log_group(world: Cks, moved: Callable[[], None]) -> None:
    client("s3").create_bucket(Bucket="trail")
    logs = client("logs")
    logs.create_log_group(logGroupName="trail")
    arn = logs.describe_log_groups()["logGroups"][0]["arn"]
    trail = client("cloudtrail")
    trail.create_trail(
        Name="trail",
        S3BucketName="trail",
        CloudWatchLogsLogGroupArn=arn,
        CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/trail",
    )
    trail.start_logging(Name="trail")
    new_key()
    moved()
    assert logs.filter_log_events(logGroupName="trail")["events"] == []
    world.clock.advance(minutes=5)
    found = logs.filter_log_events(logGroupName="trail", filterPattern="CreateKey")["events"]
    assert len(found) == 1


def test_ec2_still_tells_what_aws_would_not_delete(world: Cks, moved: Callable[[], None]) -> None:
    store: KeyStore = world.create_key_store()
    moved()
    with pytest.warns(DependencyWarning, match="has dependencies"):
        client("ec2").delete_subnet(SubnetId=store.cluster.subnet_ids[0])


def test_after_the_mock_moto_has_its_classes_back(tmp_path: Path) -> None:
    with mock_cks():
        make_buckets()
        cks.save(tmp_path / "services.world")
    with mock_aws():
        with mock_cks():
            cks.load(tmp_path / "services.world")
            assert type(s3_backends["123456789012"]["aws"]) is not S3Backend
        assert type(s3_backends["123456789012"]["aws"]) is S3Backend
        assert client("s3").head_object(Bucket="cards", Key="a")

"""The machine images of moto's EC2 in a world with a cluster: those of mock_aws, however one looks.

A cluster has no use for them, so they are loaded late. Nobody may notice but by the time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto import mock_aws

from moto_cks import cks, mock_cks
from tests.aws import OTHER_ACCOUNT, REGION, client

FIRST = "ami-03cf127a"
"""moto's first default image in every Region."""
LOAD = "MOTO_EC2_LOAD_DEFAULT_AMIS"
Look = Callable[[], Any]


@pytest.fixture(autouse=True)
def default_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user has it; the other tests do without images."""
    monkeypatch.delenv(LOAD)


@pytest.fixture
def world() -> Iterator[Any]:
    """A world with a cluster, in which nobody has called EC2 yet."""
    with mock_cks() as handle:
        handle.create_key_store()
        yield handle


def image_view(image: dict[str, Any]) -> dict[str, Any]:
    """What is the same in every world."""
    shown = {name: value for name, value in image.items() if name != "CreationDate"}
    for mapping in shown["BlockDeviceMappings"]:
        del mapping["Ebs"]["SnapshotId"]
    return shown


def images(region: str = REGION, **how: Any) -> list[dict[str, Any]]:
    answer = client("ec2", region).describe_images(**how)["Images"]
    return [image_view(image) for image in answer]


def snapshots(region: str = REGION) -> list[str]:
    """The snapshots, each by the image in its description."""
    answer = client("ec2", region).describe_snapshots()["Snapshots"]
    return [snapshot["Description"] for snapshot in answer]


def amazon_linux(region: str = REGION) -> list[dict[str, Any]]:
    """Some of the default images, for it takes long to look at all."""
    return images(region, Filters=[{"Name": "name", "Values": ["amzn2-ami*"]}])


LOOKS: dict[str, Look] = {
    "all": images,
    "by filter": amazon_linux,
    "in another Region": lambda: amazon_linux("eu-west-1"),
    "in a third one": lambda: amazon_linux("af-south-1"),
    "by two filters": lambda: images(
        Filters=[
            {"Name": "architecture", "Values": ["arm64"]},
            {"Name": "owner-alias", "Values": ["amazon"]},
        ]
    ),
    "by owner": lambda: images(Owners=["137112412989"]),
    "of one's own": lambda: images(Owners=["self"]),
    "for all": lambda: len(images(ExecutableUsers=["all"])),
    "by ID": lambda: images(ImageIds=[FIRST]),
    "snapshots": snapshots,
    "volumes": lambda: client("ec2").describe_volumes()["Volumes"],
    "tags": lambda: client("ec2").describe_tags()["Tags"],
}


@pytest.fixture(scope="module")
def in_moto() -> dict[str, Any]:
    """What moto alone shows at each look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(LOAD)
        with mock_aws():
            return {name: look() for name, look in LOOKS.items()}


@pytest.fixture
def last(in_moto: dict[str, Any]) -> str:
    """moto's last default image."""
    return str(in_moto["all"][-1]["ImageId"])


# Looking ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_a_cluster_leaves_the_images_as_they_are(
    in_moto: dict[str, Any], world: Any, look: str
) -> None:
    assert LOOKS[look]() == in_moto[look]


def test_there_is_something_to_compare(in_moto: dict[str, Any]) -> None:
    assert len(in_moto["all"]) == len(in_moto["snapshots"]) > 1000
    assert in_moto["all"][:1] == in_moto["by ID"]
    assert 0 < len(in_moto["by filter"]) < len(in_moto["all"])
    assert in_moto["by filter"] != in_moto["in another Region"] != in_moto["in a third one"]


def test_each_region_and_account_with_a_cluster_has_its_own(
    in_moto: dict[str, Any], last: str
) -> None:
    with mock_cks() as handle:
        handle.create_cluster(region="eu-west-1")
        handle.create_cluster(region=REGION)
        handle.create_cluster(region=REGION, account_id=OTHER_ACCOUNT)
        assert amazon_linux("eu-west-1") == in_moto["in another Region"]
        assert amazon_linux() == in_moto["by filter"]
        assert amazon_linux("af-south-1") == in_moto["in a third one"]
        other = client("ec2", account_id=OTHER_ACCOUNT).describe_images(ImageIds=[last])["Images"]
        assert image_view(other[0]) == in_moto["all"][-1]


def test_who_calls_ec2_first_has_them_as_well(in_moto: dict[str, Any]) -> None:
    with mock_cks() as handle:
        assert amazon_linux() == in_moto["by filter"]
        handle.create_key_store()
        assert amazon_linux() == in_moto["by filter"]


def test_an_image_that_there_is_not(world: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidAMIID\.NotFound"):
        images(ImageIds=["ami-00000000"])


# Using them -------------------------------------------------------------------------------------


def run(image_id: str) -> str:
    """Run an instance; its state."""
    ec2 = client("ec2")
    (made,) = ec2.run_instances(ImageId=image_id, MinCount=1, MaxCount=1)["Instances"]
    answer = ec2.describe_instances(InstanceIds=[made["InstanceId"]])
    (shown,) = answer["Reservations"][0]["Instances"]
    assert shown["ImageId"] == image_id
    return str(shown["State"]["Name"])


@pytest.mark.parametrize("looked", [False, True])
def test_one_of_them_runs(world: Any, looked: bool, last: str) -> None:
    assert not looked or amazon_linux()
    assert run(last) == "running"


def test_images_of_one_s_own_come_after_them(in_moto: dict[str, Any], world: Any) -> None:
    own = client("ec2").register_image(Name="mine")["ImageId"]
    every = images()
    assert every[:-1] == in_moto["all"]
    assert every[-1]["ImageId"] == own


def test_one_that_is_deregistered_before_the_first_look_is_gone(world: Any, last: str) -> None:
    client("ec2").deregister_image(ImageId=FIRST)
    assert [image["ImageId"] for image in images(ImageIds=[FIRST, last])] == [last]


def test_one_of_them_is_copied_to_another_region(world: Any) -> None:
    copied = client("ec2", "eu-west-1").copy_image(
        Name="copy", SourceImageId=FIRST, SourceRegion=REGION
    )
    (image,) = images("eu-west-1", ImageIds=[copied["ImageId"]])
    assert image["Name"] == "copy"


def test_a_snapshot_of_one_s_own_comes_after_theirs(in_moto: dict[str, Any], world: Any) -> None:
    ec2 = client("ec2")
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)
    ec2.create_snapshot(VolumeId=volume["VolumeId"], Description="mine")
    assert snapshots() == [*in_moto["snapshots"], "mine"]


# The end of the world ---------------------------------------------------------------------------


def test_after_a_reset(in_moto: dict[str, Any], world: Any) -> None:
    for _ in range(2):
        requests.post("http://motoapi.amazonaws.com/moto-api/reset")
        world.create_cluster()
        assert amazon_linux() == in_moto["by filter"]
    requests.post("http://motoapi.amazonaws.com/moto-api/reset")
    assert amazon_linux() == in_moto["by filter"]  # without a cluster


@pytest.mark.parametrize("looked", [False, True])
def test_after_leaving(in_moto: dict[str, Any], looked: bool, last: str) -> None:
    with mock_aws():
        with mock_cks() as handle:
            handle.create_key_store()
            assert not looked or amazon_linux() == in_moto["by filter"]
        assert amazon_linux() == in_moto["by filter"]
        assert snapshots() == in_moto["snapshots"]
        assert run(last) == "running"


def test_after_leaving_without_forgetting(in_moto: dict[str, Any]) -> None:
    first, second = mock_cks(), mock_aws()
    first.start()
    vpc_id = cks.create_cluster().vpc_id
    first.stop(remove_data=False)
    second.start(reset=False)
    try:
        assert vpc_id in {vpc["VpcId"] for vpc in client("ec2").describe_vpcs()["Vpcs"]}
        assert amazon_linux() == in_moto["by filter"]
    finally:
        second.stop()


# The settings of moto ---------------------------------------------------------------------------


def test_without_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOAD, "false")
    with mock_cks() as handle:
        handle.create_key_store()
        assert images() == snapshots() == []


@pytest.mark.parametrize(("before", "after", "found"), [("false", "true", 0), ("true", "false", 1)])
def test_what_was_said_at_the_beginning_counts(
    monkeypatch: pytest.MonkeyPatch, before: str, after: str, found: int, last: str
) -> None:
    monkeypatch.setenv(LOAD, before)
    with mock_cks() as handle:
        handle.create_key_store()
        monkeypatch.setenv(LOAD, after)
        assert len(images(Filters=[{"Name": "image-id", "Values": [last]}])) == found
        assert os.environ[LOAD] == after


def test_with_images_of_one_s_own(tmp_path: Path) -> None:
    path = tmp_path / "images.json"
    own = {"ami_id": "ami-1", "name": "mine", "tags": {"department": "finance"}}
    path.write_text(json.dumps([own]))
    # moto looks for such images when it is imported.
    ran = subprocess.run(
        [sys.executable, "-c", OWN_IMAGES],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "MOTO_AMIS_PATH": str(path)},
    )
    assert json.loads(ran.stdout) == [["ami-1"], ["mine"], 1]


OWN_IMAGES = """
import json, boto3
from moto_cks import mock_cks

with mock_cks() as cks:
    cks.create_key_store()
    ec2 = boto3.client("ec2", "us-east-1")
    tagged = [tag["ResourceId"] for tag in ec2.describe_tags()["Tags"]]
    named = [image["Name"] for image in ec2.describe_images()["Images"]]
    print(json.dumps([tagged, named, len(ec2.describe_snapshots()["Snapshots"])]))
"""

# Time and threads -------------------------------------------------------------------------------


def test_they_are_as_old_as_the_world(last: str) -> None:
    with freeze_time("2020-01-01") as frozen, mock_cks() as handle:
        handle.create_key_store()
        frozen.move_to("2030-01-01")
        own = client("ec2").register_image(Name="mine")["ImageId"]
        answer = client("ec2").describe_images(ImageIds=[FIRST, last, own])["Images"]
        assert [image["CreationDate"][:4] for image in answer] == ["2020", "2020", "2030"]
        mappings = [image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] for image in answer]
        kept = client("ec2").describe_snapshots(SnapshotIds=mappings)["Snapshots"]
        assert [snapshot["StartTime"].year for snapshot in kept] == [2020, 2020, 2030]


def test_nobody_sees_half_of_them(world: Any, last: str) -> None:
    client("ec2")  # made here: sessions are not for threads
    together = threading.Barrier(4)

    def look(_: int) -> int:
        together.wait()
        return len(images(Filters=[{"Name": "image-id", "Values": [FIRST, last]}]))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(look, range(4))) == [2] * 4

"""What a customer can choose for a cluster."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from moto_cks.cloudhsmv2.settings import RetiredHsmTypeWarning
from tests.strictness import in_silence

from .world import World


def test_h2_unknown_hsm_type_is_refused(world: World) -> None:
    with world.invalid("Provided HsmType is not supported."):
        world.create_cluster(HsmType="hsm7.huge")


@pytest.mark.parametrize(
    ("chosen", "mode"),
    [
        ({"HsmType": "hsm1.medium"}, "FIPS"),
        ({"HsmType": "hsm2m.medium", "Mode": "FIPS"}, "FIPS"),
        ({"HsmType": "hsm2m.medium", "Mode": "NON_FIPS"}, "NON_FIPS"),
    ],
)
def test_h2_mode(world: World, chosen: dict[str, Any], mode: str) -> None:
    assert world.describe(world.create_cluster(**chosen))["Mode"] == mode


def test_h2_older_hsms_have_no_non_fips_mode(world: World) -> None:
    with world.invalid("does not support mode NON_FIPS"):
        world.create_cluster(HsmType="hsm1.medium", Mode="NON_FIPS")


def test_y16_the_mode_must_be_given(world: World) -> None:
    cluster = {"HsmType": "hsm2m.medium", "SubnetIds": world.subnet_ids}
    with world.invalid("Mode must be specified for HsmType hsm2m.medium"):
        world.hsm.create_cluster(**cluster)
    backup = world.backups(world.active_cluster())[0]
    with world.invalid("Mode must be specified for HsmType hsm2m.medium"):
        world.hsm.create_cluster(**cluster, SourceBackupId=backup["BackupId"])
    with pytest.warns(RetiredHsmTypeWarning):
        made = world.hsm.create_cluster(HsmType="hsm1.medium", SubnetIds=world.subnet_ids)
    assert made["Cluster"]["Mode"] == "FIPS"


def test_y15_a_new_hsm1_medium_cluster_is_warned_of(world: World) -> None:
    older = {"HsmType": "hsm1.medium", "SubnetIds": world.subnet_ids}
    with pytest.warns(RetiredHsmTypeWarning, match="AWS would refuse that: no new hsm1.medium"):
        made = world.hsm.create_cluster(**older)
    assert world.state(made["Cluster"]["ClusterId"]) == "UNINITIALIZED"
    before = world.everything()
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetiredHsmTypeWarning)
        with pytest.raises(RetiredHsmTypeWarning):
            world.hsm.create_cluster(**older)
        world.create_cluster(HsmType="hsm2m.medium")
        with world.invalid("Provided HsmType is not supported."):  # which comes before the warning
            world.hsm.create_cluster(HsmType="hsm7.huge", SubnetIds=world.subnet_ids)
        with world.invalid("'subnet-12345678' does not exist"):
            world.hsm.create_cluster(HsmType="hsm1.medium", SubnetIds=["subnet-12345678"])
    assert before == (world.everything()[0][:1], *before[1:])


def test_y15_what_the_handle_makes_is_of_today_or_of_former_times(world: World) -> None:
    with in_silence():
        today, former = world.cks.create_cluster(), world.cks.create_cluster(hsm_type="hsm1.medium")
    shown = [world.describe(cluster.id) for cluster in (today, former)]
    assert [(one["HsmType"], one["Mode"]) for one in shown] == [
        ("hsm2m.medium", "FIPS"),
        ("hsm1.medium", "FIPS"),
    ]
    with pytest.warns(RetiredHsmTypeWarning):  # which the handle has kept back for its own cluster
        world.hsm.create_cluster(HsmType="hsm1.medium", SubnetIds=world.subnet_ids)


@pytest.mark.parametrize("hsm_type", ["hsm3.large", "", 7, None])
def test_y15_the_handle_makes_no_other_type(world: World, hsm_type: Any) -> None:
    before = world.everything()
    with pytest.raises((ValueError, TypeError), match="hsm_type is"):
        world.cks.create_cluster(hsm_type=hsm_type)
    assert world.everything() == before


def test_h7_y17_backup_is_restored_in_its_own_mode(world: World) -> None:
    for mode, other in (("FIPS", "NON_FIPS"), ("NON_FIPS", "FIPS")):
        backup = world.backups(world.active_cluster(Mode=mode))[0]
        with world.invalid(f"in mode {mode} cannot be restored in mode {other}"):
            world.create_cluster(Mode=other, SourceBackupId=backup["BackupId"])
        restored = world.create_cluster(Mode=mode, SourceBackupId=backup["BackupId"])
        assert world.describe(restored)["Mode"] == mode


def test_y17_backups_go_to_the_same_type_or_the_newer_one(world: World) -> None:
    older = world.backups(world.older_cluster())[0]["BackupId"]
    newer = world.backups(world.active_cluster())[0]["BackupId"]
    for source, hsm_type in (
        (older, "hsm1.medium"),
        (older, "hsm2m.medium"),
        (newer, "hsm2m.medium"),
    ):
        cluster_id = world.create_cluster(HsmType=hsm_type, SourceBackupId=source)
        world.create_hsm(cluster_id)
        assert world.describe(cluster_id)["Hsms"][0]["HsmType"] == hsm_type
    with world.invalid(
        "A backup of a cluster with HsmType hsm2m.medium cannot be restored into a cluster with "
        "HsmType hsm1.medium"
    ):
        world.create_cluster(HsmType="hsm1.medium", SourceBackupId=newer)


@pytest.mark.parametrize("policy", [{"Value": "6"}, {"Value": "380"}, {"Type": "DAYS"}])
def test_h6_retention_is_7_to_379_days(world: World, policy: dict[str, str]) -> None:
    with world.invalid("7 to 379 days"):
        world.create_cluster(BackupRetentionPolicy=policy)
    cluster_id = world.create_cluster()
    with world.invalid("7 to 379 days"):
        world.hsm.modify_cluster(ClusterId=cluster_id, BackupRetentionPolicy=policy)


def test_h8_subnets_must_exist(world: World) -> None:
    with world.invalid("'subnet-12345678' does not exist"):
        world.create_cluster(SubnetIds=[world.subnet_ids[0], "subnet-12345678"])


def test_h8_subnets_must_be_in_one_vpc(world: World) -> None:
    vpc_id = world.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    elsewhere = world.subnet(world.zones[1], "10.1.0.0/24", vpc_id)
    with world.invalid("same VPC"):
        world.create_cluster(SubnetIds=[world.subnet_ids[0], elsewhere])


def test_h8_one_subnet_an_availability_zone(world: World) -> None:
    neighbour = world.subnet(world.zones[0], "10.0.9.0/24")
    with world.invalid("one subnet can be specified per Availability Zone"):
        world.create_cluster(SubnetIds=[world.subnet_ids[0], neighbour])
    with world.invalid("specified twice"):
        world.create_cluster(SubnetIds=[world.subnet_ids[0]] * 2)


def test_h2_network_type(world: World) -> None:
    cluster_id = world.create_cluster(NetworkType="DUALSTACK")
    assert world.describe(cluster_id)["NetworkType"] == "DUALSTACK"


def test_y16_older_hsms_have_no_dual_stack(world: World) -> None:
    with world.invalid("HsmType hsm1.medium does not support network type DUALSTACK"):
        world.create_cluster(HsmType="hsm1.medium", NetworkType="DUALSTACK")
    cluster_id = world.create_cluster(HsmType="hsm1.medium", NetworkType="IPV4")
    assert world.describe(cluster_id)["NetworkType"] == "IPV4"

"""What a customer can choose for a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from .world import World


def test_h2_unknown_hsm_type_is_refused(world: World) -> None:
    with world.invalid("Provided HsmType is not supported."):
        world.create_cluster(HsmType="hsm7.huge")


@pytest.mark.parametrize(
    ("chosen", "mode"),
    [
        ({"HsmType": "hsm1.medium"}, "FIPS"),
        ({"HsmType": "hsm1.medium", "Mode": "FIPS"}, "FIPS"),
        ({"HsmType": "hsm2m.medium"}, "FIPS"),
        ({"HsmType": "hsm2m.medium", "Mode": "NON_FIPS"}, "NON_FIPS"),
    ],
)
def test_h2_mode(world: World, chosen: dict[str, Any], mode: str) -> None:
    assert world.describe(world.create_cluster(**chosen))["Mode"] == mode


def test_h2_older_hsms_have_no_non_fips_mode(world: World) -> None:
    with world.invalid("does not support mode NON_FIPS"):
        world.create_cluster(Mode="NON_FIPS")


def test_h7_backup_is_restored_in_its_own_mode(world: World) -> None:
    backup = world.backups(world.active_cluster())[0]
    with world.invalid("cannot be restored in mode NON_FIPS"):
        world.create_cluster(
            HsmType="hsm2m.medium", Mode="NON_FIPS", SourceBackupId=backup["BackupId"]
        )
    migrated = world.create_cluster(HsmType="hsm2m.medium", SourceBackupId=backup["BackupId"])
    assert world.describe(migrated)["Mode"] == "FIPS"


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

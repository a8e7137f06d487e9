"""The backend: accounts, Regions, moto's own clusters, reset and dashboard."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from moto import mock_aws

from moto_cks import mock_cks
from tests.aws import client

from .world import ADMIN_PASSWORD, World


def test_m3_accounts_are_apart(world: World, other_account: World) -> None:
    cluster_id = world.active_cluster()
    backup_id = world.backups()[0]["BackupId"]
    assert other_account.hsm.describe_clusters()["Clusters"] == []
    assert other_account.backups() == []
    for call in (
        lambda: other_account.create_hsm(cluster_id),
        lambda: other_account.hsm.delete_cluster(ClusterId=cluster_id),
        lambda: other_account.hsm.delete_backup(BackupId=backup_id),
        lambda: other_account.hsm.list_tags(ResourceId=cluster_id),
        lambda: other_account.create_cluster(SourceBackupId=backup_id),
    ):
        with other_account.not_found():
            call()
    theirs = other_account.active_cluster()
    (backup,) = other_account.backups(theirs)
    assert ":111122223333:" in backup["BackupArn"]
    assert len(world.hsm.describe_clusters()["Clusters"]) == 1


def test_m3_subnets_of_another_account_are_unknown(world: World, other_account: World) -> None:
    with other_account.invalid("does not exist"):
        other_account.create_cluster(SubnetIds=world.subnet_ids)


def test_m3_regions_are_apart(world: World) -> None:
    far = World(world.cks, "eu-west-1")
    cluster_id = world.active_cluster()
    assert far.hsm.describe_clusters()["Clusters"] == []
    with far.not_found(cluster_id):
        far.create_hsm(cluster_id)
    with far.invalid("does not exist"):
        far.create_cluster(SubnetIds=world.subnet_ids)


def test_m2_what_moto_had_made_stays() -> None:
    with mock_aws():
        hsm = client("cloudhsmv2")
        hsm.create_cluster(HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=["subnet-12345678"])
        before = hsm.describe_clusters()["Clusters"], hsm.describe_backups()["Backups"]
        with mock_cks() as cks:
            assert [c["ClusterId"] for c in hsm.describe_clusters()["Clusters"]] == [
                before[0][0]["ClusterId"]
            ]
            world = World(cks)
            cluster_id = world.active_cluster()
            assert len(hsm.describe_clusters()["Clusters"]) == 2
            assert [b["ClusterId"] for b in hsm.describe_backups()["Backups"]] == [
                cluster_id,
                before[0][0]["ClusterId"],
            ]
        assert before == (
            hsm.describe_clusters()["Clusters"],
            hsm.describe_backups()["Backups"],
        )
        with mock_cks():
            assert world.state(cluster_id) == "ACTIVE"


def test_m5_reset_forgets_everything(world: World) -> None:
    world.active_cluster()
    requests.post("http://motoapi.amazonaws.com/moto-api/reset")
    assert world.hsm.describe_clusters()["Clusters"] == []
    assert world.hsm.describe_backups()["Backups"] == []
    assert World(world.cks).active_cluster()


def test_m5_p7_dashboard_shows_the_models_and_no_secret(world: World) -> None:
    cluster_id = world.active_cluster(2)
    world.cks.cluster(cluster_id).create_user("CU", "kmsuser", "kmsPswd1")
    dump = requests.get("http://motoapi.amazonaws.com/moto-api/data.json")
    models: dict[str, Any] = dump.json()["cloudhsmv2"]
    (cluster,) = models["CloudHsmCluster"]
    assert (cluster["cluster_id"], cluster["state"]) == (cluster_id, "ACTIVE")
    assert len(models["CloudHsm"]) == 2
    assert len(models["CloudHsmBackup"]) == 2
    shown = json.dumps(models)
    for secret in (ADMIN_PASSWORD, "kmsPswd1", "PRIVATE KEY", "_digest", "password"):
        assert secret not in shown


def test_p7_no_answer_shows_the_precrypto_password(world: World) -> None:
    cluster_id = world.create_cluster()
    world.create_hsm(cluster_id)
    assert "PreCoPassword" not in world.describe(cluster_id)


@pytest.mark.parametrize("region", ["us-gov-west-1"])
def test_m3_arns_have_their_partition(cks: Any, region: str) -> None:
    world = World(cks, region)
    world.active_cluster()
    assert world.backups()[0]["BackupArn"].startswith(f"arn:aws-us-gov:cloudhsm:{region}:")

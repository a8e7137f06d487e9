"""A good request to each operation."""

from __future__ import annotations

from typing import Any

from moto.core.utils import get_service_model

from .world import World

MODEL = get_service_model("cloudhsmv2")


def good_requests(world: World) -> dict[str, dict[str, Any]]:
    """Parameters with which each operation would change or show something."""
    cluster_id = world.active_cluster(2)
    hsm = world.describe(cluster_id)["Hsms"][0]
    backup = world.backups(cluster_id)[0]
    backup_id, arn = backup["BackupId"], backup["BackupArn"]
    tags = [{"Key": "a", "Value": "b"}]
    return {
        "CopyBackupToRegion": {"DestinationRegion": "us-west-2", "BackupId": backup_id},
        "CreateCluster": {"HsmType": "hsm2m.medium", "Mode": "FIPS", "SubnetIds": world.subnet_ids},
        "CreateHsm": {"ClusterId": cluster_id, "AvailabilityZone": world.zones[0]},
        "DeleteBackup": {"BackupId": backup_id},
        "DeleteCluster": {"ClusterId": cluster_id},
        "DeleteHsm": {"ClusterId": cluster_id, "HsmId": hsm["HsmId"]},
        "DeleteResourcePolicy": {"ResourceArn": arn},
        "DescribeBackups": {},
        "DescribeClusters": {},
        "GetResourcePolicy": {"ResourceArn": arn},
        "InitializeCluster": {"ClusterId": cluster_id, "SignedCert": "x", "TrustAnchor": "x"},
        "ListTags": {"ResourceId": cluster_id},
        "ModifyBackupAttributes": {"BackupId": backup_id, "NeverExpires": True},
        "ModifyCluster": {
            "ClusterId": cluster_id,
            "HsmType": "hsm2m.medium",
            "BackupRetentionPolicy": {"Type": "DAYS", "Value": "30"},
        },
        "PutResourcePolicy": {"ResourceArn": arn, "Policy": "{}"},
        "RestoreBackup": {"BackupId": backup_id},
        "TagResource": {"ResourceId": cluster_id, "TagList": tags},
        "UntagResource": {"ResourceId": cluster_id, "TagKeyList": ["a"]},
    }

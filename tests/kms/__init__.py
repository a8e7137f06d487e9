"""Tests of KMS: boto3, the public interface and the cluster handle only."""

from __future__ import annotations

import json
from typing import Any

from moto_cks.kms.keys.material import families
from moto_cks.kms.specs import SPECS
from tests.aws import client

NO_COMMUNICATION = (
    "KMS cannot communicate with your CloudHSM cluster. This might be a transient network issue. "
    "If you see this error repeatedly, verify that the Network ACLs and the security group rules "
    "for the VPC of your AWS CloudHSM cluster are correct."
)
"""What KMS says while it is connected and cannot reach the cluster."""

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Id": "mine",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
"""A key policy that KMS takes."""


def can_make(spec: str) -> bool:
    """Whether botocore knows a key spec, and cryptography computes with it; both may be old."""
    known = client("kms").meta.service_model.shape_for("KeySpec").enum
    return spec in known and families.available(SPECS[spec])


def described(store: Any) -> dict[str, Any]:
    """The entry of a key store in DescribeCustomKeyStores."""
    kms = client("kms", store.region, store.cluster.account_id)
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return dict(entry)


def state_of(store: Any) -> tuple[str, str | None]:
    """ConnectionState and ConnectionErrorCode of a key store."""
    entry = described(store)
    return entry["ConnectionState"], entry.get("ConnectionErrorCode")


def connect(store: Any) -> None:
    """Connect a key store."""
    client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)


def disconnect(store: Any) -> None:
    """Disconnect a key store."""
    client("kms").disconnect_custom_key_store(CustomKeyStoreId=store.id)


def cluster_group(ec2: Any, cluster: Any) -> dict[str, Any]:
    """The security group of a cluster."""
    (group,) = ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"cloudhsm-{cluster.id}-sg"]}]
    )["SecurityGroups"]
    return dict(group)


def backups_of(cluster: Any) -> list[str]:
    """The IDs of a cluster's backups, oldest first."""
    cloudhsm = client("cloudhsmv2", cluster.region, cluster.account_id)
    backups = cloudhsm.describe_backups(Filters={"clusterIds": [cluster.id]}, SortAscending=True)[
        "Backups"
    ]
    return [backup["BackupId"] for backup in backups]


def restore(
    world: Any,
    cluster: Any,
    *,
    backup: int = -1,
    subnet_ids: Any = None,
    hsm_type: str = "hsm2m.medium",
) -> Any:
    """A cluster with two HSMs from one of the backups of a cluster.

    Args:
        world: the handle on the simulated world.
        cluster: whose backup.
        backup: which one; by default the latest.
        subnet_ids: its subnets; by default those of the cluster.
        hsm_type: the type of its HSMs.
    """
    cloudhsm = client("cloudhsmv2", cluster.region, cluster.account_id)
    made = cloudhsm.create_cluster(
        HsmType=hsm_type,
        Mode="FIPS",
        SubnetIds=list(subnet_ids or cluster.subnet_ids),
        SourceBackupId=backups_of(cluster)[backup],
    )["Cluster"]
    for zone in sorted(made["SubnetMapping"])[:2]:
        cloudhsm.create_hsm(ClusterId=made["ClusterId"], AvailabilityZone=zone)
    return world.cluster(made["ClusterId"])


def delete_hsms(cluster: Any) -> None:
    """Delete all HSMs of a cluster."""
    cloudhsm = client("cloudhsmv2", cluster.region, cluster.account_id)
    for hsm in cluster.hsms:
        cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)


def delete_cluster(cluster: Any) -> None:
    """Delete a cluster and its HSMs."""
    delete_hsms(cluster)
    client("cloudhsmv2", cluster.region, cluster.account_id).delete_cluster(ClusterId=cluster.id)

"""Tests of KMS: boto3, the public interface and the cluster handle only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
OTHER_ACCOUNT = "111122223333"


@functools.cache
def session() -> boto3.Session:
    """One session for all tests: reading the service models takes longer than all the calls."""
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@functools.cache
def client(
    service: str,
    region: str = REGION,
    account_id: str | None = None,
    *,
    parameter_validation: bool = True,
) -> Any:
    """A boto3 client.

    Args:
        service: which service.
        region: in which Region.
        account_id: as which account; by default moto's own.
        parameter_validation: whether botocore checks the parameters before it sends them.
    """
    made = session().client(
        service, region, config=Config(parameter_validation=parameter_validation)
    )
    if account_id is not None:
        made.meta.events.register(
            "before-call",
            lambda params, **_: params["headers"].update({"x-moto-account-id": account_id}),
        )
    return made


def error_of(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """The code and the message of the error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def described(store: Any) -> dict[str, Any]:
    """The entry of a key store in DescribeCustomKeyStores."""
    kms = client("kms", store.region, store.cluster.account_id)
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    return dict(entry)


def state_of(store: Any) -> tuple[str, str | None]:
    """ConnectionState and ConnectionErrorCode of a key store."""
    entry = described(store)
    return entry["ConnectionState"], entry.get("ConnectionErrorCode")


def backups_of(cluster: Any) -> list[str]:
    """The IDs of a cluster's backups, oldest first."""
    cloudhsm = client("cloudhsmv2", cluster.region, cluster.account_id)
    backups = cloudhsm.describe_backups(Filters={"clusterIds": [cluster.id]}, SortAscending=True)[
        "Backups"
    ]
    return [backup["BackupId"] for backup in backups]


def restore(world: Any, cluster: Any, *, backup: int = -1, subnet_ids: Any = None) -> Any:
    """A cluster with two HSMs from one of the backups of a cluster.

    Args:
        world: the handle on the simulated world.
        cluster: whose backup.
        backup: which one; by default the latest.
        subnet_ids: its subnets; by default those of the cluster.
    """
    cloudhsm = client("cloudhsmv2", cluster.region, cluster.account_id)
    made = cloudhsm.create_cluster(
        HsmType="hsm1.medium",
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

"""A cluster as the API shows it (``Cluster`` in the AWS CloudHSM API Reference)."""

from __future__ import annotations

from typing import Any

from moto_cks.cloudhsmv2.cluster_states import STATE_MESSAGES, ClusterState
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.tags import show_tags
from moto_cks.hsm import Certificates


def describe_cluster(cluster: CloudHsmCluster, state: ClusterState | None = None) -> dict[str, Any]:
    """A cluster as the API shows it.

    Args:
        cluster: what to describe.
        state: to be shown, by default that of now. What begins a state shows that state, even
            where it is over at once.
    """
    state = state or cluster.state
    return {
        "BackupPolicy": "DEFAULT",
        "BackupRetentionPolicy": {"Type": "DAYS", "Value": str(cluster.retention_days)},
        "ClusterId": cluster.cluster_id,
        "CreateTimestamp": cluster.create_timestamp,
        "Hsms": [hsm.describe() for hsm in cluster.hsms],
        "HsmType": cluster.hsm_type,
        "HsmTypeRollbackExpiration": cluster.types.rollback_expiration,
        "SecurityGroup": cluster.security_group_id,
        "SourceBackupId": cluster.source_backup_id,
        "State": state.value,
        "StateMessage": STATE_MESSAGES.get(state),
        "SubnetMapping": cluster.subnet_mapping,
        "VpcId": cluster.vpc_id,
        "NetworkType": cluster.network_type,
        "Certificates": _describe_certificates(cluster.certificates, state),
        "TagList": show_tags(cluster.tags),
        "Mode": cluster.mode,
    }


def _describe_certificates(
    certificates: Certificates | None, state: ClusterState
) -> dict[str, str]:
    if certificates is None:
        return {}
    if certificates.claimed:
        return {"ClusterCertificate": certificates.cluster}
    if state is not ClusterState.UNINITIALIZED:
        return {}
    return {
        "ClusterCsr": certificates.csr,
        "HsmCertificate": certificates.hsm,
        "AwsHardwareCertificate": certificates.aws_hardware,
        "ManufacturerHardwareCertificate": certificates.manufacturer_hardware,
    }

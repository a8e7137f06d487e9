"""What is around the HSMs of a cluster: its network and its backups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.backups import CloudHsmBackup, snapshot_of
from moto_cks.cloudhsmv2.models import cloudhsmv2_backend, find_cluster_anywhere
from moto_cks.world.clock import keep_appointments
from moto_cks.world.lock import WORLD


def get_network(cluster_id: str) -> dict[str, Any]:
    """Whether the HSMs of a cluster can be reached within its security group and subnets."""
    with WORLD:
        keep_appointments()
        cluster, account_id, region = find_cluster_anywhere(cluster_id)
        network = Network(account_id, region)
        closed = network.closed_hsm_ports(cluster.security_group_id, cluster.vpc_id)
        subnet_ids = list(cluster.subnet_mapping.values())
        ends = network.ends(subnet_ids, [hsm.eni_ip for hsm in cluster.active_hsms()])
        denials = network.denied_hsm_ports(cluster.vpc_id, ends)
        subnets = {subnet_id: network.subnet(subnet_id) for subnet_id in subnet_ids}
        return {
            "vpc_id": cluster.vpc_id,
            "security_group_id": cluster.security_group_id,
            "closed_directions": [] if closed is None else list(closed.directions),
            "denials": [asdict(denial) for denial in denials],
            "subnets": [
                {
                    "id": subnet_id,
                    "availability_zone": zone,
                    "free_addresses": None if subnet is None else subnet.free_addresses,
                }
                for zone, subnet_id in cluster.subnet_mapping.items()
                for subnet in (subnets[subnet_id],)
            ],
        }


def list_backups(cluster_id: str) -> dict[str, Any]:
    """The backups that were made of a cluster, newest first."""
    with WORLD:
        keep_appointments()
        cluster, account_id, region = find_cluster_anywhere(cluster_id)
        backups = cloudhsmv2_backend(account_id, region).vault.made_of(cluster.cluster_id)
        return {"backups": [_show(backup) for backup in reversed(backups)]}


def _show(backup: CloudHsmBackup) -> dict[str, Any]:
    gone = backup.delete_timestamp
    return {
        "id": backup.backup_id,
        "state": backup.state.value,
        "created": backup.create_timestamp.isoformat(),
        "deleted": None if gone is None else gone.isoformat(),
        "handles": sorted(snapshot_of(backup).keys),
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    "get_network": get_network,
    "list_backups": list_backups,
}

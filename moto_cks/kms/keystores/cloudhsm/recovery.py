"""What a key store can be recovered from: the backups of its clusters, and what they hold.

See "How to recover deleted key material for a KMS key" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.backups import BackupState, CloudHsmBackup, snapshot_of
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.cloudhsmv2.models import cloudhsmv2_backend
from moto_cks.hsm import UserType
from moto_cks.hsm.policies import NO_QUORUM, Service
from moto_cks.kms.findings import Finding, Reason, When
from moto_cks.kms.keystores.cloudhsm.kmsuser import (
    KnownPassword,
    is_kmsuser,
    is_kmsusers_name,
)


def related_backups(account_id: str, region: str, certificate: str) -> list[CloudHsmBackup]:
    """The backups from which a cluster with that cluster certificate can be made, newest first."""
    found = [
        backup
        for backup in cloudhsmv2_backend(account_id, region).vault
        if snapshot_of(backup).certificates.cluster == certificate
    ]
    found.sort(key=attrgetter("create_timestamp"))  # a copy is as old as its source
    return found[::-1]


def newest_backup(backups: Sequence[CloudHsmBackup]) -> CloudHsmBackup | None:
    """The newest that can be used, or else can be restored."""
    usable = [each for each in backups if each.state is not BackupState.PENDING_DELETION]
    return next(iter(usable or backups), None)


def told(backup: CloudHsmBackup | None, password: KnownPassword) -> dict[str, Any]:
    """What is said of a backup, and whether its kmsuser has the password that KMS has."""
    if backup is None:
        return {"backup": None}
    return {
        "backup": backup.backup_id,
        "backup_made": backup.create_timestamp,
        "backup_state": backup.state.value,
        "mode": backup.mode,
        "password_known": any(
            user.has_password(password.value)
            for user in snapshot_of(backup).users
            if is_kmsuser(user)
        ),
    }


def younger_keys(cluster: CloudHsmCluster | None, backup: CloudHsmBackup | None) -> int:
    """How many keys of kmsuser are in the HSMs of a cluster, but not in a backup."""
    if cluster is None or backup is None:
        return 0
    kept = snapshot_of(backup).keys
    keys = {
        handle
        for hsm in cluster.hardware.hsms.values()
        for handle, key in hsm.keys.items()
        if is_kmsusers_name(key.owner) and handle not in kept
    }
    return len(keys)


def missing(
    facts: Mapping[str, Any], backups: Sequence[CloudHsmBackup], password: KnownPassword
) -> Finding:
    """Key material that no HSM has, and the newest backup that does.

    Args:
        facts: the ``handle`` of the key, and what else there is to say.
        backups: where it can be.
        password: the password of kmsuser, as KMS has it.
    """
    having = [each for each in backups if facts["handle"] in snapshot_of(each).keys]
    newest = newest_backup(having)
    cause = "key-material-deleted"
    if newest is None:
        cause = "key-material-lost"
    elif newest.state is BackupState.PENDING_DELETION:
        cause = "backup-deleted"
    return Finding(cause, {**facts, **told(newest, password)})


def surroundings(
    cluster_id: str, cluster: CloudHsmCluster | None, network: Network
) -> dict[str, Any]:
    """Where a cluster is: what the commands need that add HSMs, open ports or replace it."""
    if cluster is None:
        return {"cluster": cluster_id}
    mapping = cluster.subnet_mapping
    occupied = {hsm.availability_zone for hsm in cluster.active_hsms()}
    there = {zone: each for zone, each in mapping.items() if network.subnet(each) is not None}
    return {
        "cluster": cluster_id,
        "mode": cluster.mode,
        "group": cluster.security_group_id,
        "quorum": quorum_of(cluster),
        "subnets": list(there.values()),
        "zones": sorted(there),
        "free_zones": sorted(there.keys() - occupied),
    }


def quorum_of(cluster: CloudHsmCluster) -> int:
    """How many officers have to approve what one of them does to users; 1 for no quorum."""
    hsms = cluster.hardware.hsms.values()
    return max((hsm.policies.quorum_value(Service.USER) for hsm in hsms), default=NO_QUORUM)


def quorum_on_users(cluster: CloudHsmCluster) -> Iterator[Reason]:
    """That nobody can repair kmsuser alone."""
    value = quorum_of(cluster)
    if value == NO_QUORUM:
        return
    first = next(iter(cluster.hardware.hsms.values()))
    officers = [user for user in first.users if user.type is UserType.CO]
    signing = sum(bool(officer.quorum_key) for officer in officers)
    facts = {"quorum": value, "officers": len(officers), "signing": signing}
    yield Reason(Finding("quorum-on-users", facts), "", When.NEVER)


def orphans(cluster: CloudHsmCluster, arns: str, key_ids: Collection[str]) -> Iterator[Reason]:
    """Key material that KMS has left behind; see "How to delete orphaned key material".

    Args:
        cluster: where to look.
        arns: how the ARNs of KMS keys begin, which are the labels of their key material.
        key_ids: the KMS keys that there are.
    """
    hsms = cluster.hardware.hsms.values()
    found = {
        key.handle: (key.label.removeprefix(arns), key.key_id)
        for hsm in hsms
        for key in hsm.keys.values()
        if is_kmsusers_name(key.owner) and key.label.startswith(arns)
    }
    handles = [handle for handle, (key_id, _) in found.items() if key_id not in key_ids]
    if handles:
        facts = {
            "handles": handles,
            "keys": [found[handle][0] for handle in handles],
            "ids": [found[handle][1] for handle in handles],
            "hsms": [hsm.id for hsm in hsms if not hsm.keys.keys().isdisjoint(handles)],
            "of": len(hsms),
        }
        yield Reason(Finding("orphaned-key-material", facts), "", When.NEVER)

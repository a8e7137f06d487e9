"""What the commands that mend a key store are filled in with: its cluster and its backups."""

from __future__ import annotations

from typing import Any

import pytest
from moto.kms.models import kms_backends

from moto_cks import KeyStore
from moto_cks.account.dependencies import DependencyWarning
from moto_cks.hsm import AES_256_TOKEN_KEY
from moto_cks.world import clock
from tests.aws import client
from tests.kms import backups_of, delete_cluster, disconnect


def surroundings() -> dict[str, Any]:
    """Those of the only key store."""
    of_kms: Any = kms_backends["123456789012"]["us-east-1"]
    (store,) = of_kms.key_stores
    return dict(store.surroundings)


def cluster_group_id(cluster_id: str) -> str:
    filters = [{"Name": "group-name", "Values": [f"cloudhsm-{cluster_id}-sg"]}]
    (group,) = client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return str(group["GroupId"])


def test_r1_of_a_cluster_and_its_newest_backup(noon: Any, world: Any, store: KeyStore) -> None:
    cluster, cloudhsm = store.cluster, client("cloudhsmv2")
    began = clock.now()
    first, second, third = cluster.subnet_ids
    *others, oldest = backups_of(cluster)
    for each in others:
        cloudhsm.delete_backup(BackupId=each)
    of_store = {"store": store.id, "name": store.name, "connection_state": "CONNECTED"}
    of_cluster = {
        "cluster": cluster.id,
        "mode": "FIPS",
        "group": cluster_group_id(cluster.id),
        "quorum": 1,
        "subnets": [first, second, third],
        "zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
        "free_zones": ["us-east-1c"],
    }
    of_backup = {"backup": oldest, "backup_made": began, "backup_state": "READY"}
    # The first backup is older than the password that KMS has set when it connected.
    told = {**of_store, **of_cluster, **of_backup, "password_known": False, "younger_keys": 0}
    assert surroundings() == told

    store.create_key()
    store.create_key()
    cluster.create_user("CU", "other", "otherPswd1")
    with cluster.login("CU", "other", "otherPswd1") as session:
        session.generate_key("somebody else's", AES_256_TOKEN_KEY)
    cluster.create_user("CO", "second", "secondPswd1")
    cluster.set_quorum_value("user", 2)
    with pytest.warns(DependencyWarning):
        client("ec2").delete_subnet(SubnetId=third)
    told |= {"younger_keys": 2, "quorum": 2, "subnets": [first, second]}
    told |= {"zones": ["us-east-1a", "us-east-1b"], "free_zones": []}
    assert surroundings() == told

    world.clock.advance(hours=1)
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=cluster.hsms[0].id)  # with a backup
    newest = backups_of(cluster)[-1]
    assert newest != oldest
    told |= {"backup": newest, "backup_made": clock.now(), "password_known": True}
    told |= {"younger_keys": 0, "free_zones": ["us-east-1a"]}
    assert surroundings() == told

    disconnect(store)
    told["connection_state"] = "DISCONNECTED"
    cloudhsm.delete_backup(BackupId=newest)
    told |= {**of_backup, "password_known": False, "younger_keys": 2}
    assert surroundings() == told
    cloudhsm.delete_backup(BackupId=oldest)  # the newest of those that can be restored
    told |= {"backup": newest, "backup_made": clock.now(), "backup_state": "PENDING_DELETION"}
    told |= {"password_known": True, "younger_keys": 0}
    assert surroundings() == told


def test_r1_f5_of_a_cluster_that_is_gone(noon: Any, world: Any, store: KeyStore) -> None:
    store.create_key()
    delete_cluster(store.cluster)
    of_store = {"store": store.id, "name": store.name, "connection_state": "CONNECTED"}
    newest = backups_of(store.cluster)[-1]
    told = {
        **of_store,
        "cluster": store.cluster.id,
        "backup": newest,
        "backup_made": clock.now(),
        "backup_state": "READY",
        "mode": "FIPS",
        "password_known": True,
        "younger_keys": 0,
    }
    assert surroundings() == told
    for backup in backups_of(store.cluster):
        client("cloudhsmv2").delete_backup(BackupId=backup)
    world.clock.advance(days=8)
    assert surroundings() == {
        **of_store,
        "cluster": store.cluster.id,
        "backup": None,
        "younger_keys": 0,
    }

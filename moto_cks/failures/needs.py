"""What a failure needs before it can be brought about: looked at, and seen to where that goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moto_cks.cloudhsmv2.settings import HSM_TYPE, OLDER_HSM_TYPE
from moto_cks.failures.scene import Scene
from moto_cks.failures.shapes import Case, Need
from moto_cks.kms.keystores.cloudhsm.kmsuser import KMSUSER
from moto_cks.kms.keystores.connection import ConnectionState

TWO = 2


def _connected(scene: Scene) -> bool:
    return scene.state is ConnectionState.CONNECTED


def _has_key(scene: Scene) -> bool:
    return bool(scene.record.key_ids)


def _has_no_key(scene: Scene) -> bool:
    return not scene.store.key_ids


def _has_hsm(scene: Scene) -> bool:
    return bool(scene.hsms)


def _has_hsms_in_two_zones(scene: Scene) -> bool:
    return len({hsm.availability_zone for hsm in scene.hsms}) >= TWO


def _has_first_backup(scene: Scene) -> bool:
    """Whether there is a backup of the activation, made before kmsuser."""
    first = next(iter(scene.snapshots().values()), None)
    return first is not None and all(user.name != KMSUSER for user in first.users)


def _has_spare_subnet(scene: Scene) -> bool:
    taken = {hsm.availability_zone for hsm in scene.hsms}
    return len(list(scene.usable_subnets())) > TWO and bool(scene.record.subnets.keys() - taken)


def _has_older_type(scene: Scene) -> bool:
    cluster = scene.find(scene.cluster_id)
    if cluster is None or cluster.hsm_type != OLDER_HSM_TYPE:
        return False
    return cluster.types.unfit() is None


def _can_know_mtls(scene: Scene) -> bool:
    """Whether the HSMs know mutual TLS, or can be migrated to the type that does."""
    cluster = scene.find(scene.cluster_id)
    return cluster is not None and (cluster.hsm_type != OLDER_HSM_TYPE or _has_older_type(scene))


CHECKS: Mapping[Need, tuple[Callable[[Scene], bool], str]] = {
    Need.CONNECTED: (_connected, "a key store that is CONNECTED"),
    Need.KEY: (_has_key, "a KMS key in the key store that is not pending deletion"),
    Need.NO_KEY: (_has_no_key, "a key store without KMS keys"),
    Need.HSM: (_has_hsm, "a cluster with an active HSM"),
    Need.TWO_HSMS: (_has_hsms_in_two_zones, "active HSMs in two Availability Zones"),
    Need.BACKUP: (_has_hsm, "a cluster of which a backup can be made"),
    Need.FIRST_BACKUP: (_has_first_backup, "a backup of the cluster from before kmsuser"),
    Need.THIRD_SUBNET: (
        _has_spare_subnet,
        "subnets in three Availability Zones, one of them without an HSM",
    ),
    Need.OLDER_HSM_TYPE: (
        _has_older_type,
        "a cluster of the type hsm1.medium that can be migrated",
    ),
    Need.MTLS: (
        _can_know_mtls,
        "a cluster of the type hsm2m.medium, or one that can be migrated to it",
    ),
}
"""What can be missing, and how that is said. What is not here is always seen to."""

TEXTS: Mapping[Need, str] = {need: text for need, (_, text) in CHECKS.items()}
"""How it is said."""


def missing(case: Case, scene: Scene) -> tuple[str, ...]:
    """What a failure needs that is not there."""
    return tuple(
        text for need, (there, text) in CHECKS.items() if need in case.needs and not there(scene)
    )


def see_to(case: Case, scene: Scene) -> None:
    """Make what a failure needs, where that goes.

    A backup of how things are now; HSMs that know mutual TLS, to which older ones are migrated.
    """
    if Need.MTLS in case.needs:
        cluster = scene.find(scene.cluster_id)
        if cluster is not None and cluster.hsm_type == OLDER_HSM_TYPE:
            scene.cloudhsm.modify_cluster(ClusterId=scene.cluster_id, HsmType=HSM_TYPE)
    if Need.BACKUP in case.needs:
        scene.back_up()

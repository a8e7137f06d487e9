"""The methods and functions that objects of a world keep, to call them later.

A saved world may have these and no others; what is not in here cannot be saved. They act on the
world alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto_cks.cloudhsmv2.world_keys import take_key
from moto_cks.world import clock

METHODS: Mapping[str, tuple[str, ...]] = {
    "moto.ec2.models.security_groups:SecurityGroup": ("filter_*",),
    "moto.ec2.models.security_groups:SecurityGroupRule": ("filter_*",),
    "moto_cks.cloudhsmv2.audit_logs:AuditLogs": ("_deliver", "written"),
    "moto_cks.cloudhsmv2.backups:CloudHsmBackup": ("_gone", "_made"),
    "moto_cks.cloudhsmv2.clusters:CloudHsmCluster": (
        "_activated",
        "_back_up_daily",
        "_back_up_as",
        "_bring_up",
        "_busy",
        "_created",
        "_deleted",
        "_discard",
        "_initialized",
    ),
    "moto_cks.cloudhsmv2.daily:Daily": ("_keep",),
    "moto_cks.cloudhsmv2.hsms:CloudHsm": ("_created", "_deleted"),
    "moto_cks.cloudhsmv2.migration:HsmTypes": ("end_migration", "end_rollback"),
    "moto_cks.cloudhsmv2.migration:Migration": ("_replace_next",),
    "moto_cks.cloudhsmv2.observation:Observation": ("notice",),
    "moto_cks.cloudhsmv2.retention:Retention": ("_purge",),
    "moto_cks.cloudhsmv2.vault:_Shelf": ("backups", "expire_anew"),
    "moto_cks.cloudtrail.delivery:Desk": ("deliver",),
    "moto_cks.cloudtrail.digests:DigestChain": ("_fall_due",),
    "moto_cks.hsm.cluster:HsmCluster": ("_promoted", "_readmit"),
    "moto_cks.kms.keys.imported_material:ImportedKey": ("_expire",),
    "moto_cks.kms.keys.living:LivingKey": (
        "_announce_rotation",
        "_announce_synchronization",
        "_created",
        "_rotate",
        "_updated",
    ),
    "moto_cks.kms.keys.rotation:RotationSchedule": ("_end_rotating", "_fall_due"),
    "moto_cks.kms.keystores.base:KeyStore": ("_attempt_connection",),
    "moto_cks.kms.keystores.cloudhsm.store:CloudHsmKeyStore": ("tear_down_connection",),
    "moto_cks.kms.keystores.external.store:ExternalKeyStore": (
        "_check_again",
        "tear_down_connection",
    ),
    "moto_cks.kms.keystores.connection:Connection": ("_end_connecting", "_end_disconnecting"),
    "moto_cks.kms.lifetimes:LifetimeBackend": ("_end_waiting_period",),
    "moto_cks.world.lifecycle:LifeCycle": ("settle",),
    "moto_cks.xks_proxy.causes:AllInEffect": ("_take_out",),
    "moto_cks.xks_proxy.proxy:XksProxy": ("_move_to", "start"),
}
"""By the class that defines them; ``*`` at the end stands for whatever follows."""

FUNCTIONS: Mapping[str, Callable[..., Any]] = {"now": clock.now, "take_key": take_key}
"""By their names in a saved world."""


def is_kept(owner: str, method: str) -> bool:
    """Whether a method of a class may be in a saved world.

    Args:
        owner: the name of the class that defines it.
        method: the name of the method.
    """
    return any(
        method.startswith(name[:-1]) if name.endswith("*") else method == name
        for name in METHODS.get(owner, ())
    )

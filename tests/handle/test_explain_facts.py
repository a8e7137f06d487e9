"""``cks.explain``: all the facts of each failure, and since when it has been."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from moto_cks import HsmError
from tests.handle.causes import CAUSES, STRANGERS, Scene
from tests.kms import backups_of, delete_cluster
from tests.tools.cloudhsm_cli.world import of_today

ANY_ID = re.compile(r"\b(acl|backup|hsm|sg|subnet)-[0-9a-z]{8,}")
DIGEST = re.compile(r"[0-9a-f]{64}")


def names_of(scene: Scene) -> dict[str, str]:
    """What stands for the IDs that there are, by them."""
    return {
        scene.store_id: "(store)",
        scene.user.key_id: "(key)",
        scene.cluster.id: "(cluster)",
        **{hsm.id: f"(hsm {n})" for n, hsm in enumerate(scene.cluster.hsms, 1)},
        **{subnet: f"(subnet {n})" for n, subnet in enumerate(scene.cluster.subnet_ids, 1)},
    }


def named(value: Any, names: Mapping[str, str]) -> Any:
    """JSON with names in the place of IDs, of those that came later with the kind alone."""
    text = json.dumps(value)
    for each, name in names.items():
        text = text.replace(each, name)
    return json.loads(DIGEST.sub("(digest)", ANY_ID.sub(r"(\1)", text)))


FAILED = {"store": "(store)", "name": "ExampleKeyStore", "state": "FAILED"}
BOTH_HSMS = {"hsms": ["(hsm 1)", "(hsm 2)"], "of": 2}
NOON = "2030-01-01T12:00:00Z"

FACTS: Mapping[str, tuple[str | None, Mapping[str, Any]]] = {
    "store-disconnected": (
        NOON,
        {
            "store": "(store)",
            "name": "ExampleKeyStore",
            "state": "DISCONNECTED",
            "until": None,
            "ever_connected": True,
        },
    ),
    "deletion-pending-while-disconnected": (
        None,
        {
            "key": "(key)",
            "state": "PendingDeletion",
            "deletion": "2030-01-08T12:00:00Z",
            "imported_before": False,
        },
    ),
    "slow-connection": (
        NOON,
        {
            "store": "(store)",
            "name": "ExampleKeyStore",
            "state": "CONNECTING",
            "until": "2030-01-01T12:15:00Z",
            "ever_connected": True,
        },
    ),
    "key-material-deleted": (
        None,
        {
            "cluster": "(cluster)",
            "handle": 262152,
            "of": 2,
            "backup": "(backup)",
            "backup_made": "2030-01-02T12:00:00Z",
            "backup_state": "READY",
            "mode": "FIPS",
            "password_known": True,
        },
    ),
    "key-material-lost": (
        None,
        {"cluster": "(cluster)", "handle": 262152, "of": 2, "backup": None},
    ),
    "backup-deleted": (
        None,
        {
            "cluster": "(cluster)",
            "handle": 262152,
            "of": 3,
            "backup": "(backup)",
            "backup_made": NOON,
            "backup_state": "PENDING_DELETION",
            "mode": "FIPS",
            "password_known": True,
        },
    ),
    "all-hsms-deleted": (None, {"cluster": "(cluster)", "hsm_zones": [], "hsms": {}}),
    "cluster-deleted": (None, {"cluster": "(cluster)"}),
    "hsm-replaced": (None, {"cluster": "(cluster)", "hsm": "(hsm 1)"}),
    "pkcs11-sessions-exhausted": (None, {"times": 3}),
    "one-hsm-left": (
        None,
        {"cluster": "(cluster)", "hsm_zones": ["us-east-1a"], "hsms": {"(hsm 1)": "ACTIVE"}},
    ),
    "hsm-ports-closed": (
        None,
        {"group": "(sg)", "directions": ["inbound", "outbound"], "exists": True},
    ),
    "cluster-unreachable": (None, {"cluster": "(cluster)"}),
    "mtls-enforced": (None, {**BOTH_HSMS, "cluster": "(cluster)"}),
    "request-quota-exceeded": (None, {"requests_per_second": 1}),
    "cluster-not-active": (NOON, {"cluster": "(cluster)", "state": "DELETE_IN_PROGRESS"}),
    "migration-under-way": (NOON, {"cluster": "(cluster)", "state": "MODIFY_IN_PROGRESS"}),
    "cluster-full": (
        None,
        {
            **BOTH_HSMS,
            "cluster": "(cluster)",
            "keys": 16666,
            "hsm_type": "hsm2m.medium",
            "owner": "batch_job",
        },
    ),
    "hsm-ports-closed-before-connecting": (
        None,
        {"group": "(sg)", "directions": ["inbound"], "exists": True},
    ),
    "cluster-not-found": (NOON, {**FAILED}),
    "insufficient-cloudhsm-hsms": (NOON, {**FAILED, "hsms": {}}),
    "insufficient-free-addresses-in-subnet": (NOON, {**FAILED, "subnets_full": ["(subnet 1)"]}),
    "internal-error": (NOON, {**FAILED, "mended": True}),
    "invalid-credentials": (
        "2030-01-15T12:00:00Z",
        {
            **FAILED,
            **BOTH_HSMS,
            "known_since": NOON,
            "known_by": "setting",
            "changed": "2030-01-15T12:00:00Z",
            "by": "CO admin",
            "attempts_left": 4,
            "source_backup": None,
        },
    ),
    "network-errors": (NOON, {**FAILED, "mended": True}),
    "network-acl-denies": (
        NOON,
        {
            **FAILED,
            "acls": [{"acl": "(acl)", "direction": "inbound", "rule": 50}],
            "reconnects": True,
        },
    ),
    "subnet-not-found": (NOON, {**FAILED, "subnets_gone": ["(subnet 3)"]}),
    "user-locked-out": (
        NOON,
        {**FAILED, "hsms": ["(hsm 1)"], "of": 2, "failures": 5, "last": NOON},
    ),
    "user-logged-in": (NOON, {**FAILED, **BOTH_HSMS, "logins": 1}),
    "user-not-found": (NOON, {**FAILED, "hsms": ["(hsm 2)"], "of": 2, "servers": ["1"]}),
    "password-changed-on-one-hsm": (
        NOON,
        {
            **FAILED,
            "hsms": ["(hsm 1)"],
            "of": 2,
            "known_since": NOON,
            "known_by": "telling",
            "changed": NOON,
            "by": "CU kmsuser",
            "attempts_left": 4,
            "source_backup": None,
        },
    ),
    "restored-from-old-backup": (
        "2030-01-01T13:00:00Z",
        {
            **FAILED,
            "hsms": ["(hsm)", "(hsm)"],
            "of": 2,
            "known_since": "2030-01-01T13:00:00Z",
            "known_by": "setting",
            "changed": NOON,
            "by": "CU kmsuser",
            "attempts_left": 4,
            "source_backup": "(backup)",
        },
    ),
    "kmsuser-second-factor": (NOON, {**FAILED, **BOTH_HSMS}),
    "orphaned-key-material": (
        None,
        {**BOTH_HSMS, "handles": [262152], "keys": ["(key)"], "ids": ["(digest)"]},
    ),
    "key-deleted": ("2030-01-08T12:00:00Z", {"handle": 262152, "material_deleted": True}),
}
"""Since when, and all the facts, of each failure of ``CAUSES``."""


@pytest.mark.parametrize("failure", CAUSES)
def test_all_the_facts_of_a_failure(scene: Scene, failure: str) -> None:
    names = names_of(scene)
    cause = CAUSES[failure]
    cause.act(scene)
    reasons = scene.explain(cause.subject).reasons
    (reason,) = (each.to_dict() for each in reasons if each.failure == failure)
    assert (reason["since"], named(reason["facts"], names)) == FACTS[failure]


def told(explanation: Any, names: Mapping[str, str]) -> list[tuple[str, str, str, Any]]:
    """All of the reasons: the cause, what it ends in, when, and the facts."""
    return [
        (each.cause, each.error, each.when, named(dict(each.facts), names))
        for each in explanation.reasons
    ]


PORTS = {"directions": ["inbound"], "exists": True, "group": "(sg)"}
ACLS = [{"acl": "(acl)", "direction": "inbound", "rule": 50}]
CLUSTER = {"cluster": "(cluster)"}
MUTE = "KMSInvalidStateException"
INVALID = "CloudHsmClusterInvalidConfigurationException"
NETWORK = "NETWORK_ERRORS"

PKCS11 = ("pkcs11-sessions-exhausted", "KMSInternalException", "now", {"times": 2})
BUSY = ("hsms-busy", "ThrottlingException", "now", {**CLUSTER, "times": 4})
UNREACHABLE = ("cluster-unreachable", MUTE, "now", CLUSTER)
DENIED = ("network-acl-denies", NETWORK, "next-connect", {"acls": ACLS, "reconnects": True})
OFFICER = {"user": "CO officer", **BOTH_HSMS, "failures": 5, "last": NOON}
OFFICER_OUT = ("hsm-user-locked-out", "USER_LOCKED_OUT", "login", OFFICER)
QUORUM = ("quorum-on-users", "", "never", {"quorum": 2, "officers": 2, "signing": 0})
HSM_2 = {**CLUSTER, "hsm_zones": ["us-east-1b"], "hsms": {"(hsm 2)": "ACTIVE"}}
NO_HSM = {**CLUSTER, "hsm_zones": [], "hsms": {}}

CONNECTED = (
    ("hsm-ports-closed", MUTE, "now", PORTS),
    ("network-acl-denies", MUTE, "now", {"acls": ACLS, "reconnects": False}),
    UNREACHABLE,
    PKCS11,
    BUSY,
    ("mtls-enforced", MUTE, "now", {**CLUSTER, **BOTH_HSMS}),
)
OF_A_CLUSTER = (
    ("hsm-ports-closed", INVALID, "now", PORTS),
    UNREACHABLE,
    ("mtls-enforced", MUTE, "now", {**CLUSTER, **BOTH_HSMS}),
    PKCS11,
    BUSY,
    DENIED,
    OFFICER_OUT,
    QUORUM,
)
WITH_ONE_HSM = (
    *OF_A_CLUSTER[:2],
    ("mtls-enforced", MUTE, "now", {**CLUSTER, "hsms": ["(hsm 2)"], "of": 1}),
    PKCS11,
    BUSY,
    ("one-hsm-left", INVALID, "creation", HSM_2),
    DENIED,
    ("hsm-user-locked-out", "USER_LOCKED_OUT", "login", {**OFFICER, "hsms": ["(hsm 2)"], "of": 1}),
    QUORUM,
)
WITHOUT_HSMS = (
    ("all-hsms-deleted", MUTE, "now", NO_HSM),
    *OF_A_CLUSTER[:2],
    PKCS11,
    BUSY,
    DENIED,
)
TO_CONNECT = (
    ("hsm-ports-closed-before-connecting", INVALID, "next-connect", PORTS),
    DENIED,
    ("network-errors", NETWORK, "next-connect", CLUSTER),
    ("mtls-enforced", NETWORK, "next-connect", {**CLUSTER, **BOTH_HSMS}),
    QUORUM,
)


def everything(scene: Scene) -> dict[str, str]:
    """Do to a cluster what goes together; what stands for the IDs."""
    cluster, faults = scene.cluster, scene.world.faults
    cluster.create_user("CO", "officer", "officerPswd1")
    for hsm in cluster.hsms:
        for _ in range(5):
            with pytest.raises(HsmError):
                cluster.login("CO", "officer", "wrongPassword1", hsms=[hsm])
    cluster.set_quorum_value("user", 2)
    faults.pkcs11_sessions_exhausted(cluster.id, times=2)
    faults.hsms_busy(cluster.id, times=4)
    scene.until.enter_context(faults.unreachable(cluster.id))
    of_today(cluster)
    cluster.register_trust_anchor(cluster.trust_anchor)
    cluster.set_mtls_enforcement("cluster")
    scene.close_ports()
    scene.deny()
    return names_of(scene)


def lose_an_hsm(scene: Scene) -> None:
    scene.cloudhsm.delete_hsm(ClusterId=scene.cluster.id, HsmId=scene.cluster.hsms[0].id)


def test_all_that_is_told_of_a_key_store_and_its_cluster(scene: Scene) -> None:
    names = everything(scene)
    assert told(scene.explain("store"), names) == [*CONNECTED, QUORUM]
    assert told(scene.explain("cluster"), names) == [*CONNECTED, OFFICER_OUT, QUORUM]
    scene.user.disconnect()
    (disconnected, *ahead) = told(scene.explain("store"), names)
    assert (disconnected[0], tuple(ahead)) == ("store-disconnected", TO_CONNECT)
    assert told(scene.explain("cluster"), names) == [*OF_A_CLUSTER]
    lose_an_hsm(scene)
    assert told(scene.explain("cluster"), names) == [*WITH_ONE_HSM]
    lose_an_hsm(scene)
    assert told(scene.explain("cluster"), names) == [*WITHOUT_HSMS]


def test_all_that_is_told_of_a_cluster_without_a_key_store(scene: Scene) -> None:
    cluster = scene.world.create_cluster()
    nobody: Any = SimpleNamespace(store=SimpleNamespace(id="(store)", cluster=cluster), key_id="k1")
    alone = replace(scene, user=nobody)
    names = everything(alone)
    assert told(alone.explain("cluster"), names) == [*OF_A_CLUSTER]
    assert named(alone.explain("cluster").state, names) == {
        "State": "ACTIVE",
        "Hsms": {"(hsm 1)": "ACTIVE", "(hsm 2)": "ACTIVE"},
    }
    lose_an_hsm(alone)
    assert told(alone.explain("cluster"), names) == [*WITH_ONE_HSM]
    lose_an_hsm(alone)
    assert told(alone.explain("cluster"), names) == [*WITHOUT_HSMS]


WRONG_PASSWORD = {
    **BOTH_HSMS,
    "known_since": NOON,
    "known_by": "setting",
    "by": "CO admin",
    "source_backup": None,
}


def at(hour: int) -> str:
    """So many hours of the day."""
    return NOON.replace("T12", f"T{hour}")


def behind(scene: Scene) -> Any:
    """What is told behind that it is not connected: the cause, since when, and the facts."""
    names = names_of(scene)
    _, *reasons = (each.to_dict() for each in scene.explain("store").reasons)
    return [(each["cause"], each["since"], named(each["facts"], names)) for each in reasons]


def test_h5_p4_of_several_hsms_the_latest_and_the_most_count(scene: Scene) -> None:
    first, second = scene.cluster.hsms
    scene.user.disconnect()
    for hsm, wrong in (first, 3), (second, 1):
        scene.world.clock.advance(hours=1)
        scene.cluster.change_password("CU", "kmsuser", STRANGERS, hsms=[hsm])
        scene.wrong_logins(wrong, hsms=[hsm])
    facts = {**WRONG_PASSWORD, "changed": at(14), "attempts_left": 2}
    assert behind(scene) == [("invalid-credentials", at(14), facts)]
    for hsm in second, first:
        scene.world.clock.advance(hours=1)
        scene.wrong_logins(hsms=[hsm])
    assert behind(scene) == [
        ("user-locked-out", at(16), {**BOTH_HSMS, "failures": 5, "last": at(16)}),
        ("invalid-credentials", at(14), {**facts, "attempts_left": 0}),
    ]


def test_p5_a_password_in_a_restored_cluster_that_is_not_older(scene: Scene) -> None:
    """Nothing says that it is the backup's where it was set when KMS set its own, or later."""
    zone = scene.cluster.hsms[0].availability_zone
    scene.cloudhsm.create_hsm(ClusterId=scene.cluster.id, AvailabilityZone=zone)
    old = len(backups_of(scene.cluster)) - 1
    scene.user.reconnect()
    scene.user.disconnect()
    made = scene.restore(old)
    facts = {**WRONG_PASSWORD, "source_backup": "(backup)"}
    same = {**facts, "changed": NOON, "by": "CU kmsuser", "attempts_left": 5}
    assert behind(scene) == [("invalid-credentials", NOON, same)]
    scene.world.clock.advance(hours=1)
    made.change_password("CU", "kmsuser", STRANGERS)
    later = {**facts, "changed": at(13), "attempts_left": 5}
    assert behind(scene) == [("invalid-credentials", at(13), later)]


@pytest.mark.parametrize("lost", ["disconnected", "cluster", "reach"])
def test_k6_material_that_kms_could_not_delete(scene: Scene, lost: str) -> None:
    """The key is deleted all the same, and that its material is left is told."""
    facts = {"handle": scene.handle, "material_deleted": False}
    scene.kms.schedule_key_deletion(KeyId=scene.user.key_id, PendingWindowInDays=7)
    if lost == "disconnected":
        scene.user.disconnect()
    elif lost == "cluster":
        delete_cluster(scene.cluster)
    else:
        scene.close_ports()
    scene.world.clock.advance(days=7)
    reason = scene.explain("key").reasons[0]
    assert (reason.cause, dict(reason.facts)) == ("key-deleted", facts)

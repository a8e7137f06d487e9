"""Why KMS cannot use a CloudHSM cluster, whether or not a key store is on it.

Nothing is changed or counted by asking.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from moto_cks import faults
from moto_cks.account.network import Network
from moto_cks.cloudhsmv2.clusters import CloudHsmCluster
from moto_cks.hsm import User
from moto_cks.kms.exceptions import (
    KMSInternalException,
    KMSInvalidStateException,
    ThrottlingException,
)
from moto_cks.kms.findings import Finding, Kind, Reason, Situation, When
from moto_cks.kms.keystores.base import KeyStore
from moto_cks.kms.keystores.cloudhsm import checks, recovery
from moto_cks.kms.keystores.cloudhsm.connection_errors import (
    CloudHsmErrorCode,
    Outlook,
    connection_errors,
)
from moto_cks.kms.keystores.cloudhsm.kmsuser import KnownPassword, is_kmsuser
from moto_cks.kms.keystores.reasons import connection_of, distinct, reasons_ahead

MUTE = KMSInvalidStateException.__name__


def cluster_situation(
    cluster: CloudHsmCluster, network: Network, store: KeyStore | None
) -> Situation:
    """The situation of a cluster.

    Args:
        cluster: the cluster.
        network: the network of its account and Region.
        store: the key store that it backs, if it does.
    """
    cluster_id = cluster.cluster_id
    state: dict[str, Any] = {
        "State": cluster.state.value,
        "Hsms": {hsm.hsm_id: hsm.state.value for hsm in cluster.hsms},
    }
    if store is None:
        around = recovery.surroundings(cluster_id, cluster, network)
    else:
        state |= {"CustomKeyStoreId": store.custom_key_store_id, **connection_of(store)}
        around = store.surroundings
    reasons = tuple(_reasons(cluster, network, store))
    return Situation(Kind.CLUSTER, cluster_id, state, around, reasons)


def _reasons(
    cluster: CloudHsmCluster, network: Network, store: KeyStore | None
) -> Iterator[Reason]:
    """Why KMS cannot use it, and what lies behind that."""
    if store is not None and store.connected:
        now = [*store.obstacles_to_use(), *store.obstacles_to_creating_key()]
    else:
        now = [*_now(cluster, network), *_to_creation(cluster, network)]
    ahead = _to_connecting(cluster, network) if store is None else reasons_ahead(store)
    leftovers = recovery.quorum_on_users(cluster) if store is None else store.leftovers()
    return distinct([*now, *ahead, *_locked_users(cluster), *leftovers])


def _now(cluster: CloudHsmCluster, network: Network) -> Iterator[Reason]:
    """What would keep a key store from the HSMs, or from connecting."""
    yield from checks.unmet((checks.ACTIVE,), cluster, network, When.NOW)
    nobody = checks.hsms_in_one_zone(cluster, network)
    if nobody is not None and not cluster.active_hsms():
        yield Reason(nobody, MUTE, When.NOW)
    yield from checks.unmet((checks.OPEN_PORTS,), cluster, network, When.NOW)
    if faults.out_of_reach(cluster.cluster_id):
        finding = Finding("cluster-unreachable", {"cluster": cluster.cluster_id})
        yield Reason(finding, MUTE, When.NOW)
    closed = checks.mtls_enforced(cluster, network)
    if closed is not None:
        yield Reason(closed, MUTE, When.NOW)
    fault = faults.coming_session_fault(cluster.cluster_id)
    if fault is not None:
        finding = Finding("pkcs11-sessions-exhausted", {"times": fault.times})
        yield Reason(finding, KMSInternalException.__name__, When.NOW)
    busy = faults.coming_busy_fault(cluster.cluster_id)
    if busy is not None:
        finding = Finding("hsms-busy", {"cluster": cluster.cluster_id, "times": busy.times})
        yield Reason(finding, ThrottlingException.__name__, When.NOW)


def _to_creation(cluster: CloudHsmCluster, network: Network) -> Iterator[Reason]:
    return checks.unmet(checks.OF_A_CLUSTER, cluster, network, When.CREATION)


NEEDS_A_PASSWORD = frozenset(
    {"invalid-credentials", "password-changed-on-one-hsm", "restored-from-old-backup"}
)
"""What only a key store can be told, for it is its password that counts."""


def _to_connecting(cluster: CloudHsmCluster, network: Network) -> Iterator[Reason]:
    """What a key store would come upon, apart from its password."""
    nobodys = KnownPassword("")
    for reason in connection_errors(Outlook(cluster, network, nobodys, None, ())):
        if reason.finding.cause not in NEEDS_A_PASSWORD:
            yield reason


def _locked_users(cluster: CloudHsmCluster) -> Iterator[Reason]:
    """The users that nobody can log in as, other than kmsuser, of whom a key store tells."""
    hsms = cluster.hardware.hsms.values()
    locked: dict[str, list[tuple[str, User]]] = {}
    for hsm in hsms:
        for user in hsm.users:
            if user.locked and not is_kmsuser(user):
                locked.setdefault(user.title, []).append((hsm.id, user))
    for title, found in locked.items():
        yield Reason(_locked(title, found, len(hsms)), LOCKED_OUT, When.LOGIN)


LOCKED_OUT = CloudHsmErrorCode.USER_LOCKED_OUT.value


def _locked(title: str, found: Collection[tuple[str, User]], of: int) -> Finding:
    failures = [user.last_failure for _, user in found if user.last_failure is not None]
    last = max(failures, default=None)
    facts = {
        "user": title,
        "hsms": [hsm_id for hsm_id, _ in found],
        "of": of,
        "failures": max(user.login_failures for _, user in found),
        "last": last,
    }
    return Finding("hsm-user-locked-out", facts, last)

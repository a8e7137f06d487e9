"""What the services ask, with the WORLD locked: whether a fault meets what they are about to do.

Each question is answered at once while there are no faults at all.
"""

from __future__ import annotations

from collections.abc import Callable

from moto_cks.faults.documented import THROTTLED
from moto_cks.faults.pending import CallFault, faults_to_come, take
from moto_cks.kms.connection import ConnectionErrorCode
from moto_cks.kms.exceptions import KMSInternalException, ThrottlingException

THROTTLED_OPERATIONS = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateRandom",
        "ReEncrypt",
    }
)
"""What counts towards the request quota of a key store: all that its HSMs can do."""

NO_FREE_SESSION = (
    "KMS could not complete the request because all PKCS #11 sessions of the CloudHSM cluster "
    "are in use. Retry your request."
)


def connection_error_of(key_store_id: str) -> ConnectionErrorCode | None:
    """How the connection attempt that a key store makes now must end; counts it."""
    faults = faults_to_come()
    if faults is None:
        return None
    fault = take(faults.connections, lambda fault: fault.key_store in (None, key_store_id))
    return fault.code if fault is not None else None


def out_of_reach(cluster_id: str) -> bool:
    """Whether KMS cannot reach a cluster."""
    faults = faults_to_come()
    return faults is not None and any(outage.cluster_id == cluster_id for outage in faults.outages)


def require_session(cluster_id: str) -> None:
    """Find a free session in the HSMs of a cluster; counts a failure.

    Raises:
        KMSInternalException: there is none.
    """
    faults = faults_to_come()
    if faults is not None and take(faults.sessions, lambda f: f.cluster_id == cluster_id):
        raise KMSInternalException(NO_FREE_SESSION)


def count_request(operation: str, key_stores_of: Callable[[], set[str]]) -> None:
    """Count a request towards the quota of the key stores that it uses.

    Args:
        operation: the operation of KMS.
        key_stores_of: finds the custom key store IDs; only asked where there is a quota.

    Raises:
        ThrottlingException: the quota of one of them is used up.
    """
    faults = faults_to_come()
    if faults is None or not faults.throttles or operation not in THROTTLED_OPERATIONS:
        return
    if not faults.throttles[-1].take(key_stores_of()):
        raise ThrottlingException(THROTTLED)


def call_fault(service: str, operation: str, account_id: str, region: str) -> CallFault | None:
    """What a call must end with, if not with its own answer; counts it."""
    faults = faults_to_come()
    if faults is None:
        return None
    return take(
        faults.calls,
        lambda fault: (
            (fault.service, fault.operation) == (service, operation)
            and fault.account_id in (None, account_id)
            and fault.region in (None, region)
        ),
    )
